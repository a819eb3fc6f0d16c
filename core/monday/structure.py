"""Boards as they are listed, and columns as they are made. Pure.

What a column can be made with: reference/columns, reference/status, reference/dropdown.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.monday.board import Column
from core.monday.documents import Mutation

STATUS_LABEL_LENGTH = 30
STATUS_LABELS = 40
DROPDOWN_LABELS = 500

_COLUMN_ID = re.compile(r"[a-z_]{1,20}")
"""Ids that may be asked for: 1 to 20 characters, a-z and _ (reference/columns)."""

STATUS_COLORS: Mapping[int, str] = {
    0: "working_orange",
    1: "done_green",
    2: "stuck_red",
    3: "dark_blue",
    4: "purple",
    5: "explosive",
    6: "grass_green",
    7: "bright_blue",
    8: "saladish",
    9: "egg_yolk",
    10: "blackish",
    11: "dark_red",
    12: "sofia_pink",
    13: "lipstick",
    14: "dark_purple",
    15: "bright_green",
    16: "chili_blue",
    17: "american_gray",
    18: "brown",
    19: "dark_orange",
    101: "sunset",
    102: "bubble",
    103: "peach",
    104: "berry",
    105: "winter",
    106: "river",
    107: "navy",
    108: "aquamarine",
    109: "indigo",
    110: "dark_indigo",
    151: "pecan",
    152: "lavender",
    153: "royal",
    154: "steel",
    155: "orchid",
    156: "lilac",
    157: "tan",
    158: "sky",
    159: "coffee",
    160: "teal",
}
"""A status label's colour by its number, which becomes the label's id; each one once a column."""
EMPTY_LABEL_COLOR = "explosive"
"""The colour of "nothing chosen" (id 5): given to no other label."""

_BY_HAND: Mapping[str, str] = {
    "auto_number": "Add an auto number column on the board.",
    "button": "Add a button column on the board and set what it does.",
    "formula": "Add a formula column on the board and write its formula.",
    "integration": "Connect the integration on the board; it brings its column.",
    "item_assignees": "Add the column on the board.",
    "mirror": "Add a mirror column on the board, and choose the connected column and what it shows.",
    "progress": "Add a progress column on the board and choose the columns it follows.",
    "unsupported": "Add the column on the board.",
}
"""Types that the API does not make complete, and what a person does instead."""


@dataclass(frozen=True, slots=True)
class BoardSummary:
    """One line of the list of boards."""

    id: str
    name: str
    workspace: str
    """The workspace's name; empty for the account's own."""
    url: str = ""


@dataclass(frozen=True, slots=True)
class NewLabel:
    """A label that a new status or dropdown column starts with."""

    text: str
    color: str | None = None
    """Of a status label, by name; None: the first that is free."""
    is_done: bool = False


@dataclass(frozen=True)
class NewColumn:
    """A column to be made."""

    title: str
    type: str
    id: str | None = None
    """The id to ask for; None leaves it to the service."""
    labels: tuple[NewLabel, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What else the type is made with, e.g. the unit of numbers."""


def parse_board_summaries(answer: Sequence[Mapping[str, Any]]) -> list[BoardSummary]:
    """The boards of one page of the list; hidden boards of subitems and documents are left out."""
    return [
        BoardSummary(
            str(entry["id"]),
            entry["name"],
            (entry.get("workspace") or {}).get("name") or "",
            entry.get("url") or "",
        )
        for entry in answer
        if (entry.get("type") or "board") == "board"
    ]


def may_ask_for(column_id: str) -> bool:
    """Whether a new column may be given this id; ids that the service made up itself often may not."""
    return _COLUMN_ID.fullmatch(column_id) is not None


def by_hand(column_type: str) -> str | None:
    """What a person does to add a column that the API does not make complete; None where it does."""
    return _BY_HAND.get(column_type)


def new_column_like(column: Column, column_id: str | None) -> NewColumn:
    """What makes a column with the title, type, labels and settings of this one."""
    entries = [
        entry
        for entry in column.settings.get("labels") or ()
        if entry.get("label") and not entry.get("is_deactivated")
    ]
    entries.sort(key=lambda entry: entry.get("index") or 0)  # a dropdown's have none and keep their order
    labels = tuple(
        NewLabel(str(entry["label"]), _color_name(entry.get("color")), bool(entry.get("is_done")))
        for entry in entries
    )
    return NewColumn(column.title, column.type, column_id, labels, _settings_to_keep(column))


def _settings_to_keep(column: Column) -> Mapping[str, Any]:
    if column.type == "numbers":
        unit = _filled(column.settings.get("unit") or {})
        return {"unit": unit} if unit else {}
    names = {"rating": ("limit",), "dropdown": ("limit_select", "label_limit_count")}.get(column.type, ())
    return _filled({name: column.settings.get(name) for name in names})


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _color_name(color: Any) -> str | None:
    """Settings name a colour or number it; mutations take the name."""
    name = STATUS_COLORS.get(color) if isinstance(color, int) else color
    return name if name in STATUS_COLORS.values() else None


def label_fault(new: NewColumn) -> str | None:
    """Why a column cannot be made with these labels (reference/status); None when it can."""
    if new.type == "status":
        long = next((label.text for label in new.labels if len(label.text) > STATUS_LABEL_LENGTH), None)
        if long is not None:
            return f"the label '{long}' is longer than {STATUS_LABEL_LENGTH} characters"
    most = {"status": len(STATUS_COLORS) - 1, "dropdown": DROPDOWN_LABELS}.get(new.type)
    if most is not None and len(new.labels) > most:
        return f"it has {len(new.labels)} labels, and a new {new.type} column takes {most}"
    return None


def creation(board_id: str, new: NewColumn) -> Mutation:
    """The mutation that makes a column."""
    arguments: dict[str, Any] = {"board_id": board_id, "title": new.title}
    if new.id is not None:
        arguments["id"] = new.id
    if new.type == "status":
        defaults: Mapping[str, Any] = {"labels": _status_labels(new.labels)} if new.labels else {}
        name = "create_status_column"
    elif new.type == "dropdown":
        texts = [{"label": label.text} for label in new.labels]
        defaults = {"labels": texts, **new.settings} if texts or new.settings else {}
        name = "create_dropdown_column"
    else:
        arguments["column_type"] = new.type
        defaults, name = new.settings, "create_column"
    if defaults:
        arguments["defaults"] = dict(defaults)
    return Mutation(name, arguments)


def _status_labels(labels: Sequence[NewLabel]) -> list[dict[str, Any]]:
    """Each colour once: the label's own where no earlier label took it, else the next free one."""
    free = [color for color in STATUS_COLORS.values() if color != EMPTY_LABEL_COLOR]
    wanted = {label.color for label in labels}
    chosen: list[dict[str, Any]] = []
    for index, label in enumerate(labels):
        color = label.color
        if color not in free:
            color = next((each for each in free if each not in wanted), free[0])
        free.remove(color)
        chosen.append({"label": label.text, "color": color, "index": index, "is_done": label.is_done})
    return chosen
