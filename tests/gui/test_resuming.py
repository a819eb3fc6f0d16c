"""The bar that offers the rest of an interrupted run: what it says, and what each of its buttons does."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from core.orders.model import Selection
from core.sync.report import ApiUse, Counts, RunReport
from core.workspace.resuming import InterruptedRun
from gui.resuming import ASKING, ResumeBar, ResumeOffer, offer_words, with_cut_off
from gui.task_owner import TaskOwner

AT = datetime(2026, 11, 22, 14, 2).astimezone()
ACCOUNT = RunReport(
    "run-1", "demo", False, AT, AT, Counts(69, 57, not_started=12), Counts(), (), (), ApiUse(3), 2.0
)
RUN = InterruptedRun(
    "run-1",
    "demo",
    AT.astimezone(UTC),
    False,
    ("GREYSON CLOTHIERS",),
    69,
    tuple(f"o{number}" for number in range(12)),
    0,
    Selection(order_keys=("o1",), resumes="run-1"),
    ACCOUNT,
)
OLDER = replace(RUN, run_id="run-0", customers=("ACME", "BOLT"), ended_early=True, report=None)


class Interrupted:
    """A profile with interrupted runs."""

    profile = SimpleNamespace(limits=SimpleNamespace(claim_seconds=300.0))

    def __init__(self, *runs: InterruptedRun) -> None:
        self.runs = list(runs)
        self.dismissed: list[str] = []

    async def interrupted_runs(self) -> list[InterruptedRun]:
        return list(self.runs)

    async def dismiss_run(self, run_id: str) -> None:
        self.dismissed.append(run_id)
        self.runs = [run for run in self.runs if run.run_id != run_id]


@pytest.fixture
def tasks() -> TaskOwner:
    return TaskOwner(on_problem=lambda *_told: None, on_bug=lambda *_told: None)


@pytest.fixture
def in_history(qtbot, theme) -> ResumeBar:
    bar = ResumeBar(may_wait=False)
    qtbot.addWidget(bar)
    return bar


@pytest.fixture
def offer(qtbot, theme, tasks, in_history):
    def make(*runs: InterruptedRun) -> ResumeOffer:
        made = ResumeOffer(tasks, in_history)
        qtbot.addWidget(made)
        made.set_workspace(Interrupted(*runs))
        return made

    return make


async def ended(tasks: TaskOwner) -> None:
    while tasks.running:
        await asyncio.sleep(0)


def test_a_run_of_today_is_told_by_its_time_what_is_left_and_of_whom() -> None:
    assert offer_words(RUN, date(2026, 11, 22)) == (
        "The run of 14:02 was interrupted: 12 of 69 orders of GREYSON CLOTHIERS are not finished. "
        "Nothing is sent twice."
    )


def test_a_run_of_another_day_is_told_with_its_day_and_how_it_ended() -> None:
    assert offer_words(OLDER, date(2026, 11, 23)) == (
        "The run of 2026-11-22, 14:02, ended early: 12 of 69 orders of 2 customers are not finished. "
        "Nothing is sent twice."
    )


@pytest.mark.parametrize(
    ("earlier", "words"),
    [
        (1, "1 earlier run was interrupted too: see History."),
        (3, "3 earlier runs were interrupted too: see History."),
    ],
)
def test_earlier_ones_are_counted(earlier, words) -> None:
    assert offer_words(RUN, AT.date(), earlier).endswith(words)


def test_one_order_and_lines_without_an_order_are_told_in_their_own_words() -> None:
    assert "1 of 69 orders of GREYSON CLOTHIERS is not" in offer_words(
        replace(RUN, unfinished=("o1",)), AT.date()
    )
    orphans = replace(RUN, unfinished=(), unfinished_lines=2)
    assert "2 of its lines without an order" in offer_words(orphans, AT.date())


def test_a_run_that_was_cut_off_is_among_the_reports_and_one_with_a_report_is_there_once() -> None:
    later = replace(ACCOUNT, run_id="run-2", started_at=datetime(2026, 11, 23, tzinfo=UTC))
    assert [report.run_id for report in with_cut_off([later], [RUN, OLDER])] == ["run-2", "run-1"]
    assert with_cut_off([ACCOUNT], [RUN]) == [ACCOUNT]


def test_without_an_interrupted_run_there_is_no_bar(offer, run_async) -> None:
    made = offer()
    run_async(made.reload())
    assert made.isHidden()


def test_the_newest_run_is_offered_and_told_to_a_screen_reader(offer, run_async) -> None:
    made = offer(RUN, OLDER)
    run_async(made.reload())
    assert not made.isHidden()
    assert "12 of 69 orders of GREYSON CLOTHIERS" in made.bar.words.text()
    assert "1 earlier run" in made.bar.words.text()
    assert made.bar.accessibleName() == f"Information: {made.bar.words.text()}"


def test_resume_asks_for_the_run_from_either_bar(offer, in_history, run_async, qtbot) -> None:
    made = offer(RUN)
    run_async(made.reload())
    in_history.set_run(OLDER)
    asked: list[InterruptedRun] = []
    made.resume_requested.connect(asked.append)
    made.bar.resume_button.click()
    in_history.resume_button.click()
    assert asked == [RUN, OLDER]


def test_while_a_run_is_taken_up_the_bar_says_what_is_waited_for_and_offers_it_again_after_a_failure(
    offer, run_async
) -> None:
    made = offer(RUN)
    seen: list[tuple[Selection, str, bool]] = []

    async def push(selection: Selection) -> None:
        seen.append((selection, made.bar.words.text(), made.bar.resume_button.isEnabled()))
        raise ConnectionError

    async def job() -> None:
        await made.reload()
        with pytest.raises(ConnectionError):
            await made.take_up(RUN, push)

    run_async(job())
    assert seen == [(RUN.selection, ASKING, False)]
    assert made.bar.resume_button.isEnabled()
    assert "12 of 69" in made.bar.words.text()


def test_not_now_hides_the_bar_until_the_next_start_and_the_next_run_is_offered(offer, run_async) -> None:
    made = offer(RUN, OLDER)
    run_async(made.reload())
    made.bar.later_button.click()
    assert made.isHidden()
    run_async(made.reload())
    assert made.bar.run == OLDER


def test_a_dismissed_run_is_never_offered_again(offer, run_async, tasks) -> None:
    made = offer(RUN)
    workspace = made._workspace
    told: list[bool] = []
    made.dismissed.connect(lambda: told.append(True))

    async def job() -> None:
        await made.reload()
        made.bar.dismiss_button.click()
        await ended(tasks)

    run_async(job())
    assert workspace.dismissed == ["run-1"]
    assert told == [True]
    assert made.isHidden()


def test_history_offers_what_is_chosen_there_without_putting_it_off(in_history) -> None:
    in_history.set_run(RUN)
    assert in_history.later_button.isHidden()
    assert not in_history.resume_button.isHidden()


def test_the_window_does_not_say_what_history_says_of_the_same_run(offer, in_history, run_async) -> None:
    made = offer(RUN)
    run_async(made.reload())
    in_history.set_run(RUN)
    assert not made.isHidden()
    made.set_page("history")
    assert made.isHidden()
    in_history.set_run(OLDER)
    assert not made.isHidden()
    in_history.set_run(RUN)
    made.set_page("orders")
    assert not made.isHidden()


def test_when_the_claims_of_a_worker_that_cannot_be_asked_must_have_run_out_it_looks_again(
    offer, run_async, tasks
) -> None:
    made = offer()
    run_async(made.reload())
    assert made.look_again.isActive()
    assert made.look_again.interval() > 300_000
    made._workspace.runs.append(RUN)

    async def job() -> None:
        made.look_again.timeout.emit()
        await ended(tasks)

    run_async(job())
    assert made.bar.run == RUN


def test_another_profile_does_not_show_the_former_one_s_run(offer, run_async) -> None:
    made = offer(RUN)
    run_async(made.reload())
    made.set_workspace(None)
    assert made.isHidden()
    assert not made.look_again.isActive()
