"""What a run keeps of the records that have ended: how many, how, and which of them failed. Pure."""

from collections.abc import Iterable

from core.errors import Problem
from core.orders.outline import SelectedOrder
from core.sync.ledger import Ledger
from core.sync.report import Counts, CustomerReport, Failure, KeptOrder, Withheld


class RunTotals:
    """The sum of a run's ledgers, which it need not keep beyond their end, and of what never got into one."""

    def __init__(self, customers: Iterable[str] = ()) -> None:
        """`customers` are those of the run, in the order of their turn."""
        self.orders = Counts()
        self.lines = Counts()
        """Those without a header included."""
        self._customers = {customer: CustomerReport(customer, Counts(), Counts()) for customer in customers}
        self._without_header = Counts()
        self._failures: list[Failure] = []
        self._failures_without_header: list[Failure] = []
        self._withheld: dict[tuple[str, str], int] = {}
        self._kept: list[KeptOrder] = []

    def add(self, ledger: Ledger, *, with_kept: bool = False) -> None:
        """Take over what a ledger says when all its records have ended.

        `with_kept`: also the single orders that the run was not to touch.
        """
        orders, lines = ledger.counts()
        self.orders += orders
        self.lines += lines
        for report in ledger.customers():
            self._add_customer(report.customer, report.orders, report.lines)
        self._without_header += ledger.without_header()
        self._failures.extend(ledger.failures())
        self._failures_without_header.extend(ledger.failures_without_header())
        for reason in ledger.withheld():
            self._withhold(reason)
        if with_kept:
            self._kept.extend(ledger.kept())

    def add_gone(self, orders: Iterable[SelectedOrder], problem: Problem) -> None:
        """Count orders as skipped that are no longer what was selected."""
        for order in orders:
            self._add(order.customer, Counts(1, skipped=1), Counts(order.lines, skipped=order.lines))
            self._withhold(Withheld(1, problem.title, problem.remedy))

    def add_not_started(self, orders: Iterable[SelectedOrder]) -> None:
        """Count orders in whose turn never came."""
        for order in orders:
            lines = Counts(order.lines, not_started=order.lines)
            self._add(order.customer, Counts(1, not_started=1), lines)

    def _add(self, customer: str, orders: Counts, lines: Counts) -> None:
        self.orders += orders
        self.lines += lines
        self._add_customer(customer, orders, lines)

    def _add_customer(self, customer: str, orders: Counts, lines: Counts) -> None:
        before = self._customers.get(customer, CustomerReport(customer, Counts(), Counts()))
        self._customers[customer] = CustomerReport(customer, before.orders + orders, before.lines + lines)

    def _withhold(self, reason: Withheld) -> None:
        key = (reason.message, reason.remedy)
        self._withheld[key] = self._withheld.get(key, 0) + reason.orders

    @property
    def customers(self) -> tuple[CustomerReport, ...]:
        """Each customer's part; lines without a header last."""
        reports = tuple(self._customers.values())
        if not self._without_header.selected:
            return reports
        return (*reports, CustomerReport("", Counts(), self._without_header))

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Every record that failed or whose outcome is unknown; lines without a header last."""
        return (*self._failures, *self._failures_without_header)

    @property
    def withheld(self) -> tuple[Withheld, ...]:
        """How many orders the run was not to touch, for each reason."""
        return tuple(Withheld(orders, *reason) for reason, orders in self._withheld.items())

    @property
    def kept(self) -> tuple[KeptOrder, ...]:
        """Every order that the run was not to touch, and why, of the ledgers that were added with them."""
        return tuple(self._kept)
