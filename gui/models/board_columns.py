"""The columns of a live board as choices: which a rule can write, and why it can't write the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.mapping.writers import read_only_reason
from core.monday.board import Board, Column
from gui.icons import column_type_icon
from gui.theme import current_tokens

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()

CHOICE_ROLE = int(Qt.ItemDataRole.UserRole)
"""The `ColumnChoice` of a row."""

_NAME_REASON = "The name is written by the name template."
_ARCHIVED = "The column is archived on the board; restore it there to write it."


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """One board column and whether a rule may write it."""

    id: str
    title: str
    type: str
    reason: str = ""
    """Why it can't be chosen; empty when it can."""
    mapped: bool = False
    """Whether a rule writes it already."""


def column_words(column_type: str) -> str:
    """Return a column type as a person reads it: "long text"."""
    return column_type.replace("_", " ")


def column_choices(board: Board | None, mapped: Mapping[str, str]) -> tuple[ColumnChoice, ...]:
    """Return the columns of a board, those that can be chosen first, each part in the board's order.

    `mapped` names the source of each column that a rule writes already.
    """
    choices = [_choice(column, mapped) for column in board.columns] if board else []
    return tuple(sorted(choices, key=lambda choice: bool(choice.reason)))


def unmapped(choices: Iterable[ColumnChoice]) -> tuple[ColumnChoice, ...]:
    """Return the columns that no rule writes, without those that hold the name and the subitems."""
    return tuple(each for each in choices if not each.mapped and each.type not in {"name", "subtasks"})


def _choice(column: Column, mapped: Mapping[str, str]) -> ColumnChoice:
    origin = mapped.get(column.id)
    if origin is not None:
        reason = f"Already written from {origin or 'a new rule'}."
        return ColumnChoice(column.id, column.title, column.type, reason, mapped=True)
    return ColumnChoice(column.id, column.title, column.type, _reason(column))


def _reason(column: Column) -> str:
    if column.type == "name":
        return _NAME_REASON
    return _ARCHIVED if column.archived else read_only_reason(column.type) or ""


class BoardColumnsModel(QAbstractTableModel):
    """Board columns with their type's icon; those that can't be chosen are grey and say why."""

    TITLES = ("Board column", "Type or reason")

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[ColumnChoice, ...] = ()

    @property
    def choices(self) -> Sequence[ColumnChoice]:
        """The rows."""
        return self._choices

    def set_choices(self, choices: Iterable[ColumnChoice]) -> None:
        """Show other columns."""
        choices = tuple(choices)
        if choices != self._choices:
            self.beginResetModel()
            self._choices = choices
            self.endResetModel()

    def row_of(self, column_id: str) -> int:
        """Return the row of a column, -1 where the board does not have it."""
        return next((row for row, choice in enumerate(self._choices) if choice.id == column_id), -1)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of columns of the board."""
        return 0 if parent.isValid() else len(self._choices)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return 2: title, and type or reason."""
        return 0 if parent.isValid() else len(self.TITLES)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A column that can't be chosen can be looked at, with its reason, but not picked."""
        flags = super().flags(index)
        if index.isValid() and self._choices[index.row()].reason:
            return flags & ~Qt.ItemFlag.ItemIsEnabled
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell answers for a role."""
        if not index.isValid():
            return None
        choice = self._choices[index.row()]
        title = index.column() == 0
        answer: Any = None
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                answer = choice.title if title else choice.reason or column_words(choice.type)
            case Qt.ItemDataRole.DecorationRole if title:
                answer = column_type_icon(choice.type)
            case Qt.ItemDataRole.ForegroundRole if choice.reason or not title:
                answer = current_tokens().color("muted")
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                words = f"{choice.title} ({column_words(choice.type)})"
                answer = f"{words}: {choice.reason}" if choice.reason else words
            case _ if role == CHOICE_ROLE:
                answer = choice
            case _:
                pass
        return answer

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a heading."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.TITLES[section] if 0 <= section < len(self.TITLES) else None
        return None
