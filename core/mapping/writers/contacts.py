"""People, e-mail, phone and link (reference/people, -email, -phone, -link)."""

import re
from functools import lru_cache
from typing import Any

from core.config.model import ColumnMapping
from core.mapping.source_values import as_text
from core.mapping.writers.places import countries
from core.mapping.writers.registry import RefusedValueError, Written, sendable_text, writes
from core.monday.board import Column

_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
_PHONE_COUNTRY = re.compile(r"(.+?)\s+([A-Za-z]{2})", re.DOTALL)
_TEAM = "team:"


@writes("people")
def write_people(value: Any, column: Column, _rule: ColumnMapping) -> Written:
    """Ids of persons separated by commas, `team:ID` for teams; they replace the whole set (reference/people).

    Whether the account has them only the board knows.
    """
    text = as_text(value)
    entries: dict[tuple[str, int], None] = {}
    for part in text.split(","):
        word = part.strip()
        kind = "team" if word.lower().startswith(_TEAM) else "person"
        number = word[len(_TEAM) :].strip() if kind == "team" else word
        if not (number.isascii() and number.isdigit()) or not int(number):
            raise RefusedValueError(
                "not_a_person",
                f"'{word}' is not the id of a person or team",
                "Write ids separated by commas, with team: before a team's; the rule can look them up.",
            )
        entries[kind, int(number)] = None
    limit = int(column.settings.get("max_people_allowed") or 0)
    if limit and len(entries) > limit:
        raise RefusedValueError(
            "too_many_people",
            f"{len(entries)} people or teams, and column {column.title} takes {limit}",
            "Shorten the value, or allow more people in the column's settings on the board.",
        )
    chosen = [{"id": number, "kind": kind} for kind, number in entries]
    shown = ", ".join(f"{_TEAM}{number}" if kind == "team" else str(number) for kind, number in entries)
    return Written({"personsAndTeams": chosen}, shown)


@writes("email")
def write_email(value: Any, _column: Column, _rule: ColumnMapping) -> Written:
    """An address, and the text that the cell shows; both keys are required (reference/email).

    Without a text the address stands as its own.
    """
    address, text = _address_and_text(value)
    if not _ADDRESS.fullmatch(address):
        raise RefusedValueError(
            "not_an_email", f"'{address}' is not an e-mail address", "Correct the address."
        )
    return Written({"email": address, "text": text or address}, text or address)


@writes("link")
def write_link(value: Any, _column: Column, _rule: ColumnMapping) -> Written:
    """An address that begins with http:// or https://, and the text that the cell shows (reference/link)."""
    address, text = _address_and_text(value)
    if not address.startswith(("http://", "https://")):
        raise RefusedValueError(
            "not_a_link", f"'{address}' does not begin with http:// or https://", "Write the whole address."
        )
    return Written({"url": address, "text": text or address}, text or address)


def _address_and_text(value: Any) -> tuple[str, str]:
    address, *rest = sendable_text(value).split(None, 1)
    return address, rest[0].strip() if rest else ""


@writes("phone")
def write_phone(value: Any, _column: Column, rule: ColumnMapping) -> Written:
    """`number CC`, or a number alone: one with + tells its country, another has the rule's (reference/phone).

    The board checks numbers by libphonenumber against the country; so does this. Extensions have no place.
    """
    phone, country = _phone(as_text(value).strip(), rule.country)
    return Written({"phone": phone, "countryShortName": country}, phone)


@lru_cache(maxsize=8192)
def _phone(text: str, default_country: str | None) -> tuple[str, str]:
    """The number as digits with + and its country. Customers' numbers recur, and a check is dear."""
    import phonenumbers  # late: its tables take a while, and few boards have phone columns

    split = _PHONE_COUNTRY.fullmatch(text)
    digits, country = (split[1], split[2].upper()) if split else (text, None)
    if country is None and not digits.startswith("+"):
        if default_country is None:
            raise RefusedValueError(
                "phone_without_country",
                f"'{text}' does not say its country",
                "Write the number with + and the country's number or with its code behind (020 123 4567 NL),"
                " or choose the rule's country in Mappings.",
            )
        country = default_country
    try:
        number = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        raise _not_a_phone(text, country) from None
    region = str(country or phonenumbers.region_code_for_number(number))
    is_valid = phonenumbers.is_valid_number_for_region(number, region)
    if not is_valid or number.extension or region not in countries().names:
        raise _not_a_phone(text, country)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), region


def _not_a_phone(text: str, country: str | None) -> RefusedValueError:
    where = f" of the country {country}" if country else ""
    return RefusedValueError(
        "not_a_phone_number",
        f"'{text}' is not a phone number{where}",
        "Correct the number, without an extension, or its country.",
    )
