"""Every GraphQL document and variable set that the application can emit, against the API's schema.

Nobody lists the documents by hand: they are searched for in the source. One that this file does not know
fails here until it has a set of variables below.
"""

import ast
import importlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, get_variable_values, parse, validate

import core
from core.config.model import MappingSet
from core.mapping.writers import writable_types
from core.monday.board import BoardSchema
from core.monday.documents import MUTATIONS, mutation_document
from core.monday.structure import NewColumn, NewLabel, creation
from core.orders.journal import OperationState
from core.orders.model import ActionType, Order, SyncState
from core.orders.run_records import PastRun, SentOperation
from core.resources import resource_path
from core.sync.board_items import BoardItem
from core.sync.plan import OperationKind, Plan, PlannedRequest, Reference
from core.sync.planner import PlanOptions
from core.sync.run_work import MadeItem, RunWork
from core.sync.unchanged import SentRecord
from core.sync.undo import Situation, plan_undo

SOURCE = Path(core.__file__).parent
OFFICIAL = SOURCE.parents[1] / "shared" / "monday" / "schema-2026-10.graphql"
OPERATION = re.compile(r"\s*(?:(?:query|mutation|subscription)\b[^.]*?[({]|\{\s*[a-z_]+\s*[({])", re.DOTALL)
BUILDERS = {
    "core.monday.documents: mutation Push(",
    "core.monday.documents: query FilteredKeys($ids: [ID!]!, $group: [String!]!, $limit: Int!, ",
}
"""Beginnings of documents that are put together: by `mutation_document`, which the plans below go through, or
by `keys_query`, which is tested with the other documents."""
VARIABLES: dict[str, Sequence[dict[str, Any]]] = {
    "core.monday.documents.ACCOUNT_AND_BOARD_QUERY": [{"ids": ["7000000001"]}],
    "core.monday.documents.BOARD_LIST_QUERY": [{"limit": 100, "page": 1}],
    "core.monday.documents.BOARD_QUERY": [{"ids": ["7000000002"]}],
    "core.monday.documents.DAILY_CALLS_QUERY": [{}],
    "core.monday.documents.DAILY_CONSUMPTION_QUERY": [{}],
    "core.monday.documents.GROUPS_QUERY": [{"ids": ["7000000001"]}],
    "core.monday.documents.BY_KEY_QUERY": [
        {
            "board": "7000000001",
            "columns": [{"column_id": "record_uuid", "column_values": ["a", 'b "∆"']}],
            "key": ["record_uuid"],
            "limit": 500,
        }
    ],
    "core.monday.documents.START_IMPORT_MUTATION": [{"board_id": "7000000001", "group_id": "topics"}],
    "core.monday.documents.IMPORT_STATUS_QUERY": [{"job": "3e4f"}],
    "core.monday.documents.GROUP_KEYS_QUERY": [
        {
            "ids": ["7000000001"],
            "group": ["topics"],
            "limit": 500,
            "key": ["record_uuid"],
            "subitem_key": ["line_uuid"],
        }
    ],
    "core.monday.documents.NEXT_KEYS_QUERY": [
        {"cursor": "abc", "limit": 500, "key": ["record_uuid"], "subitem_key": ["line_uuid"]}
    ],
    "core.monday.documents.GROUP_CONTENTS_QUERY": [
        {"ids": ["7000000001"], "group": ["topics"], "limit": 100}
    ],
    "core.monday.documents.ITEMS_QUERY": [
        {"ids": ["8000000001"], "limit": 1, "columns": ["key", "due"], "subitem_columns": []}
    ],
    "core.monday.documents.NEXT_CONTENTS_QUERY": [{"cursor": "abc", "limit": 100}],
    "core.monday.validations.VALIDATIONS_QUERY": [{"id": "7000000001"}],
    "core.demo.practice: { me { id } }": [{}],
}
"""Variables of every fixed document, as its caller sends them: `module.NAME`, or `module: text`."""
NEWER_THAN_THE_SCHEMA = {
    "core.monday.documents.DAILY_CONSUMPTION_QUERY": [
        "Cannot query field 'consumption' on type 'DailyLimit'."
    ],
}
"""What the schemas do not know yet; the client is prepared for a refusal."""


def _strings(tree: ast.Module) -> Iterator[tuple[str, str | None]]:
    """Every text in a module with the module's constant that it is, None where it stands by itself."""
    constants = {
        node.value: target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.Constant | ast.JoinedStr)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    inside = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            first = node.values[0] if node.values else None
            if isinstance(first, ast.Constant):
                yield str(first.value), constants.get(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inside:
            yield node.value, constants.get(node)


def _fixed_documents() -> dict[str, str]:
    """Every document in the source but the practice board's own."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        if parts[1] == "sandbox":
            continue
        module = ".".join(part for part in parts if part != "__init__")
        for text, name in _strings(ast.parse(path.read_text(encoding="utf-8"))):
            if not OPERATION.match(text) or f"{module}: {text}" in BUILDERS:
                continue
            if name is None:
                found[f"{module}: {text}"] = text
            else:
                found[f"{module}.{name}"] = getattr(importlib.import_module(module), name)
    return found


DOCUMENTS = _fixed_documents()


@pytest.fixture(scope="module", params=["official", "practice board"])
def api_schema(request: pytest.FixtureRequest) -> GraphQLSchema:
    path = OFFICIAL if request.param == "official" else resource_path("sandbox", "schema.graphql")
    if not path.exists():
        pytest.skip(f"the official schema is not at {path}")
    return build_schema(path.read_text(encoding="utf-8"), assume_valid=True)


def faults(schema: GraphQLSchema, document: str, variables: dict[str, Any]) -> list[str]:
    """What the schema has against a document and its variables."""
    tree = parse(document)
    (operation,) = (node for node in tree.definitions if isinstance(node, OperationDefinitionNode))
    definitions = operation.variable_definitions or ()
    declared = {definition.variable.name.value for definition in definitions}
    coerced = get_variable_values(schema, definitions, variables)
    return [
        *(error.message for error in validate(schema, tree)),
        *(error.message for error in (coerced if isinstance(coerced, list) else [])),
        *(f"not declared: {name}" for name in set(variables) - declared),
    ]


# --- Fixed documents


def test_the_search_finds_the_documents_that_are_there():
    assert {name for name in DOCUMENTS if name.startswith("core.monday.documents.")} >= {
        "core.monday.documents.BOARD_QUERY",
        "core.monday.documents.BY_KEY_QUERY",
    }
    assert DOCUMENTS.keys() == VARIABLES.keys(), "a document without variables here, or variables without one"


def test_the_window_has_no_documents_of_its_own():
    for path in (SOURCE.parent / "gui").rglob("*.py"):
        texts = [text for text, _ in _strings(ast.parse(path.read_text(encoding="utf-8")))]
        assert not [text for text in texts if OPERATION.match(text)], path


@pytest.mark.parametrize("name", VARIABLES)
def test_a_fixed_document_and_its_variables_fit_the_schema(name, api_schema):
    for variables in VARIABLES[name]:
        assert faults(api_schema, DOCUMENTS[name], variables) == NEWER_THAN_THE_SCHEMA.get(name, [])


# --- Plans


@pytest.fixture
def requests(make_order, make_line, plan_of, schema, mapping) -> list[PlannedRequest]:
    """Requests with every operation that a plan can hold, alone and together."""
    made = [
        make_order("NEW GROUP", lines=2),
        make_order("KNOWN", lines=1, values={"STYLE": "A NEW LABEL"}),
        make_order("KNOWN", values={"STYLE": 'quoted "∆"\n\\', "DUE": None}),
    ]
    known = make_order("KNOWN", item_id="900", action=ActionType.UPDATE, state=SyncState.PENDING, key="known")
    lines = (
        make_line("known", action=ActionType.INSERT),
        make_line("known", action=ActionType.UPDATE, subitem_id="31"),
        make_line("known", action=ActionType.DELETE, subitem_id="32"),
    )
    gone = make_order("KNOWN", item_id="901", action=ActionType.DELETE, state=SyncState.PENDING)
    everything = plan_of(*made, make_order("KNOWN", item_id="902", lines=lines, **_of(known)), gone)
    alone = [request for order in (*made, gone) for request in plan_of(order).requests]
    return [*everything.requests, *alone, *undo_of(made[0], schema, mapping).requests]


def undo_of(order: Order, schema: BoardSchema, mapping: MappingSet) -> Plan:
    """The undo of a run that made the order's item."""
    at = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    run = PastRun("run-1", schema.items.id, dry_run=False, worker="", started_at=at, finished=True)
    operation = SentOperation(
        "run-1", "request-1", 0, "order", order.key, "create item", OperationState.CONFIRMED, "900", at
    )
    item = SentRecord("900", "POLO", {})
    made = MadeItem(order.key, "group", item, (), operation)
    there = BoardItem(
        "900", "POLO", active=True, board_id="100", group_id="group", cells={}, has_updates=False
    )
    situation = Situation({order.key: replace(order, item_id="900")}, {"900": there}, ())
    return plan_undo(RunWork(run, (made,)), situation, schema, PlanOptions("test", mapping))


def _of(order) -> dict[str, Any]:
    return {"action": order.action, "state": order.state, "key": order.key}


def test_the_plans_hold_every_kind_of_operation(requests):
    kinds = {operation.kind for request in requests for operation in request.operations}
    assert kinds == set(OperationKind)


def test_every_request_of_a_plan_fits_the_schema_as_it_is_sent(requests, api_schema):
    for request in requests:
        ids = {
            value: "8000000001"
            for operation in request.operations
            for value in operation.mutation.arguments.values()
            if isinstance(value, Reference)
        }
        body = json.loads(request.filled_body(ids))
        assert faults(api_schema, body["query"], body["variables"]) == [], request.key


# --- The board's structure


def _new_columns() -> list[NewColumn]:
    labels = (NewLabel("OPEN"), NewLabel("DONE", "done_green", is_done=True))
    plain = [NewColumn(f"∆ {kind}", kind) for kind in sorted(writable_types() - {"name"})]
    return [
        *plain,
        NewColumn("STATE", "status", "state", labels),
        NewColumn("SIZE", "dropdown", "size", labels, {"limit_select": True, "label_limit_count": 1}),
        NewColumn("PRICE", "numbers", "price", settings={"unit": {"symbol": "$"}}),
    ]


@pytest.mark.parametrize("new", _new_columns(), ids=lambda new: f"{new.type} {new.title}")
def test_the_request_that_makes_a_column_fits_the_schema(new, api_schema):
    document, variables = mutation_document([creation("7000000001", new)])
    assert faults(api_schema, document, json.loads(json.dumps(variables))) == []


def test_every_mutation_that_the_application_knows_is_emitted_above(requests):
    planned = {operation.mutation.field for request in requests for operation in request.operations}
    making = {creation("7000000001", new).field for new in _new_columns()}
    assert planned | making == MUTATIONS.keys()
