"""A run whose plan is made in portions, each when its turn comes: memory stays flat however many orders."""

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from core.monday.board import BoardSchema
from core.orders.journal_rows import RunScope
from core.orders.model import FailedRecord, LoadedOrders, OrderLine, RecordKind, Selection, SyncState
from core.orders.outline import SelectedOrder
from core.orders.store import OrderStore
from core.sync.bulk.file import ROWS_PER_FILE
from core.sync.estimate import Estimate, estimate
from core.sync.events import CustomerTotals
from core.sync.feed import Portion, RunHead
from core.sync.forecast import Forecast
from core.sync.plan import Plan
from core.sync.planner import Planner, PlanOptions
from core.workspace.claiming import RunClaims

_WHOLE_CUSTOMERS_FROM = 0.5
"""A portion that is as full as this ends before a customer that would not fit into it as a whole."""


@dataclass(frozen=True, slots=True)
class PortionSize:
    """How much of a run is in memory at once, twice: one portion is planned while the other is sent."""

    orders: int = 1_000
    records: int = 5_000
    """Orders and lines together; a single order may have more."""

    @classmethod
    def of(cls, options: PlanOptions) -> "PortionSize":
        """Where orders may go as files, as much as one takes: a customer in two portions has two."""
        return cls() if options.bulk_import == "never" else cls(ROWS_PER_FILE, ROWS_PER_FILE)


def cut(selected: Iterable[SelectedOrder], size: PortionSize) -> list[list[SelectedOrder]]:
    """Orders, customer by customer in order of arrival, in portions; one, empty, where there are none.

    A portion ends between two customers where one that is half full or more allows it: a customer in two
    portions takes a few more requests.
    """
    by_customer: dict[str, list[SelectedOrder]] = {}
    for order in selected:
        by_customer.setdefault(order.customer, []).append(order)
    portions: list[list[SelectedOrder]] = [[]]
    records = 0
    for orders in by_customer.values():
        of_customer = sum(1 + order.lines for order in orders)
        if not _fits(len(portions[-1]) + len(orders), records + of_customer, size) and (
            len(portions[-1]) >= _WHOLE_CUSTOMERS_FROM * size.orders
            or records >= _WHOLE_CUSTOMERS_FROM * size.records
        ):
            portions.append([])
            records = 0
        for order in orders:
            if portions[-1] and not _fits(len(portions[-1]) + 1, records + 1 + order.lines, size):
                portions.append([])
                records = 0
            portions[-1].append(order)
            records += 1 + order.lines
    return portions


def _fits(orders: int, records: int, size: PortionSize) -> bool:
    return orders <= size.orders and records <= size.records


class OrderStream:
    """The orders of a selection, known by their keys, as the feed of one run. Use it once.

    A selection that fits one portion is planned at once: its run is that of the very plan.
    """

    def __init__(
        self,
        store: OrderStore,
        schema: BoardSchema,
        options: PlanOptions,
        selection: Selection,
        *,
        undecided: Collection[str] = (),
        size: PortionSize | None = None,
    ) -> None:
        """Synchronous. `undecided` are keys of records that must be left alone. Raises StoreError."""
        self._store = store
        self._planner = Planner(schema, options)
        self._selection = selection
        self._claims: RunClaims | None = None
        selected, orphans = store.selected_orders(selection), store.orphans(selection)
        left_alone = self._left_alone(undecided)
        kept = [order for order in selected if order.key not in left_alone]
        self._orphans = tuple(line for line in orphans if line.key not in undecided)
        left = len(selected) - len(kept) + len(orphans) - len(self._orphans)
        self._parts = deque(cut(kept, size or PortionSize.of(options)))
        in_one = len(self._parts) == 1
        self._first: Portion | None = self._planned(self._parts[0], self._orphans, left if in_one else 0)
        first = self._first.plan
        estimated = estimate(first, self._parts, self._planner.outlook)
        self.head = RunHead.of(first) if in_one else self._head(first, estimated, left)
        self.forecast: Forecast = estimated.forecast
        """What the run will cost; of portions after the first what is thought by their numbers of records."""
        self.unresolved = self._left_in_error(kept)
        """Records of the same customers that stay in ERROR because the selection does not bring them."""

    @property
    def rest(self) -> Sequence[SelectedOrder]:
        """The orders that no portion had yet."""
        return [order for part in self._parts for order in part]

    def claim_by(self, claims: RunClaims) -> None:
        """From now on claim each portion before it is handed out."""
        self._claims = claims

    async def next(self) -> Portion | None:
        """Load, plan and claim the next portion; None after the last. Raises StoreError."""
        if not self._parts:
            return None
        portion, self._first = self._first, None
        if portion is None:
            portion = await asyncio.to_thread(self._planned, self._parts[0])
        if self._claims is not None:
            portion = replace(portion, withheld=await self._claims.take(portion.plan))
        self._parts.popleft()
        return portion

    async def ended(self, portion: Portion) -> None:
        """Give the portion's claims back. Raises StoreError."""
        if self._claims is not None:
            keys = [order.key for batch in portion.plan.batches for order in batch.orders]
            await self._claims.give_back(keys)

    def _planned(
        self, part: Sequence[SelectedOrder], orphans: tuple[OrderLine, ...] = (), left_alone: int = 0
    ) -> Portion:
        keys = tuple(order.key for order in part)
        # Between the beginning of a run and the turn of an order another worker or a person may have had it.
        now = replace(self._selection, customers=None, limit=None, order_keys=keys)
        still = set(self._store.selected_keys(now))
        loaded = self._store.load_keys(self._selection, [key for key in keys if key in still])
        there = {order.key for order in loaded.orders}
        plan = self._planner.plan(LoadedOrders(loaded.orders, orphans), self._selection, left_alone)
        following = self._parts[1] if len(self._parts) > 1 else []
        is_continued = part and following and part[-1].customer == following[0].customer
        return Portion(
            plan,
            gone=tuple(order for order in part if order.key not in there),
            continued=part[-1].customer if is_continued else None,
        )

    def _left_alone(self, undecided: Collection[str]) -> frozenset[str]:
        """Orders of which, or of whose lines, nobody knows yet what became of a request."""
        if not undecided:
            return frozenset()
        named = replace(self._selection, customers=None, limit=None, order_keys=tuple(undecided))
        return frozenset(self._store.selected_keys(named))

    def _head(self, first: Plan, estimated: Estimate, left_alone: int) -> RunHead:
        """What a run in several portions is known by, as `RunHead.of` tells it of one plan."""
        kept = self.rest
        customers: dict[str, list[int]] = {}
        for order in kept:
            customers.setdefault(order.customer, []).append(order.lines)
        totals = tuple(
            CustomerTotals(customer, len(lines), sum(lines), estimated.of_customers.get(customer, 0))
            for customer, lines in customers.items()
        )
        return replace(
            RunHead.of(first),
            customers=totals,
            orders=len(kept),
            lines=sum(order.lines for order in kept) + len(self._orphans),
            requests=estimated.requests,
            scope=RunScope(
                tuple(customers),
                tuple(order.key for order in kept),
                tuple(line.key for line in self._orphans),
                self._selection.states,
            ),
            plan_hash="",
            # What is left alone now is offered again.
            settles=None if left_alone else self._selection.resumes,
            left_alone=left_alone,
        )

    def _left_in_error(self, kept: Sequence[SelectedOrder]) -> int:
        if self._selection.order_keys is not None:
            return 0
        orders = {order.key for order in kept}
        lines = {line.key for line in self._orphans}
        retries = SyncState.ERROR in self._selection.states

        def is_selected(record: FailedRecord) -> bool:
            if record.kind is RecordKind.ORDER:
                return record.key in orders
            return record.key in lines or (retries and record.order_key in orders)

        return sum(not is_selected(record) for record in self._store.failed(self._selection.customers))
