"""Looks on the board for what may have been created: records by their key column, groups by their title."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Protocol, TypeVar

from core.errors import BoardError
from core.monday.client import Answer, CallFailedError, board_error
from core.monday.documents import BY_KEY_QUERY
from core.monday.errors import classify
from core.orders.model import RecordKind
from core.sync.plan import OperationKind

EXECUTION = timedelta(seconds=65)
"""How long the board may execute a call whose sender is gone: the API ends each after 60 s
(docs/development-best-practices)."""

ASK_AGAIN_FIRST_SECONDS = 1.0
ASK_AGAIN_LONGEST_SECONDS = 15.0

_KEYS_PER_LOOKUP = 100
_RECORD_OF: Mapping[str, RecordKind] = {
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


class Sent(Protocol):
    """An operation that was sent: as the plan has it, or as the journal has it."""

    @property
    def kind(self) -> str:
        """A value of OperationKind."""
        ...

    @property
    def target(self) -> str:
        """A value of TargetKind."""
        ...

    @property
    def key(self) -> str:
        """Group title, or what stands in the key column."""
        ...


AnySent = TypeVar("AnySent", bound=Sent)


@dataclass(frozen=True, slots=True)
class KeyColumns:
    """Where records are found again."""

    items_board: str
    subitems_board: str | None
    item_key: str | None
    """None: the mapping names no key column."""
    subitem_key: str | None

    def of(self, kind: RecordKind) -> tuple[str, str] | None:
        """Board and key column of orders or lines, None when they cannot be looked up."""
        orders = kind is RecordKind.ORDER
        board = self.items_board if orders else self.subitems_board
        column = self.item_key if orders else self.subitem_key
        return (board, column) if board and column else None


@dataclass(frozen=True, slots=True)
class Found:
    """What the board has for a key."""

    item_id: str
    parent_id: str | None


def is_creation(operation: Sent) -> bool:
    """Whether doing it twice would show twice on the board."""
    return operation.kind in _RECORD_OF or operation.kind == OperationKind.CREATE_GROUP.value


def record_of(operation: Sent) -> RecordKind | None:
    """What kind of record it creates, None for a group and for what creates nothing."""
    return _RECORD_OF.get(operation.kind)


class Lookup:
    """Finds active items and subitems by the text of their key column, and groups by their title."""

    def __init__(self, api: LookupApi, keys: KeyColumns) -> None:
        self._api = api
        self._keys = keys
        self._found: dict[tuple[RecordKind | None, str], Found] = {}
        """By kind of record, None for groups, and key."""
        self.calls = 0
        """Queries that were sent."""

    def can_tell(self, operation: Sent) -> bool:
        """Whether the board knows what became of it, or it does not matter."""
        kind = record_of(operation)
        return kind is None or self._keys.of(kind) is not None

    def found(self, operation: Sent) -> Found | None:
        """What was found for it so far."""
        return self._found.get((record_of(operation), operation.key))

    async def look_for(self, creations: Sequence[AnySent]) -> list[AnySent]:
        """Ask for them; returns those that are not there. Raises BoardError."""
        groups = {sent.key for sent in creations if record_of(sent) is None}
        if groups:
            self.calls += 1
            on_board = await self._api.group_ids(self._keys.items_board)
            there = groups & on_board.keys()
            self._found.update({(None, title): Found(on_board[title], None) for title in there})
        for kind in RecordKind:
            where = self._keys.of(kind)
            keys = sorted({sent.key for sent in creations if record_of(sent) is kind})
            if where is None:
                continue
            for chunk in _chunks(keys):
                self.calls += 1
                found = await _ask(self._api, *where, chunk)
                self._found.update({(kind, key): item for key, item in found.items()})
        return [sent for sent in creations if self.found(sent) is None]


def _chunks(keys: Sequence[str]) -> Iterator[list[str]]:
    iterator = iter(keys)
    while chunk := list(islice(iterator, _KEYS_PER_LOOKUP)):
        yield chunk


async def _ask(api: LookupApi, board_id: str, column: str, keys: Sequence[str]) -> dict[str, Found]:
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
    page = answer.data.get("items_page_by_column_values")
    if answer.errors or not isinstance(page, Mapping):
        # An answer that is not whole must never read as "not there".
        raise _not_told(answer, board_id)
    found: dict[str, Found] = {}
    for item in page.get("items") or ():
        texts = {value["id"]: value["text"] for value in item.get("column_values") or ()}
        key = texts.get(column)
        if key in keys and item.get("state") == "active":
            parent = item.get("parent_item")
            found.setdefault(str(key), Found(str(item["id"]), str(parent["id"]) if parent else None))
    return found


def _not_told(answer: Answer, board_id: str) -> BoardError:
    error = answer.errors[0] if answer.errors else None
    if error is None:
        fault = classify("", "The answer to a look-up has no items", None, None)
    else:
        fault = classify(error.code, error.message, error.status, error.retry_after)
    return board_error(fault, f"board {board_id}", answer.request_id)
