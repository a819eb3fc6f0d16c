"""Reads items back from the board by their ids: their names, where they are, and what their cells hold."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.monday.client import Answer, CallFailedError, board_error
from core.monday.documents import ITEMS_QUERY
from core.monday.errors import ApiFault, FaultKind, classify
from core.sync.lookup import LookupApi
from core.sync.ports import Clock, SendingLimits

_ITEMS_PER_QUERY = 50
"""Nested reads are the costly ones (docs/rate-limits); the API takes 100 ids at most (reference/items)."""
_LONGEST_PAUSE_SECONDS = 60.0
_ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class BoardCell:
    """What a cell holds."""

    text: str
    """As a person reads it; empty for an empty cell, and for types that tell no text."""
    value: Any
    """The API's own JSON, None for an empty cell and for relations."""
    linked: frozenset[str] = frozenset()
    """Ids of the items that a relation points at."""

    @property
    def is_empty(self) -> bool:
        """Whether it holds nothing."""
        return not self.text and not self.linked


@dataclass(frozen=True, slots=True)
class BoardItem:
    """One item or subitem as it is on the board now."""

    id: str
    name: str
    active: bool
    """Neither archived nor deleted."""
    board_id: str
    """Empty of a subitem, as is the group."""
    group_id: str
    cells: Mapping[str, BoardCell]
    has_updates: bool
    """Whether somebody wrote an update on it."""
    subitems: tuple["BoardItem", ...] = ()
    """The active ones."""


class ReadColumns(NamedTuple):
    """Ids of the columns whose cells are read."""

    of_items: Sequence[str]
    of_subitems: Sequence[str]


async def read_items(
    api: LookupApi, item_ids: Sequence[str], columns: ReadColumns, clock: Clock, limits: SendingLimits
) -> dict[str, BoardItem]:
    """The items with these ids that the board still knows, archived ones too, by id.

    Waits where the API asks to, and tries again as often as `limits` allows. Raises BoardError.
    """
    found: dict[str, BoardItem] = {}
    for start in range(0, len(item_ids), _ITEMS_PER_QUERY):
        some = list(item_ids[start : start + _ITEMS_PER_QUERY])
        variables = {
            "ids": some,
            "limit": len(some),
            "columns": list(columns.of_items),
            "subitem_columns": list(columns.of_subitems),
        }
        body = json.dumps({"query": ITEMS_QUERY, "variables": variables}).encode()
        data = await _answer(api, body, clock, limits)
        found.update((item.id, item) for item in map(_item, data.get("items") or ()) if item is not None)
    return found


async def _answer(api: LookupApi, body: bytes, clock: Clock, limits: SendingLimits) -> Mapping[str, Any]:
    pause = 1.0
    for attempt in range(1, limits.attempts + 1):
        try:
            answer = await api.execute(body)
        except CallFailedError as failure:
            fault, request_id = failure.fault, failure.request_id
        else:
            if not answer.errors:
                return answer.data
            # An answer that is not whole must never read as "changed" or "not there".
            fault, request_id = _fault_of(answer), answer.request_id
        passing = fault.kind in {FaultKind.TRANSIENT, FaultKind.LOCKED, FaultKind.BUDGET}
        if not passing or attempt == limits.attempts:
            raise board_error(fault, "the items of the run", request_id)
        await clock.sleep(pause if fault.retry_after is None else fault.retry_after)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
    raise AssertionError("at least one attempt is made")


def _fault_of(answer: Answer) -> ApiFault:
    error = answer.errors[0]
    return classify(error.code, error.message, error.status, error.retry_after)


def _item(data: Mapping[str, Any] | None) -> BoardItem | None:
    if data is None:
        return None
    return BoardItem(
        id=str(data["id"]),
        name=str(data.get("name") or ""),
        active=data.get("state") == _ACTIVE,
        board_id=_id_of(data.get("board")),
        group_id=_id_of(data.get("group")),
        cells={str(cell["id"]): _cell(cell) for cell in data.get("column_values") or ()},
        has_updates=bool(data.get("updates")),
        subitems=tuple(
            item for item in map(_item, data.get("subitems") or ()) if item is not None and item.active
        ),
    )


def _id_of(data: Mapping[str, Any] | None) -> str:
    return str(data["id"]) if data else ""


def _cell(data: Mapping[str, Any]) -> BoardCell:
    return BoardCell(
        str(data.get("text") or ""),
        _decoded(data.get("value")),
        frozenset(map(str, data.get("linked_item_ids") or ())),
    )


def _decoded(value: Any) -> Any:
    """The value's JSON; some types send it as text, and one that is none stays what it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
