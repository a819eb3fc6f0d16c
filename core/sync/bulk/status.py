"""What the board says of an import's job (docs/importing-items-in-bulk)."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from core.monday.client import Answer, CallFailedError
from core.monday.documents import IMPORT_STATUS_QUERY
from core.monday.errors import ApiFault, FaultKind, GraphError, classify
from core.sync.plan import request_body

POLL_SECONDS = 10.0
"""The provider asks not to ask more often."""


class JobState(StrEnum):
    """The board's own words."""

    UPLOAD_PENDING = "UPLOAD_PENDING"
    """It waits for the file, or in the queue after it."""
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    """Some rows may have failed."""
    FAILED = "FAILED"
    """It broke off; the rows before are on the board."""
    REJECTED = "REJECTED"
    """Nothing was created."""

    @property
    def ended(self) -> bool:
        """Whether the job will create nothing more."""
        return self in {JobState.COMPLETED, JobState.FAILED, JobState.REJECTED}


@dataclass(frozen=True, slots=True)
class JobStatus:
    """One answer about a job."""

    state: JobState
    progress: int = 0
    """Per cent."""
    created: int | None = None
    """Items and subitems so far; None where the board does not say."""
    reason: str = ""
    message: str = ""
    report_url: str | None = None
    submitted: int = 0
    """Rows that the board has read of the file; 0 where it does not say."""
    passed_over: int = 0
    """Of them, rows that it will not try to create: invalid or empty ones."""
    worked: int = 0
    """Of them, rows that it created or failed to create."""


class StatusApi(Protocol):
    """What is asked of the board's API."""

    async def execute(self, body: bytes, *, idempotency_key: str | None = None) -> Answer:
        """Raises CallFailedError when there is no usable answer."""
        ...


async def ask_status(api: StatusApi, job_id: str) -> JobStatus:
    """Ask for a job's status. Raises CallFailedError, also where the board does not know the job."""
    answer = await api.execute(request_body(IMPORT_STATUS_QUERY, {"job": job_id}))
    found = answer.data.get("fetch_job_status")
    if answer.errors or not isinstance(found, Mapping) or found.get("status") not in set(JobState):
        raise CallFailedError(
            fault_of(answer.errors, "The answer about an import tells no status"),
            http_status=answer.http_status,
            request_id=answer.request_id,
            text=answer.text,
            budgets=answer.budgets,
        )
    return _status(found)


def fault_of(errors: tuple[GraphError, ...], otherwise: str) -> ApiFault:
    """The fault of an answer that brought nothing: its first error, or one in these words."""
    if not errors:
        return ApiFault(FaultKind.TRANSIENT, "UNREADABLE_ANSWER", otherwise, "Try again later.")
    first = errors[0]
    return classify(first.code, first.message, first.status, first.retry_after)


def _status(found: Mapping[str, Any]) -> JobStatus:
    counts = found.get("counts") or {}
    created = counts.get("created")
    return JobStatus(
        JobState(found["status"]),
        int(found.get("progress_percentage") or 0),
        None if created is None else int(created),
        str(found.get("failure_reason") or ""),
        str(found.get("failure_message") or ""),
        found.get("report_url") or None,
        submitted=_sum(counts, "submitted"),
        passed_over=_sum(counts, "invalid", "skipped"),
        worked=_sum(counts, "created", "updated", "failed"),
    )


def _sum(counts: Mapping[str, Any], *names: str) -> int:
    return sum(int(counts.get(name) or 0) for name in names)


def refusals(report: str) -> dict[int, str]:
    """Row of the file, the header being row 1, -> why it was not created; empty for an unreadable report.

    The provider does not tell the report's layout: rows are taken by a column `row`, words from `error`.
    """
    try:
        records = list(csv.DictReader(io.StringIO(report, newline="")))
    except csv.Error:
        return {}
    return {
        int(record["row"]): record["error"]
        for record in records
        if (record.get("row") or "").isdecimal() and record.get("error")
    }
