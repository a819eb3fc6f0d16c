"""What is wrong with an edited mapping: what the form sees at once, and what board and sample add. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.config.model import ColumnMapping, MappingSet
from core.mapping.findings import Severity
from core.mapping.formatting import FormattedValue
from core.mapping.template import template_columns
from core.workspace.mapping import MappingFinding, MappingPreview, Side
from gui.models.mapping_draft import rules_of, with_rules
from gui.models.mapping_words import SIDES

SourceColumns = tuple[tuple[str, ...], tuple[str, ...]]
"""The columns of the headers table and of the lines table."""

_NAME_COLUMN = "name"


@dataclass(frozen=True, slots=True)
class NameSamples:
    """What the name templates make of the sample order; empty where there is none."""

    group_name: str = ""
    item_name: str = ""
    subitem_name: str = ""


@dataclass(frozen=True, slots=True)
class CheckedMapping:
    """One state of the draft with what the board and the sample order say to it."""

    mapping: MappingSet
    order_label: str
    """The sample order; empty when there is none."""
    values: dict[Side, tuple[FormattedValue, ...]]
    """One for each rule, in rule order; empty without a sample order or line."""
    names: NameSamples
    findings: tuple[MappingFinding, ...]
    """Of the mapping as such, whichever order is sent."""

    def value_of(self, side: Side, rule: ColumnMapping) -> FormattedValue | None:
        """Return what the rule of this board column made of the sample, or None where that is not known."""
        pairs = zip(rules_of(self.mapping, side), self.values[side], strict=False)
        return next((value for checked, value in pairs if checked.column == rule.column), None)


def with_name_rules(mapping: MappingSet) -> MappingSet:
    """Return the mapping with its name templates as rules at the end, so that a preview shows names too."""

    def name_rule(template: str) -> ColumnMapping:
        return ColumnMapping(
            template=template, column=_NAME_COLUMN, type=_NAME_COLUMN, on_too_long="truncate"
        )

    items = (*mapping.items, name_rule(mapping.group_name), name_rule(mapping.item_name))
    with_items = with_rules(mapping, "items", items)
    return with_rules(with_items, "subitems", (*mapping.subitems, name_rule(mapping.subitem_name)))


def checked_mapping(
    mapping: MappingSet, preview: MappingPreview, findings: Iterable[MappingFinding]
) -> CheckedMapping:
    """Return a state with what was found. `preview` is that of `with_name_rules(mapping)`."""
    items, subitems = preview.items, preview.subitems
    names = NameSamples()
    if items:
        subitem = _name(subitems[-1]) if subitems else ""
        names = NameSamples(_name(items[-2]), _name(items[-1]), subitem)
    values: dict[Side, tuple[FormattedValue, ...]] = {"items": items[:-2], "subitems": subitems[:-1]}
    return CheckedMapping(mapping, preview.order_label, values, names, tuple(findings))


def _name(value: FormattedValue) -> str:
    return value.shown or value.source_text


def form_findings(mapping: MappingSet, sources: SourceColumns) -> tuple[MappingFinding, ...]:
    """Return what is missing or unknown in the draft itself; a save would be refused for it."""
    headers, lines = sources
    return (
        *_name_findings(mapping, headers, lines),
        *_rule_findings("items", mapping.items, headers),
        *_rule_findings("subitems", mapping.subitems, lines),
    )


def all_findings(
    form: Sequence[MappingFinding], board: Sequence[MappingFinding], mapping: MappingSet
) -> tuple[MappingFinding, ...]:
    """Return both, without what the board says to rules that have no board column yet."""

    def is_unfinished(finding: MappingFinding) -> bool:
        rules = rules_of(mapping, finding.board)
        return finding.index is not None and finding.index < len(rules) and not rules[finding.index].column

    return (*form, *(finding for finding in board if not is_unfinished(finding)))


def new_errors(
    findings: Iterable[MappingFinding],
    mapping: MappingSet,
    findings_before: Iterable[MappingFinding],
    saved: MappingSet,
) -> tuple[MappingFinding, ...]:
    """Return the errors that the saved mapping did not have: only these stand against a save.

    So a mapping with many errors can be mended in several sittings.
    """
    known = {_identity(finding, saved) for finding in findings_before}
    return tuple(
        finding
        for finding in findings
        if finding.severity is Severity.ERROR and _identity(finding, mapping) not in known
    )


def _identity(finding: MappingFinding, mapping: MappingSet) -> tuple[str, str, str, str]:
    rules = rules_of(mapping, finding.board)
    rule = rules[finding.index] if finding.index is not None and finding.index < len(rules) else None
    message = "" if rule else finding.message
    return (finding.board, finding.code, f"{rule.column}|{rule.origin}" if rule else "", message)


def _error(side: Side, index: int | None, code: str, message: str, remedy: str) -> MappingFinding:
    return MappingFinding(side, index, Severity.ERROR, code, message, remedy)


def _name_findings(
    mapping: MappingSet, headers: Sequence[str], lines: Sequence[str]
) -> Iterator[MappingFinding]:
    for side, words, template, columns in (
        (SIDES[0], "group name", mapping.group_name, headers),
        (SIDES[0], "item name", mapping.item_name, headers),
        (SIDES[1], "subitem name", mapping.subitem_name, lines),
    ):
        if not template.strip():
            yield _error(
                side,
                None,
                "name_missing",
                f"The {words} is empty",
                "Write it, with columns in braces: {CUSTOMER NAME}.",
            )
        yield from (
            _error(
                side,
                None,
                "source_not_in_table",
                f"The {words} uses the column '{name}', which the table does not have",
                "Correct the name between the braces.",
            )
            for name in template_columns(template)
            if name not in columns
        )


def _rule_findings(
    side: Side, rules: Sequence[ColumnMapping], columns: Sequence[str]
) -> Iterator[MappingFinding]:
    table = "headers" if side == "items" else "lines"
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
            )
        used = (rule.source,) if rule.source else template_columns(rule.template or "")
        yield from (
            _error(
                side,
                index,
                "source_not_in_table",
                f"The {table} table has no column '{name}'",
                "Choose a column that it has, or add the column to the table.",
            )
            for name in used
            if name not in columns
        )
