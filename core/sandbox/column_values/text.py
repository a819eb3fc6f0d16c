"""Text and long text (reference/text, reference/long-text)."""

from typing import Any

from core.sandbox.column_values.registry import (
    ColumnType,
    ReadContext,
    WriteContext,
    register,
    require_object,
)
from core.sandbox.structure import Cell

LONG_TEXT_LIMIT = 2_000  # characters


def _write_text(value: Any, context: WriteContext) -> Cell | None:
    if not isinstance(value, str):
        raise context.refuse(f"Column {context.column.id!r} takes a string, got {type(value).__name__}")
    return value or None


def _write_long_text(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required={"text"})
    if not isinstance(value["text"], str):
        raise context.refuse(f"Column {context.column.id!r} takes a string as its text")
    return _simple_long_text(value["text"], context)


def _simple_long_text(text: str, context: WriteContext) -> Cell | None:
    if len(text) > LONG_TEXT_LIMIT:
        raise context.refuse(f"Long text is limited to {LONG_TEXT_LIMIT} characters, got {len(text)}")
    return {"text": text, "changed_at": context.now} if text else None


def _long_text(cell: Cell, _context: ReadContext) -> str:
    return str(cell["text"])


def _long_text_fields(cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    return {"updated_at": cell["changed_at"] if cell else None}


register(ColumnType("text", "text", "TextValue", _write_text, _write_text))
register(
    ColumnType(
        "long_text",
        "long-text",
        "LongTextValue",
        _write_long_text,
        _simple_long_text,
        text=_long_text,
        fields=_long_text_fields,
    )
)
