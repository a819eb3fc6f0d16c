"""A rule's steps between the source value and the writer, compiled once and applied to every record. Pure.

An empty value passes no step, and a step that leaves nothing ends them: what follows is the rule's
`on_empty`. Numbers and dates stay what they are through a change of letters; the other steps see them as
text, in the rule's own number and date format, so that the writer reads back the same value.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, assert_never

from core.config.model import ColumnMapping
from core.config.transforms import Lookup, Replace, Round, Split, TextChange, Transform
from core.mapping.source_values import as_text, is_empty, parse_number
from core.mapping.writers import RefusedValueError

Lookups = Mapping[str, Mapping[str, str]]
"""Lookup tables by name: a value in the source -> the value for the board."""
Step = Callable[[Any], Any]

_CHANGES: Mapping[TextChange, Callable[[str], str]] = {
    "trim": str.strip,
    "upper": str.upper,
    "lower": str.lower,
    "title": str.title,
}
_PRECISE = Context(prec=400)
"""Digits enough for any number that a float holds."""


def text_writer(rule: ColumnMapping) -> Callable[[Any], str]:
    """What makes text of a value so that this rule's writer reads back the same value."""
    decimal_mark, date_format = rule.number_format[-2], rule.date_format
    if decimal_mark == "." and date_format is None:
        return as_text

    def write(value: Any) -> str:
        if isinstance(value, date) and date_format is not None:
            return value.strftime(date_format)
        text = as_text(value)
        return text.replace(".", decimal_mark) if isinstance(value, float | Decimal) else text

    return write


def compile_transforms(rule: ColumnMapping, lookups: Lookups) -> Step | None:
    """All steps of a rule as one function, None for a rule without any.

    The function gives the value for the writer, None where nothing is left, and raises RefusedValueError for
    a value that a step cannot take.
    """
    if not rule.transforms:
        return None
    steps = tuple(_step(transform, rule, lookups) for transform in rule.transforms)

    def apply(value: Any) -> Any:
        for step in steps:
            if is_empty(value):
                return None
            value = step(value)
        return value

    return apply


def _step(transform: Transform, rule: ColumnMapping, lookups: Lookups) -> Step:
    match transform:
        case Split():
            return _split(transform, text_writer(rule))
        case Replace(replace=old, by=new):
            write = text_writer(rule)
            return lambda value: write(value).replace(old, new)
        case Lookup():
            return _lookup(transform, lookups.get(transform.lookup), text_writer(rule))
        case Round():
            return _round(transform, rule)
        case str():
            change = _CHANGES[transform]
            return lambda value: (
                value
                if isinstance(value, int | float | Decimal | date) and not isinstance(value, bool)
                else change(as_text(value))
            )
        case _:
            assert_never(transform)


def _split(split: Split, write: Callable[[Any], str]) -> Step:
    place = split.part - 1 if split.part > 0 else split.part

    def step(value: Any) -> Any:
        parts = write(value).split(split.split)
        return parts[place] if -len(parts) <= place < len(parts) else None

    return step


def _lookup(lookup: Lookup, table: Mapping[str, str] | None, write: Callable[[Any], str]) -> Step:
    if table is None:

        def no_table(_value: Any) -> Any:
            raise RefusedValueError(
                "no_lookup_table",
                f"There is no lookup table {lookup.lookup}",
                "Add the table to the mapping, or choose another one in Mappings.",
            )

        return no_table

    def step(value: Any) -> Any:
        text = write(value)
        if text in table:
            return table[text]
        if lookup.otherwise == "keep":
            return value
        raise RefusedValueError(
            "not_in_lookup",
            f"The lookup table {lookup.lookup} has no entry for '{text}'",
            f"Add '{text}' to the table in Mappings, or correct the value, then send again.",
        )

    return step


def _round(step: Round, rule: ColumnMapping) -> Step:
    places = Decimal(1).scaleb(-step.decimals)

    def rounded(value: Any) -> Decimal:
        number = parse_number(value, rule.number_format)
        if number is None:
            raise RefusedValueError(
                "not_a_number",
                f"'{as_text(value)}' is not a number, so it cannot be rounded",
                f"Correct the value, e.g. {rule.number_format}, or choose its number format in Mappings.",
            )
        return number.quantize(places, ROUND_HALF_UP, context=_PRECISE)

    return rounded
