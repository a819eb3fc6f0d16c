"""What the journal knows of a bulk import's job, beside its operations: enough to ask for its fate later.

A job creates nothing before its file is uploaded, and only its starter can upload. So every step forward is
taken by compare-and-set, and so is giving a dead worker's job up: a worker that slept meanwhile goes no step
further.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

import sqlalchemy as sa

from core.orders import own_tables
from core.orders.database import reading, writing
from core.orders.journal_rows import OPEN_STATES

IMPORT_STEP = "import"
"""The step of requests that are imports."""


class JobStage(StrEnum):
    """How far the worker has come with its job."""

    STARTED = "started"
    """The board has a job that waits for its file; nothing is created."""
    UPLOADING = "uploading"
    """From here on the board may create the file's records, whether the worker lives or not."""
    GIVEN_UP = "given up"
    """Another worker found the job without a file and saw to it that it gets none."""


@dataclass(frozen=True, slots=True)
class JobNote:
    """A job as the journal keeps it, in the place of its request's answer; None is no answer yet."""

    stage: JobStage
    job_id: str = ""
    started_at: datetime | None = None
    outcome: str = ""
    """What the board last said of it."""

    def at(self, stage: JobStage) -> "JobNote":
        """The same job, a step on."""
        return replace(self, stage=stage)

    @property
    def text(self) -> str:
        """As JSON."""
        started = self.started_at.astimezone(UTC).isoformat() if self.started_at else None
        return json.dumps(
            {"job_id": self.job_id, "stage": self.stage, "started_at": started, "outcome": self.outcome}
        )

    @classmethod
    def read(cls, text: str | None) -> "JobNote | None":
        """The note of a text, None for no text."""
        if not text:
            return None
        found = json.loads(text)
        started = datetime.fromisoformat(found["started_at"]) if found["started_at"] else None
        return cls(JobStage(found["stage"]), found["job_id"], started, found["outcome"])


def find(engine: sa.Engine, request_uuid: str) -> JobNote | None:
    """The job of a request; None where its start was not heard of."""
    query = sa.select(own_tables.request.c.answer).where(own_tables.request.c.request_uuid == request_uuid)
    with reading(engine) as connection:
        return JobNote.read(connection.execute(query).scalar_one())


def advance(engine: sa.Engine, request_uuid: str, known: JobNote | None, note: JobNote) -> bool:
    """Replace the note if it is still the `known` one and nobody has settled the request; says whether."""
    request = own_tables.request
    unchanged = request.c.answer.is_(None) if known is None else request.c.answer == known.text
    is_open = request.c.state.in_(OPEN_STATES)
    with writing(engine) as connection:
        changed = connection.execute(
            sa.update(request)
            .where(request.c.request_uuid == request_uuid, unchanged, is_open)
            .values(answer=note.text)
        )
    return changed.rowcount == 1
