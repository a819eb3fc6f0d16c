"""Customers and their orders as a tree whose rows are read only where somebody looks."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from core.orders.model import PENDING_STATES, CustomerSummary, OrderFilter, OrderRow
from core.sync.events import RecordEnded
from gui.models.live_orders import LiveOrders
from gui.models.order_cells import ANSWERED_ROLES, CELLS_ROLE, customer_data, order_data, placeholder_data
from gui.models.order_columns import CustomerCells, OrderCells, OrderColumn, age_text, order_columns
from gui.models.order_nodes import CustomerNode, CustomerNodes
from gui.models.order_selection import Check, OrderSelection, can_be_checked
from gui.models.row_changes import Inserted, Removed, row_changes
from gui.widgets.tables import NUMBER_ALIGNMENT

__all__ = ["CELLS_ROLE", "ROWS_AT_ONCE", "OrderTreeModel"]

ROWS_AT_ONCE = 200
"""Orders of a customer that are read at a time."""

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_CHECK_STATE = int(Qt.ItemDataRole.CheckStateRole)
_ANSWERED = ANSWERED_ROLES | {_ALIGNMENT, _CHECK_STATE}
_CUSTOMER_LEVEL = 0
"""The internal id of customers; an order has the number of its customer."""
_SHOWN = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
_LEAF = _SHOWN | Qt.ItemFlag.ItemNeverHasChildren
# Put together once: a view asks for the flags of every row of a change.
_FLAGS = {  # (customer?, checkable?)
    (True, False): _SHOWN,
    (True, True): _SHOWN | Qt.ItemFlag.ItemIsUserCheckable,
    (False, False): _LEAF,
    (False, True): _LEAF | Qt.ItemFlag.ItemIsUserCheckable,
}
_CHECKS = {
    Check.NONE: Qt.CheckState.Unchecked,
    Check.PART: Qt.CheckState.PartiallyChecked,
    Check.ALL: Qt.CheckState.Checked,
}


class OrderTreeModel(QAbstractItemModel):
    """Two levels: customers from their summaries, and orders in pages as the view asks for them.

    The model reads nothing itself. It says `rows_wanted`, and whoever listens answers with `add_rows`.
    """

    rows_wanted = Signal(str, int, int)
    """Customer, offset, limit."""
    checks_changed = Signal()
    """The operator checked or cleared something."""
    narrowed_check_wanted = Signal(list)
    """Customers whose shown orders are to be checked, or cleared when all of them are, while `narrowed`."""

    def __init__(
        self,
        selection: OrderSelection,
        display_columns: Sequence[str] = (),
        parent: QObject | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(parent)
        self._selection = selection
        self._columns = order_columns(display_columns)
        self._now = now
        self._customers = CustomerNodes()
        self._sort: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)
        self._live = LiveOrders()
        self.shown_filter = OrderFilter()
        """What the rows were read with."""

    @property
    def narrowed(self) -> bool:
        """Whether the filter hides pending orders, so that a whole customer is more than what is shown."""
        states = self.shown_filter.states
        return bool(self.shown_filter.text) or bool(states and not set(PENDING_STATES) <= set(states))

    def begin(self, display_columns: Sequence[str]) -> None:
        """Show nothing yet, in the columns of another profile."""
        self.beginResetModel()
        self._columns = order_columns(display_columns)
        self._customers.clear()
        self._live.clear()
        self._sort = (-1, Qt.SortOrder.AscendingOrder)
        self.endResetModel()

    @property
    def columns(self) -> tuple[OrderColumn, ...]:
        """The columns, in their first order."""
        return self._columns

    @property
    def customers(self) -> tuple[str, ...]:
        """The customers as they are shown."""
        return self._customers.names

    def set_customers(self, summaries: Iterable[CustomerSummary]) -> None:
        """Show these customers; the rows read of those that stay are kept until `replace_rows`."""
        self._live.clear()
        wanted = {summary.customer: summary for summary in summaries}
        self._customers.take(wanted)
        new = self._sorted_names()
        for change in row_changes(self.customers, new):
            if isinstance(change, Removed):
                self.beginRemoveRows(_ROOT, change.first, change.last)
                self._customers.remove(change.first, change.last)
                self.endRemoveRows()
            else:
                self.beginInsertRows(_ROOT, change.first, change.last)
                self._customers.insert(change.first, new[change.first : change.last + 1])
                self.endInsertRows()
        self._customers.drop(wanted)
        self._tell_changed(_ROOT, 0, len(self._customers) - 1)

    def set_findings(self, counts: dict[str, int]) -> None:
        """Show how many findings the last preview had, by customer."""
        changed = [each for each in self._customers if each.findings != counts.get(each.name, 0)]
        for customer in changed:
            customer.findings = counts.get(customer.name, 0)
        if changed:
            self._tell_changed(_ROOT, changed[0].place, changed[-1].place)

    def read_count(self, customer: str) -> int:
        """How many of a customer's orders have been read."""
        known = self._customers.named(customer)
        return len(known.rows) if known else 0

    def read_rows(self, customer: str) -> tuple[OrderRow, ...]:
        """The orders of a customer that have been read."""
        known = self._customers.named(customer)
        return tuple(known.rows) if known else ()

    def want_rows(self, index: Index) -> None:
        """Ask for the next page below a customer, or in place of the row that stands for it."""
        customer = self._customer_at(index) if index.isValid() else None
        if customer and customer.more and not customer.asked:
            customer.asked = True
            customer.failed = False
            self.rows_wanted.emit(customer.name, len(customer.rows), ROWS_AT_ONCE)

    def add_rows(self, customer: str, offset: int, rows: Sequence[OrderRow]) -> None:
        """Show a page that was asked for; one that no longer fits is left out."""
        known = self._customers.named(customer)
        if known is None or not known.asked or offset != len(known.rows):
            return
        known.asked = False
        if rows:
            self.beginInsertRows(self.customer_index(customer), offset, offset + len(rows) - 1)
            known.rows.extend(rows)
            self.endInsertRows()
        self._set_more(known, more=bool(rows) and len(known.rows) < known.summary.orders)

    def rows_failed(self, customer: str) -> None:
        """A page could not be read: say so where it would be; it can be asked for again."""
        if known := self._customers.named(customer):
            known.asked, known.failed = False, True
            self._tell_changed(self.customer_index(customer), len(known.rows), len(known.rows))

    def replace_rows(self, customer: str, rows: Sequence[OrderRow]) -> None:
        """Show the first orders of a customer as they are now; rows that stay keep their place in view."""
        known = self._customers.named(customer)
        if known is None:
            return
        known.asked = False
        if not rows and not known.rows and known.more:
            return
        parent = self.customer_index(customer)
        new = [row.key for row in rows]
        for change in row_changes([row.key for row in known.rows], new):
            if isinstance(change, Removed):
                self.beginRemoveRows(parent, change.first, change.last)
                del known.rows[change.first : change.last + 1]
                self.endRemoveRows()
            elif isinstance(change, Inserted):
                self.beginInsertRows(parent, change.first, change.last)
                known.rows[change.first : change.first] = rows[change.first : change.last + 1]
                self.endInsertRows()
        known.rows = list(rows)
        self._set_more(known, more=len(rows) < known.summary.orders)
        self._tell_changed(parent, 0, known.child_count - 1)

    def apply(self, events: Sequence[RecordEnded]) -> None:
        """Show how records of a run ended: one `dataChanged` for the customers, one for each one's orders."""
        touched = self._live.take(events)
        places = []
        for name, keys in touched.items():
            customer = self._customers.named(name)
            if customer is None:
                continue
            places.append(customer.place)
            rows = [place for place, row in enumerate(customer.rows) if row.key in keys]
            if rows:
                self._tell_changed(self.customer_index(name), min(rows), max(rows))
        if places:
            self._tell_changed(_ROOT, min(places), max(places))

    # Checking

    def check_all(self, *, checked: bool) -> None:
        """Check or clear every pending order that is shown."""
        if self.narrowed and checked:
            self.narrowed_check_wanted.emit(list(self.customers))
            return
        if checked:
            for name in self.customers:
                self._selection.check_customer(name, checked=True)
        else:
            self._selection.clear()
        self.tell_checks()
        self.checks_changed.emit()

    def tell_checks(self) -> None:
        """The selection is another one: paint every check box again."""
        self._tell_changed(_ROOT, 0, len(self._customers) - 1, last_column=0)
        for customer in self._customers:
            if customer.rows:
                parent = self.customer_index(customer.name)
                self._tell_changed(parent, 0, len(customer.rows) - 1, last_column=0)

    def toggle(self, indexes: Sequence[Index]) -> None:
        """Check what is not checked of these rows; clear them when all of them are."""
        boxes = [index for index in indexes if index.flags() & Qt.ItemFlag.ItemIsUserCheckable]
        checked = any(box.data(Qt.ItemDataRole.CheckStateRole) != Qt.CheckState.Checked for box in boxes)
        for box in boxes:
            state = Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked
            self.setData(box, state, Qt.ItemDataRole.CheckStateRole)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Check or clear a customer or an order."""
        if role != Qt.ItemDataRole.CheckStateRole or not self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        checked = Qt.CheckState(value) == Qt.CheckState.Checked
        customer = self._customer_at(index)
        name = customer.name
        row = self._row_at(index)
        if row is not None:
            self._selection.check_rows([row], checked=checked)
        elif self.narrowed:
            self.narrowed_check_wanted.emit([name])
            return False
        else:
            self._selection.check_customer(name, checked=checked)
        self._tell_changed(_ROOT, customer.place, customer.place, last_column=0)
        if row is not None:
            self._tell_changed(index.parent(), index.row(), index.row(), last_column=0)
        elif customer.rows:
            self._tell_changed(self.customer_index(name), 0, len(customer.rows) - 1, last_column=0)
        self.checks_changed.emit()
        return True

    def check_of_all(self) -> Check:
        """How much of what is shown is checked."""
        return self._selection.check_of_all(self.customers)

    # What Qt asks

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        """Return the index of a customer, or of an order below one."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        number = self._customers.at(parent.row()).number if parent.isValid() else _CUSTOMER_LEVEL
        return self.createIndex(row, column, number)

    def parent(self, index: Index = _ROOT) -> QModelIndex:  # type: ignore[override]  # QObject.parent() too
        """Return the customer of an order; customers have none."""
        if not index.isValid() or index.internalId() == _CUSTOMER_LEVEL:
            return QModelIndex()
        return self.createIndex(self._customers.numbered(index.internalId()).place, 0, _CUSTOMER_LEVEL)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of customers, or of orders read plus one while there are more."""
        if not parent.isValid():
            return len(self._customers)
        if parent.column() > 0 or parent.internalId() != _CUSTOMER_LEVEL:
            return 0
        return self._customers.at(parent.row()).child_count

    def columnCount(self, _parent: Index = _ROOT) -> int:
        """Return the number of columns."""
        return len(self._columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Only what a run would select can be checked."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        checkable = index.column() == 0 and self._checkable(index)
        return _FLAGS[index.internalId() == _CUSTOMER_LEVEL, checkable]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell answers for a role."""
        # A painted cell asks for ten roles, so one without an answer must cost nothing.
        if role not in _ANSWERED or not index.isValid():
            return None
        column = self._columns[index.column()]
        if role == _ALIGNMENT:
            return NUMBER_ALIGNMENT if column.number else None
        customer = self._customer_at(index)
        if role == _CHECK_STATE:
            return self._check_at(index, customer) if index.column() == 0 else None
        if index.internalId() == _CUSTOMER_LEVEL:
            return customer_data(self._customer_cells(customer), column, role)
        row = self._row_at(index)
        if row is None:
            return placeholder_data(column, role, failed=customer.failed)
        return order_data(OrderCells(row, self._live.of(row)), column, role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title, aligned like its cells."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole and column.number:
            return NUMBER_ALIGNMENT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort the customers; column -1, or one that says nothing of them, gives the first order back."""
        self._sort = (column, order)
        self.layoutAboutToBeChanged.emit()
        before = [each for each in self.persistentIndexList() if each.internalId() == _CUSTOMER_LEVEL]
        held = [self._customers.at(index.row()) for index in before]
        self._customers.arrange(self._sorted_names())
        after = [
            self.createIndex(customer.place, index.column(), _CUSTOMER_LEVEL)
            for index, customer in zip(before, held, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    # Where things are

    def customer_index(self, customer: str) -> QModelIndex:
        """Return the index of a customer, or an invalid one."""
        known = self._customers.named(customer)
        return self.createIndex(known.place, 0, _CUSTOMER_LEVEL) if known else QModelIndex()

    def order_index(self, customer: str, key: str) -> QModelIndex:
        """Return the index of an order that has been read, or an invalid one."""
        known = self._customers.named(customer)
        for place, row in enumerate(known.rows if known else ()):
            if row.key == key:
                return self.index(place, 0, self.customer_index(customer))
        return QModelIndex()

    def _customer_at(self, index: Index) -> CustomerNode:
        if index.internalId() == _CUSTOMER_LEVEL:
            return self._customers.at(index.row())
        return self._customers.numbered(index.internalId())

    def _row_at(self, index: Index) -> OrderRow | None:
        if index.internalId() == _CUSTOMER_LEVEL:
            return None
        rows = self._customers.numbered(index.internalId()).rows
        return rows[index.row()] if index.row() < len(rows) else None

    def _sorted_names(self) -> list[str]:
        column, order = self._sort
        key = self._columns[column].sort_key if 0 <= column < len(self._columns) else None
        descending = order is Qt.SortOrder.DescendingOrder
        if key is None:
            return self._customers.sorted_names(None, descending=descending)
        return self._customers.sorted_names(
            lambda customer: key(self._customer_cells(customer)), descending=descending
        )

    # What cells say

    def _customer_cells(self, customer: CustomerNode) -> CustomerCells:
        summary = customer.summary
        return CustomerCells(
            summary,
            pending=self._selection.pending_orders(summary.customer),
            failed=summary.failed + self._live.failed(summary.customer),
            findings=customer.findings,
            age=age_text(summary.oldest, self._now()),
        )

    def _checkable(self, index: Index) -> bool:
        row = self._row_at(index)
        if row is not None:
            return can_be_checked(row) and self._live.of(row) is None
        customer = self._customer_at(index).summary.customer
        at_customer = index.internalId() == _CUSTOMER_LEVEL
        return at_customer and self._selection.pending_orders(customer) > 0

    def _check_at(self, index: Index, customer: CustomerNode) -> Qt.CheckState | None:
        if not self._checkable(index):
            return None
        row = self._row_at(index)
        if row is None:
            return _CHECKS[self._selection.check_of(customer.name)]
        return _CHECKS[Check.ALL if self._selection.is_checked(row) else Check.NONE]

    # Telling the view

    def _set_more(self, customer: CustomerNode, *, more: bool) -> None:
        if more == customer.more:
            return
        parent, place = self.customer_index(customer.name), len(customer.rows)
        if more:
            self.beginInsertRows(parent, place, place)
            customer.more = True
            self.endInsertRows()
        else:
            self.beginRemoveRows(parent, place, place)
            customer.more = False
            self.endRemoveRows()

    def _tell_changed(
        self, parent: QModelIndex, first: int, last: int, *, last_column: int | None = None
    ) -> None:
        if last < first:
            return
        final = len(self._columns) - 1 if last_column is None else last_column
        self.dataChanged.emit(self.index(first, 0, parent), self.index(last, final, parent))
