"""The practice board itself: takes a received request through every gate and answers it.

The order of the gates: token, body, version, faults, limits, idempotency key, GraphQL check, complexity,
board locks, latency, execution. What touches the state file happens on one worker thread,
the rest on the event loop.
"""

import asyncio
import hmac
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from core.sandbox.bulk_jobs import BulkJobs
from core.sandbox.bulk_runner import BulkRunner
from core.sandbox.complexity import MUTATION_COST, cost
from core.sandbox.cursors import Cursors
from core.sandbox.delays import Delays
from core.sandbox.errors import Answer, refusal
from core.sandbox.execution import check, encode, execute
from core.sandbox.fault_answers import field_faults, job_faults, locked, refuse, spoil, status_answer
from core.sandbox.faults import Fault, FaultKind, Faults
from core.sandbox.fixture import load_fixture
from core.sandbox.idempotency import CONFLICT_RETRY, IdempotencyCache
from core.sandbox.limits import Limits
from core.sandbox.locks import BoardLocks, boards_written
from core.sandbox.options import SandboxOptions
from core.sandbox.requests import ReceivedRequest, RequestLog
from core.sandbox.resolvers import SCHEMA
from core.sandbox.session import ComplexityReading, Session
from core.sandbox.state import Store
from core.sandbox.structure import Account
from core.sandbox.versions import CURRENT_VERSION, served_version

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


class PracticeBoard:
    """One practice board: its state, limits, faults and log. Open it before use, close it afterwards."""

    def __init__(self, options: SandboxOptions, page_url: str) -> None:
        self.options = options
        self.page_url = page_url
        self.faults = Faults()
        self.requests = RequestLog(options.record_requests)
        self.limits = Limits(options.plan_limits, options.clock)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="practice-board")
        self._locks = BoardLocks(options.writers_per_board)
        self._keys_running: set[str] = set()
        self._delays = Delays(options.latency)
        self._prices = {**MUTATION_COST, **options.mutation_cost}
        self._store: Store
        self._account: Account
        self._cursors: Cursors
        self._kept: IdempotencyCache
        self._jobs: BulkJobs
        self._runner: BulkRunner

    # Life

    def open(self) -> None:
        """Open the state file, filled from the fixture when it is new. Raises FixtureError or OSError."""
        try:
            self.limits.restore_daily_use(self._worker.submit(self._open).result())
            self.limits.spend_daily_calls(self.options.calls_spent)
        except BaseException:
            self._worker.shutdown()
            raise

    def _open(self) -> dict[str, Any] | None:
        self._store = Store(self.options.state)
        try:
            load_fixture(self._store, self.options.fixture, self.options.clock)
        except BaseException:
            self._store.close()
            raise
        self._account = self._store.account()
        self._cursors = Cursors(self.options.clock)
        self._kept = IdempotencyCache(self._store, self.options.clock, self.options.idempotency_budget_bytes)
        self._jobs = BulkJobs(self._store, self.options.clock, self.options.bulk)
        self._runner = BulkRunner(self._jobs, self.session)
        kept: dict[str, Any] | None = self._store.meta("daily_use")
        return kept

    def close(self) -> None:
        """Keep the day's calls and close the state file."""
        self._worker.submit(self._store.set_meta, "daily_use", self.limits.daily_use()).result()
        self._worker.submit(self._store.close).result()
        self._worker.shutdown()

    async def on_worker(
        self, work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        """Run something on the thread that owns the state file."""
        return await asyncio.wrap_future(self._worker.submit(work, *args, **kwargs))

    def read(self, work: Callable[[Session], Result]) -> "Future[Result]":
        """Have something read from the state; callable from any thread."""
        return self._worker.submit(self._read, work)

    def _read(self, work: Callable[[Session], Result]) -> Result:
        now = self.options.clock.now()
        while self._runner.step(now):
            pass
        return work(self.session())

    async def _catch_up(self) -> None:
        # In steps, so that a large import does not keep other requests from the worker.
        now = self.options.clock.now()
        while await self.on_worker(self._runner.step, now):
            pass

    def session(self, version: str = CURRENT_VERSION) -> Session:
        """Return a view of the account as of now; for the worker thread."""
        return Session(
            store=self._store,
            account=self._account,
            clock=self.options.clock,
            cursors=self._cursors,
            plan=self.options.plan_limits,
            page_url=self.page_url,
            api_version=version,
            jobs=self._jobs,
            subitems_per_item=self.options.subitems_per_item,
            index_lag_seconds=self.faults.index_lag_seconds,
        )

    # One request

    async def answer(self, request: ReceivedRequest, token: str | None) -> Answer | None:
        """Return the answer to a request, None to break the connection instead."""
        self.requests.arrived(request)
        status = None
        try:
            version = served_version(request.headers.get("api-version"))
            answer = await self._through_the_gates(request, token, version)
            if answer is None:
                return None
            status = answer.status
            return answer.with_headers(
                {**self.limits.headers(), **answer.headers, "API-Version": version or CURRENT_VERSION}
            )
        finally:
            self.requests.ended(request, status)

    async def transfer(self, request: ReceivedRequest, work: Callable[[BulkJobs], Answer]) -> Answer | None:
        """Return the file store's answer to an upload or for a report, None to break the connection instead.

        A transfer is no call of the API: no token, no limits, no version.
        """
        self.requests.arrived(request)
        status = None
        try:
            answer = await self._transferred(request, work)
            status = None if answer is None else answer.status
            return answer
        finally:
            self.requests.ended(request, status)

    async def _transferred(
        self, request: ReceivedRequest, work: Callable[[BulkJobs], Answer]
    ) -> Answer | None:
        struck = self.faults.strike(request)
        for fault in struck:
            if fault.kind is FaultKind.RESET:
                return None
            if fault.kind is FaultKind.STATUS and not fault.applied:
                return status_answer(fault)
            if fault.kind is FaultKind.DELAY:
                await fault.wait()
        await self._catch_up()
        answer = await self.on_worker(work, self._jobs)
        await self._catch_up()  # a job checks its rows and reserves its items when its file has come
        return spoil(answer, struck)

    async def _through_the_gates(
        self, request: ReceivedRequest, token: str | None, version: str | None
    ) -> Answer | None:
        request_id = str(uuid.uuid4())
        if (unreadable := self._unreadable(request, token, request_id)) is not None:
            return unreadable
        if version is None:
            return refusal("InvalidVersionException", "The API version is malformed", request_id)
        request.read_document()
        struck = self.faults.strike(request)
        for fault in struck:
            if fault.kind is FaultKind.RESET:
                return None
            if (answer := refuse(fault, self.limits, request_id)) is not None:
                return answer
        return await self._counted(request, struck, request_id, version)

    def _unreadable(self, request: ReceivedRequest, token: str | None, request_id: str) -> Answer | None:
        if token is None or not hmac.compare_digest(token.encode(), self.options.token.encode()):
            return refusal("UNAUTHORIZED", "Not Authenticated", request_id, status=401)
        if (problem := request.read_body()) is not None:
            return refusal("BAD_REQUEST", f"Bad request: {problem}", request_id, status=400)
        return None

    async def _counted(
        self, request: ReceivedRequest, struck: list[Fault], request_id: str, version: str
    ) -> Answer | None:
        is_cheap = bool(request.fields) and all(root.name == "complexity" for root in request.fields)
        if (answer := self.limits.admit(request_id, is_cheap=is_cheap)) is not None:
            return answer
        try:
            answer = await self._with_idempotency(request, struck, request_id, version)
            # The headers count this request as running, as the provider's do.
            return spoil(answer.with_headers(self.limits.headers()), struck)
        finally:
            self.limits.leave()

    async def _with_idempotency(
        self, request: ReceivedRequest, struck: list[Fault], request_id: str, version: str
    ) -> Answer:
        key = request.idempotency_key if request.is_mutation else None
        if key is None:
            return await self._run(request, struck, request_id, version, None)
        if key in self._keys_running:
            return refusal(
                "IDEMPOTENCY_CONFLICT",
                "A request with this idempotency key is being processed",
                request_id,
                status=409,
                retry_in_seconds=CONFLICT_RETRY,
            )
        self._keys_running.add(key)
        try:
            if any(fault.kind is FaultKind.EVICT_IDEMPOTENCY for fault in struck):
                await self.on_worker(self._kept.evict, key)
                return await self._run(request, struck, request_id, version, None)
            kept = await self.on_worker(self._kept.find, key)
            return kept or await self._run(request, struck, request_id, version, key)
        finally:
            self._keys_running.discard(key)

    async def _run(
        self, request: ReceivedRequest, struck: list[Fault], request_id: str, version: str, key: str | None
    ) -> Answer:
        await self._catch_up()
        if problems := await self.on_worker(check, request, SCHEMA, version):
            return Answer(200, encode({"errors": problems}, request_id))
        before, estimate = self.limits.complexity_left, cost(request, mutations=self._prices)
        if (refused := self.limits.charge(estimate, request_id)) is not None:
            return refused
        await asyncio.sleep(self._delays.of_request())
        reading = ComplexityReading(estimate, before, self.limits.complexity_reset)
        boards = await self.on_worker(lambda: boards_written(request, self._store))
        if self.options.lock_conflicts and self._locks.is_any_held(boards):
            self.limits.settle(estimate, 0)
            return locked(request_id)
        async with self._locks.hold(boards):
            await asyncio.sleep(self._delays.of_mutations(len(request.fields) if request.is_mutation else 0))
            for fault in struck:
                if fault.kind is FaultKind.DELAY:
                    await fault.wait()
            session = self.session(version)
            session.complexity = reading
            session.calls_today = self.limits.calls_today
            session.field_fault = field_faults(request, struck)
            session.job_fault = job_faults(request, struck)
            answer, actual = await self.on_worker(self._apply, request, session, request_id, key)
        self.limits.settle(estimate, actual)
        return answer

    def _apply(
        self, request: ReceivedRequest, session: Session, request_id: str, key: str | None
    ) -> tuple[Answer, int]:
        # One transaction: what a request did and the answer kept for its key are stored together or not.
        with self._store.transaction():
            result = execute(request, SCHEMA, session)
            answer = Answer(200, encode(result, request_id))
            if key is not None and "data" in result:
                self._kept.keep(key, answer)
            if request.is_mutation:
                self._store.set_meta("daily_use", self.limits.daily_use())
        return answer, cost(request, result.get("data") or {}, mutations=self._prices)
