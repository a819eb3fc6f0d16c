"""Everything that happens in a run, as one stream of small frozen values.

The window, the command line and the log are three readers of this stream. A reader matches exhaustively and
ends with `assert_never`, so that a new event is a type error and not a silence.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from core.monday.limits import Binding, DayCalls
from core.sync.forecast import left_today
from core.sync.outcome import Outcome
from core.sync.plan import OperationKind, Step, TargetKind
from core.sync.report import RunReport

NEAR_SHARE = 0.5
"""A limit of which less is used holds nothing back."""


@dataclass(frozen=True, slots=True)
class CustomerTotals:
    """What a run will do for one customer."""

    customer: str
    orders: int
    lines: int
    requests: int


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run is in the journal and begins."""

    run_id: str
    profile: str
    dry_run: bool
    at: datetime
    customers: tuple[CustomerTotals, ...]
    orders: int
    lines: int
    requests: int
    """An estimate where the run is planned in portions."""
    undoes: str = ""
    """The run that is undone; empty where orders are sent."""


@dataclass(frozen=True, slots=True)
class RequestSent:
    """A request leaves (again, where `attempt` is above 1)."""

    request_key: str
    step: Step
    customer: str
    operations: int
    attempt: int


@dataclass(frozen=True, slots=True)
class RequestAnswered:
    """A request's outcome is in the journal."""

    request_key: str
    step: Step
    customer: str
    operations: int
    refused: int
    """Operations that the board refused."""
    seconds: float
    complexity: int | None
    request_id: str | None


class RecordEnded(NamedTuple):  # one for each record: a frozen dataclass takes four times as long
    """One order or line has its outcome (a group only when it failed or was created)."""

    target: TargetKind
    key: str
    label: str
    customer: str
    outcome: Outcome
    kind: OperationKind | None = None
    board_id: str | None = None
    order_key: str = ""
    code: str = ""
    message: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The engine holds a request back. `reason` is in the operator's words."""

    reason: str
    seconds: float
    request_key: str = ""


def nearest_limit(binding: Binding | None) -> Binding | None:
    """The limit, if so much of it is used that it holds the run back."""
    return binding if binding is not None and binding.share >= NEAR_SHARE else None


@dataclass(frozen=True, slots=True)
class BudgetRead:
    """What the board's answers say is left. None: not told."""

    complexity_left: int | None
    complexity_quota: int | None
    complexity_reset_seconds: float | None
    minute_left: int | None
    minute_quota: int | None
    concurrency_left: int | None
    concurrency_quota: int | None
    calls_made: int
    """Calls of this run."""
    records_per_minute: float | None = None
    """Records confirmed in the last minute; None in the first seconds."""
    day: DayCalls | None = None
    """The account's calls of the day."""
    binding: Binding | None = None
    """The limit that holds the run back; None where none is near."""

    @property
    def figures(self) -> tuple[str, ...]:
        """What is worth a line while the run goes on: pace, binding limit, calls left today."""
        parts = []
        if self.records_per_minute is not None:
            parts.append(f"{self.records_per_minute:,.0f} records a minute")
        if self.binding is not None:
            parts.append(self.binding.words)
        if self.day is not None and self.day.left is not None:
            parts.append(f"calls: {left_today(self.day)}")
        return tuple(parts)


@dataclass(frozen=True, slots=True)
class CustomerEnded:
    """Every record of a customer has its outcome."""

    customer: str
    synced: int
    failed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RunPaused:
    """No further request leaves until the run is resumed."""


@dataclass(frozen=True, slots=True)
class RunResumed:
    """Requests leave again."""


@dataclass(frozen=True, slots=True)
class RunStopping:
    """A stop was asked for, or forced by a problem; requests under way are awaited."""

    reason: str


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The last event of every run."""

    report: RunReport


RunEvent = (
    RunStarted
    | RequestSent
    | RequestAnswered
    | RecordEnded
    | Waiting
    | BudgetRead
    | CustomerEnded
    | RunPaused
    | RunResumed
    | RunStopping
    | RunFinished
)
