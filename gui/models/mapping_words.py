"""A mapping set in words: the policy of a rule, the name of a step, and what a save would change. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.config.model import ColumnMapping, MappingSet
from core.workspace.mapping import Side

LABEL_TYPES = frozenset({"status", "dropdown"})
"""Column types whose values are labels: an unknown one is refused or created."""
LIMITED_TYPES = frozenset({"long_text", "name"})
"""Column types that take only so many characters: a longer value is refused or cut."""
DATE_TYPES = frozenset({"date"})

TitleOf = Callable[[Side, str], str]
"""The title of a board column from its side and id; the id where the board has no such column."""

SIDES: tuple[Side, ...] = ("items", "subitems")

_FIELDS = {  # field of a rule -> what a person calls it, in the order in which changes are told
    "source": "source",
    "template": "template",
    "column": "board column",
    "type": "type",
    "transforms": "text changes",
    "default": "default",
    "required": "required",
    "on_empty": "when empty",
    "on_too_long": "when too long",
    "on_unknown_label": "unknown labels",
    "date_format": "date format",
}
_NAMES = {
    "group_name": "Group name",
    "item_name": "Item name",
    "subitem_name": "Subitem name",
    "item_key_column": "Items: key column",
    "subitem_key_column": "Subitems: key column",
}
_VALUES = {"leave": "leave the cell", "clear": "clear the cell", "truncate": "cut"}
NOTHING = "none"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two mapping sets."""

    what: str
    """The rule or the name that differs: "Items: CATEGORY"."""
    how: str
    """"unknown labels: refuse → create"."""


def side_word(side: Side) -> str:
    """Return the side as a heading: "Items"."""
    return side.capitalize()


def policy_words(rule: ColumnMapping) -> str:
    """Return how a rule treats unusual values, only what matters for its type: "required, create labels"."""
    parts = ["required" if rule.required else "optional", *rule.transforms]
    if rule.default is not None:
        parts.append(f"default {rule.default}")
    if rule.on_empty == "clear":
        parts.append("clear when empty")
    if rule.type in LABEL_TYPES:
        parts.append(f"{rule.on_unknown_label} unknown labels")
    if rule.type in LIMITED_TYPES:
        parts.append("cut when too long" if rule.on_too_long == "truncate" else "refuse when too long")
    if rule.type in DATE_TYPES and rule.date_format:
        parts.append(f"date as {rule.date_format}")
    return ", ".join(parts)


def map_words(rule: ColumnMapping, title: str) -> str:
    """Return the name of the step that makes a rule: "map STYLE → Style"."""
    return f"map {rule.origin or 'nothing yet'} → {title or 'no column yet'}"


def step_words(before: ColumnMapping, after: ColumnMapping, title: str) -> str:
    """Return the name of the step from one form of a rule to another, for "Undo: …"."""
    changed = [name for name in _FIELDS if getattr(before, name) != getattr(after, name)]
    if not changed or changed[0] in {"source", "template", "column", "type"}:
        return map_words(after, title)
    return f"set {_FIELDS[changed[0]]} to {_value(getattr(after, changed[0]))} for {title}"


def name_step_words(field: str) -> str:
    """Return the name of the step that changes a name template or a key column."""
    words = _NAMES[field]
    return f"change {words[0].lower()}{words[1:]}"


def mapping_changes(before: MappingSet, after: MappingSet, title_of: TitleOf) -> tuple[Change, ...]:
    """Return every difference in words: names first, then the rules of the items and of the subitems."""
    changes = []
    for field, words in _NAMES.items():
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            side: Side = "subitems" if field.startswith("subitem") else "items"
            if field.endswith("key_column"):
                old, new = (id_ and title_of(side, id_) for id_ in (old, new))
            changes.append(Change(words, f"{_value(old)} → {_value(new)}"))
    for side in SIDES:
        changes.extend(_rule_changes(side, getattr(before, side), getattr(after, side), title_of))
    return tuple(changes)


def _rule_changes(
    side: Side, before: Sequence[ColumnMapping], after: Sequence[ColumnMapping], title_of: TitleOf
) -> Iterator[Change]:
    for old, new in _pairs(before, after):
        rule = new or old
        assert rule is not None
        what = f"{side_word(side)}: {title_of(side, rule.column)}"
        if old is None:
            yield Change(what, f"added, from {rule.origin} ({policy_words(rule)})")
        elif new is None:
            yield Change(what, f"removed, was from {rule.origin}")
        elif old != new:
            yield Change(what, "; ".join(_field_changes(side, old, new, title_of)))


def _field_changes(side: Side, old: ColumnMapping, new: ColumnMapping, title_of: TitleOf) -> Iterator[str]:
    if old.origin != new.origin:
        yield f"source: {_value(old.origin)} → {_value(new.origin)}"
    for field, words in _FIELDS.items():
        left, right = getattr(old, field), getattr(new, field)
        if field in {"source", "template"} or left == right:
            continue
        if field == "column":
            left, right = title_of(side, left), title_of(side, right)
        yield f"{words}: {_value(left)} → {_value(right)}"


def _pairs(
    before: Sequence[ColumnMapping], after: Sequence[ColumnMapping]
) -> Iterator[tuple[ColumnMapping | None, ColumnMapping | None]]:
    """Pair the rules of two sets: by board column, what is left by source, what is left then with nothing."""
    left = list(before)
    partners = [_taken(left, "column", rule) for rule in after]
    for partner, rule in zip(partners, after, strict=True):
        yield partner or _taken(left, "origin", rule), rule
    for rule in left:
        yield rule, None


def _taken(rules: list[ColumnMapping], field: str, like: ColumnMapping) -> ColumnMapping | None:
    """Take the first rule that agrees in a field out of the list."""
    found = next((rule for rule in rules if getattr(rule, field) == getattr(like, field)), None)
    if found is not None:
        rules.remove(found)
    return found


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value) or NOTHING
    return _VALUES.get(value, str(value)) if value else NOTHING
