"""Pieces of queries: what a search finds, and on every dialect."""

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql

from core.orders.model import OrderFilter
from core.orders.search import contains, literal_pattern
from core.orders.source import chunks


def found(orders, text: str) -> list[str]:
    """Keys of ACME's orders that a search finds."""
    return [row.key for row in orders.store.order_rows("ACME", OrderFilter(text), 0, 100)]


@pytest.fixture
def orders(make_orders):
    """Orders whose style holds what a search could take for a sign of its own."""
    styles = (
        "100% wool",
        "100 wool",
        "under_score",
        "underscore",
        "a/b",
        "[32]",
        "it's",
        "∆ Blau",
        None,
        "Ärmel",
    )
    headers = [{"record_uuid": f"o{number}", "STYLE": style} for number, style in enumerate(styles)]
    return make_orders([*headers, {"record_uuid": "o10", "STYLE": 4755}], display=["STYLE"])


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("100%", ["o0"]),
        ("100", ["o0", "o1"]),
        ("%", ["o0"]),
        ("_", ["o2"]),
        ("UNDER", ["o2", "o3"]),
        ("a/b", ["o4"]),
        ("[32]", ["o5"]),
        ("[3", ["o5"]),
        ("it's", ["o6"]),
        ("∆ bl", ["o7"]),
        ("Ärmel", ["o9"]),
        ("47", ["o10"]),
        ("AAG-o8", ["o8"]),
        ("  wool ", ["o0", "o1"]),
        ("nothing", []),
        ("'; DROP TABLE HEADERS; --", []),
    ],
)
def test_a_search_finds_its_very_signs_in_label_and_display_columns_whatever_their_case(text, keys, orders):
    assert found(orders, text) == keys


def test_a_search_without_text_finds_everything(orders):
    assert len(found(orders, "  ")) == 11


def test_a_search_matches_the_customer(make_orders):
    orders = make_orders([{"record_uuid": "o1", "CUSTOMER NAME": "Bolt"}, {"record_uuid": "o2"}])
    assert [each.customer for each in orders.store.customers(OrderFilter("bol"))] == ["Bolt"]


@pytest.mark.parametrize(
    ("dialect", "cast"), [(mssql.dialect(), "AS NVARCHAR(max))"), (mysql.dialect(), "AS CHAR)")]
)
def test_a_search_loses_no_letters_on_other_databases(dialect, cast, orders):
    condition, *more = orders.store._source.conditions(OrderFilter("∆"))
    assert not more
    assert cast in str(condition.compile(dialect=dialect))


def test_no_sign_of_a_search_is_one_of_sql_server_s_own():
    """There a bracket begins a set of characters; the databases of these tests take it as it is."""
    assert literal_pattern("[3_2]/100%") == "/[3/_2]//100/%"
    condition = contains(sa.column("STYLE"), "[32]").compile(dialect=mssql.dialect())
    assert str(condition).endswith("ESCAPE '/'")
    assert list(condition.params.values()) == ["%/[32]%"]


@pytest.mark.parametrize("count", [0, 1, 500, 501, 1203])
def test_keys_go_in_portions_that_a_statement_takes(count):
    portions = list(chunks(range(count)))
    assert [key for portion in portions for key in portion] == list(range(count))
    assert all(0 < len(portion) <= 500 for portion in portions)
