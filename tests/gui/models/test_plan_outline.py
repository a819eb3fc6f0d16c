from datetime import UTC, datetime

import pytest

from core.mapping.findings import Finding
from core.monday.documents import Mutation
from core.monday.limits import DayCalls
from core.orders.model import ActionType, RecordKind
from core.sync.forecast import Forecast
from core.sync.plan import (
    Batch,
    Operation,
    OperationKind,
    Plan,
    PlannedLine,
    PlannedOrder,
    PlannedRequest,
    Step,
    TargetKind,
)
from gui.models.plan_outline import (
    UNSENT_SHOWN,
    NodeKind,
    about_text,
    amount_text,
    counted,
    is_sent,
    outline_of,
)


def make_operation(key: str, target: TargetKind = TargetKind.ORDER) -> Operation:
    mutation = Mutation("create_item", {"board_id": "1", "item_name": key})
    return Operation(OperationKind.CREATE_ITEM, target, key, f"AAG-{key}", "ACME", mutation)


def make_request(key: str, step: Step, *operations: Operation, customer: str = "ACME") -> PlannedRequest:
    return PlannedRequest(key, step, customer, "1", operations)


def make_finding(key: str) -> Finding:
    return Finding(RecordKind.ORDER, key, f"AAG-{key}", "not_a_date", f"{key} is not a date", "Correct it.")


def sent(key: str) -> PlannedOrder:
    return PlannedOrder(key, f"AAG-{key}", ActionType.INSERT, None, make_operation(key))


def refused(key: str) -> PlannedOrder:
    return PlannedOrder(key, f"AAG-{key}", ActionType.INSERT, None, None, findings=(make_finding(key),))


def make_plan(*orders: PlannedOrder, **changes: object) -> Plan:
    operations = [order.operation for order in orders if order.operation]
    items = (make_request("items", Step.ITEMS, *operations),) if operations else ()
    batch = Batch("ACME", "ACME", "g", orders, items, ())
    return Plan(
        **{
            "profile": "demo",
            "board_id": "1",
            "board_name": "B",
            "mapping_hash": "",
            "batches": (batch,),
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("points", "text"),
    [
        (0, "0"),
        (999, "999"),
        (41_220, "41.2 k"),
        (412_000, "412 k"),
        (3_871_000, "3.87 M"),
        (33_600_000, "33.6 M"),
    ],
)
def test_that_large_amounts_have_three_figures(points: int, text: str) -> None:
    assert amount_text(points) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "about 1 s"), (48, "about 48 s"), (423, "about 7 min"), (3900, "about 1 h 05 min")],
)
def test_that_a_forecast_is_as_coarse_as_it_is_sure(seconds: float, text: str) -> None:
    assert about_text(seconds) == text


def test_that_one_is_not_plural() -> None:
    assert (counted(1, "request"), counted(2, "request")) == ("1 request", "2 requests")


def test_that_the_forecast_leaves_out_what_there_is_none_of() -> None:
    plan = make_plan(sent("a"), forecast=Forecast(1, 20_000, 3))
    assert outline_of(plan).forecast == (
        "1 call; how many are left today is not told · 20.0 k complexity · about 3 s"
    )
    assert outline_of(plan).warning == ""
    plan = make_plan(sent("a"), refused("b"), forecast=Forecast(1, 20_000, 3))
    assert outline_of(plan).forecast.endswith(" · 1 finding")


def test_that_calls_of_the_day_that_do_not_suffice_are_a_warning() -> None:
    day = DayCalls(1_000, 101, 1, datetime(2026, 11, 24, tzinfo=UTC))
    outline = outline_of(make_plan(sent("a"), forecast=Forecast(2, 20_000, 3, day)))
    assert outline.forecast.startswith("2 calls; 101 of 1,000 are left today · ")
    assert "DeltaDesk may make 1 more today" in outline.warning


def test_that_an_order_counts_as_sent_when_something_of_it_leaves() -> None:
    line = PlannedLine("l", "AAG, size M", make_operation("l", TargetKind.LINE))
    only_lines = PlannedOrder("a", "AAG", ActionType.INSERT, "77", None, (line,))
    blocked = PlannedOrder("a", "AAG", ActionType.INSERT, None, None, (line,), (make_finding("a"),))
    assert [is_sent(order) for order in (sent("a"), only_lines, blocked)] == [True, True, False]
    assert outline_of(make_plan(sent("a"), refused("b"))).orders_sent == 1


def test_that_a_refused_order_is_named_with_its_reason() -> None:
    (customer,) = outline_of(make_plan(sent("a"), refused("b"))).nodes
    unsent = next(node for node in customer.children if node.kind is NodeKind.UNSENT)
    assert [(node.title, node.reasons) for node in unsent.children] == [
        ("AAG-b", ("b is not a date. Correct it.",))
    ]


def test_that_an_order_with_nothing_to_send_says_so() -> None:
    idle = PlannedOrder("a", "AAG", ActionType.INSERT, "77", None)
    (customer,) = outline_of(make_plan(idle)).nodes
    assert "already has everything" in customer.children[0].children[0].reasons[0]


def test_that_the_tree_names_only_the_first_of_very_many_unsent_orders() -> None:
    (customer,) = outline_of(make_plan(*(refused(str(n)) for n in range(UNSENT_SHOWN + 50)))).nodes
    unsent = next(node for node in customer.children if node.kind is NodeKind.UNSENT)
    assert (unsent.count, len(unsent.children)) == (UNSENT_SHOWN + 50, UNSENT_SHOWN)


def test_that_groups_of_several_customers_stand_above_and_of_one_below_it() -> None:
    group = make_operation("ACME", TargetKind.GROUP)
    shared = make_request("groups", Step.GROUPS, group, customer="")
    own = make_request("groups", Step.GROUPS, group)
    assert [node.title for node in outline_of(make_plan(sent("a"), group_requests=(shared,))).nodes] == [
        "New groups",
        "ACME",
    ]
    (customer,) = outline_of(make_plan(sent("a"), group_requests=(own,))).nodes
    assert [node.title for node in customer.children] == ["Groups", "Items"]
    assert customer.count == 2


def test_that_lines_without_an_order_are_named() -> None:
    orphan = PlannedLine("l", "line l", None, (make_finding("l"),))
    nodes = outline_of(make_plan(orphans=(orphan,))).nodes
    assert (nodes[-1].title, nodes[-1].count, nodes[-1].children[0].key) == ("Lines without an order", 1, "l")
