"""How a selection is cut into portions, and what a stream of them knows before its run."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.orders.model import Selection, SyncState
from core.orders.outline import SelectedOrder
from core.sync.control import RunControl
from core.sync.feed import RunHead
from core.sync.planner import PlanOptions
from core.workspace.streaming import PortionSize, cut

SIZE = PortionSize(orders=10, records=30)
TINY = PortionSize(orders=3, records=20)
CUSTOMER = "ATELIER ÉTOILE"


def orders_of(**customers: tuple[int, int]) -> list[SelectedOrder]:
    """Customer -> number of orders and lines of each."""
    return [
        SelectedOrder(f"{customer}-{number}", customer, lines)
        for customer, (orders, lines) in customers.items()
        for number in range(orders)
    ]


def shape(portions) -> list[dict[str, int]]:
    return [
        {customer: sum(o.customer == customer for o in part) for customer in {o.customer for o in part}}
        for part in portions
    ]


def test_a_portion_that_is_half_full_ends_before_a_customer_that_does_not_fit():
    assert shape(cut(orders_of(a=(6, 1), b=(6, 1)), SIZE)) == [{"a": 6}, {"b": 6}]


def test_a_portion_that_is_less_than_half_full_takes_a_part_of_the_next_customer():
    assert shape(cut(orders_of(a=(3, 1), b=(12, 1)), SIZE)) == [{"a": 3, "b": 7}, {"b": 5}]


def test_a_portion_ends_where_its_records_are_too_many_whatever_its_orders():
    assert shape(cut(orders_of(a=(4, 9)), SIZE)) == [{"a": 3}, {"a": 1}]


def test_an_order_that_is_larger_than_a_portion_is_one_of_its_own():
    assert shape(cut(orders_of(a=(1, 2), b=(1, 1_000), c=(1, 2)), SIZE)) == [{"a": 1}, {"b": 1}, {"c": 1}]


def test_nothing_is_one_portion_without_orders():
    assert cut([], SIZE) == [[]]


def test_where_orders_may_go_as_files_a_customer_that_fits_one_file_is_not_divided(mapping):
    orders = orders_of(a=(1_500, 5), b=(1_500, 5))
    parts = {
        way: shape(cut(orders, PortionSize.of(PlanOptions("test", mapping, bulk_import=way))))
        for way in ("never", "auto")
    }
    assert parts["auto"] == [{"a": 1_500}, {"b": 1_500}]
    assert len(parts["never"]) > 2


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 25)), max_size=120))
def test_every_order_is_in_one_portion_in_its_customers_order_and_none_is_too_large(drawn):
    orders = [SelectedOrder(f"o{number}", *each) for number, each in enumerate(drawn)]
    portions = cut(orders, SIZE)
    flat = [order for part in portions for order in part]
    customers = dict.fromkeys(order.customer for order in orders)
    assert flat == [order for customer in customers for order in orders if order.customer == customer]
    for part in portions:
        records = sum(1 + order.lines for order in part)
        assert len(part) <= SIZE.orders
        assert records <= SIZE.records or len(part) == 1
    for one, other in pairwise(portions):
        # Together they would not have fitted, or the first was at least half full.
        assert one
        assert other


# A stream


async def test_a_selection_that_fits_one_portion_has_the_head_and_the_forecast_of_its_plan(workspace):
    selection = Selection((CUSTOMER,), limit=3)
    plan = await workspace.plan(selection)
    stream = await workspace.open_stream(selection)
    assert stream.head == RunHead.of(plan)
    assert replace(stream.forecast, day=None) == replace(plan.forecast, day=None)
    portion = await stream.next()
    assert [request.hash for request in portion.plan.requests] == [request.hash for request in plan.requests]
    assert await stream.next() is None
    assert stream.rest == []


async def test_a_selection_in_several_portions_tells_the_totals_and_the_scope_of_one_plan(workspace):
    plan = await workspace.plan(Selection())
    stream = await workspace.open_stream(Selection(), PortionSize(orders=100, records=400))
    head, whole = stream.head, RunHead.of(plan)
    assert (head.orders, head.lines, head.settles, head.left_alone) == (whole.orders, whole.lines, None, 0)
    assert [(c.customer, c.orders, c.lines) for c in head.customers] == [
        (c.customer, c.orders, c.lines) for c in whole.customers
    ]
    assert head.scope == whole.scope
    assert stream.unresolved == 0


@pytest.mark.parametrize("size", [PortionSize(30, 200), PortionSize(100, 400), PortionSize(200, 1_000)])
async def test_the_forecast_of_several_portions_is_nearly_what_their_plans_add_up_to(workspace, size):
    stream = await workspace.open_stream(Selection(), size)
    calls = points = 0
    groups: set[str] = set()
    while portion := await stream.next():
        points += portion.plan.forecast.complexity
        calls += portion.plan.forecast.calls
        # A portion plans the groups of an earlier one again; a run makes them once.
        calls -= bool(portion.plan.new_groups) and groups.issuperset(portion.plan.new_groups)
        groups.update(portion.plan.new_groups)
    assert abs(stream.forecast.calls - calls) <= 0.03 * calls
    assert abs(stream.forecast.complexity - points) <= 0.06 * points
    assert stream.forecast.about


async def test_the_first_portion_has_the_keys_of_a_preview_and_the_others_go_on_counting(workspace):
    plan = await workspace.plan(Selection())
    previewed = [request.key for request in plan.requests]
    assert len(set(previewed)) == len(previewed)
    stream = await workspace.open_stream(Selection(), PortionSize(orders=30, records=200))
    portions: list[list[str]] = []
    while portion := await stream.next():
        portions.append([request.key for request in portion.plan.requests])
    keys = [key for portion in portions for key in portion]
    assert len(portions) > 3
    assert len(set(keys)) == len(keys)
    assert "groups / 1" in portions[0]
    assert set(portions[0]) <= set(previewed)
    by_kind: dict[str, list[int]] = {}
    for key in keys:
        kind, _, number = key.rpartition(" / ")
        by_kind.setdefault(kind, []).append(int(number))
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_kind.values())


async def test_an_outline_knows_which_items_and_lines_are_to_be_written_as_a_plan_does(desk, workspace):
    combinations = [
        (state, action, item_id)
        for state in ("NEW", "PENDING", "SYNCED")
        for action in ("INSERT", "UPDATE", "DELETE")
        for item_id in (None, "7")
    ]
    keys = [
        row["record_uuid"]
        for row in desk.rows(
            'SELECT record_uuid FROM ORDER_LIST_DELTA WHERE "CUSTOMER NAME" = ? LIMIT ?',
            CUSTOMER,
            len(combinations),
        )
    ]
    for key, values in zip(keys, combinations, strict=True):
        desk.rows(
            "UPDATE ORDER_LIST_DELTA SET sync_state = ?, action_type = ?, monday_item_id = ?"
            " WHERE record_uuid = ?",
            *values,
            key,
        )
    selection = Selection(order_keys=tuple(keys))
    (batch,) = (await workspace.plan(selection)).batches
    planned = {order.key: order for order in batch.orders}
    outlined = workspace._store.selected_orders(selection)
    assert {order.key for order in outlined} == set(planned) == set(keys)
    for order in outlined:
        as_planned = planned[order.key]
        assert order.writes_item == (as_planned.operation is not None)
        assert order.writes_lines == any(line.operation is not None for line in as_planned.lines)


async def test_portions_hold_the_operations_of_one_plan_each_once(workspace):
    plan = await workspace.plan(Selection())
    stream = await workspace.open_stream(Selection(), PortionSize(orders=50, records=300))
    operations, orphans = [], []
    while portion := await stream.next():
        operations += [
            operation
            for batch in portion.plan.batches
            for request in batch.requests
            for operation in request.operations
        ]
        orphans += portion.plan.orphans
    of_plan = [o for batch in plan.batches for request in batch.requests for o in request.operations]
    assert sorted(o.hash for o in operations) == sorted(o.hash for o in of_plan)
    assert [line.key for line in orphans] == [line.key for line in plan.orphans]


async def test_records_in_error_that_are_not_selected_are_counted_as_in_one_plan(desk, workspace):
    desk.rows(
        "UPDATE ORDER_LIST_DELTA SET sync_state = 'ERROR' WHERE record_uuid IN"
        ' (SELECT record_uuid FROM ORDER_LIST_DELTA WHERE "CUSTOMER NAME" = ? LIMIT 4)',
        CUSTOMER,
    )
    desk.rows(
        "UPDATE ORDER_LIST_LINES_DELTA SET sync_state = 'ERROR' WHERE line_uuid IN"
        " (SELECT line_uuid FROM ORDER_LIST_LINES_DELTA JOIN ORDER_LIST_DELTA USING (record_uuid)"
        ' WHERE "CUSTOMER NAME" = ? LIMIT 30)',
        CUSTOMER,
    )
    for states in (Selection().states, (SyncState.ERROR,)):
        selection = Selection((CUSTOMER,), states=states, limit=20)
        plan = await workspace.plan(selection)
        stream = await workspace.open_stream(selection, TINY)
        assert stream.unresolved == await workspace._left_in_error(plan)


async def test_orders_whose_outcome_nobody_can_tell_are_left_alone_from_the_beginning(
    desk, workspace, monkeypatch
):
    plan = await workspace.plan(Selection((CUSTOMER,), limit=4))
    order, other = plan.batches[0].orders[:2]

    class Undecided:
        def __init__(self, key: str) -> None:
            self.record_key = self.key = key

    class Found:
        undecided = (Undecided(order.key), Undecided(other.lines[0].key))

    async def reconcile():
        return Found()

    monkeypatch.setattr(workspace, "reconcile", reconcile)
    selection = replace(Selection((CUSTOMER,), limit=4), resumes="run-1")
    stream = await workspace.open_stream(selection, PortionSize(orders=1, records=1))
    assert stream.head.left_alone == 2
    assert stream.head.settles is None
    assert stream.head.orders == 2
    assert {order.key, other.key}.isdisjoint(stream.head.scope.order_keys)
    report = await workspace.run_stream(stream, RunControl(), lambda _event: None)
    assert (report.left_alone, report.orders.created) == (2, 2)


async def test_an_empty_selection_is_a_run_of_nothing(workspace):
    stream = await workspace.open_stream(Selection(order_keys=()))
    report = await workspace.run_stream(stream, RunControl(), lambda _event: None)
    assert (report.orders.selected, report.lines.selected, report.balanced) == (0, 0, True)


@pytest.mark.parametrize("size", [PortionSize(), TINY])
async def test_a_run_of_a_stream_is_journalled_with_what_it_set_out_to_send(workspace, size):
    stream = await workspace.open_stream(Selection((CUSTOMER,), limit=7), size)
    control = RunControl()
    control.stop()
    report = await workspace.run_stream(stream, control, lambda _event: None)
    assert report.orders.not_started == report.orders.selected == 7
    (run,) = await workspace.interrupted_runs()
    assert (run.run_id, run.orders, len(run.unfinished)) == (report.run_id, 7, 7)
