from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from core.errors import Problem
from core.orders.model import Selection
from core.sync.outcome import Outcome
from core.sync.plan import TargetKind
from core.sync.report import (
    ApiUse,
    Counts,
    CustomerReport,
    Failure,
    KeptOrder,
    RunReport,
    Undone,
    UndoneBy,
)
from core.workspace.resuming import InterruptedRun
from core.workspace.run_account import RUN_INTERRUPTED
from gui.models.report_table import ReportTableModel, failures_table
from gui.pages.history import HistoryPage
from gui.task_owner import TaskOwner
from gui.undoing import NoUndo
from tests.gui.pages.layouts import cut_labels

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
    api=ApiUse(calls=3),
    seconds=8.0,
    mapping="order_list",
    mapping_version=3,
)
FAILED = replace(
    SYNCED,
    run_id="run-2",
    started_at=AT + timedelta(days=1),
    lines=Counts(selected=4, created=3, failed=1),
    customers=(
        CustomerReport("Bolt", Counts(selected=2, created=2), Counts(selected=4, created=3, failed=1)),
    ),
    failures=(
        Failure(
            TargetKind.LINE, "l1", "AAG-3, size 2T", "Bolt", Outcome.FAILED, "x", "No label '2T'", "Add it."
        ),
    ),
)


class PastRuns:
    def __init__(self, *reports: RunReport) -> None:
        self.reports = list(reports)
        self.interrupted: list[InterruptedRun] = []

    async def recent_reports(self, limit: int = 50) -> list[RunReport]:
        return self.reports[:limit]

    async def interrupted_runs(self) -> list[InterruptedRun]:
        return self.interrupted


@pytest.fixture
def page(qtbot, theme, preferences):
    def make(*reports: RunReport) -> HistoryPage:
        owner = TaskOwner(on_problem=lambda *_told: None, on_bug=lambda *_told: None)
        page = HistoryPage(owner, preferences)
        qtbot.addWidget(page)
        page.set_workspace(PastRuns(*reports))
        return page

    return make


def rows(page: HistoryPage) -> list[list[str]]:
    model = page.runs
    return [[model.index(row, column).data() for column in range(1, 11)] for row in range(model.rowCount())]


def test_that_a_run_is_a_row_with_its_counts_and_its_end(page, run_async) -> None:
    shown = page(SYNCED)
    run_async(shown.reload())
    assert rows(shown) == [
        ["demo", "Live", "order_list 3", "6", "6", "0", "0", "3", "8.0 s", "Everything synced"]
    ]


def test_that_a_figure_says_in_the_words_of_its_run_what_it_counts(page, run_async) -> None:
    undo = replace(
        SYNCED, undoes="run-0", orders=Counts(selected=2, archived=2), lines=Counts(selected=1, failed=1)
    )
    shown = page(SYNCED, replace(SYNCED, dry_run=True), undo)
    run_async(shown.reload())
    model = shown.runs
    titles = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]
    assert "Synced" not in titles
    done = titles.index("Done")
    tips = [model.index(row, done).data(Qt.ItemDataRole.ToolTipRole) for row in range(3)]
    assert tips == [
        "2 orders and 4 lines synced",
        "2 orders and 4 lines would sync",
        "2 orders archived",
    ]
    assert model.index(2, done + 1).data(Qt.ItemDataRole.ToolTipRole) == "1 line failed"


def test_that_the_first_run_is_explained_with_its_failures(page, run_async) -> None:
    shown = page(FAILED, SYNCED)
    run_async(shown.reload())
    assert shown.failures.index(0, 0).data() == "Line AAG-3, size 2T"
    assert shown.failures.index(0, 4).data() == "Add it."
    assert not shown.failures_button.isHidden()
    shown.runs_table.setCurrentIndex(shown.runs.index(1, 0))
    assert shown.failures.rowCount() == 0
    assert shown.failures_button.isHidden()


@pytest.mark.parametrize("size", [(576, 420), (800, 520), (1400, 900)])
def test_that_nothing_of_a_run_is_cut_however_low_the_window(page, run_async, size) -> None:
    stopped = replace(
        FAILED,
        cancelled=True,
        orders=Counts(selected=900, created=2, not_started=898),
        lines=Counts(selected=4, created=3, failed=1),
    )
    shown = page(stopped, SYNCED)
    shown.resize(*size)
    shown.show()
    run_async(shown.reload())
    QApplication.processEvents()
    assert cut_labels(shown) == []
    # A header and two whole rows.
    assert shown.runs_table.viewport().height() >= 2 * shown.runs_table.rowHeight(0)
    assert shown.failures_table.viewport().height() >= 2 * shown.failures_table.rowHeight(0)


def test_that_another_run_is_shown_from_its_top(page, run_async) -> None:
    shown = page(FAILED, SYNCED)
    shown.resize(576, 420)
    shown.show()
    run_async(shown.reload())
    QApplication.processEvents()
    bar = shown._detail.verticalScrollBar()
    bar.setValue(bar.maximum())
    run_async(shown.reload())
    assert bar.value() > 0
    shown.runs_table.selectRow(1)
    assert bar.value() == 0


def test_that_failures_are_one_click_away(page, run_async, qtbot) -> None:
    shown = page(FAILED)
    run_async(shown.reload())
    with qtbot.waitSignal(shown.failures_requested):
        shown.failures_button.click()


def test_that_the_chosen_run_stays_chosen_when_a_newer_one_arrives(page, run_async) -> None:
    shown = page(SYNCED)
    run_async(shown.reload())
    shown._workspace.reports.insert(0, FAILED)
    run_async(shown.reload())
    assert shown.runs.record(shown.runs_table.currentIndex().row()) == SYNCED


def test_that_a_search_finds_runs_by_customer_and_by_how_they_ended(page, run_async) -> None:
    shown = page(FAILED, SYNCED)
    run_async(shown.reload())
    for text, run_id in (("bolt", "run-2"), ("everything", "run-1")):
        shown.search.setText(text)
        shown.search.returnPressed.emit()
        assert [report.run_id for report in shown.runs.records] == [run_id]
        assert shown._count.text() == "1 of 2"


def test_that_a_profile_without_runs_says_what_will_be_here(page, run_async) -> None:
    shown = page()
    run_async(shown.reload())
    assert shown._stack.currentWidget() is shown._empty


def test_that_the_models_keep_the_rules_of_item_models(theme) -> None:
    runs, failures = ReportTableModel(), failures_table(None)
    for model in (runs, failures):
        QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    runs.set_reports([FAILED, SYNCED])
    runs.sort(3)
    runs.set_search("demo")
    failures.set_records(FAILED.failures)
    assert (runs.rowCount(), failures.rowCount()) == (2, 1)


def test_that_a_run_is_handed_on_to_be_undone(page, run_async, qtbot) -> None:
    shown = page(SYNCED)
    run_async(shown.reload())
    assert shown.undo_button.isEnabled()
    with qtbot.waitSignal(shown.undo_requested) as asked:
        shown.undo_button.click()
    assert asked.args == [SYNCED]


def test_that_an_undo_shows_what_it_kept_and_is_not_undone_itself(page, run_async) -> None:
    kept = KeptOrder("o1", "AAG-1", "Acme", "changed_by_hand", "Changed by hand on the board: Due", "Look.")
    shown = page(
        replace(SYNCED, undoes="run-0", orders=Counts(selected=2, archived=1, skipped=1), kept=(kept,))
    )
    run_async(shown.reload())
    assert [shown.failures.index(0, column).data() for column in (0, 2, 3)] == [
        "Order AAG-1",
        "Kept",
        kept.message,
    ]
    assert not shown.undo_button.isEnabled()
    assert NoUndo.UNDO.value in shown.undo_button.toolTip()


def test_that_an_undone_run_is_marked_in_the_table_and_told_above_its_figures(page, run_async) -> None:
    by = (UndoneBy("4f5e6d7c", AT + timedelta(hours=1), 2),)
    shown = page(replace(SYNCED, undone=Undone(2, by)))
    run_async(shown.reload())
    assert rows(shown)[0][-1] == "Undone since"
    said = shown.summary.panel.words()
    assert "This run was undone" in said
    assert "run 4f5e6d7c" in said
    assert not shown.undo_button.isEnabled()
    assert NoUndo.UNDONE.value in shown.undo_button.toolTip()


def test_that_a_run_of_which_something_is_left_can_be_undone_again(page, run_async) -> None:
    shown = page(replace(SYNCED, undone=Undone(2, (UndoneBy("4f5e6d7c", AT, 1),))))
    run_async(shown.reload())
    assert rows(shown)[0][-1] == "Partly undone since"
    assert shown.undo_button.isEnabled()


def test_that_undone_runs_are_found_by_that_word(page, run_async) -> None:
    shown = page(FAILED, replace(SYNCED, undone=Undone(2, (UndoneBy("4f5e6d7c", AT, 2),))))
    run_async(shown.reload())
    shown.search.setText("undone")
    shown.search.returnPressed.emit()
    assert [report.run_id for report in shown.runs.records] == ["run-1"]


def interrupted_run(report: RunReport | None, run_id: str) -> InterruptedRun:
    return InterruptedRun(
        run_id, "demo", AT, report is None, ("ACME",), 2, ("o1",), 0, Selection(resumes=run_id), report
    )


def test_that_a_run_that_was_cut_off_is_a_row_marked_as_such_with_the_way_to_resume_it(
    page, run_async
) -> None:
    account = replace(
        SYNCED,
        run_id="run-9",
        started_at=AT + timedelta(days=2),
        orders=Counts(selected=2, created=1, not_started=1),
        stopped=Problem(RUN_INTERRUPTED, "The run was interrupted", "worker desk:1", "It is offered."),
    )
    shown = page(SYNCED)
    shown._workspace.interrupted = [interrupted_run(account, "run-9")]
    run_async(shown.reload())
    assert [row[-1] for row in rows(shown)] == ["Interrupted", "Everything synced"]
    assert not shown.resume_bar.isHidden()
    shown.runs_table.selectRow(1)
    assert shown.resume_bar.isHidden()


def test_that_a_run_that_was_stopped_is_one_row_and_can_be_resumed(page, run_async) -> None:
    shown = page(replace(FAILED, cancelled=True))
    shown._workspace.interrupted = [interrupted_run(None, "run-2")]
    run_async(shown.reload())
    assert len(rows(shown)) == 1
    assert shown.resume_bar.run == shown._workspace.interrupted[0]
