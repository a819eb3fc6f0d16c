"""Gets one request to the board: journal, budgets, attempts, waits. Returns a verdict for every operation."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.errors import Problem
from core.monday.client import Answer, CallFailedError
from core.monday.errors import ApiFault, FaultKind, is_unknown_column
from core.monday.limits import Ticket
from core.orders.journal import RequestRow
from core.sync.events import BudgetRead, RequestAnswered, RequestSent, Waiting, nearest_limit
from core.sync.forecast import spent_for_today
from core.sync.ledger import Settlement
from core.sync.lost_requests import LostRequests, Trial
from core.sync.plan import OperationKind, PlannedRequest, Reference, Step, narrow
from core.sync.retries import Retries
from core.sync.run_context import RunContext
from core.sync.verdicts import Judged, Verdict, all_alike, journal_outcomes, judge, with_rule


@dataclass(slots=True)
class _Sent:
    """How the attempts at one request ended."""

    judged: list[Judged]
    attempts: int
    answer: Answer | None = None
    failure: CallFailedError | None = None
    problem: Problem | None = None
    """Why the run ends with it, where that is not the failure itself."""
    taken: bool = False
    """Another worker has the records by now, and says what becomes of them."""


Check = Callable[[PlannedRequest], None]
"""Raises DeltaDeskError for a request that is not what was planned."""
Settle = Callable[[Sequence[Judged]], Settlement]
"""Turns verdicts into the states and events that follow from them."""


class Sender:
    """Sends the requests of one run."""

    def __init__(self, context: RunContext) -> None:
        ports = context.ports
        self._context = context
        self._run_id = context.run_id
        self._api = ports.api
        self._journal = ports.journal
        self._governor = ports.governor
        self._clock = ports.clock
        self._limits = ports.limits
        self._retries = Retries(ports.limits, ports.jitter)
        self._control = context.control
        self._emit = context.emit
        self._tally = context.tally
        self._lost = LostRequests(context, self._retries, self._wait)
        self._parts: Counter[str] = Counter()
        """How many parts of each planned request were to leave so far."""
        self.full: Problem | None = None
        """Why no further item is created; changes, and lines of items that are there, still leave."""

    async def send(
        self,
        request: PlannedRequest,
        ids: Mapping[Reference, str],
        check: Check,
        settle: Settle,
        *,
        times: int = 1,
    ) -> list[Judged]:
        """Carry out one request and commit its outcomes with the states that `settle` makes of them.

        Only its first operations where the minute's budget has no room for all: the verdicts are theirs.
        The caller holds the board's writer. `times` counts how often the operations were sent, this time
        included. Raises DeltaDeskError, with nothing sent, when the request is not the planned one, and
        StoreError when the journal cannot be written.
        """
        request = self._numbered(request)
        leaving = await self._may_leave(request)
        if leaving is None:
            return all_alike(request.operations, Verdict.NOT_SENT, None)
        request, ticket = leaving
        try:
            # Some milliseconds of encoding: where a window shares the loop, it would feel them.
            body, row, taken = await asyncio.to_thread(self._journalled, request, ids, check)
            started = self._clock.monotonic()
            self._tally.pace.begin(started)
            sent = taken or await self._attempts(request, body, row, ticket)
        finally:
            self._governor.release(ticket)
        self._hold_back(sent, times)
        self.full = self.full or next((judged.problem for judged in sent.judged if judged.full), None)
        settlement = settle(sent.judged)
        if not sent.taken:
            await asyncio.to_thread(self._commit, row.request_uuid, sent, settlement)
        for event in settlement.events:
            self._emit(event)
        self._emit(
            RequestAnswered(
                request.key,
                request.step,
                request.customer,
                len(request.operations),
                [judged.verdict for judged in sent.judged].count(Verdict.REJECTED),
                self._clock.monotonic() - started,
                _complexity_cost(sent.answer),
                _request_id(sent),
            )
        )
        self._tell_budget()
        self._stop_where_pointless(sent)
        return sent.judged

    def _journalled(
        self, request: PlannedRequest, ids: Mapping[Reference, str], check: Check
    ) -> tuple[bytes, RequestRow, _Sent | None]:
        """The request with its ids, its row in the journal, which is committed, and how it ended if it did.

        Raises DeltaDeskError for a request that was not planned, StoreError.
        """
        check(request)
        body = request.filled_body(ids)
        row = self._context.request_row(request, body.decode())
        self._journal.sending(row, self._clock.now())
        # Asked after the journal has the request: who takes the records from now on finds it there.
        return body, row, self._taken(request, row, None)

    def _numbered(self, request: PlannedRequest) -> PlannedRequest:
        """The request by a name of its own, where what was planned as one leaves in parts."""
        self._parts[request.key] += 1
        number = self._parts[request.key]
        return request if number == 1 else replace(request, key=f"{request.key}, part {number}")

    async def _may_leave(self, request: PlannedRequest) -> tuple[PlannedRequest, Ticket] | None:
        """Wait for a pause to end and for the budgets; None when the run stops or the board is full.

        Returns what leaves now: the request, or the part of it that still fits into the minute's budget.
        """
        only_items = all(operation.kind is OperationKind.CREATE_ITEM for operation in request.operations)
        whole = request
        while True:
            if not await self._control.proceed() or (only_items and self.full is not None):
                return None
            fields = _fields(request)
            found = self._governor.admit(request.board_id, fields)
            if isinstance(found, Ticket):
                return request, found
            if found.over:
                self._control.stop(spent_for_today(self._governor.daily.today(self._clock.now())))
                return None
            if 0 < (fitting := self._governor.fitting(fields)) < len(fields):
                part = await asyncio.to_thread(narrow, whole, whole.operations[:fitting])
                request = part or whole
                continue
            request = whole
            if not await self._wait(found.seconds, found.reason, request):
                return None

    async def _wait(self, seconds: float, reason: str, request: PlannedRequest) -> bool:
        self._emit(Waiting(reason, seconds, request.key))
        return await self._control.interruptible(self._clock.sleep(seconds))

    async def _attempts(self, request: PlannedRequest, body: bytes, row: RequestRow, ticket: Ticket) -> _Sent:
        """Try until there is an answer, a refusal, or no patience left. Every attempt has the same key."""
        trial = Trial(self._clock.monotonic() + self._limits.total_seconds)
        while True:
            trial.attempt += 1
            self._emit(
                RequestSent(
                    request.key, request.step, request.customer, len(request.operations), trial.attempt
                )
            )
            self._tally.calls += 1
            left_at = self._clock.monotonic()
            try:
                answer = await self._api.execute(body, idempotency_key=row.idempotency_key)
            except CallFailedError as failure:
                self._learn_from(failure, ticket, left_at)
                sent = await self._after_failure(request, failure, trial)
                sent = sent or await asyncio.to_thread(self._taken, request, row, trial)
                if sent is not None:
                    return sent
            else:
                self._governor.answered(ticket, answer.budgets, answer.complexity, left_at)
                self._tally.complexity += _complexity_cost(answer) or 0
                return _Sent(judge(answer, request.operations), trial.attempt, answer)

    def _taken(self, request: PlannedRequest, row: RequestRow, trial: Trial | None) -> _Sent | None:
        """How the request ends where another worker has its records by now: after a sleep of the machine.

        `trial`: its attempts; None before the first one.
        """
        attempts = trial.attempt if trial else 0
        may_be_there = trial is not None and trial.lost_at is not None
        if request.step is Step.GROUPS:
            titles = [operation.key for operation in request.operations]
            if self._journal.hold_groups(request.board_id, titles, self._run_id, self._clock.now()):
                return None
            # Who makes them now is waited for.
            return _Sent(all_alike(request.operations, Verdict.UNKNOWN, None), attempts)
        orders = {operation.order_key or operation.key for operation in request.operations}
        problem = self._control.lost(orders)
        if problem is None and attempts and not self._journal.is_open(row.request_uuid):
            problem = Problem(
                "claims_lost",
                "This run was silent for too long, and another one found out what became of its request",
                f"request {request.key}",
                "Run again: what was sent is known, and only the rest is sent.",
            )
        if problem is None:
            return None
        verdict = Verdict.UNKNOWN if may_be_there else Verdict.NOT_SENT
        alike = all_alike(request.operations, verdict, None)
        judged = [each._replace(stops=True, problem=problem) for each in alike]
        return _Sent(judged, attempts, taken=may_be_there)

    def _learn_from(self, failure: CallFailedError, ticket: Ticket, left_at: float) -> None:
        self._governor.observe(failure.budgets, sent_at=left_at)
        kind = failure.fault.kind
        if kind in {FaultKind.BUDGET, FaultKind.LOCKED, FaultKind.DAILY}:
            self._governor.refused(ticket, slow_down=kind is not FaultKind.DAILY, sent_at=left_at)

    async def _after_failure(
        self, request: PlannedRequest, failure: CallFailedError, trial: Trial
    ) -> _Sent | None:
        """Wait for the next attempt; None when it may leave, else how the request ended without one."""
        fault = failure.fault
        if is_unknown_column(fault):
            fault = with_rule(fault, request.operations, fault.message)
            failure.fault = fault
        if fault.kind in {FaultKind.BUDGET, FaultKind.DAILY}:
            self._tally.rejected += 1
        if fault.may_have_applied:
            trial.lost_at = self._clock.monotonic()

        def given_up(verdict: Verdict) -> _Sent:
            lost = trial.lost_at is not None
            judged = all_alike(
                request.operations, Verdict.UNKNOWN if lost else verdict, fault, failure.request_id
            )
            return _Sent(judged, trial.attempt, failure=failure, problem=trial.refused)

        pause = self._pause_before_retry(fault, trial)
        if pause is None:
            refused = fault.kind in {FaultKind.DATA, FaultKind.REQUEST}
            return given_up(Verdict.REJECTED if refused else Verdict.NOT_SENT)
        if fault.kind in {FaultKind.BUDGET, FaultKind.LOCKED}:
            self._governor.block(pause, _reason(fault))
        if not await self._wait(pause, _reason(fault), request):
            return given_up(Verdict.NOT_SENT)
        if trial.lost_at is None and request.step is not Step.GROUPS:
            return None  # while a group's creation was put off, another worker may have made it
        found = await self._lost.find(request, trial)
        if found is None:
            return given_up(Verdict.NOT_SENT)
        return _Sent(found, trial.attempt) if found else None

    def _pause_before_retry(self, fault: ApiFault, trial: Trial) -> float | None:
        """Seconds until the next attempt; None when there will be none."""
        pause = self._retries.pause(fault, trial.attempt)
        return None if pause is None or self._clock.monotonic() + pause >= trial.deadline else pause

    def _hold_back(self, sent: _Sent, times: int) -> None:
        """Wait as the board asked before operations that it put off are sent again, or give them up."""
        put_off = [judged for judged in sent.judged if judged.verdict is Verdict.AGAIN]
        if not put_off:
            return
        if times >= self._limits.attempts:
            sent.judged = [
                judged._replace(verdict=Verdict.NOT_SENT, stops=True) if judged in put_off else judged
                for judged in sent.judged
            ]
            return
        asked = [judged.retry_after for judged in put_off if judged.retry_after is not None]
        pause = max(asked) if asked else self._retries.backoff(times)
        self._governor.block(pause, "waiting because the board put some records off")

    def _commit(self, request_uuid: str, sent: _Sent, settlement: Settlement) -> None:
        source = sent.answer or sent.failure
        self._journal.answered(
            request_uuid,
            self._clock.now(),
            journal_outcomes(sent.judged),
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
                sent.problem
                or Problem(fault.code, fault.message, "the board's API", fault.remedy, _request_id(sent))
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
                self._tally.pace.per_minute(self._clock.monotonic()),
                self._governor.daily.today(self._clock.now()),
                nearest_limit(self._governor.binding),
            )
        )


def _fields(request: PlannedRequest) -> tuple[str, ...]:
    return tuple(operation.mutation.field for operation in request.operations)


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
