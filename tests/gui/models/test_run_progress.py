from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from core.sync.plan import Step, TargetKind
from core.sync.report import ApiUse, Counts, CustomerReport, RunReport
from gui.models.run_progress import CustomerState, RunPhase, RunProgress

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ENDED = [outcome for outcome in Outcome if outcome is not Outcome.NOT_STARTED]


def run_started(orders: int = 2, lines: int = 4, customers: tuple[str, ...] = ("ACME",)) -> RunStarted:
    totals = tuple(CustomerTotals(name, orders, lines, 2) for name in customers)
    return RunStarted("run-1", "demo", False, AT, totals, orders, lines, 2)


def record_ended(
    key: str,
    target: TargetKind = TargetKind.ORDER,
    outcome: Outcome = Outcome.CREATED,
    customer: str = "ACME",
) -> RecordEnded:
    return RecordEnded(target, key, f"label of {key}", customer, outcome)


def make_report() -> RunReport:
    return RunReport("run-1", "demo", False, AT, AT, Counts(), Counts(), (), (), ApiUse(), 8.0)


def request_sent(
    key: str = "ACME / items / 1", step: Step = Step.ITEMS, customer: str = "ACME"
) -> RequestSent:
    return RequestSent(key, step, customer, operations=2, attempt=1)


def started(*events: RunEvent, orders: int = 2, lines: int = 4) -> RunProgress:
    progress = RunProgress()
    progress.apply([run_started(orders=orders, lines=lines), *events], now=0.0)
    return progress


def test_that_the_start_of_a_run_tells_the_size_of_both_passes() -> None:
    progress = started(orders=69, lines=317)
    assert (progress.items.total, progress.subitems.total) == (69, 317)
    assert progress.phase is RunPhase.RUNNING


def test_that_an_order_counts_as_an_item_and_a_line_as_a_subitem() -> None:
    progress = started(record_ended("o1"), record_ended("l1", TargetKind.LINE, Outcome.FAILED))
    assert (progress.items.synced, progress.subitems.failed) == (1, 1)


def test_that_a_group_is_no_record() -> None:
    progress = started(record_ended("ACME", TargetKind.GROUP))
    assert progress.ended == 0


def test_that_an_unknown_outcome_that_is_cleared_up_counts_once() -> None:
    progress = started(record_ended("o1", outcome=Outcome.UNKNOWN), record_ended("o1"))
    assert (progress.items.unknown, progress.items.synced, progress.ended) == (0, 1, 1)


def test_that_a_customer_goes_from_waiting_over_both_passes_to_done() -> None:
    progress = started()
    seen = [progress.customers["ACME"].state]
    for event in (
        request_sent(),
        request_sent(step=Step.SUBITEMS),
        CustomerEnded("ACME", synced=6, failed=0, seconds=3.0),
    ):
        progress.apply([event], now=1.0)
        seen.append(progress.customers["ACME"].state)
    assert seen == [
        CustomerState.WAITING,
        CustomerState.ITEMS,
        CustomerState.SUBITEMS,
        CustomerState.DONE,
    ]


def test_that_a_request_for_groups_starts_no_customer() -> None:
    progress = started(RequestSent("groups / 1", Step.GROUPS, "", operations=2, attempt=1))
    assert set(progress.customers) == {"ACME"}


def test_that_a_wait_is_said_with_its_count_down() -> None:
    progress = started(Waiting("waiting for the minute budget", 37.0, "ACME / items / 1"))
    assert progress.activity(now=0.0) == "waiting for the minute budget, 00:37"
    assert progress.activity(now=30.0) == "waiting for the minute budget, 00:07"


def test_that_a_wait_ends_when_its_request_leaves() -> None:
    progress = started(Waiting("waiting for the minute budget", 37.0, "ACME / items / 1"), request_sent())
    assert progress.activity(now=1.0) == "sending items of ACME"


def test_that_a_wait_ends_with_its_time() -> None:
    progress = started(request_sent(), Waiting("waiting for the minute budget", 37.0, "ACME / items / 2"))
    assert progress.waiting(now=37.0) is None


def test_that_the_wait_that_is_over_first_is_said() -> None:
    progress = started(Waiting("complexity", 40.0, "a"), Waiting("waiting for the minute budget", 12.0, "b"))
    assert progress.waiting(now=0.0) == ("waiting for the minute budget", 12.0)


def test_that_a_moment_of_waiting_is_not_worth_a_word() -> None:
    progress = started(Waiting("waiting for the minute budget", 0.2, "a"))
    assert progress.waiting(now=0.0) is None


def test_that_no_time_left_is_told_in_the_first_five_seconds() -> None:
    progress = started(orders=10, lines=0)
    progress.apply([record_ended(f"o{number}") for number in range(5)], now=4.0)
    assert progress.seconds_left(now=4.0) is None


def test_that_the_time_left_follows_from_the_pace() -> None:
    progress = started(orders=20, lines=0)
    for second in range(1, 11):
        progress.apply([record_ended(f"o{second}")], now=float(second))
    assert progress.per_minute(now=10.0) == pytest.approx(60.0)
    assert progress.seconds_left(now=10.0) == pytest.approx(10.0)


def test_that_no_time_left_is_told_while_the_pace_changes() -> None:
    progress = started(orders=1_000, lines=0)
    progress.apply([record_ended(f"o{number}") for number in range(400)], now=10.0)
    progress.apply([record_ended("late-1")], now=80.0)
    progress.apply([record_ended("late-2")], now=150.0)
    progress.apply([record_ended("late-3")], now=220.0)
    assert progress.seconds_left(now=220.0) is None


def test_that_a_pause_does_not_slow_the_pace() -> None:
    progress = started(orders=20, lines=0)
    progress.apply([record_ended(f"o{number}") for number in range(10)], now=10.0)
    progress.apply([RunPaused()], now=10.0)
    assert progress.seconds_left(now=500.0) is None
    progress.apply([RunResumed()], now=1_010.0)
    assert progress.seconds_left(now=1_010.0) == pytest.approx(10.0)


def test_that_pause_and_stop_are_said() -> None:
    progress = started(RunPaused())
    assert progress.activity(0.0).startswith("paused")
    progress.apply([RunStopping("asked for by a person")], now=1.0)
    assert progress.activity(1.0).startswith("stopping")


def test_that_the_end_stops_the_clock_and_names_customers_that_are_not_finished() -> None:
    progress = started(request_sent(), record_ended("o1"))
    progress.apply([RunFinished(make_report())], now=8.0)
    assert progress.elapsed(now=100.0) == 8.0
    assert progress.customers["ACME"].state is CustomerState.STOPPED
    assert progress.customers["ACME"].seconds == 8.0


def test_that_a_customer_whose_turn_a_stop_took_away_has_not_started_and_took_no_time() -> None:
    progress = started(RunStopping("Stop was asked for"), CustomerEnded("ACME", 0, 0, seconds=1.0))
    row = progress.customers["ACME"]
    assert (row.state, row.seconds) == (CustomerState.NOT_STARTED, None)
    counts = Counts(selected=2, not_started=2), Counts(selected=4, not_started=4)
    report = replace(make_report(), customers=(CustomerReport("ACME", *counts),), cancelled=True)
    progress.apply([RunFinished(report)], now=3.0)
    assert (row.state, row.seconds) == (CustomerState.NOT_STARTED, None)


def test_that_a_customer_who_ends_while_the_run_stops_is_done_only_with_all_records() -> None:
    stopping = RunStopping("Stop was asked for")
    ended = CustomerEnded("ACME", synced=1, failed=0, seconds=1.0)
    partly = started(request_sent(), record_ended("o1"), stopping, ended)
    assert partly.customers["ACME"].state is CustomerState.STOPPED
    wholly = started(record_ended("o1"), stopping, ended, orders=1, lines=0)
    assert wholly.customers["ACME"].state is CustomerState.DONE


def test_that_a_dry_run_goes_through_all_customers_whatever_is_asked_for() -> None:
    progress = RunProgress()
    begin = replace(run_started(), dry_run=True)
    progress.apply([begin, RunStopping("Stop was asked for"), CustomerEnded("ACME", 0, 0, 1.0)], now=0.0)
    assert progress.customers["ACME"].state is CustomerState.DONE


def test_that_a_customer_cut_short_by_a_stop_is_not_shown_as_done() -> None:
    progress = started(record_ended("o1"), CustomerEnded("ACME", synced=1, failed=0, seconds=2.0))
    progress.apply([RunFinished(make_report())], now=3.0)
    assert progress.customers["ACME"].state is CustomerState.STOPPED
    assert progress.customers["ACME"].seconds == 2.0


def test_that_the_report_has_the_last_word_about_lines_that_needed_nothing() -> None:
    progress = started(record_ended("o1", outcome=Outcome.SKIPPED), orders=1, lines=2)
    orders, lines = Counts(selected=1, skipped=1), Counts(selected=2, skipped=2)
    report = replace(
        make_report(), orders=orders, lines=lines, customers=(CustomerReport("ACME", orders, lines),)
    )
    progress.apply([RunFinished(report)], now=3.0)
    assert progress.subitems.ended == 2
    assert progress.customers["ACME"].state is CustomerState.DONE


def test_that_the_bar_does_not_go_back_when_a_stop_leaves_items_without_their_lines() -> None:
    progress = started(record_ended("o1"), record_ended("o2"))
    report = replace(make_report(), orders=Counts(selected=2, not_started=2))
    progress.apply([RunFinished(report)], now=3.0)
    assert progress.items.ended == 2


def test_that_a_customer_with_every_record_ended_is_done_at_the_end() -> None:
    progress = started(record_ended("o1"), orders=1, lines=0)
    progress.apply([RunFinished(make_report())], now=1.0)
    assert progress.customers["ACME"].state is CustomerState.DONE


def test_that_a_delivery_reports_what_it_touched() -> None:
    budget = BudgetRead(1, 2, 3.0, 4, 5, 6, 7, calls_made=1)
    ended = record_ended("o1")
    progress = started()
    changes = progress.apply([ended, budget], now=1.0)
    assert changes.records == (ended,)
    assert changes.budget is budget
    assert changes.customers == {"ACME"}


def test_that_skipped_records_are_said_beside_the_bar() -> None:
    progress = started(record_ended("l1", TargetKind.LINE, Outcome.SKIPPED))
    assert progress.skipped_text() == "1 skipped"


def test_that_requests_are_counted_by_their_answers() -> None:
    progress = started(RequestAnswered("k", Step.ITEMS, "ACME", 2, 0, 0.4, 1200, "r-1"))
    assert progress.requests_answered == 1


records = st.builds(
    lambda number, target, outcome: record_ended(
        f"{target.value}-{number}", target, outcome, customer=("ACME", "Bolt")[number % 2]
    ),
    st.integers(0, 12),
    st.sampled_from([TargetKind.ORDER, TargetKind.LINE]),
    st.sampled_from(ENDED),
)


@settings(deadline=None)
@given(st.lists(st.lists(records, max_size=8), max_size=8))
def test_that_the_totals_are_those_of_the_last_outcome_of_each_record(
    deliveries: list[list[RecordEnded]],
) -> None:
    progress = RunProgress()
    progress.apply([run_started(customers=("ACME", "Bolt"))], now=0.0)
    last: dict[tuple[TargetKind, str], RecordEnded] = {}
    for second, delivery in enumerate(deliveries):
        progress.apply(delivery, now=float(second))
        last |= {(event.target, event.key): event for event in delivery}
        shown = (progress.items, progress.subitems)
        for tally, target in zip(shown, (TargetKind.ORDER, TargetKind.LINE), strict=True):
            outcomes = [event.outcome for event in last.values() if event.target is target]
            assert tally.synced == sum(outcome.synced for outcome in outcomes)
            assert tally.failed == outcomes.count(Outcome.FAILED)
            assert tally.unknown == outcomes.count(Outcome.UNKNOWN)
            assert tally.skipped == outcomes.count(Outcome.SKIPPED)
        assert sum(row.tally.ended for row in progress.customers.values()) == progress.ended == len(last)


@settings(deadline=None)
@given(st.lists(records, max_size=40), st.integers(1, 7))
def test_that_progress_never_goes_back_and_does_not_depend_on_the_deliveries(
    events: list[RecordEnded], size: int
) -> None:
    whole, sliced = started(), started()
    whole.apply(events, now=1.0)
    ended = [0]
    for first in range(0, len(events), size):
        sliced.apply(events[first : first + size], now=1.0)
        ended.append(sliced.ended)
    assert ended == sorted(ended)
    assert (sliced.items, sliced.subitems) == (whole.items, whole.subitems)


def test_that_a_customer_the_run_did_not_announce_gets_a_row() -> None:
    progress = started(record_ended("l1", TargetKind.LINE, Outcome.FAILED, customer=""))
    assert progress.customers[""].tally.failed == 1


def test_that_a_run_without_customers_begins_empty() -> None:
    progress = RunProgress()
    event = run_started(orders=0, lines=0, customers=())
    assert isinstance(event, RunStarted)
    progress.apply([event], now=0.0)
    assert progress.total == 0
    assert not progress.customers


def test_that_customer_totals_set_the_size_of_its_bar() -> None:
    progress = RunProgress()
    begin = run_started()
    assert begin.customers == (CustomerTotals("ACME", 2, 4, 2),)
    progress.apply([begin], now=0.0)
    assert progress.customers["ACME"].tally.total == 6
