"""Gets one bulk import to the board: start, upload, status, ids read back, outcomes committed.

A job creates nothing before its file is uploaded. So a start whose answer is lost is harmless; before the
upload the journal knows the job, and from then on only the end of the job and a look at the board tell what
was made. Nothing is uploaded twice to another address.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

from core.errors import ConfigurationError, Problem
from core.monday.client import CallFailedError
from core.monday.errors import ApiFault, FaultKind
from core.monday.limits import Ticket
from core.orders.import_jobs import JobNote, JobStage
from core.orders.journal import RequestRow, new_uuid
from core.sync.bulk.calls import CountedApi, EndsEarlyError
from core.sync.bulk.file import ImportRequest, order_key_of
from core.sync.bulk.made import RowFinder
from core.sync.bulk.pace import JobWatch, Pace
from core.sync.bulk.status import POLL_SECONDS, JobState, JobStatus, ask_status, fault_of
from core.sync.bulk.verdicts import problem_of_job, subject_of_job, to_settle
from core.sync.events import RequestAnswered, RequestSent, Waiting
from core.sync.forecast import spent_for_today
from core.sync.ledger import Settlement
from core.sync.plan import Reference
from core.sync.retries import Retries
from core.sync.run_context import RunContext
from core.sync.sender import Check, Settle
from core.sync.verdicts import Judged, Verdict, all_alike, journal_outcomes

UPLOAD_SECONDS = 570.0
"""How long an upload is tried: its address is good for 10 minutes (docs/importing-items-in-bulk)."""
_SETTLED_AT_ONCE = 200
_START = "ingest_items"
_ENDS_THE_RUN = frozenset({FaultKind.AUTH, FaultKind.CONFIGURATION, FaultKind.DAILY})


@dataclass(slots=True)
class _Job:
    request: ImportRequest
    row: RequestRow
    group_id: str
    orders: frozenset[str]
    key: str
    """The idempotency key of the next start."""
    note: JobNote | None = None
    attempts: int = 0
    uploaded_at: float = 0.0
    """When the last attempt to upload the file began, by the monotonic clock."""


@dataclass(slots=True)
class _Ended:
    judged: list[Judged]
    problem: Problem | None = None
    """Why the run stops."""
    taken: bool = False


class Importer:
    """Carries out the bulk imports of one run."""

    def __init__(self, context: RunContext) -> None:
        ports = context.ports
        self._context = context
        self._api = ports.api
        self._journal = ports.journal
        self._governor = ports.governor
        self._clock = ports.clock
        self._limits = ports.limits
        self._control = context.control
        self._emit = context.emit
        self._calls = CountedApi(context)
        self._retries = Retries(ports.limits, ports.jitter)
        self._rows = RowFinder(context, self._calls)
        self._keys = context.keys
        self._pace = Pace()

    async def carry_out(
        self,
        request: ImportRequest,
        ids: Mapping[Reference, str],
        check: Check,
        settle: Settle,
        rank: int = 0,
    ) -> None:
        """Import the file and commit every row's outcome with the states that `settle` makes of them.

        Of several that wait for the boards the lowest `rank` goes first.

        Raises DeltaDeskError, with nothing sent, when the request is not the planned one, StoreError when the
        journal cannot be written.
        """
        await asyncio.to_thread(check, request)
        async with AsyncExitStack() as writers:
            # It writes both boards. Whoever else takes a turn takes one, so none waits for the other.
            for board_id in filter(None, (self._keys.items_board, self._keys.subitems_board)):
                await writers.enter_async_context(self._governor.writer(board_id, rank))
            ticket = await self._may_leave(request)
            if ticket is None:
                return
            started = self._clock.monotonic()
            try:
                job = await asyncio.to_thread(self._prepared, request, ids)
                await asyncio.to_thread(self._journal.sending, job.row, self._clock.now())
                ended = await self._ended(job, request.filled_body(ids))
            finally:
                self._governor.release(ticket)
            settlement = await self._settled(ended.judged, settle)
            if not ended.taken:
                await asyncio.to_thread(self._commit, job, ended, settlement)
        for event in settlement.events:
            self._emit(event)
        self._emit(
            RequestAnswered(
                request.key,
                request.step,
                request.customer,
                len(request.operations),
                sum(judged.verdict is Verdict.REJECTED for judged in ended.judged),
                self._clock.monotonic() - started,
                None,
                None,
            )
        )
        if ended.problem is not None and not self._control.stopping:
            self._control.stop(ended.problem)

    async def _may_leave(self, request: ImportRequest) -> Ticket | None:
        """Wait for a pause to end and for the budgets; None when the run stops."""
        while await self._control.proceed():
            found = self._governor.admit(request.board_id, (_START,))
            if isinstance(found, Ticket):
                return found
            if found.over:
                self._control.stop(spent_for_today(self._governor.daily.today(self._clock.now())))
            elif not await self._wait(found.seconds, found.reason, request):
                break
        return None

    async def _wait(self, seconds: float, reason: str, request: ImportRequest) -> bool:
        self._emit(Waiting(reason, seconds, request.key))
        return await self._control.interruptible(self._clock.sleep(seconds))

    def _prepared(self, request: ImportRequest, ids: Mapping[Reference, str]) -> _Job:
        group = request.group
        row = self._context.request_row(request, request.journalled(ids))
        orders = frozenset(map(order_key_of, request.operations))
        group_id = ids[group] if isinstance(group, Reference) else group
        return _Job(request, row, group_id, orders, row.idempotency_key)

    async def _ended(self, job: _Job, body: bytes) -> _Ended:
        operations = job.request.operations
        try:
            url = await self._start(job, body)
            await self._upload(job, url)
            status = await self._end_of(job)
            judged = await self._rows.judged(job.request, job.group_id, status)
            await self._still_mine(job, Verdict.UNKNOWN, taken=True)
        except EndsEarlyError as end:
            alike = all_alike(operations, end.verdict, None)
            return _Ended([each._replace(problem=end.problem) for each in alike], end.problem, end.taken)
        return _Ended(judged, problem_of_job(status, job.request))

    async def _still_mine(self, job: _Job, verdict: Verdict, *, taken: bool) -> None:
        """End where another worker has the records by now: after a sleep of the machine."""
        problem = await asyncio.to_thread(self._control.lost, job.orders)
        if problem is None and not await asyncio.to_thread(self._journal.is_open, job.row.request_uuid):
            problem = _taken_over(job.request)
        if problem is not None:
            raise EndsEarlyError(verdict, problem, taken=taken)

    async def _step(self, job: _Job, note: JobNote) -> None:
        """Journal a step; ends where another worker has given the job up meanwhile."""
        uuid = job.row.request_uuid
        if not await asyncio.to_thread(self._journal.advance_import, uuid, job.note, note):
            raise EndsEarlyError(Verdict.NOT_SENT, _taken_over(job.request), taken=True)
        job.note = note

    # Start

    async def _start(self, job: _Job, body: bytes) -> str:
        """Start the job and return where its file goes. Until then nothing can be created."""
        deadline = self._clock.monotonic() + self._limits.total_seconds
        request = job.request
        while True:
            await self._still_mine(job, Verdict.NOT_SENT, taken=False)
            job.attempts += 1
            self._emit(
                RequestSent(
                    request.key, request.step, request.customer, len(request.operations), job.attempts
                )
            )
            started = await self._started(body, job)
            if not isinstance(started, ApiFault):
                job_id, url = started
                await self._step(job, JobNote(JobStage.STARTED, job_id, self._clock.now()))
                return url
            pause = self._retries.pause(started, job.attempts)
            if pause is None or self._clock.monotonic() + pause > deadline:
                raise EndsEarlyError(Verdict.NOT_SENT, _problem(started, request))
            if not await self._wait(pause, f"trying again: {started.message}", request):
                raise EndsEarlyError(Verdict.NOT_SENT, None)

    async def _started(self, body: bytes, job: _Job) -> tuple[str, str] | ApiFault:
        try:
            answer = await self._calls.execute(body, idempotency_key=job.key)
        except CallFailedError as failure:
            return failure.fault
        made = answer.data.get(_START)
        if isinstance(made, Mapping) and made.get("job_id") and made.get("upload_url"):
            return str(made["job_id"]), str(made["upload_url"])
        # The API would repeat this answer for as long as it has the key (docs/idempotency).
        job.key = new_uuid()
        return fault_of(answer.errors, "The answer to the start of an import names no job")

    # Upload

    async def _upload(self, job: _Job, url: str) -> None:
        """Upload the file, again to the same address where that broke: it replaces the file while it may."""
        assert job.note is not None
        if not await self._control.proceed():
            raise EndsEarlyError(Verdict.NOT_SENT, None)
        await self._still_mine(job, Verdict.NOT_SENT, taken=False)
        await self._step(job, job.note.at(JobStage.UPLOADING))
        until = self._clock.monotonic() + UPLOAD_SECONDS
        attempt, lost = 0, False
        while True:
            attempt += 1
            job.uploaded_at = self._clock.monotonic()
            fault = await self._uploaded(url, job.request.file)
            if fault is None:
                return
            lost = lost or fault.may_have_applied
            pause = self._retries.pause(fault, attempt)
            if pause is None or self._clock.monotonic() + pause > until:
                break
            self._emit(Waiting(f"uploading again: {fault.message}", pause, job.request.key))
            await self._clock.sleep(pause)
            await self._still_mine(job, Verdict.UNKNOWN, taken=True)
        if not lost:
            # Each attempt was refused for certain, so the job will never have a file.
            raise EndsEarlyError(Verdict.NOT_SENT, _problem(fault, job.request))

    async def _uploaded(self, url: str, file: bytes) -> ApiFault | None:
        try:
            await self._api.upload(url, file)
        except CallFailedError as failure:
            return failure.fault
        except ConfigurationError as error:  # an address that the connection's rules forbid
            first = error.problem
            return ApiFault(FaultKind.CONFIGURATION, first.code, first.title, first.remedy)
        return None

    # The job works

    async def _end_of(self, job: _Job) -> JobStatus:
        """Ask for the status until the job has ended; a job under way is awaited even where the run stops."""
        assert job.note is not None
        watch = JobWatch(self._pace, len(job.request.rows), job.uploaded_at)
        failures, pause = 0, watch.first_pause()
        last: JobStatus | None = None
        patience_ends = self._clock.monotonic() + self._limits.total_seconds
        while True:
            self._emit(Waiting(_words(job.request, last), pause, job.request.key))
            await self._clock.sleep(pause)
            pause = POLL_SECONDS
            now = self._clock.monotonic()
            try:
                status = await ask_status(self._calls, job.note.job_id)
            except CallFailedError as failure:
                failures += 1
                if failure.fault.kind in _ENDS_THE_RUN or failures > self._limits.attempts:
                    raise _unknown(failure.fault, job.request) from failure
                pause = max(pause, failure.fault.retry_after or 0.0)
                continue
            failures = 0
            if status.state is JobState.COMPLETED:
                watch.completed(now)
            if status.state.ended:
                return status
            if status != last:
                last, patience_ends = status, now + self._limits.total_seconds
            elif now > patience_ends:
                raise EndsEarlyError(Verdict.UNKNOWN, problem_of_job(status, job.request))
            pause = watch.pause_after(status, now)

    # The end

    async def _settled(self, judged: list[Judged], settle: Settle) -> Settlement:
        """What follows from all rows, a portion at a time: the window's loop gets its turns."""
        whole = Settlement()
        relevant = to_settle(judged)
        for start in range(0, len(relevant), _SETTLED_AT_ONCE):
            part = settle(relevant[start : start + _SETTLED_AT_ONCE])
            whole.states.extend(part.states)
            whole.findings.extend(part.findings)
            whole.events.extend(part.events)
            await asyncio.sleep(0)
        return whole

    def _commit(self, job: _Job, ended: _Ended, settlement: Settlement) -> None:
        outcome = ended.problem.title if ended.problem else "completed"
        self._journal.answered(
            job.row.request_uuid,
            self._clock.now(),
            journal_outcomes(ended.judged),
            attempts=job.attempts,
            # A later run that finds rows without an outcome asks for the job by this.
            answer=replace(job.note, outcome=outcome).text if job.note else "",
            states=settlement.states,
            findings=settlement.findings,
        )


def _taken_over(request: ImportRequest) -> Problem:
    return Problem(
        "claims_lost",
        "This run was silent for too long, and another one found out what became of its import",
        subject_of_job(request),
        "Run again: what was sent is known, and only the rest is sent.",
    )


def _problem(fault: ApiFault, request: ImportRequest) -> Problem:
    return Problem(fault.code, fault.message, subject_of_job(request), fault.remedy)


def _unknown(fault: ApiFault, request: ImportRequest) -> EndsEarlyError:
    problem = Problem(
        fault.code,
        f"The board does not tell what became of the import: {fault.message}",
        subject_of_job(request),
        f"{fault.remedy} The next run asks for the import before anything is sent again.",
    )
    return EndsEarlyError(Verdict.UNKNOWN, problem)


def _words(request: ImportRequest, status: JobStatus | None) -> str:
    progress = f", {status.progress} % done" if status and status.progress else ""
    return f"the board imports {len(request.operations):,} records{progress}"
