"""What the journal is told and what it tells: runs, requests, operations, outcomes and findings."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from core.orders.model import PENDING_STATES, RecordKind, SyncState
from core.orders.record_keys import record_key


class OperationState(StrEnum):
    """Where one journalled operation stands."""

    SENT = "SENT"
    """On its way: after a crash its outcome is unknown."""
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"
    NOT_APPLIED = "NOT_APPLIED"
    """The request certainly had no effect: refused as a whole, or never left."""


OPEN_STATES = (OperationState.SENT.value, OperationState.UNKNOWN.value)
"""Nobody knows yet what became of it. A request is in one of them as long as one of its operations is."""


@dataclass(frozen=True, slots=True)
class RunScope:
    """What a run set out to send: enough to take it up again when it is interrupted."""

    customers: tuple[str, ...] = ()
    """The customers of its orders, for those who read of it."""
    order_keys: tuple[str, ...] = ()
    line_keys: tuple[str, ...] = ()
    """Lines without a header."""
    states: tuple[SyncState, ...] = PENDING_STATES
    """The states by which its records were selected."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """The beginning of a run."""

    run_id: str
    profile: str
    board_id: str
    dry_run: bool
    plan_hash: str
    mapping_hash: str
    started_at: datetime
    mapping_version: int | None = None
    """The number under which the mapping is kept, None when it is not."""
    scope: RunScope | None = None
    """None: nothing is left to resume when the run is interrupted."""
    settles: str | None = None
    """An earlier run that is not to be resumed any more: this one sends the rest of it, or undoes it."""


class OperationRow(NamedTuple):
    """One operation of a request that is about to leave."""

    target: str
    key: str
    kind: str


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request that is about to leave."""

    request_uuid: str
    run_id: str
    request_key: str
    step: str
    idempotency_key: str
    planned_hash: str
    body: str
    operations: tuple[OperationRow, ...]


@dataclass(frozen=True, slots=True)
class OperationOutcome:
    """What the answer said about one alias."""

    index: int
    state: OperationState
    board_id: str | None = None
    code: str = ""
    message: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """Why a record is in ERROR, in a form that the Failures page can group and mend."""

    kind: RecordKind
    key: str
    code: str
    message: str
    remedy: str
    source: str = ""
    """The source column to correct, where it is known."""


@dataclass(frozen=True, slots=True)
class UnresolvedOperation:
    """An operation that was sent and never got an outcome."""

    request_uuid: str
    index: int
    target: str
    key: str
    kind: str
    worker: str
    """Machine and process of its run."""
    sent_at: datetime
    run_finished: bool
    given_up_at: datetime | None = None
    """When the run stopped trying: its last attempt is no older than that. None where the run died before."""
    imported: bool = False
    """Whether it is a row of a bulk import, whose job goes on without its worker."""

    @property
    def record_key(self) -> str:
        """Of the group, order or line that it belongs to: a continuation item belongs to its order."""
        return record_key(self.target, self.key)

    @property
    def last_heard_of(self) -> datetime:
        """The last moment at which the request is known to have been under way."""
        return self.given_up_at or self.sent_at


@dataclass(frozen=True, slots=True)
class Exchange:
    """The last request that concerned a record, and its answer; secrets removed."""

    request: str
    answer: str
    request_id: str | None
