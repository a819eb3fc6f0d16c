"""After a crash or a lost answer: asks the board what became of operations without an outcome.

A creation is looked up by its record's key column, or by the group's title: what is found is adopted, what is
not found counts as not applied and is planned again. As long as the request may still be executing on the
board's side, "not found" says nothing, so the board is asked again until that time is over. A change or an
archiving has the same effect twice, so it is simply planned again.
"""

import asyncio
import json
import os
import socket
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Protocol

from core.monday.board import BoardSchema
from core.monday.client import Answer, CallFailedError, board_error
from core.monday.documents import BY_KEY_QUERY
from core.orders.journal import OperationOutcome, OperationState, UnresolvedOperation
from core.orders.model import RecordKind, StateChange, SyncState
from core.sync.plan import OperationKind, TargetKind
from core.sync.ports import Clock

_KEYS_PER_LOOKUP = 100

IN_FLIGHT = timedelta(minutes=17)
"""How long another worker's request may be under way: all its attempts, and the last one's time-out."""

EXECUTION = timedelta(seconds=65)
"""How long the board may execute a call whose sender is gone: the API ends each after 60 s
(docs/development-best-practices)."""

_ASK_AGAIN_FIRST_SECONDS = 1.0
_ASK_AGAIN_LONGEST_SECONDS = 15.0

_CREATIONS: Mapping[str, RecordKind] = {
    OperationKind.CREATE_ITEM.value: RecordKind.ORDER,
    OperationKind.CREATE_SUBITEM.value: RecordKind.LINE,
}


class LookupApi(Protocol):
    """What is asked of the board's API."""

    async def execute(self, body: bytes, *, idempotency_key: str | None = None) -> Answer:
        """Raises CallFailedError when there is no usable answer."""
        ...

    async def group_ids(self, board_id: str) -> Mapping[str, str]:
        """Title -> id. Raises BoardError."""
        ...


class OutcomeJournal(Protocol):
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

    def forget_group(self, board_id: str, title: str) -> None:
        """Give a title free again."""
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


@dataclass(frozen=True, slots=True)
class _Found:
    item_id: str
    parent_id: str | None


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
    lookup = _Lookup(api, schema, key_columns)
    undecided.extend(operation for operation in settled if not lookup.can_tell(operation))
    decided = [operation for operation in settled if lookup.can_tell(operation)]
    missing = [operation for operation in decided if is_creation(operation)]
    pause = _ASK_AGAIN_FIRST_SECONDS
    while missing:
        missing = await lookup.look_for(missing)
        last_moment = max((_may_appear_until(operation, now) for operation in missing), default=now)
        left = (last_moment - clock.now()).total_seconds()
        if left <= 0:
            break
        await clock.sleep(min(pause, left))
        pause = min(2 * pause, _ASK_AGAIN_LONGEST_SECONDS)
    adopted = await asyncio.to_thread(_write, decided, lookup.found, schema.items.id, journal, clock)
    return Reconciled(adopted, len(decided) - adopted, tuple(undecided))


def is_creation(operation: UnresolvedOperation) -> bool:
    """Whether doing it twice would show twice on the board."""
    return operation.kind in _CREATIONS or operation.kind == OperationKind.CREATE_GROUP.value


def _may_appear_until(operation: UnresolvedOperation, now: datetime) -> datetime:
    """When the board has certainly ended the request, whether it carried it out or not."""
    if operation.run_finished:
        return operation.sent_at + EXECUTION
    # The worker died, perhaps just after one more attempt: count from the moment that its death was noticed.
    return min(now + EXECUTION, operation.sent_at + IN_FLIGHT)


def in_flight(operation: UnresolvedOperation, now: datetime, alive: Collection[str] | None = None) -> bool:
    """Whether the worker that sent it may still be waiting for its answer; `alive` as in `reconcile`."""
    if operation.run_finished or now - operation.sent_at > IN_FLIGHT:
        return False
    if alive is not None and operation.worker not in alive:
        return False
    host, _, process = operation.worker.rpartition(":")
    if host == socket.gethostname() and os.name == "posix" and process.isdigit():
        return _process_lives(int(process))
    return True


def _process_lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # asks only; on Windows the same call would send a signal, hence the check above
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _chunks(keys: Sequence[str]) -> Iterator[list[str]]:
    iterator = iter(keys)
    while chunk := list(islice(iterator, _KEYS_PER_LOOKUP)):
        yield chunk


class _Lookup:
    """Finds active items and subitems by the text of their key column, and groups by their title."""

    def __init__(
        self, api: LookupApi, schema: BoardSchema, key_columns: Mapping[RecordKind, str | None]
    ) -> None:
        self._api = api
        self._key_columns = key_columns
        self._items_board = schema.items.id
        self._boards = {
            RecordKind.ORDER: schema.items.id,
            RecordKind.LINE: schema.subitems.id if schema.subitems else None,
        }
        self.found: dict[tuple[str, str], _Found] = {}
        """By target and key."""

    def can_tell(self, operation: UnresolvedOperation) -> bool:
        """Whether the board knows what became of it, or it does not matter."""
        if operation.kind not in _CREATIONS:
            return True
        kind = _CREATIONS[operation.kind]
        return self._key_columns[kind] is not None and self._boards[kind] is not None

    async def look_for(self, creations: Sequence[UnresolvedOperation]) -> list[UnresolvedOperation]:
        """Ask for them; returns those that are not there."""
        groups = {o.key for o in creations if o.kind not in _CREATIONS}
        if groups:
            on_board = await self._api.group_ids(self._items_board)
            for title in groups & on_board.keys():
                self.found[TargetKind.GROUP.value, title] = _Found(on_board[title], None)
        records = [operation for operation in creations if operation.kind in _CREATIONS]
        for kind in RecordKind:
            column, board_id = self._key_columns[kind], self._boards[kind]
            keys = sorted({o.key for o in records if _CREATIONS[o.kind] is kind})
            if column is None or board_id is None:
                continue
            for chunk in _chunks(keys):
                found = await _ask(self._api, board_id, column, chunk)
                self.found.update({(kind.value, key): item for key, item in found.items()})
        return [operation for operation in creations if (operation.target, operation.key) not in self.found]


async def _ask(api: LookupApi, board_id: str, column: str, keys: Sequence[str]) -> dict[str, _Found]:
    """The items with these keys; of several with one key, the first one counts."""
    variables = {
        "board": board_id,
        "columns": [{"column_id": column, "column_values": list(keys)}],
        "key": [column],
        # Twice as many as asked for: a duplicate made by hand must not hide another record.
        "limit": min(500, 2 * len(keys)),
    }
    body = json.dumps({"query": BY_KEY_QUERY, "variables": variables}).encode()
    try:
        answer = await api.execute(body)
    except CallFailedError as failure:
        raise board_error(failure.fault, f"board {board_id}", failure.request_id) from failure
    found: dict[str, _Found] = {}
    page = answer.data.get("items_page_by_column_values") or {}
    for item in page.get("items") or ():
        texts = {value["id"]: value["text"] for value in item.get("column_values") or ()}
        key = texts.get(column)
        if key in keys and item.get("state") == "active":
            parent = item.get("parent_item")
            found.setdefault(str(key), _Found(str(item["id"]), str(parent["id"]) if parent else None))
    return found


def _write(
    decided: Sequence[UnresolvedOperation],
    found: Mapping[tuple[str, str], _Found],
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
            item = found.get((operation.target, operation.key)) if is_creation(operation) else None
            state = OperationState.NOT_APPLIED if item is None else OperationState.CONFIRMED
            outcomes.append(OperationOutcome(operation.index, state, item.item_id if item else None))
            if operation.kind == OperationKind.CREATE_GROUP.value:
                _write_group(journal, board_id, operation.key, item)
            elif item is not None:
                states.append(_adopted(operation, item, clock.now()))
        journal.answered(request_uuid, clock.now(), outcomes, states=states)
        adopted += len(states)
    return adopted


def _write_group(journal: OutcomeJournal, board_id: str, title: str, group: _Found | None) -> None:
    if group is None:
        journal.forget_group(board_id, title)
    else:
        journal.group_created(board_id, title, group.item_id)


def _adopted(operation: UnresolvedOperation, item: _Found, now: datetime) -> StateChange:
    kind = _CREATIONS[operation.kind]
    # An order stays pending: its lines may still be missing, and the plan finds out.
    state = SyncState.PENDING if kind is RecordKind.ORDER else SyncState.SYNCED
    return StateChange(kind, operation.key, state, item.item_id, item.parent_id, at=now)
