"""What the engine needs of the world, in its own words. Real ones are wired in `core.workspace`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from core.monday.client import Answer
from core.monday.limits import Governor
from core.orders.group_reservations import Reservation
from core.orders.import_jobs import JobNote
from core.orders.journal import FindingRow, OperationOutcome, RequestRow, RunRow
from core.orders.model import StateChange


class Clock(Protocol):
    """Time. Tests replace it."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Give way for so many seconds."""
        ...


class BoardApi(Protocol):
    """The board's API, one request at a time."""

    calls: int

    async def execute(self, body: bytes, *, idempotency_key: str | None = None) -> Answer:
        """Raises CallFailedError when there is no usable answer."""
        ...

    async def group_ids(self, board_id: str) -> Mapping[str, str]:
        """Title -> id. Raises BoardError."""
        ...

    async def upload(self, url: str, file: bytes) -> None:
        """Put the file of a bulk import where the API said. Raises CallFailedError unless it was taken."""
        ...

    async def import_report(self, url: str) -> str:
        """The report of a bulk import, as CSV. Raises CallFailedError."""
        ...


class RunJournal(Protocol):
    """The write-ahead record. Synchronous: the engine calls it in a worker thread. Raises StoreError."""

    def begin_run(self, row: RunRow) -> None:
        """Record that a run starts."""
        ...

    def end_run(
        self,
        run_id: str,
        finished_at: datetime,
        report: dict[str, Any],
        *,
        plan_hash: str = "",
        resumable: bool = False,
    ) -> None:
        """Keep the report of a run. `plan_hash`: where its plan was not known yet when it began.

        `resumable`: it left records that a later run may take up.
        """
        ...

    def sending(self, row: RequestRow, at: datetime) -> None:
        """Commit that this request is about to leave, with all its operations."""
        ...

    def answered(
        self,
        request_uuid: str,
        at: datetime,
        outcomes: Sequence[OperationOutcome],
        *,
        attempts: int = 1,
        http_status: int | None = None,
        board_request_id: str | None = None,
        answer: str = "",
        states: Sequence[StateChange] = (),
        findings: Sequence[FindingRow] = (),
    ) -> None:
        """Commit each alias's outcome together with the states that follow from it."""
        ...

    def record_states(
        self, at: datetime, states: Sequence[StateChange], findings: Sequence[FindingRow] = ()
    ) -> None:
        """Commit states that follow from no answer."""
        ...

    def is_open(self, request_uuid: str) -> bool:
        """Whether nobody has found out yet what became of a request under way."""
        ...

    def advance_import(self, request_uuid: str, known: JobNote | None, note: JobNote) -> bool:
        """Take a step with a bulk import's job; False when another worker has it by now."""
        ...

    def reserve_group(
        self, board_id: str, title: str, run_id: str, at: datetime, *, silent: str = ""
    ) -> Reservation:
        """Ask to be the one who creates a group; `silent` is a holder that was seen for long enough."""
        ...

    def hold_groups(self, board_id: str, titles: Collection[str], run_id: str, at: datetime) -> bool:
        """Show a sign of life for groups that a run is about to create; False when it lost one of them."""
        ...

    def group_created(self, board_id: str, title: str, group_id: str) -> None:
        """Remember a group's id."""
        ...

    def give_group_back(self, board_id: str, title: str, run_id: str) -> None:
        """Give a title free that a run has reserved: the creation failed."""
        ...

    def forget_group(self, board_id: str, title: str, group_id: str) -> None:
        """Give a title free again whose group is gone from the board."""
        ...


@dataclass(frozen=True, slots=True)
class SendingLimits:
    """How long one request is tried. Seconds."""

    attempts: int = 6
    total_seconds: float = 900.0
    search_lag_seconds: float = 15.0
    """How long the board's search may lag behind its writes: a look-up that finds nothing is asked again for
    as long before a request whose answer was lost is sent once more."""


@dataclass(frozen=True, slots=True)
class MappingName:
    """Which mapping a plan was made with, for journal and report."""

    name: str = ""
    version: int | None = None
    """The number under which it is kept, None when it is not."""


@dataclass(frozen=True, slots=True)
class EnginePorts:
    """Everything an engine works with; one run after the other shares it."""

    api: BoardApi
    journal: RunJournal
    governor: Governor
    clock: Clock
    limits: SendingLimits
    jitter: Callable[[], float]
    """From 0 to 1: the part of a back-off that is waited."""
