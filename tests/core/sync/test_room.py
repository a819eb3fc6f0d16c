"""What the plan makes of the board's limits: subitems under one item, items and subitems on a board."""

from dataclasses import replace

import pytest

from core.mapping.findings import Severity
from core.monday.client import Answer
from core.monday.errors import GraphError
from core.orders.model import ActionType, LoadedOrders, SyncState
from core.sync.plan import OperationKind, Step
from core.sync.planner import PlanOptions, planned_orders
from core.sync.room import Room
from core.sync.verdicts import Verdict, judge


def kinds(plan) -> list[OperationKind]:
    return [operation.kind for request in plan.requests for operation in request.operations]


def on_board(make_line, order_key: str, **fields):
    return make_line(order_key, subitem_id="31", state=SyncState.PENDING, **fields)


# Subitems under one item


def test_an_order_with_as_many_lines_as_an_item_takes_is_sent(make_order, plan_of):
    plan = plan_of(make_order("KNOWN", lines=3), subitem_limit=3)
    assert plan.findings == ()
    assert kinds(plan) == [OperationKind.CREATE_ITEM, *[OperationKind.CREATE_SUBITEM] * 3]


def test_100_subitems_an_item_is_the_limit_where_nothing_else_is_said(make_order, plan_of):
    plan = plan_of(make_order("KNOWN", lines=100), make_order("KNOWN", lines=101))
    (finding,) = plan.findings
    assert (finding.label, finding.code) == ("PO-002", "too_many_lines")


def test_an_order_with_more_lines_than_an_item_takes_is_refused_with_both_numbers_and_a_remedy(
    make_order, plan_of
):
    plan = plan_of(make_order("ACME", lines=4), make_order("KNOWN", lines=1), subitem_limit=3)
    (finding,) = plan.findings
    assert (finding.key, finding.label, finding.severity) == ("order-1", "PO-001", Severity.ERROR)
    assert finding.message == "The order has 4 lines; an item of the board takes 3 subitems"
    assert "subitem_limit in [profiles.test.limits]" in finding.remedy


def test_nothing_of_a_refused_order_is_sent_not_even_its_group(make_order, plan_of):
    plan = plan_of(make_order("ACME", lines=4), make_order("KNOWN", lines=1), subitem_limit=3)
    assert plan.new_groups == ()
    assert [operation.key for request in plan.requests for operation in request.operations] == [
        "order-2",
        "line-5",
    ]


def test_lines_that_are_on_the_board_already_count(make_order, plan_of):
    plan = plan_of(make_order(item_id="900", lines=2, other_subitems=99))
    (finding,) = plan.findings
    assert finding.message == (
        "The order has 101 lines, 99 of them on the board already; an item of the board takes 100 subitems"
    )


def test_a_line_that_is_archived_makes_room_for_another_and_leaves_first(make_order, make_line, plan_of):
    lines = (make_line("order-1"), on_board(make_line, "order-1", action=ActionType.DELETE))
    order = make_order("KNOWN", item_id="900", state=SyncState.SYNCED, lines=lines, other_subitems=1)
    plan = plan_of(order, subitem_limit=2)
    assert plan.findings == ()
    assert kinds(plan) == [OperationKind.ARCHIVE_SUBITEM, OperationKind.CREATE_SUBITEM]


def test_a_change_of_an_order_whose_item_is_beyond_the_limit_is_sent_as_long_as_no_line_is_new(
    make_order, make_line, plan_of
):
    line = on_board(make_line, "order-1", action=ActionType.UPDATE)
    order = make_order(
        item_id="900", action=ActionType.UPDATE, state=SyncState.PENDING, lines=(line,), other_subitems=5
    )
    plan = plan_of(order, subitem_limit=3)
    assert plan.findings == ()
    assert kinds(plan) == [OperationKind.CHANGE_ITEM, OperationKind.CHANGE_SUBITEM]


def test_a_cancelled_order_is_archived_however_many_lines_it_has(make_order, plan_of):
    order = make_order(item_id="900", action=ActionType.DELETE, state=SyncState.PENDING, lines=5)
    plan = plan_of(order, subitem_limit=3)
    assert plan.findings == ()
    assert kinds(plan) == [OperationKind.ARCHIVE_ITEM]


def test_1200_lines_are_split_over_as_many_requests_as_they_need(make_order, plan_of):
    plan = plan_of(make_order("KNOWN", lines=1200), subitem_limit=1200, records_per_request=80)
    assert plan.findings == ()
    subitems = [request for request in plan.requests if request.step is Step.SUBITEMS]
    assert [len(request.operations) for request in subitems] == [80] * 15
    keys = [operation.key for request in subitems for operation in request.operations]
    assert keys == [f"line-{number}" for number in range(1, 1201)]


# Items and subitems on a board


@pytest.fixture
def with_room(schema):
    """The board with so many places left for items and for subitems; None: it does not tell."""

    def make(items: int | None = None, subitems: int | None = None):
        def board(board, room):
            count = None if room is None else 10_000 - room
            return replace(board, items_limit=10_000, items_count=count)

        return replace(schema, items=board(schema.items, items), subitems=board(schema.subitems, subitems))

    return make


def test_the_first_order_that_the_board_has_no_room_for_is_warned_of_and_still_planned(
    make_order, plan_of, with_room
):
    plan = plan_of(*(make_order("KNOWN") for _ in range(4)), schema=with_room(items=2))
    (finding,) = plan.findings
    assert (finding.label, finding.code, finding.severity) == ("PO-003", "board_full", Severity.WARNING)
    assert finding.message == (
        "The board Orders holds 9,998 of 10,000 items: from this order on there is no room"
    )
    assert kinds(plan) == [OperationKind.CREATE_ITEM] * 4


def test_nothing_is_warned_of_where_all_fits(make_order, plan_of, with_room):
    orders = [make_order("KNOWN", lines=2) for _ in range(2)]
    assert plan_of(*orders, schema=with_room(items=2, subitems=4)).findings == ()


def test_a_board_that_does_not_tell_its_count_is_not_warned_of(make_order, plan_of, with_room):
    assert plan_of(make_order("KNOWN", lines=2), schema=with_room()).findings == ()


def test_the_board_of_the_subitems_has_a_limit_of_its_own(make_order, plan_of, with_room):
    orders = [make_order("KNOWN", lines=2) for _ in range(3)]
    (finding,) = plan_of(*orders, schema=with_room(items=9, subitems=5)).findings
    assert (finding.label, finding.code) == ("PO-003", "board_full")
    assert "Subitems of Orders holds 9,995 of 10,000 subitems" in finding.message


def test_an_archived_order_makes_room_for_itself_and_its_lines(make_order, plan_of, with_room):
    cancelled = make_order(
        "KNOWN", item_id="900", action=ActionType.DELETE, state=SyncState.PENDING, other_subitems=2
    )
    plan = plan_of(cancelled, make_order("KNOWN", lines=2), schema=with_room(items=0, subitems=0))
    assert plan.findings == ()


def test_changes_and_refused_orders_take_no_room(make_order, plan_of, with_room):
    changed = make_order(item_id="900", action=ActionType.UPDATE, state=SyncState.PENDING)
    refused = make_order("KNOWN", values={"DUE": "soon"}, lines=1)
    plan = plan_of(changed, refused, schema=with_room(items=0, subitems=0))
    assert [finding.code for finding in plan.findings] == ["not_a_date"]


def test_orders_that_come_in_portions_share_the_room(make_order, mapping, with_room):
    schema, options = with_room(items=3), PlanOptions("test", mapping)
    room, found = Room(schema), []
    for _ in range(3):
        portion = LoadedOrders((make_order("KNOWN"), make_order("KNOWN")))
        for _order, planned in planned_orders(portion, schema, options, room):
            found.extend(planned.findings)
    assert [(finding.label, finding.code) for finding in found] == [("PO-004", "board_full")]


# What the board says all the same


@pytest.fixture
def refused(make_order, plan_of):
    """How the first item and its first line are judged when the board takes no more of them."""

    def make(kind: OperationKind, message: str, **data):
        plan = plan_of(make_order("KNOWN", lines=1))
        (operation,) = (each for request in plan.requests for each in request.operations if each.kind is kind)
        error = GraphError(message, "a0", "ItemsLimitationException", 200, None, data)
        answer = Answer({"a0": None}, (error,), 200, "request-1", "", 0.1, {}, replayed=False)
        (judged,) = judge(answer, [operation])
        return judged

    return make


def test_an_order_that_a_full_board_refuses_stays_pending_and_other_items_are_not_tried(refused):
    judged = refused(OperationKind.CREATE_ITEM, "Board 100 already holds 10000 items", board_id="100")
    assert (judged.verdict, judged.full, judged.stops) == (Verdict.NOT_SENT, True, False)
    assert judged.problem.title == "The board is full: Board 100 already holds 10000 items"
    assert "archive items" in judged.problem.remedy


def test_a_full_board_of_subitems_stops_the_run(refused):
    judged = refused(OperationKind.CREATE_SUBITEM, "Board 200 already holds 10000 items", board_id="200")
    assert (judged.verdict, judged.stops) == (Verdict.NOT_SENT, True)


@pytest.mark.parametrize("data", [{"item_id": "900"}, {}])
def test_a_full_item_fails_its_own_order_alone(refused, data):
    judged = refused(OperationKind.CREATE_SUBITEM, "Too many subitems", **data)
    assert (judged.verdict, judged.full, judged.stops) == (Verdict.REJECTED, False, False)
    assert judged.problem.title == "The order's item takes no more subitems: Too many subitems"
    assert "made by hand" in judged.problem.remedy
