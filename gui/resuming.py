"""Runs that were interrupted: a bar that offers the rest of one, above the pages and in History."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.orders.model import Selection
from core.sync.report import RunReport
from core.workspace import Workspace
from core.workspace.resuming import InterruptedRun
from gui.task_owner import TaskOwner
from gui.theme import GROUPS, RELATED
from gui.widgets.buttons import disable_because, enable, link_button, plain_button
from gui.widgets.labels import IconLabel, body_label, set_style_property
from gui.widgets.tables import number_text

ASKING = "Asking the board what arrived, for up to a minute. Then only the rest is sent."


def offer_words(run: InterruptedRun, today: date, earlier: int = 0) -> str:
    """Return what is offered: which run, what is left of it, and how many earlier ones there are."""
    began = run.started_at.astimezone()
    when = f"{began:%H:%M}" if began.date() == today else f"{began:%Y-%m-%d, %H:%M},"
    how = "ended early" if run.ended_early else "was interrupted"
    parts = [f"The run of {when} {how}: {_left_words(run)}. Nothing is sent twice."]
    if earlier:
        runs = "1 earlier run was" if earlier == 1 else f"{number_text(earlier)} earlier runs were"
        parts.append(f"{runs} interrupted too: see History.")
    return " ".join(parts)


def _left_words(run: InterruptedRun) -> str:
    if not run.unfinished:
        return f"{number_text(run.unfinished_lines)} of its lines without an order are not looked at"
    customers = run.customers
    whose = customers[0] if len(customers) == 1 else f"{number_text(len(customers))} customers"
    are = "is" if len(run.unfinished) == 1 else "are"
    count = f"{number_text(len(run.unfinished))} of {number_text(run.orders)}"
    return f"{count} orders of {whose} {are} not finished"


def with_cut_off(reports: Sequence[RunReport], runs: Sequence[InterruptedRun]) -> list[RunReport]:
    """Return the reports with those of the runs that were cut off and left none, newest first."""
    known = {report.run_id for report in reports}
    accounts = [run.report for run in runs if run.report is not None and run.run_id not in known]
    return sorted([*reports, *accounts], key=lambda report: report.started_at, reverse=True)


class ResumeBar(QFrame):
    """One line about one interrupted run, and what to do about it. Hidden until it has a run."""

    resume_requested = Signal(object)
    """The `InterruptedRun`."""
    dismissed = Signal(object)
    """The `InterruptedRun` that is not to be offered any more."""
    run_changed = Signal()
    """Another run is offered, or none."""

    def __init__(self, *, may_wait: bool = True) -> None:
        """`may_wait`: it can be put off."""
        super().__init__()
        self.setProperty("role", "message")
        set_style_property(self, "severity", "info")
        self.run: InterruptedRun | None = None
        self._offer = ""
        self.words: QLabel = body_label("")
        self.resume_button = plain_button("Resume", "play")
        self.later_button = plain_button("Not now")
        self.dismiss_button = link_button("Don't offer it again")
        self._explain()
        row = QHBoxLayout(self)
        row.setContentsMargins(GROUPS - 4, RELATED, RELATED, RELATED)
        row.setSpacing(RELATED)
        row.addWidget(IconLabel("pause", "accent"))
        row.addWidget(self.words, 1)
        for button in self.buttons:
            row.addWidget(button)
        self.resume_button.clicked.connect(self._resume)
        self.later_button.clicked.connect(self.hide)
        self.dismiss_button.clicked.connect(self._dismiss)
        self.later_button.setVisible(may_wait)
        self.hide()

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """What can be done about the run."""
        return self.dismiss_button, self.later_button, self.resume_button

    def set_run(self, run: InterruptedRun | None, earlier: int = 0) -> None:
        """Offer a run; None: nothing. `earlier` are the interrupted runs beside it."""
        self.run = run
        if run is not None:
            self._offer = offer_words(run, datetime.now().astimezone().date(), earlier)
        self.set_busy(busy=False)
        self.setVisible(run is not None)
        self.run_changed.emit()

    def set_busy(self, *, busy: bool) -> None:
        """Say that the run is being taken up, or that it can be."""
        for button in self.buttons:
            if busy:
                disable_because(button, ASKING)
            else:
                enable(button)
        words = ASKING if busy else self._offer
        self.words.setText(words)
        self.setAccessibleName(f"Information: {words}")

    def _resume(self) -> None:
        if self.run is not None:
            self.resume_requested.emit(self.run)

    def _dismiss(self) -> None:
        if self.run is not None:
            self.dismissed.emit(self.run)

    def _explain(self) -> None:
        self.resume_button.setToolTip("Ask the board what arrived of this run, and send only the rest")
        self.later_button.setToolTip("Offer it again at the next start; History offers it in the meantime")
        self.dismiss_button.setToolTip("Leave the run as it is; its pending orders are sent by any later run")


class ResumeOffer(QWidget):
    """The window's bar: offers the newest interrupted run of the open profile."""

    resume_requested = Signal(object)
    """The `InterruptedRun`."""
    dismissed = Signal()
    """A run is not offered any more."""

    def __init__(self, tasks: TaskOwner, in_history: ResumeBar) -> None:
        """`in_history` offers the run that is chosen there; what is asked for there is carried out here."""
        super().__init__()
        self._tasks = tasks
        self._workspace: Workspace | None = None
        self._put_off: set[str] = set()
        self.bar = ResumeBar()
        self._in_history = in_history
        self._bars = (self.bar, in_history)
        self._page = ""
        self.look_again = QTimer(self, singleShot=True)
        """Runs out when a worker that cannot be asked whether it lives must have shown a sign of life."""
        column = QVBoxLayout(self)
        column.setContentsMargins(RELATED, RELATED, RELATED, 0)
        column.addWidget(self.bar)
        self.look_again.timeout.connect(
            lambda: self._tasks.replace("look for interrupted runs", self.reload())
        )
        for bar in self._bars:
            bar.resume_requested.connect(self.resume_requested)
            bar.dismissed.connect(self._dismiss_run)
        self.bar.later_button.clicked.connect(self._put_off_run)
        in_history.run_changed.connect(self._show_or_hide)
        self.hide()

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Take another profile; `reload` looks at its runs."""
        self._workspace = workspace
        self._show(())
        self.look_again.stop()
        if workspace is not None:
            self.look_again.start(round((workspace.profile.limits.claim_seconds + 1) * 1000))

    def set_page(self, page_id: str) -> None:
        """The page that is shown: where History offers the very run, the window need not."""
        self._page = page_id
        self._show_or_hide()

    async def reload(self) -> None:
        """Look which runs were interrupted, and offer the newest that was not put off."""
        workspace = self._workspace
        if workspace is None:
            return
        runs = await workspace.interrupted_runs()
        if workspace is self._workspace:
            self._show([run for run in runs if run.run_id not in self._put_off])

    def hide_run(self) -> None:
        """Offer nothing: a run begins."""
        self._show(())

    async def take_up(self, run: InterruptedRun, push: Callable[[Selection], Awaitable[None]]) -> None:
        """Push what is left of a run; the bars say so until it has begun, or offer it again."""
        for bar in self._bars:
            bar.set_busy(busy=True)
        try:
            await push(run.selection)
        finally:
            for bar in self._bars:
                bar.set_busy(busy=False)

    def _dismiss_run(self, run: InterruptedRun) -> None:
        self._tasks.start(f"dismiss run {run.run_id}", self._dismiss(run))

    async def _dismiss(self, run: InterruptedRun) -> None:
        if self._workspace is not None:
            await self._workspace.dismiss_run(run.run_id)
            await self.reload()
            self.dismissed.emit()

    def _put_off_run(self) -> None:
        run = self.bar.run
        if run is not None:
            self._put_off.add(run.run_id)
        self._show(())

    def _show(self, runs: Sequence[InterruptedRun]) -> None:
        self.bar.set_run(runs[0] if runs else None, max(0, len(runs) - 1))
        self._show_or_hide()

    def _show_or_hide(self) -> None:
        offered, there = self.bar.run, self._in_history.run
        is_there = offered is not None and there is not None and offered.run_id == there.run_id
        self.setVisible(offered is not None and not (is_there and self._page == "history"))
