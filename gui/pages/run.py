"""The Run page: carries one plan out at a time and shows it from the start to the report."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QHideEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.errors import DeltaDeskError, Problem
from core.sync.control import RunControl
from core.sync.events import RunEvent
from core.sync.plan import Plan
from core.sync.report import RunReport
from core.sync.undo import UndoPlan
from core.workspace import Workspace
from gui.event_pump import EventPump
from gui.models.run_progress import Changes, RunPhase, RunProgress
from gui.models.run_summary import has_open_failures
from gui.pages.run_view import STOP_MEANS, RunView
from gui.preferences import Preferences
from gui.task_owner import TaskOwner
from gui.theme import EDGE, GROUPS
from gui.turns import Turns
from gui.widgets.buttons import disable_because, enable, plain_button, primary_button
from gui.widgets.messages import EmptyState
from gui.widgets.page_stack import PageStack
from gui.widgets.toolbar import PageHeader

RUN = "run"
"""The name of the run's task."""


class RunPage(QWidget):
    """Shows the run that goes on, or the last one that ended. At most one run goes on at a time."""

    problem = Signal(object)
    """A `Problem` for the window to show."""
    started = Signal()
    finished = Signal(object)
    """The `RunReport` of a run that came to its end, whatever the end."""
    records_ended = Signal(list)
    """`RecordEnded` values, once a delivery."""
    failures_requested = Signal()
    orders_requested = Signal()
    budget_changed = Signal(object)
    """A `BudgetRead`."""

    def __init__(
        self, tasks: TaskOwner, preferences: Preferences, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._tasks = tasks
        self._preferences = preferences
        self._clock = clock
        self._workspace: Workspace | None = None
        self._control: RunControl | None = None
        self._progress = RunProgress()
        self._pump = EventPump(self)
        self._turns = Turns(self)
        self._second = QTimer(self, interval=1000)
        self.view = RunView(clock)
        self.pause_button = plain_button("Pause", "pause")
        self.stop_button = plain_button("Stop", "stop")
        self.orders_button = plain_button("Back to orders", "orders")
        self.failures_button = primary_button("Show failures", "failures")
        self._empty = EmptyState(
            "run",
            "Nothing has run yet",
            "Choose orders and push them: the run shows here, request by request.",
            "Go to Orders",
        )
        self._stack = PageStack()
        self._lay_out()
        self._connect()
        self.first_focus: QWidget = self.view.customers_table
        self.view.restore(preferences)
        self._show_controls()
        self._show_ways_on(None)

    @property
    def running(self) -> bool:
        """Whether a run goes on."""
        return self._control is not None

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Take another profile; a run that goes on stays on the page."""
        self._workspace = workspace
        if not self.running:
            self._progress = RunProgress()
            self._stack.setCurrentWidget(self._empty)
            self._show_ways_on(None)

    async def reload(self) -> None:
        """Show the last run's report where no run has been watched here."""
        if self._workspace is None or self._progress.phase is not RunPhase.IDLE:
            return
        reports = await self._workspace.recent_reports(1)
        # A run may have begun while the reports were read.
        if reports and not self.running and self._progress.phase is RunPhase.IDLE:
            self.view.show_report(reports[0])
            self._stack.setCurrentWidget(self.view)
            self._show_ways_on(reports[0])

    def focus_search(self) -> None:
        """Go to the filter of the log."""
        self.view.log.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def copy(self) -> None:
        """Copy from the table that has the focus."""
        self.view.copy()

    def start(self, plan: Plan, *, dry_run: bool = False) -> bool:
        """Carry a plan out. False: refused, because a run goes on or no profile is open."""
        workspace, control = self._workspace, RunControl()
        if workspace is None:
            return False

        def work(stopping: asyncio.Event) -> Coroutine[Any, Any, RunReport]:
            return self._carry_out(stopping, workspace, plan, control, dry_run=dry_run)

        if self.running or not self._tasks.start(RUN, work, done=self._done, problem=self._failed):
            self.problem.emit(_already_running())
            return False
        self._control = control
        self._progress = RunProgress(_undone_before(plan))
        self.view.begin(dry_run=dry_run, undo=bool(plan.undoes))
        for piece in self._pieces(()):
            piece()
        self._stack.setCurrentWidget(self.view)
        self._second.start()
        self._show_controls()
        self._show_ways_on(None)
        self.started.emit()
        return True

    def pause_or_resume(self) -> None:
        """Hold further requests back, or let them leave again."""
        if self._control is None:
            return
        if self._control.paused:
            self._control.resume()
        else:
            self._control.pause()
        self._show_controls()

    def stop(self) -> None:
        """Ask the run to end after the requests that are under way."""
        self.view.stop_question.hide()
        if self._control is not None:
            self._control.stop()
            self._show_controls()

    async def _carry_out(
        self, stopping: asyncio.Event, workspace: Workspace, plan: Plan, control: RunControl, *, dry_run: bool
    ) -> RunReport:
        # The owner of the task asks through `stopping` when the window closes; the engine obeys its control.
        asked = asyncio.ensure_future(stopping.wait())
        asked.add_done_callback(lambda wait: None if wait.cancelled() else control.stop())
        report: RunReport | None = None
        try:
            report = await workspace.run(plan, control, self._pump.publish, dry_run=dry_run)
            # Reports that are read later have this from the journal.
            report = replace(report, undoes_also=_undone_before(plan))
            return report
        finally:
            asked.cancel()
            await asyncio.wait([asked])
            self._end(report)
            await self._turns.over()

    def _end(self, report: RunReport | None) -> None:
        """Leave the running state, however the run ended; what shows it follows piece by piece."""
        self._pump.flush()
        self._second.stop()
        self._control = None
        self._progress.abandon(self._clock())
        self._turns.add(partial(self.view.tick, self._progress))
        if report is not None:
            self._turns.add(partial(self.view.summary.set_report, report, watched=True))
        self._turns.add(partial(self._show_end, report))

    def _show_end(self, report: RunReport | None) -> None:
        """Change what belongs to a run for what belongs to its end, at once: it is laid out once."""
        self._show_controls()
        self._show_ways_on(report)
        self.view.show_end()
        self.view.summary.setVisible(report is not None)

    def _done(self, report: RunReport) -> None:
        words = self.view.summary.panel.words()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))
        self.finished.emit(report)

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, DeltaDeskError):
            self.view.show_trouble(error.problem)
            self.problem.emit(error.problem)

    def _arrived(self, events: list[RunEvent]) -> None:
        self._turns.add(*self._pieces(events))

    def _pieces(self, events: Sequence[RunEvent]) -> tuple[Callable[[], object], ...]:
        changes = self._progress.apply(events, self._clock())
        return (*self.view.events_shown(events, changes, self._progress), partial(self._tell, changes))

    def _tell(self, changes: Changes) -> None:
        self._show_controls()
        if changes.budget is not None:
            self.budget_changed.emit(changes.budget)
        if changes.records:
            self.records_ended.emit(list(changes.records))

    def _show_controls(self) -> None:
        control = self._control
        paused = control is not None and control.paused
        self.pause_button.setText("Resume" if paused else "Pause")
        for button in (self.pause_button, self.stop_button):
            button.setVisible(control is not None)
            if control is not None and control.stopping:
                disable_because(button, "The run is stopping: the requests under way are awaited.")
            else:
                enable(button)

    def _show_ways_on(self, report: RunReport | None) -> None:
        """Offer what can be done after a run; nothing while one goes on."""
        self.orders_button.setVisible(report is not None)
        self.failures_button.setVisible(report is not None and has_open_failures(report))

    def _tick(self) -> None:
        self.view.tick(self._progress)

    def _ask_to_stop(self) -> None:
        self.view.ask_to_stop()
        self.keep_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        self.pause_button.setToolTip("Hold further requests back; what is under way is awaited.")
        self.stop_button.setToolTip(f"End the run after the requests under way. {STOP_MEANS}")
        header = PageHeader("Run")
        for button in (self.pause_button, self.stop_button, self.orders_button, self.failures_button):
            header.add(button)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        page = QVBoxLayout(self)
        page.setContentsMargins(EDGE, GROUPS, EDGE, GROUPS)
        page.setSpacing(GROUPS)
        page.addWidget(header)
        page.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self._pump.arrived.connect(self._arrived)
        self._second.timeout.connect(self._tick)
        self.pause_button.clicked.connect(self.pause_or_resume)
        self.stop_button.clicked.connect(self._ask_to_stop)
        question = self.view.stop_question
        self.keep_button = question.add_action("Keep running", question.hide)
        self.confirm_stop_button = question.add_action("Stop the run", self.stop)
        self._empty.activated.connect(self.orders_requested)
        self.orders_button.clicked.connect(self.orders_requested)
        self.failures_button.clicked.connect(self.failures_requested)

    def hideEvent(self, event: QHideEvent) -> None:
        """Remember the layout when the operator leaves the page."""
        super().hideEvent(event)
        self.view.remember(self._preferences)


def _undone_before(plan: Plan) -> tuple[str, ...]:
    """Return the runs, oldest first, that an undo takes back beside the one that it names."""
    return tuple(run.run_id for run in plan.runs[:-1]) if isinstance(plan, UndoPlan) else ()


def _already_running() -> Problem:
    return Problem(
        "run_under_way",
        "A run goes on already",
        "this window",
        "Wait for its end on the Run page, or stop it there, then push again.",
    )
