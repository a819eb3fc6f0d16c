"""What a plan makes of orders with more lines than an item takes, where they may continue on others."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mapping.writers import NAME_LIMIT
from core.orders.model import ActionType, Continuation, LoadedOrders, Order, OrderLine, SyncState
from core.sync.plan import Operation, OperationKind, Reference, Step, TargetKind
from core.sync.planner import PlanOptions, make_plan, stamp_of
from core.sync.room import SubitemPlaces

LIMIT = 3


@pytest.fixture
def continued(plan_of):
    """Plan orders that may continue."""

    def make(*orders: Order, **options):
        return plan_of(*orders, **{"subitem_limit": LIMIT, "beyond_subitem_limit": "continue", **options})

    return make


def operations(plan, step: Step) -> list[Operation]:
    return [
        operation for request in plan.requests if request.step is step for operation in request.operations
    ]


def parents(plan) -> list[str]:
    """Under which item each new line comes: its id, or what stands for it."""
    found = (operation.mutation.arguments["parent_item_id"] for operation in operations(plan, Step.SUBITEMS))
    return [parent.key if isinstance(parent, Reference) else parent for parent in found]


def values(operation: Operation) -> dict:
    return json.loads(operation.mutation.arguments["column_values"])


# New orders


def test_lines_are_dealt_in_their_order_under_as_many_items_as_they_need(make_order, continued):
    plan = continued(make_order("KNOWN", lines=7))
    assert plan.findings == ()
    items = operations(plan, Step.ITEMS)
    assert [(each.kind, each.target, each.key) for each in items] == [
        (OperationKind.CREATE_ITEM, TargetKind.ORDER, "order-1"),
        (OperationKind.CREATE_ITEM, TargetKind.CONTINUATION, "order-1/2"),
        (OperationKind.CREATE_ITEM, TargetKind.CONTINUATION, "order-1/3"),
    ]
    assert parents(plan) == ["order-1"] * 3 + ["order-1/2"] * 3 + ["order-1/3"]


def test_a_further_item_has_the_values_of_the_first_but_for_its_name_and_key(make_order, continued):
    plan = continued(make_order("KNOWN", lines=4))
    own, further = operations(plan, Step.ITEMS)
    assert further.mutation.arguments["item_name"] == f"{own.mutation.arguments['item_name']} (2)"
    assert further.mutation.arguments["group_id"] == own.mutation.arguments["group_id"]
    assert values(further) == {**values(own), "key": "order-1/2"}
    assert further.label == "PO-001 (2)"
    assert [field.shown for field in further.fields if field.column_id == "key"] == ["order-1/2"]


def test_the_number_of_a_further_item_stays_readable_at_the_end_of_the_longest_name(make_order, continued):
    order = make_order("KNOWN", lines=4, values={"NUMBER": "N" * (NAME_LIMIT - len("POLO "))})
    _, further = operations(continued(order), Step.ITEMS)
    name = further.mutation.arguments["item_name"]
    assert len(name) == NAME_LIMIT
    assert name.endswith("N (2)")


def test_an_order_counts_once_however_many_items_it_has(make_order, continued):
    plan = continued(make_order("KNOWN", lines=7))
    assert (plan.order_count, plan.line_count) == (1, 7)
    assert plan.scope.order_keys == ("order-1",)


def test_a_line_that_is_not_sent_opens_no_further_item(make_order, make_line, continued):
    lines = (*(make_line("order-1") for _ in range(3)), make_line("order-1", size=""))
    plan = continued(make_order("KNOWN", lines=lines))
    assert [operation.key for operation in operations(plan, Step.ITEMS)] == ["order-1"]


def test_a_refused_order_makes_no_further_items_either(make_order, continued):
    plan = continued(make_order("KNOWN", lines=7, values={"DUE": "soon"}))
    assert list(plan.requests) == []


def test_each_further_item_takes_room_on_the_board(make_order, continued, schema):
    full = replace(schema, items=replace(schema.items, items_limit=100, items_count=98))
    (finding,) = continued(make_order("KNOWN", lines=7), schema=full).findings
    assert finding.code == "board_full"


@pytest.mark.parametrize("key_column", [None, "style"])
def test_without_the_orders_key_on_the_board_nothing_is_sent_and_it_is_said_why(
    make_order, schema, mapping, key_column
):
    unkeyed = mapping.model_copy(update={"item_key_column": key_column})
    options = PlanOptions("test", unkeyed, subitem_limit=LIMIT, beyond_subitem_limit="continue")
    orders = LoadedOrders((make_order("KNOWN", lines=4), make_order("KNOWN", lines=3)))
    plan = make_plan(orders, schema, options)
    (finding,) = plan.findings
    assert (finding.label, finding.code) == ("PO-001", "continuation_without_key")
    assert "item_key_column" in finding.remedy
    assert [operation.key for operation in operations(plan, Step.ITEMS)] == ["order-2"]


# Orders that are on the board


@pytest.fixture
def on_board(make_line):
    """Lines that have subitems: under the order's own item, or under a further one."""

    def make(count: int, continuation_id: str | None = None, **fields) -> tuple[OrderLine, ...]:
        details = {"state": SyncState.SYNCED, **fields}
        return tuple(
            make_line(
                "order-1",
                subitem_id=f"s-{continuation_id}-{place}",
                continuation_id=continuation_id,
                **details,
            )
            for place in range(count)
        )

    return make


CONTINUED = (Continuation(2, "902"),)


def test_a_change_of_the_order_changes_its_further_items_with_their_own_names_and_keys(make_order, continued):
    order = make_order(
        "KNOWN", item_id="900", action=ActionType.UPDATE, state=SyncState.PENDING, continuations=CONTINUED
    )
    own, further = operations(continued(order), Step.ITEMS)
    assert (own.mutation.arguments["item_id"], further.mutation.arguments["item_id"]) == ("900", "902")
    assert values(further) == {**values(own), "name": f"{values(own)['name']} (2)", "key": "order-1/2"}


def test_where_only_a_line_is_open_no_item_is_written(make_order, make_line, continued):
    order = make_order(
        "KNOWN",
        item_id="900",
        state=SyncState.SYNCED,
        lines=(make_line("order-1"),),
        other_subitems=4,
        continuations=(Continuation(2, "902", other_subitems=1),),
    )
    plan = continued(order)
    assert operations(plan, Step.ITEMS) == []
    assert parents(plan) == ["902"]


def test_where_the_own_item_has_to_be_made_a_further_one_that_is_there_gets_the_same_values(
    make_order, continued
):
    plan = continued(make_order("KNOWN", lines=4, continuations=CONTINUED))
    assert [(each.kind, each.key) for each in operations(plan, Step.ITEMS)] == [
        (OperationKind.CREATE_ITEM, "order-1"),
        (OperationKind.CHANGE_ITEM, "order-1/2"),
    ]
    assert parents(plan) == ["order-1"] * 3 + ["902"]


def test_no_further_item_is_made_while_those_that_are_there_have_room(make_order, make_line, plan_of):
    order = make_order(
        "KNOWN",
        item_id="900",
        state=SyncState.SYNCED,
        lines=tuple(make_line("order-1") for _ in range(2)),
        other_subitems=4,
        continuations=(Continuation(3, "903", other_subitems=1),),
    )
    plan = plan_of(order, subitem_limit=LIMIT)  # refused only where a further one would be needed
    assert (plan.findings, operations(plan, Step.ITEMS)) == ((), [])
    assert parents(plan) == ["903", "903"]


def test_a_line_that_is_archived_makes_room_under_its_own_item_alone(
    make_order, make_line, on_board, continued
):
    gone = on_board(1, "902", action=ActionType.DELETE, state=SyncState.PENDING)
    order = make_order(
        "KNOWN",
        item_id="900",
        state=SyncState.SYNCED,
        lines=(*on_board(3), *gone, make_line("order-1")),
        other_subitems=2,
        continuations=(Continuation(2, "902", other_subitems=2),),
    )
    plan = continued(order)
    kinds = [operation.kind for operation in operations(plan, Step.SUBITEMS)]
    assert kinds == [OperationKind.ARCHIVE_SUBITEM, OperationKind.CREATE_SUBITEM]
    created = operations(plan, Step.SUBITEMS)[1]
    assert created.mutation.arguments["parent_item_id"] == "902"
    lines = plan.batches[0].orders[0].lines
    assert [line.continuation for line in lines if line.operation] == ["902", "902"]


def test_a_cancelled_order_takes_all_its_items_along(make_order, continued):
    order = make_order(
        "KNOWN",
        item_id="900",
        action=ActionType.DELETE,
        state=SyncState.PENDING,
        continuations=(Continuation(2, "902"), Continuation(3, "903")),
    )
    archived = operations(continued(order), Step.ITEMS)
    assert {each.kind for each in archived} == {OperationKind.ARCHIVE_ITEM}
    assert [each.mutation.arguments["item_id"] for each in archived] == ["900", "902", "903"]


def test_the_stamp_of_an_order_tells_when_another_run_has_continued_it(make_order):
    order = make_order("KNOWN", item_id="900")
    assert stamp_of(replace(order, continuations=CONTINUED)) != stamp_of(order)


# Whatever is on the board already


@st.composite
def broken_off(draw):
    """A limit, a number of lines, and which of them are on the board when a first run is broken off."""
    limit = draw(st.integers(1, 5))
    there = draw(st.lists(st.booleans(), max_size=30))
    return limit, there


def dealt(limit: int, there: list[bool] | None, places_of_all: list[int], count: int) -> list[int]:
    """Under which of its items each line of an order comes, by number, those on the board included."""
    there = there or [False] * count
    ids = {number: f"item-{number}" for number in set(places_of_all) if number > 1}
    lines = tuple(
        OrderLine(
            f"line-{place}",
            "order",
            {},
            SyncState.PENDING,
            ActionType.INSERT,
            subitem_id=f"s-{place}" if is_there else None,
            continuation_id=ids.get(places_of_all[place]) if is_there else None,
        )
        for place, is_there in enumerate(there)
    )
    order = Order(
        "order",
        "ACME",
        "PO",
        {},
        SyncState.PENDING,
        ActionType.INSERT,
        item_id="item-1",
        lines=lines,
        continuations=tuple(Continuation(number, item_id) for number, item_id in sorted(ids.items())),
    )
    places, numbers = SubitemPlaces(order, limit), {item_id: number for number, item_id in ids.items()}
    found = []
    for place, line in enumerate(lines):
        if line.subitem_id is not None:
            found.append(places_of_all[place])
            continue
        above = places.take()
        if isinstance(above, Reference):
            found.append(int(above.key.rpartition("/")[2]))
        else:
            found.append(1 if above is None else numbers[above])
    return found


@given(broken_off())
def test_every_line_has_one_place_and_no_item_more_than_it_takes(case):
    limit, there = case
    found = dealt(limit, None, [], len(there))
    assert len(found) == len(there)
    assert all(count <= limit for count in Counter(found).values())
    assert set(found) == set(range(1, -(-len(there) // limit) + 1))


@given(broken_off())
def test_what_a_broken_run_has_left_goes_where_that_run_would_have_put_it(case):
    limit, there = case
    first = dealt(limit, None, [], len(there))
    assert dealt(limit, there, first, len(there)) == first


@given(broken_off(), st.lists(st.integers(1, 4), min_size=30, max_size=30))
def test_lines_stay_where_they_are_and_new_ones_never_overfill_an_item(case, anywhere):
    limit, there = case
    found = dealt(limit, there, anywhere, len(there))
    assert [place for place, is_there in zip(found, there, strict=True) if is_there] == [
        place for place, is_there in zip(anywhere, there, strict=False) if is_there
    ]
    before = Counter(place for place, is_there in zip(anywhere, there, strict=False) if is_there)
    for number, count in Counter(found).items():
        assert count <= max(limit, before[number])
