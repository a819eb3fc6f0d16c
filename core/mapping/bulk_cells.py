"""A value as a bulk import's file writes it: from the JSON that a mutation takes to the text of a CSV cell.

The forms are those of docs/importing-items-in-bulk. A value that has no form there, or one that the guide
leaves in doubt, has None: its record goes by mutations, so that both ways leave the same board.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from core.monday.board import Column

RELATED_ITEMS = 50
"""Items that a cell may connect."""

_ADDRESS = re.compile(r"[^\s@<>,\"]+@[^\s@<>,\"]+\.[^\s@<>,\"]+")
_PLAIN_NAME = re.compile(r"[^\s<>,\"]+(?: [^\s<>,\"]+)*")
_URL = re.compile(r"https?://[^\s()<>\[\]]+")
_LINK_TEXT = re.compile(r"[^\[\]()\s]+(?: [^\[\]()\s]+)*")
_CLEARED = "<NULL>"
"""What an import takes for an emptied cell where it updates items; so it is never written as text."""

Writer = Callable[[Any, Column], str | None]


def bulk_cell(value: Any, column: Column) -> str | None:
    """The CSV cell for a value of `column_values`; None where only a mutation can write it as it is.

    An emptied cell is an empty one, as an import only creates; but a new status may begin with a label.
    """
    writer = _WRITERS.get(column.type)
    if writer is None:
        return None
    if value is None:
        return None if column.type == "status" else ""
    return writer(value, column)


def plain_text(text: str) -> str | None:
    """The text, where an import certainly keeps it as it is: no blanks around it, no lone carriage return."""
    unsure = text.strip() != text or not text or "\r" in text or "\0" in text or text == _CLEARED
    return None if unsure else text


def _text(value: Any, _column: Column) -> str | None:
    return plain_text(str(value))


def _long_text(value: Any, _column: Column) -> str | None:
    return plain_text(str(value["text"]))


def _date(value: Any, _column: Column) -> str | None:
    return None if value.get("time") else str(value["date"])


def _timeline(value: Any, _column: Column) -> str | None:
    return f"{value['from']}/{value['to']}"


def _label(label_id: Any, column: Column) -> str | None:
    """The text by which an active label is found; None for one that is not there, or whose text is unsure."""
    text = next((label.text for label in column.labels if label.id == label_id), "")
    return plain_text(text) if column.label_ids.get(text) == label_id else None


def _status(value: Any, column: Column) -> str | None:
    return _label(value.get("index"), column)


def _dropdown(value: Any, column: Column) -> str | None:
    labels = [_label(label_id, column) for label_id in value.get("ids", ())]
    if not labels or any(label is None or "," in label for label in labels):
        return None
    return ",".join(label for label in labels if label)


def _email(value: Any, _column: Column) -> str | None:
    address, text = value["email"], value["text"]
    if not _ADDRESS.fullmatch(address):
        return None
    if text == address:
        return str(address)
    return f"{text} <{address}>" if _PLAIN_NAME.fullmatch(text) else None


def _link(value: Any, _column: Column) -> str | None:
    url, text = value["url"], value["text"]
    if not _URL.fullmatch(url):
        return None
    if text == url:
        return str(url)
    return f"[{text}]({url})" if _LINK_TEXT.fullmatch(text) else None


def _phone(value: Any, _column: Column) -> str | None:
    """The international form, where it alone tells the country that the mutation would write."""
    import phonenumbers  # late: its tables take a while, and few boards have phone columns

    try:
        number = phonenumbers.parse(value["phone"], None)
    except phonenumbers.NumberParseException:
        return None
    same = phonenumbers.region_code_for_number(number) == value["countryShortName"]
    return str(value["phone"]) if same else None


def _people(value: Any, _column: Column) -> str | None:
    words = {"person": "user", "team": "team"}
    return ",".join(f"{words[each['kind']]}:{each['id']}" for each in value["personsAndTeams"])


def _board_relation(value: Any, column: Column) -> str | None:
    ids = value["item_ids"]
    if len(ids) > RELATED_ITEMS or len(column.settings.get("boardIds") or ()) != 1:
        return None
    return ",".join(map(str, ids))


_WRITERS: Mapping[str, Writer] = {
    "text": _text,
    "long_text": _long_text,
    "numbers": _text,
    "date": _date,
    "timeline": _timeline,
    "status": _status,
    "dropdown": _dropdown,
    "email": _email,
    "link": _link,
    "phone": _phone,
    "people": _people,
    "board_relation": _board_relation,
}
