"""Faults a test orders: what goes wrong, with which request, how often.

A fault is matched by operation, alias, number of the request or a predicate; the first request it fits is the
first it may strike. In the same process use `Faults.add`; from outside, POST `{"faults": [...]}` with the
same fields to `/practice/faults`.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from core.sandbox.errors import FieldError
from core.sandbox.limits import REFUSALS
from core.sandbox.requests import ReceivedRequest

Predicate = Callable[[ReceivedRequest], bool]


LONGEST_WAIT = 60.0  # seconds, for a test that forgets its event


class FaultKind(StrEnum):
    """What goes wrong."""

    RESET = "reset"  # the connection breaks and nothing was applied
    DROP_ANSWER = "drop_answer"  # applied, then the connection breaks
    DELAY = "delay"  # waits `seconds` or `until` an event, then applies and answers
    STATUS = "status"  # answers `status` with `body`; applied before only if `applied`
    RATE_LIMIT = "rate_limit"  # the 429 of one `limit`; nothing was applied
    LOCKED = "locked"  # the 423 of a locked board; nothing was applied
    MALFORMED_JSON = "malformed_json"  # 200, half the answer; applied
    EMPTY_BODY = "empty_body"  # 200, no body; applied
    WRONG_CONTENT_TYPE = "wrong_content_type"  # 200, the right body as text/html; applied
    ALIAS_ERROR = "alias_error"  # one aliased field fails; the others run
    REFUSE_DOCUMENT = "refuse_document"  # an error for the whole request, no data; nothing was applied
    EVICT_IDEMPOTENCY = "evict_idempotency"  # the request's key is forgotten, and its answer not kept
    INDEX_LAG = "index_lag"  # searches do not see items younger than `seconds`; lasts until cleared
    FIELD_LIMIT = "field_limit"  # Item.subitems is null with FIELD_LIMIT_EXCEEDED
    JOB_QUEUED = "job_queued"  # the import job that is started waits `seconds` after its upload
    JOB_REJECTED = "job_rejected"  # the job is rejected for `reason` once its file was read
    JOB_FAILED = "job_failed"  # the job fails for `reason` after `created` rows
    JOB_ROWS_FAILED = "job_rows_failed"  # the `rows` of the job's file are not created; the header is row 1
    JOB_NO_REPORT = "job_no_report"  # the job makes no report


APPLIED = {
    FaultKind.DROP_ANSWER,
    FaultKind.MALFORMED_JSON,
    FaultKind.EMPTY_BODY,
    FaultKind.WRONG_CONTENT_TYPE,
}


OF_A_JOB = {
    FaultKind.JOB_QUEUED,
    FaultKind.JOB_REJECTED,
    FaultKind.JOB_FAILED,
    FaultKind.JOB_ROWS_FAILED,
    FaultKind.JOB_NO_REPORT,
}
OF_A_TRANSFER = {
    FaultKind.RESET,
    FaultKind.DROP_ANSWER,
    FaultKind.DELAY,
    FaultKind.STATUS,
    FaultKind.EMPTY_BODY,
}


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong. The first block says with which requests, the second what and how."""

    kind: FaultKind
    # A root field, under any alias: `create_item`; or `upload` or `report`, the files of a bulk import.
    operation: str | None = None
    operation_name: str | None = None  # the operation's own name
    nth: int = 1  # the first request, of those that fit, that it strikes
    times: int | None = 1  # how many requests in a row; None: all from then on
    predicate: Predicate | None = None  # in the same process only

    alias: int | str | None = None  # of ALIAS_ERROR and of jobs: the field's place from 0, or its alias
    seconds: float = 0.0
    until: threading.Event | None = None  # of DELAY, in the same process: wait for it instead
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = "<html><body><h1>Service unavailable</h1></body></html>"
    content_type: str = "text/html"
    applied: bool = False  # of STATUS: the request takes effect before the answer is replaced
    limit: str = "minute"  # of RATE_LIMIT: minute, concurrency, complexity, daily, ip, field
    retry_in_seconds: int | None = None
    code: str = "INTERNAL_SERVER_ERROR"
    message: str = "Internal server error"
    error_status: int = 500  # `extensions.status_code` of ALIAS_ERROR and REFUSE_DOCUMENT
    error_data: Any = None
    reason: str = "INTERNAL_ERROR"  # of JOB_REJECTED and JOB_FAILED; their message is `job_message`
    job_message: str | None = None
    created: int = 0
    rows: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.kind is FaultKind.RATE_LIMIT and self.limit not in REFUSALS:
            raise ValueError(f"Unknown limit {self.limit!r}; choose one of {', '.join(REFUSALS)}")

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Fault":
        """Return the fault a control request describes. Raises ValueError for an unknown kind or field."""
        if not isinstance(value, Mapping):
            raise ValueError(f"A fault is an object, got {value!r}")  # noqa: TRY004 - callers expect ValueError
        known = {entry.name for entry in fields(cls)} - {"predicate", "until"}
        if unknown := value.keys() - known:
            raise ValueError(f"A fault does not know {', '.join(sorted(unknown))}")
        rows = tuple(value.get("rows", ()))
        return cls(**{**value, "kind": FaultKind(str(value.get("kind"))), "rows": rows})

    @property
    def is_after(self) -> bool:
        """Whether the request takes effect before this fault shows."""
        return self.kind in APPLIED or (self.kind is FaultKind.STATUS and self.applied)

    async def wait(self) -> None:
        """Wait as a DELAY does."""
        if self.until is not None:
            await asyncio.to_thread(self.until.wait, LONGEST_WAIT)
        else:
            await asyncio.sleep(self.seconds)

    def fits(self, request: ReceivedRequest) -> bool:
        """Return whether the fault is about this request."""
        if request.transfer is not None and self.kind not in OF_A_TRANSFER:
            return False
        if self.kind in OF_A_JOB and "ingest_items" not in request.operations:
            return False
        return (
            (self.operation is None or self.operation in request.operations)
            and self.operation_name in (None, request.operation_name)
            and (self.predicate is None or self.predicate(request))
        )

    def hits(self, request: ReceivedRequest, alias: str) -> bool:
        """Return whether a fault of single fields is about this alias of the request."""
        if self.alias is None:
            return True
        aliases = [root.alias for root in request.fields]
        return self.alias == alias or (isinstance(self.alias, int) and aliases.index(alias) == self.alias)

    def field_error(self) -> FieldError:
        """Return the error of an aliased field."""
        return FieldError(
            self.code,
            self.message,
            status=self.error_status,
            error_data=self.error_data,
            retry_in_seconds=self.retry_in_seconds,
        )


class Faults:
    """The ordered faults. Safe to use from another thread while the server runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ordered: list[tuple[Fault, list[int]]] = []  # with the number of requests that fitted so far

    def add(self, kind: FaultKind | str, **details: Any) -> Fault:
        """Order a fault; the details are the fields of `Fault`."""
        fault = Fault(FaultKind(kind), **details)
        self.order(fault)
        return fault

    def order(self, fault: Fault) -> None:
        """Order a fault."""
        with self._lock:
            self._ordered.append((fault, [0]))

    def clear(self) -> None:
        """Take every order back."""
        with self._lock:
            self._ordered.clear()

    def all(self) -> list[Fault]:
        """Return the ordered faults, those that are through too."""
        with self._lock:
            return [fault for fault, _ in self._ordered]

    def strike(self, request: ReceivedRequest) -> list[Fault]:
        """Return the faults that strike this request, and count it."""
        struck = []
        with self._lock:
            for fault, seen in self._ordered:
                if fault.kind is FaultKind.INDEX_LAG or not fault.fits(request):
                    continue
                seen[0] += 1
                last = None if fault.times is None else fault.nth + fault.times
                if seen[0] >= fault.nth and (last is None or seen[0] < last):
                    struck.append(fault)
        return struck

    @property
    def index_lag_seconds(self) -> float:
        """How long the search index lags behind, 0 when no fault says so."""
        with self._lock:
            lags = [fault.seconds for fault, _ in self._ordered if fault.kind is FaultKind.INDEX_LAG]
        return max(lags, default=0.0)
