"""After a crash or a lost answer: asks the board what became of operations without an outcome.

A creation is looked up by its record's key column, or by the group's title: what is found is adopted, what is
not found counts as not applied and is planned again. As long as the request may still be executing on the
board's side, "not found" says nothing, so the board is asked again until that time is over. A change or an
archiving leaves the same board when it is done twice, so it is simply planned again.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from core.monday.board import BoardSchema
from core.orders.journal import OperationOutcome, OperationState, UnresolvedOperation
from core.orders.model import RecordKind, StateChange, SyncState
from core.orders.record_keys import CONTINUATION, order_and_number
from core.orders.workers import has_ended
from core.sync.bulk.fate import Fate, Fates, JobJournal, find_fates
from core.sync.lookup import (
    ASK_AGAIN_FIRST_SECONDS,
    ASK_AGAIN_LONGEST_SECONDS,
    EXECUTION,
    Found,
    KeyColumns,
    Lookup,
    LookupApi,
    is_creation,
    record_of,
)
from core.sync.ports import Clock

IN_FLIGHT = timedelta(minutes=17)
"""How long another worker's request may be under way: all its attempts, and the last one's time-out."""


class OutcomeJournal(JobJournal, Protocol):
    """Where outcomes and states are written. Synchronous. Raises StoreError."""

    def answered(
        self,
        request_uuid: str,
        at: Any,
        outcomes: Sequence[OperationOutcome],
        *,
        states: Sequence[StateChange] = (),
    ) -> None:
        """Commit each alias's outcome together with the states that follow from it."""
        ...

    def group_created(self, board_id: str, title: str, group_id: str) -> None:
        """Remember a group's id."""
        ...


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What the board said."""

    adopted: int = 0
    """Records found on the board; their ids are kept now."""
    not_applied: int = 0
    """Operations that had no effect; they are planned again."""
    undecided: tuple[UnresolvedOperation, ...] = ()
    """Nobody can tell: there is no key column, or another worker's request is under way. Left alone."""


async def reconcile(
    unresolved: Sequence[UnresolvedOperation],
    schema: BoardSchema,
    key_columns: Mapping[RecordKind, str | None],
    api: LookupApi,
    journal: OutcomeJournal,
    clock: Clock,
    *,
    alive: Collection[str] | None = None,
) -> Reconciled:
    """Give every operation that the board can tell about its outcome.

    `alive` are the workers that hold unexpired claims: only theirs can still be under way.

    Takes up to `EXECUTION` where something is missing on the board and may still appear. Raises BoardError
    when the board cannot be asked, StoreError when the outcomes cannot be written.
    """
    now = clock.now()
    undecided = [operation for operation in unresolved if in_flight(operation, now, alive)]
    settled = [operation for operation in unresolved if not in_flight(operation, now, alive)]
    subitems = schema.subitems.id if schema.subitems else None
    keys = KeyColumns(schema.items.id, subitems, key_columns[RecordKind.ORDER], key_columns[RecordKind.LINE])
    lookup = Lookup(api, keys)
    fates = await find_fates(settled, api, journal, clock)
    decided: list[UnresolvedOperation] = []
    for operation in settled:
        can_tell = lookup.can_tell(operation) and fates.of(operation) is not Fate.OPEN
        (decided if can_tell else undecided).append(operation)
    missing = [each for each in decided if is_creation(each) and fates.of(each) is not Fate.NOTHING]
    pause = ASK_AGAIN_FIRST_SECONDS
    began = clock.monotonic()
    while missing:
        missing = await lookup.look_for(missing)
        left = max((_may_appear_for(operation, now, fates) for operation in missing), default=0.0)
        left -= clock.monotonic() - began
        if left <= 0:
            break
        await clock.sleep(min(pause, left))
        pause = min(2 * pause, ASK_AGAIN_LONGEST_SECONDS)
    adopted = await asyncio.to_thread(_write, decided, lookup, schema.items.id, journal, clock)
    return Reconciled(adopted, len(decided) - adopted, tuple(undecided))


def _may_appear_for(operation: UnresolvedOperation, now: datetime, fates: Fates) -> float:
    # What a job made just before its end need not show yet, however long ago it was started.
    if fates.of(operation) is Fate.ENDED:
        return EXECUTION.total_seconds()
    return may_appear_for(operation, now)


def may_appear_for(operation: UnresolvedOperation, now: datetime) -> float:
    """Seconds until the board has certainly ended the request, whether it carried it out or not.

    Where the worker died, perhaps just after one more attempt, they count from now on: its death was noticed.
    A clock that was put back since then does not make them more.
    """
    last_moment = operation.sent_at + IN_FLIGHT
    if operation.run_finished:
        last_moment = operation.last_heard_of + EXECUTION
    return min(EXECUTION, last_moment - now).total_seconds()


def in_flight(operation: UnresolvedOperation, now: datetime, alive: Collection[str] | None = None) -> bool:
    """Whether the worker that sent it may still be waiting for its answer; `alive` as in `reconcile`."""
    if operation.run_finished or has_ended(operation.worker):
        return False
    if alive is not None:
        return operation.worker in alive  # by the database's clock; the machines' own need not agree
    return now - operation.sent_at <= IN_FLIGHT


def _write(
    decided: Sequence[UnresolvedOperation],
    lookup: Lookup,
    board_id: str,
    journal: OutcomeJournal,
    clock: Clock,
) -> int:
    """Commit the outcomes, request by request, with the ids that were found; returns how many were found."""
    by_request: dict[str, list[UnresolvedOperation]] = {}
    for operation in decided:
        by_request.setdefault(operation.request_uuid, []).append(operation)
    adopted = 0
    for request_uuid, operations in by_request.items():
        outcomes: list[OperationOutcome] = []
        states: list[StateChange] = []
        for operation in operations:
            item = lookup.found(operation) if is_creation(operation) else None
            state = OperationState.NOT_APPLIED if item is None else OperationState.CONFIRMED
            outcomes.append(OperationOutcome(operation.index, state, item.item_id if item else None))
            kind = record_of(operation)
            if kind is not None and item is not None:
                states.append(_adopted(kind, operation, item, clock.now()))
            elif kind is None and is_creation(operation) and item is not None:
                # One that is not there falls to the next run that needs it: its maker's turn is over.
                journal.group_created(board_id, operation.key, item.item_id)
        journal.answered(request_uuid, clock.now(), outcomes, states=states)
        adopted += len(states)
    return adopted


def _adopted(kind: RecordKind, operation: UnresolvedOperation, item: Found, now: datetime) -> StateChange:
    if operation.target == CONTINUATION:
        order_key, number = order_and_number(operation.key)
        return StateChange(kind, order_key, SyncState.PENDING, item.item_id, at=now, continuation=number)
    # An order stays pending: its lines may still be missing, and the plan finds out.
    state = SyncState.PENDING if kind is RecordKind.ORDER else SyncState.SYNCED
    return StateChange(
        kind,
        operation.key,
        state,
        item.item_id,
        item.parent_id,
        at=now,
        as_of=operation.last_heard_of,
        continues=kind is RecordKind.LINE,
    )
