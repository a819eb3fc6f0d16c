"""The plan: what a run does with each order and line, and by which requests.

Everything here is a value; `core.sync.planner` makes it, the preview shows it and the engine sends it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from core.errors import Problem
from core.mapping.findings import Finding
from core.orders.journal_rows import RunScope
from core.orders.model import ActionType, Selection
from core.sync.forecast import Forecast
from core.sync.operations import (
    Operation,
    OperationKind,
    PlannedHashes,
    PlannedRequest,
    Reference,
    Step,
    TargetKind,
    digest,
    group_creation,
    narrow,
    request_body,
    seal,
    verify,
)

__all__ = [
    "Batch",
    "Operation",
    "OperationKind",
    "Plan",
    "PlannedHashes",
    "PlannedLine",
    "PlannedOrder",
    "PlannedRequest",
    "Reference",
    "Step",
    "TargetKind",
    "group_creation",
    "narrow",
    "request_body",
    "seal",
    "verify",
]


class PlannedLine(NamedTuple):
    """What the plan does with one line: an operation, or a finding why not."""

    key: str
    label: str
    operation: Operation | None
    findings: tuple[Finding, ...] = ()
    continuation: str | Reference | None = None
    """The continuation item that it hangs under; None: the order's own item."""


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """What the plan does with one order and its open lines."""

    key: str
    label: str
    action: ActionType
    item_id: str | None
    """Known when the item is on the board already."""
    operation: Operation | None
    """None: the item needs nothing, or a finding forbids it."""
    lines: tuple[PlannedLine, ...] = ()
    findings: tuple[Finding, ...] = ()
    stamp: str = ""
    """What the order was when it was planned; another one now means that it has changed since."""
    kept: Problem | None = None
    """Of an undo: why the order and its item are left as they are."""
    continuations: tuple[Operation, ...] = ()
    """What is done with its continuation items."""

    @property
    def blocked(self) -> bool:
        """Whether a finding forbids sending the item, and with it the lines."""
        return any(finding.blocks for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Batch:
    """One customer's part of a plan."""

    customer: str
    group_title: str
    group_id: str | None
    """None: the run creates the group."""
    orders: tuple[PlannedOrder, ...]
    item_requests: tuple[PlannedRequest, ...]
    """Bulk imports, which bring their lines along, stand first."""
    subitem_requests: tuple[PlannedRequest, ...]
    way: str = ""
    """Why the orders go by bulk import or by mutations; empty where imports are switched off."""

    @property
    def requests(self) -> tuple[PlannedRequest, ...]:
        """Pass 1, then pass 2."""
        return self.item_requests + self.subitem_requests

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of the customer's orders and lines."""
        return tuple(
            finding
            for order in self.orders
            for finding in (*order.findings, *(found for line in order.lines for found in line.findings))
        )

    @property
    def line_count(self) -> int:
        """Selected lines."""
        return sum(len(order.lines) for order in self.orders)


@dataclass(frozen=True)
class Plan:
    """Everything a run will send, and everything it will not and why."""

    profile: str
    board_id: str
    board_name: str
    mapping_hash: str
    selection: Selection = field(default_factory=Selection)
    """What was asked for."""
    left_alone: int = 0
    """Orders and lines without a header that were asked for and are not in the plan: a request with them may
    still be under way."""
    group_requests: tuple[PlannedRequest, ...] = ()
    batches: tuple[Batch, ...] = ()
    orphans: tuple[PlannedLine, ...] = ()
    """Selected lines without a header; each carries its finding."""
    forecast: Forecast = field(default_factory=lambda: Forecast(0, 0, 0.0))
    subitems_board_id: str | None = None
    item_key_column: str | None = None
    """Where a created item is found again; None: the mapping names no key column."""
    subitem_key_column: str | None = None
    undoes: str = ""
    """The run that this plan undoes; empty for a plan that sends orders."""
    undone_before: int = 0
    """Of an undo: items that an earlier undo of the same run archived."""
    calls_before: int = field(default=0, compare=False)
    """Calls that were made to look before it was planned."""

    def __post_init__(self) -> None:
        """Take the hashes now: what is changed later must not change them too."""
        _ = self.hashes

    @property
    def requests(self) -> Iterator[PlannedRequest]:
        """Every request in the order of its customer and pass; groups first."""
        yield from self.group_requests
        for batch in self.batches:
            yield from batch.requests

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, customer by customer, then the lines without a header."""
        of_batches = tuple(finding for batch in self.batches for finding in batch.findings)
        return of_batches + tuple(finding for line in self.orphans for finding in line.findings)

    @property
    def order_count(self) -> int:
        """Selected orders."""
        return sum(len(batch.orders) for batch in self.batches)

    @property
    def line_count(self) -> int:
        """Selected lines, those without a header included."""
        return sum(batch.line_count for batch in self.batches) + len(self.orphans)

    @property
    def scope(self) -> RunScope:
        """What a run of this plan sets out to send, by keys: it can be resumed from there."""
        return RunScope(
            tuple(batch.customer for batch in self.batches),
            tuple(order.key for batch in self.batches for order in batch.orders),
            tuple(line.key for line in self.orphans),
            self.selection.states,
        )

    @property
    def settles(self) -> str | None:
        """The earlier run of which nothing needs to be resumed once this plan runs: resumed, or undone."""
        if self.left_alone and not self.undoes:
            return None  # what is left alone now is offered again
        return self.selection.resumes or self.undoes or None

    @cached_property
    def hashes(self) -> PlannedHashes:
        """What may be sent of it."""
        return PlannedHashes(self.requests)

    @property
    def request_hashes(self) -> bytes:
        """The hashes of all requests, one behind the other."""
        return "".join(request.hash for request in self.requests).encode()

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the hashes of all requests."""
        return digest(self.request_hashes)

    @property
    def new_groups(self) -> tuple[str, ...]:
        """Titles of the groups that the run creates."""
        return tuple(operation.key for request in self.group_requests for operation in request.operations)

    @property
    def new_labels(self) -> tuple[tuple[str, str], ...]:
        """Labels that the run adds to the board: (column title, label), each once."""
        labels: dict[tuple[str, str], None] = {}
        for request in self.requests:
            for operation in request.operations:
                for value in operation.fields:
                    if value.creates_label is not None:
                        labels[value.column_title, value.creates_label] = None
        return tuple(labels)
