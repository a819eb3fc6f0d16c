"""A record's values as the board will get them, with a finding for each that it would refuse. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.config.model import ColumnMapping, MappingSet
from core.config.template_syntax import template_fault
from core.mapping.bound_rule import DISTINCT, BoundRule, Cell, Refusal
from core.mapping.findings import Finding
from core.mapping.source_values import as_text
from core.mapping.template import Template, template_columns
from core.mapping.transforms import Lookups
from core.mapping.writers import NAME_LIMIT, is_sendable
from core.monday.board import Board
from core.orders.model import RecordKind

_NAME = -1
"""The place of a finding about the record's name, before those of the rules."""


@dataclass(frozen=True, slots=True)
class FormattedValue:
    """One rule applied to one record: a row of the preview's Fields table."""

    origin: str
    """Source column or template."""
    source_text: str
    """The source value as text."""
    shown: str
    """What a person will read in the cell; empty when nothing is written."""
    column_id: str
    column_title: str
    column_type: str
    json: Any = None
    """The value inside `column_values`; meaningful only when `written`."""
    written: bool = False
    """False: the rule leaves this cell alone (empty source), or the value was refused."""
    creates_label: str | None = None
    finding: Finding | None = None


class FormattedRecord:
    """A record's name, its column values in rule order, and its findings."""

    __slots__ = (
        "_cells",
        "_found",
        "_rules",
        "_source",
        "column_values",
        "creates_labels",
        "findings",
        "name",
    )

    def __init__(
        self,
        name: str,
        rules: Sequence[BoundRule],
        cells: Sequence[Cell],
        source: Mapping[str, Any],
        column_values: dict[str, Any],
        findings: Mapping[int, Finding],
        *,
        creates_labels: bool,
    ) -> None:
        self.name = name
        self.column_values = column_values
        """Board column id -> JSON value, only the cells that are written. Do not change the values: equal
        cells of other records are the same objects."""
        self.findings = tuple(findings.values())
        self.creates_labels = creates_labels
        """Whether a value would add a label to the board."""
        self._rules = rules
        self._cells = cells
        self._source = source
        self._found = findings

    @property
    def values(self) -> tuple[FormattedValue, ...]:
        """Every rule with what it made of the record; put together when it is asked for."""
        pairs = enumerate(zip(self._rules, self._cells, strict=True))
        return tuple(self._value(place, rule, cell) for place, (rule, cell) in pairs)

    def _value(self, place: int, rule: BoundRule, cell: Cell) -> FormattedValue:
        return FormattedValue(
            rule.rule.origin,
            as_text(rule.raw(self._source)),
            cell.shown,
            rule.rule.column,
            rule.title,
            rule.column.type if rule.column else rule.rule.type,
            cell.json,
            cell.written,
            cell.creates_label,
            self._found.get(place),
        )

    def renamed(self, name: str, column_id: str, text: str) -> "FormattedRecord":
        """The same record under another name, with another text in one of its text columns."""
        cells = [
            cell._replace(json=text, shown=text) if rule.rule.column == column_id else cell
            for rule, cell in zip(self._rules, self._cells, strict=True)
        ]
        return FormattedRecord(
            name,
            self._rules,
            cells,
            self._source,
            {**self.column_values, column_id: text},
            self._found,
            creates_labels=self.creates_labels,
        )

    @property
    def blocked(self) -> bool:
        """Whether a finding forbids sending the record."""
        return bool(self.findings) and any(finding.blocks for finding in self.findings)


def mapped_columns(mapping: MappingSet) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The source columns that a mapping set reads: of the headers table, of the lines table."""

    def sources(rules: Sequence[ColumnMapping], *templates: str) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for template in templates:
            names.update(dict.fromkeys(template_columns(template)))
        for rule in rules:
            names.update(dict.fromkeys((rule.source,) if rule.source else template_columns(rule.origin)))
        return tuple(names)

    return (
        sources(mapping.items, mapping.group_name, mapping.item_name),
        sources(mapping.subitems, mapping.subitem_name),
    )


class RecordFormatter:
    """Formats the records of one kind for one board: all rules bound to their columns once.

    Pure: it holds only the rules, the board's columns and the name template. `lookups` are the lookup tables
    of the mapping set that the rules belong to.
    """

    def __init__(
        self,
        kind: RecordKind,
        rules: Sequence[ColumnMapping],
        name_template: str,
        board: Board | None,
        lookups: Lookups | None = None,
    ) -> None:
        self._kind = kind
        self._name_template = name_template
        self._name_parts = Template(name_template)
        self._name_fault = template_fault(name_template)
        self._rules = tuple(
            BoundRule(rule, board.column(rule.column) if board else None, lookups or {}) for rule in rules
        )
        self._bound = tuple((rule.source, rule.known.get, rule.rule.column, rule) for rule in self._rules)

    @classmethod
    def of_items(cls, mapping: MappingSet, board: Board | None) -> "RecordFormatter":
        """The formatter of a mapping set's orders."""
        return cls(RecordKind.ORDER, mapping.items, mapping.item_name, board, mapping.lookups)

    @classmethod
    def of_subitems(cls, mapping: MappingSet, board: Board | None) -> "RecordFormatter":
        """The formatter of a mapping set's order lines."""
        return cls(RecordKind.LINE, mapping.subitems, mapping.subitem_name, board, mapping.lookups)

    def format(self, key: str, label: str, values: Mapping[str, Any]) -> FormattedRecord:
        """Apply the name template and every rule to one record."""
        # Every value of every order comes by here: a run of 10,000 orders passes half a million times.
        name = self._name_parts.text(values)
        findings: dict[int, Finding] = {}
        if not 0 < len(name) <= NAME_LIMIT or self._name_fault or not is_sendable(name):
            findings[_NAME] = self._name_finding(key, label, name)
            name = name.encode(errors="replace").decode()  # previews and reports carry it
        cells: list[Cell] = []
        column_values: dict[str, Any] = {}
        creates_labels = False
        get, distinct = values.get, DISTINCT
        for source, known, column_id, rule in self._bound:
            raw = get(source) if source is not None else rule.raw(values)
            try:
                cell = known(raw if raw.__class__ in distinct else (raw.__class__, raw))
            except TypeError:  # an unhashable value is not remembered
                cell = None
            if cell is None:
                cell = rule.cell(raw)
            cells.append(cell)
            if cell.written:
                column_values[column_id] = cell.json
                if cell.creates_label is not None:
                    creates_labels = True
            elif cell.refusal is not None:
                findings[len(cells) - 1] = self._finding(key, label, rule, cell.refusal)
        return FormattedRecord(
            name, self._rules, cells, values, column_values, findings, creates_labels=creates_labels
        )

    def _finding(self, key: str, label: str, rule: BoundRule, refusal: Refusal) -> Finding:
        return Finding(
            self._kind,
            key,
            label,
            refusal.code,
            refusal.message,
            refusal.remedy,
            rule.rule.origin,
            rule.title,
        )

    def _name_finding(self, key: str, label: str, name: str) -> Finding:
        board_word = "item" if self._kind is RecordKind.ORDER else "subitem"
        columns = ", ".join(dict.fromkeys(self._name_parts.columns))
        if self._name_fault:
            code = "template_malformed"
            message = f"The template of the {board_word}'s name is malformed: {self._name_fault}"
            remedy = "Correct the template in Mappings."
        elif not is_sendable(name):
            code = "broken_character"
            message = f"The {board_word}'s name holds half of a character, which no request can carry"
            remedy = f"Type {columns} again in the source, then send again."
        elif name:
            code = "name_too_long"
            message = f"The {board_word}'s name has {len(name)} characters, the board takes {NAME_LIMIT}"
            remedy = f"Shorten one of {columns}, then send again."
        else:
            code, message = "name_empty", f"The {board_word} would have no name"
            remedy = f"Fill one of {columns}, then send again."
        return Finding(self._kind, key, label, code, message, remedy, self._name_template, "Name")
