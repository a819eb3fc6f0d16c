"""What is known after every moment at which a run can break off."""

import json
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from core.errors import StoreError
from core.orders import database, own_tables
from core.orders.database import connect, writing
from core.orders.group_reservations import Reservation
from core.orders.journal import (
    Exchange,
    FindingRow,
    Journal,
    OperationOutcome,
    OperationRow,
    OperationState,
    RequestRow,
    RunRow,
    UnresolvedOperation,
    new_uuid,
)
from core.orders.model import RecordKind, StateChange, SyncState
from core.redaction import MASK, remember_secret

AT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
MINE = Reservation(mine=True)
BOARD = "7000000001"
SECRET = "tk-51f0c2a9"
S = OperationState
CLOSED = {
    "sqlite": "CREATE TRIGGER closed BEFORE UPDATE ON HEADERS BEGIN SELECT RAISE(ABORT, 'closed'); END",
    "mariadb": "CREATE TRIGGER closed BEFORE UPDATE ON HEADERS FOR EACH ROW"
    " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'closed'",
    "mssql": "CREATE TRIGGER closed ON HEADERS AFTER UPDATE AS THROW 50000, 'closed', 1",
}
"""A headers table that refuses to be written."""


@pytest.fixture
def orders(make_orders):
    """Two orders, one line."""
    return make_orders(
        [{"record_uuid": "o1"}, {"record_uuid": "o2"}], [{"line_uuid": "l1", "record_uuid": "o1"}]
    )


@pytest.fixture
def journal(orders) -> Journal:
    """The journal of a worker with one run under way."""
    journal = Journal(orders.store, "desk:1")
    begin(journal, "run-1")
    return journal


def begin(journal: Journal, run_id: str, *, board: str = BOARD, at: datetime = AT) -> None:
    journal.begin_run(RunRow(run_id, "demo", board, False, "plan", "mapping", at))


def request(
    name: str = "r1", run_id: str = "run-1", body: str = "{}", keys: tuple[str, ...] = ("o1", "o2")
) -> RequestRow:
    operations = tuple(OperationRow("order", key, "create_item") for key in keys)
    return RequestRow(name, run_id, f"batch-1/{name}", "items", f"key-{name}", "hash", body, operations)


def confirmed(index: int, board_id: str) -> OperationOutcome:
    return OperationOutcome(index, S.CONFIRMED, board_id)


def operations(orders, columns: str = "state, board_id, code, message, remedy") -> list[tuple[Any, ...]]:
    return orders.rows(f"SELECT {columns} FROM deltadesk_operation ORDER BY request_uuid, alias_index")


# --- Before a request leaves


def test_a_request_is_on_record_with_all_its_operations_before_it_leaves(journal, orders):
    journal.sending(request(), AT)
    assert operations(orders, "alias_index, target, record_key, kind, state") == [
        (0, "order", "o1", "create_item", "SENT"),
        (1, "order", "o2", "create_item", "SENT"),
    ]
    columns = "run_id, state, attempts, idempotency_key, answered_at"
    assert orders.rows(f"SELECT {columns} FROM deltadesk_request") == [("run-1", "SENT", 1, "key-r1", None)]


def test_a_request_whose_operations_cannot_be_recorded_is_not_on_record_either(journal, orders):
    with pytest.raises(StoreError):
        journal.sending(request(keys=("o1", None)), AT)
    assert orders.rows("SELECT * FROM deltadesk_request") == []
    assert operations(orders) == []


def test_an_idempotency_key_is_used_once(journal):
    journal.sending(request("r1"), AT)
    twin = request("r2")
    with pytest.raises(StoreError, match="idempotency_key"):
        journal.sending(RequestRow(**{**as_dict(twin), "idempotency_key": "key-r1"}), AT)


def as_dict(row: RequestRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in RequestRow.__slots__}


# --- Answers


def test_outcomes_and_states_are_written_together(journal, orders):
    journal.sending(request(), AT)
    journal.answered(
        "r1",
        AT,
        [confirmed(0, "8000000001"), OperationOutcome(1, S.REJECTED, None, "X", "No label", "Add it")],
        attempts=3,
        http_status=200,
        board_request_id="br-1",
        answer='{"data": {}}',
        states=[
            StateChange(RecordKind.ORDER, "o1", SyncState.PENDING, "8000000001", at=AT),
            StateChange(RecordKind.ORDER, "o2", SyncState.ERROR, error="No label", at=AT),
        ],
    )
    assert operations(orders) == [
        ("CONFIRMED", "8000000001", None, None, None),
        ("REJECTED", None, "X", "No label", "Add it"),
    ]
    assert orders.order("o1", "sync_state", "monday_item_id") == ("PENDING", "8000000001")
    assert orders.order("o2", "sync_state", "sync_error_message") == ("ERROR", "No label")
    assert orders.rows("SELECT state, attempts, http_status, board_request_id FROM deltadesk_request") == [
        ("CONFIRMED", 3, 200, "br-1")
    ]


def test_where_the_states_cannot_be_written_the_outcomes_are_not_either(journal, orders):
    journal.sending(request(), AT)
    orders.sql(CLOSED[orders.engine.dialect.name])
    state = StateChange(RecordKind.ORDER, "o1", SyncState.PENDING, "1", at=AT)
    with pytest.raises(StoreError, match="closed"):
        journal.answered("r1", AT, [confirmed(0, "1"), confirmed(1, "2")], states=[state])
    assert [row[0] for row in operations(orders)] == ["SENT", "SENT"]
    assert len(journal.unresolved(BOARD)) == 2


def test_one_unknown_outcome_makes_the_request_s_outcome_unknown(journal, orders):
    journal.sending(request(), AT)
    journal.answered("r1", AT, [confirmed(0, "1"), OperationOutcome(1, S.UNKNOWN)])
    assert orders.rows("SELECT state FROM deltadesk_request") == [("UNKNOWN",)]


def test_an_answer_without_outcomes_changes_no_operation(journal, orders):
    journal.sending(request(), AT)
    journal.answered("r1", AT, [])
    assert [row[0] for row in operations(orders)] == ["SENT", "SENT"]


def test_codes_of_any_length_are_kept_as_far_as_their_columns_go(journal, orders):
    journal.sending(request(), AT)
    outcome = OperationOutcome(0, S.REJECTED, None, "C" * 300, "m", "r")
    journal.answered("r1", AT, [outcome], board_request_id="i" * 300)
    assert operations(orders, "code")[0] == ("C" * 100,)
    assert orders.rows("SELECT board_request_id FROM deltadesk_request") == [("i" * 100,)]


# --- After a crash


def test_what_was_sent_and_not_answered_is_unresolved_and_says_by_whom_and_when(journal):
    journal.sending(request(), AT)
    first, second = journal.unresolved(BOARD)
    assert first == UnresolvedOperation("r1", 0, "order", "o1", "create_item", "desk:1", AT, False)
    assert second.key == "o2"
    assert journal.unresolved("another board") == []


@pytest.mark.parametrize("state", [S.CONFIRMED, S.REJECTED, S.NOT_APPLIED])
def test_a_known_outcome_is_resolved(state, journal):
    journal.sending(request(keys=("o1",)), AT)
    journal.answered("r1", AT, [OperationOutcome(0, state)])
    assert journal.unresolved(BOARD) == []


def test_an_unknown_outcome_stays_unresolved_until_the_board_was_asked(journal):
    journal.sending(request(keys=("o1",)), AT)
    journal.answered("r1", AT, [OperationOutcome(0, S.UNKNOWN)])
    assert [operation.key for operation in journal.unresolved(BOARD)] == ["o1"]
    journal.answered("r1", AT, [confirmed(0, "1")])
    assert journal.unresolved(BOARD) == []


def test_an_unresolved_operation_of_a_run_that_ended_says_so(journal):
    journal.sending(request(keys=("o1",)), AT)
    journal.end_run("run-1", AT, {})
    assert [operation.run_finished for operation in journal.unresolved(BOARD)] == [True]


# --- Findings


def finding(kind: RecordKind, key: str, code: str = "label_not_on_board") -> FindingRow:
    return FindingRow(kind, key, code, f"{code} happened", "Correct it", "CATEGORY")


def test_a_record_keeps_its_leading_finding_and_a_later_one_replaces_it(journal):
    order = RecordKind.ORDER
    states = [StateChange(order, "o1", SyncState.ERROR, error="x", at=AT)]
    journal.record_states(AT, states, [finding(order, "o1"), finding(order, "o1", "not_a_date")])
    assert journal.finding(order, "o1") == finding(order, "o1")
    journal.record_states(AT, states, [finding(order, "o1", "name_empty")])
    assert journal.finding(order, "o1") == finding(order, "o1", "name_empty")


def test_a_record_that_moves_on_has_no_finding_and_others_keep_theirs(journal):
    order, line = RecordKind.ORDER, RecordKind.LINE
    journal.record_states(
        AT, [], [finding(order, "o1"), finding(line, "l1", "not_a_number"), finding(line, "o1")]
    )
    journal.record_states(AT, [StateChange(order, "o1", SyncState.SYNCED, at=AT)])
    assert journal.finding(order, "o1") is None
    assert journal.finding_codes() == {("line", "l1"): "not_a_number", ("line", "o1"): "label_not_on_board"}


def test_a_record_without_a_finding_has_none(journal):
    assert journal.finding(RecordKind.ORDER, "o1") is None
    assert journal.finding_codes() == {}


# --- Runs and reports


def test_reports_of_finished_runs_come_newest_first(journal):
    begin(journal, "run-2", at=AT + timedelta(hours=1))
    begin(journal, "other-3", at=AT + timedelta(hours=2))
    begin(journal, "run-4", at=AT + timedelta(hours=3))  # not finished
    for run_id in ("run-1", "run-2", "other-3"):
        journal.end_run(run_id, AT, {"run": run_id, "customer": "∆ STUDIO"})
    assert [report["run"] for report in journal.reports(10)] == ["other-3", "run-2", "run-1"]
    assert [report["run"] for report in journal.reports(1)] == ["other-3"]
    assert [report["run"] for report in journal.reports(10, "run-")] == ["run-2", "run-1"]
    assert journal.reports(10, "%") == []
    assert journal.reports(1)[0]["customer"] == "∆ STUDIO"


# --- Exchanges and secrets


def test_the_last_request_of_a_record_is_shown_with_its_answer(journal):
    journal.sending(request("r1", body='{"n": 1}'), AT)
    journal.answered("r1", AT, [], answer='{"data": 1}', board_request_id="br-1")
    journal.sending(request("r2", body='{"n": 2}', keys=("o1",)), AT + timedelta(seconds=1))
    assert journal.exchange_of(RecordKind.ORDER, "o2") == Exchange('{"n": 1}', '{"data": 1}', "br-1")
    assert journal.exchange_of(RecordKind.ORDER, "o1") == Exchange('{"n": 2}', "", None)
    assert journal.exchange_of(RecordKind.LINE, "o1") is None


def test_of_a_failed_record_the_request_is_shown_by_which_it_failed(journal):
    failure = FindingRow(RecordKind.ORDER, "o1", "refused", "The board refused it", "Correct it")
    journal.sending(request("r1", body='{"n": 1}'), AT)
    journal.answered("r1", AT, [], answer='{"refused": 1}', findings=[failure])
    journal.sending(request("r2", body='{"n": 2}', keys=("o1",)), AT + timedelta(seconds=1))
    assert journal.exchange_of(RecordKind.ORDER, "o1") == Exchange('{"n": 1}', '{"refused": 1}', None)
    journal.record_states(AT, [], [failure])  # found without asking the board
    assert journal.exchange_of(RecordKind.ORDER, "o1") == Exchange('{"n": 2}', "", None)


def test_a_request_is_open_until_all_its_operations_have_their_outcome(journal, orders):
    def states():
        return [state for (state,) in orders.rows("SELECT state FROM deltadesk_request")]

    journal.sending(request("r1", keys=("o1", "o2")), AT)
    journal.answered("r1", AT, [OperationOutcome(0, S.CONFIRMED, "1")])
    assert states() == ["UNKNOWN"]
    assert [each.key for each in journal.unresolved(BOARD)] == ["o2"]
    journal.answered("r1", AT, [OperationOutcome(1, S.UNKNOWN)])
    assert [each.key for each in journal.unresolved(BOARD)] == ["o2"]
    journal.answered("r1", AT, [OperationOutcome(1, S.NOT_APPLIED)])
    assert states() == ["CONFIRMED"]
    assert journal.unresolved(BOARD) == []


@pytest.mark.parametrize("size", [900, 1_100, 2_047, 2_048, 5_000, 300_000])
def test_texts_of_any_length_come_back_as_they_were_written(size, journal):
    text = ("∆é😀x" * size)[:size]
    journal.sending(request(body=text), AT)
    journal.answered("r1", AT, [OperationOutcome(0, S.REJECTED, None, "X", text, text)], answer=text)
    assert journal.exchange_of(RecordKind.ORDER, "o1") == Exchange(text, text, None)


def test_no_secret_is_in_the_database_whatever_repeats_it(journal, orders):
    remember_secret(SECRET)
    journal.sending(request(body=json.dumps({"note": SECRET})), AT)
    journal.answered(
        "r1",
        AT,
        [OperationOutcome(0, S.REJECTED, None, "X", f"bad {SECRET}", "r")],
        answer=json.dumps({"errors": [SECRET, "Authorization: abcdef"]}),
        findings=[FindingRow(RecordKind.ORDER, "o1", "label_not_on_board", f"bad {SECRET}", "r")],
    )
    journal.end_run("run-1", AT, {"failures": [SECRET], "url": "mssql://sa:hunter2@host/db"})
    dump = orders.everything()
    assert "label_not_on_board" in dump
    assert SECRET not in dump
    assert "hunter2" not in dump
    assert "abcdef" not in dump
    assert MASK in journal.exchange_of(RecordKind.ORDER, "o1").request
    assert journal.reports(1) == [{"failures": [MASK], "url": f"mssql://sa:{MASK}@host/db"}]


# --- Groups


def test_who_asks_first_creates_the_group_and_the_others_wait_for_its_id(journal):
    assert journal.reserve_group(BOARD, "ACME", "run-1", AT) == MINE
    waiting = journal.reserve_group(BOARD, "ACME", "run-2", AT)
    assert (waiting.mine, waiting.group_id) == (False, None)
    assert waiting.holder.startswith("run-1 ")
    journal.group_created(BOARD, "ACME", "group_1")
    assert journal.reserve_group(BOARD, "ACME", "run-2", AT) == Reservation("group_1")
    assert journal.reserve_group(BOARD, "ACME", "run-1", AT) == Reservation("group_1")


def test_who_reserved_a_group_may_ask_again(journal):
    journal.reserve_group(BOARD, "ACME", "run-1", AT)
    assert journal.reserve_group(BOARD, "ACME", "run-1", AT) == MINE


def test_titles_and_boards_are_reserved_one_by_one(journal):
    titles = ("ACME", "Acme", "ACMÉ", "ACME'S", '"%_"', "∆")
    assert [journal.reserve_group(BOARD, title, "run-1", AT) for title in titles] == [MINE] * 6
    for title in titles:
        journal.group_created(BOARD, title, f"group of {title}")
    found = [journal.reserve_group(BOARD, title, "run-2", AT) for title in titles]
    assert found == [Reservation(f"group of {title}") for title in titles]
    assert journal.reserve_group("2", "ACME", "run-2", AT) == MINE


def test_a_reservation_that_was_watched_for_long_enough_is_taken_over_by_one(journal):
    journal.reserve_group(BOARD, "ACME", "run-1", AT)
    seen = journal.reserve_group(BOARD, "ACME", "run-2", AT).holder
    assert journal.reserve_group(BOARD, "ACME", "run-3", AT).holder == seen
    assert journal.reserve_group(BOARD, "ACME", "run-2", AT, silent=seen) == MINE
    assert not journal.reserve_group(BOARD, "ACME", "run-3", AT, silent=seen).mine
    assert not journal.reserve_group(BOARD, "ACME", "run-1", AT, silent=seen).mine


def test_no_clock_frees_a_reservation(journal):
    journal.reserve_group(BOARD, "ACME", "run-1", AT)
    for at in (AT + timedelta(days=365), AT - timedelta(days=365)):
        assert not journal.reserve_group(BOARD, "ACME", "run-2", at).mine


def test_a_maker_that_shows_a_sign_of_life_keeps_its_turn_and_one_that_lost_it_is_told(journal):
    journal.reserve_group(BOARD, "ACME", "run-1", AT)
    seen = journal.reserve_group(BOARD, "ACME", "run-2", AT).holder
    assert journal.hold_groups(BOARD, ["ACME"], "run-1", AT + timedelta(seconds=1))
    assert not journal.reserve_group(BOARD, "ACME", "run-2", AT, silent=seen).mine
    seen = journal.reserve_group(BOARD, "ACME", "run-2", AT).holder
    assert journal.reserve_group(BOARD, "ACME", "run-2", AT, silent=seen) == MINE
    assert not journal.hold_groups(BOARD, ["ACME"], "run-1", AT)
    assert journal.hold_groups(BOARD, ["ACME"], "run-2", AT)


def test_the_reservation_of_a_run_that_is_over_is_free(journal):
    journal.reserve_group(BOARD, "ACME", "run-1", AT)
    assert not journal.reserve_group(BOARD, "ACME", "run-2", AT).mine
    journal.end_run("run-1", AT, {})
    assert journal.reserve_group(BOARD, "ACME", "run-2", AT) == MINE


@pytest.mark.parametrize("asked", [False, True], ids=["nothing sent", "outcome unknown"])
def test_the_reservation_of_a_process_that_has_ended_is_free_unless_the_board_may_have_been_asked(
    orders, asked
):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    dead = Journal(orders.store, f"{socket.gethostname()}:{process.pid}")
    begin(dead, "run-1")
    dead.reserve_group(BOARD, "ACME", "run-1", AT)
    if asked:
        operation = OperationRow("group", "ACME", "create group")
        dead.sending(RequestRow("r1", "run-1", "groups / 1", "groups", "key", "hash", "{}", (operation,)), AT)
    journal = Journal(orders.store, "desk:1")
    assert journal.reserve_group(BOARD, "ACME", "run-2", AT).mine is not asked
    assert not journal.reserve_group(BOARD, "ACME", "run-3", AT).mine


def test_a_forgotten_group_may_be_created_again(journal):
    journal.reserve_group(BOARD, "ACME", "run-1", AT)
    journal.group_created(BOARD, "ACME", "group_1")
    journal.forget_group(BOARD, "ACME", "group_1")
    assert journal.reserve_group(BOARD, "ACME", "run-2", AT) == MINE
    journal.forget_group(BOARD, "ACME", "group_1")  # said once more by who looked at the same time
    assert not journal.reserve_group(BOARD, "ACME", "run-3", AT).mine


def test_a_group_is_given_back_by_who_reserved_it_alone(journal):
    journal.reserve_group(BOARD, "ACME", "run-1", AT)
    journal.give_group_back(BOARD, "ACME", "run-2")
    assert not journal.reserve_group(BOARD, "ACME", "run-2", AT).mine
    journal.give_group_back(BOARD, "ACME", "run-1")
    assert journal.reserve_group(BOARD, "ACME", "run-2", AT) == MINE


@pytest.mark.parametrize("workers", [2, 6])
def test_of_workers_that_ask_at_once_exactly_one_creates_the_group(workers, journal):
    together = threading.Barrier(workers)
    answers: list[Reservation] = []

    def ask(number: int) -> None:
        together.wait()
        answers.append(journal.reserve_group(BOARD, "ACME", f"run-{number}", AT))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(answer.mine for answer in answers) == 1


def test_a_database_that_is_held_is_told_when_a_group_is_reserved(make_orders, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    orders = make_orders()
    journal = Journal(orders.store, "desk:1")
    other = connect(orders.url)
    with writing(other) as connection:
        # SQLite holds the whole file, the others the key.
        values = {
            "board_id": BOARD,
            "title": "ACME",
            "owner": "run-2",
            "reserved_at": AT.replace(tzinfo=None),
        }
        connection.execute(sa.insert(own_tables.group), values)
        with pytest.raises(StoreError) as caught:
            journal.reserve_group(BOARD, "ACME", "run-1", AT)
    assert caught.value.problem.code == "database_locked"
    other.dispose()


def test_new_identifiers_differ_and_fit_their_columns():
    made = {new_uuid() for _ in range(100)}
    assert len(made) == 100
    assert {len(each) for each in made} == {36}


def test_the_hash_of_a_plan_is_kept_from_the_beginning_or_where_it_is_known_later_from_the_end(
    orders, journal
):
    query = "SELECT plan_hash FROM deltadesk_run"
    journal.end_run("run-1", AT, {})
    assert orders.rows(query) == [("plan",)]
    journal.end_run("run-1", AT, {}, plan_hash="of all portions")
    assert orders.rows(query) == [("of all portions",)]
