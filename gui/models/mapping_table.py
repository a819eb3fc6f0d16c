"""The rules of one side as a table, each with its findings in the rows below it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from core.config.model import ColumnMapping, MappingSet
from core.mapping.findings import Severity
from core.mapping.formatting import FormattedValue
from core.monday.board import Board
from core.workspace.mapping import MappingFinding, Side
from gui.icons import column_type_icon, icon
from gui.models.mapping_draft import rules_of
from gui.models.mapping_findings import CheckedMapping
from gui.models.mapping_words import policy_words
from gui.models.row_changes import Removed, row_changes
from gui.theme import current_tokens

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()

LEFT_AS_IT_IS, CLEARED, REFUSED = "left as it is", "cleared", "refused"


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """One thing wrong with a rule, or with what the sample order brings to it."""

    severity: Severity
    code: str
    message: str
    remedy: str
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
        """One line: what is wrong, and what to do."""
        where = "In this order: " if self.in_sample else ""
        return f"{where}{self.message}. {self.remedy}"


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
    policy: str
    findings: tuple[RuleFinding, ...] = ()

    @property
    def source(self) -> str:
        """The source column or the template."""
        return self.rule.origin or "No source yet"

    def matches(self, text: str) -> bool:
        """Whether one of the row's words holds this text, whatever its case."""
        words = (self.rule.origin, self.rule.column, self.column_title, self.column_type, self.policy)
        return any(text in word.casefold() for word in (*words, self.sample, self.becomes))


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
    lines = []
    for index, rule in enumerate(rules_of(mapping, side)):
        value = checked.value_of(side, rule) if checked and rule.origin and rule.column else None
        column = board.column(rule.column) if board else None
        of_rule = tuple(
            RuleFinding(each.severity, each.code, each.message, each.remedy)
            for each in findings
            if each.board == side and each.index == index
        )
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
                policy_words(rule),
                (*of_rule, *_sample_findings(value, {each.code for each in of_rule})),
            )
        )
    return tuple(lines)


def set_findings(side: Side, findings: Sequence[MappingFinding]) -> tuple[RuleFinding, ...]:
    """Return what is wrong with a side as a whole."""
    return tuple(
        RuleFinding(each.severity, each.code, each.message, each.remedy)
        for each in findings
        if each.board == side and each.index is None
    )


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


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table: a rule, or a finding of the rule above it (of the whole side where none is)."""

    key: str
    line: RuleLine | None
    finding: RuleFinding | None = None


@dataclass(frozen=True, slots=True)
class _Heading:
    """One of the five columns."""

    title: str
    text: Callable[[RuleLine], str]


_COLUMNS = (
    _Heading("Source", lambda line: line.source),
    _Heading("Sample", lambda line: line.sample),
    _Heading("Becomes", lambda line: line.becomes),
    _Heading("Board column", lambda line: line.column_title),
    _Heading("Policy", lambda line: line.policy),
)
_SOURCE, _SAMPLE, _BECOMES, _BOARD_COLUMN = range(4)


class MappingTableModel(QAbstractTableModel):
    """Rules with their findings below them; searched, and narrowed to those with findings."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[RuleLine, ...] = ()
        self._set_findings: tuple[RuleFinding, ...] = ()
        self._rows: list[_Row] = []
        self._text = ""
        self._problems_only = False
        self._sort: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)

    @property
    def lines(self) -> Sequence[RuleLine]:
        """Every rule, in the mapping's order."""
        return self._lines

    @property
    def shown(self) -> int:
        """How many rules the filter shows."""
        return sum(row.line is not None and row.finding is None for row in self._rows)

    def set_lines(self, lines: Sequence[RuleLine], findings: Sequence[RuleFinding] = ()) -> None:
        """Show these rules, and above them what is wrong with the side as a whole."""
        self._lines, self._set_findings = tuple(lines), tuple(findings)
        self._arrange()

    def set_filter(self, text: str, *, problems_only: bool) -> None:
        """Show only the rules that hold the text; with `problems_only` only those with findings."""
        self._text, self._problems_only = text.strip().casefold(), problems_only
        self._arrange()

    def line_at(self, row: int) -> RuleLine | None:
        """Return the rule of a row or of the finding there; None where the whole side is meant."""
        return self._rows[row].line if 0 <= row < len(self._rows) else None

    def is_finding(self, row: int) -> bool:
        """Whether a row tells a finding, across all columns."""
        return 0 <= row < len(self._rows) and self._rows[row].finding is not None

    def row_of(self, index: int) -> int:
        """Return the row of a rule by its place in the mapping set, -1 where the filter hides it."""
        for row, each in enumerate(self._rows):
            if each.finding is None and each.line is not None and each.line.index == index:
                return row
        return -1

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort the rules by a column, findings stay below theirs; -1 gives the mapping's order back."""
        self._sort = (column, order)
        self._arrange()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of rules and findings shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return 5."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell answers for a role."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if row.finding is not None:
            return _finding_data(row.finding, index.column(), role)
        return _line_data(row.line, index.column(), role) if row.line else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a heading."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section].title if 0 <= section < len(_COLUMNS) else None
        return None

    def _arrange(self) -> None:
        """Turn the rows shown into those wanted, so that selection and scroll place stay."""
        new = list(self._wanted_rows())
        by_key = {row.key: row for row in new}
        keys = [row.key for row in new]
        for change in list(row_changes([row.key for row in self._rows], keys)):
            if isinstance(change, Removed):
                self.beginRemoveRows(_ROOT, change.first, change.last)
                del self._rows[change.first : change.last + 1]
                self.endRemoveRows()
            else:
                self.beginInsertRows(_ROOT, change.first, change.last)
                self._rows[change.first : change.first] = new[change.first : change.last + 1]
                self.endInsertRows()
        self._rows = [by_key[row.key] for row in self._rows]
        if new:
            self.dataChanged.emit(self.index(0, 0), self.index(len(new) - 1, len(_COLUMNS) - 1))

    def _wanted_rows(self) -> Iterator[_Row]:
        for number, finding in enumerate(self._set_findings):
            yield _Row(f"set {finding.code} {number}", None, finding)
        met: dict[str, int] = {}
        names = []
        for line in self._lines:  # a column that two rules write gives two names
            met[line.rule.column] = met.get(line.rule.column, 0) + 1
            names.append(f"{line.rule.column} {met[line.rule.column]}")
        for line in self._sorted([line for line in self._lines if self._is_wanted(line)]):
            name = names[line.index]
            yield _Row(name, line)
            for number, finding in enumerate(line.findings):
                yield _Row(f"{name} {finding.code} {number}", line, finding)

    def _is_wanted(self, line: RuleLine) -> bool:
        return (not self._problems_only or bool(line.findings)) and line.matches(self._text)

    def _sorted(self, lines: list[RuleLine]) -> list[RuleLine]:
        column, order = self._sort
        if not 0 <= column < len(_COLUMNS):
            return lines
        text = _COLUMNS[column].text
        descending = order is Qt.SortOrder.DescendingOrder
        return sorted(lines, key=lambda line: text(line).casefold(), reverse=descending)


def _finding_data(finding: RuleFinding, column: int, role: int) -> Any:
    if column != 0:
        return None
    match role:
        case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
            return finding.words
        case Qt.ItemDataRole.DecorationRole:
            return finding.picture
        case Qt.ItemDataRole.ForegroundRole:
            return current_tokens().color(finding.tone)
        case Qt.ItemDataRole.AccessibleTextRole:
            return f"{finding.severity.value.capitalize()}: {finding.words}"
        case _:
            return None


def _line_data(line: RuleLine, column: int, role: int) -> Any:
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[column].text(line)
        case Qt.ItemDataRole.ToolTipRole if column == _BOARD_COLUMN:
            return f"{line.column_title} ({line.column_type}, {line.rule.column})"
        case Qt.ItemDataRole.ToolTipRole:
            return _COLUMNS[column].text(line)
        case Qt.ItemDataRole.DecorationRole if column == _BOARD_COLUMN:
            return column_type_icon(line.column_type)
        case Qt.ItemDataRole.ForegroundRole:
            return _line_color(line, column)
        case _:
            return None


def _line_color(line: RuleLine, column: int) -> Any:
    tokens = current_tokens()
    if column == _BECOMES and not line.is_value:
        refused = any(finding.severity is Severity.ERROR for finding in line.findings)
        return tokens.color("error" if refused and line.becomes == REFUSED else "muted")
    if (column == _BOARD_COLUMN and not line.on_board) or (column == _SOURCE and not line.rule.origin):
        return tokens.color("error")
    return tokens.color("muted") if column == _SAMPLE else None
