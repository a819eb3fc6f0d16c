"""What database drivers return, turned into text, numbers and dates without loss."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from core.config.model import NumberFormat

PLAIN_NUMBER: NumberFormat = "1234.5"
_BLANKS = " \u00a0\u202f"
"""Blanks between thousands: the plain one, and the two that never break."""
_FLOAT_EXPONENTS = range(-324, 309)
"""The board stores a float (reference/numbers); what no float holds is no number to it."""


def is_empty(value: Any) -> bool:
    """NULL, or text of nothing but white space."""
    return value is None or (isinstance(value, str) and (not value or value.isspace()))


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


@lru_cache
def _marks(number_format: NumberFormat) -> tuple[re.Pattern[str], str, str]:
    """How numbers of a format look, the mark before their decimals, and those between their thousands."""
    mark = number_format[-2]
    thousands = number_format[1] if len(number_format) > len(PLAIN_NUMBER) else ""
    thousands = _BLANKS if thousands == " " else thousands
    # One kind of blank or mark in a number; all its thousands have it, or none.
    grouped = rf"|\d{{1,3}}([{thousands}])\d{{3}}(?:\1\d{{3}})*" if thousands else ""
    whole = rf"(?:\d+{grouped})(?:[{mark}]\d*)?"
    return re.compile(rf"[+-]?(?:{whole}|[{mark}]\d+)(?:[eE][+-]?\d+)?"), mark, thousands


def parse_number(value: Any, number_format: NumberFormat = PLAIN_NUMBER) -> Decimal | None:
    """The number, or None when the value is not one.

    Text may have surrounding blanks, and is read in the given format alone: all thousands separated or none,
    never at another place. What another format would read as another number is not guessed.
    """
    if isinstance(value, bool):
        return None
    if not isinstance(value, str):
        text, number_format = (repr(value) if isinstance(value, float) else str(value)), PLAIN_NUMBER
    else:
        text = value.strip()
    pattern, mark, thousands = _marks(number_format)
    if not pattern.fullmatch(text):
        return None
    for separator in thousands:
        text = text.replace(separator, "")
    number = Decimal(text.replace(mark, "."))
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
