"""The columns of a source table, with what they hold in the sample order and the rules that read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from core.config.model import ColumnMapping, Profile
from core.mapping.template import template_columns
from gui.models.row_changes import Removed, row_changes
from gui.theme import current_tokens

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()

_ROW_HASH = "row_hash"
"""By this column a preparation knows an order that changed."""

SOURCE_ROLE = int(Qt.ItemDataRole.UserRole)
"""The `SourceColumn` of a row."""


class _DraggedSource:
    """How a source column travels from the list to the table: its name, under a type of our own."""

    MIME_TYPE = "application/x-deltadesk-source-column"

    def data(self, name: str) -> QMimeData:
        """Return what is dragged; as text too, so that a template field takes it in braces."""
        data = QMimeData()
        data.setData(self.MIME_TYPE, QByteArray(name.encode()))
        data.setText(f"{{{name}}}")
        return data

    def name_in(self, data: QMimeData) -> str:
        """Return the name, empty when something else is dragged."""
        return bytes(data.data(self.MIME_TYPE).data()).decode()


dragged_source = _DraggedSource()


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """One column of the source table."""

    name: str
    sample: str = ""
    """What it holds in the sample order."""
    used_by: tuple[str, ...] = ()
    """Titles of the board columns that are made from it."""


def used_sources(rules: Sequence[ColumnMapping], titles: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the source columns that rules read, with the titles of the board columns made from each.

    `titles` goes by the board column's id; a column without a title goes by its id.
    """
    used: dict[str, tuple[str, ...]] = {}
    for rule in rules:
        names = (rule.source,) if rule.source else template_columns(rule.template or "")
        title = titles.get(rule.column, rule.column) or "a new rule"
        for name in dict.fromkeys(names):
            used[name] = (*used.get(name, ()), title)
    return used


def orders_own(profile: Profile, names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns without those in which the engine keeps how far it is; the keys stay."""
    columns = profile.columns
    kept = {columns.record_uuid, columns.line_uuid, columns.size_code, columns.qty}
    engine = {*columns.model_dump().values(), _ROW_HASH} - kept
    return tuple(name for name in names if name not in engine)


class SourceColumnsModel(QAbstractTableModel):
    """Source columns that can be dragged onto a board column; searched, and narrowed to those not mapped."""

    TITLES = ("Source column", "Sample")

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[SourceColumn, ...] = ()
        self._rows: list[SourceColumn] = []
        self._text = ""
        self._unmapped_only = True

    @property
    def columns(self) -> Sequence[SourceColumn]:
        """Every column of the table, shown or not."""
        return self._all

    def set_columns(self, columns: Sequence[SourceColumn]) -> None:
        """Take the columns of a table, or what became known of them; what is shown stays where it is."""
        new = tuple(columns)
        if new != self._all:
            self._all = new
            self._arrange()

    def narrow(self, text: str, *, unmapped_only: bool) -> None:
        """Show the columns that hold a text, in name or sample; on request only those that no rule reads."""
        self._text, self._unmapped_only = text.strip().casefold(), unmapped_only
        self._arrange()

    def _arrange(self) -> None:
        new = [each for each in self._all if self._is_wanted(each)]
        names = [each.name for each in new]
        for change in list(row_changes([each.name for each in self._rows], names)):
            if isinstance(change, Removed):
                self.beginRemoveRows(_ROOT, change.first, change.last)
                del self._rows[change.first : change.last + 1]
                self.endRemoveRows()
            else:
                self.beginInsertRows(_ROOT, change.first, change.last)
                self._rows[change.first : change.first] = new[change.first : change.last + 1]
                self.endInsertRows()
        before, self._rows = self._rows, new
        if before != new:
            self.dataChanged.emit(self.index(0, 0), self.index(len(new) - 1, 1))

    def _is_wanted(self, each: SourceColumn) -> bool:
        if self._unmapped_only and each.used_by:
            return False
        return self._text in each.name.casefold() or self._text in each.sample.casefold()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of columns shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return 2: name and sample."""
        return 0 if parent.isValid() else len(self.TITLES)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let each column be dragged."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else flags

    def mimeTypes(self) -> list[str]:
        """Return the type under which a column is dragged."""
        return [dragged_source.MIME_TYPE]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the first column of the selection."""
        return dragged_source.data(self._rows[indexes[0].row()].name if indexes else "")

    def supportedDragActions(self) -> Qt.DropAction:
        """Drag a copy: the list keeps the column."""
        return Qt.DropAction.CopyAction

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell answers for a role."""
        if not index.isValid():
            return None
        each, first = self._rows[index.row()], index.column() == 0
        answer: Any = None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                answer = each.name if first else each.sample
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                read = f"mapped to {', '.join(each.used_by)}" if each.used_by else "not mapped"
                answer = f"{each.name}: {each.sample or 'empty'} in the sample order; {read}"
            case Qt.ItemDataRole.ForegroundRole if each.used_by or not first:
                answer = current_tokens().color("muted")
            case _ if role == SOURCE_ROLE:
                answer = each
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
