"""What a request costs in complexity points.

The provider publishes no cost table, only that `create_item` costs about 10,000 points, that a request may
cost 5 million, and that cost grows with the rows asked for (docs/rate-limits,
docs/development-best-practices). The practice board's own table:

* a mutation costs `MUTATION_COST`; one that failed a tenth of it;
* an object costs 10 and each plain field 1, times the rows of the list around it;
* before the run a list counts as many rows as it may return, afterwards as many as it did return.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    IntValueNode,
    ListValueNode,
    SelectionNode,
    VariableNode,
)

from core.sandbox.requests import ReceivedRequest, fragments

MUTATION_COST = {
    "create_board": 50_000,
    "create_group": 10_000,
    "create_item": 10_000,
    "create_subitem": 10_000,
    "create_column": 10_000,
    "create_status_column": 10_000,
    "create_dropdown_column": 10_000,
    "change_multiple_column_values": 10_000,
    "delete_group": 10_000,
    "archive_group": 10_000,
    "complexity": 0,
}
OTHER_MUTATION_COST = 5_000
FAILED_SHARE = 10  # a failed mutation costs a tenth
OBJECT_COST = 10
FREE_FIELDS = {"complexity", "version", "versions", "__typename"}
# Rows a list is expected to hold when neither `limit` nor `ids` says so.
EXPECTED_ROWS = {"column_values": 20, "columns": 20, "groups": 10, "subitems": 20, "values": 2, "users": 20}
PAGED = {"boards", "items", "updates", "workspaces"}
DEFAULT_PAGE = 25


def cost(
    request: ReceivedRequest,
    data: Mapping[str, Any] | None = None,
    *,
    mutations: Mapping[str, int] = MUTATION_COST,
) -> int:
    """Return the points of a request: an upper estimate, or with the answer's `data` what it came to.

    `mutations` is the table of what each costs.
    """
    if request.operation is None or request.document is None:
        return 0
    reader = _Cost(request.variables, fragments(request.document), measured=data is not None)
    total = 0
    for root in request.fields:
        if request.is_mutation:
            price = mutations.get(root.name, OTHER_MUTATION_COST)
            total += price // FAILED_SHARE if data is not None and data.get(root.alias) is None else price
        total += reader.field(root.node, None if data is None else data.get(root.alias))
    return total


class _Cost:
    def __init__(
        self, variables: Mapping[str, Any], known: Mapping[str, FragmentDefinitionNode], *, measured: bool
    ) -> None:
        self._variables = variables
        self._fragments = known
        self._measured = measured

    def field(self, node: FieldNode, value: Any, page: int | None = None) -> int:
        name = node.name.value
        if name in FREE_FIELDS:
            return 0
        if node.selection_set is None:
            return 0 if self._measured and value is None else 1
        if self._measured:
            rows = value if isinstance(value, list) else [value]
            return sum(OBJECT_COST + self._inside(node, row, None) for row in rows if row is not None)
        # A page's own `limit` counts at the `items` inside it.
        limit = self._rows(node, page)
        rows_here = limit if name in EXPECTED_ROWS or name in PAGED else 1
        return rows_here * (OBJECT_COST + self._inside(node, None, limit))

    def _inside(self, node: FieldNode, value: Any, page: int | None) -> int:
        assert node.selection_set is not None
        return sum(self._selection(selection, value, page) for selection in node.selection_set.selections)

    def _selection(self, node: SelectionNode, value: Any, page: int | None) -> int:
        if isinstance(node, FieldNode):
            inner = value.get((node.alias or node.name).value) if isinstance(value, Mapping) else None
            return self.field(node, inner, page)
        if isinstance(node, FragmentSpreadNode):
            selections = self._fragments[node.name.value].selection_set.selections
        else:
            selections = node.selection_set.selections  # type: ignore[attr-defined]  # an inline fragment
        return sum(self._selection(selection, value, page) for selection in selections)

    def _rows(self, node: FieldNode, page: int | None) -> int:
        arguments = {argument.name.value: argument.value for argument in node.arguments or ()}
        sizes = []
        for name in ("limit", "ids"):
            value = arguments.get(name)
            if isinstance(value, VariableNode):
                given = self._variables.get(value.name.value)
            elif isinstance(value, IntValueNode):
                given = int(value.value)
            elif isinstance(value, ListValueNode):
                given = list(value.values)
            else:
                continue
            if isinstance(given, list):
                sizes.append(len(given))
            elif name == "limit" and isinstance(given, int):
                sizes.append(given)
            elif given is not None:
                sizes.append(1)
        if sizes:
            return min(sizes)
        if node.name.value == "items" and page is not None:
            return page
        return EXPECTED_ROWS.get(node.name.value, DEFAULT_PAGE)
