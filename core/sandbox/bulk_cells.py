"""The cells of a bulk import: from a column's CSV form to the JSON that the column takes.

Forms are those of docs/importing-items-in-bulk. Checkbox and location, which the guide lists and the
reference pages do not, are not importable here. Of the "several formats" of a phone number only the
international one, `+31 20 123 4567`, is taken.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import phonenumbers

from core.sandbox.column_values import COLUMN_TYPES
from core.sandbox.errors import FieldError, column_value_error
from core.sandbox.session import Session
from core.sandbox.structure import Column

RELATED_ITEMS = 50  # per cell
ADDRESS = r"[^\s@<>,]+@[^\s@<>,]+\.[^\s@<>,]+"
EMAIL = re.compile(ADDRESS)
NAMED_EMAIL = re.compile(rf"(?P<name>[^<>]*\S)\s*<(?P<email>{ADDRESS})>")
LINK = re.compile(r"https?://\S+")
NAMED_LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<url>https?://[^\s)]+)\)")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

Reader = Callable[[str, Column, Session], Any]


def cell_values(cells: Mapping[str, str], columns: Mapping[str, Column], session: Session) -> dict[str, Any]:
    """Return a row's values in their JSON forms by column id. Raises FieldError."""
    return {
        column_id: READERS[columns[column_id].type](text, columns[column_id], session)
        for column_id, text in cells.items()
    }


def _refuse(column: Column, message: str) -> FieldError:
    text = f"Column {column.id!r}: {message}"
    return column_value_error(COLUMN_TYPES[column.type].internal_name, text, column.id)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _text(text: str, _column: Column, _session: Session) -> Any:
    return text


def _long_text(text: str, _column: Column, _session: Session) -> Any:
    return {"text": text}


def _number(text: str, _column: Column, _session: Session) -> Any:
    return text.strip()


def _day(text: str, column: Column) -> str:
    if DAY.fullmatch(text):
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            pass
    raise _refuse(column, f"{text!r} is not a date like 2026-11-22")


def _date(text: str, column: Column, _session: Session) -> Any:
    return {"date": _day(text.strip(), column)}


def _timeline(text: str, column: Column, _session: Session) -> Any:
    first, _, last = text.strip().partition("/")
    return {"from": _day(first, column), "to": _day(last or first, column)}


def _label(text: str, column: Column) -> int:
    for label in column.settings.get("labels") or []:
        if label["label"] == text and not label.get("is_deactivated"):
            return int(label["id"])
    raise _refuse(column, f"there is no active label {text!r}")


def _status(text: str, column: Column, _session: Session) -> Any:
    return {"index": _label(text, column)}


def _dropdown(text: str, column: Column, _session: Session) -> Any:
    return {"ids": [_label(part, column) for part in _parts(text)]}


def _email(text: str, column: Column, _session: Session) -> Any:
    text = text.strip()
    if EMAIL.fullmatch(text):
        return {"email": text, "text": text}
    if named := NAMED_EMAIL.fullmatch(text):
        return {"email": named["email"], "text": named["name"]}
    raise _refuse(column, f"{text!r} is not an e-mail address")


def _link(text: str, column: Column, _session: Session) -> Any:
    text = text.strip()
    if LINK.fullmatch(text):
        return {"url": text, "text": text}
    if named := NAMED_LINK.fullmatch(text):
        return {"url": named["url"], "text": named["text"]}
    raise _refuse(column, f"{text!r} is not an address that begins with http:// or https://")


def _phone(text: str, column: Column, _session: Session) -> Any:
    try:
        number = phonenumbers.parse(text.strip(), None)
    except phonenumbers.NumberParseException:
        raise _refuse(column, f"{text!r} is not an international phone number") from None
    country = phonenumbers.region_code_for_number(number)
    if country is None:
        raise _refuse(column, f"{text!r} is a phone number of no country")
    digits = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return {"phone": digits, "countryShortName": country}


def _people(text: str, column: Column, session: Session) -> Any:
    users = [user for user in session.account.users if user.get("status", "ACTIVE") == "ACTIVE"]
    people = []
    for part in _parts(text):
        kind, _, wanted = part.partition(":")
        if kind == "team" and wanted:
            people.append(("team", _one(wanted, session.account.teams, ("id", "name"), column)))
        elif kind == "user" and wanted:
            people.append(("person", _one(wanted, users, ("id", "name"), column)))
        else:
            people.append(("person", _one(part, users, ("email", "name"), column)))
    return {"personsAndTeams": [{"id": identifier, "kind": kind} for kind, identifier in people]}


def _one(wanted: str, known: Iterable[Mapping[str, Any]], keys: tuple[str, ...], column: Column) -> str:
    wanted = wanted.strip()
    found = {str(entry["id"]) for entry in known if wanted in {str(entry[key]) for key in keys}}
    if len(found) != 1:
        raise _refuse(column, f"{wanted!r} matches {len(found)} active users or teams, not one")
    return found.pop()


def _board_relation(text: str, column: Column, session: Session) -> Any:
    parts = _parts(text)
    if len(parts) > RELATED_ITEMS:
        raise _refuse(column, f"a cell connects at most {RELATED_ITEMS} items, got {len(parts)}")
    boards = [str(board_id) for board_id in column.settings.get("boardIds", [])]
    return {"item_ids": [_related(part, boards, column, session) for part in parts]}


def _related(part: str, boards: list[str], column: Column, session: Session) -> str:
    if len(boards) > 1:
        board_id, colon, part = part.partition(":")
        if not colon or board_id not in boards:
            raise _refuse(column, "with several boards an item is written as board_id:item")
        boards = [board_id]
    found = {
        item.id
        for board_id in boards
        for item in session.store.board_items(board_id)
        if part.strip() in (str(item.id), item.name)
    }
    if len(found) != 1:
        raise _refuse(column, f"{part!r} matches {len(found)} items, not one")
    return str(found.pop())


READERS: dict[str, Reader] = {
    "text": _text,
    "long_text": _long_text,
    "numbers": _number,
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
IMPORTABLE = frozenset(READERS)
