"""Status and dropdown: labels of the column, by their ids where the board has them.

Ids survive renaming and reordering, and a comma inside a label needs no care (reference/status,
reference/dropdown). One value is one label, also in a dropdown that takes several.
"""

from typing import Any

from core.config.model import ColumnMapping
from core.mapping.writers.registry import RefusedValueError, Written, sendable_text, writes
from core.monday.board import Column
from core.monday.structure import DROPDOWN_LABELS, STATUS_LABEL_LENGTH, STATUS_LABELS

_EMPTY_STATUS = 5
"""The id, and the colour, of the label that means "nothing chosen"; settings may list it or not."""


@writes("status")
def write_status(value: Any, column: Column, rule: ColumnMapping) -> Written:
    """One label. A new one has at most 30 characters, and is no number: that would be taken for an id."""
    label_id, text = _label(value, column, rule)
    if label_id is not None:
        return Written({"index": label_id}, text)
    if len(text) > STATUS_LABEL_LENGTH:
        raise RefusedValueError(
            "label_too_long",
            f"'{text}' has {len(text)} characters, a status label takes {STATUS_LABEL_LENGTH}",
            "Shorten the value.",
        )
    if text.isdigit():
        raise RefusedValueError(
            "label_is_a_number",
            f"The board has no label '{text}' in column {column.title}, and a number cannot become one",
            f"Add the label '{text}' to the column on the board, then send again.",
        )
    # Each label takes a colour of its own, and one is the empty label's.
    used = sum(label.id != _EMPTY_STATUS for label in column.labels)
    _require_room(text, column, used, STATUS_LABELS - 1)
    return Written({"label": text}, text, creates_label=text)


@writes("dropdown")
def write_dropdown(value: Any, column: Column, rule: ColumnMapping) -> Written:
    """One label; texts are case-sensitive (reference/dropdown)."""
    label_id, text = _label(value, column, rule)
    if label_id is not None:
        return Written({"ids": [label_id]}, text)
    _require_room(text, column, len(column.labels), DROPDOWN_LABELS)
    return Written({"labels": [text]}, text, creates_label=text)


def _label(value: Any, column: Column, rule: ColumnMapping) -> tuple[int | None, str]:
    """The id and text of the label to write; no id when it is to be created."""
    text = sendable_text(value).strip()
    label_id = column.label_ids.get(text)
    if label_id is not None:
        return label_id, text
    if rule.on_unknown_label == "map":
        return _stand_in(column, rule), rule.unknown_label or ""
    if any(label.text == text for label in column.labels):
        raise RefusedValueError(
            "label_deactivated",
            f"The label '{text}' in column {column.title} is deactivated",
            f"Activate the label '{text}' on the board, or correct the value, then send again.",
        )
    if rule.on_unknown_label == "refuse":
        raise RefusedValueError(
            "label_not_on_board",
            f"The board has no label '{text}' in column {column.title}",
            f"Add the label '{text}' to the column on the board, or correct the value, then send again.",
        )
    return None, text


def _stand_in(column: Column, rule: ColumnMapping) -> int:
    label_id = column.label_ids.get(rule.unknown_label or "")
    if label_id is None:
        raise RefusedValueError(
            "stand_in_not_on_board",
            f"The board has no label '{rule.unknown_label}' in column {column.title},"
            " which is to stand for every unknown one",
            f"Add the label '{rule.unknown_label}' to the column on the board,"
            " or choose another one in Mappings.",
        )
    return label_id


def _require_room(text: str, column: Column, used: int, limit: int) -> None:
    if used >= limit:
        raise RefusedValueError(
            "no_room_for_label",
            f"Column {column.title} has {used} labels already, and {limit} are the most:"
            f" '{text}' cannot be added",
            "Remove labels that are no longer used from the column on the board, or correct the value.",
        )
