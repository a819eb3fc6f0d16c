"""What a run made and changed on the board, from its operations and the bodies of its requests. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.monday.documents import arguments_of
from core.orders.journal_rows import OperationState
from core.orders.model import RecordKind
from core.orders.run_records import PastRun, SentOperation
from core.sync.board_items import ReadColumns
from core.sync.plan import OperationKind
from core.sync.unchanged import SentRecord

_CREATED_BY = {
    OperationKind.CREATE_ITEM.value: "create_item",
    OperationKind.CREATE_SUBITEM.value: "create_subitem",
}


@dataclass(frozen=True, slots=True)
class MadeItem:
    """One item that the run made, as the run sent it."""

    order_key: str
    group_id: str
    item: SentRecord
    subitems: tuple[SentRecord, ...]
    operation: SentOperation


@dataclass(frozen=True)
class RunWork:
    """What a run did on the board, by order."""

    run: PastRun
    made: tuple[MadeItem, ...]
    """Items whose creation the board has confirmed."""
    unknown: frozenset[str] = frozenset()
    """Orders whose item may have been made."""
    unreadable: frozenset[str] = frozenset()
    """Orders whose item was made, and the journal does not tell what was sent."""
    changed_keys: frozenset[str] = frozenset()
    """Orders and lines that the run changed, archived or added to items that it did not make."""

    @property
    def order_and_line_keys(self) -> tuple[str, ...]:
        """Of all that it touched: a line's key stands for its order."""
        made = (item.order_key for item in self.made)
        return tuple(dict.fromkeys((*made, *self.unknown, *self.unreadable, *self.changed_keys)))

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Of the items that it made."""
        return tuple(made.item.board_id for made in self.made)

    @property
    def columns(self) -> ReadColumns:
        """The columns that it wrote."""
        return ReadColumns(
            _columns(made.item for made in self.made),
            _columns(subitem for made in self.made for subitem in made.subitems),
        )


def work_of(run: PastRun, operations: Sequence[SentOperation], bodies: Mapping[str, str]) -> RunWork:
    """What the run made and changed, from its operations and the bodies of its requests."""
    variables = {request: _variables(body) for request, body in bodies.items()}
    applied = [operation for operation in operations if operation.may_have_applied]
    subitems: dict[str, list[SentRecord]] = {}
    lines_of: dict[str, list[str]] = {}
    items_above = _items_above(applied)
    for operation in applied:
        if operation.kind != OperationKind.CREATE_SUBITEM.value:
            continue
        arguments = _arguments(operation, variables)
        above = items_above.get((operation.request_uuid, operation.index))
        parent = str(arguments.get("parent_item_id", above))
        lines_of.setdefault(parent, []).append(operation.key)
        if operation.board_id is not None:
            subitems.setdefault(parent, []).append(_record(operation.board_id, arguments))
    made: list[MadeItem] = []
    unknown: set[str] = set()
    unreadable: set[str] = set()
    for operation in applied:
        if operation.kind != OperationKind.CREATE_ITEM.value:
            continue
        arguments = _arguments(operation, variables)
        if operation.state is not OperationState.CONFIRMED or operation.board_id is None:
            unknown.add(operation.key)
        elif not arguments:
            unreadable.add(operation.key)
        else:
            item = _record(operation.board_id, arguments)
            ours = tuple(subitems.pop(item.board_id, ()))
            lines_of.pop(item.board_id, None)
            made.append(MadeItem(operation.key, str(arguments.get("group_id")), item, ours, operation))
    changed = {key for keys in lines_of.values() for key in keys}
    changed.update(
        operation.key
        for operation in applied
        if operation.target in {RecordKind.ORDER.value, RecordKind.LINE.value}
        and operation.kind not in _CREATED_BY
        and operation.kind != OperationKind.UNDO_ITEM.value
    )
    return RunWork(run, tuple(made), frozenset(unknown), frozenset(unreadable), frozenset(changed))


def _items_above(operations: Sequence[SentOperation]) -> dict[tuple[str, int], str | None]:
    """Of each creation of a subitem, by request and place: the item created before it.

    In the file of a bulk import, whose rows do not name their item, that is where it belongs.
    """
    found: dict[tuple[str, int], str | None] = {}
    last: dict[str, str | None] = {}
    for operation in sorted(operations, key=lambda each: (each.request_uuid, each.index)):
        if operation.kind == OperationKind.CREATE_ITEM.value:
            last[operation.request_uuid] = operation.board_id
        elif operation.kind == OperationKind.CREATE_SUBITEM.value:
            found[operation.request_uuid, operation.index] = last.get(operation.request_uuid)
    return found


def _columns(records: Iterable[SentRecord]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column for record in records for column in record.values if column != "name"))


def _variables(body: str) -> Mapping[str, Any]:
    """The variables of a request; empty where the journal's text is not the JSON that was sent."""
    try:
        variables = json.loads(body).get("variables")
    except (ValueError, AttributeError):
        return {}
    return variables if isinstance(variables, Mapping) else {}


def _arguments(operation: SentOperation, variables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    field_name = _CREATED_BY[operation.kind]
    return arguments_of(field_name, variables.get(operation.request_uuid, {}), operation.index)


def _record(board_id: str, arguments: Mapping[str, Any]) -> SentRecord:
    values = json.loads(arguments.get("column_values") or "{}")
    return SentRecord(board_id, str(arguments.get("item_name") or ""), values)
