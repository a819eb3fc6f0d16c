"""GraphQL text: the fixed queries, and one mutation document for several aliased operations.

Values never enter the text; they travel as variables. Argument types are those of the API's schema 2026-10.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BOARD_FIELDS = """
    id name url access_level items_limit hierarchy_type
    columns { id title type settings archived }
    groups { id title archived deleted }
"""

ACCOUNT_AND_BOARD_QUERY = f"""query Board($ids: [ID!]!) {{
  me {{ id name account {{ id name slug plan {{ tier }} }} }}
  boards(ids: $ids, limit: 1) {{{BOARD_FIELDS}  }}
}}"""
"""Who the token belongs to, and the structure of one board (docs: reference/boards, reference/me)."""

BOARD_QUERY = f"""query SubitemsBoard($ids: [ID!]!) {{
  boards(ids: $ids, limit: 1) {{{BOARD_FIELDS}  }}
}}"""

GROUPS_QUERY = """query Groups($ids: [ID!]!) {
  boards(ids: $ids, limit: 1) { groups { id title archived deleted } }
}"""

BY_KEY_QUERY = """query ByKey(
  $board: ID!, $columns: [ItemsPageByColumnValuesQuery!], $key: [String!], $limit: Int!
) {
  items_page_by_column_values(board_id: $board, columns: $columns, limit: $limit) {
    cursor
    items { id name state group { id } parent_item { id } column_values(ids: $key) { id text } }
  }
}"""
"""Items by the text of their key column (reference/items-page-by-column-values)."""


GROUP_CONTENTS_QUERY = """query GroupContents($ids: [ID!]!, $group: [String!]!, $limit: Int!) {
  boards(ids: $ids, limit: 1) {
    groups(ids: $group) { items_page(limit: $limit) { cursor items { id subitems { id } } } }
  }
}"""

NEXT_CONTENTS_QUERY = """query NextContents($cursor: String!, $limit: Int!) {
  next_items_page(cursor: $cursor, limit: $limit) { cursor items { id subitems { id } } }
}"""

BOARD_LIST_QUERY = """query BoardList($limit: Int!, $page: Int!) {
  boards(limit: $limit, page: $page, state: active) { id name type url workspace { id name } }
}"""
"""Boards that the token's user may see, page by page (reference/boards). Not their number of items, which
costs much complexity."""


@dataclass(frozen=True, slots=True)
class MutationField:
    """One mutation of the schema: its arguments with their GraphQL types."""

    name: str
    arguments: Mapping[str, str]


MUTATIONS: Mapping[str, MutationField] = {
    field.name: field
    for field in (
        MutationField("create_group", {"board_id": "ID!", "group_name": "String!"}),
        MutationField(
            "create_item",
            {
                "board_id": "ID!",
                "group_id": "String",
                "item_name": "String!",
                "column_values": "JSON",
                "create_labels_if_missing": "Boolean",
            },
        ),
        MutationField(
            "create_subitem",
            {
                "parent_item_id": "ID!",
                "item_name": "String!",
                "column_values": "JSON",
                "create_labels_if_missing": "Boolean",
            },
        ),
        MutationField(
            "change_multiple_column_values",
            {
                "board_id": "ID!",
                "item_id": "ID",
                "column_values": "JSON!",
                "create_labels_if_missing": "Boolean",
            },
        ),
        MutationField("archive_item", {"item_id": "ID"}),
        MutationField(
            "create_column",
            {
                "board_id": "ID!",
                "id": "String",
                "title": "String!",
                "column_type": "ColumnType!",
                "defaults": "JSON",
            },
        ),
        MutationField(
            "create_status_column",
            {
                "board_id": "ID!",
                "id": "String",
                "title": "String!",
                "defaults": "CreateStatusColumnSettingsInput",
            },
        ),
        MutationField(
            "create_dropdown_column",
            {
                "board_id": "ID!",
                "id": "String",
                "title": "String!",
                "defaults": "CreateDropdownColumnSettingsInput",
            },
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Mutation:
    """One aliased field of a request: a mutation's name and its argument values."""

    field: str
    arguments: Mapping[str, Any]


def alias(index: int) -> str:
    """The alias of the operation at this place of its request."""
    return f"a{index}"


def mutation_document(mutations: Sequence[Mutation]) -> tuple[str, dict[str, Any]]:
    """GraphQL text and variables for the given mutations, aliased `a0`, `a1`, ... in order.

    An argument that has one value in all of them is one variable; otherwise each alias has its own. What the
    request costs is asked for beside them (reference/complexity), for the governor to learn.
    """
    shared = _shared_arguments(mutations)
    declarations: list[str] = []
    variables: dict[str, Any] = {}
    lines: list[str] = []
    for index, mutation in enumerate(mutations):
        types = MUTATIONS[mutation.field].arguments
        passed: list[str] = []
        for argument, value in mutation.arguments.items():
            variable = argument if argument in shared else f"{argument}_{index}"
            if variable not in variables:
                variables[variable] = value
                declarations.append(f"${variable}: {types[argument]}")
            passed.append(f"{argument}: ${variable}")
        lines.append(f"  {alias(index)}: {mutation.field}({', '.join(passed)}) {{ id }}")
    head = "mutation Push(" + ", ".join(declarations) + ") {"
    tail = ["  complexity { before query after reset_in_x_seconds }", "}"]
    return "\n".join([head, *lines, *tail]), variables


def _shared_arguments(mutations: Sequence[Mutation]) -> frozenset[str]:
    """Names of arguments that have the same type and value in every mutation that takes them."""
    seen: dict[str, tuple[str, Any]] = {}
    different: set[str] = set()
    for mutation in mutations:
        types = MUTATIONS[mutation.field].arguments
        for argument, value in mutation.arguments.items():
            known = seen.setdefault(argument, (types[argument], value))
            if known != (types[argument], value):
                different.add(argument)
    per_record = {
        "item_name",
        "column_values",
        "group_name",
        "parent_item_id",
        "item_id",
        "id",
        "title",
        "column_type",
        "defaults",
    }
    return frozenset(seen) - different - per_record
