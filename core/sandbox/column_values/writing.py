"""The two doors into a cell: the JSON form and the plain string (reference/columns)."""

from typing import Any

from core.sandbox.column_values.registry import COLUMN_TYPES, ColumnType, WriteContext
from core.sandbox.errors import FieldError
from core.sandbox.structure import Cell


def write_json(value: Any, context: WriteContext, *, among_several: bool = True) -> Cell | None:
    """Return what the cell holds after writing `value`, None when cleared.

    `value` is parsed JSON: the type's object, or its plain string where it has one. Raises FieldError.
    """
    kind = _writable(context)
    if kind.several_only and not among_several:
        raise context.refuse(f"Column {context.column.id!r} is written by change_multiple_column_values only")
    if value is None or any(value == empty and type(value) is type(empty) for empty in kind.cleared_by):
        return None
    if isinstance(value, str) and kind.simple is not None and kind.write is not None:
        return kind.write(value, context) if kind.name in {"text", "numbers"} else kind.simple(value, context)
    assert kind.write is not None
    return kind.write(value, context)


def write_simple(value: str | None, context: WriteContext) -> Cell | None:
    """Return what the cell holds after writing a plain string, None when cleared. Raises FieldError."""
    kind = _writable(context)
    if kind.simple is None:
        raise FieldError(
            "CorrectedValueException",
            f"Column {context.column.id!r} of type {kind.name} takes no simple string; send its JSON form",
            error_data={"column_type": kind.internal_name},
        )
    return None if value is None else kind.simple(value, context)


def _writable(context: WriteContext) -> ColumnType:
    kind = COLUMN_TYPES[context.column.type]
    if kind.write is None:
        raise context.refuse(f"Column {context.column.id!r} of type {kind.name} cannot be written")
    return kind
