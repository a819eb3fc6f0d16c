"""What the planner makes of orders: which requests, in which order, and what it leaves out and why."""

from dataclasses import replace

import pytest

from core.mapping.findings import Severity
from core.orders.model import ActionType, LoadedOrders, Selection, SyncState
from core.sync.plan import OperationKind, Reference, Step, TargetKind
from core.sync.planner import Planner, PlanOptions, make_plan


def kinds(plan) -> list[OperationKind]:
    return [operation.kind for request in plan.requests for operation in request.operations]


def test_customers_follow_each_other_in_the_order_in_which_their_first_order_arrived(make_order, plan_of):
    plan = plan_of(make_order("ZEBRA"), make_order("ACME"), make_order("ZEBRA"))
    assert [(batch.customer, len(batch.orders)) for batch in plan.batches] == [("ZEBRA", 2), ("ACME", 1)]


def test_each_missing_group_is_created_once_for_all_customers_that_share_its_title(
    make_order, plan_of, mapping, schema
):
    orders = make_order("ACME"), make_order("BOLT"), make_order("ACME")
    shared = mapping.model_copy(update={"group_name": "{STYLE}"})
    plan = plan_of(*orders)
    assert plan.new_groups == ("ACME", "BOLT")
    together = make_plan(LoadedOrders(orders), schema, PlanOptions("test", shared))
    assert together.new_groups == ("POLO",)
    groups = {
        operation.mutation.arguments["group_id"]
        for batch in together.batches
        for request in batch.item_requests
        for operation in request.operations
    }
    assert groups == {Reference(TargetKind.GROUP, "POLO")}


def test_a_group_that_the_board_has_is_used_by_its_id(make_order, plan_of):
    plan = plan_of(make_order("KNOWN"))
    assert plan.group_requests == ()
    (request,) = plan.batches[0].item_requests
    assert request.operations[0].mutation.arguments["group_id"] == "known_group"


def test_no_group_is_created_for_a_customer_whose_orders_are_all_refused(make_order, plan_of):
    plan = plan_of(make_order("ACME", values={"DUE": "soon"}))
    assert plan.new_groups == ()
    assert list(plan.requests) == []


def test_a_request_carries_at_most_as_many_records_as_the_profile_says(make_order, plan_of):
    plan = plan_of(*(make_order(lines=2) for _ in range(5)), records_per_request=4)
    sizes = [(request.step, len(request.operations)) for request in plan.batches[0].requests]
    assert sizes == [
        (Step.ITEMS, 4),
        (Step.ITEMS, 1),
        (Step.SUBITEMS, 4),
        (Step.SUBITEMS, 4),
        (Step.SUBITEMS, 2),
    ]


def test_a_line_names_its_parent_by_reference_until_the_item_has_an_id(make_order, plan_of):
    fresh, known = make_order(lines=1), make_order(lines=1, item_id="900", state=SyncState.PENDING)
    plan = plan_of(fresh, known)
    parents = [
        operation.mutation.arguments["parent_item_id"]
        for request in plan.batches[0].subitem_requests
        for operation in request.operations
    ]
    assert parents == [Reference(TargetKind.ORDER, fresh.key), "900"]


def test_an_order_that_is_on_the_board_and_waits_only_for_lines_gets_no_item_operation(make_order, plan_of):
    plan = plan_of(make_order(item_id="900", state=SyncState.PENDING, lines=1))
    assert kinds(plan) == [OperationKind.CREATE_SUBITEM]


@pytest.mark.parametrize("action", [ActionType.UPDATE, ActionType.DELETE])
def test_what_was_asked_of_a_synced_order_is_not_done_again_when_a_line_arrives(make_order, plan_of, action):
    synced = make_order(item_id="900", state=SyncState.SYNCED, action=action, lines=1)
    done_before = {OperationKind.CHANGE_ITEM, OperationKind.ARCHIVE_ITEM}
    assert not done_before & set(kinds(plan_of(synced)))


def test_an_update_changes_name_and_values_of_the_item(make_order, plan_of):
    plan = plan_of(make_order(item_id="900", action=ActionType.UPDATE, state=SyncState.PENDING))
    (operation,) = plan.batches[0].item_requests[0].operations
    assert operation.kind is OperationKind.CHANGE_ITEM
    assert operation.mutation.arguments["item_id"] == "900"
    assert '"name":"POLO PO-001"' in operation.mutation.arguments["column_values"]


def test_an_update_of_an_order_that_never_reached_the_board_creates_it(make_order, plan_of):
    assert kinds(plan_of(make_order("KNOWN", action=ActionType.UPDATE))) == [OperationKind.CREATE_ITEM]


def test_a_cancelled_order_is_archived_and_its_lines_are_not_touched_one_by_one(make_order, plan_of):
    plan = plan_of(make_order(item_id="900", action=ActionType.DELETE, state=SyncState.PENDING, lines=3))
    assert kinds(plan) == [OperationKind.ARCHIVE_ITEM]


def test_lines_are_archived_created_or_changed_as_their_own_action_says(make_order, make_line, plan_of):
    lines = (
        make_line("order-1"),
        make_line("order-1", action=ActionType.UPDATE, subitem_id="31"),
        make_line("order-1", action=ActionType.DELETE, subitem_id="32"),
        make_line("order-1", action=ActionType.DELETE),
    )
    plan = plan_of(make_order(item_id="900", state=SyncState.SYNCED, lines=lines))
    assert kinds(plan) == [
        OperationKind.ARCHIVE_SUBITEM,
        OperationKind.CREATE_SUBITEM,
        OperationKind.CHANGE_SUBITEM,
    ]


def test_a_refused_order_takes_its_lines_out_of_the_requests(make_order, plan_of):
    plan = plan_of(make_order("KNOWN", values={"DUE": "soon"}, lines=2), make_order("KNOWN", lines=1))
    assert kinds(plan) == [OperationKind.CREATE_ITEM, OperationKind.CREATE_SUBITEM]
    (finding,) = plan.findings
    assert (finding.code, finding.source, finding.severity) == ("not_a_date", "DUE", Severity.ERROR)


def test_a_refused_line_leaves_the_order_and_its_other_lines_in(make_order, make_line, plan_of):
    lines = make_line("order-1", size="XXXXL"), make_line("order-1", size="M")
    plan = plan_of(make_order("KNOWN", lines=lines))
    assert kinds(plan) == [OperationKind.CREATE_ITEM, OperationKind.CREATE_SUBITEM]
    (finding,) = plan.findings
    assert (finding.code, finding.key) == ("label_not_on_board", lines[0].key)
    assert finding.label == "PO-001, size XXXXL"


def test_a_line_without_a_header_is_counted_and_told_with_what_to_correct(make_line, plan_of):
    plan = plan_of(orphans=(make_line("nowhere"),))
    assert (plan.order_count, plan.line_count) == (0, 1)
    (finding,) = plan.findings
    assert (finding.code, finding.source) == ("line_without_header", "record_uuid")
    assert "nowhere" in finding.message


def test_lines_have_no_place_on_a_board_without_subitems(make_order, plan_of, schema):
    flat = replace(schema, subitems=None)
    plan = plan_of(make_order(lines=1), make_order(), schema=flat)
    assert [finding.code for finding in plan.findings] == ["no_subitems_board"]
    assert plan.batches[0].subitem_requests == ()


def test_a_label_that_the_board_lacks_is_announced_once_and_asked_for_where_the_rule_allows_it(
    make_order, plan_of
):
    plan = plan_of(make_order(values={"STYLE": "CREW"}), make_order(values={"STYLE": "CREW"}), make_order())
    assert plan.new_labels == (("Style", "CREW"),)
    flags = [
        operation.mutation.arguments.get("create_labels_if_missing", False)
        for operation in plan.batches[0].item_requests[0].operations
    ]
    assert flags == [True, True, False]


def test_the_same_orders_give_the_same_plan_byte_for_byte(make_order, make_line, plan_of):
    orders = make_order(lines=3), make_order("KNOWN", lines=1)
    first, second = plan_of(*orders), plan_of(*orders)
    assert first.hash == second.hash
    assert [r.body for r in first.requests] == [r.body for r in second.requests]


def test_the_forecast_counts_one_call_a_request(make_order, plan_of):
    plan = plan_of(*(make_order(lines=2) for _ in range(3)), records_per_request=3)
    assert plan.forecast.calls == len(list(plan.requests)) == 4
    assert plan.forecast.complexity == 10 * 10_000


def test_a_plan_knows_how_it_was_asked_for_and_what_was_left_alone(schema, mapping):
    selection = Selection(limit=3)
    plan = make_plan(
        LoadedOrders(()), schema, PlanOptions("test", mapping), selection=selection, left_alone=2
    )
    assert (plan.selection, plan.left_alone) == (selection, 2)


# Portions


def test_portions_of_a_customer_go_into_the_group_that_its_first_order_names(make_order, mapping, schema):
    options = PlanOptions("test", mapping.model_copy(update={"group_name": "{CUSTOMER} {NUMBER}"}))
    planner = Planner(schema, options)
    plans = [planner.plan(LoadedOrders((make_order(),)), Selection()) for _ in range(2)]
    assert plans[0].batches[0].group_title == plans[1].batches[0].group_title


def test_portions_import_no_more_together_than_an_account_may_in_an_hour(
    make_order, mapping, schema, monkeypatch
):
    monkeypatch.setattr("core.sync.bulk.choice.ITEMS_PER_HOUR", 12)
    planner = Planner(schema, PlanOptions("test", mapping, bulk_import="always"))
    portions = [LoadedOrders(tuple(make_order(lines=2) for _ in range(3))) for _ in range(2)]
    plans = [planner.plan(portion, Selection()) for portion in portions]
    steps = [{request.step for request in plan.batches[0].requests} for plan in plans]
    assert steps == [{Step.IMPORT}, {Step.ITEMS, Step.SUBITEMS}]


def test_portions_count_down_the_same_room_and_warn_once(make_order, mapping, schema):
    nearly_full = replace(schema, items=replace(schema.items, items_count=8, items_limit=10))
    planner = Planner(nearly_full, PlanOptions("test", mapping))
    found = [
        [finding.code for finding in planner.plan(LoadedOrders((make_order(),)), Selection()).findings]
        for _ in range(4)
    ]
    assert found == [[], [], ["board_full"], []]
