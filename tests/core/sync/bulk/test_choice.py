"""Which orders go by bulk import, and why."""

from dataclasses import replace
from typing import Any

import pytest

from core.config.model import ColumnMapping
from core.orders.model import ActionType, SyncState
from core.sync.bulk.choice import ITEMS_PER_HOUR
from core.sync.bulk.file import ImportRequest
from core.sync.plan import Batch, OperationKind, Step, TargetKind
from tests.core.sync.conftest import MAPPING, SCHEMA

ALWAYS: dict[str, Any] = {"bulk_import": "always"}
AUTO: dict[str, Any] = {"bulk_import": "auto", "records_per_request": 20}


def imports_of(batch: Batch) -> list[ImportRequest]:
    return [request for request in batch.item_requests if isinstance(request, ImportRequest)]


def imported(batch: Batch) -> set[str]:
    return {operation.key for request in imports_of(batch) for operation in request.operations}


def test_nothing_is_imported_where_it_is_switched_off(plan_of, make_order):
    (batch,) = plan_of(*(make_order(lines=9) for _ in range(50))).batches
    assert (imports_of(batch), batch.way) == ([], "")


def test_many_orders_of_a_customer_are_imported_because_that_costs_fewer_calls(plan_of, make_order):
    plan = plan_of(*(make_order(lines=9) for _ in range(50)), **AUTO)
    (batch,) = plan.batches
    (request,) = batch.item_requests
    assert request.step is Step.IMPORT
    assert (len(request.operations), batch.subitem_requests) == (500, ())
    assert batch.way == "By bulk import: 3 calls, against 26 by mutations."
    # One call makes the group.
    assert plan.forecast.calls == 4


def test_a_few_orders_go_by_mutations_which_cost_fewer_calls(plan_of, make_order):
    (batch,) = plan_of(make_order(lines=3), **AUTO).batches
    assert imports_of(batch) == []
    assert batch.way == "By mutations: 2 calls, against 3 by bulk import."


def test_a_few_orders_are_imported_where_the_profile_says_always(plan_of, make_order):
    (batch,) = plan_of(make_order(lines=3), **ALWAYS).batches
    assert len(imports_of(batch)) == 1


def test_what_else_is_on_the_board_makes_an_import_no_dearer(plan_of, make_order):
    items = replace(SCHEMA.items, items_count=50_000)
    orders = [make_order("KNOWN", lines=9) for _ in range(50)]
    (batch,) = plan_of(*orders, schema=replace(SCHEMA, items=items), **AUTO).batches
    assert batch.way == "By bulk import: 3 calls, against 26 by mutations."


@pytest.mark.parametrize(
    ("orders", "lines", "calls"), [(200, 9, 3), (201, 9, 4), (1_500, 0, 3), (1_501, 0, 4), (1_600, 5, 5)]
)
def test_a_file_costs_its_start_one_or_two_questions_and_a_call_for_1500_orders(
    plan_of, make_order, orders, lines, calls
):
    (batch,) = plan_of(*(make_order(lines=lines) for _ in range(orders)), **ALWAYS).batches
    assert [request.calls for request in imports_of(batch)] == [calls]


def test_the_group_of_an_import_may_be_one_that_the_run_makes(plan_of, make_order):
    plan = plan_of(make_order("KNOWN"), make_order("NEW"), **ALWAYS)
    known, new = (batch.item_requests[0] for batch in plan.batches)
    assert known.variables["group_id"] == "known_group"
    assert new.variables["group_id"].name == "group:NEW"
    assert plan.new_groups == ("NEW",)


def test_changes_cancellations_and_lines_of_items_that_are_there_go_by_mutations(
    plan_of, make_order, make_line
):
    new = make_order(lines=2)
    changed = make_order(item_id="7", action=ActionType.UPDATE, state=SyncState.PENDING)
    gone = make_order(item_id="8", action=ActionType.DELETE, state=SyncState.PENDING)
    longer = make_order(item_id="9", state=SyncState.PENDING, lines=(make_line("order-4"),))
    (batch,) = plan_of(new, changed, gone, longer, **ALWAYS).batches
    assert imported(batch) == {new.key, *(line.key for line in new.lines)}
    kinds = {
        operation.kind
        for request in batch.requests
        if request.step is not Step.IMPORT
        for operation in request.operations
    }
    assert kinds == {OperationKind.CHANGE_ITEM, OperationKind.ARCHIVE_ITEM, OperationKind.CREATE_SUBITEM}


def test_an_order_with_a_new_label_goes_by_mutations_with_its_lines(plan_of, make_order):
    usual, labelled = make_order(lines=1), make_order(lines=2, values={"STYLE": "A NEW STYLE"})
    (batch,) = plan_of(usual, labelled, **ALWAYS).batches
    assert imported(batch) == {usual.key, usual.lines[0].key}
    assert [len(request.operations) for request in batch.requests] == [2, 1, 2]


def test_an_order_with_a_value_that_a_file_cannot_say_goes_by_mutations(plan_of, make_order):
    timed = make_order(values={"DUE": "2026-12-01 10:30:00"})
    (batch,) = plan_of(make_order(), timed, **ALWAYS).batches
    assert timed.key not in imported(batch)
    assert len(imported(batch)) == 1


def test_an_order_with_a_faulty_line_is_imported_without_it(plan_of, make_order, make_line):
    good, bad = make_line("an-order"), make_line("an-order", size="NO SUCH SIZE")
    (batch,) = plan_of(make_order(key="an-order", lines=(good, bad)), **ALWAYS).batches
    assert imported(batch) == {"an-order", good.key}


def test_a_faulty_order_is_not_imported(plan_of, make_order):
    (batch,) = plan_of(make_order(values={"DUE": "some day"}, lines=2), **ALWAYS).batches
    assert imports_of(batch) == []
    assert "nothing" in batch.way


@pytest.mark.parametrize(
    ("options", "mapping", "reason"),
    [
        ({"api_version": "2026-04"}, {}, "from version 2026-07 on"),
        ({}, {"item_key_column": None}, "key columns"),
        ({}, {"subitem_key_column": None}, "key columns"),
        (
            {},
            {"items": (*MAPPING.items, ColumnMapping(source="DUE", column="KEY", type="text"))},
            "capital letters",
        ),
    ],
)
def test_what_forbids_an_import_is_told(make_order, options, mapping, reason):
    from core.orders.model import LoadedOrders
    from core.sync.planner import PlanOptions, make_plan

    own = MAPPING.model_copy(update=mapping)
    plan = make_plan(
        LoadedOrders((make_order(lines=2),), ()), SCHEMA, PlanOptions("test", own, **ALWAYS, **options)
    )
    assert imports_of(plan.batches[0]) == []
    assert reason in plan.batches[0].way


def test_a_file_holds_at_most_ten_thousand_rows_of_whole_orders(plan_of, make_order):
    (batch,) = plan_of(*(make_order(lines=99) for _ in range(150)), **ALWAYS).batches
    requests = imports_of(batch)
    assert [len(request.rows) for request in requests] == [10_000, 5_000]
    assert all(request.operations[0].target is TargetKind.ORDER for request in requests)
    assert len({request.key for request in requests}) == 2


def test_no_more_is_imported_than_an_account_may_in_an_hour(plan_of, make_order):
    orders = [make_order(customer, lines=99) for customer in ("A", "B") for _ in range(100)]
    first, second = plan_of(*orders, **ALWAYS).batches
    assert (len(imports_of(first)), len(imports_of(second))) == (1, 0)
    assert f"{ITEMS_PER_HOUR:,}" in second.way
