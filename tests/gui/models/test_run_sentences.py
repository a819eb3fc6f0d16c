from datetime import UTC, datetime
from typing import get_args

import pytest

from core.errors import Problem
from core.sync.events import (
    BudgetRead,
    CustomerEnded,
    CustomerTotals,
    RecordEnded,
    RequestAnswered,
    RequestSent,
    RunEvent,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    RunStopping,
    Waiting,
)
from core.sync.outcome import Outcome
from core.sync.plan import OperationKind, Step, TargetKind
from core.sync.report import ApiUse, Counts, RunReport
from gui.models.run_progress import RunProgress
from gui.models.run_sentences import Mark, Sentence, runs_text, sentence

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def make_report(**changes: object) -> RunReport:
    values = {
        "run_id": "run-1",
        "profile": "demo",
        "dry_run": False,
        "started_at": AT,
        "finished_at": AT,
        "orders": Counts(selected=2, created=2),
        "lines": Counts(selected=4, created=3, failed=1),
        "customers": (),
        "failures": (),
        "api": ApiUse(),
        "seconds": 8.0,
    }
    return RunReport(**{**values, **changes})


STARTED = RunStarted("r", "demo", False, AT, (CustomerTotals("ACME", 2, 1, 2),), 2, 1, 2)


def run_of(*events: RunEvent) -> RunProgress:
    run = RunProgress()
    run.apply(events, now=0.0)
    return run


def order_ended(outcome: Outcome, **changes: str) -> RecordEnded:
    return RecordEnded(TargetKind.ORDER, "o1", "AAG-1", "ACME", outcome, **changes)


SENTENCES: list[tuple[RunEvent, Sentence]] = [
    (
        RunStarted("r", "demo", False, AT, (CustomerTotals("ACME", 2, 1, 2),), 2, 1, 2),
        Sentence("Run started on demo: 2 orders and 1 line of 1 customer, 2 requests planned"),
    ),
    (
        RunStarted("r", "demo", False, AT, (CustomerTotals("ACME", 2, 1, 2),), 2, 1, 2, "12345678-9"),
        Sentence(
            "Undo of run 12345678 started on demo: 2 orders and 1 line of 1 customer, 2 requests planned"
        ),
    ),
    (RequestSent("k", Step.ITEMS, "ACME", 2, 1), Sentence("Sent 2 items of ACME")),
    (
        RequestSent("k", Step.GROUPS, "", 1, 2),
        Sentence("Sent 1 group again, attempt 2", Mark.WARNING),
    ),
    (
        RequestAnswered("k", Step.SUBITEMS, "ACME", 80, 2, 1.24, 12_340, "r"),
        Sentence("Answered in 1.2 s: 80 subitems of ACME, 2 refused, 12,340 points", Mark.WARNING),
    ),
    (order_ended(Outcome.CREATED, board_id="77"), Sentence("Order AAG-1 created, item 77")),
    (
        order_ended(Outcome.FAILED, message="The board has no label 'X'", remedy="Add the label."),
        Sentence("Order AAG-1 failed. The board has no label 'X'. Add the label.", Mark.ERROR),
    ),
    (
        order_ended(Outcome.UNKNOWN, message="No answer came"),
        Sentence("Order AAG-1: the outcome is unknown. No answer came.", Mark.UNKNOWN),
    ),
    (order_ended(Outcome.SKIPPED), Sentence("Order AAG-1 skipped.")),
    (
        Waiting("waiting for the minute's request budget", 37.0),
        Sentence("Waiting for the minute's request budget, 37 s"),
    ),
    (
        CustomerEnded("", 0, 1, 0.5),
        Sentence("Lines without an order ended: 0 records synced, 1 failed, in 0.5 s", Mark.WARNING),
    ),
    (RunPaused(), Sentence("Paused: no further request leaves until the run is resumed")),
    (RunResumed(), Sentence("Resumed")),
    (
        RunStopping("Stop was asked for"),
        Sentence("Stopping. Stop was asked for. What is under way is awaited.", Mark.WARNING),
    ),
    (
        RunFinished(make_report()),
        Sentence("Run ended after 8.0 s: 2 orders and 3 lines synced, 1 line failed", Mark.WARNING),
    ),
    (
        RunFinished(make_report(cancelled=True)),
        Sentence("Run stopped by you after 8.0 s: 2 orders and 3 lines synced, 1 line failed", Mark.WARNING),
    ),
]


@pytest.mark.parametrize(("event", "told"), SENTENCES, ids=lambda value: type(value).__name__)
def test_that_an_event_is_told_in_one_sentence(event: RunEvent, told: Sentence) -> None:
    assert sentence(event) == told


def test_that_every_kind_of_event_has_an_example_here() -> None:
    shown = {type(event) for event, _ in SENTENCES}
    assert shown | {BudgetRead} == set(get_args(RunEvent))


def test_that_a_reading_of_the_budget_is_left_to_the_gauges() -> None:
    assert sentence(BudgetRead(1, 2, 3.0, 4, 5, 6, 7, 8)) is None


def test_that_a_record_whose_turn_did_not_come_is_left_to_the_summary() -> None:
    assert sentence(order_ended(Outcome.NOT_STARTED)) is None


def test_that_a_dry_run_claims_nothing() -> None:
    dry = run_of(RunStarted("r", "demo", True, AT, (CustomerTotals("ACME", 2, 1, 2),), 2, 1, 2))
    assert sentence(order_ended(Outcome.CREATED), dry) == Sentence("Order AAG-1 would be created")
    ended = sentence(CustomerEnded("ACME", 1, 0, 0.5), dry)
    assert ended == Sentence("ACME ended: 1 record would sync, in 0.5 s", Mark.DONE)
    clean = make_report(dry_run=True, lines=Counts(selected=1, created=1))
    told = sentence(RunFinished(clean), dry)
    assert told == Sentence("Dry run ended after 8.0 s: 2 orders and 1 line would sync", Mark.DONE)


def test_that_an_undo_archives_in_every_sentence() -> None:
    undo = run_of(RunStarted("r", "demo", False, AT, (CustomerTotals("ACME", 2, 1, 2),), 2, 1, 2, "run-0"))
    ended = sentence(CustomerEnded("ACME", 175, 0, 0.5), undo)
    assert ended == Sentence("ACME ended: 175 records archived, in 0.5 s", Mark.DONE)
    report = make_report(
        undoes="run-0", orders=Counts(selected=2, archived=2), lines=Counts(selected=1, archived=1)
    )
    told = sentence(RunFinished(report), undo)
    assert told == Sentence("Undo ended after 8.0 s: 2 orders and 1 line archived", Mark.DONE)


def test_that_an_undo_names_every_run_that_it_undoes() -> None:
    begin = RunStarted("r", "demo", False, AT, (), 2, 1, 2, "run-2")
    told = sentence(begin, RunProgress(undoes_also=("run-0", "run-1")))
    assert told is not None
    assert told.text.startswith("Undo of runs run-0, run-1 and run-2 started on demo: ")
    assert runs_text(("run-0",)) == "run run-0"


def test_that_a_customer_whose_turn_did_not_come_is_no_success() -> None:
    ended = CustomerEnded("ACME", 0, 0, 1.0)
    stopped = run_of(STARTED, RunStopping("Stop was asked for"), ended)
    assert sentence(ended, stopped) == Sentence("ACME not started")


def test_that_a_customer_cut_short_by_a_stop_is_no_success() -> None:
    ended = CustomerEnded("ACME", 1, 0, 1.0)
    sent = RequestSent("k", Step.ITEMS, "ACME", 2, 1)
    stopped = run_of(STARTED, sent, order_ended(Outcome.CREATED), RunStopping("Stop was asked for"), ended)
    told = Sentence("ACME not finished: 1 record synced, in 1.0 s", Mark.WARNING)
    assert sentence(ended, stopped) == told


def test_that_a_customer_of_whom_nothing_was_sent_took_no_time() -> None:
    ended = CustomerEnded("ACME", 0, 1, 1.0)
    stopped = run_of(STARTED, order_ended(Outcome.FAILED), RunStopping("Stop was asked for"), ended)
    told = Sentence("ACME not finished: 0 records synced, 1 failed", Mark.WARNING)
    assert sentence(ended, stopped) == told


def test_that_a_customer_with_an_unknown_outcome_is_no_success() -> None:
    ended = CustomerEnded("ACME", 0, 0, 1.0)
    run = run_of(STARTED, order_ended(Outcome.UNKNOWN), ended)
    told = sentence(ended, run)
    assert told == Sentence("ACME ended: 0 records synced, 1 unknown, in 1.0 s", Mark.UNKNOWN)


def test_that_an_order_that_got_only_lines_is_completed_not_changed() -> None:
    completed = order_ended(Outcome.CHANGED, board_id="77")
    assert sentence(completed) == Sentence("Order AAG-1 completed, item 77")
    changed = completed._replace(kind=OperationKind.CHANGE_ITEM)
    assert sentence(changed) == Sentence("Order AAG-1 changed, item 77")


def test_that_a_run_ended_by_a_problem_says_what_to_do() -> None:
    problem = Problem("auth", "The token was refused", "the board's API", "Make a new token.")
    told = sentence(RunFinished(make_report(stopped=problem)))
    assert told is not None
    assert told.mark is Mark.ERROR
    assert "The token was refused (the board's API). Make a new token." in told.text
