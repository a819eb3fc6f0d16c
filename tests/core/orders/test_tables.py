"""The delta tables as they are found: names, missing columns, state words."""

import pytest
import sqlalchemy as sa

from core.config.model import EngineColumns, StateWords
from core.errors import ConfigurationError
from core.orders.model import RecordKind, SyncState
from core.orders.store import OrderStore


def reopened(orders, names) -> OrderStore:
    """A store on the same file with other names."""
    return OrderStore(
        orders.engine,
        names,
        label=lambda _row: "an order",
        label_columns=(),
        display_columns=(),
        header_columns=(),
        line_columns=(),
        worker="desk:1",
    )


@pytest.mark.parametrize(
    ("table", "hint"),
    [("HEADER", "Did you mean 'HEADERS'? "), ("zzz", ""), ("zzz.zzz", "")],
)
def test_a_missing_table_is_told_with_a_near_name(table, hint, make_orders, make_names):
    orders = make_orders()
    with pytest.raises(ConfigurationError) as caught:
        reopened(orders, make_names(headers_table=table))
    problem = caught.value.problem
    assert (problem.code, problem.title) == ("table_missing", f"The database has no table '{table}'")
    assert problem.remedy.startswith(f"{hint}Correct the name")


def test_every_missing_column_of_the_engine_is_told(make_orders, make_names):
    columns = EngineColumns(sync_state="sync_stat", retry_count="retries")
    with pytest.raises(ConfigurationError) as caught:
        make_orders(names=make_names(columns=columns))
    assert [problem.title for problem in caught.value.problems] == [
        "The table HEADERS has no column 'sync_stat'",
        "The table HEADERS has no column 'retries'",
    ]
    assert "Did you mean 'sync_state'?" in caught.value.problems[0].remedy


def test_every_missing_mapped_column_of_both_tables_is_told_once(make_orders):
    with pytest.raises(ConfigurationError) as caught:
        make_orders(
            more={"PO NUMBER": "TEXT"},
            header_columns=["PO NUMBR", "PO NUMBER", "PO NUMBR"],
            display=["COLOUR"],
            line_columns=["qnty"],
        )
    problems = caught.value.problems
    assert [problem.title for problem in problems] == [
        "The table HEADERS has no column 'COLOUR'",
        "The table HEADERS has no column 'PO NUMBR'",
        "The table LINES has no column 'qnty'",
    ]
    assert "Did you mean 'PO NUMBER'?" in problems[1].remedy


def test_a_table_may_have_any_name(make_orders, make_names):
    names = make_names(headers_table='ORDER\'S "LIST" 100% [∆]', lines_table="a.b")
    store = make_orders(
        [{"record_uuid": "o1"}], [{"line_uuid": "l1", "record_uuid": "o1"}], names=names
    ).store
    assert "record_uuid" in store.tables.header_columns
    assert "line_uuid" in store.tables.line_columns


def test_a_table_may_stand_in_a_named_schema(make_orders, make_names):
    orders = make_orders()
    schema = sa.inspect(orders.engine).default_schema_name
    names = make_names(headers_table=f"{schema}.HEADERS", lines_table=f"{schema}.LINES")
    assert reopened(orders, names).tables.header_columns == orders.store.tables.header_columns


def test_a_view_will_do(make_orders, make_names):
    orders = make_orders([{"record_uuid": "o1"}])
    orders.sql("CREATE VIEW OPEN_ORDERS AS SELECT * FROM HEADERS")
    store = reopened(orders, make_names(headers_table="OPEN_ORDERS"))
    assert store.order_detail("o1").row.key == "o1"


def test_states_are_stored_in_the_profile_s_words_and_unknown_words_are_left_alone(make_orders, make_names):
    words = StateWords(NEW="N", HELD="ON HOLD")
    tables = make_orders(names=make_names(state_words=words)).store.tables
    assert tables.word(SyncState.HELD) == "ON HOLD"
    assert tables.state("N") is SyncState.NEW
    assert tables.state("NEW") is SyncState.HELD
    assert tables.state(None) is SyncState.HELD


def test_the_length_of_the_message_column_is_known(make_orders):
    tables = make_orders(more={"sync_error_message": "TEXT"}).store.tables
    assert tables.error_length(RecordKind.ORDER) is None
    assert tables.error_length(RecordKind.LINE) == 60
