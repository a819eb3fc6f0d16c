"""What sample values look like: how well they fit a board column, and the type that would suit them. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.mapping.source_values import as_text, parse_date, parse_number
from core.monday.board import Column

LONG_TEXT_FROM = 120
"""Characters from which a text reads better in a long text column."""
LABELS_AT_MOST = 20
"""Different words up to which a column of short words looks like a list to choose from."""

_WORDS = frozenset({"y", "n", "yes", "no", "true", "false", "x", "v"})
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+(?:\s.*)?")
_LINK = re.compile(r"https?://\S+(?:\s.*)?", re.IGNORECASE)
_PHONE = re.compile(r"\+?[\d()./ -]{6,24}(?:\s[A-Za-z]{2})?")
_HOUR = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp][Mm])?")
_IDS = re.compile(r"(?:team:)?\d+(?:\s*,\s*(?:team:)?\d+)*")
_PLACE = re.compile(r"-?\d+(?:\.\d+)?[ ,]+-?\d+(?:\.\d+)?(?:\s.*)?")
_LONG_DECIMAL_DIGITS = 15
_BEST_RATING = 10


@dataclass(frozen=True, slots=True)
class Fit:
    """How well some values fit a column."""

    values: int
    """How many were looked at."""
    share: float
    """0 to 1: those that fit."""
    words: str = ""
    """The finding as an operator reads it; empty where the type takes anything."""
    decides: bool = False
    """The values were compared with the column's labels, which says more than the right form does."""


def is_number(value: Any) -> bool:
    """Whether a numbers column takes it."""
    return parse_number(value) is not None


def is_date(value: Any) -> bool:
    """Whether a date column takes it; a bare number is none, although ISO 8601 knows 20261122."""
    if isinstance(value, str) and value.strip().isdigit():
        return False
    return parse_date(value) is not None


def _is_interval(value: Any) -> bool:
    start, slash, end = as_text(value).partition("/")
    return bool(slash) and is_date(start) and is_date(end)


def _is_rating(value: Any) -> bool:
    number = parse_number(value)
    return number is not None and number == int(number) and 0 <= number <= _BEST_RATING


def _matching(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: pattern.fullmatch(as_text(value).strip()) is not None


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool) or as_text(value).strip().casefold() in {*_WORDS, "0", "1"}


_FITS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "board_relation": ("item ids", _matching(_IDS)),
    "checkbox": ("yes or no", _is_boolean),
    "date": ("dates", is_date),
    "dependency": ("item ids", _matching(_IDS)),
    "email": ("e-mail addresses", _matching(_EMAIL)),
    "hour": ("times of day", _matching(_HOUR)),
    "link": ("web addresses", _matching(_LINK)),
    "location": ("coordinates", _matching(_PLACE)),
    "numbers": ("numbers", is_number),
    "people": ("user ids", _matching(_IDS)),
    "phone": ("phone numbers", _matching(_PHONE)),
    "rating": ("ratings", _is_rating),
    "tags": ("tag ids", _matching(_IDS)),
    "timeline": ("periods", _is_interval),
    "week": ("dates", is_date),
}
"""Column type -> what its values are called, and whether a value is one."""


def fit_of(values: Sequence[Any], column: Column) -> Fit:
    """How well values fit a board column: its labels where it has any, else the form its type asks for."""
    if not values:
        return Fit(0, 0.0)
    if column.label_ids:
        labels = {label.casefold().strip() for label in column.label_ids}
        hits = sum(as_text(value).casefold().strip() in labels for value in values)
        return Fit(
            len(values), hits / len(values), _share(hits, values, "labels of the column"), decides=True
        )
    if column.type in _FITS:
        called, fits = _FITS[column.type]
        hits = sum(map(fits, values))
        return Fit(len(values), hits / len(values), _share(hits, values, called))
    return Fit(len(values), 1.0)


def _share(hits: int, values: Sequence[Any], called: str) -> str:
    if len(values) == 1:
        return f"the one sample value {'fits' if hits else 'does not fit'} ({called})"
    share = f"all {hits}" if hits == len(values) else f"{hits} of {len(values)}"
    return f"{share} sample values are {called}"


def guess_type(values: Sequence[Any]) -> tuple[str, str]:
    """The board column type that suits values, and why in words. No values: text."""
    if not values:
        return "text", "no sample value, so plain text"
    for kind, looks in _GUESSES:
        if all(map(looks, values)):
            return kind, _share(len(values), values, _FITS[kind][0])
    texts = [as_text(value) for value in values]
    if any(len(text) > LONG_TEXT_FROM or "\n" in text for text in texts):
        return "long_text", "the sample values are long"
    different = {text.strip() for text in texts}
    if len(values) >= 2 * len(different) and len(different) <= LABELS_AT_MOST:
        return "dropdown", f"the same {len(different)} words come back in {len(values)} sample values"
    return "text", "the sample values are short texts"


def _is_quantity(value: Any) -> bool:
    """A number that can be reckoned with: 007 and a code of 18 digits are names."""
    if not is_number(value):
        return False
    text = as_text(value).strip().lstrip("+-")
    digits = text.replace(".", "")
    return len(digits) <= _LONG_DECIMAL_DIGITS and not (
        len(text) > 1 and text[0] == "0" and text[1].isdigit()
    )


_GUESSES: Sequence[tuple[str, Callable[[Any], bool]]] = (
    ("checkbox", lambda value: isinstance(value, bool)),
    ("date", is_date),
    ("numbers", _is_quantity),
    ("email", _matching(_EMAIL)),
    ("link", _matching(_LINK)),
    ("timeline", _is_interval),
)
"""Types that values of one form ask for, the most telling first."""
