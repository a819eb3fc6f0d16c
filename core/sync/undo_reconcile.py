"""After an undo that was killed, or heard no answer: asks the board which of its items are archived.

Reading an item by its id tells for certain, without the search that a key needs. What is archived makes its
order new again; what is not counts as not applied, and an undo that is said again plans it again.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from core.orders.journal import OperationOutcome, OperationState, UnresolvedOperation
from core.orders.model import Order, RecordKind, StateChange, SyncState
from core.orders.record_keys import CONTINUATION, order_and_number
from core.sync.board_items import BoardItem, ReadColumns, read_items
from core.sync.lookup import LookupApi
from core.sync.plan import OperationKind
from core.sync.ports import Clock, SendingLimits
from core.sync.reconcile import OutcomeJournal, in_flight, may_appear_for
from core.sync.record_states import undone


def open_undos(
    unresolved: Sequence[UnresolvedOperation], clock: Clock, alive: Collection[str]
) -> list[UnresolvedOperation]:
    """The archivings of undos that nobody waits for any more; `alive` are the workers that hold claims."""
    now = clock.now()
    return [
        operation
        for operation in unresolved
        if operation.kind == OperationKind.UNDO_ITEM.value and not in_flight(operation, now, alive)
    ]


async def reconcile_undos(
    open_ones: Sequence[UnresolvedOperation],
    orders: Mapping[str, Order],
    api: LookupApi,
    journal: OutcomeJournal,
    clock: Clock,
    limits: SendingLimits,
) -> None:
    """Give each of them its outcome, and the orders of what is archived their states, request by request.

    `orders` are theirs, with all their lines. Waits as long as an archiving may still be carried out. Raises
    BoardError when the board cannot be asked, StoreError when the outcomes cannot be written.
    """
    noticed, began = clock.now(), clock.monotonic()
    ids = {operation.key: _item_of(operation, orders) for operation in open_ones}
    known = [item_id for item_id in ids.values() if item_id is not None]
    items = await _read(api, known, clock, limits)
    pending = [operation for operation in open_ones if _is_there(items, ids[operation.key])]
    left = max((may_appear_for(operation, noticed) for operation in pending), default=0.0)
    left -= clock.monotonic() - began
    if left > 0:
        await clock.sleep(left)
        items = await _read(api, known, clock, limits)
    await asyncio.to_thread(_write, open_ones, orders, items, journal, clock)


async def _read(
    api: LookupApi, ids: Collection[str], clock: Clock, limits: SendingLimits
) -> Mapping[str, BoardItem]:
    return await read_items(api, sorted(ids), ReadColumns((), ()), clock, limits)


def _item_of(operation: UnresolvedOperation, orders: Mapping[str, Order]) -> str | None:
    """The item that was to be archived: the order's own, or one on which it continues."""
    order = orders.get(operation.record_key)
    if order is None or operation.target != CONTINUATION:
        return order.item_id if order else None
    number = order_and_number(operation.key)[1]
    return next((each.item_id for each in order.continuations if each.number == number), None)


def _states_after(operation: UnresolvedOperation, order: Order, at: datetime) -> list[StateChange]:
    """The order is new again when its own item is gone, which is archived last."""
    if operation.target == CONTINUATION:
        number = order_and_number(operation.key)[1]
        return [StateChange(RecordKind.ORDER, order.key, SyncState.PENDING, at=at, continuation=number)]
    lines = [line.key for line in order.lines if line.state is not SyncState.HELD]
    return undone(order.key, lines, at)


def _is_there(items: Mapping[str, BoardItem], item_id: str | None) -> bool:
    found = items.get(item_id) if item_id is not None else None
    return found is not None and found.active


def _write(
    open_ones: Sequence[UnresolvedOperation],
    orders: Mapping[str, Order],
    items: Mapping[str, BoardItem],
    journal: OutcomeJournal,
    clock: Clock,
) -> None:
    by_request: dict[str, list[UnresolvedOperation]] = {}
    for operation in open_ones:
        by_request.setdefault(operation.request_uuid, []).append(operation)
    for request_uuid, operations in by_request.items():
        outcomes = []
        states = []
        for operation in operations:
            item_id = _item_of(operation, orders)
            if item_id is None or _is_there(items, item_id):
                outcomes.append(OperationOutcome(operation.index, OperationState.NOT_APPLIED))
                continue
            outcomes.append(OperationOutcome(operation.index, OperationState.CONFIRMED, item_id))
            states.extend(_states_after(operation, orders[operation.record_key], clock.now()))
        journal.answered(request_uuid, clock.now(), outcomes, states=states)
