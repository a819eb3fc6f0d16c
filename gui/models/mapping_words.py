"""A mapping set in words: the policy of a rule, the name of a step, and what a save would change. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.config.model import ColumnMapping, MappingSet, Profile
from core.config.transforms import Lookup, Replace, Round, Split, Transform
from core.workspace.mapping import Side
from gui.models.mapping_keys import has_key, matters

TitleOf = Callable[[Side, str], str]
"""The title of a board column from its side and id; the id where the board has no such column."""

SIDES: tuple[Side, ...] = ("items", "subitems")

_FIELDS = {  # field of a rule -> what a person calls it, in the order in which changes are told
    "source": "source",
    "template": "template",
    "column": "board column",
    "type": "type",
    "transforms": "transforms",
    "default": "default",
    "required": "required",
    "on_empty": "when empty",
    "on_too_long": "when too long",
    "on_unknown_label": "unknown labels",
    "unknown_label": "label for unknown ones",
    "number_format": "number format",
    "date_format": "date format",
    "time_zone": "time zone",
    "date_only": "day alone",
    "true_words": "words for checked",
    "false_words": "words for unchecked",
    "country": "country",
    "week_start": "first day of the week",
}
_NAMES = {
    "group_name": "Group name",
    "item_name": "Item name",
    "subitem_name": "Subitem name",
    "item_key_column": "Items: key column",
    "subitem_key_column": "Subitems: key column",
}
_VALUES = {"leave": "leave the cell", "clear": "clear the cell", "truncate": "cut", "map": "use a label"}
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


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: "A, B and C"."""
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def profile_words(profiles: Iterable[Profile]) -> list[str]:
    """Return the profiles by their badges; those that share one also by their names."""
    profiles = tuple(profiles)
    met = Counter(profile.badge for profile in profiles)
    return [
        profile.badge if met[profile.badge] == 1 else f"{profile.badge} ({profile.name})"
        for profile in profiles
    ]


def transform_word(transform: Transform) -> str:
    """Return one step as the table shows it: "part 2 at '-'"."""
    match transform:
        case Split():
            part = f"part {transform.part}" if transform.part > 0 else f"part {-transform.part} from the end"
            return f"{part} at '{transform.split}'"
        case Replace():
            return f"'{transform.replace}' → '{transform.by}'"
        case Lookup():
            return f"look up in {transform.lookup}"
        case Round():
            return f"round to {transform.decimals}"
        case _:
            return {"upper": "UPPER", "title": "Title"}.get(transform, transform)


def transform_words(rule: ColumnMapping) -> str:
    """Return what a rule does to the text on its way, in order: "trim, part 2 at '-'"."""
    return ", ".join(map(transform_word, rule.transforms))


def policy_words(rule: ColumnMapping) -> str:
    """Return how a rule treats unusual values, only what matters for its type: "required, create labels"."""
    parts = ["required" if rule.required else "optional"]
    if rule.default is not None:
        parts.append(f"default {rule.default}")
    if rule.on_empty == "clear":
        parts.append("clear when empty")
    if has_key(rule.type, "on_unknown_label"):
        parts.append(
            f"unknown labels as {rule.unknown_label or '…'}"
            if rule.on_unknown_label == "map"
            else f"{rule.on_unknown_label} unknown labels"
        )
    if rule.type == "long_text" or (rule.on_too_long == "truncate" and has_key(rule.type, "on_too_long")):
        parts.append("cut when too long" if rule.on_too_long == "truncate" else "refuse when too long")
    parts.extend(_format_words(rule))
    return ", ".join(parts)


def _format_words(rule: ColumnMapping) -> Iterator[str]:
    said = {
        "number_format": rule.number_format != "1234.5" and f"numbers like {rule.number_format}",
        "date_format": rule.date_format and f"date as {rule.date_format}",
        "time_zone": rule.time_zone and f"times of {rule.time_zone}",
        "date_only": rule.date_only and "day alone",
        "country": rule.country and f"numbers of {rule.country}",
        "week_start": rule.week_start == "sunday" and "weeks from Sunday",
    }
    for key, words in said.items():
        if words and matters(rule, key):
            yield words


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
    changes.extend(_lookup_changes(before.lookups, after.lookups))
    for side in SIDES:
        old_rules, new_rules = getattr(before, side), getattr(after, side)
        told = tuple(_rule_changes(side, old_rules, new_rules, title_of))
        changes.extend(told)
        if not told and old_rules != new_rules:
            changes.append(Change(side_word(side), "the order of the rules"))
    return tuple(changes)


def _lookup_changes(
    before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]
) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        what = f"Look-up table {name}"
        if old is None:
            yield Change(what, f"added, {_entries(len(new or ()))}")
        elif new is None:
            yield Change(what, "removed")
        else:
            keys = dict.fromkeys((*old, *new))
            differ = [key for key in keys if old.get(key) != new.get(key)]
            verb = "differs" if len(differ) == 1 else "differ"
            yield Change(what, f"{_entries(len(differ))} {verb}: {', '.join(differ[:3])}")


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


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
        return ", ".join(each if isinstance(each, str) else transform_word(each) for each in value) or NOTHING
    return _VALUES.get(value, str(value)) if value else NOTHING
