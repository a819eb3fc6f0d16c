"""What the engine needs of the world, in its own words. Real ones are wired in `core.workspace`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from core.monday.client import Answer
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

    async def sleep(self, seconds: float) -> None: ...


class BoardApi(Protocol):
    """The board's API, one request at a time."""

    calls: int

    async def execute(self, body: bytes, *, idempotency_key: str | None = None) -> Answer:
        """Raises CallFailedError when there is no usable answer."""
        ...

    async def group_ids(self, board_id: str) -> Mapping[str, str]:
        """Title -> id. Raises BoardError."""
        ...


class RunJournal(Protocol):
    """The write-ahead record. Synchronous: the engine calls it in a worker thread."""

    def begin_run(self, row: RunRow) -> None: ...
    def end_run(self, run_id: str, finished_at: datetime, report: dict[str, Any]) -> None: ...
    def sending(self, row: RequestRow, at: datetime) -> None: ...
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
    ) -> None: ...
    def record_states(
        self, at: datetime, states: Sequence[StateChange], findings: Sequence[FindingRow] = ()
    ) -> None: ...
    def reserve_group(self, board_id: str, title: str, run_id: str, at: datetime) -> str | bool: ...
    def group_created(self, board_id: str, title: str, group_id: str) -> None: ...
    def forget_group(self, board_id: str, title: str) -> None: ...
