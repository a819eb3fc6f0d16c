"""A table over frozen records: columns are data, a row is the record itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QIcon

Record = TypeVar("Record")
Index = QModelIndex | QPersistentModelIndex

RECORD_ROLE = int(Qt.ItemDataRole.UserRole)
"""The record of a row, whole."""
_ROOT = QModelIndex()
# As plain numbers: to look a member of an enumeration up costs more than the rest of an answer.
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_DECORATION = int(Qt.ItemDataRole.DecorationRole)
_FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True)
class TableColumn(Generic[Record]):
    """One column: its title, its text, and what else a cell has."""

    title: str
    text: Callable[[Record], str]
    sort_key: Callable[[Record], Any] | None = None
    """None: sorted by the text, case-insensitively."""
    number: bool = False
    """Right-aligned."""
    icon: Callable[[Record], QIcon | None] | None = None
    color: Callable[[Record], QColor | None] | None = None
    tooltip: Callable[[Record], str] | None = None
    """None: the text, which a narrow column cuts."""
    roles: Mapping[int, Callable[[Record], Any]] | None = None
    """Other roles, for a delegate."""

    def value(self, record: Record, role: int) -> Any:
        """Return what the cell of `record` answers for a role; None where it has nothing to say."""
        answer = self._answers.get(role)
        return answer(record) if answer else None

    @cached_property
    def _answers(self) -> Mapping[int, Callable[[Record], Any]]:
        """By role. A painted cell asks for ten roles, so a role without an answer must cost nothing."""
        answers: dict[int, Callable[[Record], Any]] = {
            _DISPLAY: self.text,
            _TOOLTIP: self.tooltip or self.text,
            **(self.roles or {}),
        }
        if self.icon:
            answers[_DECORATION] = self.icon
        if self.color:
            answers[_FOREGROUND] = self.color
        if self.number:
            answers[_ALIGNMENT] = lambda _record: _RIGHT
        return answers

    def order_of(self, record: Record) -> Any:
        """Return what the column sorts a record by."""
        return self.sort_key(record) if self.sort_key else self.text(record).casefold()


class RecordTable(QAbstractTableModel, Generic[Record]):
    """Rows of records, sortable by every column; sorting by column -1 gives the first order back."""

    def __init__(self, columns: Sequence[TableColumn[Record]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._given: list[Record] = []
        self._shown: list[Record] = []
        self._sort: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)

    @property
    def records(self) -> Sequence[Record]:
        """The rows as they are shown."""
        return tuple(self._shown)

    def set_records(self, records: Iterable[Record]) -> None:
        """Show other records; the sort order stays in force."""
        self.beginResetModel()
        self._given = list(records)
        self._shown = self._sorted(self._given)
        self.endResetModel()

    def record(self, row: int) -> Record | None:
        """Return the record of a row, or None past the end."""
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of records; a record has no children."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell answers for a role."""
        if not index.isValid():
            return None
        record = self._shown[index.row()]
        return record if role == RECORD_ROLE else self._columns[index.column()].value(record, role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title, aligned like its cells."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.number else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort the rows; what is selected stays selected."""
        self._sort = (column, order)
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        held = [self._shown[index.row()] for index in before]
        self._shown = self._sorted(self._given)
        rows = {id(record): row for row, record in enumerate(self._shown)}
        after = [
            self.index(rows[id(record)], index.column()) for index, record in zip(before, held, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _sorted(self, records: Sequence[Record]) -> list[Record]:
        column, order = self._sort
        if not 0 <= column < len(self._columns):
            return list(records)
        descending = order is Qt.SortOrder.DescendingOrder
        return sorted(records, key=self._columns[column].order_of, reverse=descending)
