"""Carries out a plan in two passes: groups, then each customer's items and, under confirmed items, its subitems.

Customers go side by side; the two passes of one customer never overlap. Each board has one writer at a time, so one
customer's pass 2 runs beside the next one's pass 1.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

from core.errors import DeltaDeskError, Problem
from core.monday.limits import Governor
from core.orders.journal import RunRow, new_uuid
from core.sync.control import RunControl
from core.sync.events import (
    CustomerEnded,
    CustomerTotals,
    RunEvent,
    RunFinished,
    RunStarted,
)
from core.sync.groups import GroupMaker
from core.sync.ledger import Ended, Ledger, Settlement
from core.sync.outcome import Outcome
from core.sync.plan import (
    Batch,
    Operation,
    Plan,
    PlannedRequest,
    Reference,
    Step,
    TargetKind,
    narrow,
    seal,
)
from core.sync.ports import BoardApi, Clock, RunJournal
from core.sync.report import ApiUse, RunReport
from core.sync.sender import Sender, SendingLimits
from core.sync.verdicts import Judged, Verdict

Emit = Callable[[RunEvent], None]


class Engine:
    """Runs plans against one board."""

    def __init__(
        self,
        api: BoardApi,
        journal: RunJournal,
        governor: Governor,
        clock: Clock,
        *,
        limits: SendingLimits | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._api = api
        self._journal = journal
        self._governor = governor
        self._clock = clock
        self._limits = limits or SendingLimits()
        self._jitter = jitter

    async def run(
        self,
        plan: Plan,
        control: RunControl,
        emit: Emit,
        *,
        dry_run: bool = False,
        unresolved: int = 0,
    ) -> RunReport:
        """Carry out the plan and report. A dry run sends nothing and writes no state.

        Raises StoreError when the journal cannot be written; what was sent before is in it.
        """
        run = _Run(self, plan, control, emit)
        return await run.carry_out(dry_run=dry_run, unresolved=unresolved)


class _Run:
    """One execution of a plan."""

    def __init__(self, engine: Engine, plan: Plan, control: RunControl, emit: Emit) -> None:
        self._engine = engine
        self._journal = engine._journal  # noqa: SLF001  a run is the engine's own inner part
        self._clock = engine._clock  # noqa: SLF001
        self._plan = plan
        self._control = control
        self._emit = emit
        control.tell(emit)
        self._run_id = new_uuid()
        self._ledger = Ledger(plan)
        self._ids: dict[Reference, str] = {}
        self._missing_groups: dict[str, Problem] = {}
        self._sender = Sender(
            self._run_id,
            engine._api,  # noqa: SLF001
            engine._journal,  # noqa: SLF001
            engine._governor,  # noqa: SLF001
            engine._clock,  # noqa: SLF001
            control,
            emit,
            engine._limits,  # noqa: SLF001
            engine._jitter,  # noqa: SLF001
        )
        self._groups = GroupMaker(
            plan.board_id,
            self._run_id,
            engine._api,  # noqa: SLF001
            engine._journal,  # noqa: SLF001
            engine._clock,  # noqa: SLF001
            control,
            emit,
        )

    async def carry_out(self, *, dry_run: bool, unresolved: int) -> RunReport:
        started = self._clock.now()
        began = self._clock.monotonic()
        await self._begin(started, dry_run=dry_run)
        if dry_run:
            self._rehearse(started)
        else:
            await self._write(self._ledger.validate(started))
            try:
                await self._make_groups()
                await self._customers()
            except BaseExceptionGroup as group:
                raise _first(group) from group
            finally:
                closing = self._ledger.close(self._clock.now())
                for event in closing.events:
                    self._emit(event)
        report = self._report(started, began, dry_run=dry_run, unresolved=unresolved)
        await asyncio.to_thread(self._journal.end_run, self._run_id, report.finished_at, report.to_json())
        self._emit(RunFinished(report))
        return report

    async def _begin(self, started: datetime, *, dry_run: bool) -> None:
        plan = self._plan
        row = RunRow(
            self._run_id, plan.profile, plan.board_id, dry_run, plan.hash, plan.mapping_hash, started
        )
        await asyncio.to_thread(self._journal.begin_run, row)
        self._emit(
            RunStarted(
                self._run_id,
                plan.profile,
                dry_run,
                started,
                tuple(
                    CustomerTotals(b.customer, len(b.orders), b.line_count, len(b.requests))
                    for b in plan.batches
                ),
                plan.order_count,
                plan.line_count,
                sum(1 for _ in plan.requests),
            )
        )

    def _rehearse(self, at: datetime) -> None:
        """A dry run: every planned operation counts as carried out; nothing is sent or written."""
        settled = self._ledger.validate(at)
        for event in settled.events:
            self._emit(event)
        for batch in self._plan.batches:
            for request in batch.requests:
                for operation in request.operations:
                    for event in self._ledger.confirmed(operation, "", at).events:
                        self._emit(event)
            self._customer_ended(batch, 0.0)

    async def _write(self, settled: Settlement) -> None:
        if settled.states or settled.findings:
            await asyncio.to_thread(
                self._journal.record_states, self._clock.now(), settled.states, settled.findings
            )
        for event in settled.events:
            self._emit(event)

    # Pass 0: groups

    async def _make_groups(self) -> None:
        for request in self._plan.group_requests:
            mine = await self._groups.reserve(request.operations)
            part = narrow(request, mine)
            if part is not None:
                judged = await self._send(part, self._settle_nothing)
                await self._groups.created(judged)
        found = await self._groups.wait_for_others()
        self._ids.update({Reference(TargetKind.GROUP, title): group_id for title, group_id in found.items()})
        self._missing_groups = self._groups.problems

    @staticmethod
    def _settle_nothing(_judged: list[Judged]) -> Settlement:
        return Settlement()

    # Passes 1 and 2

    async def _customers(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for batch in self._plan.batches:
                tasks.create_task(self._customer(batch), name=f"customer {batch.customer}")

    async def _customer(self, batch: Batch) -> None:
        began = self._clock.monotonic()
        for request in batch.item_requests:
            await self._send_ready(request)
        for request in batch.subitem_requests:
            await self._send_ready(request)
        self._customer_ended(batch, self._clock.monotonic() - began)

    async def _send_ready(self, request: PlannedRequest) -> None:
        """Send the operations whose group or parent is on the board; give the others their outcome."""
        ready: list[Operation] = []
        for operation in request.operations:
            if request.step is Step.SUBITEMS and not self._ledger.may_send_lines(operation.order_key):
                continue  # the order's end has already accounted for this line
            missing = [reference for reference in operation.references if reference not in self._ids]
            if not missing:
                ready.append(operation)
            elif missing[0].kind is TargetKind.GROUP:
                await self._write(
                    self._ledger.ended(operation, self._no_group(missing[0]), self._clock.now())
                )
        part = narrow(request, ready)
        if part is not None:
            await self._send(part, self._settle)

    def _no_group(self, reference: Reference) -> Ended:
        problem = self._missing_groups.get(reference.key)
        if problem is None or self._control.stopping:
            return Ended(Outcome.NOT_STARTED)
        return Ended(Outcome.FAILED, problem)

    async def _send(
        self, request: PlannedRequest, settle: Callable[[list[Judged]], Settlement]
    ) -> list[Judged]:
        """Send a request, halving it where the API refuses it as a whole and resending what it asked to."""
        waiting = deque([request])
        judged_all: list[Judged] = []
        refusals_left = _refusals_allowed(len(request.operations))
        while waiting:
            part = waiting.popleft()
            halve = False

            def settle_part(judged: list[Judged], part: PlannedRequest = part) -> Settlement:
                nonlocal halve
                halve = len(part.operations) > 1 and _refused_whole(judged)
                return Settlement() if halve and refusals_left else settle(judged)

            judged = await self._sender.send(part, self._ids, self._plan.operation_hashes, settle_part)
            if halve and refusals_left:
                refusals_left -= 1
                middle = len(part.operations) // 2
                for half in (part.operations[middle:], part.operations[:middle]):
                    waiting.appendleft(_part_of(part, half))
                continue
            again = [j.operation for j in judged if j.verdict is Verdict.AGAIN]
            if again:
                waiting.append(_part_of(part, again))
            judged_all.extend(j for j in judged if j.verdict is not Verdict.AGAIN)
        return judged_all

    def _settle(self, judged: list[Judged]) -> Settlement:
        """The rows and events that follow from a request's verdicts."""
        now = self._clock.now()
        whole = Settlement()
        for each in judged:
            part = self._settle_one(each, now)
            whole.states.extend(part.states)
            whole.findings.extend(part.findings)
            whole.events.extend(part.events)
        return whole

    def _settle_one(self, judged: Judged, now: datetime) -> Settlement:
        operation = judged.operation
        match judged.verdict:
            case Verdict.CONFIRMED:
                board_id = judged.board_id or ""
                if operation.target is TargetKind.ORDER:
                    self._ids[Reference(TargetKind.ORDER, operation.key)] = board_id
                return self._ledger.confirmed(operation, board_id, now)
            case Verdict.REJECTED:
                return self._ledger.ended(operation, Ended(Outcome.FAILED, judged.problem), now)
            case Verdict.UNKNOWN:
                return self._ledger.ended(operation, Ended(Outcome.UNKNOWN, judged.problem), now)
            case Verdict.NOT_SENT:
                return self._ledger.ended(operation, Ended(Outcome.NOT_STARTED), now)
            case Verdict.AGAIN:
                return Settlement()

    # The end

    def _customer_ended(self, batch: Batch, seconds: float) -> None:
        report = next(c for c in self._ledger.customers() if c.customer == batch.customer)
        self._emit(
            CustomerEnded(
                batch.customer,
                report.orders.synced + report.lines.synced,
                report.orders.failed + report.lines.failed,
                seconds,
            )
        )

    def _report(self, started: datetime, began: float, *, dry_run: bool, unresolved: int) -> RunReport:
        orders, lines = self._ledger.counts()
        tally = self._sender.tally
        return RunReport(
            run_id=self._run_id,
            profile=self._plan.profile,
            dry_run=dry_run,
            started_at=started,
            finished_at=self._clock.now(),
            orders=orders,
            lines=lines,
            customers=self._ledger.customers(),
            failures=self._ledger.failures(),
            api=ApiUse(tally.calls, tally.rejected, tally.complexity),
            seconds=self._clock.monotonic() - began,
            groups_created=self._groups.created_count,
            stopped=self._control.problem,
            cancelled=self._control.stopping and self._control.problem is None,
            unresolved=unresolved,
        )


def _refused_whole(judged: Sequence[Judged]) -> bool:
    """Whether one and the same refusal met every operation: the API did not look at them singly."""
    reasons = {(j.problem.code, j.problem.title) for j in judged if j.problem}
    return len(reasons) == 1 and all(j.verdict is Verdict.REJECTED and not j.stops for j in judged)


def _refusals_allowed(operations: int) -> int:
    """Enough halvings to find a few bad operations; a document refused for another reason costs no more calls."""
    return 4 * max(1, operations.bit_length())


def _part_of(request: PlannedRequest, operations: Sequence[Operation]) -> PlannedRequest:
    return seal(
        PlannedRequest(request.key, request.step, request.customer, request.board_id, tuple(operations))
    )


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure to tell: an expected one before a bug's consequences."""
    leaves: list[BaseException] = []
    pending: list[BaseException] = [group]
    while pending:
        error = pending.pop()
        if isinstance(error, BaseExceptionGroup):
            pending.extend(error.exceptions)
        else:
            leaves.append(error)
    return next((leaf for leaf in leaves if isinstance(leaf, DeltaDeskError)), leaves[0])
