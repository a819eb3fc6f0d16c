"""What another mapping would change about the orders that are pending. Pure."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from core.config.model import BeyondSubitemLimit, MappingSet
from core.mapping.findings import Finding
from core.monday.board import BoardSchema
from core.orders.model import LoadedOrders, RecordKind
from core.sync.plan import Operation, PlannedLine, PlannedOrder, Reference
from core.sync.planner import PlanOptions, planned_orders

_SAMPLES = 20
"""Of each kind of change."""
_SAMPLES_OF_COLUMN = 3
_NAME, _GROUP = "Name", "Group"


class ImpactKind(Enum):
    """What a changed mapping does to a record."""

    CHANGED = "changed"
    """It is sent in both cases, with other values."""
    BECOMES_INVALID = "becomes invalid"
    """It would be sent now, and would be refused."""
    BECOMES_VALID = "becomes valid"
    """It is refused now, and would be sent."""


@dataclass(frozen=True, slots=True)
class ImpactSample:
    """One value of one record, before and after."""

    kind: ImpactKind
    record: RecordKind
    key: str
    label: str
    """The record as an operator names it."""
    column: str
    """The board column's title, `Name` or `Group`."""
    before: str
    """What would be read in the cell now; for a refused value, why."""
    after: str


@dataclass(frozen=True, slots=True)
class ColumnImpact:
    """How many records get another value in one board column."""

    record: RecordKind
    column: str
    count: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What a changed mapping does to the pending orders and lines."""

    orders: int
    lines: int
    changed: int
    """Orders and lines that are sent in both cases, with other values."""
    becomes_invalid: int
    becomes_valid: int
    stays_invalid: int
    columns: tuple[ColumnImpact, ...]
    """Most changes first."""
    samples: tuple[ImpactSample, ...]
    """At most 20 of each kind, 3 for each column."""

    @property
    def unchanged(self) -> int:
        """Orders and lines that are sent in both cases with the same values."""
        different = self.changed + self.becomes_invalid + self.becomes_valid + self.stays_invalid
        return self.orders + self.lines - different

    @property
    def none(self) -> bool:
        """Whether no pending record is concerned."""
        return not (self.changed or self.becomes_invalid or self.becomes_valid)

    def __str__(self) -> str:
        """One sentence for a person who is about to save."""
        if self.none:
            return f"None of {self.orders:,} pending orders and {self.lines:,} lines changes"
        return (
            f"Of {self.orders:,} pending orders and {self.lines:,} lines, {self.changed:,} change, "
            f"{self.becomes_invalid:,} become invalid and {self.becomes_valid:,} become valid"
        )


def impact(
    before: MappingSet, after: MappingSet, schema: BoardSchema, portions: Iterable[LoadedOrders]
) -> Impact:
    """Plan every order with both mappings and compare. The orders hold the columns that both of them read."""
    tally = ImpactTally(before, after, schema)
    for portion in portions:
        tally.add(portion)
    return tally.result()


class ImpactTally:
    """Compares portion by portion; it keeps samples, never the records."""

    def __init__(
        self,
        before: MappingSet,
        after: MappingSet,
        schema: BoardSchema,
        *,
        subitem_limit: int = 100,
        beyond_subitem_limit: BeyondSubitemLimit = "refuse",
    ) -> None:
        self._before = PlanOptions(
            "", before, subitem_limit=subitem_limit, beyond_subitem_limit=beyond_subitem_limit
        )
        self._after = replace(self._before, mapping=after)
        self._schema = schema
        self._orders = self._lines = self._stays_invalid = 0
        self._kinds: Counter[ImpactKind] = Counter()
        self._columns: Counter[tuple[RecordKind, str]] = Counter()
        self._samples: dict[ImpactKind, list[ImpactSample]] = {kind: [] for kind in ImpactKind}
        self._sampled: Counter[tuple[ImpactKind, RecordKind, str]] = Counter()

    def add(self, loaded: LoadedOrders) -> None:
        """Compare a portion."""
        before = planned_orders(loaded, self._schema, self._before)
        after = planned_orders(loaded, self._schema, self._after)
        for (_, old), (_, new) in zip(before, after, strict=True):
            self._orders += 1
            self._compare(RecordKind.ORDER, old, new)
            for old_line, new_line in zip(old.lines, new.lines, strict=True):
                self._lines += 1
                self._compare(RecordKind.LINE, old_line, new_line)

    def result(self) -> Impact:
        """What was found so far."""
        return Impact(
            self._orders,
            self._lines,
            self._kinds[ImpactKind.CHANGED],
            self._kinds[ImpactKind.BECOMES_INVALID],
            self._kinds[ImpactKind.BECOMES_VALID],
            self._stays_invalid,
            tuple(
                ColumnImpact(record, column, count) for (record, column), count in self._columns.most_common()
            ),
            tuple(sample for kind in ImpactKind for sample in self._samples[kind]),
        )

    def _compare(
        self, record: RecordKind, old: PlannedOrder | PlannedLine, new: PlannedOrder | PlannedLine
    ) -> None:
        refused_before, refused_after = _refusals(old.findings), _refusals(new.findings)
        if refused_before and refused_after:
            self._stays_invalid += 1
        elif refused_after:
            self._kinds[ImpactKind.BECOMES_INVALID] += 1
            shown = _shown(old.operation)
            for finding in refused_after:
                column = finding.column_title
                self._sample(
                    ImpactKind.BECOMES_INVALID, record, new, column, shown.get(column, ""), finding.message
                )
        elif refused_before:
            self._kinds[ImpactKind.BECOMES_VALID] += 1
            shown = _shown(new.operation)
            for finding in refused_before:
                column = finding.column_title
                self._sample(
                    ImpactKind.BECOMES_VALID, record, new, column, finding.message, shown.get(column, "")
                )
        elif _arguments(old.operation) != _arguments(new.operation):
            self._kinds[ImpactKind.CHANGED] += 1
            for column, was, becomes in _differences(old.operation, new.operation):
                self._columns[record, column] += 1
                self._sample(ImpactKind.CHANGED, record, new, column, was, becomes)

    def _sample(
        self,
        kind: ImpactKind,
        record: RecordKind,
        planned: PlannedOrder | PlannedLine,
        column: str,
        before: str,
        after: str,
    ) -> None:
        found = self._samples[kind]
        if len(found) < _SAMPLES and self._sampled[kind, record, column] < _SAMPLES_OF_COLUMN:
            self._sampled[kind, record, column] += 1
            found.append(ImpactSample(kind, record, planned.key, planned.label, column, before, after))


def _refusals(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.blocks]


def _arguments(operation: Operation | None) -> Mapping[str, Any]:
    return operation.mutation.arguments if operation else {}


def _shown(operation: Operation | None) -> dict[str, str]:
    return {value.column_title: value.shown for value in operation.fields} if operation else {}


def _differences(old: Operation | None, new: Operation | None) -> Iterator[tuple[str, str, str]]:
    """(column title, before, after) of every cell that gets another value."""
    was, becomes = _arguments(old), _arguments(new)
    for title, key in ((_GROUP, "group_id"), (_NAME, "item_name")):
        if was.get(key) != becomes.get(key):
            yield title, _text(was.get(key)), _text(becomes.get(key))
    cells_before, cells_after = (json.loads(part.get("column_values") or "{}") for part in (was, becomes))
    titles = {value.column_id: value.column_title for op in (old, new) if op for value in op.fields}
    shown_before = {value.column_id: value.shown for value in old.fields} if old else {}
    shown_after = {value.column_id: value.shown for value in new.fields} if new else {}
    for column in dict.fromkeys((*cells_before, *cells_after)):
        if cells_before.get(column, _text) == cells_after.get(column, _text):
            continue
        if column == "name" and column not in titles:
            yield _NAME, _text(cells_before.get(column)), _text(cells_after.get(column))
        else:
            yield titles.get(column, column), shown_before.get(column, ""), shown_after.get(column, "")


def _text(value: Any) -> str:
    if isinstance(value, Reference):
        return value.key
    return "" if value is None else str(value)
