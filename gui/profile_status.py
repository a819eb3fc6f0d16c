"""What the status bar says about the open profile."""

from core.errors import DeltaDeskError, Problem
from core.orders.model import PENDING_STATES, OrderFilter
from core.redaction import redact
from core.sync.events import BudgetRead
from core.workspace import Workspace
from gui.models.order_selection import SelectionTotals
from gui.push import count_words
from gui.shell import STATUS_PARTS, MainWindow
from gui.widgets.tables import number_text

_DATABASES = {"sqlite": "SQLite", "mssql": "SQL Server", "mariadb": "MariaDB", "mysql": "MySQL"}
_SHORT_OF_BUDGET = 0.1


class ProfileStatus:
    """Fills the parts of one window's status bar."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def forget(self) -> None:
        """Say nothing of the profile that was open."""
        for part in STATUS_PARTS:
            self._window.set_status(part, "")

    def show_opening(self) -> None:
        """Say that a profile is being opened."""
        self._window.set_status("database", "Opening …", "muted")

    def show_not_open(self, problem: Problem) -> None:
        """Say that no profile is open; the tooltip says why."""
        self._window.set_status("database", "Not open", "error", redact(problem.title))

    async def show_database(self, workspace: Workspace) -> None:
        """Ask the database how many orders are pending, and say whether it answers."""
        try:
            waiting = await workspace.order_count(OrderFilter(states=PENDING_STATES))
        except DeltaDeskError as error:
            self._window.set_status("database", "Database", "error", error.problem.title)
            return
        dialect = redact(workspace.profile.database_url).split(":", 1)[0].split("+", 1)[0]
        self._window.set_status(
            "database",
            f"{_DATABASES.get(dialect, dialect)} ok",
            "ok",
            f"{number_text(waiting)} orders pending",
        )

    async def show_board(self, workspace: Workspace) -> None:
        """Ask the board for its name. Raises `DeltaDeskError` where it does not answer, after saying so."""
        try:
            schema = await workspace.board()
        except DeltaDeskError as error:
            self._window.set_status("monday", "monday.com", "error", str(error.problem))
            raise
        self._window.set_board(schema.items.name)
        name = "Practice board" if workspace.profile.uses_practice_board else "monday.com"
        self._window.set_status("monday", f"{name} ok", "ok", f"{schema.items.name}: open in the browser")

    def show_budget(self, budget: BudgetRead) -> None:
        """Say how much of the minute's budget a run has left."""
        if budget.complexity_left is None or not budget.complexity_quota:
            return
        share = budget.complexity_left / budget.complexity_quota
        self._window.set_status(
            "budget",
            f"{share * 100:.0f} % of the minute's budget left",
            "warn" if share < _SHORT_OF_BUDGET else "text",
            f"{count_words(budget.calls_made, 'call')} in this run",
        )

    def forget_budget(self) -> None:
        """Say nothing of the budget: without a run nobody knows it a minute later."""
        self._window.set_status("budget", "")

    def show_selection(self, totals: SelectionTotals) -> None:
        """Add up what is checked."""
        if not totals.orders:
            self._window.set_status("selection", "Nothing checked", "muted")
            return
        self._window.set_status(
            "selection",
            f"{count_words(totals.orders, 'order')} · {count_words(totals.lines, 'line')} · "
            f"{number_text(totals.pieces)} pcs",
        )
