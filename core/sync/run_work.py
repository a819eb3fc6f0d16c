"""What a run made and changed on the board, from its operations and the bodies of its requests. Pure.

A run that was interrupted and those that resumed it are one piece of work: an item may be the first one's,
and its subitems the last one's.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.monday.documents import arguments_of
from core.orders.journal_rows import OperationState
from core.orders.record_keys import CONTINUATION
from core.orders.run_records import PastRun, SentOperation
from core.sync.board_items import ReadColumns
from core.sync.plan import OperationKind, TargetKind
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
    continuations: tuple["MadeItem", ...] = ()
    """Of an order's own item: the items on which the order continues."""

    @property
    def all(self) -> tuple["MadeItem", ...]:
        """The order's own item and those on which it continues."""
        return self, *self.continuations


@dataclass(frozen=True)
class RunWork:
    """What a run, with those whose rest it took up, did on the board, by order."""

    run: PastRun
    """The last of them."""
    made: tuple[MadeItem, ...]
    """Orders' own items whose creation the board has confirmed, with those on which the orders continue."""
    unknown: frozenset[str] = frozenset()
    """Orders of which an item may have been made."""
    unreadable: frozenset[str] = frozenset()
    """Orders of which an item was made, and the journal does not tell what was sent."""
    changed_keys: frozenset[str] = frozenset()
    """Orders and lines that the run changed, archived or added to items that it did not make."""
    changes: tuple[SentOperation, ...] = ()
    """What it changed or archived of what was there before: its own item, where it was resumed."""
    resumed: tuple[PastRun, ...] = ()
    """The runs whose rest it took up, oldest first."""

    @property
    def runs(self) -> tuple[PastRun, ...]:
        """All whose work it is, oldest first."""
        return (*self.resumed, self.run)

    @property
    def order_and_line_keys(self) -> tuple[str, ...]:
        """Of all that it touched: a line's key stands for its order."""
        made = (item.order_key for item in self.made)
        return tuple(dict.fromkeys((*made, *self.unknown, *self.unreadable, *self.changed_keys)))

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Of the items that it made."""
        return tuple(item.item.board_id for item in self._items)

    @property
    def columns(self) -> ReadColumns:
        """The columns that it wrote."""
        return ReadColumns(
            _columns(made.item for made in self._items),
            _columns(subitem for made in self._items for subitem in made.subitems),
        )

    @property
    def continuation_keys(self) -> tuple[str, ...]:
        """Keys of the items, among those that it made, on which orders continue."""
        return tuple(item.operation.key for made in self.made for item in made.continuations)

    @property
    def _items(self) -> Iterator[MadeItem]:
        return (item for made in self.made for item in made.all)


def work_of(
    run: PastRun,
    operations: Sequence[SentOperation],
    bodies: Mapping[str, str],
    resumed: Sequence[PastRun] = (),
) -> RunWork:
    """What the run made and changed, from its operations and the bodies of its requests.

    Operations and bodies hold those of the runs that it `resumed` too.
    """
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
    items: list[MadeItem] = []
    unknown: set[str] = set()
    unreadable: set[str] = set()
    for operation in applied:
        if operation.kind != OperationKind.CREATE_ITEM.value:
            continue
        arguments = _arguments(operation, variables)
        if operation.state is not OperationState.CONFIRMED or operation.board_id is None:
            unknown.add(operation.record_key)
        elif not arguments:
            unreadable.add(operation.record_key)
        else:
            item = _record(operation.board_id, arguments)
            ours = tuple(subitems.get(item.board_id, ()))
            group_id = str(arguments.get("group_id"))
            items.append(MadeItem(operation.record_key, group_id, item, ours, operation))
    made = _by_order(items, unknown | unreadable)
    whole = {item.item.board_id for order in made for item in order.all}
    changed = {key for parent, keys in lines_of.items() if parent not in whole for key in keys}
    changed.update(item.order_key for item in items if item.item.board_id not in whole)
    changes = tuple(
        operation
        for operation in applied
        if operation.target != TargetKind.GROUP.value
        and operation.kind not in _CREATED_BY
        and operation.kind != OperationKind.UNDO_ITEM.value
    )
    changed.update(operation.record_key for operation in changes)
    return RunWork(
        run, made, frozenset(unknown), frozenset(unreadable), frozenset(changed), changes, tuple(resumed)
    )


def _by_order(items: Sequence[MadeItem], doubtful: Collection[str]) -> tuple[MadeItem, ...]:
    """The orders' own items with those on which the orders continue, of orders that are not `doubtful`.

    Where the run did not make an order's own item, it only added to it.
    """
    further: dict[str, list[MadeItem]] = {}
    for item in items:
        if item.operation.target == CONTINUATION:
            further.setdefault(item.order_key, []).append(item)
    return tuple(
        replace(item, continuations=tuple(further.get(item.order_key, ())))
        for item in items
        if item.operation.target != CONTINUATION and item.order_key not in doubtful
    )


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
