"""What a writer is, what it answers, and the table of all writers by column type."""

from collections.abc import Callable
from typing import Any, NamedTuple

from core.config.model import ColumnMapping
from core.mapping.source_values import as_text
from core.monday.board import Column
from core.monday.encoding import compact_json


class RefusedValueError(ValueError):
    """The board would refuse this value. `args[0]` is the message, `code` the rule, `remedy` what to do."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code = code
        self.remedy = remedy


class Written(NamedTuple):
    """A writer's answer. The JSON is not to be changed: equal values may share it."""

    json: Any
    """The value inside `column_values`."""
    shown: str
    """What a person will read in the cell."""
    creates_label: str | None = None
    """A label that the board does not have yet and that this value would create."""


Writer = Callable[[Any, Column, ColumnMapping], Written]
"""Called with a value that is not empty. Raises RefusedValueError."""
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


def clears(column_type: str) -> bool:
    """Whether `null` inside `column_values` empties a cell of this type (reference/columns).

    True for every writable type but `name`, which cannot be empty. Numbers take nothing but `null`: an empty
    string stores 0 (reference/number).
    """
    return column_type in _writers and column_type != "name"


def column_values_text(values: dict[str, Any]) -> str:
    """The JSON text for the `column_values` argument: the API's JSON scalar is text inside JSON."""
    return compact_json(values).decode()


def sendable_text(value: Any) -> str:
    """The value as text. Raises RefusedValueError for text that no request can carry."""
    text = value if type(value) is str else as_text(value)
    if not is_sendable(text):
        raise RefusedValueError(
            "broken_character",
            "The value holds half of a character, which no request can carry",
            "Type the value again in the source, then send again.",
        )
    return text


def is_sendable(text: str) -> bool:
    """Whether a request can carry the text: half of a surrogate pair has no UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
