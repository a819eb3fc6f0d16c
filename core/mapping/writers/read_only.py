"""Why a column type cannot be written, in words for a person (reference/column-types-reference)."""

from core.mapping.writers.registry import writable_types

_REASONS = {
    "auto_number": "An auto number column counts by itself; the board fills it.",
    "button": "A button column starts an action on the board; it holds no value.",
    "creation_log": "A creation log column tells who made the item and when; the board fills it.",
    "direct_doc": "A doc column holds a document; write it on the board.",
    "doc": "A doc column holds a document; write it on the board.",
    "file": "A files column takes uploaded files, not values of an order.",
    "formula": "A formula column is computed from other columns; change those.",
    "group": "The item's group follows from the customer; it is not written as a value.",
    "integration": "An integration column belongs to another application, which fills it.",
    "item_assignees": "An assignees column is filled by the board.",
    "item_id": "An item ID column holds the id that the board gives.",
    "last_updated": "A last updated column tells who changed the item last and when; the board fills it.",
    "mirror": "A mirror column shows values of another board; change them there.",
    "person": "A person column is of an older kind that takes no values any more; use a people column.",
    "progress": "A progress column is computed from the item's status columns.",
    "subtasks": "The subitems column is filled by the order's lines, one subitem each.",
    "team": "A team column is of an older kind that takes no values any more; use a people column.",
    "time_tracking": "A time tracking column is run by its clock on the board.",
    "unsupported": "The board's API does not say what this column holds; change it on the board.",
    "vote": "A vote column counts the votes that people give on the board.",
}


def read_only_reason(column_type: str) -> str | None:
    """A sentence that says why this type cannot be written and where to change it, None when it can be."""
    if column_type in writable_types():
        return None
    return _REASONS.get(
        column_type,
        f"DeltaDesk does not know columns of the type '{column_type}'; change them on the board.",
    )
