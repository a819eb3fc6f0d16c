"""The progress bars read the event stream."""

import pytest

from core.cli.progress import ProgressBars
from core.sync.events import (
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
