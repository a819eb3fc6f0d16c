"""Name, text and long text (reference/text, reference/long-text)."""

from typing import Any

from core.config.model import ColumnMapping
from core.mapping.writers.registry import RefusedValueError, Written, sendable_text, writes
from core.monday.board import Column

LONG_TEXT_LIMIT = 2000
"""Characters in a long text cell (reference/long-text); one more is an error."""
NAME_LIMIT = 255
"""Characters in an item's name (docs/error-handling, ItemNameTooLongException)."""
TRUNCATION_MARK = "…"


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
    """An item's name: 1 to 255 characters on one line; it cannot be cleared (reference/name)."""
    text = fit(" ".join(sendable_text(value).split()), NAME_LIMIT, rule)
    return Written(text, text)


@writes("text")
def write_text(value: Any, _column: Column, _rule: ColumnMapping) -> Written:
    """Plain text; no limit of its own (reference/text)."""
    text = sendable_text(value)
    return Written(text, text)


@writes("long_text")
def write_long_text(value: Any, _column: Column, rule: ColumnMapping) -> Written:
    """Text with line breaks, at most 2,000 characters."""
    text = fit(sendable_text(value).replace("\r\n", "\n"), LONG_TEXT_LIMIT, rule)
    return Written({"text": text}, text)
