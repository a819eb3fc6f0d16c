"""The plan as a value: its bytes, its hashes, and how a tampered request is refused."""

import json
from dataclasses import replace

import pytest

from core.errors import DeltaDeskError, Next
from core.monday.documents import Mutation
from core.sync.plan import PlannedRequest, Reference, Step, TargetKind, group_creation, narrow, seal, verify


@pytest.fixture
def plan(make_order, plan_of):
    return plan_of(make_order(lines=2), make_order(lines=1))


@pytest.fixture
def items(plan):
    (request,) = plan.batches[0].item_requests
    return request


@pytest.fixture
def subitems(plan):
    (request,) = plan.batches[0].subitem_requests
    return request


def test_an_unknown_id_stands_as_a_named_reference(items):
    variables = json.loads(items.body)["variables"]
    assert variables["group_id"] == {"$ref": "group:ACME"}
    assert '"$ref": "group:ACME"' in items.variables_text


def test_filling_in_ids_changes_nothing_but_the_references(items):
    filled = items.filled_body({Reference(TargetKind.GROUP, "ACME"): "new_group"})
    assert items.body.replace(b'{"$ref":"group:ACME"}', b'"new_group"') == filled


def test_an_id_that_is_not_known_is_not_made_up(items):
    with pytest.raises(KeyError):
        items.filled_body({})


def test_words_of_any_script_travel_as_they_are(make_order, plan_of):
    plan = plan_of(make_order("ATELIER ÉTOILE ∆", values={"STYLE": 'He said "∆"\\'}))
    assert "ATELIER ÉTOILE ∆".encode() in plan.group_requests[0].body
    column_values = json.loads(plan.batches[0].item_requests[0].body)["variables"]["column_values_0"]
    assert json.loads(column_values)["style"] == {"labels": ['He said "∆"\\']}


def test_an_untouched_request_is_let_through(plan):
    for request in plan.requests:
        verify(request, plan.hashes)


def test_a_narrowed_request_is_let_through(plan, subitems):
    part = narrow(subitems, subitems.operations[1:])
    verify(part, plan.hashes)
    assert (part.key, part.step, len(part.operations)) == (subitems.key, Step.SUBITEMS, 2)


def test_narrowing_to_nothing_leaves_no_request(subitems):
    assert narrow(subitems, ()) is None
    assert narrow(subitems, subitems.operations) is subitems


def changed_argument(request):
    request.operations[0].mutation.arguments["item_name"] = "SOMETHING ELSE"
    return request


def changed_argument_and_sealed_again(request):
    return seal(changed_argument(request))


def changed_argument_and_narrowed(request):
    changed_argument(request)
    return narrow(request, request.operations[:1])


def changed_document(request):
    document, variables = request._rendered
    request.__dict__["_rendered"] = document.replace("create_item", "create_update"), variables
    return request


def changed_mutation(request):
    operation = request.operations[0]
    archive = replace(operation, mutation=Mutation("archive_item", {"item_id": "1"}))
    return seal(replace(request, operations=(archive, *request.operations[1:])))


def dropped_operation(request):
    return replace(request, operations=request.operations[:1])


def changed_hash(request):
    return replace(request, hash="0" * 64)


@pytest.mark.parametrize(
    "tamper",
    [
        changed_argument,
        changed_argument_and_sealed_again,
        changed_argument_and_narrowed,
        changed_document,
        changed_mutation,
        dropped_operation,
        changed_hash,
    ],
)
def test_a_request_that_is_not_the_planned_one_is_refused(plan, items, tamper):
    tampered = tamper(items)
    with pytest.raises(DeltaDeskError) as refusal:
        verify(tampered, plan.hashes)
    assert refusal.value.problem.code == "payload_differs_from_plan"
    assert refusal.value.next is Next.STOP


def test_the_hashes_are_those_of_the_moment_of_planning(plan, items):
    before = plan.hashes.operations
    changed_argument(items)
    assert plan.hashes.operations == before
    assert items.operations[0].hash not in before


def test_a_part_of_a_request_that_has_changed_is_refused_though_its_own_operations_have_not(plan, items):
    items.operations[1].mutation.arguments["item_name"] = "SOMETHING ELSE"
    with pytest.raises(DeltaDeskError):
        verify(narrow(items, items.operations[:1]), plan.hashes)


def test_operations_beside_the_plan_are_let_through_where_they_are_named(plan, items):
    again = group_creation("1", "MADE AGAIN", "ACME")
    request = seal(PlannedRequest("groups / again", Step.GROUPS, "ACME", "1", (again,)))
    with pytest.raises(DeltaDeskError):
        verify(request, plan.hashes)
    verify(request, plan.hashes, {again.hash})


def test_a_plan_adds_up_over_its_customers(make_order, make_line, plan_of):
    plan = plan_of(make_order("A", lines=2), make_order("B", lines=1), orphans=(make_line("nowhere"),))
    assert (plan.order_count, plan.line_count) == (2, 4)
    assert plan.findings[-1].code == "line_without_header"
