"""How a template is written: text, with source columns in braces and their stand-ins behind a bar.

`{CUSTOMER ALT PO|PO NUMBER}` is the first of the two columns that has a value. Blanks around a bar do not
count. Braces and bars have no other meaning: a column with one in its name cannot stand in a template.
"""

import re
from collections.abc import Iterator

_FIELD = re.compile(r"\{([^{}]*)\}")
_SHOWN = 30
"""Characters of a template that a message quotes."""

Part = str | tuple[str, ...]
"""Text that stands as it is, or a field: source columns of which the first with a value counts."""


def template_parts(template: str) -> tuple[Part, ...]:
    """The texts and fields of a template, in order. What is malformed counts as text or is left out."""
    return tuple(_parts(template))


def _parts(template: str) -> Iterator[Part]:
    for place, piece in enumerate(_FIELD.split(template)):
        is_field = place % 2 == 1
        columns = _columns(piece) if is_field else ()
        if any(columns):
            yield tuple(column for column in columns if column)
        elif is_field or piece:
            yield f"{{{piece}}}" if is_field else piece


def _columns(field: str) -> tuple[str, ...]:
    """The columns of a field; a single one keeps its blanks, for a column's name may have some."""
    if "|" in field:
        return tuple(column.strip() for column in field.split("|"))
    return (field,) if field.strip() else ("",)


def template_fault(template: str) -> str | None:
    """What is wrong with a template, as "expected ..."; None for a well-formed one."""
    for place, piece in enumerate(_FIELD.split(template)):
        if place % 2 == 0:
            if "{" in piece:
                return f"expected '}}' behind '{{{_shown(piece.partition('{')[2])}'"
            if "}" in piece:
                return f"expected '{{' before '{_shown(piece.partition('}')[0])}}}'"
        elif not all(_columns(piece)):
            sides = "on both sides of '|'" if "|" in piece else "between the braces"
            return f"expected a source column {sides} in '{{{_shown(piece)}}}'"
    return None


def check_template(template: str) -> str:
    """The template itself. Raises ValueError that says what is wrong."""
    if fault := template_fault(template):
        raise ValueError(fault)
    return template


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
