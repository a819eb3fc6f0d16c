"""Which run resumed or undid which, and what became of the items of a run, by the journal."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from core.orders import own_tables
from core.orders.database import connect
from core.orders.run_records import (
    RunTies,
    bodies_of,
    chain_of,
    find_run,
    made_items,
    operations_of,
    operations_of_others,
    run_ties,
    undone_items,
)
from tests.prepared_files import make_own_tables

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CREATE, UNDO = "create item", "undo item"


@pytest.fixture
def engine(tmp_path) -> Iterator[sa.Engine]:
    """The application's own tables in a new file."""
    (tmp_path / "orders.db").touch()
    made = connect(f"sqlite:///{(tmp_path / 'orders.db').as_posix()}")
    make_own_tables(made)
    yield made
    made.dispose()


def add_run(engine: sa.Engine, run_id: str, hours: int = 0, **values: object) -> None:
    row = {
        "run_id": run_id,
        "profile": "demo",
        "board_id": "100",
        "dry_run": False,
        "worker": "desk:1",
        "plan_hash": "",
        "mapping_hash": "",
        "started_at": (NOON + timedelta(hours=hours)).replace(tzinfo=None),
        "report": json.dumps({"run_id": run_id, "kind": "run"}),
        **values,
    }
    with engine.begin() as connection:
        connection.execute(sa.insert(own_tables.run).values(row))


def undo_report(run_id: str) -> str:
    return json.dumps({"run_id": run_id, "kind": "undo"})


def add_request(
    engine: sa.Engine, run_id: str, operations: Sequence[tuple[str, str, str, str | None]]
) -> None:
    """A request of a run; each operation is kind, record, state, item."""
    request = f"{run_id} {len(operations)}"
    with engine.begin() as connection:
        connection.execute(
            sa.insert(own_tables.request).values(
                request_uuid=request,
                run_id=run_id,
                request_key="",
                step="items",
                idempotency_key=request,
                planned_hash="",
                state="CONFIRMED",
                attempts=1,
                sent_at=NOON.replace(tzinfo=None),
                body=f"body of {run_id}",
            )
        )
        connection.execute(
            sa.insert(own_tables.operation),
            [
                {
                    "request_uuid": request,
                    "alias_index": index,
                    "target": "order",
                    "record_key": key,
                    "kind": kind,
                    "state": state,
                    "board_id": board_id,
                }
                for index, (kind, key, state, board_id) in enumerate(operations)
            ],
        )


def test_resumptions_are_a_chain_and_an_undo_ends_it(engine):
    add_run(engine, "first", settled_by="second")
    add_run(engine, "second", 1, settled_by="third")
    add_run(engine, "third", 2, settled_by="undo")
    add_run(engine, "undo", 3, report=undo_report("undo"))
    for run_id in ("first", "second", "third"):
        chain = chain_of(engine, find_run(engine, run_id))
        assert [run.run_id for run in chain] == ["first", "second", "third"]
    assert [run.run_id for run in chain_of(engine, find_run(engine, "undo"))] == ["undo"]
    assert run_ties(engine).has_undo("first")


def test_an_undo_that_was_cut_off_is_told_from_a_push_that_was(engine):
    add_run(engine, "undone", settled_by="undo")
    add_run(engine, "undo", 1, report=None, scope=None)
    add_run(engine, "resumed", 2, settled_by="push")
    add_run(engine, "push", 3, report=None, scope="{}")
    ties = run_ties(engine)
    assert (ties.chain("undone"), ties.chain("resumed")) == (("undone",), ("resumed", "push"))
    assert (ties.has_undo("undone"), ties.has_undo("resumed")) == (True, False)


def test_ties_that_go_round_in_a_circle_end():
    ties = RunTies([("a", "b", False), ("b", "a", False)])
    assert set(ties.chain("a")) == {"a", "b"}


def test_what_several_runs_sent_is_read_as_one_and_what_others_sent_beside_it(engine):
    for number, run_id in enumerate(("first", "second", "third")):
        add_run(engine, run_id, number)
        add_request(engine, run_id, [(CREATE, f"order {number}", "CONFIRMED", str(number))])
    assert {operation.run_id for operation in operations_of(engine, "first", "third")} == {"first", "third"}
    keys = ["order 0", "order 1", "order 2"]
    others = operations_of_others(engine, ["first", "third"], keys, NOON)
    assert [each.run_id for each in others] == ["second"]
    assert operations_of_others(engine, ["first", "third"], ["order 0"], NOON) == []
    assert operations_of_others(engine, ["first"], keys, NOON + timedelta(seconds=1)) == []
    assert set(bodies_of(engine, "first", "second").values()) == {"body of first", "body of second"}


def test_of_the_items_of_a_run_those_count_as_undone_whose_archiving_was_confirmed(engine):
    add_run(engine, "run", settled_by="later")
    add_request(
        engine,
        "run",
        [
            (CREATE, "a", "CONFIRMED", "1"),
            (CREATE, "b", "CONFIRMED", "2"),
            (CREATE, "c", "CONFIRMED", "3"),
            (CREATE, "d", "REJECTED", None),
        ],
    )
    add_run(engine, "early", 1, report=undo_report("early"))
    add_request(engine, "early", [(UNDO, "a", "CONFIRMED", "1"), (UNDO, "b", "UNKNOWN", None)])
    add_run(engine, "later", 2, report=undo_report("later"))
    add_request(engine, "later", [(UNDO, "c", "CONFIRMED", "3")])
    # An item that a later run made afresh, and its own undo, are not this run's.
    add_run(engine, "again", 3, settled_by="other")
    add_request(engine, "again", [(CREATE, "a", "CONFIRMED", "9")])
    add_run(engine, "other", 4, report=undo_report("other"))
    add_request(engine, "other", [(UNDO, "a", "CONFIRMED", "9")])
    assert made_items(engine, ["run", "early", "again"], CREATE) == {"run": 3, "again": 1}
    found = undone_items(engine, ["run"], CREATE, UNDO)
    assert [(each.by, each.items) for each in found] == [("early", 1), ("later", 1)]
    assert found[0].at == NOON + timedelta(hours=1)


def test_of_no_runs_there_is_nothing_to_tell(engine):
    assert (made_items(engine, [], CREATE), undone_items(engine, [], CREATE, UNDO)) == ({}, [])
