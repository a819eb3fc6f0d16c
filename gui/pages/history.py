"""The History page: past runs, and the account of one."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QSplitter, QTableView, QVBoxLayout, QWidget

from core.sync.report import RunReport
from core.workspace import Workspace
from core.workspace.resuming import InterruptedRun
from gui.models.report_table import ReportTableModel, failures_table, records_to_tell, told_title
from gui.models.run_summary import has_open_failures
from gui.pages.run_log_view import LEAST_TABLE
from gui.pages.run_summary import RunSummary
from gui.pages.scroll_column import ScrollColumn
from gui.preferences import Preferences
from gui.resuming import ResumeBar, with_cut_off
from gui.task_owner import TaskOwner
from gui.theme import EDGE, GROUPS, RELATED
from gui.undoing import why_not_undone
from gui.widgets.buttons import disable_because, enable, plain_button
from gui.widgets.labels import section_label
from gui.widgets.messages import EmptyState
from gui.widgets.page_stack import PageStack
from gui.widgets.search import SearchField
from gui.widgets.tables import copy_selection, number_text, prepare_table
from gui.widgets.toolbar import PageHeader, Toolbar

REPORTS_READ = 200

_RUN_WIDTHS = (140, 90, 80, 110, 85, 80, 75, 90, 70, 80)
_FAILURE_WIDTHS = (220, 170, 90, 360, 200)


class HistoryPage(QWidget):
    """A table of runs above the totals and failures of the chosen one."""

    problem = Signal(object)
    """A `Problem` for the window to show."""
    failures_requested = Signal()
    undo_requested = Signal(object)
    """The `RunReport` of the run to be undone."""

    def __init__(self, tasks: TaskOwner, preferences: Preferences) -> None:
        super().__init__()
        self._tasks = tasks
        self._preferences = preferences
        self._workspace: Workspace | None = None
        self.runs = ReportTableModel(self)
        self.runs_table = QTableView()
        self.failures = failures_table(self)
        self.failures_table = QTableView()
        self.summary = RunSummary()
        self.resume_bar = ResumeBar(may_wait=False)
        self._shown_run = ""
        self._interrupted: dict[str, InterruptedRun] = {}
        self.failures_button = plain_button("Show failures", "failures")
        self.undo_button = plain_button("Undo…", "undo")
        self.search = SearchField("Search in runs")
        self._failures_title = section_label("")
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._stack = PageStack()
        self._empty = EmptyState("history", "No run yet", "Every run leaves its report here, dry runs too.")
        self._prepare_tables()
        self._lay_out()
        self._connect()
        self.first_focus: QWidget = self.runs_table
        preferences.restore_state("history/runs", self.runs_table.horizontalHeader())
        preferences.restore_state("history/splitter", self._splitter)

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Take another profile; its reports are read by `reload`."""
        self._workspace = workspace
        self.runs.set_reports([])
        self._stack.setCurrentWidget(self._empty)
        self.failures_button.hide()
        self.undo_button.hide()

    async def reload(self) -> None:
        """Read the reports again; the chosen run stays chosen."""
        workspace = self._workspace
        if workspace is None:
            return
        interrupted = await workspace.interrupted_runs()
        reports = with_cut_off(await workspace.recent_reports(REPORTS_READ), interrupted)
        if workspace is self._workspace:
            self._interrupted = {run.run_id: run for run in interrupted}
            chosen = self.runs.record(self.runs_table.currentIndex().row())
            self.runs.set_reports(reports)
            self._stack.setCurrentWidget(self._content if reports else self._empty)
            self._choose(chosen.run_id if chosen else "")

    def focus_search(self) -> None:
        """Go to the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def copy(self) -> None:
        """Copy from the table that has the focus."""
        focused = self.failures_table.hasFocus()
        copy_selection(self.failures_table if focused else self.runs_table, headers=True)

    def _search(self, text: str) -> None:
        chosen = self.runs.record(self.runs_table.currentIndex().row())
        self.runs.set_search(text)
        self._choose(chosen.run_id if chosen else "")

    def _choose(self, run_id: str) -> None:
        ids = [report.run_id for report in self.runs.records]
        row = ids.index(run_id) if run_id in ids else 0
        self._count.setText(f"{number_text(len(ids))} of {number_text(self.runs.total)}")
        self.runs_table.setCurrentIndex(self.runs.index(row, 0))
        self._show_run()

    def _show_run(self) -> None:
        report = self.runs.record(self.runs_table.currentIndex().row())
        self._detail.setVisible(report is not None)
        self.resume_bar.set_run(self._interrupted.get(report.run_id) if report is not None else None)
        self.failures_button.setVisible(report is not None and has_open_failures(report))
        self._offer_undo(report)
        if report is None:
            return
        if report.run_id != self._shown_run:
            self._detail.verticalScrollBar().setValue(0)
        self._shown_run = report.run_id
        self.summary.set_report(report)
        told = records_to_tell(report)
        self.failures.set_records(told)
        self.failures_table.setVisible(bool(told))
        self._failures_title.setText(told_title(report))

    def _offer_undo(self, report: RunReport | None) -> None:
        self.undo_button.setVisible(report is not None)
        reason = why_not_undone(report) if report is not None else None
        if reason is None:
            enable(self.undo_button)
        else:
            disable_because(self.undo_button, reason.value)

    def _undo(self) -> None:
        report = self.runs.record(self.runs_table.currentIndex().row())
        if report is not None:
            self.undo_requested.emit(report)

    def _prepare_tables(self) -> None:
        for table, model, widths, name in (
            (self.runs_table, self.runs, _RUN_WIDTHS, "Past runs"),
            (self.failures_table, self.failures, _FAILURE_WIDTHS, "Failures of the run"),
        ):
            prepare_table(table, name)
            table.setModel(model)
            for column, width in enumerate(widths):
                table.setColumnWidth(column, width)
            header = table.horizontalHeader()
            header.setSortIndicatorShown(True)
            header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
            header.sortIndicatorChanged.connect(model.sort)
        self.runs_table.setSelectionMode(QTableView.SelectionMode.SingleSelection)

    def _lay_out(self) -> None:
        toolbar = Toolbar()
        toolbar.add(self.search)
        self._count = toolbar.add_label("")
        toolbar.add_stretch()
        self.search.setMinimumWidth(240)
        self._detail = ScrollColumn()
        self._detail.setMinimumHeight(LEAST_TABLE)
        self.runs_table.setMinimumHeight(LEAST_TABLE)
        self.failures_table.setMinimumHeight(LEAST_TABLE)
        below = self._detail.column
        below.setContentsMargins(0, RELATED, 0, 0)
        below.addWidget(self.resume_bar)
        below.addWidget(self.summary)
        below.addWidget(self._failures_title)
        below.addWidget(self.failures_table, 100)
        below.addStretch(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.runs_table)
        self._splitter.addWidget(self._detail)
        # Until the operator chooses: by their hints the runs would get four rows.
        self._splitter.setSizes([1_000, 1_500])
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 1)
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(RELATED)
        column.addWidget(toolbar)
        column.addWidget(self._splitter, 1)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._content)
        page = QVBoxLayout(self)
        page.setContentsMargins(EDGE, GROUPS, EDGE, GROUPS)
        page.setSpacing(GROUPS)
        header = PageHeader("History")
        header.add(self.failures_button)
        self.failures_button.hide()
        header.add(self.undo_button)
        self.undo_button.setToolTip("Take what this run made off the board; it says first what that is")
        self.undo_button.hide()
        page.addWidget(header)
        page.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.search.searched.connect(self._search)
        self.runs_table.selectionModel().currentRowChanged.connect(self._show_run)
        self.failures_button.clicked.connect(self.failures_requested)
        self.undo_button.clicked.connect(self._undo)

    def hideEvent(self, event: QHideEvent) -> None:
        """Remember the layout when the operator leaves the page."""
        super().hideEvent(event)
        self._preferences.remember_state("history/runs", self.runs_table.horizontalHeader())
        self._preferences.remember_state("history/splitter", self._splitter)
