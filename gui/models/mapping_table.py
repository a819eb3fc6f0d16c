"""The rules of one side as a table, each with its findings below it, and the board columns without a rule."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from core.mapping.findings import Severity
from gui.icons import column_type_icon, icon
from gui.models.board_columns import column_words
from gui.models.mapping_lines import REFUSED, FreeLine, RuleFinding, RuleLine
from gui.models.row_changes import Removed, row_changes
from gui.models.source_columns import dragged_source
from gui.theme import current_tokens, section_font

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
Role = Qt.ItemDataRole


class Show(Enum):
    """Which rows the table shows."""

    ALL = "All"
    MAPPED = "Mapped"
    NOT_MAPPED = "Not mapped"
    PROBLEMS = "Problems"


@dataclass(frozen=True, slots=True)
class _Row:
    """A rule, a finding of the rule above it (or of the whole side), a free column or a heading."""

    key: str
    line: RuleLine | None = None
    finding: RuleFinding | None = None
    free: FreeLine | None = None
    heading: str = ""


@dataclass(frozen=True, slots=True)
class _Heading:
    """One of the six columns: its title, and what it says of a rule and of a column without one."""

    title: str
    text: Callable[[RuleLine], str]
    free_text: Callable[[FreeLine], str]


ACCEPT = "Accept"
_COLUMNS = (
    _Heading("Source", lambda line: line.source, lambda line: line.source),
    _Heading("Sample", lambda line: line.sample, lambda line: line.sample if line.suggested else line.why),
    _Heading("Transform", lambda line: line.transform, lambda line: line.why if line.suggested else ""),
    _Heading("Becomes", lambda line: line.becomes, lambda _line: ""),
    _Heading("Board column", lambda line: line.column_title, lambda line: line.choice.title),
    _Heading("Policy", lambda line: line.policy, lambda line: ACCEPT if line.suggested else ""),
)
SOURCE, SAMPLE, TRANSFORM, BECOMES, BOARD_COLUMN, POLICY = range(6)


class MappingTableModel(QAbstractTableModel):
    """Rules with their findings below them, free columns with their suggestions; searched and narrowed."""

    source_dropped = Signal(str, object)
    """A source column was dropped onto the `RuleLine` or the `FreeLine` of a row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[RuleLine, ...] = ()
        self._free: tuple[FreeLine, ...] = ()
        self._set_findings: tuple[RuleFinding, ...] = ()
        self._rows: list[_Row] = []
        self._text = ""
        self._show = Show.ALL
        self._pinned: int | None = None
        self._sort: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)

    @property
    def lines(self) -> Sequence[RuleLine]:
        """Every rule, in the mapping's order."""
        return self._lines

    @property
    def shown(self) -> int:
        """How many rules and free columns the filter shows."""
        rules = sum(row.line is not None and row.finding is None for row in self._rows)
        return rules + sum(row.free is not None for row in self._rows)

    @property
    def is_sorted(self) -> bool:
        """Whether the rules stand in another order than the mapping's."""
        return 0 <= self._sort[0] < len(_COLUMNS)

    def counts(self) -> dict[Show, int]:
        """Return how many rows each filter shows while nothing is searched."""
        problems = sum(bool(line.findings) for line in self._lines)
        mapped, free = len(self._lines), len(self._free)
        counted = (mapped + free, mapped, free, problems + len(self._set_findings))
        return dict(zip(Show, counted, strict=True))

    def set_lines(
        self,
        lines: Sequence[RuleLine],
        findings: Sequence[RuleFinding] = (),
        free: Sequence[FreeLine] = (),
    ) -> None:
        """Show these rules, above them what is wrong with the side as a whole, below them free columns."""
        new = tuple(lines), tuple(findings), tuple(free)
        if new != (self._lines, self._set_findings, self._free):
            self._lines, self._set_findings, self._free = new
            self._arrange()

    def set_filter(self, text: str, show: Show) -> None:
        """Show only the rows of this kind that hold the text."""
        self._text, self._show = text.strip().casefold(), show
        self._arrange()

    def pin(self, index: int | None) -> None:
        """Let the rule at this place stay where the filter would hide it: it is being edited."""
        self._pinned = index

    def line_at(self, row: int) -> RuleLine | None:
        """Return the rule of a row or of the finding there; None where there is none."""
        return self._rows[row].line if 0 <= row < len(self._rows) else None

    def free_at(self, row: int) -> FreeLine | None:
        """Return the free column of a row, or None."""
        return self._rows[row].free if 0 <= row < len(self._rows) else None

    def finding_at(self, row: int) -> RuleFinding | None:
        """Return the finding of a row, or None."""
        return self._rows[row].finding if 0 <= row < len(self._rows) else None

    def span_of(self, row: int) -> tuple[int, int]:
        """Return the first of the columns that a row has in one, and their number: 1 where each is its own.

        Findings and headings run across all; why a column is free has the room of what a rule makes.
        """
        each = self._rows[row]
        if each.free is not None:
            return (TRANSFORM, 2) if each.free.suggested else (SAMPLE, 3)
        return (0, len(_COLUMNS)) if each.finding is not None or each.heading else (0, 1)

    def row_of(self, index: int) -> int:
        """Return the row of a rule by its place in the mapping set, -1 where the filter hides it."""
        for row, each in enumerate(self._rows):
            if each.finding is None and each.line is not None and each.line.index == index:
                return row
        return -1

    def row_of_free(self, column_id: str) -> int:
        """Return the row of a free board column, -1 where it is not shown."""
        for row, each in enumerate(self._rows):
            if each.free is not None and each.free.choice.id == column_id:
                return row
        return -1

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, findings stay below their rules; -1 gives the mapping's order back."""
        self._sort = (column, order)
        self._arrange()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of rows shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return 6."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let a heading be passed over, and let a source be dropped where it can be mapped."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        row = self._rows[index.row()]
        if row.heading:
            return Qt.ItemFlag.ItemNeverHasChildren
        flags = super().flags(index)
        takes = row.line is not None or (row.free is not None and not row.free.choice.reason)
        return flags | Qt.ItemFlag.ItemIsDropEnabled if takes else flags

    def supportedDropActions(self) -> Qt.DropAction:
        """Take a source column as a copy: the list keeps it."""
        return Qt.DropAction.CopyAction

    def mimeTypes(self) -> list[str]:
        """Return the type under which the list of source columns drags."""
        return [dragged_source.MIME_TYPE]

    def canDropMimeData(
        self, data: QMimeData, _action: Qt.DropAction, _row: int, _column: int, parent: Index
    ) -> bool:
        """Whether a source column may be dropped here: onto a rule, or onto a column that can be written."""
        is_source = bool(dragged_source.name_in(data))
        return is_source and parent.isValid() and bool(self.flags(parent) & Qt.ItemFlag.ItemIsDropEnabled)

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Report what was dropped where. False for the view: no row of its own comes or goes."""
        if self.canDropMimeData(data, action, row, column, parent):
            onto = self._rows[parent.row()]
            self.source_dropped.emit(dragged_source.name_in(data), onto.line or onto.free)
        return False

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Return what a cell answers for a role."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        if row.heading:
            return _heading_data(row.heading, column, role)
        if row.finding is not None:
            return _finding_data(row.finding, column, role)
        if row.free is not None:
            return _free_data(row.free, column, role)
        return _line_data(row.line, column, role) if row.line else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Return a heading."""
        if orientation is Qt.Orientation.Horizontal and role == Role.DisplayRole:
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
        before, self._rows = self._rows, [by_key[row.key] for row in self._rows]
        changed = [row for row, (old, now) in enumerate(zip(before, self._rows, strict=True)) if old != now]
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(_COLUMNS) - 1))

    def _wanted_rows(self) -> Iterator[_Row]:
        if self._show is not Show.NOT_MAPPED:
            yield from self._rule_rows()
        free = [line for line in self._free if line.matches(self._text)]
        if free and self._show in {Show.ALL, Show.NOT_MAPPED}:
            writable = sum(not line.choice.reason for line in self._free)
            yield _Row("free", heading=f"Board columns without a rule: {writable} can be written")
            for line in self._sorted(free, lambda heading: heading.free_text):
                yield _Row(f"free {line.choice.id}", free=line)

    def _rule_rows(self) -> Iterator[_Row]:
        for number, finding in enumerate(self._set_findings):
            yield _Row(f"set {finding.code} {number}", finding=finding)
        met: dict[str, int] = {}
        names = []
        for line in self._lines:  # a column that two rules write gives two names
            met[line.rule.column] = met.get(line.rule.column, 0) + 1
            names.append(f"{line.rule.column} {met[line.rule.column]}")
        wanted = [line for line in self._lines if self._is_wanted(line)]
        for line in self._sorted(wanted, lambda heading: heading.text):
            name = names[line.index]
            yield _Row(name, line)
            for number, finding in enumerate(line.findings):
                yield _Row(f"{name} {finding.code} {number}", line, finding)

    def _is_wanted(self, line: RuleLine) -> bool:
        wanted = (self._show is not Show.PROBLEMS or bool(line.findings)) and line.matches(self._text)
        return wanted or line.index == self._pinned

    def _sorted(self, lines: list[Any], text_of: Callable[[_Heading], Callable[[Any], str]]) -> list[Any]:
        column, order = self._sort
        if not self.is_sorted:
            return lines
        text = text_of(_COLUMNS[column])
        descending = order is Qt.SortOrder.DescendingOrder
        return sorted(lines, key=lambda line: text(line).casefold(), reverse=descending)


def _heading_data(words: str, column: int, role: int) -> Any:
    if column != 0:
        return None
    match role:
        case Role.DisplayRole | Role.AccessibleTextRole:
            return words
        case Role.FontRole:
            return section_font()
        case Role.ForegroundRole:
            return current_tokens().color("muted")
        case _:
            return None


def _finding_data(finding: RuleFinding, column: int, role: int) -> Any:
    answer: Any = None
    match role:
        case _ if column != 0:
            pass
        case Role.DisplayRole:
            answer = finding.words
        case Role.ToolTipRole:
            answer = finding.advice
        case Role.DecorationRole:
            answer = finding.picture
        case Role.ForegroundRole:
            answer = current_tokens().color(finding.tone)
        case Role.AccessibleTextRole:
            answer = f"{finding.severity.value.capitalize()}: {finding.words}. {finding.remedy}"
        case _:
            pass
    return answer


def _line_data(line: RuleLine, column: int, role: int) -> Any:
    match role:
        case Role.DisplayRole:
            return _COLUMNS[column].text(line)
        case Role.ToolTipRole if column == BOARD_COLUMN:
            return f"{line.column_title} ({column_words(line.column_type)}, {line.rule.column})"
        case Role.ToolTipRole:
            return _COLUMNS[column].text(line)
        case Role.DecorationRole if column == BOARD_COLUMN:
            return column_type_icon(line.column_type)
        case Role.ForegroundRole:
            return _line_color(line, column)
        case _:
            return None


def _line_color(line: RuleLine, column: int) -> Any:
    tokens = current_tokens()
    if column == BECOMES and not line.is_value:
        refused = any(finding.severity is Severity.ERROR for finding in line.findings)
        return tokens.color("error" if refused and line.becomes == REFUSED else "muted")
    if (column == BOARD_COLUMN and not line.on_board) or (column == SOURCE and not line.rule.origin):
        return tokens.color("error")
    return tokens.color("muted") if column in {SAMPLE, TRANSFORM} else None


def _free_data(line: FreeLine, column: int, role: int) -> Any:
    choice = line.choice
    answer: Any = None
    match role:
        case Role.DisplayRole:
            answer = _COLUMNS[column].free_text(line)
        case Role.ToolTipRole if column == POLICY:
            answer = f"Map {line.source} to {choice.title} (Enter)" if line.suggested else None
        case Role.ToolTipRole:
            words = f"{choice.title} ({column_words(choice.type)}, {choice.id})"
            answer = f"{words}\n{line.why}" if line.why else words
        case Role.DecorationRole if column == BOARD_COLUMN:
            answer = column_type_icon(choice.type)
        case Role.DecorationRole if column == POLICY and line.suggested:
            answer = icon("check", "accent")
        case Role.ForegroundRole if column == POLICY:
            answer = current_tokens().color("accent")
        case Role.ForegroundRole if column != BOARD_COLUMN or choice.reason:
            answer = current_tokens().color("muted")
        case _:
            pass
    return answer
