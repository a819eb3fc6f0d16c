"""The labels that a status or dropdown column is created with (reference/status, reference/dropdown)."""

from collections.abc import Sequence
from typing import Any

from core.sandbox.column_values.labels import DROPDOWN_LABELS, STATUS_LABEL_LENGTH, STATUS_LABELS
from core.sandbox.column_values.palette import STATUS_COLORS
from core.sandbox.errors import invalid_argument


def new_status_labels(given: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The labels of a new status column; a label's id is its colour's number. Raises FieldError."""
    if len(given) > STATUS_LABELS:
        raise invalid_argument(f"A status column has at most {STATUS_LABELS} labels, got {len(given)}")
    numbers = {name: number for number, name in STATUS_COLORS.items()}
    for label in given:
        if not 1 <= len(label["label"]) <= STATUS_LABEL_LENGTH:
            raise invalid_argument(
                f"A status label has 1 to {STATUS_LABEL_LENGTH} characters, got {label['label']!r}"
            )
        if not 0 <= label["index"] < STATUS_LABELS:
            raise invalid_argument(f"A label's index is 0 to {STATUS_LABELS - 1}, got {label['index']}")
    for key in ("label", "color", "index"):
        _require_different([label[key] for label in given], key)
    return [
        {
            "id": numbers[label["color"]],
            "label": label["label"],
            "color": label["color"],
            "index": label["index"],
            "description": label.get("description"),
            "is_deactivated": False,
            "is_done": bool(label.get("is_done")),
        }
        for label in given
    ]


def new_dropdown_labels(given: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The labels of a new dropdown column, numbered from 1. Raises FieldError."""
    if len(given) > DROPDOWN_LABELS:
        raise invalid_argument(f"A dropdown column has at most {DROPDOWN_LABELS} labels, got {len(given)}")
    texts = [label["label"] for label in given]
    if "" in texts:
        raise invalid_argument("A dropdown label is a non-empty string")
    _require_different(texts, "label")
    return [
        {"id": number, "label": text, "is_deactivated": False} for number, text in enumerate(texts, start=1)
    ]


def _require_different(values: Sequence[object], key: str) -> None:
    if len(set(values)) < len(values):
        raise invalid_argument(f"Two labels have the same {key}")
