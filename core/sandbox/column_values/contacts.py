"""People, e-mail, phone and link (reference/people, -email, -phone, -link)."""

import re
from typing import Any

import phonenumbers

from core.sandbox.column_values.places import COUNTRIES
from core.sandbox.column_values.registry import (
    ColumnType,
    ReadContext,
    WriteContext,
    register,
    require_object,
)
from core.sandbox.structure import Cell

PHONE = re.compile(r"\+?\d{4,15}")
PHONE_SEPARATORS = re.compile(r"[\s().-]")


def _write_people(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required={"personsAndTeams"})
    entries = value["personsAndTeams"]
    if not isinstance(entries, list):
        raise context.refuse(f"Column {context.column.id!r} takes a list of persons and teams")
    people = []
    for entry in entries:
        require_object(entry, context, required={"id", "kind"})
        people.append(_person(entry["id"], entry["kind"], context))
    return _people_cell(people, context)


def _simple_people(text: str, context: WriteContext) -> Cell | None:
    ids = [part.strip() for part in text.split(",") if part.strip()]
    return _people_cell([_person(identifier, "person", context) for identifier in ids], context)


def _person(identifier: Any, kind: Any, context: WriteContext) -> dict[str, Any]:
    known = {"person": context.account.users, "team": context.account.teams}.get(str(kind))
    if known is None:
        raise context.refuse(f"Column {context.column.id!r} takes the kinds person and team, got {kind!r}")
    if not any(str(entry["id"]) == str(identifier) for entry in known):
        raise context.refuse(
            f"Column {context.column.id!r}: the {kind} {identifier} is unknown or may not be assigned"
        )
    return {"id": int(identifier), "kind": kind}


def _people_cell(people: list[dict[str, Any]], context: WriteContext) -> Cell | None:
    limit = int(context.settings.get("max_people_allowed") or 0)
    if limit and len(people) > limit:
        raise context.refuse(f"Column {context.column.id!r} takes at most {limit} people, got {len(people)}")
    return {"personsAndTeams": people, "changed_at": context.now} if people else None


def _people_text(cell: Cell, context: ReadContext) -> str:
    names = {("person", str(user["id"])): user["name"] for user in context.account.users}
    names |= {("team", str(team["id"])): team["name"] for team in context.account.teams}
    return ", ".join(names.get((entry["kind"], str(entry["id"])), "") for entry in cell["personsAndTeams"])


def _people_fields(cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    if cell is None:
        return {"persons_and_teams": []}
    return {"persons_and_teams": cell["personsAndTeams"], "updated_at": cell["changed_at"]}


def _write_email(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required={"email", "text"})
    if not all(isinstance(value[key], str) for key in ("email", "text")):
        raise context.refuse(f"Column {context.column.id!r} takes two strings, email and text")
    if not value["email"]:
        raise context.refuse(f"Column {context.column.id!r} needs an e-mail address")
    return {"email": value["email"], "text": value["text"], "changed_at": context.now}


def _simple_email(text: str, context: WriteContext) -> Cell | None:
    if text == "":
        return None
    address, _, label = text.partition(" ")
    return _write_email({"email": address, "text": label or address}, context)


def _label_text(cell: Cell, _context: ReadContext) -> str:
    return str(cell["text"] or cell["email"])


def _email_fields(cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    return {"email": cell["email"], "label": cell["text"], "updated_at": cell["changed_at"]} if cell else {}


def _write_phone(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required={"phone", "countryShortName"})
    phone, country = value["phone"], value["countryShortName"]
    digits = PHONE_SEPARATORS.sub("", phone) if isinstance(phone, str) else ""
    if country not in COUNTRIES:
        raise context.refuse(f"Column {context.column.id!r} takes a country code like NL, got {country!r}")
    if not PHONE.fullmatch(digits) or not _is_number_of(digits, country):
        raise context.refuse(f"Column {context.column.id!r}: {phone!r} is not a phone number of {country}")
    return {"phone": digits, "countryShortName": country, "changed_at": context.now}


def _is_number_of(digits: str, country: str) -> bool:
    # Documented: libphonenumber decides.
    try:
        number = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number_for_region(number, country)


def _simple_phone(text: str, context: WriteContext) -> Cell | None:
    if text == "":
        return None
    phone, _, country = text.rpartition(" ")
    return _write_phone({"phone": phone, "countryShortName": country}, context)


def _phone_text(cell: Cell, _context: ReadContext) -> str:
    return str(cell["phone"])


def _phone_fields(cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    if cell is None:
        return {}
    return {
        "phone": cell["phone"],
        "country_short_name": cell["countryShortName"],
        "updated_at": cell["changed_at"],
    }


def _write_link(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required={"url", "text"})
    if not all(isinstance(value[key], str) for key in ("url", "text")):
        raise context.refuse(f"Column {context.column.id!r} takes two strings, url and text")
    if not value["url"].startswith(("http://", "https://")):
        raise context.refuse(f"A link in column {context.column.id!r} begins with http:// or https://")
    return {"url": value["url"], "text": value["text"], "changed_at": context.now}


def _simple_link(text: str, context: WriteContext) -> Cell | None:
    if text == "":
        return None
    url, _, label = text.partition(" ")
    if not label:
        raise context.refuse(
            f"A simple link in column {context.column.id!r} is an address, a space and a text"
        )
    return _write_link({"url": url, "text": label}, context)


def _link_text(cell: Cell, _context: ReadContext) -> str:
    return f"{cell['text']} - {cell['url']}" if cell["text"] else str(cell["url"])


def _link_fields(cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    return {"url": cell["url"], "url_text": cell["text"], "updated_at": cell["changed_at"]} if cell else {}


register(
    ColumnType(
        "people",
        "multiple-person",
        "PeopleValue",
        _write_people,
        _simple_people,
        text=_people_text,
        fields=_people_fields,
    )
)
register(
    ColumnType(
        "email", "email", "EmailValue", _write_email, _simple_email, text=_label_text, fields=_email_fields
    )
)
register(
    ColumnType(
        "phone", "phone", "PhoneValue", _write_phone, _simple_phone, text=_phone_text, fields=_phone_fields
    )
)
register(
    ColumnType("link", "link", "LinkValue", _write_link, _simple_link, text=_link_text, fields=_link_fields)
)
