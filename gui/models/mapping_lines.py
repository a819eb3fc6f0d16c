"""What the rules table shows: a line for each rule with its findings, and one for each free column."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QIcon

from core.config.model import ColumnMapping, MappingSet
from core.mapping.findings import Severity
from core.mapping.formatting import FormattedValue
from core.mapping.suggestions import Suggestion
from core.monday.board import Board
from core.workspace.mapping_findings import MappingFinding, Side
from gui.icons import icon
from gui.models.board_columns import ColumnChoice, column_words
from gui.models.mapping_draft import rules_of
from gui.models.mapping_findings import CheckedMapping
from gui.models.mapping_suggestions import suggestion_words
from gui.models.mapping_words import policy_words, transform_words

LEFT_AS_IT_IS, CLEARED, REFUSED = "left as it is", "cleared", "refused"


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """One thing wrong with a rule, or with what the sample order brings to it."""

    severity: Severity
    code: str
    message: str
    remedy: str
    where: str = ""
    """File and line of what is wrong, where it stands in the file so."""
    in_sample: bool = False
    """Only this order's value is wrong, not the rule."""

    @property
    def tone(self) -> str:
        """The tone of its icon and words."""
        return "error" if self.severity is Severity.ERROR else "warn"

    @property
    def picture(self) -> QIcon:
        """Its icon."""
        return icon("error" if self.severity is Severity.ERROR else "warning", self.tone)

    @property
    def words(self) -> str:
        """What is wrong, on one line."""
        return f"In this order: {self.message}" if self.in_sample else self.message

    @property
    def advice(self) -> str:
        """What is wrong, and what to do on a line of its own."""
        return "\n".join(part for part in (self.words, self.remedy, self.where) if part)


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule as the table shows it."""

    index: int
    """Its place in the mapping set, from 0."""
    rule: ColumnMapping
    sample: str
    becomes: str
    is_value: bool
    """Whether `becomes` is what the cell will hold; else it says what happens to the cell."""
    column_title: str
    column_type: str
    on_board: bool
    transform: str
    policy: str
    findings: tuple[RuleFinding, ...] = ()

    @property
    def source(self) -> str:
        """The source column or the template."""
        return self.rule.origin or "No source yet"

    def matches(self, text: str) -> bool:
        """Whether one of the row's words holds this text, whatever its case."""
        words = (self.rule.origin, self.rule.column, self.column_title, column_words(self.column_type))
        return any(
            text in word.casefold()
            for word in (*words, self.sample, self.transform, self.becomes, self.policy)
        )


@dataclass(frozen=True, slots=True)
class FreeLine:
    """One board column that no rule writes, as the table shows it."""

    choice: ColumnChoice
    suggested: Suggestion | None = None
    sample: str = ""
    """What the suggested source column holds in the sample order."""

    @property
    def source(self) -> str:
        """The suggested source column, or that there is none."""
        return self.suggested.source if self.suggested else "Not mapped"

    @property
    def why(self) -> str:
        """Why a source is suggested, or why no rule can write the column."""
        return suggestion_words(self.suggested) if self.suggested else self.choice.reason

    def matches(self, text: str) -> bool:
        """Whether one of the row's words holds this text, whatever its case."""
        choice = self.choice
        words = (choice.title, choice.id, column_words(choice.type), self.source, self.why, self.sample)
        return any(text in word.casefold() for word in words)


def rule_lines(
    side: Side,
    mapping: MappingSet,
    board: Board | None,
    checked: CheckedMapping | None,
    findings: Sequence[MappingFinding],
) -> tuple[RuleLine, ...]:
    """Return a line for each rule.

    Without a board a column goes by its id; without a check nothing is known of values.
    """
    by_rule: defaultdict[int | None, list[RuleFinding]] = defaultdict(list)
    for each in findings:
        if each.board == side:
            by_rule[each.index].append(rule_finding(each))
    values = checked.values_of(side) if checked else {}
    lines = []
    for index, rule in enumerate(rules_of(mapping, side)):
        value = values.get(rule.column) if rule.origin and rule.column else None
        column = board.column(rule.column) if board else None
        of_rule = tuple(by_rule[index])
        becomes, is_value = _becomes(value)
        lines.append(
            RuleLine(
                index,
                rule,
                value.source_text if value else "",
                becomes,
                is_value,
                (column.title if column else rule.column) or "No column yet",
                column.type if column else rule.type,
                column is not None or (board is None and bool(rule.column)),
                transform_words(rule),
                policy_words(rule),
                (*of_rule, *_sample_findings(value, {each.code for each in of_rule})),
            )
        )
    return tuple(lines)


def free_lines(
    choices: Sequence[ColumnChoice], suggested: Mapping[str, Suggestion], samples: Mapping[str, str]
) -> tuple[FreeLine, ...]:
    """Return a line for each column that no rule writes: those with a suggestion first, the best one on top.

    `suggested` goes by the column's id, `samples` by the source column's name.
    """
    lines = []
    for choice in choices:
        best = None if choice.reason else suggested.get(choice.id)
        lines.append(FreeLine(choice, best, samples.get(best.source, "") if best else ""))
    return tuple(sorted(lines, key=lambda line: -line.suggested.confidence if line.suggested else 1.0))


def rule_finding(finding: MappingFinding) -> RuleFinding:
    """Return a finding as the table and the form show it."""
    where = str(finding.place) if finding.place else ""
    return RuleFinding(finding.severity, finding.code, finding.message, finding.remedy, where)


def set_findings(side: Side, findings: Sequence[MappingFinding]) -> tuple[RuleFinding, ...]:
    """Return what is wrong with a side as a whole."""
    return tuple(rule_finding(each) for each in findings if each.board == side and each.index is None)


def _becomes(value: FormattedValue | None) -> tuple[str, bool]:
    if value is None:
        return "", True
    if value.finding is not None:
        return REFUSED, False
    if not value.written:
        return LEFT_AS_IT_IS, False
    if not value.shown:
        return CLEARED, False
    return (f"{value.shown} (new label)" if value.creates_label else value.shown), True


def _sample_findings(value: FormattedValue | None, known: set[str]) -> Iterator[RuleFinding]:
    finding = value.finding if value else None
    if finding is not None and finding.code not in known:
        yield RuleFinding(finding.severity, finding.code, finding.message, finding.remedy, in_sample=True)
