"""A run that gets its plan in portions, on a real practice board: which go when, and what is kept of them."""

import gc
import weakref
from collections.abc import AsyncIterator

import pytest

from core.errors import BoardError, Problem
from core.orders.model import Selection
from core.orders.outline import SelectedOrder
from core.sync.control import RunControl
from core.sync.events import CustomerEnded, RecordEnded, RequestAnswered, RequestSent, RunEvent
from core.sync.feed import Portion, RunHead
from core.sync.ledger import Ledger
from core.sync.order_account import Ended
from core.sync.outcome import Outcome
from core.sync.plan import Plan, Step, TargetKind
from core.sync.totals import RunTotals
from core.workspace import Workspace

CUSTOMERS = ("ATELIER ÉTOILE", "GREYSON CLOTHIERS", "LINDEN & LOOM")


class Portions:
    """One portion of a few orders of each customer, planned when it is asked for."""

    def __init__(self, workspace: Workspace, first: Plan, customers: tuple[str, ...] = CUSTOMERS) -> None:
        self.head = RunHead.of(first)
        self.rest: list[SelectedOrder] = []
        self.plans: list[weakref.ref[Plan]] = []
        self.most_alive = 0
        self._workspace = workspace
        self._customers = iter(customers)

    async def next(self) -> Portion | None:
        customer = next(self._customers, None)
        if customer is None:
            return None
        plan = await self._workspace.plan(Selection((customer,), limit=2))
        self.plans.append(weakref.ref(plan))
        gc.collect()
        self.most_alive = max(self.most_alive, sum(plan() is not None for plan in self.plans))
        return Portion(plan)

    async def ended(self, portion: Portion) -> None:
        pass


@pytest.fixture
async def workspace(desk) -> AsyncIterator[Workspace]:
    async with desk.opened() as made:
        yield made


async def run(workspace: Workspace, feed, emit=lambda _event: None, control: RunControl | None = None):
    return await workspace._engine().run_portions(feed, control or RunControl(), emit)


async def test_no_more_than_two_portions_are_in_memory(workspace):
    feed = Portions(workspace, await workspace.plan(Selection(CUSTOMERS[:1], limit=2)))
    report = await run(workspace, feed)
    assert report.orders.created == 2 * len(CUSTOMERS)
    assert feed.most_alive == 2
    gc.collect()
    assert [plan() for plan in feed.plans] == [None] * len(CUSTOMERS)


async def test_the_next_portion_is_sent_beside_the_present_one_and_each_line_after_its_item(desk, workspace):
    text = desk.configuration_file.read_text(encoding="utf-8")
    limits = "[profiles.practice.limits]\nrecords_per_request = 1\n"
    desk.configuration_file.write_text(f"{text}\n{limits}", encoding="utf-8")
    async with desk.opened() as small:
        plans = [await small.plan(Selection((customer,), limit=3)) for customer in CUSTOMERS[:2]]

        class Planned(Portions):
            async def next(self) -> Portion | None:
                return Portion(plans.pop(0)) if plans else None

        control = RunControl()
        events: list[RunEvent] = []
        lines_first: list[str] = []

        def listen(event: RunEvent) -> None:
            events.append(event)
            if isinstance(event, RecordEnded) and event.target is TargetKind.LINE:
                confirmed = {e.key for e in events if isinstance(e, RecordEnded)}
                lines_first.extend({event.order_key} - confirmed)

        report = await run(small, Planned(small, plans[0]), listen, control)
    assert report.orders.created == 6
    assert lines_first == []
    traffic = [event for event in events if isinstance(event, RequestSent | RequestAnswered)]

    def places(customer: str, step: Step) -> list[int]:
        return [n for n, e in enumerate(traffic) if (e.customer, e.step) == (customer, step)]

    first, second = CUSTOMERS[:2]
    assert places(second, Step.ITEMS)[0] < places(first, Step.SUBITEMS)[-1]
    assert places(first, Step.ITEMS)[-1] < places(second, Step.SUBITEMS)[0]


async def test_a_group_of_an_earlier_portion_is_used_and_not_made_again(desk, workspace):
    plans = [await workspace.plan(Selection(CUSTOMERS[:1], limit=limit)) for limit in (2, 4)]
    first = {order.key for order in plans[0].batches[0].orders}

    class Again(Portions):
        async def next(self) -> Portion | None:
            if not plans:
                return None
            plan = plans.pop(0)
            others = {} if len(plans) else dict.fromkeys(first, Problem("sent", "Sent", "", ""))
            return Portion(plan, others, continued=CUSTOMERS[0] if plans else None)

    ended: list[CustomerEnded] = []
    feed = Again(workspace, plans[0])
    report = await run(workspace, feed, lambda e: ended.append(e) if isinstance(e, CustomerEnded) else None)
    assert desk.group_titles().count(CUSTOMERS[0]) == 1
    assert report.groups_created == 1
    assert (report.orders.created, report.orders.skipped) == (4, 2)
    assert [part.customer for part in report.customers] == [CUSTOMERS[0]]
    assert [(event.customer, event.synced) for event in ended] == [
        (CUSTOMERS[0], report.orders.synced + report.lines.synced)
    ]


async def test_a_portion_that_cannot_be_had_stops_the_run_and_what_it_would_have_sent_is_not_started(
    workspace,
):
    class Broken(Portions):
        async def next(self) -> Portion | None:
            if self.plans:
                self.rest = [SelectedOrder("one", "LATE", 3), SelectedOrder("two", CUSTOMERS[0], 1)]
                raise BoardError(Problem("gone", "The board is gone", "board", "Look after it."))
            return await super().next()

    report = await run(workspace, Broken(workspace, await workspace.plan(Selection(CUSTOMERS[:1], limit=2))))
    assert report.stopped.code == "gone"
    assert report.balanced
    assert report.orders.selected == report.orders.synced + report.orders.not_started == 4
    assert [(c.customer, c.orders.selected) for c in report.customers] == [(CUSTOMERS[0], 3), ("LATE", 1)]
    assert report.resumable


def test_ledgers_add_up_to_what_one_of_them_would_have_said(make_order, make_line, plan_of):
    from datetime import UTC, datetime

    noon = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    orders = [make_order(customer, lines=2) for customer in ("ACME", "BOLT", "ACME", "CONE")]
    lost = make_line("nowhere", key="lost")
    refused = Problem("refused", "The board refused it", "a record", "Correct it.")

    def total(*parts) -> RunTotals:
        run = RunTotals(("ACME", "BOLT", "CONE"))
        for number, part in enumerate(parts):
            plan = plan_of(*part, orphans=() if number else (lost,))
            ledger = Ledger(plan, {orders[1].key: refused})
            ledger.validate(noon)
            for request in plan.requests:
                for place, operation in enumerate(request.operations):
                    if request.step is Step.GROUPS or operation.customer == "BOLT":
                        continue
                    if operation.order_key and not ledger.may_send(operation):
                        continue
                    if operation.key == orders[2].key:
                        ledger.ended(operation, Ended(Outcome.FAILED, refused), noon)
                    else:
                        ledger.confirmed(operation, f"id {place}", noon)
            ledger.close(noon)
            run.add(ledger, with_kept=True)
        return run

    whole = total([orders[0], orders[2], orders[1], orders[3]])
    parts = total([orders[0]], [orders[2], orders[1]], [orders[3]])
    assert (parts.orders, parts.lines, parts.customers) == (whole.orders, whole.lines, whole.customers)
    assert (parts.failures, parts.withheld, parts.kept) == (whole.failures, whole.withheld, whole.kept)
    assert [failure.key for failure in whole.failures] == [orders[2].key, "lost"]
