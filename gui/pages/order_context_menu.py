"""The context menu of the order tree. Everything in it can be done elsewhere too."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QObject, QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from core.orders.model import OrderRow, SyncState
from gui.icons import set_icon
from gui.models.order_columns import CustomerCells, OrderCells
from gui.models.order_tree import CELLS_ROLE
from gui.pages.order_detail import row_json
from gui.pages.order_tree_view import OrderTreeView
from gui.widgets.clipboard import copy_text
from gui.widgets.tables import copy_selection


class OrderContextMenu(QObject):
    """Opens where the tree was right-clicked, or on the menu key."""

    detail_wanted = Signal()
    board_wanted = Signal(str)
    hold_wanted = Signal(list)
    release_wanted = Signal(list)

    def __init__(self, view: OrderTreeView) -> None:
        super().__init__(view)
        self._view = view
        view.customContextMenuRequested.connect(self._open)

    def menu_at(self, index: QModelIndex) -> QMenu:
        """Return the menu for a cell and the selected rows."""
        menu = QMenu(self._view)
        rows = [cells.row for cells in self._chosen() if isinstance(cells, OrderCells)]
        if isinstance(index.data(CELLS_ROLE), OrderCells):
            self._entry(menu, "&Details", "preview").triggered.connect(self.detail_wanted)
            menu.addSeparator()
        copy = self._entry(menu, "&Copy cell", "copy")
        copy.triggered.connect(lambda: copy_text(str(index.data() or "")))
        menu.addAction("Copy &rows").triggered.connect(lambda: copy_selection(self._view))
        menu.addAction("Copy as &JSON").triggered.connect(self.copy_json)
        menu.addSeparator()
        self._add_hold(menu, rows)
        if len(rows) == 1 and (item_id := rows[0].item_id):
            on_board = self._entry(menu, "&Open on the board", "link-out")
            on_board.triggered.connect(lambda: self.board_wanted.emit(item_id))
        return menu

    def copy_json(self) -> None:
        """Put the selected rows on the clipboard, each as a JSON object."""
        records = [cells.row if isinstance(cells, OrderCells) else cells.summary for cells in self._chosen()]
        text = "\n".join(row_json(record) for record in records)
        copy_text(text)

    def _add_hold(self, menu: QMenu, rows: Sequence[OrderRow]) -> None:
        held = [row.key for row in rows if row.state is SyncState.HELD]
        free = [row.key for row in rows if row.state not in (SyncState.HELD, SyncState.SYNCED)]
        if free:
            self._entry(menu, "&Hold", "hold").triggered.connect(lambda: self.hold_wanted.emit(free))
        if held:
            self._entry(menu, "Re&lease", "play").triggered.connect(lambda: self.release_wanted.emit(held))

    def _chosen(self) -> list[OrderCells | CustomerCells]:
        cells = [index.data(CELLS_ROLE) for index in self._view.chosen_rows()]
        return [each for each in cells if isinstance(each, OrderCells | CustomerCells)]

    @staticmethod
    def _entry(menu: QMenu, text: str, icon_name: str) -> QAction:
        action = menu.addAction(text)
        set_icon(action, icon_name)
        return action

    def _open(self, place: QPoint) -> None:
        index = self._view.indexAt(place)
        if index.isValid():
            menu = self.menu_at(index)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self._view.viewport().mapToGlobal(place))
