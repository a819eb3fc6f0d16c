"""The progress bars read the event stream."""

from datetime import UTC, datetime

import pytest

from core.cli.progress import ProgressBars
from core.monday.limits import Binding, DayCalls
from core.sync.events import (
    BudgetRead,
    RecordEnded,
    RequestSent,
    RunPaused,
    RunResumed,
    RunStopping,
    Waiting,
)
from core.sync.outcome import Outcome
from core.sync.plan import Step, TargetKind


@pytest.fixture
def bars():
    with ProgressBars(shown=False) as made:
        yield made


def ended(target: TargetKind, key: str, outcome: Outcome = Outcome.CREATED) -> RecordEnded:
    return RecordEnded(target, key, key, "ACME", outcome)


def counted(bars) -> tuple[float, float]:
    items, subitems = bars._progress.tasks
    return items.completed, subitems.completed


def note(bars) -> str:
    return bars._progress.tasks[0].fields["note"]


def test_each_record_counts_once_however_often_it_is_told(bars):
    for event in (
        ended(TargetKind.GROUP, "ACME"),
        ended(TargetKind.ORDER, "1"),
        ended(TargetKind.ORDER, "1", Outcome.FAILED),
        ended(TargetKind.LINE, "1"),
        ended(TargetKind.LINE, "2"),
    ):
        bars.read(event)
    assert counted(bars) == (1, 2)


def test_a_wait_is_told_until_the_next_request_leaves(bars):
    bars.read(Waiting("waiting for the minute's complexity budget", 12.4))
    assert note(bars) == "waiting for the minute's complexity budget, 12 s"
    bars.read(RequestSent("ACME / items / 1", Step.ITEMS, "ACME", 3, 1))
    assert note(bars) == ""


def test_pause_and_stop_are_told(bars):
    bars.read(RunPaused())
    assert note(bars) == "paused"
    bars.read(RunResumed())
    assert note(bars) == ""
    bars.read(RunStopping("Stop was asked for"))
    assert note(bars) == "stopping: Stop was asked for"


def test_the_live_figures_stand_beside_the_bars(bars):
    day = DayCalls(10_000, 9_412, 8_412, datetime(2026, 11, 24, tzinfo=UTC))
    known = BudgetRead(
        *(1, 2, 3.0, 4, 5, 6, 7),
        calls_made=8,
        records_per_minute=1020.4,
        day=day,
        binding=Binding("complexity", 0.97, 10_000_000),
    )
    bars.read(known)
    assert bars._progress.tasks[1].fields["note"] == (
        "1,020 records a minute · complexity-bound, 97 % of 10 M a minute · "
        "calls: 9,412 of 10,000 are left today"
    )
    bars.read(BudgetRead(1, 2, 3.0, 4, 5, 6, 7, calls_made=8))
    assert bars._progress.tasks[1].fields["note"] == ""
