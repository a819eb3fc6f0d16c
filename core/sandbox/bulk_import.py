"""Resolvers of bulk import: `ingest_items` and `fetch_job_status`.

What the provider's pages leave open is read in the way that asks the most of a client:

* `backfill_items`, `on_match` and files with levels (`name.l1`) are not spoken;
* a start beyond the hour's limit is the error of its field, in an answer of HTTP status 200;
* there are no counts before the file was read, and none of a file that could not be read;
* a job that failed half-way does not count the rows it never came to;
* there is a report only of a completed job with rows that were not created, at one address that is good for
  10 minutes from the job's end; asking again gives the same address;
* a job is forgotten a day after its start, and unknown from then on.
"""

import math
from typing import Any

from core.sandbox.bulk_jobs import Job, Outcome, Stage
from core.sandbox.errors import FieldError, invalid_argument, not_found
from core.sandbox.mutations import active_group, mutation, writable
from core.sandbox.schema import Info, enter_resolver
from core.sandbox.session import Session

STATES = {
    Stage.WAITING: "UPLOAD_PENDING",
    Stage.CHECKING: "PROCESSING",
    Stage.CREATING: "PROCESSING",
    Stage.COMPLETED: "COMPLETED",
    Stage.FAILED: "FAILED",
    Stage.REJECTED: "REJECTED",
}
ALL = 100  # per cent
DONE = (Outcome.CREATED, Outcome.FAILED, Outcome.INVALID, Outcome.SKIPPED)


@mutation("ingest_items", with_alias=True)
def ingest_items(session: Session, alias: str, *, board_id: str, group_id: str) -> dict[str, str]:
    """Start a job that creates items and subitems in a group, from a CSV file that is yet to be uploaded."""
    board = writable(session.board(board_id))
    if board.subitems_of:
        raise invalid_argument(f"Board {board.id} is a subitems board; import into board {board.subitems_of}")
    group = active_group(board, group_id)
    if wait := session.jobs.seconds_until_start():
        raise FieldError(
            "RATE_LIMIT_EXCEEDED",
            f"An account may start {session.jobs.settings.starts_per_hour} import jobs an hour",
            status=429,
            retry_after_ms=math.ceil(wait * 1_000),
        )
    job = session.jobs.start(board.id, group.id, session.job_fault(alias))
    return {"job_id": job.id, "upload_url": _address(session, "upload", job.id, job.upload_key)}


def _fetch_job_status(_root: Any, info: Info, job_id: str) -> dict[str, Any]:
    session = info.context
    if error := session.field_fault("fetch_job_status", str(info.path.key)):
        raise error
    job = session.jobs.find(job_id)
    if job is None:
        raise not_found("job", job_id)
    return describe_job(session, job)


enter_resolver("Query", "fetch_job_status", _fetch_job_status)


def describe_job(session: Session, job: Job) -> dict[str, Any]:
    """Return a job as ItemsJobStatus shows it."""
    outcomes = session.jobs.counts(job)
    submitted = sum(outcomes.values())
    done = sum(outcomes.get(outcome, 0) for outcome in DONE)
    is_completed = job.stage is Stage.COMPLETED
    counts = {
        "submitted": submitted,
        "invalid": outcomes.get(Outcome.INVALID, 0),
        "skipped": outcomes.get(Outcome.SKIPPED, 0),
        "created": outcomes.get(Outcome.CREATED, 0),
        "updated": 0,
        "failed": outcomes.get(Outcome.FAILED, 0),
    }
    # Nothing but the end is all of it.
    progress = ALL if is_completed else min(ALL - 1, done * ALL // submitted) if submitted else 0
    return {
        "__typename": "ItemsJobStatus",
        "status": STATES[job.stage],
        "counts": counts if submitted else None,
        "progress_percentage": progress,
        "failure_reason": job.reason,
        "failure_message": job.message,
        # Documented: rows that failed validation do not count against it.
        "fully_imported": is_completed and not counts["failed"],
        "report_created": bool(job.report_key),
        "report_url": _address(session, "report", job.id, job.report_key) if job.report_key else None,
    }


def _address(session: Session, kind: str, job_id: str, key: str) -> str:
    return f"{session.page_url}practice/{kind}/{job_id}?signature={key}"
