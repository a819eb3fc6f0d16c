"""A run's report: balance, exit code, and JSON that reads back the same."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from core.errors import ExitCode, Problem
from core.sync.outcome import Outcome
from core.sync.plan import TargetKind
from core.sync.report import (
    ApiUse,
    Counts,
    CustomerReport,
    Failure,
    RunReport,
    Undone,
    UndoneBy,
    Withheld,
    merged,
    report_from_json,
)

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PROBLEM = Problem("NO_ANSWER_IN_TIME", "No answer came", "the board's API", "Try later.", "request-1")


def make_report(**fields) -> RunReport:
    return RunReport(
        **{
            "run_id": "run-1",
            "profile": "demo",
            "dry_run": False,
            "started_at": NOON,
            "finished_at": NOON,
            "orders": Counts(),
            "lines": Counts(),
            "customers": (),
            "failures": (),
            "api": ApiUse(),
            "seconds": 1.5,
            **fields,
        }
    )


def test_counts_of_a_tally_hold_every_outcome():
    tally = Counter({outcome: number for number, outcome in enumerate(Outcome, start=1)})
    counts = Counts.of(tally, sum(tally.values()))
    assert counts.balanced
    assert counts.synced == counts.created + counts.changed + counts.archived
    assert {name: value for name, value in counts.to_json().items() if not value} == {}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"orders": Counts(selected=2, created=1, skipped=1)}, ExitCode.SYNCED),
        ({"orders": Counts(selected=1, failed=1)}, ExitCode.RECORDS_FAILED),
        ({"lines": Counts(selected=1, failed=1)}, ExitCode.RECORDS_FAILED),
        ({"lines": Counts(selected=1, unknown=1)}, ExitCode.RECORDS_FAILED),
        ({"orders": Counts(selected=1, not_started=1), "cancelled": True}, ExitCode.RECORDS_FAILED),
        ({"unresolved": 1}, ExitCode.SYNCED),
        ({"left_alone": 1}, ExitCode.RECORDS_FAILED),
        ({"withheld": (Withheld(2, "Another run has it", "Nothing to do."),)}, ExitCode.RECORDS_FAILED),
        ({"orders": Counts(selected=2, created=1)}, ExitCode.RECORDS_FAILED),
        ({"stopped": PROBLEM}, ExitCode.UNREACHABLE),
    ],
)
def test_the_exit_code_is_zero_only_when_everything_asked_for_is_on_the_board(fields, code):
    assert make_report(**fields).exit_code is code


def test_a_customer_that_does_not_balance_makes_the_report_unbalanced():
    crooked = CustomerReport("ACME", Counts(selected=3, created=2), Counts())
    assert make_report().balanced
    assert not make_report(customers=(crooked,)).balanced


def test_a_report_reads_back_from_its_json_unchanged():
    report = make_report(
        orders=Counts(selected=3, created=1, failed=1, not_started=1),
        lines=Counts(selected=2, unknown=1, skipped=1),
        customers=(CustomerReport("ACME", Counts(selected=1, created=1), Counts()),),
        failures=(
            Failure(
                TargetKind.LINE, "line-1", "PO-1, size S", "ACME", Outcome.UNKNOWN, "code", "message", "do"
            ),
        ),
        api=ApiUse(7, 1, 120_000, 9_412, 10_000, "complexity-bound, 97 % of 10 M a minute", 3),
        groups_created=2,
        stopped=PROBLEM,
        unresolved=4,
        left_alone=1,
        withheld=(Withheld(2, "Another run has it", "Nothing to do."),),
    )
    assert report_from_json(report.to_json()) == report


def test_a_report_of_a_release_that_left_nothing_alone_still_reads():
    older = make_report().to_json()
    del older["left_alone"]
    assert report_from_json(older).left_alone == 0


def test_the_pace_is_that_of_what_reached_the_board_over_the_whole_run():
    report = make_report(
        orders=Counts(selected=3, created=2, failed=1),
        lines=Counts(selected=8, created=7, skipped=1),
        seconds=30,
    )
    assert report.records_per_minute == 18.0
    assert report.to_json()["records_per_minute"] == 18
    assert make_report(orders=Counts(selected=3, failed=3)).records_per_minute is None
    assert make_report(orders=Counts(selected=3, created=3), dry_run=True).records_per_minute is None


def test_several_runs_as_one_have_the_calls_of_all_and_the_day_of_the_last():
    first = make_report(
        orders=Counts(selected=10, created=10), seconds=10, api=ApiUse(5, 1, 100, 9_000, 10_000, "a", 3)
    )
    last = make_report(
        orders=Counts(selected=10, created=10), seconds=30, api=ApiUse(7, 0, 200, 8_990, 10_000, "b", 2)
    )
    whole = merged([first, last])
    assert whole.api == ApiUse(12, 1, 300, 8_990, 10_000, "b", 5)
    assert whole.records_per_minute == 30.0


def test_what_undos_took_back_is_counted_and_told_but_not_read_back():
    undone = Undone(6, (UndoneBy("u1", NOON, 2), UndoneBy("u2", NOON, 3)), ("run-0",))
    assert (undone.archived, undone.left) == (5, 1)
    told = make_report(undone=undone).to_json()
    assert told["undone"] == {
        "made": 6,
        "archived": 5,
        "left": 1,
        "by": [
            {"run_id": "u1", "at": NOON.isoformat(), "items": 2},
            {"run_id": "u2", "at": NOON.isoformat(), "items": 3},
        ],
        "together_with": ["run-0"],
    }
    assert report_from_json(told) == make_report()


def test_the_json_of_a_report_begins_with_its_run_and_its_kind():
    # The journal tells undos from pushes by the beginning of the text.
    assert list(make_report(undoes="run-0").to_json().items())[:2] == [("run_id", "run-1"), ("kind", "undo")]
