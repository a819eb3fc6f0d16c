"""Gets one request to the board: journal, budgets, attempts, waits. Returns a verdict for every operation."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.errors import Problem
from core.monday.client import Answer, CallFailedError
from core.monday.errors import ApiFault, FaultKind
from core.orders.journal import OperationOutcome, OperationRow, RequestRow, new_uuid
from core.sync.control import RunControl
from core.sync.events import BudgetRead, RequestAnswered, RequestSent, RunEvent, Waiting
from core.sync.ledger import Settlement
from core.sync.plan import PlannedRequest, Reference, verify
from core.sync.ports import EnginePorts
from core.sync.verdicts import Judged, Verdict, all_alike, judge

_BACKOFF_FIRST_SECONDS = 1.0
_BACKOFF_LONGEST_SECONDS = 60.0


@dataclass(slots=True)
class ApiTally:
    """What a run asked of the API."""

    calls: int = 0
    rejected: int = 0
    complexity: int = 0


@dataclass(frozen=True, slots=True)
class RunContext:
    """What the parts of one run share."""

    run_id: str
    ports: EnginePorts
    control: RunControl
    emit: Callable[[RunEvent], None]
    tally: ApiTally


@dataclass(slots=True)
class _Sent:
    """How the attempts at one request ended."""

    judged: list[Judged]
    attempts: int
    answer: Answer | None = None
    failure: CallFailedError | None = None


Settle = Callable[[Sequence[Judged]], Settlement]
"""Turns verdicts into the states and events that follow from them."""


class Sender:
    """Sends the requests of one run."""

    def __init__(self, context: RunContext) -> None:
        ports = context.ports
        self._run_id = context.run_id
        self._api = ports.api
        self._journal = ports.journal
        self._governor = ports.governor
        self._clock = ports.clock
        self._limits = ports.limits
        self._jitter = ports.jitter
        self._control = context.control
        self._emit = context.emit
        self._tally = context.tally

    async def send(
        self,
        request: PlannedRequest,
        ids: Mapping[Reference, str],
        planned: frozenset[str],
        settle: Settle,
        *,
        times: int = 1,
    ) -> list[Judged]:
        """Carry out one request and commit its outcomes with the states that `settle` makes of them.

        `times` counts how often its operations were sent, this time included. Raises DeltaDeskError, with
        nothing sent, when the request is not the planned one, StoreError when the journal cannot be written.
        """
        # Some milliseconds of encoding each: where a window shares the loop, it would feel them.
        await asyncio.to_thread(verify, request, planned)
        async with self._governor.writer(request.board_id):
            if not await self._may_leave(request):
                return all_alike(request.operations, Verdict.NOT_SENT, None)
            try:
                body = await asyncio.to_thread(request.filled_body, ids)
                row = self._journal_row(request, body)
                await asyncio.to_thread(self._journal.sending, row, self._clock.now())
                started = self._clock.monotonic()
                sent = await self._attempts(request, body, row.idempotency_key)
            finally:
                self._governor.release(len(request.operations))
            self._hold_back(sent, times)
            settlement = settle(sent.judged)
            await asyncio.to_thread(self._commit, row.request_uuid, sent, settlement)
        for event in settlement.events:
            self._emit(event)
        self._emit(
            RequestAnswered(
                request.key,
                request.step,
                request.customer,
                len(request.operations),
                sum(judged.verdict is Verdict.REJECTED for judged in sent.judged),
                self._clock.monotonic() - started,
                _complexity_cost(sent.answer),
                _request_id(sent),
            )
        )
        self._tell_budget()
        self._stop_where_pointless(sent)
        return sent.judged

    async def _may_leave(self, request: PlannedRequest) -> bool:
        """Wait for a pause to end and for the budgets; False when the run stops meanwhile."""
        while True:
            if not await self._control.proceed():
                return False
            hold = self._governor.admit(len(request.operations))
            if hold is None:
                return True
            if not await self._wait(hold.seconds, hold.reason, request):
                return False

    async def _wait(self, seconds: float, reason: str, request: PlannedRequest) -> bool:
        self._emit(Waiting(reason, seconds, request.key))
        return await self._control.interruptible(self._clock.sleep(seconds))

    def _journal_row(self, request: PlannedRequest, body: bytes) -> RequestRow:
        return RequestRow(
            request_uuid=new_uuid(),
            run_id=self._run_id,
            request_key=request.key,
            step=request.step.value,
            idempotency_key=new_uuid(),
            planned_hash=request.hash,
            body=body.decode(),
            operations=tuple(
                OperationRow(operation.target.value, operation.key, operation.kind.value)
                for operation in request.operations
            ),
        )

    async def _attempts(self, request: PlannedRequest, body: bytes, key: str) -> _Sent:
        """Try until there is an answer, a refusal, or no patience left. Every attempt has the same key."""
        deadline = self._clock.monotonic() + self._limits.total_seconds
        may_have_applied = False
        attempt = 0
        while True:
            attempt += 1
            self._emit(
                RequestSent(request.key, request.step, request.customer, len(request.operations), attempt)
            )
            self._tally.calls += 1
            try:
                answer = await self._api.execute(body, idempotency_key=key)
            except CallFailedError as failure:
                self._governor.observe(failure.budgets, None, 0)
                fault = failure.fault
                if fault.kind in {FaultKind.BUDGET, FaultKind.DAILY}:
                    self._tally.rejected += 1
                may_have_applied = may_have_applied or fault.may_have_applied
                pause = self._pause_before_retry(fault, attempt, deadline)
                if pause is None:
                    verdict = _verdict_without_answer(fault, may_have_applied=may_have_applied)
                    judged = all_alike(request.operations, verdict, fault, failure.request_id)
                    return _Sent(judged, attempt, failure=failure)
                if fault.kind in {FaultKind.BUDGET, FaultKind.LOCKED}:
                    self._governor.block(pause, _reason(fault))
                if not await self._wait(pause, _reason(fault), request):
                    verdict = Verdict.UNKNOWN if may_have_applied else Verdict.NOT_SENT
                    judged = all_alike(request.operations, verdict, fault, failure.request_id)
                    return _Sent(judged, attempt, failure=failure)
            else:
                self._governor.observe(answer.budgets, answer.complexity, len(request.operations))
                self._tally.complexity += _complexity_cost(answer) or 0
                return _Sent(judge(answer, request.operations), attempt, answer)

    def _pause_before_retry(self, fault: ApiFault, attempt: int, deadline: float) -> float | None:
        """Seconds until the next attempt; None when there will be none.

        The server's own delay comes first, then our own back-off.
        """
        if fault.kind not in {FaultKind.TRANSIENT, FaultKind.LOCKED, FaultKind.BUDGET}:
            return None
        if attempt >= self._limits.attempts and fault.kind is not FaultKind.BUDGET:
            return None
        pause = fault.retry_after if fault.retry_after is not None else self._backoff(attempt)
        return pause if self._clock.monotonic() + pause < deadline else None

    def _hold_back(self, sent: _Sent, times: int) -> None:
        """Wait as the board asked before operations that it put off are sent again, or give them up."""
        put_off = [judged for judged in sent.judged if judged.verdict is Verdict.AGAIN]
        if not put_off:
            return
        if times >= self._limits.attempts:
            sent.judged = [
                replace(judged, verdict=Verdict.NOT_SENT, stops=True) if judged in put_off else judged
                for judged in sent.judged
            ]
            return
        asked = [judged.retry_after for judged in put_off if judged.retry_after is not None]
        pause = max(asked) if asked else self._backoff(times)
        self._governor.block(pause, "waiting because the board put some records off")

    def _backoff(self, attempt: int) -> float:
        """Exponential, with full jitter; seconds."""
        ceiling: float = min(_BACKOFF_LONGEST_SECONDS, _BACKOFF_FIRST_SECONDS * 2 ** min(attempt - 1, 10))
        return ceiling * self._jitter()

    def _commit(self, request_uuid: str, sent: _Sent, settlement: Settlement) -> None:
        outcomes = [
            OperationOutcome(
                index,
                judged.journal_state,
                judged.board_id,
                judged.problem.code if judged.problem else "",
                judged.problem.title if judged.problem else "",
                judged.problem.remedy if judged.problem else "",
            )
            for index, judged in enumerate(sent.judged)
        ]
        source = sent.answer or sent.failure
        self._journal.answered(
            request_uuid,
            self._clock.now(),
            outcomes,
            attempts=sent.attempts,
            http_status=source.http_status if source else None,
            board_request_id=_request_id(sent),
            answer=source.text if source else "",
            states=settlement.states,
            findings=settlement.findings,
        )

    def _stop_where_pointless(self, sent: _Sent) -> None:
        stopping = next((judged for judged in sent.judged if judged.stops), None)
        if stopping is not None:
            self._control.stop(stopping.problem)
            return
        fault = sent.failure.fault if sent.failure else None
        if fault is None or fault.kind in {FaultKind.DATA, FaultKind.REQUEST}:
            return
        if not self._control.stopping:
            # Whatever made this request fail for so long will make the next one fail too.
            self._control.stop(
                Problem(fault.code, fault.message, "the board's API", fault.remedy, _request_id(sent))
            )

    def _tell_budget(self) -> None:
        state = self._governor.state
        self._emit(
            BudgetRead(
                state.complexity_left,
                state.complexity_quota,
                state.complexity_reset_seconds,
                state.minute_left,
                state.minute_quota,
                state.concurrency_left,
                state.concurrency_quota,
                self._tally.calls,
            )
        )


def _verdict_without_answer(fault: ApiFault, *, may_have_applied: bool) -> Verdict:
    if may_have_applied:
        return Verdict.UNKNOWN
    return Verdict.REJECTED if fault.kind in {FaultKind.DATA, FaultKind.REQUEST} else Verdict.NOT_SENT


def _reason(fault: ApiFault) -> str:
    return {
        FaultKind.BUDGET: "waiting because the board's API asked to",
        FaultKind.LOCKED: "waiting because another program holds the board",
    }.get(fault.kind, f"trying again: {fault.message}")


def _complexity_cost(answer: Answer | None) -> int | None:
    cost = answer.complexity.get("query") if answer and answer.complexity else None
    return None if cost is None else int(cost)


def _request_id(sent: _Sent) -> str | None:
    source = sent.answer or sent.failure
    return source.request_id if source else None
