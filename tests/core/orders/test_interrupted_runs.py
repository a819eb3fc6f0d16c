"""Which runs the journal knows to have left something, and what they set out to send."""

from datetime import UTC, datetime, timedelta

import pytest

from core.orders import interrupted_runs
from core.orders.interrupted_runs import JournalledRecord, OpenRun
from core.orders.journal import Journal, OperationOutcome, OperationRow, OperationState, RequestRow, RunRow
from core.orders.journal_rows import RunScope
from core.orders.model import SyncState

AT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
BOARD = "7000000001"
SCOPE = RunScope(("∆ STUDIO", "ACME"), ("o1", "o2"), ("l9",), (SyncState.ERROR,))
S = OperationState


@pytest.fixture
def orders(make_orders):
    return make_orders([{"record_uuid": "o1"}, {"record_uuid": "o2"}], [])


@pytest.fixture
def journal(orders) -> Journal:
    return Journal(orders.store, "desk:1")


def begin(journal: Journal, run_id: str, *, hours: int = 0, **more) -> None:
    at = AT + timedelta(hours=hours)
    row = {"profile": "demo", "board_id": BOARD, "scope": SCOPE} | more
    journal.begin_run(
        RunRow(run_id, row.pop("profile"), row.pop("board_id"), False, "plan", "mapping", at, **row)
    )


def found(orders, run_id: str = "", limit: int = 10) -> list[OpenRun]:
    return interrupted_runs.open_runs(orders.engine, "demo", BOARD, limit, run_id)


def ids(orders, run_id: str = "", limit: int = 10) -> list[str]:
    return [run.run_id for run in found(orders, run_id, limit)]


def test_a_run_that_began_is_found_with_its_worker_and_all_that_it_set_out_to_send(journal, orders):
    begin(journal, "run-1")
    assert found(orders) == [OpenRun("run-1", "desk:1", AT, False, SCOPE)]


def test_a_run_that_came_to_its_end_is_not_found_and_its_scope_is_not_kept(journal, orders):
    begin(journal, "run-1")
    journal.end_run("run-1", AT, {})
    assert found(orders) == []
    assert orders.rows("SELECT scope FROM deltadesk_run") == [(None,)]


def test_a_run_that_ended_early_is_found_and_says_so(journal, orders):
    begin(journal, "run-1")
    journal.end_run("run-1", AT, {}, resumable=True)
    assert [(run.ended_early, run.scope) for run in found(orders)] == [(True, SCOPE)]


def test_a_run_without_a_scope_is_not_found(journal, orders):
    begin(journal, "dry-1", scope=None)
    assert found(orders) == []


def test_runs_of_another_profile_or_board_are_not_found(journal, orders):
    begin(journal, "run-1", profile="live")
    begin(journal, "run-2", board_id="8000000001")
    assert found(orders) == []


def test_the_newest_runs_come_first_and_no_more_than_asked_for(journal, orders):
    for number in range(4):
        begin(journal, f"run-{number}", hours=number)
    assert ids(orders, limit=3) == ["run-3", "run-2", "run-1"]


def test_a_run_is_found_by_the_beginning_of_its_id_taken_letter_by_letter(journal, orders):
    begin(journal, "run-1")
    begin(journal, "run-2", hours=1)
    begin(journal, "other", hours=2)
    assert ids(orders, "run-") == ["run-2", "run-1"]
    assert ids(orders, "run-1") == ["run-1"]
    assert ids(orders, "%") == []


def test_a_run_that_another_one_settles_is_not_found_from_that_one_s_beginning_on(journal, orders):
    begin(journal, "run-1")
    begin(journal, "run-2", hours=1, settles="run-1")
    assert ids(orders) == ["run-2"]
    assert orders.rows("SELECT run_id, settled_by FROM deltadesk_run ORDER BY run_id") == [
        ("run-1", "run-2"),
        ("run-2", None),
    ]


def test_a_run_that_a_person_leaves_is_not_found_again_and_the_others_are(journal, orders):
    begin(journal, "run-1")
    begin(journal, "run-2", hours=1)
    interrupted_runs.leave(orders.engine, "run-2", AT)
    assert ids(orders) == ["run-1"]


def test_of_each_record_that_a_run_sent_the_last_outcome_is_told_and_groups_are_left_out(journal, orders):
    begin(journal, "run-1")
    begin(journal, "run-2", hours=1)
    first = (
        OperationRow("group", "ACME", "create group"),
        OperationRow("order", "o1", "create item"),
        OperationRow("order", "o2", "create item"),
    )
    journal.sending(request("r1", "run-1", first), AT)
    refused = [OperationOutcome(index, S.NOT_APPLIED) for index in range(3)]
    journal.answered("r1", AT, refused)
    journal.sending(request("r2", "run-1", first[1:2]), AT + timedelta(seconds=1))
    journal.answered("r2", AT, [OperationOutcome(0, S.CONFIRMED, "800")])
    journal.sending(request("r3", "run-2", first[2:]), AT + timedelta(seconds=2))
    records = {record.key: record for record in interrupted_runs.journalled_records(orders.engine, "run-1")}
    assert records == {
        "o1": JournalledRecord("order", "o1", "create item", S.CONFIRMED),
        "o2": JournalledRecord("order", "o2", "create item", S.NOT_APPLIED),
    }


def request(name: str, run_id: str, operations: tuple[OperationRow, ...]) -> RequestRow:
    return RequestRow(name, run_id, name, "items", f"key-{name}", "hash", "{}", operations)
