"""The desktop: one window over one open profile. It wires the pages to each other and to the workspace."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, Protocol, cast

import structlog
from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from core.config.load import data_folder, load_configuration
from core.config.model import Configuration
from core.demo.practice import opened_profile
from core.errors import DeltaDeskError, Problem
from core.orders.model import Selection
from core.redaction import redact
from core.sync.plan import Plan
from core.sync.report import RunReport
from core.workspace import Workspace
from gui.models.order_selection import SelectionTotals
from gui.page_keys import PAGE_KEYS
from gui.pages.failures import FailuresPage
from gui.pages.history import HistoryPage
from gui.pages.mappings import MappingsPage
from gui.pages.orders import OrdersPage
from gui.pages.preview import PreviewPage
from gui.pages.run import RunPage
from gui.pages.settings import SettingsPage
from gui.preferences import Preferences
from gui.preparing import prepare_orders
from gui.profile_status import ProfileStatus
from gui.push import count_words, needs_confirmation, push_facts, sendable_orders
from gui.resuming import ResumeOffer
from gui.run_menu import PushButton, RunMenu
from gui.shell import MainWindow
from gui.task_owner import TaskOwner
from gui.theme import Theme
from gui.turns import Turns
from gui.undoing import undo_run
from gui.widgets.closed_page import ProfileState
from gui.widgets.dialogs import ConfirmPanel, problem_dialog

log = structlog.get_logger(__name__)

PRACTICE_MUTATION_MS = 8.0
"""The practice board takes so long for each mutation, so that a run can be watched."""

RUNNING = "A run is going on. Wait for its end, or stop it in Run."


class Page(Protocol):
    """What the desktop asks of every page."""

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Show another profile, or none; `reload` reads it."""

    async def reload(self) -> None:
        """Read again what is shown."""


class Desktop(QObject):
    """The application without its event loop: tests drive it just as `gui.app` does."""

    profile_opened = Signal()
    """A profile is open and its orders are shown."""
    closed = Signal()
    """Everything is closed; the loop may end."""

    def __init__(self, theme: Theme, preferences: Preferences) -> None:
        super().__init__()
        self.tasks = TaskOwner(on_problem=self._task_problem, on_bug=self._task_bug)
        self.window = MainWindow(preferences, theme)
        self._status = ProfileStatus(self.window)
        self.orders = OrdersPage(self.tasks, preferences)
        self.preview = PreviewPage(self.tasks, preferences)
        self.run = RunPage(self.tasks, preferences)
        self.failures = FailuresPage(self.tasks, preferences)
        self.mappings = MappingsPage(self.tasks, preferences)
        self.history = HistoryPage(self.tasks, preferences)
        self.settings = SettingsPage(self.tasks, preferences)
        self.resuming = ResumeOffer(self.tasks, self.history.resume_bar)
        self.window.add_bar(self.resuming)
        self.workspace: Workspace | None = None
        self._configuration: Configuration | None = None
        self._opened = AsyncExitStack()
        self._turns = Turns(self)
        self._closing = False
        for page_id, page in self._pages().items():
            self.window.add_page(page_id, cast("QWidget", page))
            cast("Any", page).problem.connect(self.show_problem)
        self._connect()
        self._run_menu = RunMenu(
            self.window,
            {
                "orders": PushButton("P&ush the checked orders", self.orders.push_button),
                "preview": PushButton("P&ush what is previewed", self.preview.push_button),
            },
            preview=self.orders.preview_button,
            pause=self.run.pause_button,
            stop=self.run.stop_button,
        )
        for title, keys, words in PAGE_KEYS:
            self.window.add_shortcut_note(title, keys, words)
        self._show_state(ProfileState.NONE)

    def _pages(self) -> dict[str, Page]:
        return {
            "orders": self.orders,
            "preview": self.preview,
            "run": self.run,
            "failures": self.failures,
            "mappings": self.mappings,
            "history": self.history,
            "settings": self.settings,
        }

    # Opening and closing

    def open(self, path: Path, profile: str | None) -> None:
        """Read a configuration and open a profile of it; failures are shown with their remedy."""
        self.tasks.start("open", self._open(path, profile))

    async def _open(self, path: Path, profile: str | None) -> None:
        self._show_state(ProfileState.OPENING)
        try:
            await self._leave_profile()
            self._status.show_opening()
            workspace = await self._opened_profile(path, profile)
        except DeltaDeskError as error:
            self._opening_failed(error)
            return
        finally:
            # Before it is seen: the dialog of a failure opens over it.
            if self.workspace is None:
                self._show_state(ProfileState.NONE)
        for page in self._pages().values():
            page.set_workspace(workspace)
        self.resuming.set_workspace(workspace)
        self.window.set_profile(workspace.profile.badge, workspace.profile.kind.value)
        self._show_state(ProfileState.OPEN)
        await self._read_everything()
        self.window.focus_page()
        self.profile_opened.emit()

    async def _opened_profile(self, path: Path, profile: str | None) -> Workspace:
        configuration = await asyncio.to_thread(load_configuration, path)
        self._configuration = configuration
        self.settings.set_configuration(configuration)
        self.workspace = await self._opened.enter_async_context(
            opened_profile(configuration, profile, mutation_ms=PRACTICE_MUTATION_MS)
        )
        return self.workspace

    def _show_state(self, state: ProfileState) -> None:
        self.window.set_profile_state(state)
        self.settings.set_profile_state(state)

    async def _leave_profile(self) -> None:
        for page in self._pages().values():
            page.set_workspace(None)
        self.resuming.set_workspace(None)
        self.workspace = None
        self.window.set_profile("", "demo")
        self.window.set_board("")
        self._status.forget()
        await self._opened.aclose()
        self._opened = AsyncExitStack()

    def _opening_failed(self, error: DeltaDeskError) -> None:
        self._status.show_not_open(error.problem)
        self.window.focus_page()
        problem = error.problem
        others = "\n".join(str(each) for each in error.problems[1:])
        problem_dialog(self.window, problem.title, problem.subject, problem.remedy, redact(others) or None)

    async def _read_everything(self) -> None:
        self._status.show_selection(SelectionTotals())
        await self.orders.reload()
        await self._show_database()
        await self.resuming.reload()
        await self._show_board()
        for page in (self.failures, self.history, self.run, self.mappings, self.settings):
            await page.reload()

    async def _show_database(self) -> None:
        if self.workspace is not None:
            await self._status.show_database(self.workspace)

    async def _show_board(self) -> None:
        try:
            if self.workspace is not None:
                await self._status.show_board(self.workspace)
        except DeltaDeskError as error:
            self.show_problem(error.problem)

    async def close(self) -> None:
        """Stop what runs, close the profile and the window."""
        self._closing = True
        await self.tasks.close()
        await self._leave_profile()
        self.window.close_now()
        self.closed.emit()

    # What pages ask for

    def _connect(self) -> None:
        self.orders.preview_requested.connect(self._preview)
        self.orders.push_requested.connect(self._push_selection)
        self.orders.selection_changed.connect(self._status.show_selection)
        self.orders.prepare_requested.connect(lambda: self._start("prepare", self._prepare()))
        self.preview.push_requested.connect(self._push_plan)
        self.preview.plan_changed.connect(self.orders.set_plan)
        self.preview.orders_requested.connect(lambda: self.window.show_page("orders"))
        self.run.started.connect(self._run_started)
        self.run.finished.connect(self._run_finished)
        self.run.problem.connect(self._allow_pushes)
        self.run.records_ended.connect(self.orders.apply)
        self.run.failures_requested.connect(lambda: self.window.show_page("failures"))
        self.run.orders_requested.connect(lambda: self.window.show_page("orders"))
        self.run.budget_changed.connect(self._status.show_budget)
        self.failures.resend_requested.connect(self._push_selection)
        self.failures.count_changed.connect(lambda count: self.window.set_badge("failures", count))
        self.history.failures_requested.connect(lambda: self.window.show_page("failures"))
        self.history.undo_requested.connect(lambda report: self._start("push", self._undo(report)))
        self.resuming.resume_requested.connect(
            lambda run: self._start("push", self.resuming.take_up(run, self._plan_and_push))
        )
        self.window.page_changed.connect(self.resuming.set_page)
        self.resuming.dismissed.connect(lambda: self.tasks.replace("reload history", self.history.reload()))
        self.mappings.saved.connect(self._mapping_saved)
        self.mappings.reload_requested.connect(self._reopen)
        self.settings.profile_chosen.connect(self._choose_profile)
        self.settings.open_requested.connect(self._choose_configuration)
        self.window.reload_requested.connect(self._reload)
        self.window.open_requested.connect(self._choose_configuration)
        self.window.status_clicked.connect(self._status_clicked)
        self.window.close_requested.connect(self._ask_to_close)
        self.window.confirm_close = lambda: False

    def _preview(self, selection: Selection) -> None:
        self.window.show_page("preview")
        self.tasks.replace("preview", self.preview.show_selection(selection))

    def _push_selection(self, selection: Selection) -> None:
        self._start("push", self._plan_and_push(selection))

    def _push_plan(self, plan: Plan) -> None:
        self._start("push", self._push(plan))

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        if self.run.running:
            work.close()
            self.show_problem(
                Problem("run_going_on", "A run is going on already", "this window", "Wait for its end.")
            )
            return
        self.tasks.start(name, work)

    async def _plan_and_push(self, selection: Selection) -> None:
        if self.workspace is None:
            return
        self.window.statusBar().showMessage("Planning …")
        try:
            plan = await self.workspace.plan(selection)
        finally:
            self.window.statusBar().clearMessage()
        await self._push(plan)

    async def _push(self, plan: Plan) -> None:
        workspace = self.workspace
        if workspace is None:
            return
        if needs_confirmation(workspace) and not await self._confirmed(workspace, plan):
            return
        self._carry_out(plan)

    async def _undo(self, report: RunReport) -> None:
        if self.workspace is not None:
            await undo_run(self.window, self.workspace, report, self._carry_out)

    def _carry_out(self, plan: Plan) -> None:
        # Started before it is shown, the page is laid out once for all that changes by it.
        self.run.start(plan)
        self._turns.add(partial(self.window.show_page, "run"), self.window.focus_page)

    async def _confirmed(self, workspace: Workspace, plan: Plan) -> bool:
        orders = count_words(sendable_orders(plan), "order")
        panel = ConfirmPanel(
            self.window,
            f"Push {orders} to {workspace.profile.badge}?",
            push_facts(plan, await workspace.board()),
            f"Push {orders} to {workspace.profile.badge}",
            "Don't push",
        )
        return await panel.ask()

    async def _prepare(self) -> None:
        """Show what a preparation would do, and do it when the operator wants it."""
        if self.workspace is not None:
            await prepare_orders(self.window, self.workspace, self._prepared)

    async def _prepared(self) -> None:
        await self.orders.reload()
        await self._show_database()

    # A run begins and ends

    def _run_started(self) -> None:
        self.orders.set_push_blocked(RUNNING)
        self.preview.set_push_blocked(RUNNING)
        self._status.forget_budget()
        self.resuming.hide_run()

    def _run_finished(self, report: RunReport) -> None:
        self._allow_pushes()
        self.preview.forget()
        log.info("run_finished", run_id=report.run_id, exit_code=report.exit_code.value)
        if not self._closing:
            self.tasks.replace("after run", self._after_run())

    def _allow_pushes(self) -> None:
        """After a run, also one that ended without a report."""
        if not self.run.running:
            self.orders.set_push_blocked("")
            self.preview.set_push_blocked("")
            self._status.forget_budget()

    async def _after_run(self) -> None:
        await self.orders.reload()
        await self.failures.reload()
        await self.history.reload()
        await self.resuming.reload()
        await self._show_database()

    # Reloading and choosing

    def _reload(self) -> None:
        page = self._pages().get(self.window.current_page)
        if page is not None and self.workspace is not None:
            self.tasks.replace("reload", page.reload())

    def _choose_configuration(self) -> None:
        if self._refused("open it"):
            return
        dialog = QFileDialog(self.window, "Open configuration", "", "Configuration (*.toml)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(
            lambda name: self.tasks.start("open another", self._open_another(Path(name), None))
        )
        dialog.open()

    async def _open_another(self, path: Path, profile: str | None) -> bool:
        """Open a profile in the place of the present one, unless the operator wants to keep that."""
        if not await self._may_leave_mappings() or self._refused("open it"):
            return False
        self.mappings.forget_changes()
        self.open(path, profile)
        return True

    def _refused(self, then: str) -> bool:
        """Say, while a run goes on, that no other profile can be opened."""
        if self.run.running:
            self.show_problem(
                Problem("run_going_on", "A run is going on", "this window", f"Wait for its end, then {then}.")
            )
        return self.run.running

    def _choose_profile(self, name: str) -> None:
        if self._refused("switch"):
            self.settings.set_workspace(self.workspace)
        else:
            self.tasks.start("switch profile", self._switch(name))

    async def _switch(self, name: str) -> None:
        if self._configuration is None:
            return
        if not await self._open_another(Path(self._configuration.path), name):
            self.settings.set_workspace(self.workspace)
            await self.settings.reload()

    async def _may_leave_mappings(self) -> bool:
        """Ask before unsaved edits of the mapping are thrown away."""
        if not self.mappings.has_unsaved_changes:
            return True
        panel = ConfirmPanel(
            self.window,
            "The mapping has unsaved changes",
            [("Where", "Mappings"), ("If you go on", "the changes are lost; the saved mapping stays")],
            "Throw the changes away",
            "Stay",
        )
        return await panel.ask()

    def _reopen(self) -> None:
        """Read the configuration again, which somebody changed on disk; the page keeps its edits."""
        if self.workspace is not None and not self._refused("reload"):
            self.open(Path(self.workspace.configuration.path), self.workspace.profile.name)

    def _mapping_saved(self) -> None:
        if self.workspace is not None:
            self._configuration = self.workspace.configuration
            self.preview.forget()

    # Status bar

    def _status_clicked(self, part: str) -> None:
        if part == "monday" and self.workspace is not None:
            self.tasks.replace("open board", self._open_board(self.workspace))
        else:
            page = {"database": "settings", "budget": "run", "schedule": "monitor", "selection": "orders"}
            self.window.show_page(page.get(part, "orders"))

    async def _open_board(self, workspace: Workspace) -> None:
        url = (await workspace.board()).items.url
        if url.startswith(("https://", "http://")):
            QDesktopServices.openUrl(QUrl(url))

    # Closing the window

    def _ask_to_close(self) -> None:
        if self.run.running or self.mappings.has_unsaved_changes:
            self.tasks.start("close", self._confirm_close())
        else:
            self._finish()

    async def _confirm_close(self) -> None:
        if not await self._may_leave_mappings():
            return
        if not self.run.running:
            self._finish()
            return
        panel = ConfirmPanel(
            self.window,
            "A run is going on",
            [
                ("If you stop it", "records already sent stay on the board; the others stay pending"),
                ("Next time", "the rest is offered at once; nothing is sent twice"),
            ],
            "Stop the run and close",
            "Keep running",
        )
        if await panel.ask():
            self.run.stop()
            self._finish()

    def _finish(self) -> None:
        if not self._closing:
            self._closing = True
            # Not owned by the task owner: it is the one that closes the owner.
            self._last = asyncio.ensure_future(self.close())

    # Failures

    def show_problem(self, problem: Problem) -> None:
        """Show what happened, to what and what to do, until the operator has read it."""
        log.warning("problem", code=problem.code, title=problem.title, subject=problem.subject)
        problem_dialog(
            self.window,
            redact(problem.title),
            redact(problem.subject),
            redact(problem.remedy),
            f"Request {problem.request_id}" if problem.request_id else None,
        )

    def _task_problem(self, _name: str, error: BaseException) -> None:
        if isinstance(error, DeltaDeskError):
            self.show_problem(error.problem)

    def _task_bug(self, name: str, error: BaseException) -> None:
        self._allow_pushes()
        problem_dialog(
            self.window,
            "Something unexpected happened",
            f"while working on: {name}",
            "Nothing is lost. Try again; if it happens again, hand on the log file named below.",
            redact(f"{type(error).__name__}: {error}\nLog: {data_folder() / 'logs'}"),
        )
