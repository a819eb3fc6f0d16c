"""Names from templates such as `{CUSTOMER STYLE} {CUSTOMER COLOUR DESCRIPTION} {AAG ORDER NUMBER}`."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from core.mapping.source_values import as_text, is_empty

_FIELD = re.compile(r"\{([^{}]+)\}")


@lru_cache(maxsize=256)
def template_columns(template: str) -> tuple[str, ...]:
    """The source columns that a template names, in order, repetitions kept."""
    return tuple(_FIELD.findall(template))


def render(template: str, values: Mapping[str, Any]) -> str:
    """Fill the template. An empty value leaves no double space behind; all empty gives an empty string.

    Line breaks become spaces: the API's names are single lines.
    """
    columns = template_columns(template)
    if columns and all(is_empty(values.get(column)) for column in columns):
        return ""  # what stands between the columns names nothing by itself
    filled = _FIELD.sub(lambda match: as_text(values.get(match.group(1))), template)
    return " ".join(filled.split())
