"""The jobs of bulk import and their rows, kept in the state file so that a restart loses none."""

import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from core.sandbox.clock import Clock
from core.sandbox.options import BulkSettings
from core.sandbox.state import Store, dump

HOUR = 3_600.0  # seconds
ENDED_BEFORE = "FROM bulk_job WHERE started_at <= ? AND NOT is_running"


class Stage(StrEnum):
    """How far a job has come."""

    WAITING = "waiting"  # for the upload, or in the queue after it
    CHECKING = "checking"  # the rows are read, not all of them checked
    CREATING = "creating"
    COMPLETED = "completed"
    FAILED = "failed"
    REJECTED = "rejected"


class RowKind(StrEnum):
    """What a row of the file asks for."""

    ITEM = "item"
    LINE = "line"  # a subitem of the nearest item row above
    BOTH = "both"  # refused
    NEITHER = "neither"  # skipped


class Outcome(StrEnum):
    """What became of a row; a row without one is still to be worked on."""

    VALID = "valid"
    INVALID = "invalid"
    SKIPPED = "skipped"
    CREATED = "created"
    FAILED = "failed"


@dataclass(frozen=True)
class JobFault:
    """What a test orders to go wrong with a job."""

    queued_seconds: float = 0.0  # the job waits so long after its upload
    fails_after: int | None = None  # so many rows are created, then the job fails
    is_rejected: bool = False  # the job is rejected once its file is read
    reason: str = "INTERNAL_ERROR"  # why it fails or is rejected
    message: str | None = None
    failing_rows: tuple[int, ...] = ()  # rows of the file, the header being row 1
    has_no_report: bool = False


@dataclass(frozen=True)
class Job:
    """One job. Times are seconds since the epoch by the board's clock."""

    id: str
    board_id: str
    group_id: str
    started_at: float
    upload_key: str  # the signature of the upload address
    fault: JobFault = JobFault()
    stage: Stage = Stage.WAITING
    uploaded_at: float | None = None
    size: int = 0  # bytes of the file as it was sent
    columns: tuple[str, ...] = ()  # the file's header
    cursor: int = 0  # the last row that was worked on in this stage
    reserved_at: float = 0.0
    reserved: int = 0  # items of the hourly budget
    created_from: float = 0.0  # when creating began
    valid: int = 0  # rows to create
    worked: int = 0  # of them, created or failed
    ended_at: float | None = None
    report_key: str = ""  # the signature of the report's address; empty: there is no report
    reason: str | None = None
    message: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether there is a file and the job has not ended."""
        return self.uploaded_at is not None and self.ended_at is None

    @property
    def begins_at(self) -> float:
        """When work on the uploaded file begins."""
        assert self.uploaded_at is not None
        return self.uploaded_at + self.fault.queued_seconds


@dataclass(frozen=True)
class Row:
    """One row of a job's file."""

    number: int  # in the file; the header is row 1
    kind: RowKind
    parent: int | None  # of a line: the row of its item
    name: str
    cells: Mapping[str, str]  # filled cells by column id
    outcome: Outcome | None = None
    message: str | None = None  # why it was not created
    item_id: int | None = None


ROW = "number, kind, parent, name, cells, outcome, message, item_id"


class BulkJobs:
    """The account's jobs; runs on the store's worker thread."""

    def __init__(self, store: Store, clock: Clock, settings: BulkSettings) -> None:
        self._store = store
        self._clock = clock
        self.settings = settings

    @property
    def now(self) -> float:
        """The present moment in seconds since the epoch."""
        return self._clock.now().timestamp()

    # Jobs

    def start(self, board_id: str, group_id: str, fault: JobFault) -> Job:
        """Begin a job that waits for its file; jobs that are known no more leave the state."""
        self._forget()
        job = Job(
            id=str(uuid.uuid4()),
            board_id=board_id,
            group_id=group_id,
            started_at=self.now,
            upload_key=secrets.token_urlsafe(24),
            fault=fault,
        )
        self._store.run(
            "INSERT INTO bulk_job (id, started_at, is_running, attributes) VALUES (?, ?, 0, ?)",
            (job.id, job.started_at, _attributes(job)),
        )
        return job

    def _forget(self) -> None:
        # An hour more than they are known: until then their items may count in the hour's budget.
        oldest = self.now - self.settings.job_seconds - HOUR
        self._store.run(f"DELETE FROM bulk_row WHERE job_id IN (SELECT id {ENDED_BEFORE})", (oldest,))  # noqa: S608
        self._store.run(f"DELETE {ENDED_BEFORE}", (oldest,))

    def find(self, job_id: str) -> Job | None:
        """Return a job that is still known, or None."""
        oldest = self.now - self.settings.job_seconds
        found = self._jobs("WHERE id = ? AND started_at > ?", (job_id, oldest))
        return found[0] if found else None

    def put(self, job: Job) -> Job:
        """Keep a changed job."""
        self._store.run(
            "UPDATE bulk_job SET is_running = ?, attributes = ? WHERE id = ?",
            (job.is_running, _attributes(job), job.id),
        )
        return job

    def running(self) -> list[Job]:
        """Return the jobs that have a file and have not ended, oldest first."""
        return self._jobs("WHERE is_running ORDER BY started_at")

    def keep_file(self, job: Job, file: bytes, size: int) -> Job:
        """Keep the uploaded file; `size` is what was sent, the file may be cut at the limit."""
        with self._store.transaction():
            self._store.run("UPDATE bulk_job SET file = ? WHERE id = ?", (file, job.id))
            return self.put(replace(job, uploaded_at=self.now, size=size))

    def file(self, job: Job) -> bytes:
        """Return the uploaded file."""
        return bytes(self._store.all("SELECT file FROM bulk_job WHERE id = ?", (job.id,))[0][0])

    def drop_file(self, job: Job) -> None:
        """Forget the file once its rows are kept."""
        self._store.run("UPDATE bulk_job SET file = NULL WHERE id = ?", (job.id,))

    def _jobs(self, condition: str, parameters: Sequence[Any] = ()) -> list[Job]:
        rows = self._store.all(f"SELECT attributes FROM bulk_job {condition}", parameters)  # noqa: S608 - own text
        return [_job(json.loads(row[0])) for row in rows]

    # The account's hour

    def _starts_of_the_hour(self) -> list[float]:
        rows = self._store.all(
            "SELECT started_at FROM bulk_job WHERE started_at > ? ORDER BY started_at", (self.now - HOUR,)
        )
        return [float(row[0]) for row in rows]

    def seconds_until_start(self) -> float:
        """Return how long the next job has to wait for the limit of starts an hour; 0: not at all."""
        starts = self._starts_of_the_hour()
        if len(starts) < self.settings.starts_per_hour:
            return 0.0
        return starts[-self.settings.starts_per_hour] + HOUR - self.now

    def items_left(self) -> int:
        """Return what is left of the account's items an hour."""
        since = self.now - HOUR
        # A job's reservation may be up to a day younger than the job, never older.
        jobs = self._jobs("WHERE started_at > ?", (since - self.settings.job_seconds,))
        return self.settings.items_per_hour - sum(job.reserved for job in jobs if job.reserved_at > since)

    # Rows

    def add_rows(self, job: Job, rows: Sequence[Row]) -> None:
        """Keep the rows of a job's file."""
        for row in rows:
            self._store.run(
                f"INSERT INTO bulk_row (job_id, {ROW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - own constant
                (job.id, *vars(replace(row, cells=dump(row.cells))).values()),  # type: ignore[arg-type]
            )

    def rows(self, job: Job, condition: str = "", parameters: Sequence[Any] = ()) -> list[Row]:
        """Return a job's rows in the order of the file; the condition begins with AND."""
        sql = f"SELECT {ROW} FROM bulk_row WHERE job_id = ? {condition}"  # noqa: S608 - own text
        return [
            Row(
                number=number,
                kind=RowKind(kind),
                parent=parent,
                name=name,
                cells=json.loads(cells),
                outcome=None if outcome is None else Outcome(outcome),
                message=message,
                item_id=item_id,
            )
            for number, kind, parent, name, cells, outcome, message, item_id in self._store.all(
                sql, (job.id, *parameters)
            )
        ]

    def settle_row(
        self, job: Job, number: int, outcome: Outcome, message: str | None = None, item_id: int | None = None
    ) -> None:
        """Note what became of a row."""
        self._store.run(
            "UPDATE bulk_row SET outcome = ?, message = ?, item_id = ? WHERE job_id = ? AND number = ?",
            (outcome, message, item_id, job.id, number),
        )

    def settle_lines(self, job: Job, parent: int, outcome: Outcome, message: str) -> int:
        """Note that the valid lines of an item row are not created; return how many there were."""
        return self._store.run(
            "UPDATE bulk_row SET outcome = ?, message = ? WHERE job_id = ? AND parent = ?"
            " AND outcome = 'valid'",
            (outcome, message, job.id, parent),
        )

    def outcome_of(self, job: Job, number: int) -> tuple[Outcome | None, int | None]:
        """Return a row's outcome and the id of what it created."""
        ((outcome, item_id),) = self._store.all(
            "SELECT outcome, item_id FROM bulk_row WHERE job_id = ? AND number = ?", (job.id, number)
        )
        return (None if outcome is None else Outcome(outcome)), item_id

    def counts(self, job: Job) -> dict[Outcome | None, int]:
        """Return how many rows have which outcome."""
        rows = self._store.all(
            "SELECT outcome, count(*) FROM bulk_row WHERE job_id = ? GROUP BY outcome", (job.id,)
        )
        return {None if outcome is None else Outcome(outcome): count for outcome, count in rows}

    def valid_by_kind(self, job: Job, kind: RowKind) -> int:
        """Return how many valid rows of one kind a job has."""
        rows = self._store.all(
            "SELECT count(*) FROM bulk_row WHERE job_id = ? AND kind = ? AND outcome = 'valid'",
            (job.id, kind),
        )
        return int(rows[0][0])

    def crowded_parents(self, job: Job, limit: int) -> list[int]:
        """Return the valid item rows that have more line rows than an item may have subitems."""
        rows = self._store.all(
            "SELECT line.parent FROM bulk_row AS line JOIN bulk_row AS item"
            " ON item.job_id = line.job_id AND item.number = line.parent"
            " WHERE line.job_id = ? AND line.kind = 'line' AND item.outcome = 'valid'"
            " GROUP BY line.parent HAVING count(*) > ?",
            (job.id, limit),
        )
        return [int(row[0]) for row in rows]


def _attributes(job: Job) -> str:
    return dump({**vars(job), "fault": vars(job.fault)})


def _job(attributes: dict[str, Any]) -> Job:
    fault = attributes.pop("fault")
    fault["failing_rows"] = tuple(fault["failing_rows"])
    return Job(
        **{
            **attributes,
            "fault": JobFault(**fault),
            "stage": Stage(attributes["stage"]),
            "columns": tuple(attributes["columns"]),
        }
    )
