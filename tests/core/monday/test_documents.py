"""Every document against the API's schema, and how arguments become variables."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, get_variable_values, parse, validate

from core.monday import documents
from core.monday.board import parse_board
from core.monday.documents import MUTATIONS, Mutation, alias, keys_query, mutation_document
from core.monday.structure import by_hand, creation, new_column_like
from core.resources import resource_path

OFFICIAL = Path(__file__).parents[4] / "shared" / "monday" / "schema-2026-10.graphql"
QUERIES = {name: text for name, text in vars(documents).items() if name.endswith("_QUERY")}
VARIABLES: dict[str, dict[str, Any]] = {
    "ACCOUNT_AND_BOARD_QUERY": {"ids": ["7000000001"]},
    "BOARD_LIST_QUERY": {"limit": 100, "page": 1},
    "BOARD_QUERY": {"ids": ["7000000001"]},
    "GROUPS_QUERY": {"ids": ["7000000001"]},
    "BY_KEY_QUERY": {
        "board": "7000000001",
        "columns": [{"column_id": "record_uuid", "column_values": ["a", "b"]}],
        "key": ["record_uuid"],
        "limit": 500,
    },
    "DAILY_CALLS_QUERY": {},
    "DAILY_CONSUMPTION_QUERY": {},
    "GROUP_CONTENTS_QUERY": {"ids": ["7000000001"], "group": ["topics"], "limit": 100},
    "ITEMS_QUERY": {
        "ids": ["8000000001"],
        "limit": 50,
        "columns": ["record_uuid"],
        "subitem_columns": ["line_uuid"],
    },
    "NEXT_CONTENTS_QUERY": {"cursor": "abc", "limit": 100},
    "IMPORT_STATUS_QUERY": {"job": "3e4f"},
    "GROUP_KEYS_QUERY": {
        "ids": ["7000000001"],
        "group": ["topics"],
        "limit": 500,
        "key": ["record_uuid"],
        "subitem_key": ["line_uuid"],
    },
    "NEXT_KEYS_QUERY": {"cursor": "abc", "limit": 500, "key": ["record_uuid"], "subitem_key": ["line_uuid"]},
}
NEWER_THAN_THE_SCHEMA = {
    "DAILY_CONSUMPTION_QUERY": ["Cannot query field 'consumption' on type 'DailyLimit'."],
}
"""What the schemas do not know yet; the client is prepared for a refusal."""
VALUES: dict[str, Any] = {
    "board_id": "7000000001",
    "group_id": "topics",
    "group_name": "∆ STUDIO",
    "item_name": 'An "order"\nof two lines',
    "item_id": "8000000001",
    "parent_item_id": "8000000001",
    "column_values": json.dumps({"text": 'quoted "∆"'}),
    "create_labels_if_missing": True,
    "id": "order_key",
    "title": "∆ KEY",
    "column_type": "numbers",
}
DEFAULTS: dict[str, Any] = {
    "create_column": {"unit": {"symbol": "$"}},
    "create_status_column": {"labels": [{"label": "NEW", "color": "done_green", "index": 0}]},
    "create_dropdown_column": {"labels": [{"label": "S"}], "limit_select": True, "label_limit_count": 1},
}
"""The argument of one name that has a type of its own in each mutation."""


@pytest.fixture(scope="module", params=["official", "practice board"])
def schema(request: pytest.FixtureRequest) -> GraphQLSchema:
    path = OFFICIAL if request.param == "official" else resource_path("sandbox", "schema.graphql")
    if not path.exists():
        pytest.skip(f"the official schema is not at {path}")
    return build_schema(path.read_text(encoding="utf-8"), assume_valid=True)


def faults(schema: GraphQLSchema, document: str, variables: dict[str, Any]) -> list[str]:
    """What the schema has against a document and its variables."""
    tree = parse(document)
    (operation,) = (node for node in tree.definitions if isinstance(node, OperationDefinitionNode))
    found = [error.message for error in validate(schema, tree)]
    definitions = operation.variable_definitions or ()
    values = get_variable_values(schema, definitions, json.loads(json.dumps(variables)))
    declared = {definition.variable.name.value for definition in definitions}
    found += [error.message for error in values] if isinstance(values, list) else []
    found += [f"not declared: {name}" for name in set(variables) - declared]
    return found


def mutation(field: str, **values: Any) -> Mutation:
    """A mutation with all its arguments."""
    known = {**VALUES, "defaults": DEFAULTS.get(field), **values}
    return Mutation(field, {name: known[name] for name in MUTATIONS[field].arguments})


# --- The schema


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_fits_the_schema(name, schema):
    assert faults(schema, QUERIES[name], VARIABLES[name]) == NEWER_THAN_THE_SCHEMA.get(name, [])


@pytest.mark.parametrize("pages", [1, 15])
def test_filtered_pages_fit_the_schema(pages, schema):
    rule = {"column_id": "record_uuid", "compare_value": ["a", 'b "∆"']}
    variables = {
        **VARIABLES["GROUP_KEYS_QUERY"],
        **{alias(page): {"rules": [rule]} for page in range(pages)},
    }
    assert faults(schema, keys_query(pages), variables) == []


def test_a_wrong_variable_would_be_noticed(schema):
    assert faults(schema, QUERIES["GROUPS_QUERY"], {"ids": [None]})
    assert faults(schema, QUERIES["GROUPS_QUERY"], {})
    assert faults(schema, QUERIES["GROUPS_QUERY"], {"ids": ["1"], "more": 1})
    assert faults(schema, "query { boards { nonsense } }", {})


@pytest.mark.parametrize("field", MUTATIONS)
def test_a_mutation_fits_the_schema_alone_and_in_a_batch(field, schema):
    assert faults(schema, *mutation_document([mutation(field)])) == []
    batch = [mutation(field, item_name=f"order {number}", group_id=str(number)) for number in range(3)]
    assert faults(schema, *mutation_document(batch)) == []


@pytest.mark.parametrize("field", MUTATIONS)
def test_a_mutation_fits_the_schema_with_its_required_arguments_alone(field, schema):
    needed = {name: VALUES[name] for name, kind in MUTATIONS[field].arguments.items() if kind.endswith("!")}
    document, variables = mutation_document([Mutation(field, needed or {"item_id": VALUES["item_id"]})])
    assert faults(schema, document, variables) == []


@pytest.mark.parametrize(("first", "second"), list(combinations(MUTATIONS, 2)))
def test_different_mutations_fit_the_schema_in_one_request(first, second, schema):
    batch = [mutation(first), mutation(second), mutation(first, board_id="7000000002", group_id=None)]
    assert faults(schema, *mutation_document(batch)) == []


def test_making_every_column_of_the_demo_board_fits_the_schema(schema):
    fixture = json.loads(resource_path("boards", "orders.json").read_text(encoding="utf-8"))
    for board in fixture["boards"]:
        columns = [column for column in parse_board(board).columns if by_hand(column.type) is None]
        batch = [creation(board["id"], new_column_like(column, None)) for column in columns]
        assert {mutation.field for mutation in batch} >= {"create_column", "create_dropdown_column"}
        assert faults(schema, *mutation_document(batch)) == []


# --- Arguments and variables


def test_arguments_with_one_value_are_one_variable_and_others_one_each():
    document, variables = mutation_document(
        [
            Mutation(
                "create_item", {"board_id": "1", "group_id": "g", "item_name": "a", "column_values": "{}"}
            ),
            Mutation(
                "create_item", {"board_id": "1", "group_id": "h", "item_name": "a", "column_values": "{}"}
            ),
        ]
    )
    assert variables == {
        "board_id": "1",
        "group_id_0": "g",
        "item_name_0": "a",
        "column_values_0": "{}",
        "group_id_1": "h",
        "item_name_1": "a",
        "column_values_1": "{}",
    }
    assert document == (
        "mutation Push($board_id: ID!, $group_id_0: String, $item_name_0: String!, $column_values_0: JSON, "
        "$group_id_1: String, $item_name_1: String!, $column_values_1: JSON) {\n"
        "  a0: create_item(board_id: $board_id, group_id: $group_id_0, item_name: $item_name_0, "
        "column_values: $column_values_0) { id }\n"
        "  a1: create_item(board_id: $board_id, group_id: $group_id_1, item_name: $item_name_1, "
        "column_values: $column_values_1) { id }\n"
        "  complexity { before query after reset_in_x_seconds }\n"
        "}"
    )


def test_an_argument_of_one_name_but_two_types_is_not_shared():
    _, variables = mutation_document(
        [
            Mutation("create_item", {"board_id": "1", "item_name": "a", "column_values": "{}"}),
            Mutation(
                "change_multiple_column_values", {"board_id": "1", "item_id": "2", "column_values": "{}"}
            ),
        ]
    )
    assert variables["board_id"] == "1"
    assert {"column_values_0", "column_values_1"} < set(variables)


def test_an_argument_that_one_mutation_leaves_out_is_shared_by_the_others():
    document, variables = mutation_document(
        [
            Mutation("create_item", {"board_id": "1", "item_name": "a", "create_labels_if_missing": True}),
            Mutation("create_item", {"board_id": "1", "item_name": "b"}),
            Mutation("create_item", {"board_id": "1", "item_name": "c", "create_labels_if_missing": True}),
        ]
    )
    assert variables["create_labels_if_missing"] is True
    assert document.count("create_labels_if_missing: $create_labels_if_missing") == 2


def test_values_never_enter_the_text():
    hostile = '") { id } } #'
    document, variables = mutation_document(
        [Mutation("create_group", {"board_id": "1", "group_name": hostile})]
    )
    assert hostile not in document
    assert variables["group_name_0"] == hostile


def test_aliases_follow_the_order_of_the_mutations():
    names = [f"group {number}" for number in range(12)]
    document, variables = mutation_document(
        [Mutation("create_group", {"board_id": "1", "group_name": name}) for name in names]
    )
    for index, name in enumerate(names):
        assert (
            f"  {alias(index)}: create_group(board_id: $board_id, group_name: $group_name_{index})"
            in document
        )
        assert variables[f"group_name_{index}"] == name
