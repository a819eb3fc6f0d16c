"""What database drivers return, turned into text, numbers and dates without loss."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any


def is_empty(value: Any) -> bool:
    """NULL, or text of nothing but white space."""
    return value is None or (isinstance(value, str) and not value.strip())


def as_text(value: Any) -> str:
    """The value as a person writes it: 12.5 and not 12.5000, 2026-11-22 and not a midnight timestamp."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        return canonical_number(Decimal(repr(value)) if isinstance(value, float) else value)
    if isinstance(value, datetime):
        midnight = not (value.hour or value.minute or value.second or value.microsecond)
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def canonical_number(number: Decimal) -> str:
    """Decimal point, optional minus sign, no exponent, no trailing zeros: the form the API documents.

    (reference/numbers: thousands separators, exponents and decimal commas are not documented.)
    """
    if number == 0:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_number(value: Any) -> Decimal | None:
    """The number, or None when the value is not one. Text may have surrounding blanks, no separators."""
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def parse_date(value: Any, date_format: str | None = None) -> date | datetime | None:
    """A date, or a datetime where the value has a time of day other than midnight; None when it is neither.

    Text is read by `date_format` where one is given, else as ISO 8601.
    """
    moment = value
    if isinstance(value, str):
        text = value.strip()
        try:
            if date_format:
                moment = datetime.strptime(text, date_format)  # noqa: DTZ007  sources hold local dates
            else:
                moment = datetime.fromisoformat(text)
        except ValueError:
            return None
    if isinstance(moment, datetime):
        at_midnight = moment.time().replace(tzinfo=None) == datetime.min.time()
        return moment.date() if at_midnight else moment
    return moment if isinstance(moment, date) else None
