"""What a cell of the Orders page answers for each of Qt's roles."""

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QIcon

from gui.icons import icon
from gui.models.order_columns import CustomerCells, OrderCells, OrderColumn, moment_text
from gui.theme import current_tokens, tabular_font
from gui.widgets.states import state_color, state_icon

CELLS_ROLE = int(Qt.ItemDataRole.UserRole)
"""The whole row: `CustomerCells`, `OrderCells`, or None for the row that stands for orders not read yet."""

Cells = TypeVar("Cells")
_Answers = dict[int, Callable[[Cells, OrderColumn], Any]]


def _troubled(cells: CustomerCells, column: OrderColumn) -> bool:
    return column.key == "state" and bool(cells.failed or cells.findings)


def _customer_icon(cells: CustomerCells, column: OrderColumn) -> QIcon | None:
    return icon("warning", "warn") if _troubled(cells, column) else None


def _customer_color(cells: CustomerCells, column: OrderColumn) -> QColor | None:
    return current_tokens().color("warn") if _troubled(cells, column) else None


def _customer_font(_cells: CustomerCells, column: OrderColumn) -> QFont | None:
    if column.key != "order":
        return None
    font = tabular_font()
    font.setWeight(QFont.Weight.DemiBold)
    return font


def _customer_tooltip(cells: CustomerCells, column: OrderColumn) -> str:
    if column.key == "oldest":
        return moment_text(cells.summary.oldest)
    text = column.of_customer(cells)
    if column.key == "order" and not cells.pending:
        return f"{text}: nothing is pending here, so nothing can be checked."
    return text


def _order_icon(cells: OrderCells, column: OrderColumn) -> QIcon | None:
    return state_icon(cells.state) if column.key == "state" else None


def _order_color(cells: OrderCells, column: OrderColumn) -> QColor | None:
    return state_color(cells.state) if column.key in ("state", "message") else None


def _order_tooltip(cells: OrderCells, column: OrderColumn) -> str:
    text = column.of_order(cells)
    if column.key == "state" and cells.message:
        return f"{text}: {cells.message}"
    return (column.key == "order" and cells.why_not_checkable) or text


_OF_CUSTOMERS: _Answers[CustomerCells] = {
    Qt.ItemDataRole.DisplayRole: lambda cells, column: column.of_customer(cells),
    Qt.ItemDataRole.DecorationRole: _customer_icon,
    Qt.ItemDataRole.ForegroundRole: _customer_color,
    Qt.ItemDataRole.FontRole: _customer_font,
    Qt.ItemDataRole.ToolTipRole: _customer_tooltip,
    CELLS_ROLE: lambda cells, _column: cells,
}
_OF_ORDERS: _Answers[OrderCells] = {
    Qt.ItemDataRole.DisplayRole: lambda cells, column: column.of_order(cells),
    Qt.ItemDataRole.DecorationRole: _order_icon,
    Qt.ItemDataRole.ForegroundRole: _order_color,
    Qt.ItemDataRole.ToolTipRole: _order_tooltip,
    CELLS_ROLE: lambda cells, _column: cells,
}


ANSWERED_ROLES = frozenset(map(int, (*_OF_CUSTOMERS, *_OF_ORDERS)))
"""Roles for which some cell has something to say."""


def customer_data(cells: CustomerCells, column: OrderColumn, role: int) -> Any:
    """Return what a customer's cell answers for a role."""
    answer = _OF_CUSTOMERS.get(role)
    return answer(cells, column) if answer else None


def order_data(cells: OrderCells, column: OrderColumn, role: int) -> Any:
    """Return what an order's cell answers for a role."""
    answer = _OF_ORDERS.get(role)
    return answer(cells, column) if answer else None


def placeholder_data(column: OrderColumn, role: int, *, failed: bool) -> Any:
    """Return what the row answers that stands for orders not read yet."""
    if role == Qt.ItemDataRole.ForegroundRole:
        return current_tokens().color("error" if failed else "muted")
    if role != Qt.ItemDataRole.DisplayRole or column.key != "order":
        return None
    return "These orders could not be read: press F5 to try again" if failed else "Loading …"
