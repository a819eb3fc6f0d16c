"""What portions are thought to cost that are not planned yet: their sizes are known, the rest is guessed."""

from collections.abc import Sequence

import pytest

from core.orders.model import LoadedOrders, Order, Selection, SyncState
from core.orders.outline import SelectedOrder
from core.sync.bulk.choice import ITEMS_PER_HOUR
from core.sync.estimate import Estimate, estimate
from core.sync.planner import Planner, PlanOptions
from tests.core.sync.conftest import MAPPING, SCHEMA


def outlined(orders: Sequence[Order]) -> list[SelectedOrder]:
    """The orders as their outline has them; all of them are new or wait for their lines alone."""
    return [SelectedOrder(o.key, o.customer, len(o.lines), writes_item=o.item_id is None) for o in orders]


def estimated(first: Sequence[Order], *others: Sequence[SelectedOrder], **options) -> Estimate:
    """The estimate of a run whose first portion are these orders; ten records a request."""
    options = {"records_per_request": 10, **options}
    planner = Planner(SCHEMA, PlanOptions("test", MAPPING, **options))
    plan = planner.plan(LoadedOrders(tuple(first), ()), Selection())
    return estimate(plan, [outlined(first), *others], planner.outlook)


def customer(name: str, orders: int, lines: int, **fields: bool) -> list[SelectedOrder]:
    return [SelectedOrder(f"{name} {number}", name, lines, **fields) for number in range(orders)]


def test_one_portion_costs_what_its_plan_says(make_order, plan_of):
    orders = [make_order(lines=3) for _ in range(7)]
    plan = plan_of(*orders, records_per_request=10)
    alone = estimated(orders)
    assert alone.forecast == plan.forecast
    assert (alone.requests, alone.of_customers) == (5, {"ACME": 4})


def test_each_customer_of_a_portion_has_requests_of_its_own(make_order):
    first = [make_order("KNOWN", lines=1) for _ in range(10)]
    small = [order for number in range(5) for order in customer(f"SMALL {number}", 2, 3)]
    both = estimated(first, small)
    # Two for the known customer, one for the groups, and two for each small one.
    assert both.requests == both.forecast.calls == 2 + 1 + 5 * 2
    assert both.of_customers == {"KNOWN": 2, **{f"SMALL {number}": 2 for number in range(5)}}
    assert both.forecast.complexity == (10 + 10 + 5 + 5 * (2 + 6)) * 10_000


def test_a_group_is_made_once_for_a_customer_in_several_portions_and_not_where_the_board_has_it(make_order):
    first = [make_order("ACME") for _ in range(10)]
    alone = estimated(first).requests
    assert estimated(first, customer("ACME", 10, 0)).requests == alone + 1
    assert estimated(first, customer("KNOWN", 10, 0)).requests == alone + 1
    assert estimated(first, customer("NEW", 10, 0)).requests == alone + 2
    assert estimated(first, customer("NEW", 10, 0), customer("NEW", 10, 0)).requests == alone + 3
    assert estimated(first, customer("NEW", 10, 1, writes_item=False)).requests == alone + 1


def test_items_that_are_there_cost_nothing_whatever_the_first_portion_is_like(make_order):
    there = [
        make_order(f"C{n}", item_id=str(n + 1), state=SyncState.PENDING, lines=1, key=f"there {n}")
        for n in range(5)
    ]
    both = estimated(there, [order for n in range(5) for order in customer(f"KNOWN {n}", 1, 1)])
    assert both.requests == 5 + 5 * 2 + 1
    rest = [order for n in range(5) for order in customer(f"KNOWN {n}", 1, 1, writes_item=False)]
    assert estimated(there, rest).requests == 5 + 5


def test_lines_of_cancelled_orders_cost_nothing(make_order):
    first = [make_order("KNOWN", lines=1)]
    both = estimated(first, customer("KNOWN", 10, 5, writes_lines=False))
    assert both.requests == 2 + 1


def test_what_is_refused_in_the_first_portion_is_thought_to_be_as_frequent_in_the_others(
    make_order, make_line
):
    def half_refused() -> Order:
        lines = (make_line(), make_line(size="NO SUCH SIZE"))
        return make_order("KNOWN", lines=lines)

    first = [half_refused() for _ in range(10)]
    both = estimated(first, customer("KNOWN", 40, 2))
    assert both.forecast.complexity == (10 + 10 + 40 + 40) * 10_000
    assert both.requests == 2 + 4 + 4


def test_a_refusal_now_and_then_seldom_saves_a_request(make_order):
    first = [make_order("KNOWN", values={} if n else {"DUE": "some day"}) for n in range(20)]
    # Of the 21 about twenty are expected, which fit two requests, but only where one is refused.
    assert estimated(first, customer("KNOWN", 21, 0)).requests == 2 + 3


@pytest.mark.parametrize(("orders", "requests"), [(1, 1), (2, 1), (9, 1), (40, 2)])
def test_of_few_orders_one_that_is_not_refused_takes_a_request(make_order, orders, requests):
    first = [make_order("KNOWN", values={} if n % 2 else {"DUE": "some day"}) for n in range(10)]
    assert estimated(first, customer("KNOWN", orders, 0)).requests == 1 + requests


def test_nothing_is_thought_to_be_sent_where_all_of_the_first_portion_is_refused(make_order):
    first = [make_order("KNOWN", values={"DUE": "some day"}, lines=2) for n in range(10)]
    both = estimated(first, customer("KNOWN", 30, 2))
    assert (both.requests, both.forecast.calls, both.forecast.seconds) == (0, 0, 0.0)


def test_orders_without_any_hint_in_the_first_portion_are_thought_to_be_sent(make_order):
    assert estimated([], customer("KNOWN", 30, 2)).requests == 3 + 6


def test_further_customers_are_imported_where_that_costs_fewer_calls(make_order):
    auto = {"bulk_import": "auto"}
    first = [make_order("KNOWN", lines=4) for _ in range(20)]
    alone = estimated(first, **auto)
    assert (alone.requests, alone.forecast.calls) == (1, 3)
    large = estimated(first, customer("KNOWN", 100, 4), **auto)
    assert (large.requests, large.forecast.calls) == (2, 6)
    assert large.forecast.complexity == alone.forecast.complexity == 0
    assert large.forecast.seconds == 2 * alone.forecast.seconds
    small = estimated(first, customer("KNOWN", 3, 1), **auto)
    assert (small.requests, small.forecast.calls) == (3, 5)


def test_what_is_refused_now_and_then_leaves_nothing_beside_the_import(make_order):
    always = {"bulk_import": "always"}
    first = [make_order("KNOWN", lines=2, values={} if n else {"DUE": "some day"}) for n in range(30)]
    alone = estimated(first, **always)
    both = estimated(first, customer("KNOWN", 50, 2), **always)
    assert (alone.requests, both.requests) == (1, 2)
    assert both.forecast.complexity == 0


def test_lines_of_items_that_are_there_go_by_mutations_beside_an_import(make_order):
    always = {"bulk_import": "always"}
    new = [make_order("KNOWN", lines=2) for _ in range(10)]
    there = [make_order("KNOWN", item_id=str(n), state=SyncState.PENDING, lines=2) for n in range(10)]
    rest = [*customer("KNOWN", 20, 2), *customer("KNOWN", 20, 2, writes_item=False)]
    both = estimated([*new, *there], rest, **always)
    # A file and two requests with twenty lines; then a file and four requests with forty.
    assert both.requests == (1 + 2) + (1 + 4)


def test_no_more_imports_are_thought_of_than_an_account_may_make_in_an_hour(make_order):
    first = [make_order("KNOWN", lines=4) for _ in range(20)]
    half = customer("KNOWN", 1, ITEMS_PER_HOUR // 2)
    always = {"bulk_import": "always"}
    both = estimated(first, half, half, **always)
    assert both.forecast.complexity == len(half) * (1 + ITEMS_PER_HOUR // 2) * 10_000
    never = estimated(first, half, half)
    assert never.forecast.complexity == (100 + 2 * (1 + ITEMS_PER_HOUR // 2)) * 10_000


def test_what_cannot_be_imported_in_the_first_portion_is_thought_to_go_by_mutations_later(make_order):
    labelled = [make_order("KNOWN", lines=1, values={"STYLE": "A NEW STYLE"}) for _ in range(10)]
    usual = [make_order("KNOWN") for _ in range(10)]
    both = estimated([*labelled, *usual], customer("KNOWN", 40, 0), bulk_import="always")
    # Half of the forty in one file, half of them by two requests; as in the first portion.
    assert both.requests == (1 + 1 + 1) + (1 + 2)
