"""Names and values from templates such as `{CUSTOMER STYLE} {CUSTOMER ALT PO|PO NUMBER}`.

A field is the first of its columns that is not empty. An empty field leaves no double space behind; where
every field is empty, so is the whole: what stands between the columns names nothing by itself. Line breaks
become spaces: the API's names are single lines.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from core.config.template_syntax import Part, template_parts
from core.mapping.source_values import as_text, is_empty


class Template:
    """A template taken apart once, to be filled for many records."""

    __slots__ = ("_parts", "columns")

    def __init__(self, template: str) -> None:
        self._parts: tuple[Part, ...] = template_parts(template)
        self.columns: tuple[str, ...] = tuple(_columns(self._parts))
        """The source columns that it names, stand-ins too, in order, repetitions kept."""

    def text(self, values: Mapping[str, Any], write: Callable[[Any], str] = as_text) -> str:
        """The template filled, on one line; empty when all its columns are. `write` makes text of a value."""
        filled = not self.columns
        texts: list[str] = []
        get = values.get
        for part in self._parts:
            if part.__class__ is str:
                texts.append(part)
                continue
            for column in part:
                value = get(column)
                # Most values are text, which is looked at here: a name is made for every record.
                if (value and not value.isspace()) if value.__class__ is str else not is_empty(value):
                    filled = True
                    texts.append(write(value))
                    break
        return " ".join("".join(texts).split()) if filled else ""

    def value(self, values: Mapping[str, Any], write: Callable[[Any], str] = as_text) -> Any:
        """As `text`; but a template that is one field alone keeps a number a number and a date a date."""
        if len(self._parts) == 1 and isinstance(part := self._parts[0], tuple):
            value = next((found for column in part if not is_empty(found := values.get(column))), None)
            return " ".join(value.split()) if isinstance(value, str) else value
        return self.text(values, write)


def _columns(parts: tuple[Part, ...]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, tuple):
            yield from part


@lru_cache(maxsize=256)
def _compiled(template: str) -> Template:
    return Template(template)


def template_columns(template: str) -> tuple[str, ...]:
    """The source columns that a template names, stand-ins too, in order, repetitions kept."""
    return _compiled(template).columns


def render(template: str, values: Mapping[str, Any]) -> str:
    """The template filled, on one line; empty when all its columns are."""
    return _compiled(template).text(values)
