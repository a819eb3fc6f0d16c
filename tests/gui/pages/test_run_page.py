import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.errors import BoardError, Problem
from core.monday.limits import Binding, DayCalls
from core.orders.run_records import PastRun
from core.sync.control import RunControl
from core.sync.events import (
    BudgetRead,
    CustomerEnded,
    CustomerTotals,
    RecordEnded,
    RequestAnswered,
    RequestSent,
    RunEvent,
    RunFinished,
    RunStarted,
    Waiting,
)
from core.sync.outcome import Outcome
from core.sync.plan import Plan, Step, TargetKind
from core.sync.report import ApiUse, Counts, CustomerReport, RunReport
from core.sync.undo import UndoPlan
from gui.models.run_log import LogLine
from gui.models.run_sentences import Sentence
from gui.pages.run import RunPage
from gui.pages.scroll_column import ScrollColumn
from gui.task_owner import TaskOwner
from tests.gui.pages.layouts import cut_labels

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PLAN = Plan("demo", "1", "Orders", "hash")
REPORT = RunReport(
    run_id="run-1",
    profile="demo",
    dry_run=False,
    started_at=AT,
    finished_at=AT,
    orders=Counts(selected=2, created=2),
    lines=Counts(selected=2, created=1, failed=1),
    customers=(
        CustomerReport("ACME", Counts(selected=2, created=2), Counts(selected=2, created=1, failed=1)),
    ),
    failures=(),
    api=ApiUse(calls=2),
    seconds=3.0,
)
CLEAN = replace(
    REPORT,
    lines=Counts(selected=2, created=2),
    customers=(CustomerReport("ACME", Counts(selected=2, created=2), Counts(selected=2, created=2)),),
)
BUDGET = BudgetRead(
    *(1_000_000, 5_000_000, 20.0, 2_400, 2_500, 99, 100),
    calls_made=2,
    day=DayCalls(10_000, 9_412, 8_412, datetime(2026, 11, 24, tzinfo=UTC)),
    binding=Binding("complexity", 0.8, 5_000_000),
)


def ended(key: str, target: TargetKind, outcome: Outcome = Outcome.CREATED) -> RecordEnded:
    return RecordEnded(target, key, f"AAG-{key}", "ACME", outcome, board_id="7", order_key="o1")


SCRIPT: tuple[RunEvent, ...] = (
    RunStarted("run-1", "demo", False, AT, (CustomerTotals("ACME", 2, 2, 2),), 2, 2, 2),
    RequestSent("ACME / items / 1", Step.ITEMS, "ACME", 2, 1),
    ended("o1", TargetKind.ORDER),
    ended("o2", TargetKind.ORDER),
    RequestAnswered("ACME / items / 1", Step.ITEMS, "ACME", 2, 0, 0.4, 2_000, "r1"),
    BUDGET,
    RequestSent("ACME / subitems / 1", Step.SUBITEMS, "ACME", 2, 1),
    ended("l1", TargetKind.LINE),
    ended("l2", TargetKind.LINE, Outcome.FAILED),
    CustomerEnded("ACME", 3, 1, 2.0),
    RunFinished(REPORT),
)


class ScriptedWorkspace:
    """Plays a run: events first, then, when it is let go or stopped, the report."""

    def __init__(self, script=SCRIPT, report=REPORT, reports=(), error=None) -> None:
        self.script, self.report, self.reports, self.error = script, report, reports, error
        self.go = asyncio.Event()
        self.controls: list[RunControl] = []
        self.dry_runs: list[bool] = []

    async def run(self, plan: Plan, control: RunControl, emit: Any, *, dry_run: bool = False) -> RunReport:
        self.controls.append(control)
        self.dry_runs.append(dry_run)
        for event in self.script:
            emit(event)
        if self.error is not None:
            raise self.error
        while not self.go.is_set() and not control.stopping:
            await asyncio.sleep(0.005)
        return self.report

    async def recent_reports(self, limit: int = 50) -> list[RunReport]:
        return list(self.reports)[:limit]


class Harness:
    """The page with everything it tells."""

    def __init__(self, preferences, workspace: ScriptedWorkspace) -> None:
        self.bugs: list[BaseException] = []
        self.now = 0.0
        self.tasks = TaskOwner(
            on_problem=lambda _name, error: self.bugs.append(error),
            on_bug=lambda _name, error: self.bugs.append(error),
        )
        self.page = RunPage(self.tasks, preferences, clock=lambda: self.now)
        self.view = self.page.view
        self.workspace = workspace
        self.page.set_workspace(workspace)
        self.told: dict[str, list[Any]] = {}
        for name in ("problem", "started", "finished", "records_ended", "budget_changed"):
            heard = self.told.setdefault(name, [])
            getattr(self.page, name).connect(
                lambda *told, heard=heard: heard.append(told[0] if told else None)
            )

    async def delivered(self) -> None:
        """Wait until the events told so far are on the page."""
        await until(lambda: self.workspace.controls)
        await asyncio.sleep(0)
        self.page._pump.flush()
        self.page._turns.finish()

    async def over(self) -> None:
        self.workspace.go.set()
        await until(lambda: not self.tasks.running)


async def until(condition) -> None:
    while not condition():
        await asyncio.sleep(0.005)


@pytest.fixture
def harness(qtbot, theme, preferences):
    made: list[Harness] = []

    def make(**values: Any) -> Harness:
        harness = Harness(preferences, ScriptedWorkspace(**values))
        qtbot.addWidget(harness.page)
        made.append(harness)
        return harness

    yield make
    assert not [bug for harness in made for bug in harness.bugs]


def customers(harness: Harness) -> list[list[str]]:
    model = harness.view.customers
    columns = [0, 1, 3, 4, 5]
    return [[model.index(row, column).data() for column in columns] for row in range(model.rowCount())]


def headings(harness: Harness) -> list[str]:
    model = harness.view.customers
    horizontal = Qt.Orientation.Horizontal
    return [model.headerData(column, horizontal) for column in range(model.columnCount())]


def test_that_a_run_fills_bar_customers_gauges_and_log(harness, run_async) -> None:
    page = harness()

    async def scenario() -> None:
        assert page.page.start(PLAN)
        await page.delivered()
        assert page.page.running
        assert page.view.bar.accessibleDescription() == "Items 2 of 2. Subitems 2 of 2 · 1 failed"
        assert customers(page) == [["ACME", "Done", "4", "3", "1"]]
        sentence = page.view.gauges.sentence.text()
        assert sentence == "Complexity-bound, 80 % of 5 M a minute · 2 calls of this run"
        texts = [page.view.log.model.line(row).text for row in range(page.view.log.model.rowCount())]
        assert "Error: Line AAG-l2 failed." in texts
        await page.over()

    run_async(scenario())


def test_that_a_delivery_is_shown_piece_by_piece(harness, run_async) -> None:
    page = harness()
    seen: list[tuple[bool, bool, bool, bool]] = []

    def look() -> None:
        seen.append(
            (
                bool(page.view.log.model.rowCount()),
                bool(page.view.customers.rowCount()),
                "Items 2 of 2" in page.view.bar.accessibleDescription(),
                bool(page.told["records_ended"]),
            )
        )

    async def scenario() -> None:
        page.page.start(PLAN)
        await until(lambda: page.workspace.controls)
        await asyncio.sleep(0)
        page.page._pump.flush()
        pieces = list(page.page._turns._pieces)
        page.page._turns._pieces.clear()
        for piece in pieces:
            look()
            piece()
        look()
        await page.over()

    run_async(scenario())
    assert seen == [
        (False, False, False, False),
        (True, False, False, False),
        (True, True, False, False),
        (True, True, True, False),
        (True, True, True, True),
    ]


@pytest.mark.parametrize("width", [800, 1000, 1280])
def test_that_the_first_reading_of_the_budget_moves_nothing(harness, width) -> None:
    page = harness()
    page.page._stack.setCurrentWidget(page.view)
    page.view.begin(dry_run=False)
    page.page.resize(width, 800)
    page.page.show()
    QTest.qWait(50)  # gauges below each other ask for more height when they know their width
    before = page.view.customers_table.geometry(), page.view.gauges.height()
    page.view.gauges.set_budget(BUDGET)
    QTest.qWait(50)
    assert (page.view.customers_table.geometry(), page.view.gauges.height()) == before


def test_that_the_times_of_the_log_are_shown_whole(harness, run_async) -> None:
    page = harness()
    page.page.show()

    async def scenario() -> None:
        page.page.start(PLAN)
        await page.over()

    run_async(scenario())
    table = page.view.log.table
    assert table.columnWidth(0) >= table.sizeHintForColumn(0)


def test_that_the_end_shows_a_balanced_summary_and_the_ways_on(harness, run_async) -> None:
    page = harness()

    async def scenario() -> None:
        page.page.start(PLAN)
        await page.over()

    run_async(scenario())
    assert not page.page.running
    assert page.told["finished"] == [REPORT]
    assert page.view.summary.balance.figures() == [
        ["2", "2", "0", "0", "0", "0"],
        ["2", "1", "1", "0", "0", "0"],
    ]
    assert not page.view.summary.isHidden()
    assert page.view.gauges.isHidden()
    assert not page.page.failures_button.isHidden()
    assert page.page.stop_button.isHidden()


@pytest.mark.parametrize("size", [(576, 470), (800, 560), (1400, 900)])
def test_that_nothing_is_cut_however_low_the_window(harness, run_async, size) -> None:
    page = harness(report=replace(REPORT, cancelled=True))
    page.page.resize(*size)
    page.page.show()

    async def scenario() -> None:
        page.page.start(PLAN)
        await page.delivered()
        bar = page.view.findChild(ScrollColumn).verticalScrollBar()
        bar.setValue(bar.maximum())
        page.page.stop_button.click()
        # Events that are handled inside a task's step may take that of another task with them.
        await until(lambda: not page.view.stop_question.visibleRegion().isEmpty())
        await until(lambda: cut_labels(page.page) == [])
        page.page.confirm_stop_button.click()
        await until(lambda: not page.tasks.running)

    run_async(scenario())
    QApplication.processEvents()
    assert cut_labels(page.page) == []
    for table in (page.view.customers_table, page.view.log.table):
        assert table.viewport().height() >= 2 * table.rowHeight(0)


def test_that_the_undo_of_runs_that_resumed_one_another_names_all_of_them(harness, run_async) -> None:
    def past(run_id: str) -> PastRun:
        return PastRun(run_id, "1", False, "worker", AT, True)

    undo = replace(REPORT, undoes="second-run", orders=Counts(selected=2, archived=2), lines=Counts())
    script = (replace(SCRIPT[0], undoes="second-run"),)
    page = harness(script=script, report=undo)
    plan = UndoPlan(
        "demo", "1", "Orders", "hash", undoes="second-run", runs=(past("first-run"), past("second-run"))
    )

    async def scenario() -> None:
        page.page.start(plan)
        await page.over()

    run_async(scenario())
    assert page.view.summary._when.text().startswith("Undo of runs first-ru and second-r on demo")
    assert page.view.summary.panel.words().startswith("Everything that the runs made is archived")
    assert page.view.log.model.line(0).text.startswith("Undo of runs first-ru and second-r started")
    assert "Archived" in headings(page)


def test_that_a_report_of_an_undo_that_was_not_watched_counts_what_is_archived(harness, run_async) -> None:
    page = harness(reports=[replace(REPORT, undoes="run-0")])
    run_async(page.page.reload())
    assert "Archived" in headings(page)


def test_that_a_run_without_failures_offers_no_failures(harness, run_async) -> None:
    page = harness(script=SCRIPT[:1], report=CLEAN)

    async def scenario() -> None:
        page.page.start(PLAN)
        await page.over()

    run_async(scenario())
    assert page.page.failures_button.isHidden()
    assert not page.page.orders_button.isHidden()


def test_that_a_second_run_is_refused_with_a_problem(harness, run_async) -> None:
    page = harness()

    async def scenario() -> None:
        assert page.page.start(PLAN)
        await page.delivered()
        assert not page.page.start(PLAN)
        await page.over()

    run_async(scenario())
    assert [problem.code for problem in page.told["problem"]] == ["run_under_way"]
    assert len(page.workspace.controls) == 1


def test_that_records_and_budget_are_told_once_a_delivery(harness, run_async) -> None:
    page = harness()

    async def scenario() -> None:
        page.page.start(PLAN)
        await page.delivered()
        await page.over()

    run_async(scenario())
    assert [[event.key for event in events] for events in page.told["records_ended"]] == [
        ["o1", "o2", "l1", "l2"]
    ]
    assert page.told["budget_changed"] == [BUDGET]


def test_that_stopping_asks_once_in_the_page_and_then_stops(harness, run_async) -> None:
    page = harness(report=replace(REPORT, cancelled=True))

    async def scenario() -> None:
        page.page.start(PLAN)
        await page.delivered()
        page.page.stop_button.click()
        assert not page.view.stop_question.isHidden()
        assert not page.workspace.controls[0].stopping
        page.page.confirm_stop_button.click()
        assert page.workspace.controls[0].stopping
        assert not page.page.stop_button.isEnabled()
        await until(lambda: not page.tasks.running)

    run_async(scenario())
    assert page.view.stop_question.isHidden()
    assert page.view.summary.panel.words().startswith("The run was stopped by you")


def test_that_keep_running_leaves_the_run_alone(harness, run_async) -> None:
    page = harness()

    async def scenario() -> None:
        page.page.start(PLAN)
        await page.delivered()
        page.page.stop_button.click()
        page.page.keep_button.click()
        assert page.view.stop_question.isHidden()
        assert not page.workspace.controls[0].stopping
        await page.over()

    run_async(scenario())


def test_that_pause_becomes_resume(harness, run_async) -> None:
    page = harness()

    async def scenario() -> None:
        page.page.start(PLAN)
        await page.delivered()
        page.page.pause_button.click()
        assert page.workspace.controls[0].paused
        assert page.page.pause_button.text() == "Resume"
        page.page.pause_button.click()
        assert not page.workspace.controls[0].paused
        assert page.page.pause_button.text() == "Pause"
        await page.over()

    run_async(scenario())


def test_that_closing_the_application_asks_the_run_to_stop(harness, run_async) -> None:
    page = harness()

    async def scenario() -> None:
        page.page.start(PLAN)
        await page.delivered()
        await page.tasks.close()

    run_async(scenario())
    assert page.workspace.controls[0].stopping
    assert page.told["finished"] == [REPORT]


def test_that_a_wait_is_counted_down_while_the_bar_stays(harness, run_async) -> None:
    waiting = (
        *SCRIPT[:4],
        Waiting("waiting for the minute's complexity budget", 37.0, "ACME / subitems / 1"),
    )
    page = harness(script=waiting)

    async def scenario() -> None:
        page.page.start(PLAN)
        await page.delivered()
        before = page.view.bar.accessibleDescription()
        assert page.view.activity.text() == "Waiting for the minute's complexity budget, 00:37"
        page.now = 30.0
        page.page._second.timeout.emit()
        assert page.view.activity.text() == "Waiting for the minute's complexity budget, 00:07"
        assert page.view.bar.accessibleDescription() == before
        await page.over()

    run_async(scenario())


def test_that_the_clock_ticks_only_while_a_run_goes_on(harness, run_async) -> None:
    page = harness()

    async def scenario() -> None:
        assert not page.page._second.isActive()
        page.page.start(PLAN)
        assert page.page._second.isActive()
        await page.over()

    run_async(scenario())
    assert not page.page._second.isActive()


def test_that_a_dry_run_is_marked_as_one(harness, run_async) -> None:
    page = harness(script=(replace(SCRIPT[0], dry_run=True), SCRIPT[2]), report=replace(CLEAN, dry_run=True))

    async def scenario() -> None:
        page.page.start(PLAN, dry_run=True)
        await page.over()

    run_async(scenario())
    assert page.workspace.dry_runs == [True]
    assert not page.view.dry_run_banner.isHidden()
    assert page.view.log.model.line(1).text == "Order AAG-o1 would be created, item 7"
    assert "Nothing was sent" in page.view.summary.panel.words()


def test_that_a_problem_that_ends_the_run_stays_on_the_page(harness, run_async) -> None:
    problem = Problem("auth", "The token was refused", "the board's API", "Make a new token.")
    page = harness(script=SCRIPT[:2], error=BoardError(problem))

    async def scenario() -> None:
        page.page.start(PLAN)
        await until(lambda: not page.tasks.running)

    run_async(scenario())
    assert page.told["problem"] == [problem]
    assert page.view.trouble.words() == "The token was refused\nthe board's API\nMake a new token."
    assert not page.page.running
    assert page.view.activity.text() == "Ended"


def test_that_unbalanced_totals_are_red(harness, run_async) -> None:
    page = harness(report=replace(REPORT, orders=Counts(selected=3, created=2)))

    async def scenario() -> None:
        page.page.start(PLAN)
        await page.over()

    run_async(scenario())
    assert page.view.summary.panel.property("severity") == "error"


def test_that_the_last_report_is_shown_where_no_run_was_watched(harness, run_async) -> None:
    page = harness(reports=[REPORT])
    run_async(page.page.reload())
    assert page.page._stack.currentWidget() is page.view
    assert page.view.log.isHidden()
    assert customers(page) == [["ACME", "Done", "4", "3", "1"]]


def test_that_who_stopped_a_run_is_you_only_where_it_was_watched(harness, run_async) -> None:
    page = harness(reports=[replace(REPORT, cancelled=True)])
    run_async(page.page.reload())
    assert page.view.summary.panel.words().startswith("The run was stopped by a person")


def test_that_the_log_counts_its_events(harness) -> None:
    log = harness().view.log
    log.append([LogLine(AT, Sentence("Resumed"))])
    assert log._count.text() == "1 event"
    log.append([LogLine(AT, Sentence("Resumed"))])
    assert log._count.text() == "2 events"


def test_that_a_profile_without_runs_says_what_to_do(harness, run_async) -> None:
    page = harness()
    run_async(page.page.reload())
    assert page.page._stack.currentWidget() is page.page._empty


def test_that_a_run_that_was_watched_stays_when_the_page_is_loaded_again(harness, run_async) -> None:
    page = harness(reports=[CLEAN])

    async def scenario() -> None:
        page.page.start(PLAN)
        await page.over()
        await page.page.reload()

    run_async(scenario())
    assert not page.view.log.isHidden()


def test_that_the_log_follows_until_the_operator_scrolls_up(harness, run_async) -> None:
    many = tuple(ended(f"o{number}", TargetKind.ORDER) for number in range(300))
    page = harness(script=(SCRIPT[0], *many))
    page.page.resize(900, 700)
    page.page.show()

    async def scenario() -> None:
        page.page.start(PLAN)
        await page.delivered()
        bar = page.view.log.table.verticalScrollBar()
        await until(lambda: bar.maximum() > 0)
        assert bar.value() == bar.maximum()
        bar.setValue(0)
        assert not page.view.log.follow.isChecked()
        page.view.log.follow.setChecked(True)
        assert bar.value() == bar.maximum()
        await page.over()

    run_async(scenario())


def test_that_the_log_is_filtered_and_copied_with_its_times(harness, run_async) -> None:
    page = harness()

    async def scenario() -> None:
        page.page.start(PLAN)
        await page.over()

    run_async(scenario())
    page.page.focus_search()
    page.view.log.search.setText("failed.")
    page.view.log.search.returnPressed.emit()
    assert page.view.log.copy().endswith("Error: Line AAG-l2 failed.")
