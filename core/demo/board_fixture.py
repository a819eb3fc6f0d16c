"""The practice board's structure. `python -m core.demo.board_fixture` writes it to `resources/boards`."""

import csv
import json
import re
from typing import Any

from core.demo.board_settings import SUBITEMS_BOARD_ID, column_settings
from core.resources import resource_path

BOARD_ID = "7000000001"
ITEM_KEY_COLUMN = "record_uuid"
SUBITEM_KEY_COLUMN = "line_uuid"

# The prefixes that the service itself gives new columns of these types.
_ID_PREFIXES = {
    "board_relation": "board_relation",
    "checkbox": "boolean",
    "color_picker": "color_picker",
    "country": "country",
    "date": "date",
    "dependency": "dependency",
    "dropdown": "dropdown",
    "email": "email",
    "formula": "formula",
    "hour": "hour",
    "link": "link",
    "location": "location",
    "long_text": "long_text",
    "mirror": "lookup",
    "numbers": "numeric",
    "people": "multiple_person",
    "phone": "phone",
    "rating": "rating",
    "status": "color",
    "tags": "tag",
    "text": "text",
    "timeline": "timerange",
    "week": "week",
    "world_clock": "world_clock",
}
_SINGLE_COLUMN_IDS = {
    "item_id": "pulse_id",
    "last_updated": "pulse_updated",
    "name": "name",
    "subtasks": "subtasks_order_lines",
}
_OTHER_TYPES = (
    ("ORDER WINDOW", "timeline"),
    ("IN DC WEEK", "week"),
    ("COUNTRY OF ORIGIN", "country"),
    ("OWN PRODUCTION", "checkbox"),
    ("CUSTOMER PORTAL", "link"),
    ("MERCHANDISER", "people"),
    ("CONTACT EMAIL", "email"),
    ("CONTACT PHONE", "phone"),
    ("PRIORITY", "rating"),
    ("LOADING TIME", "hour"),
    ("TAGS", "tags"),
    ("DELIVERY PLACE", "location"),
    ("WAITS FOR", "dependency"),
    ("FACTORY CLOCK", "world_clock"),
    ("SWATCH", "color_picker"),
)
"""One column of each writable type that the order list's own board lacks: title and type."""


def board_fixture() -> dict[str, Any]:
    """Account, user and both boards of the practice board, without items."""
    return {
        "account": {
            "id": "9000001",
            "name": "Practice account",
            "slug": "practice",
            "tier": "pro",
            "first_day_of_the_week": "monday",
        },
        "me": {"id": "9000011", "name": "Practice operator", "email": "practice.operator@example.com"},
        "boards": [
            {
                "id": BOARD_ID,
                "name": "Order list",
                "board_kind": "public",
                "items_limit": 10_000,
                "columns": [
                    *_columns("items"),
                    *(_column(title, column_type) for title, column_type in _OTHER_TYPES),
                    _text_column(ITEM_KEY_COLUMN, "Record UUID"),
                ],
                "groups": [{"id": "topics", "title": "Unsorted", "color": "#579bfc"}],
            },
            {
                "id": SUBITEMS_BOARD_ID,
                "name": "Subitems of Order list",
                "board_kind": "public",
                "subitems_of": BOARD_ID,
                "columns": [*_columns("subitems"), _text_column(SUBITEM_KEY_COLUMN, "Line UUID")],
                "groups": [{"id": "topics", "title": "Subitems", "color": "#579bfc"}],
            },
        ],
    }


def board_fixture_text() -> str:
    """The fixture as the file holds it."""
    return json.dumps(board_fixture(), ensure_ascii=False, indent=1) + "\n"


def column_id(title: str, column_type: str) -> str:
    """A column's id: stable, readable, at most 40 of the characters that the service allows."""
    if single := _SINGLE_COLUMN_IDS.get(column_type):
        return single
    slug = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    return f"{_ID_PREFIXES[column_type]}_{slug}"


def _columns(board: str) -> list[dict[str, Any]]:
    path = resource_path("orders", "board_columns.tsv")
    with path.open(encoding="utf-8", newline="") as file:
        return [
            _column(row["title"], row["type"])
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if row["board"] == board
        ]


def _column(title: str, column_type: str) -> dict[str, Any]:
    return {
        "id": column_id(title, column_type),
        "title": title,
        "type": column_type,
        "settings": column_settings(title, column_type),
    }


def _text_column(identifier: str, title: str) -> dict[str, Any]:
    return {"id": identifier, "title": title, "type": "text", "settings": {}}


if __name__ == "__main__":
    resource_path("boards", "orders.json").write_text(board_fixture_text(), encoding="utf-8", newline="\n")
