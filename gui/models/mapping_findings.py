"""What is wrong with an edited mapping: what the form sees at once, and what board and sample add. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.config.model import ColumnMapping, MappingSet
from core.mapping.findings import Severity
from core.mapping.formatting import FormattedValue
from core.workspace.check_sources import check_sources
from core.workspace.mapping import MappingPreview, Side
from core.workspace.mapping_findings import MappingFinding
from gui.models.mapping_draft import rules_of, with_rules
from gui.models.mapping_words import SIDES

SourceColumns = tuple[tuple[str, ...], tuple[str, ...]]
"""The columns of the headers table and of the lines table."""

_NAME_COLUMN = "name"
_OF_THE_FORM = frozenset(
    {
        "column_missing",
        "lookup_missing",
        "lookup_unused",
        "name_missing",
        "source_missing",
        "source_not_in_table",
        "unknown_label_missing",
    }
)
"""What `form_findings` tells at every letter."""


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

    def values_of(self, side: Side) -> dict[str, FormattedValue]:
        """Return what the rules made of the sample, by board column; of two rules the first counts."""
        found: dict[str, FormattedValue] = {}
        for rule, value in zip(rules_of(self.mapping, side), self.values[side], strict=False):
            found.setdefault(rule.column, value)
        return found


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
    """Return what is missing or unknown in the draft itself; the board need not be asked."""
    headers, lines = sources
    return (*check_sources(mapping, headers, lines), *_labels_missing(mapping))


def _labels_missing(mapping: MappingSet) -> Iterator[MappingFinding]:
    """Tell of rules that are half changed to use one label for all unknown ones: the file refuses those."""
    for side in SIDES:
        for index, rule in enumerate(rules_of(mapping, side)):
            if rule.on_unknown_label == "map" and not rule.unknown_label:
                yield MappingFinding(
                    side,
                    index,
                    Severity.ERROR,
                    "unknown_label_missing",
                    "No label is named for unknown ones",
                    "Choose the label under 'Label to use', or refuse unknown labels.",
                    ("unknown_label",),
                )


def all_findings(
    form: Sequence[MappingFinding], board: Sequence[MappingFinding], mapping: MappingSet
) -> tuple[MappingFinding, ...]:
    """Return both: those of the form are of this very moment, and count where the check says the same.

    What the board says to rules that have no board column yet is left out.
    """

    def counts(finding: MappingFinding) -> bool:
        rules = rules_of(mapping, finding.board)
        index = finding.index
        return index is None or (index < len(rules) and bool(rules[index].column))

    return (*form, *filter(counts, beside_form(board)))


def beside_form(findings: Iterable[MappingFinding]) -> tuple[MappingFinding, ...]:
    """Return the findings without the kinds that `form_findings` tells: for these a save is refused."""
    return tuple(each for each in findings if each.of_profile or each.code not in _OF_THE_FORM)


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


def with_places(
    findings: Iterable[MappingFinding],
    mapping: MappingSet,
    located: Iterable[MappingFinding],
    saved: MappingSet,
) -> tuple[MappingFinding, ...]:
    """Return the findings with the lines of the file where the saved mapping has the same ones.

    What `located` says of the profile beside its mapping comes on top.
    """
    located = tuple(located)
    places = {_identity(finding, saved): finding.place for finding in located}
    here = (
        replace(finding, place=places.get(_identity(finding, mapping), finding.place)) for finding in findings
    )
    return (*(finding for finding in located if finding.of_profile), *here)


def _identity(finding: MappingFinding, mapping: MappingSet) -> tuple[str, str, str, str]:
    rules = rules_of(mapping, finding.board)
    rule = rules[finding.index] if finding.index is not None and finding.index < len(rules) else None
    message = "" if rule else finding.message
    return (finding.board, finding.code, f"{rule.column}|{rule.origin}" if rule else "", message)
