"""What database drivers return, turned into text, numbers and dates without loss."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_FLOAT_EXPONENTS = range(-324, 309)
"""The board stores a float (reference/numbers); what no float holds is no number to it."""


def is_empty(value: Any) -> bool:
    """NULL, or text of nothing but white space."""
    return value is None or (isinstance(value, str) and not value.strip())


def as_text(value: Any) -> str:
    """The value as a person writes it: 12.5 and not 12.5000, 2026-11-22 and not a midnight timestamp."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    write = next((write for kind, write in _AS_TEXT if isinstance(value, kind)), str)
    return write(value)


def _moment_text(moment: datetime) -> str:
    midnight = not (moment.hour or moment.minute or moment.second or moment.microsecond)
    return moment.date().isoformat() if midnight else moment.isoformat(sep=" ", timespec="seconds")


def canonical_number(number: Decimal) -> str:
    """Decimal point, optional minus sign, no exponent, no trailing zeros: the form the API documents.

    (reference/numbers: thousands separators, exponents and decimal commas are not documented.)
    """
    if number == 0:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


# In this order: a bool is an int, a datetime is a date.
_AS_TEXT: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    (float, lambda value: canonical_number(Decimal(repr(value)))),
    (Decimal, canonical_number),
    (datetime, _moment_text),
    (date, date.isoformat),
    (bytes, lambda value: value.decode("utf-8", "replace")),
)


def parse_number(value: Any) -> Decimal | None:
    """The number, or None when the value is not one. Text may have surrounding blanks, no separators."""
    if isinstance(value, bool):
        return None
    text = repr(value) if isinstance(value, float) else str(value).strip()
    if not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    return number if not number or number.adjusted() in _FLOAT_EXPONENTS else None


def parse_date(value: Any, date_format: str | None = None) -> date | datetime | None:
    """A date, or a datetime where the value has a time of day other than midnight; None when it is neither.

    Text is read by `date_format` where one is given, else as ISO 8601.
    """
    moment = value
    if isinstance(value, str):
        text = value.strip()
        try:
            moment = (
                datetime.strptime(text, date_format)  # noqa: DTZ007  sources hold local dates
                if date_format
                else datetime.fromisoformat(text)
            )
        except ValueError:
            return None
    if isinstance(moment, datetime):
        at_midnight = moment.time().replace(tzinfo=None) == datetime.min.time()
        return moment.date() if at_midnight else moment
    return moment if isinstance(moment, date) else None
