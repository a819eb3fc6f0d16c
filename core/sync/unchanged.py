"""Whether what a run wrote still stands on the board as it was written. Pure.

The API answers other JSON than it takes: it adds when a cell was changed, and may write a number as text or a
label as its id (reference/column-types-reference). What was written must be found in the answer; whatever
cannot be compared counts as changed, so that nothing is taken away that a person may have made.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from core.monday.board import Board
from core.sync.board_items import BoardCell, BoardItem

_NO_DIGIT = re.compile(r"\D")
_EMPTY_CELL = BoardCell("", None)


@dataclass(frozen=True, slots=True)
class SentRecord:
    """An item or subitem as a run sent it."""

    board_id: str
    """Its id."""
    name: str
    values: Mapping[str, Any]
    """Column id -> JSON, as inside `column_values`."""


def changes(
    sent: SentRecord, found: BoardItem, board: Board | None, group_id: str | None = None
) -> Iterator[str]:
    """What is not as it was sent, in an operator's words: columns by their titles.

    `board` names the columns; of an item, its id and `group_id` say where it was put.
    """
    if group_id is not None and board is not None and found.board_id != board.id:
        yield "its board"
        return
    if _words(found.name) != _words(sent.name):
        yield "its name"
    if group_id is not None and found.group_id != group_id:
        yield "its group"
    for column_id, written in sent.values.items():
        if column_id == "name":
            continue
        column = board.column(column_id) if board else None
        is_number = column is not None and column.type == "numbers"
        if not is_same(written, found.cells.get(column_id, _EMPTY_CELL), is_number=is_number):
            yield column.title if column else column_id
    if found.has_updates:
        yield "updates written on it"


def subitem_changes(
    sent: Sequence[SentRecord], found: Sequence[BoardItem], board: Board | None
) -> Iterator[str]:
    """What is not as it was sent about an item's subitems: further ones, missing ones, changed ones."""
    there = {item.id: item for item in found}
    ours = {record.board_id for record in sent}
    if further := len(there.keys() - ours):
        yield f"{further} further subitem{'' if further == 1 else 's'}"
    if missing := len(ours - there.keys()):
        yield f"{missing} subitem{'' if missing == 1 else 's'} gone"
    for record in sent:
        if record.board_id in there:
            item = there[record.board_id]
            yield from (f"{change} of subitem {record.name}" for change in changes(record, item, board))


def is_same(written: Any, cell: BoardCell, *, is_number: bool = False) -> bool:
    """Whether a cell, of a numbers column where `is_number`, holds what was written into it."""
    if written is None:
        return cell.is_empty
    if not isinstance(written, Mapping):
        return any(_is_same_leaf(written, found, is_number=is_number) for found in (cell.value, cell.text))
    if "item_ids" in written:
        return frozenset(map(str, written["item_ids"])) == cell.linked
    if labels := [written["label"]] if "label" in written else written.get("labels"):
        return _words(", ".join(map(str, labels))) == _words(cell.text)
    if not isinstance(cell.value, Mapping):
        return False
    # A time of day that was added is a change; what else the API adds is its own.
    same_time = "date" not in written or (written.get("time") or "") == (cell.value.get("time") or "")
    return same_time and all(
        _is_same_part(name, part, cell.value.get(name)) for name, part in written.items()
    )


def _is_same_part(name: str, written: Any, found: Any) -> bool:
    if isinstance(written, Mapping):
        return isinstance(found, Mapping) and all(
            _is_same_part(inner, part, found.get(inner)) for inner, part in written.items()
        )
    if isinstance(written, Sequence) and not isinstance(written, str):
        return isinstance(found, Sequence) and _as_set(written) == _as_set(found)
    if name == "phone":  # the board keeps the digits, with or without the sign before them
        return _NO_DIGIT.sub("", str(written)) == _NO_DIGIT.sub("", str(found))
    return _is_same_leaf(written, found)


def _is_same_leaf(written: Any, found: Any, *, is_number: bool = False) -> bool:
    if found is None or isinstance(found, Mapping | list):
        return written == "" and not found
    first, second = _words(_as_text(written)), _words(_as_text(found))
    if first == second:
        return True
    if first.startswith("#"):  # the digits of a colour
        return first.casefold() == second.casefold()
    # "007" and "7" are two texts, and one number.
    if not is_number and isinstance(written, str) and isinstance(found, str):
        return False
    one, other = _number(first), _number(second)
    return one is not None and one == other


def _as_set(values: Sequence[Any]) -> frozenset[str]:
    """Entries without their order and their kind of number."""
    return frozenset(
        json.dumps({name: str(part) for name, part in value.items()}, sort_keys=True)
        if isinstance(value, Mapping)
        else str(value)
        for value in values
    )


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _words(text: str) -> str:
    """Without a difference in blanks, which the board does not keep."""
    return " ".join(text.split())


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
