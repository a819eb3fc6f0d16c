"""What differs between two versions of a mapping set, in words. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.config.model import ColumnMapping, MappingSet

_OF_SET = ("group_name", "item_name", "subitem_name", "item_key_column", "subitem_key_column")
_SHOWN = 60
"""Characters of a value that a sentence quotes."""


def mapping_changes(before: MappingSet, after: MappingSet) -> tuple[str, ...]:
    """Each change as a sentence: names first, then lookup tables, items and subitems."""
    return (
        *_fields(before.model_dump(include=set(_OF_SET)), after.model_dump(include=set(_OF_SET)), _OF_SET),
        *_lookups(before.lookups, after.lookups),
        *_rules("items", before.items, after.items),
        *_rules("subitems", before.subitems, after.subitems),
    )


def _fields(
    before: Mapping[str, Any], after: Mapping[str, Any], keys: Sequence[str], where: str = ""
) -> Iterator[str]:
    for key in keys:
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if old is None:
            yield f"{where}{key} = {_quoted(new)} (was not set)"
        elif new is None:
            yield f"{where}{key} is no longer set (was {_quoted(old)})"
        else:
            yield f"{where}{key}: {_quoted(old)} -> {_quoted(new)}"


def _lookups(
    before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    for name in dict.fromkeys((*before, *after)):
        if name not in after:
            yield f"lookup table {name} removed"
        elif name not in before:
            yield f"lookup table {name} added, with {len(after[name])} values"
        elif before[name] != after[name]:
            keys = tuple(dict.fromkeys((*before[name], *after[name])))
            yield from _fields(before[name], after[name], keys, f"lookup table {name}: ")


def _rules(side: str, before: Sequence[ColumnMapping], after: Sequence[ColumnMapping]) -> Iterator[str]:
    old, new = _by_column(before), _by_column(after)
    for column, rule in old.items():
        if column not in new:
            yield f"{side}: the rule {rule.origin} -> {column[0]} removed"
    for column, rule in new.items():
        if column not in old:
            yield f"{side}: the rule {rule.origin} -> {column[0]} added ({rule.type})"
            continue
        one, other = old[column].model_dump(by_alias=True), rule.model_dump(by_alias=True)
        yield from _fields(one, other, tuple(one), f"{side}: {column[0]}: ")
    kept_before = [column for column in old if column in new]
    kept_after = [column for column in new if column in old]
    if kept_before != kept_after:
        yield f"{side}: the order of the rules changed"


def _by_column(rules: Sequence[ColumnMapping]) -> dict[tuple[str, int], ColumnMapping]:
    """Rules by board column; a column that two rules write counts them."""
    found: dict[tuple[str, int], ColumnMapping] = {}
    for rule in rules:
        number = sum(column == rule.column for column, _ in found)
        found[rule.column, number] = rule
    return found


def _quoted(value: Any) -> str:
    text = f"'{value}'" if isinstance(value, str) else str(value)
    if isinstance(value, tuple | list):
        text = ", ".join(_quoted(part) for part in value) or "none"
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{key} = {_quoted(part)}" for key, part in value.items()) + "}"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
