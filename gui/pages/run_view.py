"""What the Run page shows of one run: bar, limits or summary, customers, log."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QLabel, QSplitter, QTableView, QVBoxLayout, QWidget

from core.errors import Problem
from core.sync.events import RunEvent
from core.sync.report import RunReport
from gui.models.durations import about_left_text, clock_text
from gui.models.run_customers import PROGRESS_COLUMN, RunCustomersModel, pass_counts
from gui.models.run_log import LogLine
from gui.models.run_progress import Changes, RunPhase, RunProgress
from gui.models.run_sentences import sentence
from gui.models.run_summary import customers_of, totals_of
from gui.pages.run_gauges import RunGauges
from gui.pages.run_log_view import LEAST_TABLE, RunLogView
from gui.pages.run_summary import RunSummary
from gui.pages.scroll_column import ScrollColumn
from gui.preferences import Preferences
from gui.theme import RELATED, tabular_font
from gui.widgets.labels import card, muted_label
from gui.widgets.messages import MessagePanel, Severity
from gui.widgets.progress import MiniBarDelegate, TwoPassBar
from gui.widgets.tables import copy_selection, number_text, prepare_table

STOP_MEANS = "Records already sent stay on the board; nothing is lost. The rest can be pushed later."

_WIDTHS = (220, 160, 150, 85, 85, 75, 85, 90, 90)


class RunView(QWidget):
    """One run. `clock` gives the seconds that elapsed times are counted by."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self.bar = TwoPassBar()
        self.activity = QLabel()
        # Long names of customers give way to a narrow window; the tooltip has them whole.
        self.activity.setMinimumWidth(1)
        self.pace = muted_label("")
        self.pace.setFont(tabular_font())
        self.gauges = RunGauges()
        self.summary = RunSummary()
        self.log = RunLogView()
        self.customers = RunCustomersModel(clock, self)
        self.customers_table = QTableView()
        self.dry_run_banner = MessagePanel(
            Severity.INFO, "Dry run", "Everything is planned and checked; nothing is sent to the board."
        )
        self.stop_question = MessagePanel(Severity.WARN, "Stop this run?", STOP_MEANS)
        self.trouble = MessagePanel(Severity.ERROR, "")
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._prepare_customers()
        self._lay_out()

    def begin(self, *, dry_run: bool, undo: bool = False) -> None:
        """Clear everything for a run that starts."""
        self.customers.begin(dry_run=dry_run, undo=undo)
        self.log.clear()
        self.gauges.forget()
        self.dry_run_banner.setVisible(dry_run)
        for panel in (self.stop_question, self.trouble, self.summary):
            panel.hide()
        self.gauges.show()
        self.log.show()

    def events_shown(
        self, events: Sequence[RunEvent], changes: Changes, progress: RunProgress
    ) -> tuple[Callable[[], None], ...]:
        """Return what brings everything up to date after a delivery, each piece other widgets.

        To paint all of them at once takes longer than a frame.
        """
        now = datetime.now().astimezone()
        told = [words for event in events if (words := sentence(event, progress)) is not None]
        return (
            partial(self.log.append, [LogLine(now, words) for words in told]),
            partial(self._show_customers, changes, progress),
            partial(self._show_totals, changes, progress),
        )

    def _show_customers(self, changes: Changes, progress: RunProgress) -> None:
        self.customers.update_customers(changes.customers, list(progress.customers.values()))

    def _show_totals(self, changes: Changes, progress: RunProgress) -> None:
        if changes.budget is not None:
            self.gauges.set_budget(changes.budget)
        self.bar.set_counts(pass_counts(progress.items), pass_counts(progress.subitems))
        self.show_time(progress)

    def show_time(self, progress: RunProgress) -> None:
        """Bring the words that change with time up to date; the bar stays where it is."""
        now = self._clock()
        skipped = progress.skipped_text()
        activity = progress.activity(now)
        words = activity[:1].upper() + activity[1:]
        self.activity.setText(f"{words} · {skipped}" if skipped else words)
        self.activity.setToolTip(self.activity.text())
        parts = [f"{clock_text(progress.elapsed(now))} elapsed"]
        # After the end the summary tells the pace of the whole run: two figures would contradict each other.
        pace = None if progress.phase is RunPhase.FINISHED else progress.per_minute(now)
        if pace is not None:
            parts.append(f"{number_text(round(pace))} records a minute")
        if (left := progress.seconds_left(now)) is not None:
            parts.append(about_left_text(left))
        self.pace.setText(" · ".join(parts))

    def tick(self, progress: RunProgress) -> None:
        """A second has passed."""
        self.show_time(progress)
        self.customers.tick()

    def ask_to_stop(self) -> None:
        """Show the question, wherever the page is scrolled to."""
        self.stop_question.show()
        self._area.verticalScrollBar().setValue(0)

    def show_end(self) -> None:
        """Take away what belongs only to a run that goes on."""
        self.stop_question.hide()
        self.gauges.hide()

    def show_summary(self, report: RunReport) -> None:
        """Show the report of the run that was watched here."""
        self.summary.set_report(report)
        self.summary.show()

    def show_trouble(self, problem: Problem) -> None:
        """Show why a run ended without a report."""
        self.trouble.set_message(Severity.ERROR, problem.title, f"{problem.subject}\n{problem.remedy}")
        self.trouble.show()

    def show_report(self, report: RunReport) -> None:
        """Show a run that nobody watched here: there is no log of it."""
        self.begin(dry_run=report.dry_run, undo=bool(report.undoes))
        items, subitems = totals_of(report)
        self.bar.set_counts(pass_counts(items), pass_counts(subitems))
        self.activity.setText("The last run")
        self.pace.setText(f"{clock_text(report.seconds)} elapsed")
        self.customers.set_records(customers_of(report))
        self.show_end()
        self.log.hide()
        self.show_summary(report)

    def copy(self) -> None:
        """Copy from the table that has the focus."""
        if self.customers_table.hasFocus():
            copy_selection(self.customers_table, headers=True)
        else:
            self.log.copy()

    def remember(self, preferences: Preferences) -> None:
        """Keep the layout."""
        preferences.remember_state("run/customers", self.customers_table.horizontalHeader())
        preferences.remember_state("run/splitter", self._splitter)

    def restore(self, preferences: Preferences) -> None:
        """Take the layout up again."""
        preferences.restore_state("run/customers", self.customers_table.horizontalHeader())
        preferences.restore_state("run/splitter", self._splitter)

    def _prepare_customers(self) -> None:
        table = self.customers_table
        prepare_table(table, "Customers of the run")
        table.setModel(self.customers)
        table.setItemDelegateForColumn(PROGRESS_COLUMN, MiniBarDelegate(table))
        table.setMinimumHeight(LEAST_TABLE)
        for column, width in enumerate(_WIDTHS):
            table.setColumnWidth(column, width)
        header = table.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(PROGRESS_COLUMN, QHeaderView.ResizeMode.Stretch)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.sortIndicatorChanged.connect(self.customers.sort)

    def _lay_out(self) -> None:
        status = QHBoxLayout()
        status.addWidget(self.activity, 1)
        status.addWidget(self.pace)
        top = QVBoxLayout()
        top.setSpacing(RELATED)
        top.addWidget(self.bar)
        top.addLayout(status)
        top.addWidget(self.gauges)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.customers_table)
        self._splitter.addWidget(self.log)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 1)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        self._area = ScrollColumn()
        page.addWidget(self._area)
        column = self._area.column
        for panel in (self.dry_run_banner, self.stop_question, self.trouble):
            column.addWidget(panel)
            panel.hide()
        column.addWidget(card(top))
        column.addWidget(self.summary)
        self.summary.hide()
        column.addWidget(self._splitter, 1)
