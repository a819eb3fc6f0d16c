"""One rule bound to its board column: writer, steps and template are prepared once, for all records."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from core.config.model import ColumnMapping
from core.config.template_syntax import template_fault
from core.mapping.source_values import is_empty
from core.mapping.template import Template
from core.mapping.transforms import Lookups, compile_transforms, text_writer
from core.mapping.writers import RefusedValueError, clears, read_only_reason, writer_for
from core.monday.board import Column

DISTINCT = frozenset({str, type(None), date, datetime})
"""Types whose values are keys by themselves. Others come with their type: 1, True and 1.0 are equal, but
three different texts."""
_KNOWN_LIMIT = 1024
"""Values remembered per rule. Seasons and labels repeat; of keys and notes no more are kept than this."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a value is not sent."""

    code: str
    message: str
    remedy: str


class Cell(NamedTuple):
    """What a rule makes of one value. Shared by all records with that value: never change its `json`."""

    json: Any = None
    """The value inside `column_values`; meaningful only when `written`."""
    shown: str = ""
    written: bool = False
    creates_label: str | None = None
    refusal: Refusal | None = None


class BoundRule:
    """A rule and its column. Pure, but for remembering what it made of the values it has seen."""

    __slots__ = (
        "_apply",
        "_empty",
        "_usable",
        "_write",
        "_writer",
        "column",
        "known",
        "rule",
        "source",
        "template",
    )

    def __init__(self, rule: ColumnMapping, column: Column | None, lookups: Lookups) -> None:
        self.rule = rule
        self.column = column
        self.source = rule.source
        self.template = Template(rule.origin)
        """Read where `source` is None."""
        self.known: dict[Any, Cell] = {}
        """Cells by the value they were made of, as `DISTINCT` says."""
        self._writer = writer_for(column.type) if column else None
        self._write = text_writer(rule)
        self._apply = compile_transforms(rule, lookups)
        fault = self._fault()
        self._usable = fault is None
        self._empty = fault or self._empty_cell()

    @property
    def title(self) -> str:
        """The board column's title; its id where the board does not have it."""
        return self.column.title if self.column else self.rule.column

    def raw(self, values: Mapping[str, Any]) -> Any:
        """The source value of a record, before any step."""
        return (
            values.get(self.source) if self.source is not None else self.template.value(values, self._write)
        )

    def cell(self, raw: Any) -> Cell:
        """The cell for a source value."""
        try:
            made = self._cell(raw)
        except RefusedValueError as refusal:
            made = Cell(refusal=Refusal(refusal.code, str(refusal), refusal.remedy))
        # Equal moments of two zones are two texts, so they are not remembered.
        if len(self.known) >= _KNOWN_LIMIT or (isinstance(raw, datetime) and raw.tzinfo):
            return made
        try:
            self.known[raw if raw.__class__ in DISTINCT else (raw.__class__, raw)] = made
        except TypeError:
            return made  # an unhashable value is not remembered
        return made

    def _cell(self, raw: Any) -> Cell:
        rule, column = self.rule, self.column
        if column is None or not self._usable:
            return self._empty
        value = raw
        if rule.default is not None and is_empty(raw):
            value = rule.default
        if self._apply is not None:
            value = self._apply(value)
        if is_empty(value):
            return self._empty
        if self._writer is None:
            return _refused(
                "column_not_writable",
                f"{column.title} cannot be written. {read_only_reason(column.type)}",
                "Choose another board column in Mappings.",
            )
        written = self._writer(value, column, rule)
        return Cell(written.json, written.shown, True, written.creates_label)

    def _fault(self) -> Cell | None:
        """The refusal of every value, where the rule itself is wrong."""
        rule, column = self.rule, self.column
        if column is None:
            return _refused(
                "column_not_on_board",
                f"The board has no column '{rule.column}'",
                "Choose another board column in Mappings.",
            )
        if column.archived:
            return _refused(
                "column_archived",
                f"{column.title} is archived on the board, so it takes no values",
                "Restore the column on the board, or choose another one in Mappings.",
            )
        if rule.template is not None and (fault := template_fault(rule.template)):
            return _refused(
                "template_malformed",
                f"The template of {column.title} is malformed: {fault}",
                "Correct the template in Mappings.",
            )
        return None

    def _empty_cell(self) -> Cell:
        rule = self.rule
        if rule.required:
            return _refused(
                "required_value_missing",
                f"{rule.origin} is empty, and {self.title} requires a value",
                f"Fill {rule.origin}, then send again.",
            )
        return Cell(written=rule.on_empty == "clear" and self.column is not None and clears(self.column.type))


def _refused(code: str, message: str, remedy: str) -> Cell:
    return Cell(refusal=Refusal(code, message, remedy))
