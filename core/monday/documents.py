"""GraphQL text: the queries, and one mutation document for several aliased operations.

Values never enter the text; they travel as variables. Argument types are those of the API's schema 2026-10.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

BOARD_FIELDS = """
    id name url access_level items_limit items_count hierarchy_type
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

START_IMPORT_MUTATION = """mutation StartImport($board_id: ID!, $group_id: ID!) {
  ingest_items(board_id: $board_id, group_id: $group_id) { job_id upload_url }
}"""
"""A job that creates items and subitems of one group from a file (docs/importing-items-in-bulk)."""

IMPORT_STATUS_QUERY = """query ImportStatus($job: ID!) {
  fetch_job_status(job_id: $job) {
    ... on ItemsJobStatus {
      status progress_percentage failure_reason failure_message report_url
      counts { submitted invalid skipped created updated failed }
    }
  }
}"""

_KEYS = """cursor
    items {
      id column_values(ids: $key) { id text }
      subitems { id state column_values(ids: $subitem_key) { id text } }
    }"""

GROUP_KEYS_QUERY = f"""query GroupKeys(
  $ids: [ID!]!, $group: [String!]!, $limit: Int!, $key: [String!], $subitem_key: [String!]
) {{
  boards(ids: $ids, limit: 1) {{ groups(ids: $group) {{ items_page(limit: $limit) {{ {_KEYS} }} }} }}
}}"""
"""Items and subitems of a group with the text of their key columns, the first page (reference/items-page)."""

NEXT_KEYS_QUERY = f"""query NextKeys(
  $cursor: String!, $limit: Int!, $key: [String!], $subitem_key: [String!]
) {{
  next_items_page(cursor: $cursor, limit: $limit) {{ {_KEYS} }}
}}"""

_CELL_FIELDS = """id text value
        ... on BoardRelationValue { linked_item_ids } ... on DependencyValue { linked_item_ids }"""

ITEMS_QUERY = f"""query Items($ids: [ID!]!, $limit: Int!, $columns: [String!], $subitem_columns: [String!]) {{
  items(ids: $ids, limit: $limit) {{
    id name state board {{ id }} group {{ id }} updates(limit: 1) {{ id }}
    column_values(ids: $columns) {{ {_CELL_FIELDS} }}
    subitems {{
      id name state updates(limit: 1) {{ id }}
      column_values(ids: $subitem_columns) {{ {_CELL_FIELDS} }}
    }}
  }}
}}"""
"""Items by their ids, archived ones too, with the cells that are asked for (reference/items). The values of
relations are told by their own field alone (reference/connect)."""

DAILY_CALLS_QUERY = """query DailyCalls {
  platform_api { daily_limit { base total } daily_analytics { by_day { day usage } } }
}"""
"""The account's limit of calls a day and what is used of it, some minutes old (reference/platform-api)."""

DAILY_CONSUMPTION_QUERY = """query DailyConsumption {
  platform_api { daily_limit { total consumption } }
}"""
"""What is used of the day's calls as of now. The field came with a later release of version 2026-10, so it is
asked for in a call of its own, which may be refused."""

BOARD_LIST_QUERY = """query BoardList($limit: Int!, $page: Int!) {
  boards(limit: $limit, page: $page, state: active) { id name type url workspace { id name } }
}"""
"""Boards that the token's user may see, page by page (reference/boards). Not their number of items, which
costs much complexity."""


def keys_query(pages: int) -> str:
    """GraphQL text for so many filtered pages of a group: its items and their subitems with their keys.

    Page `a0` takes its filter from the variable `a0`, and so on; the pages are one root field, and one call
    (reference/items-page, `query_params`).
    """
    names = [alias(index) for index in range(pages)]
    declared = ", ".join(f"${name}: ItemsQuery" for name in names)
    head = "query FilteredKeys($ids: [ID!]!, $group: [String!]!, $limit: Int!, "
    keys = "$key: [String!], $subitem_key: [String!], "
    asked = [f"    {name}: items_page(limit: $limit, query_params: ${name}) {{ ...Keys }}" for name in names]
    inside = ["  boards(ids: $ids, limit: 1) { groups(ids: $group) {", *asked, "  } }"]
    tail = ["}", f"fragment Keys on ItemsResponse {{ {_KEYS} }}"]
    return "\n".join([f"{head}{keys}{declared}) {{", *inside, *tail])


_REMEMBERED_DOCUMENTS = 32
"""Texts of mutation documents; each takes some kilobytes."""


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
    shape = tuple([(mutation.field, *mutation.arguments) for mutation in mutations])
    document, names = _document_of(shape, _shared_arguments(mutations))
    variables: dict[str, Any] = {}
    for mutation, own in zip(mutations, names, strict=True):
        variables.update(zip(own, mutation.arguments.values(), strict=True))
    return document, variables


@lru_cache(maxsize=_REMEMBERED_DOCUMENTS)
def _document_of(
    shape: tuple[tuple[str, ...], ...], shared: frozenset[str]
) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """The text for mutations of these names and arguments, and the variables of each mutation's arguments.

    Most requests of a run are alike but for their values.
    """
    declared: dict[str, str] = {}
    lines: list[str] = []
    names: list[tuple[str, ...]] = []
    for index, (field, *arguments) in enumerate(shape):
        own = [argument if argument in shared else f"{argument}_{index}" for argument in arguments]
        passed = [f"{argument}: ${name}" for argument, name in zip(arguments, own, strict=True)]
        types = MUTATIONS[field].arguments
        declared.update((name, types[argument]) for argument, name in zip(arguments, own, strict=True))
        lines.append(f"  {alias(index)}: {field}({', '.join(passed)}) {{ id }}")
        names.append(tuple(own))
    head = "mutation Push(" + ", ".join(f"${name}: {kind}" for name, kind in declared.items()) + ") {"
    tail = ["  complexity { before query after reset_in_x_seconds }", "}"]
    return "\n".join([head, *lines, *tail]), tuple(names)


def arguments_of(field: str, variables: Mapping[str, Any], index: int) -> dict[str, Any]:
    """The arguments of the operation at this place of its request, from what `mutation_document` made."""
    found: dict[str, Any] = {}
    for argument in MUTATIONS[field].arguments:
        for name in (f"{argument}_{index}", argument):
            if name in variables:
                found[argument] = variables[name]
                break
    return found


_OF_ONE_RECORD = frozenset(
    {
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
)
"""Arguments that are never shared, even where two records have the same."""


def _shared_arguments(mutations: Sequence[Mutation]) -> frozenset[str]:
    """Names of arguments that have the same type and value in every mutation that takes them."""
    shapes = {(mutation.field, *mutation.arguments) for mutation in mutations}
    types: dict[str, set[str]] = {}
    for field, *arguments in shapes:
        for argument in arguments:
            if argument not in _OF_ONE_RECORD:
                types.setdefault(argument, set()).add(MUTATIONS[field].arguments[argument])
    return frozenset(
        argument for argument, found in types.items() if len(found) == 1 and _is_same(argument, mutations)
    )


def _is_same(argument: str, mutations: Sequence[Mutation]) -> bool:
    values = [mutation.arguments[argument] for mutation in mutations if argument in mutation.arguments]
    return values.count(values[0]) == len(values)
