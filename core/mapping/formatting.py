"""A record's values as the board will get them, with a finding for each that it would refuse. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.config.model import ColumnMapping, MappingSet
from core.mapping.findings import Finding
from core.mapping.source_values import as_text, is_empty
from core.mapping.template import render, template_columns
from core.mapping.writers import NAME_LIMIT, RefusedValueError, writer_for
from core.monday.board import Board, Column
from core.orders.model import RecordKind

_TRANSFORMS: Mapping[str, Callable[[str], str]] = {
    "trim": str.strip,
    "upper": str.upper,
    "lower": str.lower,
    "title": str.title,
}


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


@dataclass(frozen=True, slots=True)
class FormattedRecord:
    """A record's name, its column values in rule order, and its findings."""

    name: str
    values: tuple[FormattedValue, ...]
    findings: tuple[Finding, ...]

    @property
    def column_values(self) -> dict[str, Any]:
        """Board column id -> JSON value, only the cells that are written."""
        return {value.column_id: value.json for value in self.values if value.written}

    @property
    def creates_labels(self) -> bool:
        """Whether a value would add a label to the board."""
        return any(value.creates_label is not None for value in self.values)

    @property
    def blocked(self) -> bool:
        """Whether a finding forbids sending the record."""
        return any(finding.blocks for finding in self.findings)


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

    Pure: it holds only the rules, the board's columns and the name template.
    """

    def __init__(
        self, kind: RecordKind, rules: Sequence[ColumnMapping], name_template: str, board: Board | None
    ) -> None:
        self._kind = kind
        self._name_template = name_template
        self._bound = [(rule, board.column(rule.column) if board else None) for rule in rules]

    def format(self, key: str, label: str, values: Mapping[str, Any]) -> FormattedRecord:
        """Apply the name template and every rule to one record."""
        formatted: list[FormattedValue] = []
        name, name_finding = self._name(key, label, values)
        findings = [name_finding] if name_finding else []
        for rule, column in self._bound:
            value = self._apply(rule, column, key, label, values)
            formatted.append(value)
            if value.finding:
                findings.append(value.finding)
        return FormattedRecord(name, tuple(formatted), tuple(findings))

    def _name(self, key: str, label: str, values: Mapping[str, Any]) -> tuple[str, Finding | None]:
        name = render(self._name_template, values)
        if 0 < len(name) <= NAME_LIMIT:
            return name, None
        board_word = "item" if self._kind is RecordKind.ORDER else "subitem"
        code, message, remedy = (
            (
                "name_too_long",
                f"The {board_word}'s name has {len(name)} characters, the board takes {NAME_LIMIT}",
                f"Shorten one of {', '.join(template_columns(self._name_template))}, then send again.",
            )
            if name
            else (
                "name_empty",
                f"The {board_word} would have no name",
                f"Fill one of {', '.join(template_columns(self._name_template))}, then send again.",
            )
        )
        return name, Finding(self._kind, key, label, code, message, remedy, self._name_template, "Name")

    def _apply(
        self, rule: ColumnMapping, column: Column | None, key: str, label: str, values: Mapping[str, Any]
    ) -> FormattedValue:
        raw = values.get(rule.source) if rule.source is not None else render(rule.origin, values)
        source_text = as_text(raw)

        def refused(code: str, message: str, remedy: str) -> FormattedValue:
            title = column.title if column else rule.column
            finding = Finding(self._kind, key, label, code, message, remedy, rule.origin, title)
            return FormattedValue(
                rule.origin, source_text, "", rule.column, title, rule.type, finding=finding
            )

        if column is None:
            return refused(
                "column_not_on_board",
                f"The board has no column '{rule.column}'",
                "Choose another board column in Mappings.",
            )
        value = self._transformed(rule, raw)
        if is_empty(value):
            if rule.required:
                return refused(
                    "required_value_missing",
                    f"{rule.origin} is empty, and {column.title} requires a value",
                    f"Fill {rule.origin}, then send again.",
                )
            clear = rule.on_empty == "clear" and column.type != "name"
            return FormattedValue(
                rule.origin, source_text, "", column.id, column.title, column.type, written=clear
            )
        write = writer_for(column.type)
        if write is None:
            return refused(
                "column_not_writable",
                f"{column.title} is a {column.type} column, which no program can write",
                "Choose another board column in Mappings.",
            )
        try:
            written = write(value, column, rule)
        except RefusedValueError as refusal:
            return refused(refusal.code, str(refusal), refusal.remedy)
        return FormattedValue(
            rule.origin,
            source_text,
            written.shown,
            column.id,
            column.title,
            column.type,
            written.json,
            written=True,
            creates_label=written.creates_label,
        )

    @staticmethod
    def _transformed(rule: ColumnMapping, raw: Any) -> Any:
        value = rule.default if is_empty(raw) and rule.default is not None else raw
        if rule.transforms and value is not None:
            text = as_text(value)
            for transform in rule.transforms:
                text = _TRANSFORMS[transform](text)
            return text
        return value
