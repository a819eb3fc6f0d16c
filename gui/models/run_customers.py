"""The customers of a run as table rows, brought up to date while it goes on."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QColor, QIcon

from gui.icons import icon
from gui.models.durations import duration_text
from gui.models.record_table import RecordTable, TableColumn
from gui.models.run_progress import CustomerProgress, CustomerState, Tally
from gui.models.run_summary import done_part
from gui.theme import current_tokens
from gui.widgets.progress import BAR_ROLE, PassCounts
from gui.widgets.tables import number_text

NO_ORDER = "Lines without an order"
PROGRESS_COLUMN = 2

_COUNTED = {  # title -> what the figures below count
    **dict.fromkeys(("Records", "Synced", "Skipped", "Unknown"), "Orders and lines together"),
    "Failed": "Orders and lines together: an order fails with any of its lines",
}
_LOOKS = {  # state -> icon, tone
    CustomerState.WAITING: ("pending", "muted"),
    CustomerState.ITEMS: ("sending", "accent"),
    CustomerState.SUBITEMS: ("sending", "accent"),
    CustomerState.DONE: ("check", "ok"),
    CustomerState.NOT_STARTED: ("pending", "muted"),
    CustomerState.STOPPED: ("warning", "warn"),
}


def pass_counts(tally: Tally) -> PassCounts:
    """Return a tally as the bars paint it. A skipped record has ended too: the bar reaches its end."""
    return PassCounts(tally.total, tally.synced + tally.skipped, tally.failed, tally.unknown)


class RunCustomersModel(RecordTable[CustomerProgress]):
    """One row a customer: state, bar, counts, time. `clock` gives the seconds that times are counted by."""

    def __init__(self, clock: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__(_columns(clock), parent)
        self._done = "Synced"

    def begin(self, *, dry_run: bool, undo: bool = False) -> None:
        """Show no customers; a run that begins tells its own."""
        self.set_records(())
        self._done = done_part(dry_run=dry_run, undo=undo)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title and what it counts; dry runs and undos sync nothing and say so."""
        title = super().headerData(section, orientation, Qt.ItemDataRole.DisplayRole)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _COUNTED.get(title)
        if role != Qt.ItemDataRole.DisplayRole:
            return super().headerData(section, orientation, role)
        return self._done if title == "Synced" else title

    def update_customers(self, names: Collection[str], all_customers: Sequence[CustomerProgress]) -> None:
        """Repaint the rows of these customers, and no others.

        A customer the run did not announce gets a row at the end.
        """
        if len(all_customers) > self.rowCount():
            self.beginInsertRows(QModelIndex(), self.rowCount(), len(all_customers) - 1)
            added = list(all_customers)[len(self._given) :]
            self._given.extend(added)
            self._shown.extend(added)
            self.endInsertRows()
        last = len(self._columns) - 1
        for row, shown in enumerate(self._shown):
            if shown.customer in names:
                self.dataChanged.emit(self.index(row, 1), self.index(row, last))

    def tick(self) -> None:
        """Repaint the running times of the customers under way."""
        time = len(self._columns) - 1
        for row, shown in enumerate(self._shown):
            if shown.seconds is None and shown.started_at is not None:
                self.dataChanged.emit(self.index(row, time), self.index(row, time))


def _look(row: CustomerProgress) -> tuple[str, str]:
    """Return icon and tone of a row's state; a customer with open ends is not shown in green."""
    if row.state is CustomerState.DONE and (row.tally.failed or row.tally.unknown):
        return _LOOKS[CustomerState.STOPPED]
    return _LOOKS[row.state]


def _columns(clock: Callable[[], float]) -> tuple[TableColumn[CustomerProgress], ...]:
    def state_icon(row: CustomerProgress) -> QIcon:
        return icon(*_look(row))

    def state_color(row: CustomerProgress) -> QColor:
        return current_tokens().color(_look(row)[1])

    def time(row: CustomerProgress) -> str:
        seconds = row.elapsed(clock())
        return "" if seconds is None else duration_text(seconds)

    def share(row: CustomerProgress) -> float:
        return row.tally.ended / row.tally.total if row.tally.total else 1.0

    return (
        TableColumn("Customer", lambda row: row.customer or NO_ORDER),
        TableColumn("State", lambda row: row.state.value, icon=state_icon, color=state_color),
        TableColumn(
            "Progress",
            lambda _row: "",
            sort_key=share,
            tooltip=lambda row: pass_counts(row.tally).words(),
            roles={BAR_ROLE: lambda row: pass_counts(row.tally)},
        ),
        _count("Records", lambda tally: tally.total),
        _count("Synced", lambda tally: tally.synced),
        _count("Failed", lambda tally: tally.failed, "error"),
        _count("Skipped", lambda tally: tally.skipped),
        _count("Unknown", lambda tally: tally.unknown, "unknown"),
        TableColumn("Time", time, sort_key=lambda row: row.elapsed(clock()) or 0.0, number=True),
    )


def _count(title: str, count: Callable[[Tally], int], tone: str = "text") -> TableColumn[CustomerProgress]:
    """Make a column of counts, in its tone where there is something to see."""

    def color(row: CustomerProgress) -> QColor:
        return current_tokens().color(tone if count(row.tally) else "muted")

    return TableColumn(
        title,
        lambda row: number_text(count(row.tally)),
        sort_key=lambda row: count(row.tally),
        number=True,
        color=color,
    )
