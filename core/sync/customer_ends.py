"""Tells once of each customer that every record has its outcome, in however many portions they come."""

from collections import Counter
from collections.abc import Callable

from core.sync.events import CustomerEnded
from core.sync.report import CustomerReport


class CustomerEnds:
    """The customers of one run. Times are monotonic seconds."""

    def __init__(self, emit: Callable[[CustomerEnded], None]) -> None:
        self._emit = emit
        self._began: dict[str, float] = {}
        self._under_way: Counter[str] = Counter()
        self._synced: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._continued: str | None = None

    def begin(self, customer: str, now: float) -> None:
        """A part of the customer's orders is sent from now on."""
        self._began.setdefault(customer, now)
        self._under_way[customer] += 1

    def expect(self, continued: str | None) -> None:
        """All parts of the present portion have begun; the next one brings more of this customer."""
        self._continued = continued

    def end(self, part: CustomerReport, now: float) -> None:
        """A part is through; tells when it was the customer's last."""
        customer = part.customer
        self._under_way[customer] -= 1
        self._synced[customer] += part.orders.synced + part.lines.synced
        self._failed[customer] += part.orders.failed + part.lines.failed
        if not self._under_way[customer] and customer != self._continued:
            self._tell(customer, now)

    def end_all(self, now: float) -> None:
        """Nothing more comes: the run was stopped before the next portion."""
        for customer in tuple(self._began):
            self._tell(customer, now)

    def _tell(self, customer: str, now: float) -> None:
        seconds = now - self._began.pop(customer)
        self._emit(
            CustomerEnded(customer, self._synced.pop(customer, 0), self._failed.pop(customer, 0), seconds)
        )
