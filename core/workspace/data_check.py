"""Every value of the selected orders that the board would refuse, before anything is sent. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.mapping.findings import Finding, Severity
from core.monday.board import BoardSchema
from core.orders.model import LoadedOrders, RecordKind
from core.sync.plan import PlannedOrder
from core.sync.planner import PlanOptions, orphan_findings, planned_orders
from core.sync.room import Room

_SAMPLES = 5
_LABELS_KEPT = 500
"""New labels that are remembered for each column; a dropdown can have no more."""


def counted(count: int, noun: str) -> str:
    """A count and its noun: 1 order, 2 orders."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class DataSample:
    """One record with a finding."""

    kind: RecordKind
    key: str
    label: str
    message: str


@dataclass(frozen=True, slots=True)
class DataFinding:
    """One rule of the check with all records that break it at one source column."""

    kind: RecordKind
    code: str
    severity: Severity
    source: str
    """The source column or template; empty when records as a whole are meant."""
    column_title: str
    remedy: str
    count: int
    samples: tuple[DataSample, ...]
    """At most 5, with different messages where there are any."""

    @property
    def records(self) -> str:
        """How many break it, as in "2 lines"."""
        return counted(self.count, self.kind.value)


@dataclass(frozen=True, slots=True)
class NewLabels:
    """Labels that a run would create in one column, since its rule says so."""

    column_title: str
    count: int
    """Different labels; at most 500 are counted."""
    samples: tuple[str, ...]

    @property
    def words(self) -> str:
        """As in "2 labels would be created"."""
        return f"{counted(self.count, 'label')} would be created"


@dataclass(frozen=True, slots=True)
class DataCheck:
    """What the board would say to the selected orders."""

    orders: int
    lines: int
    refused_orders: int
    refused_lines: int
    """Lines with a finding of their own, those without a header included."""
    held_back_lines: int
    """Lines that are fine but wait for an order that is refused."""
    findings: tuple[DataFinding, ...]
    """Most frequent first."""
    new_labels: tuple[NewLabels, ...]

    @property
    def ok(self) -> bool:
        """Whether every record can be sent."""
        return not self.refused

    @property
    def refused(self) -> int:
        """Orders and lines that cannot be sent."""
        return self.refused_orders + self.refused_lines

    @property
    def words(self) -> str:
        """As in "3 orders and 40 lines looked at, 1 line would be refused"."""
        looked_at = f"{counted(self.orders, 'order')} and {counted(self.lines, 'line')} looked at"
        counts = ((self.refused_orders, "order"), (self.refused_lines, "line"))
        refused = " and ".join(counted(count, noun) for count, noun in counts if count)
        return f"{looked_at}, {refused or 'none'} would be refused"


@dataclass(slots=True)
class _Group:
    first: Finding
    count: int = 0
    samples: list[DataSample] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        self.count += 1
        messages = [sample.message for sample in self.samples]
        sample = DataSample(finding.kind, finding.key, finding.label, finding.message)
        if len(self.samples) < _SAMPLES:
            self.samples.append(sample)
        elif finding.message not in messages and len(set(messages)) < _SAMPLES:
            repeated = next(i for i in reversed(range(_SAMPLES)) if messages.count(messages[i]) > 1)
            self.samples[repeated] = sample


class DataTally:
    """Counts findings portion by portion; it keeps samples, never the records."""

    def __init__(self, schema: BoardSchema, options: PlanOptions) -> None:
        self._schema = schema
        self._options = options
        self._room = Room(schema)
        self._groups: dict[tuple[RecordKind, str, str, str], _Group] = {}
        self._labels: dict[str, dict[str, None]] = {}
        self._orders = self._lines = 0
        self._refused_orders = self._refused_lines = self._held_back = 0

    def add(self, loaded: LoadedOrders) -> None:
        """Look at a portion."""
        for _, planned in planned_orders(loaded, self._schema, self._options, self._room):
            self._orders += 1
            self._lines += len(planned.lines)
            self._count(planned.findings)
            self._refused_orders += planned.blocked
            for line in planned.lines:
                self._count(line.findings)
                refused = any(finding.blocks for finding in line.findings)
                self._refused_lines += refused
                self._held_back += planned.blocked and not refused
            if not planned.blocked:
                self._new_labels(planned)
        self._lines += len(loaded.orphans)
        self._refused_lines += len(loaded.orphans)
        self._count(tuple(orphan_findings(loaded.orphans)))

    def result(self) -> DataCheck:
        """What was found so far."""
        groups = sorted(self._groups.values(), key=lambda group: -group.count)
        return DataCheck(
            self._orders,
            self._lines,
            self._refused_orders,
            self._refused_lines,
            self._held_back,
            tuple(
                DataFinding(
                    group.first.kind,
                    group.first.code,
                    group.first.severity,
                    group.first.source,
                    group.first.column_title,
                    group.first.remedy,
                    group.count,
                    tuple(group.samples),
                )
                for group in groups
            ),
            tuple(
                NewLabels(title, len(labels), tuple(labels)[:_SAMPLES])
                for title, labels in self._labels.items()
            ),
        )

    def _count(self, findings: Sequence[Finding]) -> None:
        for finding in findings:
            rule = (finding.kind, finding.code, finding.source, finding.column_title)
            self._groups.setdefault(rule, _Group(finding)).add(finding)

    def _new_labels(self, planned: PlannedOrder) -> None:
        operations = (planned.operation, *(line.operation for line in planned.lines))
        for operation in operations:
            # Putting the fields together costs more than the rest, and few records create a label.
            if operation is None or "create_labels_if_missing" not in operation.mutation.arguments:
                continue
            for value in operation.fields:
                if value.creates_label is not None:
                    labels = self._labels.setdefault(value.column_title, {})
                    if len(labels) < _LABELS_KEPT:
                        labels[value.creates_label] = None
