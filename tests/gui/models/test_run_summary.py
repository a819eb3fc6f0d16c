from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Problem
from core.sync.outcome import Outcome
from core.sync.plan import TargetKind
from core.sync.report import ApiUse, Counts, CustomerReport, Failure, RunReport, Withheld
from gui.models.report_table import told_title
from gui.models.run_progress import CustomerState
from gui.models.run_summary import balance, cost_text, customers_of, ending, has_open_failures, verdict

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SYNCED = RunReport(
    run_id="run-1",
    profile="demo",
    dry_run=False,
    started_at=AT,
    finished_at=AT,
    orders=Counts(selected=2, created=2),
    lines=Counts(selected=4, created=4),
    customers=(CustomerReport("ACME", Counts(selected=2, created=2), Counts(selected=4, created=4)),),
    failures=(),
    api=ApiUse(calls=3, complexity=40_000),
    seconds=8.0,
    groups_created=1,
)
FAILED = replace(SYNCED, lines=Counts(selected=4, created=3, failed=1))
REFUSED = Problem("auth", "The token was refused", "the board's API", "Make a new token.", "req-9")


def test_that_a_run_without_open_ends_has_nothing_left_to_do() -> None:
    head = verdict(SYNCED)
    assert (head.severity, head.title) == ("ok", "Every selected record is on the board")
    assert ending(SYNCED) == "Everything synced"
    assert not has_open_failures(SYNCED)


def test_that_failures_name_the_next_step() -> None:
    head = verdict(FAILED)
    assert head.severity == "warn"
    assert head.text == "1 line failed: open Failures, repair and send again."
    assert has_open_failures(FAILED)


def test_that_an_order_that_fails_for_a_line_is_told_as_such() -> None:
    line = Failure(TargetKind.LINE, "l1", "AAG-1, size M", "ACME", Outcome.FAILED, "x", "No label", "Add it.")
    order = replace(line, kind=TargetKind.ORDER, key="o2", label="AAG-2")
    one = replace(FAILED, orders=Counts(selected=2, created=1, failed=1), failures=(line,))
    assert (
        verdict(one).text == "1 line failed, and 1 order because of it: open Failures, repair and send again."
    )
    assert told_title(one) == "1 line not on the board"
    both = replace(FAILED, orders=Counts(selected=2, failed=2), failures=(order, line))
    assert verdict(both).text.startswith("1 order and 1 line failed, and 1 more order because of a line: ")
    assert told_title(both) == "1 order and 1 line not on the board"
    two = replace(
        FAILED,
        orders=Counts(selected=2, failed=2),
        lines=Counts(selected=4, failed=3, created=1),
        failures=(line, replace(line, key="l2"), replace(line, key="l3")),
    )
    assert verdict(two).text.startswith("3 lines failed, and 2 orders because of them: ")


def test_that_failures_of_a_dry_run_are_not_sought_on_the_failures_page() -> None:
    rehearsed = replace(FAILED, dry_run=True)
    assert "would fail" in verdict(rehearsed).text
    assert not has_open_failures(rehearsed)


def test_that_totals_that_do_not_balance_are_red() -> None:
    unbalanced = replace(SYNCED, orders=Counts(selected=3, created=2))
    assert verdict(unbalanced).severity == "error"
    assert ending(unbalanced) == "Totals do not balance"


def test_that_a_run_ended_by_a_problem_is_red_with_its_remedy_and_request_id() -> None:
    head = verdict(replace(SYNCED, stopped=REFUSED))
    assert (head.severity, head.title) == ("error", "The token was refused")
    assert head.text.splitlines() == [
        "the board's API",
        "Make a new token.",
        "Request id for the board's support: req-9",
    ]


def test_that_a_stopped_run_says_that_nothing_is_lost() -> None:
    stopped = replace(SYNCED, cancelled=True, orders=Counts(selected=2, created=1, not_started=1))
    head = verdict(stopped)
    assert (head.severity, head.title) == ("warn", "The run was stopped by a person")
    assert verdict(stopped, watched=True).title == "The run was stopped by you"
    assert ending(stopped) == "Stopped by a person"
    assert head.text == (
        "Records already sent stay on the board; nothing is lost. "
        "1 record not started: push the orders again."
    )


def test_that_an_unknown_outcome_is_neither_failed_nor_done() -> None:
    unknown = replace(SYNCED, lines=Counts(selected=4, created=3, unknown=1))
    assert "1 outcome unknown" in verdict(unknown).text
    assert ending(unknown) == "Ended with unknown outcomes"


def test_that_records_that_needed_nothing_are_no_open_end() -> None:
    idle = replace(SYNCED, orders=Counts(selected=2, skipped=2), lines=Counts(selected=4, skipped=4))
    assert verdict(idle).severity == "ok"
    assert ending(idle) == "Nothing to do"


def test_that_orders_which_another_desktop_is_sending_are_told_as_such() -> None:
    reason = Withheld(2, "Another run is sending this order just now: process 7 on PACKING", "Nothing to do.")
    second = replace(
        SYNCED,
        orders=Counts(selected=2, skipped=2),
        lines=Counts(selected=4, skipped=4),
        withheld=(reason,),
    )
    assert verdict(second).severity == "warn"
    assert "2 orders not touched: Another run is sending this order just now: process 7 on PACKING." in (
        verdict(second).text
    )
    assert ending(second) == "Some orders not touched"


def test_that_the_cost_is_told_with_its_units() -> None:
    assert cost_text(SYNCED) == (
        "3 calls · 40,000 points of complexity · 8.0 s · 45 records a minute · 1 new group"
    )


def test_that_the_customers_of_a_report_are_shown_like_those_of_a_run() -> None:
    waiting = CustomerReport("Bolt", Counts(selected=2, not_started=2), Counts())
    row, late = customers_of(replace(SYNCED, customers=(*SYNCED.customers, waiting)))
    assert late.state is CustomerState.NOT_STARTED
    assert (row.customer, row.tally.total, row.tally.synced, row.state) == ("ACME", 6, 6, CustomerState.DONE)


figures = st.lists(st.integers(0, 1000), min_size=7, max_size=7)


@settings(deadline=None)
@given(figures)
def test_that_the_shown_balance_sums_up_whenever_the_counts_do(parts: list[int]) -> None:
    counts = Counts(sum(parts), *parts)
    selected, *others = balance(counts)
    assert counts.balanced
    assert selected == sum(others)


@pytest.mark.parametrize("dry_run", [False, True])
def test_that_a_dry_run_and_a_live_run_end_in_different_words(dry_run: bool) -> None:
    assert ("Nothing was sent" in verdict(replace(SYNCED, dry_run=dry_run)).text) is dry_run
