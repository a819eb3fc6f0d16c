"""Check boxes and colours (reference/checkbox, reference/color-picker)."""

import re
from functools import lru_cache
from typing import Any

from core.config.model import ColumnMapping
from core.mapping.source_values import as_text
from core.mapping.writers.registry import RefusedValueError, Written, writes
from core.monday.board import Column

_TRUE_WORDS = ("1", "true", "yes", "y", "x", "v")
_FALSE_WORDS = ("0", "false", "no", "n")
_HEX = re.compile(r"#?([0-9A-Fa-f]{6})")
_CHECKED = Written({"checked": "true"}, "checked")
_UNCHECKED = Written(None, "unchecked")


@writes("checkbox")
def write_checkbox(value: Any, column: Column, rule: ColumnMapping) -> Written:
    """Checked is the string "true", unchecked is null: "false" would not uncheck (reference/checkbox)."""
    if isinstance(value, bool):
        return _CHECKED if value else _UNCHECKED
    word = as_text(value).strip().casefold()
    if word in _folded(rule.true_words or _TRUE_WORDS):
        return _CHECKED
    if word in _folded(rule.false_words or _FALSE_WORDS):
        return _UNCHECKED
    yes, no = (rule.true_words or ("yes",))[0], (rule.false_words or ("no",))[0]
    raise RefusedValueError(
        "not_a_boolean",
        f"'{as_text(value)}' is neither yes nor no for {column.title}",
        f"Use {yes} or {no}, or add the word to the rule in Mappings.",
    )


@lru_cache(maxsize=128)
def _folded(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word.strip().casefold() for word in words)


@writes("color_picker")
def write_color_picker(value: Any, _column: Column, _rule: ColumnMapping) -> Written:
    """A colour as #RRGGBB: red, green and blue apart would read back empty (reference/color-picker)."""
    found = _HEX.fullmatch(as_text(value).strip())
    if found is None:
        raise RefusedValueError(
            "not_a_colour", f"'{as_text(value)}' is not a colour", "Write it as six digits: #FF5733."
        )
    colour = f"#{found[1].upper()}"
    return Written({"color": {"hex": colour}}, colour)
