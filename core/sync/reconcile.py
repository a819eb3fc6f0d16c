"""After a crash or a lost answer: asks the board what became of operations without an outcome.

A creation is looked up by its record's key column; what is found is adopted, what is not counts as not applied and
is planned again. A change or an archiving has the same effect twice, so it is simply planned again.
"""

import asyncio
import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
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
"""How long another machine's request may still be under way: all its attempts, and the last one's time-out."""

_CREATIONS = {
    OperationKind.CREATE_ITEM.value: (TargetKind.ORDER, RecordKind.ORDER),
    OperationKind.CREATE_SUBITEM.value: (TargetKind.LINE, RecordKind.LINE),
}


class LookupApi(Protocol):
    """One request at a time."""

    async def execute(self, body: bytes, *, idempotency_key: str | None = None) -> Answer: ...


class OutcomeJournal(Protocol):
    """Where outcomes and states are written. Synchronous."""

    def answered(
        self,
        request_uuid: str,
        at: Any,
        outcomes: Sequence[OperationOutcome],
        *,
        states: Sequence[StateChange] = (),
    ) -> None: ...
    def forget_group(self, board_id: str, title: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What the board said."""

    adopted: int = 0
    """Records found on the board; their ids are kept now."""
    not_applied: int = 0
    """Operations that had no effect; they are planned again."""
    undecided: tuple[UnresolvedOperation, ...] = ()
    """Nobody can tell yet: there is no key column, or another worker's request is still under way. Left alone."""


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
) -> Reconciled:
    """Give every operation that the board can tell about its outcome. Raises BoardError when it cannot be asked."""
    boards = {
        RecordKind.ORDER: schema.items.id,
        RecordKind.LINE: schema.subitems.id if schema.subitems else None,
    }
    found: dict[tuple[str, str], _Found] = {}
    now = clock.now()
    undecided = [operation for operation in unresolved if in_flight(operation, now)]
    settled = [operation for operation in unresolved if not in_flight(operation, now)]
    decided: list[UnresolvedOperation] = []
    for kind in RecordKind:
        creations = [o for o in settled if o.kind in _CREATIONS and _CREATIONS[o.kind][1] is kind]
        column, board_id = key_columns[kind], boards[kind]
        if column is None or board_id is None:
            undecided.extend(creations)
            continue
        decided.extend(creations)
        for keys in _chunks(sorted({operation.key for operation in creations})):
            for key, item in (await _look_up(api, board_id, column, keys)).items():
                found[kind.value, key] = item
    decided.extend(operation for operation in settled if operation.kind not in _CREATIONS)
    adopted = await asyncio.to_thread(_write, decided, found, schema, journal, clock)
    return Reconciled(adopted, len(decided) - adopted, tuple(undecided))


def in_flight(operation: UnresolvedOperation, now: datetime) -> bool:
    """Whether the worker that sent it may still be waiting for its answer."""
    if operation.run_finished or now - operation.sent_at > IN_FLIGHT:
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


async def _look_up(api: LookupApi, board_id: str, column: str, keys: Sequence[str]) -> dict[str, _Found]:
    """Active items by the text of their key column; of several with one key, the first one counts."""
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
    schema: BoardSchema,
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
            item = found.get((operation.target, operation.key))
            if operation.kind == OperationKind.CREATE_GROUP.value:
                if schema.items.group(operation.key) is None:
                    journal.forget_group(schema.items.id, operation.key)
                item = None
            if item is None:
                outcomes.append(OperationOutcome(operation.index, OperationState.NOT_APPLIED))
                continue
            adopted += 1
            outcomes.append(OperationOutcome(operation.index, OperationState.CONFIRMED, item.item_id))
            kind = _CREATIONS[operation.kind][1]
            # An order stays pending: its lines may still be missing, and the plan finds out.
            state = SyncState.PENDING if kind is RecordKind.ORDER else SyncState.SYNCED
            states.append(
                StateChange(kind, operation.key, state, item.item_id, item.parent_id, at=clock.now())
            )
        journal.answered(request_uuid, clock.now(), outcomes, states=states)
    return adopted
