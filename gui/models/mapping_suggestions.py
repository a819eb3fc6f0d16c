"""Suggestion rules: which of them still count for the mapping being edited, and a table to choose from."""

from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.config.model import ColumnMapping
from core.mapping.suggestions import Suggestion
from gui.icons import column_type_icon
from gui.theme import current_tokens

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


def percent(suggestion: Suggestion) -> int:
    """Return how sure a suggestion is, as a person reads it: 0 to 100."""
    return round(suggestion.confidence * 100)


def suggestion_words(suggestion: Suggestion) -> str:
    """Return how sure a suggestion is, and why: "95 %: the titles are the same"."""
    return f"{percent(suggestion)} %: {suggestion.reason}"


def still_open(suggestions: Iterable[Suggestion], rules: Sequence[ColumnMapping]) -> tuple[Suggestion, ...]:
    """Return what is suggested for columns without a rule, from sources without one: the surest first."""
    columns = {rule.column for rule in rules}
    sources = {rule.source for rule in rules}
    left = (each for each in suggestions if each.column_id not in columns and each.source not in sources)
    return tuple(sorted(left, key=lambda each: -each.confidence))


class SuggestionsModel(QAbstractTableModel):
    """Suggestions with a check box each; those at or above the threshold are checked."""

    TITLES = ("Source", "Board column", "Sure", "Why")

    def __init__(self, suggestions: Sequence[Suggestion], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = tuple(suggestions)
        self._checked: set[int] = set()

    @property
    def checked(self) -> tuple[Suggestion, ...]:
        """The suggestions that are to be accepted."""
        return tuple(each for row, each in enumerate(self._rows) if row in self._checked)

    def set_threshold(self, least: int) -> None:
        """Check all that are at least so sure, and no other."""
        self._checked = {row for row, each in enumerate(self._rows) if percent(each) >= least}
        self._tell_checks(0, len(self._rows) - 1)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of suggestions."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return 4."""
        return 0 if parent.isValid() else len(self.TITLES)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let the first cell of a row be checked."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == 0 else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell answers for a role."""
        if not index.isValid():
            return None
        each, column = self._rows[index.row()], index.column()
        answer: Any = None
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                answer = (each.source, each.column_title, f"{percent(each)} %", each.reason)[column]
            case Qt.ItemDataRole.CheckStateRole if column == 0:
                on = index.row() in self._checked
                answer = Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.DecorationRole if column == 1:
                answer = column_type_icon(each.column_type)
            case Qt.ItemDataRole.TextAlignmentRole if column == 2:
                answer = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.ForegroundRole if column == 3:
                answer = current_tokens().color("muted")
            case _:
                pass
        return answer

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Check or uncheck a suggestion."""
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        if Qt.CheckState(value) is Qt.CheckState.Checked:
            self._checked.add(index.row())
        else:
            self._checked.discard(index.row())
        self._tell_checks(index.row(), index.row())
        return True

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a heading."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.TITLES[section] if 0 <= section < len(self.TITLES) else None
        return None

    def _tell_checks(self, first: int, last: int) -> None:
        if last >= first:
            role = Qt.ItemDataRole.CheckStateRole
            self.dataChanged.emit(self.index(first, 0), self.index(last, 0), [role])
