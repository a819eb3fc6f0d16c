"""After a crash or a lost answer: what became of the jobs of bulk imports, before their rows are looked up.

A job works on when its worker is gone. So its rows can be told about only when it has ended, or when it
certainly never got its file.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Protocol

from core.errors import BoardError
from core.monday.client import CallFailedError, board_error
from core.monday.errors import FaultKind, is_gone
from core.orders.import_jobs import JobNote, JobStage
from core.orders.journal import UnresolvedOperation
from core.sync.bulk.pace import UNSURE_SECONDS, JobWatch, Pace
from core.sync.bulk.status import JobState, StatusApi, ask_status
from core.sync.ports import Clock

PATIENCE_SECONDS = 120.0
"""How long a plan waits for a job that shows no progress before it leaves its records alone."""
FORGOTTEN = timedelta(days=1)
"""When a job that the board does not know, or that never got to work, has certainly come to nothing more."""


class Fate(Enum):
    """What is known of a job."""

    NOTHING = "nothing"
    """It never got a file, and will not get one: nothing was created."""
    ENDED = "ended"
    """It will create nothing more; the board tells what it made."""
    OPEN = "open"
    """It may still create records."""


class JobJournal(Protocol):
    """What the journal knows of jobs. Synchronous. Raises StoreError."""

    def import_job(self, request_uuid: str) -> JobNote | None:
        """The job of a request; None where its start was not heard of."""
        ...

    def advance_import(self, request_uuid: str, known: JobNote | None, note: JobNote) -> bool:
        """Take a step with a job; False when somebody else did."""
        ...


@dataclass(frozen=True, slots=True)
class Fates:
    """The jobs of several requests."""

    by_request: Mapping[str, Fate]

    def of(self, operation: UnresolvedOperation) -> Fate | None:
        """The fate of the job that the operation is a row of; None for what is no row of a file."""
        return self.by_request.get(operation.request_uuid)


async def find_fates(
    operations: Iterable[UnresolvedOperation], api: StatusApi, journal: JobJournal, clock: Clock
) -> Fates:
    """Find out what became of the jobs of these operations, whose workers are gone.

    A job at work is waited for. Raises BoardError when the board cannot be asked, StoreError.
    """
    found: dict[str, Fate] = {}
    for request_uuid in dict.fromkeys(each.request_uuid for each in operations if each.imported):
        found[request_uuid] = await _fate(request_uuid, api, journal, clock)
    return Fates(found)


async def _fate(request_uuid: str, api: StatusApi, journal: JobJournal, clock: Clock) -> Fate:
    note = await asyncio.to_thread(journal.import_job, request_uuid)
    if note is None or note.stage is JobStage.STARTED:
        # Its worker may only sleep: it must find that nothing may be uploaded any more.
        given_up = note.at(JobStage.GIVEN_UP) if note else JobNote(JobStage.GIVEN_UP)
        mine = await asyncio.to_thread(journal.advance_import, request_uuid, note, given_up)
        return Fate.NOTHING if mine else Fate.OPEN
    if note.stage is JobStage.GIVEN_UP:
        return Fate.NOTHING
    return await _fate_on_board(note, api, clock)


async def _fate_on_board(note: JobNote, api: StatusApi, clock: Clock) -> Fate:
    assert note.started_at is not None
    is_old = clock.now() - note.started_at > FORGOTTEN
    last = None
    began = clock.monotonic()
    watch = JobWatch(Pace(), 0, began)
    patience_ends = began + PATIENCE_SECONDS
    while True:
        try:
            status = await ask_status(api, note.job_id)
        except CallFailedError as failure:
            if not (is_gone(failure.fault) or failure.fault.kind is FaultKind.DATA):
                raise _cannot_ask(failure) from failure
            return Fate.ENDED if is_old else Fate.OPEN
        if status.state.ended or (is_old and status.state is JobState.UPLOAD_PENDING):
            return Fate.ENDED
        now = clock.monotonic()
        if status != last:
            last, patience_ends = status, now + PATIENCE_SECONDS
        elif now >= patience_ends:
            return Fate.OPEN
        await clock.sleep(min(UNSURE_SECONDS, watch.pause_after(status, now)))


def _cannot_ask(failure: CallFailedError) -> BoardError:
    return board_error(failure.fault, "the status of an import", failure.request_id)
