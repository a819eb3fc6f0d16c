"""What requests will cost, and what a run will cost whose requests are planned while it goes on. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import ceil

from core.monday.limits import DayCalls
from core.orders.outline import SelectedOrder
from core.sync.bulk.choice import ExpectedImports
from core.sync.bulk.file import ImportRequest
from core.sync.forecast import Forecast
from core.sync.plan import Plan, PlannedRequest

COMPLEXITY_PER_OPERATION = 10_000
"""Points of one creation (docs/development-best-practices); used until answers tell the real figure."""
SECONDS_PER_OPERATION = 0.12
SECONDS_PER_REQUEST = 0.4


def forecast_of(requests: Sequence[PlannedRequest], day: DayCalls | None = None) -> Forecast:
    """What these requests will cost, beside the account's calls of the day."""
    imports = [request for request in requests if isinstance(request, ImportRequest)]
    mutated = [request for request in requests if not isinstance(request, ImportRequest)]
    operations = sum(len(request.operations) for request in mutated)
    return _forecast(
        sum(request.calls for request in requests),
        len(mutated),
        operations,
        sum(request.seconds for request in imports),
        day,
    )


def _forecast(
    calls: float, mutated: float, operations: float, import_seconds: float, day: DayCalls | None = None
) -> Forecast:
    """`mutated` are requests that are not imports, `operations` are theirs."""
    return Forecast(
        calls=ceil(calls),
        complexity=ceil(operations * COMPLEXITY_PER_OPERATION),
        seconds=mutated * SECONDS_PER_REQUEST + operations * SECONDS_PER_OPERATION + import_seconds,
        day=day,
    )


@dataclass(frozen=True, slots=True)
class Outlook:
    """What portions that are not planned yet depend on, besides their orders."""

    records_per_request: int
    has_group: Callable[[str], bool]
    """Whether the board has a customer's group, as far as the customer's name tells."""
    imports: ExpectedImports


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run in portions is thought to take."""

    requests: int
    of_customers: Mapping[str, int]
    """Requests of each customer; those that make groups are nobody's."""
    forecast: Forecast


def estimate(first: Plan, parts: Sequence[Sequence[SelectedOrder]], outlook: Outlook) -> Estimate:
    """What a run in these portions takes, of which the first is planned.

    Of the others the customers, orders and lines are known. That findings keep some of them back, and that an
    order takes several items, is thought to be as frequent as in the first portion.
    """
    of_customers = {batch.customer: float(len(batch.requests)) for batch in first.batches}
    rest = _Rest(_Shares.of(first, parts[0]), outlook)
    for part in islice(parts, 1, None):
        missing = 0
        for customer, orders in _by_customer(part).items():
            items, lines = sum(order.writes_item for order in orders), sum(map(_lines, orders))
            if customer not in of_customers and items and not outlook.has_group(customer):
                missing += 1
            of_customers[customer] = of_customers.get(customer, 0.0) + rest.add(items, lines)
        rest.add_groups(missing)
    return Estimate(
        ceil(sum(1 for _ in first.requests) + rest.requests),
        {customer: ceil(requests) for customer, requests in of_customers.items()},
        first.forecast + rest.forecast if len(parts) > 1 else first.forecast,
    )


def _by_customer(part: Sequence[SelectedOrder]) -> Mapping[str, Sequence[SelectedOrder]]:
    found: dict[str, list[SelectedOrder]] = {}
    for order in part:
        found.setdefault(order.customer, []).append(order)
    return found


def _lines(order: SelectedOrder) -> int:
    return order.lines if order.writes_lines else 0


@dataclass(frozen=True, slots=True)
class _Shares:
    """How many operations came of each item, and of each line, that the states of the orders promised."""

    items: float
    lines: float

    @classmethod
    def of(cls, plan: Plan, part: Sequence[SelectedOrder]) -> "_Shares":
        orders = [order for batch in plan.batches for order in batch.orders]
        items = sum((order.operation is not None) + len(order.continuations) for order in orders)
        lines = sum(
            line.operation is not None for order in orders if not order.blocked for line in order.lines
        )
        return cls(
            _share(items, sum(order.writes_item for order in part)), _share(lines, sum(map(_lines, part)))
        )


def _share(operations: int, promised: int) -> float:
    return operations / promised if promised else 1.0


class _Rest:
    """What the portions add up to that are not planned yet. Fractions of requests are likelihoods."""

    def __init__(self, shares: _Shares, outlook: Outlook) -> None:
        self._shares = shares
        self._size = outlook.records_per_request
        self._imports = outlook.imports
        self._mutated = self._operations = 0.0
        self._files = self._import_calls = 0
        self._import_seconds = 0.0

    def add(self, items: int, lines: int) -> float:
        """Count a customer's part of a portion in; returns its requests."""
        shares, before = self._shares, self.requests
        imported = self._imports.take(round(items * shares.items), round(lines * shares.lines))
        self._files += imported.files
        self._import_calls += imported.calls
        self._import_seconds += imported.seconds
        self._mutate(items, shares.items, imported.items)
        self._mutate(lines, shares.lines, imported.lines)
        return self.requests - before

    def add_groups(self, missing: int) -> None:
        """Count in what makes a portion's groups."""
        self._mutate(missing, 1.0)

    def _mutate(self, records: int, share: float, imported: int = 0) -> None:
        """Count records in of which this share becomes operations, some of them imported."""
        operations = round(records * share) - imported if imported else records * share
        self._operations += operations
        self._mutated += self._requests(operations) if imported else self._likely(records, share)

    def _requests(self, operations: float) -> int:
        return ceil(round(operations / self._size, 6))  # 20.000000000000004 are twenty

    def _likely(self, records: int, share: float) -> float:
        """How many requests they take: at least what their expected number takes, if it is more than one."""
        if records * max(1.0, share) <= self._size:
            return 1.0 - max(0.0, 1.0 - share) ** records  # one, unless none of the few becomes an operation
        if share >= 1.0:
            return float(self._requests(records * share))
        # A few more of them than expected may need one more request, a few less seldom need one less.
        return max(share * self._requests(records), self._requests(records * share))

    @property
    def requests(self) -> float:
        return self._mutated + self._files

    @property
    def forecast(self) -> Forecast:
        calls = self._mutated + self._import_calls
        told = _forecast(calls, self._mutated, self._operations, self._import_seconds)
        return replace(told, about=True)
