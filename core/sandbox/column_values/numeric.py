"""Numbers and ratings (reference/number, reference/rating)."""

import re
from decimal import Decimal
from typing import Any

from core.sandbox.column_values.registry import (
    ColumnType,
    ReadContext,
    WriteContext,
    register,
    require_object,
)
from core.sandbox.structure import Cell

CANONICAL = re.compile(r"-?\d+(\.\d+)?")
DEFAULT_RATING_LIMIT = 5


def canonical_number(text: str) -> str:
    """Return the number as the board keeps it: through a float, without trailing zeros or an exponent."""
    number = format(Decimal(repr(float(text))).normalize(), "f")
    return "0" if number == "-0" else number


def _write_number(value: Any, context: WriteContext) -> Cell | None:
    if value == "":
        return "0"  # documented: only null clears; the simple form differs
    if not isinstance(value, str) or not CANONICAL.fullmatch(value):
        raise context.refuse(
            f"Column {context.column.id!r} takes a number as a string like '-12.5', got {value!r}"
        )
    return canonical_number(value)


def _simple_number(text: str, context: WriteContext) -> Cell | None:
    return None if text == "" else _write_number(text, context)


def _number_fields(cell: Cell | None, context: ReadContext) -> dict[str, Any]:
    unit = context.column.settings.get("unit") or {}
    return {
        "number": None if cell is None else float(cell),
        "symbol": unit.get("custom_unit") or unit.get("symbol"),
        "direction": unit.get("direction"),
    }


def _write_rating(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required={"rating"})
    return _rating(value["rating"], context)


def _rating(value: Any, context: WriteContext) -> Cell:
    limit = int(context.settings.get("limit") or DEFAULT_RATING_LIMIT)
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole and not (isinstance(value, str) and value.isdecimal()):
        raise context.refuse(
            f"Column {context.column.id!r} takes a whole number from 1 to {limit}, got {value!r}"
        )
    if not 1 <= int(value) <= limit:
        raise context.refuse(
            f"A rating in column {context.column.id!r} lies between 1 and {limit}, got {value}"
        )
    return {"rating": int(value), "changed_at": context.now}


def _simple_rating(text: str, context: WriteContext) -> Cell | None:
    return None if text == "" else _rating(text, context)


def _rating_text(cell: Cell, _context: ReadContext) -> str:
    return str(cell["rating"])


def _rating_fields(cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    return {"rating": cell["rating"], "updated_at": cell["changed_at"]} if cell else {}


register(
    ColumnType("numbers", "numeric", "NumbersValue", _write_number, _simple_number, fields=_number_fields)
)
register(
    ColumnType(
        "rating",
        "rating",
        "RatingValue",
        _write_rating,
        _simple_rating,
        text=_rating_text,
        fields=_rating_fields,
        cleared_by=({},),
    )
)
