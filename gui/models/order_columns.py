"""The columns of the Orders page: what customers and orders say in each. Pure but for the locale."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QDateTime, QLocale

from core.orders.model import ActionType, CustomerSummary, OrderRow, SyncState
from gui.models.live_orders import LiveState
from gui.widgets.states import State
from gui.widgets.tables import number_text

NO_CUSTOMER = "(no customer)"

STATE_WORDS = {
    SyncState.NEW: State.NEW,
    SyncState.PENDING: State.PENDING,
    SyncState.SYNCED: State.SYNCED,
    SyncState.ERROR: State.FAILED,
    SyncState.HELD: State.HELD,
}
"""The word for each stored state."""

_WHY_NOT = {
    State.SENDING: "This order is being sent.",
    State.SYNCED: "This order is on the board already.",
    State.FAILED: "This order failed: correct it and send it again from Failures.",
    State.UNKNOWN: "Nobody knows yet whether this order arrived: see Failures.",
    State.HELD: "This order is held: release it (context menu) to send it.",
}
_ACTIONS = {
    ActionType.INSERT: "",
    ActionType.UPDATE: "Changes the item on the board",
    ActionType.DELETE: "Archives the item on the board",
}


@dataclass(frozen=True, slots=True)
class CustomerCells:
    """What a customer's row shows."""

    summary: CustomerSummary
    pending: int
    """Orders that can be checked."""
    failed: int
    """Orders that failed, those of a run under way included."""
    findings: int
    """Findings of the last preview."""
    age: str
    """How long the oldest order waits: "3 d"."""


@dataclass(frozen=True, slots=True)
class OrderCells:
    """What an order's row shows."""

    row: OrderRow
    live: LiveState | None
    """How a run under way left it; wins over the row's own state."""

    @property
    def state(self) -> State:
        """The state's word."""
        return self.live.state if self.live else STATE_WORDS[self.row.state]

    @property
    def message(self) -> str:
        """What else there is to say of the state."""
        if self.live:
            return self.live.message
        if self.row.state is SyncState.ERROR:
            return self.row.error or "No message was stored"
        return "" if self.row.state is SyncState.SYNCED else _ACTIONS[self.row.action]

    @property
    def why_not_checkable(self) -> str:
        """Why the order can't be checked; empty for one that can."""
        return _WHY_NOT.get(self.state, "")


@dataclass(frozen=True, slots=True)
class OrderColumn:
    """One column: its key in the kept layout, its title, and its texts."""

    key: str
    title: str
    of_customer: Callable[[CustomerCells], str]
    of_order: Callable[[OrderCells], str]
    sort_key: Callable[[CustomerCells], Any] | None = None
    """What customers are sorted by; None where sorting them says nothing."""
    number: bool = False
    width: int = 120
    """In pixels, until the operator drags it."""


def _nothing(_cells: object) -> str:
    return ""


def _trouble(cells: CustomerCells) -> str:
    """Say what of a customer needs a person."""
    parts = [f"{number_text(cells.failed)} failed"] if cells.failed else []
    if cells.findings:
        parts.append(f"{number_text(cells.findings)} finding" + ("" if cells.findings == 1 else "s"))
    return " · ".join(parts)


def _waiting_since(cells: CustomerCells) -> float:
    """Sort the longest wait first; customers without a date last."""
    return cells.summary.oldest.timestamp() if cells.summary.oldest else float("inf")


def customer_name(customer: str) -> str:
    """Return a customer's name, or words for the lack of one."""
    return customer or NO_CUSTOMER


def order_columns(display_columns: Sequence[str]) -> tuple[OrderColumn, ...]:
    """Return the columns of the page for a profile's display columns."""

    def display(place: int, title: str) -> OrderColumn:
        return OrderColumn(
            f"column:{title}",
            title,
            _nothing,
            lambda cells: cells.row.cells[place] if place < len(cells.row.cells) else "",
            width=150,
        )

    # What decides comes first: at 1280 pixels the counts and the state are seen without scrolling.
    return (
        OrderColumn(
            "order",
            "Order",
            lambda cells: customer_name(cells.summary.customer),
            lambda cells: cells.row.label,
            lambda cells: cells.summary.customer.casefold(),
            width=240,
        ),
        OrderColumn(
            "orders",
            "Orders",
            lambda cells: number_text(cells.summary.orders),
            _nothing,
            lambda cells: cells.summary.orders,
            number=True,
            width=74,
        ),
        OrderColumn(
            "lines",
            "Lines",
            lambda cells: number_text(cells.summary.lines),
            lambda cells: number_text(cells.row.lines),
            lambda cells: cells.summary.lines,
            number=True,
            width=66,
        ),
        OrderColumn(
            "pieces",
            "Pieces",
            lambda cells: number_text(cells.summary.pieces),
            lambda cells: number_text(cells.row.pieces),
            lambda cells: cells.summary.pieces,
            number=True,
            width=80,
        ),
        OrderColumn(
            "oldest", "Oldest", lambda cells: cells.age, _nothing, _waiting_since, number=True, width=74
        ),
        OrderColumn(
            "state",
            "State",
            _trouble,
            lambda cells: cells.state,
            lambda cells: (-cells.failed, -cells.findings),
            width=156,
        ),
        *(display(place, title) for place, title in enumerate(display_columns)),
        OrderColumn("message", "Message", _nothing, lambda cells: cells.message, width=260),
    )


def age_text(since: datetime | None, now: datetime) -> str:
    """Return how long ago, in its one fitting unit: "12 min", "5 h", "3 d"."""
    if since is None:
        return ""
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{number_text(minutes // (24 * 60))} d"


def moment_text(moment: datetime | None) -> str:
    """Return a moment in the locale's form and the system's time zone; empty for None."""
    if moment is None:
        return ""
    return QLocale().toString(
        QDateTime.fromSecsSinceEpoch(int(moment.timestamp())), QLocale.FormatType.ShortFormat
    )
