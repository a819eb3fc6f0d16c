"""A mapping against itself and against the columns of the delta tables; the board is not asked. Pure."""

from collections.abc import Iterator, Sequence

from core.config.model import ColumnMapping, MappingSet, Profile
from core.config.positions import KeyPath
from core.config.transforms import Lookup
from core.mapping.findings import Severity
from core.mapping.template import template_columns
from core.workspace.mapping_findings import MappingFinding, Side, did_you_mean

_TABLES: dict[Side, str] = {"items": "headers", "subitems": "lines"}


def check_sources(
    mapping: MappingSet, headers: Sequence[str], lines: Sequence[str]
) -> tuple[MappingFinding, ...]:
    """What is missing or unknown in a mapping set; `headers` and `lines` are the tables' columns.

    A rule that is being edited may still lack its source or its board column: that is told too.
    """
    return (
        *_names(mapping, headers, lines),
        *_rules("items", mapping, headers, lines),
        *_rules("subitems", mapping, lines, headers),
        *_unused_lookups(mapping),
    )


def check_profile(profile: Profile, headers: Sequence[str]) -> Iterator[MappingFinding]:
    """What a profile names beside its mapping: columns of the headers table, ids of the mapping set."""
    named: list[tuple[KeyPath, str]] = [(("customer_column",), profile.customer_column)]
    named += [(("order_label",), name) for name in template_columns(profile.order_label)]
    named += [(("display_columns", index), name) for index, name in enumerate(profile.display_columns)]
    for field, name in named:
        if name not in headers:
            yield MappingFinding(
                "items",
                None,
                Severity.ERROR,
                "source_not_in_table",
                f"The headers table has no column '{name}'",
                f"{did_you_mean(name, headers)}Correct the name, or add the column to the table.",
                field,
                of_profile=True,
            )


def check_column_ids(profile: Profile, ids_of_set: Sequence[str]) -> Iterator[MappingFinding]:
    """Ids in the profile's `column_ids` that no rule of the mapping set has: they change nothing."""
    for name in profile.column_ids:
        if name not in ids_of_set:
            yield MappingFinding(
                "items",
                None,
                Severity.WARNING,
                "column_id_without_rule",
                f"column_ids renames '{name}', which no rule of the mapping {profile.mapping} writes",
                f"{did_you_mean(name, ids_of_set)}Correct the id on the left, or remove the line.",
                ("column_ids", name),
                of_profile=True,
            )


def _error(
    side: Side, index: int | None, code: str, message: str, remedy: str, field: KeyPath = ()
) -> MappingFinding:
    return MappingFinding(side, index, Severity.ERROR, code, message, remedy, field)


def _names(mapping: MappingSet, headers: Sequence[str], lines: Sequence[str]) -> Iterator[MappingFinding]:
    sides: tuple[tuple[Side, str, str, Sequence[str], Sequence[str]], ...] = (
        ("items", "group_name", mapping.group_name, headers, lines),
        ("items", "item_name", mapping.item_name, headers, lines),
        ("subitems", "subitem_name", mapping.subitem_name, lines, headers),
    )
    for side, key, template, columns, others in sides:
        words = key.replace("_", " ")
        if not template.strip():
            yield _error(
                side,
                None,
                "name_missing",
                f"The {words} is empty",
                "Write it, with columns in braces: {CUSTOMER NAME}.",
                (key,),
            )
        for name in dict.fromkeys(template_columns(template)):
            if name not in columns:
                yield _error(
                    side,
                    None,
                    "source_not_in_table",
                    f"The {words} uses the column '{name}', which the {_TABLES[side]} table does not have",
                    f"{_where_it_is(side, name, columns, others)}Correct the name between the braces.",
                    (key,),
                )


def _rules(
    side: Side, mapping: MappingSet, columns: Sequence[str], others: Sequence[str]
) -> Iterator[MappingFinding]:
    rules: Sequence[ColumnMapping] = mapping.items if side == "items" else mapping.subitems
    for index, rule in enumerate(rules):
        if not rule.origin.strip():
            yield _error(
                side,
                index,
                "source_missing",
                "This rule has no source yet",
                "Choose a source column, or write a template.",
            )
        if not rule.column:
            yield _error(
                side,
                index,
                "column_missing",
                "This rule has no board column yet",
                "Choose the board column that it writes.",
                ("column",),
            )
        used = (rule.source,) if rule.source else template_columns(rule.template or "")
        for name in dict.fromkeys(used):
            if name not in columns:
                yield _error(
                    side,
                    index,
                    "source_not_in_table",
                    f"The {_TABLES[side]} table has no column '{name}'",
                    f"{_where_it_is(side, name, columns, others)}"
                    "Choose a column that it has, or add the column to the table.",
                    ("source",) if rule.source else ("template",),
                )
        yield from _lookups(side, index, rule, mapping)


def _where_it_is(side: Side, name: str, columns: Sequence[str], others: Sequence[str]) -> str:
    if name in others:
        other = _TABLES["subitems" if side == "items" else "items"]
        return f"'{name}' is a column of the {other} table, which a rule of {side} cannot read. "
    return did_you_mean(name, columns)


def _lookups(side: Side, index: int, rule: ColumnMapping, mapping: MappingSet) -> Iterator[MappingFinding]:
    for step, transform in enumerate(rule.transforms):
        if isinstance(transform, Lookup) and transform.lookup not in mapping.lookups:
            yield _error(
                side,
                index,
                "lookup_missing",
                f"There is no lookup table '{transform.lookup}'",
                f"{did_you_mean(transform.lookup, mapping.lookups)}"
                f"Add a table [mappings.<set>.lookups.{transform.lookup}], or correct the name.",
                ("transforms", step),
            )


def _unused_lookups(mapping: MappingSet) -> Iterator[MappingFinding]:
    used = {
        transform.lookup
        for rule in (*mapping.items, *mapping.subitems)
        for transform in rule.transforms
        if isinstance(transform, Lookup)
    }
    for name in mapping.lookups:
        if name not in used:
            yield MappingFinding(
                "items",
                None,
                Severity.WARNING,
                "lookup_unused",
                f"No rule uses the lookup table '{name}'",
                f'Add {{lookup = "{name}"}} to the transforms of a rule, or remove the table.',
                ("lookups", name),
            )
