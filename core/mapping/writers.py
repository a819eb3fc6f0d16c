"""One pure function per writable column type: the mapped text or value in, the API's JSON out.

The JSON shapes are those of reference/column-types-reference. A writer raises `RefusedValueError` for a value
that the board would refuse. A newcomer adds a type by one function with `@writes`; the registry is what the
planner, the checks and the mapping form ask.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.config.model import ColumnMapping
from core.mapping.source_values import as_text, canonical_number, parse_date, parse_number
from core.monday.board import Column

LONG_TEXT_LIMIT = 2000
"""Characters in a long text cell (reference/long-text); one more is an error."""
NAME_LIMIT = 255
"""Characters in an item's name (docs/error-handling, ItemNameTooLongException)."""
STATUS_LABEL_LIMIT = 30
"""Characters in a status label (reference/status)."""
TRUNCATION_MARK = "…"


class RefusedValueError(ValueError):
    """The board would refuse this value. `args[0]` is the message, `code` the rule, `remedy` what to do."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code = code
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Written:
    """A writer's answer."""

    json: Any
    """The value inside `column_values`."""
    shown: str
    """What a person will read in the cell."""
    creates_label: str | None = None
    """A label that the board does not have yet and that this value would create."""


Writer = Callable[[Any, Column, ColumnMapping], Written]
_writers: dict[str, Writer] = {}


def writes(column_type: str) -> Callable[[Writer], Writer]:
    """Register the writer of a column type."""

    def register(writer: Writer) -> Writer:
        _writers[column_type] = writer
        return writer

    return register


def writer_for(column_type: str) -> Writer | None:
    """The writer of a column type, None for types that cannot be written."""
    return _writers.get(column_type)


def writable_types() -> frozenset[str]:
    """Every column type that has a writer."""
    return frozenset(_writers)


def fit(text: str, limit: int, rule: ColumnMapping) -> str:
    """The text if it fits `limit` characters, else truncated with a mark or refused, as the rule says."""
    if len(text) <= limit:
        return text
    if rule.on_too_long == "truncate":
        return text[: limit - len(TRUNCATION_MARK)] + TRUNCATION_MARK
    raise RefusedValueError(
        "too_long",
        f"The value has {len(text)} characters, the column takes {limit}",
        "Shorten the value, or set 'on too long' to truncate in Mappings.",
    )


@writes("name")
def write_name(value: Any, _column: Column, rule: ColumnMapping) -> Written:
    """An item's name: 1 to 255 characters on one line."""
    text = fit(" ".join(as_text(value).split()), NAME_LIMIT, rule)
    return Written(text, text)


@writes("text")
def write_text(value: Any, _column: Column, _rule: ColumnMapping) -> Written:
    """Plain text; no limit of its own (reference/text)."""
    text = as_text(value)
    return Written(text, text)


@writes("long_text")
def write_long_text(value: Any, _column: Column, rule: ColumnMapping) -> Written:
    """Text with line breaks, at most 2,000 characters."""
    text = fit(as_text(value).replace("\r\n", "\n"), LONG_TEXT_LIMIT, rule)
    return Written({"text": text}, text)


@writes("numbers")
def write_numbers(value: Any, _column: Column, _rule: ColumnMapping) -> Written:
    """A number as canonical text: the API stores a float, and text keeps what it can."""
    number = parse_number(value)
    if number is None:
        raise RefusedValueError(
            "not_a_number",
            f"'{as_text(value)}' is not a number",
            "Correct the value, e.g. 1234.5 without a thousands separator.",
        )
    text = canonical_number(number)
    return Written(text, text)


def _match_label(value: Any, column: Column, rule: ColumnMapping) -> tuple[int | None, str]:
    text = as_text(value).strip()
    label_id = column.label_ids.get(text)
    if label_id is None and rule.on_unknown_label == "refuse":
        raise RefusedValueError(
            "label_not_on_board",
            f"The board has no label '{text}' in column {column.title}",
            f"Add the label '{text}' to the column on the board, or correct the value, then send again.",
        )
    return label_id, text


@writes("status")
def write_status(value: Any, column: Column, rule: ColumnMapping) -> Written:
    """A label, by its id where the board has it: ids survive renaming and reordering (reference/status)."""
    label_id, text = _match_label(value, column, rule)
    if label_id is None:
        if len(text) > STATUS_LABEL_LIMIT:
            raise RefusedValueError(
                "label_too_long",
                f"'{text}' has {len(text)} characters, a status label takes {STATUS_LABEL_LIMIT}",
                "Shorten the value.",
            )
        if text.isdigit():
            # Written as text it would be taken for the id of another label (reference/status).
            raise RefusedValueError(
                "label_is_a_number",
                f"The board has no label '{text}' in column {column.title}, and a number cannot become one",
                f"Add the label '{text}' to the column on the board, then send again.",
            )
        return Written({"label": text}, text, creates_label=text)
    return Written({"index": label_id}, text)


@writes("dropdown")
def write_dropdown(value: Any, column: Column, rule: ColumnMapping) -> Written:
    """One label, by its id where the board has it (reference/dropdown; texts are case-sensitive)."""
    label_id, text = _match_label(value, column, rule)
    if label_id is None:
        return Written({"labels": [text]}, text, creates_label=text)
    return Written({"ids": [label_id]}, text)


@writes("date")
def write_date(value: Any, _column: Column, rule: ColumnMapping) -> Written:
    """A date; with a time of day, in UTC, only where the source has one (reference/date)."""
    moment = parse_date(value, rule.date_format)
    if isinstance(moment, datetime) and moment.tzinfo:
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:  # within hours of the years 1 and 9999
            moment = None
    if moment is None:
        expected = f"in the form {rule.date_format}" if rule.date_format else "like 2026-11-22"
        raise RefusedValueError(
            "not_a_date", f"'{as_text(value)}' is not a date", f"Correct the value: a date {expected}."
        )
    if isinstance(moment, datetime):
        day, time = moment.date().isoformat(), moment.strftime("%H:%M:%S")
        return Written({"date": day, "time": time}, f"{day} {time}")
    return Written({"date": moment.isoformat()}, moment.isoformat())


_TRUE = frozenset({"1", "true", "yes", "y", "x", "v"})
_FALSE = frozenset({"0", "false", "no", "n", ""})


@writes("checkbox")
def write_checkbox(value: Any, column: Column, _rule: ColumnMapping) -> Written:
    """Checked is the string "true"; unchecked is null (reference/checkbox)."""
    text = as_text(value).strip().lower()
    if text in _TRUE:
        return Written({"checked": "true"}, "checked")
    if text in _FALSE:
        return Written(None, "unchecked")
    raise RefusedValueError(
        "not_a_boolean", f"'{as_text(value)}' is neither yes nor no for {column.title}", "Use yes or no."
    )


@writes("email")
def write_email(value: Any, _column: Column, _rule: ColumnMapping) -> Written:
    """The address stands as its own text; both keys are required (reference/email)."""
    text = as_text(value).strip()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        raise RefusedValueError("not_an_email", f"'{text}' is not an e-mail address", "Correct the address.")
    return Written({"email": text, "text": text}, text)


@writes("link")
def write_link(value: Any, _column: Column, _rule: ColumnMapping) -> Written:
    """An address that begins with http:// or https:// (reference/link)."""
    text = as_text(value).strip()
    if not text.startswith(("http://", "https://")):
        raise RefusedValueError(
            "not_a_link", f"'{text}' does not begin with http:// or https://", "Write the whole address."
        )
    return Written({"url": text, "text": text}, text)


@writes("rating")
def write_rating(value: Any, column: Column, _rule: ColumnMapping) -> Written:
    """1 to the column's limit, 5 where it names none (reference/rating)."""
    number, limit = parse_number(value), int(column.settings.get("limit") or 5)
    if number is None or number != int(number) or not 1 <= number <= limit:
        raise RefusedValueError(
            "not_a_rating",
            f"'{as_text(value)}' is not a whole number from 1 to {limit}",
            "Correct the value.",
        )
    return Written({"rating": int(number)}, str(int(number)))


def column_values_text(values: dict[str, Any]) -> str:
    """The JSON text for the `column_values` argument: the API's JSON scalar is text inside JSON."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
