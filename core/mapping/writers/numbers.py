"""Numbers and ratings (reference/number, reference/rating)."""

from decimal import Decimal
from typing import Any

from core.config.model import ColumnMapping
from core.mapping.source_values import as_text, canonical_number, parse_number
from core.mapping.writers.registry import RefusedValueError, Written, writes
from core.monday.board import Column

SAFE_DIGITS = 15
"""Digits that any number may have and still come back from a 64-bit float as it was."""
DEFAULT_RATING_LIMIT = 5
_DATABASE_DIGITS = range(-38, 38)
"""Powers of ten of the first digit that a database's decimals have; a float holds all of them."""
_PLAIN_FLOATS = (1e-4, 1e15)
"""From where to where Python writes a float without an exponent."""


@writes("numbers")
def write_numbers(value: Any, _column: Column, rule: ColumnMapping) -> Written:
    """A number as canonical text, since thousands separators and exponents are undocumented.

    The board keeps a 64-bit float (`NumbersValue.number`); a number with more digits than one can hold would
    come back as another number, so it is refused.
    """
    if type(value) is float and _PLAIN_FLOATS[0] <= abs(value) < _PLAIN_FLOATS[1]:
        text = repr(value).removesuffix(".0")  # as short as it can be and still come back as this float
        return Written(text, text)
    if type(value) is Decimal and value.is_finite() and value.adjusted() in _DATABASE_DIGITS:
        number: Decimal | None = value  # the common case, without the way over text
    else:
        number = parse_number(value, rule.number_format)
    if number is None:
        raise RefusedValueError(
            "not_a_number",
            f"'{as_text(value)}' is not a number",
            f"Correct the value, e.g. {rule.number_format}, or choose its number format in Mappings.",
        )
    text = canonical_number(number)
    if len(text) > SAFE_DIGITS and Decimal(repr(float(text))) != number:
        raise RefusedValueError(
            "number_too_precise",
            f"{text} has more digits than the board keeps; it would become {float(text)!r}",
            "Round the value: add the step {decimals = 2} to the rule, or Round in Mappings.",
        )
    return Written(text, text)


@writes("rating")
def write_rating(value: Any, column: Column, rule: ColumnMapping) -> Written:
    """1 to the column's limit, 5 where it names none (reference/rating)."""
    number = parse_number(value, rule.number_format)
    limit = int(column.settings.get("limit") or DEFAULT_RATING_LIMIT)
    if number is None or number != int(number) or not 1 <= number <= limit:
        raise RefusedValueError(
            "not_a_rating",
            f"'{as_text(value)}' is not a whole number from 1 to {limit}",
            "Correct the value.",
        )
    return Written({"rating": int(number)}, str(int(number)))
