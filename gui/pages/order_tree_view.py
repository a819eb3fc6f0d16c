"""The view of the order tree: it asks for rows where somebody looks, and checks by keyboard and header."""

from functools import cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QSize, QTimer, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QKeySequence, QPixmap, QResizeEvent, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionHeader,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from core.orders.model import OrderRow
from gui.models.order_columns import OrderCells
from gui.models.order_selection import Check
from gui.models.order_tree import CELLS_ROLE, OrderTreeModel
from gui.theme import INSIDE
from gui.widgets.tables import prepare_table

_BOX = 16
_CHECKS = {
    Check.NONE: Qt.CheckState.Unchecked,
    Check.PART: Qt.CheckState.PartiallyChecked,
    Check.ALL: Qt.CheckState.Checked,
}


@cache
def _room_for_the_box() -> QIcon:
    """Return an icon nobody sees, as large as a check box."""
    nothing = QPixmap(_BOX, _BOX)
    nothing.fill(Qt.GlobalColor.transparent)
    return QIcon(nothing)


class _CheckHeader(QHeaderView):
    """A header whose first section has a check box for all rows."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.box = QCheckBox(self.viewport())
        self.box.setTristate(True)
        self.box.setAccessibleName("Check all orders shown")
        self.box.setToolTip("Check all orders shown (Ctrl+A), or clear them (Ctrl+Shift+A)")
        self.sectionResized.connect(self._place_box)
        self.geometriesChanged.connect(self._place_box)

    def initStyleOptionForIndex(self, option: QStyleOptionHeader, logical_index: int) -> None:
        """Keep room for the box before the first title."""
        super().initStyleOptionForIndex(option, logical_index)
        if logical_index == 0:
            option.icon = _room_for_the_box()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the box in the middle of the header's height."""
        super().resizeEvent(event)
        self._place_box()

    def follow_scroll(self) -> None:
        """The columns were scrolled sideways."""
        self._place_box()

    def _place_box(self) -> None:
        size = self.box.sizeHint()
        left = self.sectionViewportPosition(0) + INSIDE
        self.box.setGeometry(left, (self.height() - size.height()) // 2, size.width(), size.height())


class _AlignedDelegate(QStyledItemDelegate):
    """Keeps room for a check box where a row has none, so that the names stand below each other."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Put an icon nobody sees in the place of the missing box."""
        super().initStyleOption(option, index)
        if not option.features & QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator:
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
            option.icon = _room_for_the_box()
            option.decorationSize = QSize(_BOX, _BOX)


class OrderTreeView(QTreeView):
    """Customers and orders. Space checks, Ctrl+A checks all shown, Ctrl+Shift+A clears."""

    order_looked_at = Signal(object)
    """The `OrderRow` that became current, or None."""
    order_opened = Signal()
    """Enter or a double click on an order."""

    def __init__(self, model: OrderTreeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tree = model
        header = _CheckHeader(self)
        self._check_header = header
        self.setHeader(header)
        self.setModel(model)
        prepare_table(self, "Orders by customer")
        self.setItemDelegateForColumn(0, _AlignedDelegate(self))
        self.setSortingEnabled(False)
        self.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.box.clicked.connect(self._toggle_all)
        header.sortIndicatorChanged.connect(model.sort)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.horizontalScrollBar().valueChanged.connect(header.follow_scroll)
        self._look_soon = QTimer(self, interval=0, singleShot=True)
        self._look_soon.timeout.connect(self.ask_for_shown_rows)
        for change in (
            self.verticalScrollBar().valueChanged,
            self.expanded,
            self.collapsed,
            model.rowsInserted,
            model.rowsRemoved,
            model.layoutChanged,
        ):
            change.connect(self._look)
        self.selectionModel().currentChanged.connect(lambda *_: self.order_looked_at.emit(self.looked_at()))

    def set_first_widths(self) -> None:
        """Give every column its first width."""
        for section, column in enumerate(self._tree.columns):
            self.setColumnWidth(section, column.width)

    def show_check_of_all(self) -> None:
        """Let the header's box follow the selection."""
        self._check_header.box.setCheckState(_CHECKS[self._tree.check_of_all()])

    def expanded_customers(self) -> list[str]:
        """The customers whose orders are unfolded."""
        return [name for name in self._tree.customers if self.isExpanded(self._tree.customer_index(name))]

    def chosen_rows(self) -> list[QModelIndex]:
        """The first cell of every selected row, from top to bottom."""
        rows = self.selectionModel().selectedRows(0)
        return sorted(rows, key=lambda index: self.visualRect(index).top())

    def looked_at(self) -> OrderRow | None:
        """The order that is current, or None."""
        cells = self.currentIndex().data(CELLS_ROLE)
        return cells.row if isinstance(cells, OrderCells) else None

    def ask_for_shown_rows(self) -> None:
        """Ask the model for the orders that the viewport has room for and that are not read yet."""
        bottom = self.viewport().height()
        index = self.indexAt(QPoint(0, 0))
        while index.isValid() and self.visualRect(index).top() < bottom:
            if index.parent().isValid() and index.data(CELLS_ROLE) is None:
                self._tree.want_rows(index)
            index = self.indexBelow(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Check with Space, all with Ctrl+A; Enter opens."""
        clear_all = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self._tree.check_all(checked=True)
        elif event.key() == Qt.Key.Key_A and event.modifiers() == clear_all:
            self._tree.check_all(checked=False)
        elif event.key() == Qt.Key.Key_Space and not event.modifiers():
            self._tree.toggle(self.chosen_rows())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: object) -> None:
        """Unfold a customer, open an order."""
        super().mouseDoubleClickEvent(event)  # type: ignore[arg-type]  # Qt hands a QMouseEvent
        if self.currentIndex().parent().isValid():
            self._open(self.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More rows may be shown now."""
        super().resizeEvent(event)
        self._look()

    def _look(self, *_change: object) -> None:
        self._look_soon.start()

    def _open(self, index: QModelIndex) -> None:
        if isinstance(index.data(CELLS_ROLE), OrderCells):
            self.order_opened.emit()
        elif index.isValid():
            self.setExpanded(index.siblingAtColumn(0), not self.isExpanded(index.siblingAtColumn(0)))

    def _toggle_all(self) -> None:
        self._tree.check_all(checked=self._tree.check_of_all() is not Check.ALL)
        self.show_check_of_all()
