"""Status and dropdown: values chosen from a column's labels (reference/status, reference/dropdown)."""

from collections.abc import Iterable
from typing import Any

from core.sandbox.column_values.palette import STATUS_COLORS, status_hex
from core.sandbox.column_values.registry import (
    ColumnType,
    ReadContext,
    WriteContext,
    register,
    require_object,
)
from core.sandbox.structure import Cell

STATUS_LABELS = 40  # per column
STATUS_LABEL_LENGTH = 30  # characters
DROPDOWN_LABELS = 500  # per column
EMPTY_STATUS = 5  # the id of the label that means "nothing chosen"


def _labels(settings: Any) -> list[dict[str, Any]]:
    return list(settings.get("labels") or [])


def _known(labels: Iterable[dict[str, Any]]) -> str:
    return "{" + ", ".join(f"{label['id']}: {label['label']}" for label in labels) + "}"


def _active(labels: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [label for label in labels if not label.get("is_deactivated")]


def _require_label_rights(context: WriteContext, text: str, known: list[dict[str, Any]]) -> None:
    if not context.create_labels:
        raise context.refuse(
            f"The label {text!r} does not exist in column {context.column.id!r},"
            f" possible labels are: {_known(known)}"
        )
    if context.column.managed:
        raise context.refuse(
            f"Column {context.column.id!r} is attached to a managed column; its owner adds labels"
        )


# Status


def _write_status(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required=set(), optional={"index", "label", "post_id"})
    if "index" in value:
        return _status_by_id(value["index"], context)
    label = value.get("label")
    if label is None or label == "":
        return None
    return _simple_status(str(label), context)


def _simple_status(text: str, context: WriteContext) -> Cell | None:
    if text == "":
        return None
    if text.isdecimal():  # documented: a label of digits is taken as an id
        return _status_by_id(int(text), context)
    labels = _labels(context.settings)
    for label in _active(labels):
        if label["label"] == text:
            return _status_cell(label["id"], context)
    _require_label_rights(context, text, _active(labels))
    return _status_cell(_add_status_label(text, labels, context), context)


def _status_by_id(value: Any, context: WriteContext) -> Cell | None:
    labels = _active(_labels(context.settings))
    index = int(value) if isinstance(value, str) and value.isdecimal() else value
    if isinstance(index, int) and not isinstance(index, bool):
        if any(label["id"] == index for label in labels):
            return _status_cell(index, context)
        if index == EMPTY_STATUS:
            return None
    raise context.refuse(
        f"This status label doesn't exist in column {context.column.id!r}: index {value!r},"
        f" possible statuses are: {_known(labels)}"
    )


def _add_status_label(text: str, labels: list[dict[str, Any]], context: WriteContext) -> int:
    if len(text) > STATUS_LABEL_LENGTH:
        raise context.refuse(
            f"A status label has at most {STATUS_LABEL_LENGTH} characters, got {len(text)}: {text!r}"
        )
    if len(labels) >= STATUS_LABELS:
        raise context.refuse(f"Column {context.column.id!r} already has {STATUS_LABELS} status labels")
    taken = {label["id"] for label in labels} | {EMPTY_STATUS}
    index = next((number for number in STATUS_COLORS if number not in taken), None)
    if index is None:
        raise context.refuse(f"Column {context.column.id!r} has no colour left for another status label")
    label = {
        "id": index,
        "label": text,
        "color": STATUS_COLORS[index],
        "index": len(labels),
        "is_deactivated": False,
        "is_done": False,
    }
    context.settings = {**context.settings, "labels": [*labels, label]}
    return index


def _status_cell(index: int, context: WriteContext) -> Cell:
    return {"index": index, "post_id": None, "changed_at": context.now}


def _status_label(cell: Cell, context: ReadContext) -> dict[str, Any]:
    labels = _labels(context.column.settings)
    return next((label for label in labels if label["id"] == cell["index"]), {"label": None})


def _status_text(cell: Cell, context: ReadContext) -> str | None:
    label = _status_label(cell, context)["label"]
    return None if label is None else str(label)


def _status_fields(cell: Cell | None, context: ReadContext) -> dict[str, Any]:
    if cell is None:
        return {}
    label = _status_label(cell, context)
    color = status_hex(label.get("color"), label.get("hex"))
    return {
        "index": cell["index"],
        "label": label["label"],
        "is_done": bool(label.get("is_done")),
        "label_style": {"color": color, "border": color},
        "updated_at": cell["changed_at"],
    }


# Dropdown


def _write_dropdown(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required=set(), optional={"ids", "labels", "override_all_ids"})
    if "ids" in value and "labels" in value:
        raise context.refuse(f"Column {context.column.id!r} takes ids or labels, not both")
    chosen = value.get("ids", value.get("labels"))
    if not isinstance(chosen, list):
        raise context.refuse(f"Column {context.column.id!r} takes a list of ids or labels")
    if "ids" in value:
        return _dropdown_cell([_dropdown_id(entry, context) for entry in chosen], context)
    return _dropdown_cell([_dropdown_label(entry, context) for entry in chosen], context)


def _simple_dropdown(text: str, context: WriteContext) -> Cell | None:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    by_id = [part.isdecimal() for part in parts]
    if any(by_id) and not all(by_id):
        raise context.refuse(f"Column {context.column.id!r} takes ids or labels, not a mix: {text!r}")
    choose = _dropdown_id if parts and by_id[0] else _dropdown_label
    return _dropdown_cell([choose(part, context) for part in parts], context)


def _dropdown_id(entry: Any, context: WriteContext) -> int:
    labels = _active(_labels(context.settings))
    identifier = int(entry) if isinstance(entry, str) and entry.isdecimal() else entry
    if isinstance(identifier, int) and any(label["id"] == identifier for label in labels):
        return identifier
    raise context.refuse(
        f"The dropdown label with id {entry!r} does not exist in column {context.column.id!r},"
        f" possible labels are: {_known(labels)}"
    )


def _dropdown_label(entry: Any, context: WriteContext) -> int:
    if not isinstance(entry, str) or not entry:
        raise context.refuse(f"A dropdown label is a non-empty string, got {entry!r}")
    labels = _labels(context.settings)
    for label in _active(labels):
        if label["label"] == entry:
            return int(label["id"])
    _require_label_rights(context, entry, _active(labels))
    if len(labels) >= DROPDOWN_LABELS:
        raise context.refuse(f"Column {context.column.id!r} already has {DROPDOWN_LABELS} dropdown labels")
    identifier = max((int(label["id"]) for label in labels), default=0) + 1
    added = {"id": identifier, "label": entry, "is_deactivated": False}
    context.settings = {**context.settings, "labels": [*labels, added]}
    return identifier


def _dropdown_cell(ids: list[int], context: WriteContext) -> Cell | None:
    unique = list(dict.fromkeys(ids))
    limit = context.settings.get("label_limit_count") if context.settings.get("limit_select") else None
    if limit and len(unique) > int(limit):
        raise context.refuse(f"Column {context.column.id!r} takes at most {limit} labels, got {len(unique)}")
    return {"ids": unique, "changed_at": context.now} if unique else None


def _chosen_labels(cell: Cell | None, context: ReadContext) -> list[dict[str, Any]]:
    by_id = {label["id"]: label for label in _labels(context.column.settings)}
    return [by_id[identifier] for identifier in (cell["ids"] if cell else []) if identifier in by_id]


def _dropdown_text(cell: Cell, context: ReadContext) -> str:
    return ", ".join(label["label"] for label in _chosen_labels(cell, context))


def _dropdown_fields(cell: Cell | None, context: ReadContext) -> dict[str, Any]:
    return {
        "values": [{"id": label["id"], "label": label["label"]} for label in _chosen_labels(cell, context)]
    }


register(
    ColumnType(
        "status",
        "color",
        "StatusValue",
        _write_status,
        _simple_status,
        text=_status_text,
        empty_text=None,
        fields=_status_fields,
        cleared_by=({},),
    )
)
register(
    ColumnType(
        "dropdown",
        "dropdown",
        "DropdownValue",
        _write_dropdown,
        _simple_dropdown,
        text=_dropdown_text,
        empty_text=None,
        fields=_dropdown_fields,
    )
)
