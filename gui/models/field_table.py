"""How each value of one operation came about: source, what the board gets, and in which column."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QColor, QIcon

from core.mapping.findings import Finding
from core.sync.plan import Operation, Reference, TargetKind
from gui.icons import column_type_icon, icon
from gui.models.record_table import RecordTable, TableColumn
from gui.theme import current_tokens

_NAME_ARGUMENTS = ("group_name", "item_name")
_PLACES = {"group_id": "Group", "item_id": "Item", "parent_item_id": "Parent item"}
_REFERENCE_WORDS = {
    TargetKind.GROUP: "the new group's id",
    TargetKind.ORDER: "the new item's id",
    TargetKind.CONTINUATION: "the new item's id",
    TargetKind.LINE: "the new subitem's id",
}


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One value of an operation."""

    source: str
    """Source column or template; empty for what does not come from the tables."""
    value: str
    """The source value as text."""
    becomes: str
    column: str
    """The board column's title."""
    column_type: str
    """In the API's words; empty for an id."""
    note: str = ""
    """What happens with the cell other than being written."""
    finding: Finding | None = None


def field_rows(operation: Operation) -> tuple[FieldRow, ...]:
    """Return the values of an operation: its place on the board, its name, then every mapped column."""
    rows: list[FieldRow] = []
    for argument, value in operation.mutation.arguments.items():
        if isinstance(value, Reference):
            note = f"Known once {value.name} exists"
            rows.append(FieldRow("", "", _REFERENCE_WORDS[value.kind], _PLACES[argument], "", note))
        elif argument in _NAME_ARGUMENTS:
            rows.append(FieldRow("", "", str(value), "Name", "name"))
        elif argument in _PLACES:
            rows.append(FieldRow("", "", str(value), _PLACES[argument], "", "On the board already"))
    for field in operation.fields:
        note = ""
        if field.creates_label is not None:
            note = f"New label '{field.creates_label}'"
        elif not field.written and field.finding is None:
            note = "Empty: left as it is"
        elif field.written and not field.shown:
            note = "Empty: cleared"
        rows.append(
            FieldRow(
                field.origin,
                field.source_text,
                field.shown,
                field.column_title,
                field.column_type,
                note,
                field.finding,
            )
        )
    return tuple(rows)


def _note(row: FieldRow) -> str:
    return row.finding.message if row.finding else row.note


def _note_icon(row: FieldRow) -> QIcon | None:
    if row.finding is None:
        return None
    return icon("error", "error") if row.finding.blocks else icon("warning", "warn")


def _note_color(row: FieldRow) -> QColor:
    if row.finding is None:
        return current_tokens().color("muted")
    return current_tokens().color("error" if row.finding.blocks else "warn")


def _note_tooltip(row: FieldRow) -> str:
    return f"{row.finding.message}\n{row.finding.remedy}" if row.finding else row.note


def field_table() -> RecordTable[FieldRow]:
    """Return a table of an operation's values."""
    return RecordTable[FieldRow](
        (
            TableColumn("Source column", lambda row: row.source),
            TableColumn("Source value", lambda row: row.value),
            TableColumn("Becomes", lambda row: row.becomes),
            TableColumn(
                "Board column",
                lambda row: row.column,
                icon=lambda row: column_type_icon(row.column_type or "item_id"),
                tooltip=lambda row: f"{row.column} ({row.column_type or 'id'})",
            ),
            TableColumn("Finding", _note, icon=_note_icon, color=_note_color, tooltip=_note_tooltip),
        )
    )


def first_of(operations: Sequence[Operation], key: str) -> int | None:
    """Return the place of the operation for a record, or None."""
    return next((place for place, operation in enumerate(operations) if operation.key == key), None)
