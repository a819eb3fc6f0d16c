"""The log of a run: the last sentences with their times, filtered by a text."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gui.icons import icon
from gui.models.run_sentences import Mark, Sentence
from gui.theme import current_tokens

KEPT_LINES = 5_000
COLUMNS = ("Time", "Event")

_ROOT = QModelIndex()
# As plain numbers: the members of Qt's enumerations are slow to look up, and every painted cell asks.
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_DECORATION = int(Qt.ItemDataRole.DecorationRole)
_FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
_LOOKS = {  # mark -> icon, tone
    Mark.DONE: ("synced", "ok"),
    Mark.WARNING: ("warning", "warn"),
    Mark.ERROR: ("error", "error"),
    Mark.UNKNOWN: ("unknown", "unknown"),
}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One sentence and when it was heard, local time."""

    at: datetime
    sentence: Sentence

    @property
    def text(self) -> str:
        """The sentence with the word of its mark before it."""
        mark = self.sentence.mark
        plain = mark in (Mark.NOTE, Mark.DONE)
        return self.sentence.text if plain else f"{mark.value}: {self.sentence.text}"

    @property
    def copied(self) -> str:
        """The line as it is copied: time, tab, sentence."""
        return f"{self.at:%Y-%m-%d %H:%M:%S}\t{self.text}"


class RunLogModel(QAbstractTableModel):
    """The last 5,000 lines, oldest first. The oldest go when more come."""

    def __init__(self, parent: QObject | None = None, kept: int = KEPT_LINES) -> None:
        super().__init__(parent)
        self._kept = kept
        self._lines: deque[LogLine] = deque()
        self._shown: deque[LogLine] = deque()
        self._wanted = ""

    @property
    def line_count(self) -> int:
        """Lines that are kept, shown or not."""
        return len(self._lines)

    def line(self, row: int) -> LogLine:
        """Return a shown line. Raises IndexError past the end."""
        return self._shown[row]

    def append(self, lines: Sequence[LogLine]) -> None:
        """Add lines at the end; at most one removal and one insertion of rows."""
        new = list(lines)[-self._kept :]
        surplus = len(self._lines) + len(new) - self._kept
        gone = 0
        for _ in range(surplus):
            oldest = self._lines.popleft()
            gone += gone < len(self._shown) and self._shown[gone] is oldest
        if gone:
            self.beginRemoveRows(QModelIndex(), 0, gone - 1)
            for _ in range(gone):
                self._shown.popleft()
            self.endRemoveRows()
        self._lines.extend(new)
        matching = [line for line in new if self._matches(line)]
        if matching:
            first = len(self._shown)
            self.beginInsertRows(QModelIndex(), first, first + len(matching) - 1)
            self._shown.extend(matching)
            self.endInsertRows()

    def clear(self) -> None:
        """Forget all lines; the filter stays."""
        self.beginResetModel()
        self._lines.clear()
        self._shown.clear()
        self.endResetModel()

    def set_filter(self, text: str) -> None:
        """Show only lines that hold `text`, whatever its case; an empty text shows all."""
        self.beginResetModel()
        self._wanted = text.casefold()
        self._shown = deque(line for line in self._lines if self._matches(line))
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        """Return the number of shown lines."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        """Return two: the time and the event."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return what a cell answers for a role."""
        if not index.isValid():
            return None
        line = self._shown[index.row()]
        return _time_cell(line, role) if index.column() == 0 else _event_cell(line, role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section] if 0 <= section < len(COLUMNS) else None
        return None

    def _matches(self, line: LogLine) -> bool:
        return not self._wanted or self._wanted in line.text.casefold()


def _time_cell(line: LogLine, role: int) -> Any:
    if role == _DISPLAY:
        # Painted again with every new line; strftime imports a module at each call.
        return f"{line.at.hour:02}:{line.at.minute:02}:{line.at.second:02}"
    if role == _FOREGROUND:
        return current_tokens().color("muted")
    return f"{line.at:%Y-%m-%d %H:%M:%S}" if role == _TOOLTIP else None


def _event_cell(line: LogLine, role: int) -> Any:
    if role in (_DISPLAY, _TOOLTIP):
        return line.text
    if role not in (_DECORATION, _FOREGROUND) or (look := _LOOKS.get(line.sentence.mark)) is None:
        return None
    return icon(*look) if role == _DECORATION else current_tokens().color(look[1])
