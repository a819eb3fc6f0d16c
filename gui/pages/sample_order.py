"""The order that a mapping is tried on: the oldest pending one, or another found by typing."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QCompleter

from core.orders.model import PENDING_STATES, CustomerSummary, OrderFilter, OrderRow
from gui.pages.search_combo import ChoiceCombo

_SETTLED_MS = 250
_AT_MOST = 50
"""Orders offered at once: typing finds the others."""
_KEY = int(Qt.ItemDataRole.UserRole)


class OrderSource(Protocol):
    """What the picker asks a workspace for."""

    async def customers(self, wanted: OrderFilter = ...) -> Sequence[CustomerSummary]:
        """Return customers with matching orders."""

    async def order_rows(
        self, customer: str, wanted: OrderFilter = ..., *, offset: int = ..., limit: int = ...
    ) -> Sequence[OrderRow]:
        """Return some of a customer's orders."""


async def find_orders(source: OrderSource, text: str) -> tuple[OrderRow, ...]:
    """Return some orders that hold the text, pending ones where nothing is typed. Raises StoreError."""
    wanted = OrderFilter(text) if text else OrderFilter(states=PENDING_STATES)
    found: list[OrderRow] = []
    for summary in await source.customers(wanted):
        found += await source.order_rows(summary.customer, wanted, offset=0, limit=_AT_MOST - len(found))
        if len(found) >= _AT_MOST:
            break
    return tuple(found)


class SampleOrderPicker(ChoiceCombo):
    """Shows the sample order; typing asks for others."""

    searched = Signal(str)
    """Orders that hold this text are wanted: `set_found` shows them."""
    chosen = Signal(object)
    """The key of the chosen order; None for the oldest pending one."""

    def __init__(self) -> None:
        super().__init__("Sample order")
        self._key: str | None = None
        self._label = ""
        self._found = QStandardItemModel(self)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setModel(self._found)
        completer = QCompleter(self._found, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.setCompleter(completer)
        self._timer = QTimer(self, interval=_SETTLED_MS, singleShot=True)
        self._timer.timeout.connect(lambda: self.searched.emit(self.currentText().strip()))
        field = self.lineEdit()
        assert field is not None
        field.setAccessibleName("Sample order")
        field.setPlaceholderText("No order to show")
        field.textEdited.connect(lambda _text: self._timer.start())
        field.editingFinished.connect(self._show_label)
        self.activated.connect(self._choose)
        self.setToolTip("The order that Sample and Becomes show; type to find another one")
        self.set_found(())

    @property
    def key(self) -> str | None:
        """The key of the chosen order, None for the oldest pending one."""
        return self._key

    def forget(self) -> None:
        """Go back to the oldest pending order of another profile."""
        self._key = None
        self.set_found(())
        self.show_order("")

    def show_order(self, label: str) -> None:
        """Show the order that was tried; empty when there is none."""
        typing = self.is_typing
        self._label = f"{label}, the oldest pending" if label and self._key is None else label
        if not typing:
            self._show_label()

    def set_found(self, rows: Sequence[OrderRow]) -> None:
        """Offer these orders. While the operator types they are shown at once."""
        text = self.currentText()
        self._found.clear()
        self._found.appendRow(_entry("Oldest pending order", None))
        for row in rows:
            self._found.appendRow(_entry(f"{row.label}, {row.customer}", row.key))
        self.setCurrentIndex(-1)
        self.setEditText(text)
        completer = self.completer()
        if self.is_typing and completer is not None:
            completer.complete()

    @property
    def is_typing(self) -> bool:
        """Whether the operator is typing something else than the order shown."""
        field = self.lineEdit()
        return field is not None and field.hasFocus() and field.text() != self._label

    def _choose(self, row: int) -> None:
        self._key = self.itemData(row, _KEY)
        self._label = self.itemText(row)
        self._show_label()
        self.chosen.emit(self._key)

    def _show_label(self) -> None:
        self._timer.stop()
        self.setCurrentIndex(-1)
        self.setEditText(self._label)
        if (field := self.lineEdit()) is not None:
            field.setCursorPosition(0)


def _entry(words: str, key: str | None) -> QStandardItem:
    item = QStandardItem(words)
    item.setData(key, _KEY)
    return item
