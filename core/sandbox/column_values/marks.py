"""Checkboxes, colours and files (reference/checkbox, -color-picker, -files)."""

import re
from typing import Any

from core.sandbox.column_values.registry import (
    ColumnType,
    ReadContext,
    WriteContext,
    register,
    require_object,
)
from core.sandbox.structure import Cell

HEX = re.compile(r"#[0-9A-Fa-f]{6}")
BRIGHTEST = 255


def _write_checkbox(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required={"checked"})
    if value["checked"] not in ("true", "false"):
        raise context.refuse(
            f"Column {context.column.id!r} takes the string 'true', got {value['checked']!r}"
        )
    if value["checked"] == "false":
        return context.current  # only null unchecks
    return {"checked": True, "changed_at": context.now}


def _checkbox_text(_cell: Cell, _context: ReadContext) -> str:
    return "v"


def _checkbox_fields(cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    return {"checked": cell is not None, "updated_at": cell["changed_at"] if cell else None}


def _write_color(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required={"color"})
    color = value["color"]
    if isinstance(color, dict) and isinstance(color.get("hex"), str) and HEX.fullmatch(color["hex"]):
        return {"color": {"hex": color["hex"]}, "changed_at": context.now}
    require_object(color, context, required={"r", "g", "b"})
    if not all(isinstance(part, int) and 0 <= part <= BRIGHTEST for part in color.values()):
        raise context.refuse(f"Column {context.column.id!r} takes r, g and b from 0 to 255")
    return {"color": color, "changed_at": context.now}


def _color_text(cell: Cell, _context: ReadContext) -> str | None:
    return cell["color"].get("hex")  # type: ignore[no-any-return]  # null for a colour written as r, g, b


def _color_fields(cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    return {"color": cell["color"].get("hex"), "updated_at": cell["changed_at"]} if cell else {}


def _write_file(value: Any, context: WriteContext) -> Cell | None:
    if value != {"clear_all": True}:
        raise context.refuse(f"Files are uploaded; column {context.column.id!r} can only be cleared")
    return None


register(
    ColumnType(
        "checkbox", "boolean", "CheckboxValue", _write_checkbox, text=_checkbox_text, fields=_checkbox_fields
    )
)
register(
    ColumnType(
        "color_picker",
        "color-picker",
        "ColorPickerValue",
        _write_color,
        text=_color_text,
        empty_text=None,
        fields=_color_fields,
        cleared_by=({},),
    )
)
register(ColumnType("file", "file", "FileValue", _write_file))
