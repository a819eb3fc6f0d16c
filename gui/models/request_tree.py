"""The requests of a plan as a tree: customer, pass, request; beside them what is not sent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont, QIcon

from gui.icons import icon
from gui.models.plan_outline import NodeKind, PlanNode
from gui.theme import current_tokens, tabular_font
from gui.widgets.tables import NUMBER_ALIGNMENT, number_text

NODE_ROLE = int(Qt.ItemDataRole.UserRole)
"""The `PlanNode` of a row."""

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_NO_PARENT = -1
_TITLES = ("Request", "Records")
_ICONS = {
    NodeKind.REQUEST: ("arrow-right", "muted"),
    NodeKind.FINDINGS: ("warning", "warn"),
    NodeKind.UNSENT: ("cancelled", "muted"),
    NodeKind.UNSENT_RECORD: ("error", "error"),
}


@dataclass(frozen=True, slots=True)
class _Placed:
    """A node and where it stands; its number is its place in the model's list."""

    node: PlanNode
    parent: int
    row: int
    first_child: int


class RequestTreeModel(QAbstractItemModel):
    """A fixed tree: a new plan resets it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._placed: list[_Placed] = []
        self._roots = 0

    def set_nodes(self, nodes: Sequence[PlanNode]) -> None:
        """Show another plan."""
        self.beginResetModel()
        self._placed = _place(nodes)
        self._roots = len(nodes)
        self.endResetModel()

    def find(self, kind: NodeKind, key: str | None = None) -> QModelIndex:
        """Return the first row of a kind: of the request or the record with this key, or of any."""
        for number, placed in enumerate(self._placed):
            own = placed.node.request.key if placed.node.request else placed.node.key
            if placed.node.kind is kind and key in (None, own):
                return self.createIndex(placed.row, 0, number)
        return QModelIndex()

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        """Return the index of a row."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        first = self._placed[parent.internalId()].first_child if parent.isValid() else 0
        return self.createIndex(row, column, first + row)

    def parent(self, index: Index = _ROOT) -> QModelIndex:  # type: ignore[override]  # QObject.parent() too
        """Return the row above."""
        above = self._placed[index.internalId()].parent if index.isValid() else _NO_PARENT
        return QModelIndex() if above == _NO_PARENT else self.createIndex(self._placed[above].row, 0, above)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of rows below."""
        if not parent.isValid():
            return self._roots
        return 0 if parent.column() > 0 else len(self._placed[parent.internalId()].node.children)

    def columnCount(self, _parent: Index = _ROOT) -> int:
        """Return two: the request and its records."""
        return len(_TITLES)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell answers for a role."""
        if not index.isValid():
            return None
        node = self._placed[index.internalId()].node
        if role == NODE_ROLE:
            return node
        return _count_data(node, role) if index.column() else _title_data(node, role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title, aligned like its cells."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(_TITLES):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        return NUMBER_ALIGNMENT if section and role == Qt.ItemDataRole.TextAlignmentRole else None


def _place(nodes: Sequence[PlanNode]) -> list[_Placed]:
    """Number the nodes level by level, so that the children of one follow each other."""
    placed: list[_Placed] = []
    level = [(node, _NO_PARENT, row) for row, node in enumerate(nodes)]
    while level:
        below: list[tuple[PlanNode, int, int]] = []
        next_level = len(placed) + len(level)
        for node, parent, row in level:
            number = len(placed)
            placed.append(_Placed(node, parent, row, next_level + len(below)))
            below.extend(_children(node, number))
        level = below
    return placed


def _children(node: PlanNode, number: int) -> Iterator[tuple[PlanNode, int, int]]:
    return ((child, number, row) for row, child in enumerate(node.children))


def _title_data(node: PlanNode, role: int) -> Any:
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return node.title
        case Qt.ItemDataRole.ToolTipRole:
            return "\n".join(node.reasons) or node.title
        case Qt.ItemDataRole.DecorationRole:
            return _icon(node)
        case Qt.ItemDataRole.FontRole if node.kind is NodeKind.CUSTOMER:
            font = tabular_font()
            font.setWeight(QFont.Weight.DemiBold)
            return font
        case _:
            return None


def _count_data(node: PlanNode, role: int) -> Any:
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return number_text(node.count) if node.count else ""
        case Qt.ItemDataRole.TextAlignmentRole:
            return NUMBER_ALIGNMENT
        case Qt.ItemDataRole.ForegroundRole if node.kind is NodeKind.FINDINGS:
            return current_tokens().color("warn")
        case _:
            return None


def _icon(node: PlanNode) -> QIcon | None:
    look = _ICONS.get(node.kind)
    return icon(*look) if look else None
