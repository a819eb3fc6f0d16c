"""Which orders are checked: whole customers, all but some of a customer, and single orders. Pure."""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Protocol

from core.orders.model import PENDING_STATES, CustomerSummary, OrderFilter, OrderRow, Selection

LOAD_AT_ONCE = 1_000
"""Rows a page when the keys of a whole customer are loaded."""
_PENDING_ONLY = OrderFilter(states=PENDING_STATES)


class Check(Enum):
    """A check box with three states."""

    NONE = "none"
    PART = "part"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class SelectionTotals:
    """What the checked orders add up to."""

    orders: int = 0
    lines: int = 0
    pieces: int = 0
    customers: int = 0


@dataclass(frozen=True, slots=True)
class _Weight:
    """What one order adds to the totals."""

    lines: int
    pieces: int


@dataclass(slots=True)
class _Customer:
    """What is checked of one customer: everything but `keys`, or only `keys`."""

    whole: bool
    keys: dict[str, _Weight] = field(default_factory=dict)


class RowLoader(Protocol):
    """Loads rows of one customer, oldest first: `Workspace.order_rows`."""

    def __call__(
        self, customer: str, wanted: OrderFilter, *, offset: int, limit: int
    ) -> Awaitable[Sequence[OrderRow]]:
        """Return at most `limit` rows from `offset` on."""
        ...


def can_be_checked(row: OrderRow) -> bool:
    """Whether a run would select this order."""
    return row.state in PENDING_STATES


async def load_pending(load: RowLoader, customer: str, wanted: OrderFilter = _PENDING_ONLY) -> list[OrderRow]:
    """Load every pending order of a customer that `wanted` shows, page by page."""
    states = tuple(state for state in PENDING_STATES if not wanted.states or state in wanted.states)
    pending: list[OrderRow] = []
    while states:
        page = await load(customer, OrderFilter(wanted.text, states), offset=len(pending), limit=LOAD_AT_ONCE)
        pending.extend(page)
        if len(page) < LOAD_AT_ONCE:
            break
    return pending


class OrderSelection:
    """The checked orders, without loading the rows of a customer that is checked as a whole.

    Only pending orders count. `refresh` tells how many there are; what is no longer pending falls out of the
    selection then.
    """

    def __init__(self) -> None:
        self._pending: dict[str, CustomerSummary] = {}
        self._checked: dict[str, _Customer] = {}

    def set_pending(
        self,
        summaries: Iterable[CustomerSummary],
        rows: Mapping[str, Sequence[OrderRow]] = MappingProxyType({}),
    ) -> None:
        """Take the sums of each customer's pending orders, whatever the page's filter shows.

        `rows` are all pending orders of some customers: what is no longer pending of them is dropped.
        """
        self._pending = {summary.customer: summary for summary in summaries if summary.orders}
        for customer, checked in list(self._checked.items()):
            if customer in rows:
                checked.keys = {
                    row.key: _Weight(row.lines, row.pieces)
                    for row in rows[customer]
                    if row.key in checked.keys
                }
            self._settle(customer)

    async def refresh(self, summaries: Iterable[CustomerSummary], load: RowLoader) -> None:
        """Take new sums, and load which of the orders that are told apart by their keys are still pending."""
        rows = {customer: await load_pending(load, customer) for customer in self.partial_customers}
        self.set_pending(summaries, rows)

    @property
    def customers(self) -> tuple[str, ...]:
        """Customers of whom something is checked."""
        return tuple(self._checked)

    @property
    def partial_customers(self) -> tuple[str, ...]:
        """Customers whose checked orders are told apart by their keys."""
        return tuple(customer for customer, checked in self._checked.items() if checked.keys)

    def pending_orders(self, customer: str) -> int:
        """How many orders of a customer can be checked."""
        summary = self._pending.get(customer)
        return summary.orders if summary else 0

    def check_of(self, customer: str) -> Check:
        """How much of a customer's pending orders is checked."""
        checked = self._checked.get(customer)
        if checked is None:
            return Check.NONE
        return Check.ALL if checked.whole and not checked.keys else Check.PART

    def check_of_all(self, customers: Iterable[str]) -> Check:
        """How much of these customers' pending orders is checked."""
        checks = {self.check_of(customer) for customer in customers if self.pending_orders(customer)}
        if not checks or checks == {Check.NONE}:
            return Check.NONE
        return Check.ALL if checks == {Check.ALL} else Check.PART

    def is_checked(self, row: OrderRow) -> bool:
        """Whether this order is checked."""
        checked = self._checked.get(row.customer)
        return checked is not None and can_be_checked(row) and checked.whole != (row.key in checked.keys)

    def check_customer(self, customer: str, *, checked: bool) -> None:
        """Check or clear all pending orders of a customer."""
        if checked and self.pending_orders(customer):
            self._checked[customer] = _Customer(whole=True)
        else:
            self._checked.pop(customer, None)

    def check_rows(self, rows: Iterable[OrderRow], *, checked: bool) -> None:
        """Check or clear single orders; those that aren't pending stay as they are."""
        touched: dict[str, None] = {}
        for row in rows:
            if not can_be_checked(row):
                continue
            part = self._checked.setdefault(row.customer, _Customer(whole=False))
            if checked != part.whole:
                part.keys[row.key] = _Weight(row.lines, row.pieces)
            else:
                part.keys.pop(row.key, None)
            touched[row.customer] = None
        for customer in touched:
            self._settle(customer)

    def clear(self) -> None:
        """Check nothing."""
        self._checked.clear()

    @property
    def totals(self) -> SelectionTotals:
        """What is checked, in sum."""
        orders = lines = pieces = 0
        for customer, checked in self._checked.items():
            sign = 1
            if checked.whole:
                summary = self._pending[customer]
                orders, lines, pieces = (
                    orders + summary.orders,
                    lines + summary.lines,
                    pieces + summary.pieces,
                )
                sign = -1
            orders += sign * len(checked.keys)
            lines += sign * sum(weight.lines for weight in checked.keys.values())
            pieces += sign * sum(weight.pieces for weight in checked.keys.values())
        return SelectionTotals(orders, lines, pieces, len(self._checked))

    async def resolve(self, load: RowLoader) -> Selection:
        """Return what a plan is made of: customers where whole ones suffice, else the key of every order."""
        if not self.partial_customers:
            return Selection(customers=self.customers)
        keys: list[str] = []
        for customer, checked in list(self._checked.items()):
            if checked.whole:
                rows = await load_pending(load, customer)
                keys.extend(row.key for row in rows if row.key not in checked.keys)
            else:
                keys.extend(checked.keys)
        return Selection(order_keys=tuple(keys))

    def _settle(self, customer: str) -> None:
        """Write "all of them, one by one" as the whole customer, and nothing as nothing."""
        checked, pending = self._checked[customer], self.pending_orders(customer)
        if not pending:
            del self._checked[customer]
        elif len(checked.keys) >= pending:
            if checked.whole:
                del self._checked[customer]
            else:
                self._checked[customer] = _Customer(whole=True)
        elif not checked.whole and not checked.keys:
            del self._checked[customer]
