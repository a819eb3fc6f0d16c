"""One run of a plan: groups, then each customer's items and, under confirmed items, its subitems.

Customers go side by side; the two passes of one customer never overlap. Where a board has one writer at a
time, the first customer's request goes first, so one customer's pass 2 runs beside the next one's pass 1.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from core.errors import DeltaDeskError, Problem, StoreError
from core.orders.journal import RunRow, new_uuid
from core.sync.bulk.file import ImportRequest, order_key_of
from core.sync.bulk.job import Importer
from core.sync.control import RunControl
from core.sync.events import (
    CustomerEnded,
    CustomerTotals,
    RunEvent,
    RunFinished,
    RunStarted,
    nearest_limit,
)
from core.sync.ledger import Ended, Ledger, Settlement
from core.sync.lookup import KeyColumns
from core.sync.outcome import Outcome
from core.sync.plan import (
    Batch,
    Operation,
    OperationKind,
    Plan,
    PlannedRequest,
    Reference,
    Step,
    TargetKind,
    seal,
    verify,
)
from core.sync.ports import EnginePorts, MappingName
from core.sync.report import ApiUse, RunReport
from core.sync.run_groups import RunGroups
from core.sync.sender import ApiTally, RunContext, Sender, Settle
from core.sync.verdicts import Judged, Verdict

_SENT_AGAIN = frozenset({Verdict.AGAIN, Verdict.GROUP_GONE})


class Run:
    """One execution of a plan. Use it once."""

    def __init__(
        self,
        ports: EnginePorts,
        plan: Plan,
        control: RunControl,
        emit: Callable[[RunEvent], None],
        withheld: Mapping[str, Problem] | None = None,
        mapping: MappingName | None = None,
    ) -> None:
        self._journal = ports.journal
        self._clock = ports.clock
        self._governor = ports.governor
        self._plan = plan
        self._control = control
        self._emit = emit
        self._run_id = new_uuid()
        self._tally = ApiTally()
        self._ids: dict[Reference, str] = {}
        self._withheld = withheld or {}
        self._mapping = mapping or MappingName()
        self._broken: StoreError | None = None
        self._ledger: Ledger
        keys = KeyColumns(
            plan.board_id, plan.subitems_board_id, plan.item_key_column, plan.subitem_key_column
        )
        context = RunContext(self._run_id, ports, control, emit, self._tally, keys)
        self._sender = Sender(context)
        self._importer = Importer(context)
        self._groups = RunGroups(plan, context, self._ids, self._may_touch, self._send_groups)
        control.tell(emit)

    async def carry_out(self, *, dry_run: bool, unresolved: int) -> RunReport:
        """Carry the plan out to its end. Raises as `Engine.run` does."""
        # Large plans take a while to walk through, and the window's loop must not wait for that.
        await asyncio.to_thread(_verify_all, self._plan)
        self._ledger = await asyncio.to_thread(Ledger, self._plan, self._withheld)
        started, began = self._clock.now(), self._clock.monotonic()
        await self._begin(started, dry_run=dry_run)
        known = await asyncio.to_thread(self._ledger.validate, started)
        try:
            if dry_run:
                await self._rehearse(known)
            else:
                await self._live(known)
        except ExceptionGroup as group:
            # Expected failures never get here: this is a bug, and its own traceback tells most.
            raise group.exceptions[0] from group
        return await self._end(started, began, dry_run=dry_run, unresolved=unresolved)

    async def _begin(self, started: datetime, *, dry_run: bool) -> None:
        plan = self._plan
        row = RunRow(
            self._run_id,
            plan.profile,
            plan.board_id,
            dry_run,
            plan.hash,
            plan.mapping_hash,
            started,
            self._mapping.version,
            None if dry_run or plan.undoes else plan.scope,
            None if dry_run else plan.settles,
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
                plan.undoes,
            )
        )

    async def _rehearse(self, known: Settlement) -> None:
        """A dry run: every planned operation counts as carried out; nothing is sent or written."""
        self._tell(known)
        for batch in self._plan.batches:
            for request in batch.requests:
                for operation in request.operations:
                    self._tell(self._ledger.confirmed(operation, "", self._clock.now()))
                await asyncio.sleep(0)  # the window's loop gets its turn
            self._customer_ended(batch, 0.0)
        self._tell(await self._closing())

    async def _live(self, known: Settlement) -> None:
        await self._stopping_at_failure(self._write(known))
        if not self._control.stopping:
            await self._stopping_at_failure(self._groups.make())
        async with asyncio.TaskGroup() as tasks:
            for rank, batch in enumerate(self._plan.batches, start=1):
                work = self._stopping_at_failure(self._customer(batch, rank))
                tasks.create_task(work, name=f"customer {batch.customer}")
        await self._stopping_at_failure(self._write(await self._closing()))

    async def _closing(self) -> Settlement:
        return await asyncio.to_thread(self._ledger.close, self._clock.now())

    async def _stopping_at_failure(self, work: Awaitable[None]) -> None:
        """An expected failure ends the run, but not before the requests under way have their answers."""
        try:
            await work
        except DeltaDeskError as error:
            if isinstance(error, StoreError):
                self._broken = self._broken or error
            self._control.stop(error.problem)

    async def _write(self, settled: Settlement) -> None:
        if settled.states or settled.findings:
            await asyncio.to_thread(
                self._journal.record_states, self._clock.now(), settled.states, settled.findings
            )
        self._tell(settled)

    def _tell(self, settled: Settlement) -> None:
        for event in settled.events:
            self._emit(event)

    def _may_touch(self, order_key: str) -> bool:
        return self._ledger.may_touch(order_key)

    async def _send_groups(self, request: PlannedRequest) -> list[Judged]:
        return await self._send(request, lambda _judged: Settlement())

    # Passes 1 and 2

    async def _customer(self, batch: Batch, rank: int) -> None:
        began = self._clock.monotonic()
        await self._pass(batch.item_requests, rank)
        await self._pass(batch.subitem_requests, rank)
        self._customer_ended(batch, self._clock.monotonic() - began)

    async def _pass(self, requests: Sequence[PlannedRequest], rank: int) -> None:
        """One pass of a customer; its requests go side by side where the profile allows several writers."""
        if self._governor.writers_per_board == 1:
            for request in requests:
                await self._send_ready(request, rank)
            return
        # Archivings make room for what is created under the same item, so they have to be over before.
        first = [request for request in requests if _archives(request)]
        for request in first:
            await self._send_ready(request, rank)
        async with asyncio.TaskGroup() as tasks:
            for request in requests[len(first) :]:
                tasks.create_task(
                    self._stopping_at_failure(self._send_ready(request, rank)), name=request.key
                )

    async def _send_ready(self, request: PlannedRequest, rank: int) -> None:
        """Send the operations whose group or parent is on the board; give the others their outcome."""
        if isinstance(request, ImportRequest):
            await self._import(request, rank)
            return
        part = await self._ready(request, request.operations)
        if part is not None:
            await self._send(part, self._settle, rank)

    async def _import(self, request: ImportRequest, rank: int) -> None:
        """Import the orders that are this run's to send, with their lines."""
        if self._sender.full is not None:
            return  # not started, as the end of the run says of whatever has no outcome
        orders = {order_key_of(operation) for operation in request.operations}
        part = request.of_orders({key for key in orders if self._ledger.may_touch(key)})
        if part is None:
            return
        if isinstance(part.group, Reference) and not self._is_there(part.group):
            for operation in part.operations:
                if operation.target is TargetKind.ORDER:
                    ended = self._no_group(part.group)
                    await self._write(self._ledger.ended(operation, ended, self._clock.now()))
            return
        await self._importer.carry_out(part, self._ids, self._groups.allowed, self._settle, rank)

    async def _ready(self, request: PlannedRequest, operations: Sequence[Operation]) -> PlannedRequest | None:
        ready: list[Operation] = []
        for operation in map(self._groups.in_present_group, operations):
            if not self._ledger.may_touch(operation.order_key or operation.key):
                continue
            if self._sender.full is not None and operation.kind is OperationKind.CREATE_ITEM:
                continue  # not started, as the end of the run says of whatever has no outcome
            if request.step is Step.SUBITEMS and not self._ledger.may_send_lines(operation.order_key):
                continue  # the order's end has already accounted for this line
            missing = [reference for reference in operation.references if not self._is_there(reference)]
            if not missing:
                ready.append(operation)
            elif missing[0].kind is TargetKind.GROUP:
                await self._write(
                    self._ledger.ended(operation, self._no_group(missing[0]), self._clock.now())
                )
        if ready == list(request.operations):
            return request
        return _part_of(request, ready) if ready else None

    def _is_there(self, reference: Reference) -> bool:
        return reference in self._ids and self._groups.problem(reference) is None

    def _no_group(self, reference: Reference) -> Ended:
        problem = self._groups.problem(reference)
        if problem is None or self._control.stopping:
            return Ended(Outcome.NOT_STARTED)
        return Ended(Outcome.FAILED, problem)

    async def _send(self, request: PlannedRequest, settle: Settle, rank: int = 0) -> list[Judged]:
        """Send a request, in portions where it is too long for one call at the board's present speed.

        It is halved where the API refuses it as a whole, and what the API asked to send again is sent again.
        """
        # Each part with the number of times that its operations were sent.
        waiting = deque([(request, 1)])
        judged_all: list[Judged] = []
        refusals_left = _refusals_allowed(len(request.operations))
        while waiting:
            part, times = waiting.popleft()
            async with self._governor.writer(part.board_id, rank):
                # Not before: those ahead of it teach what a request should hold.
                part, rest = self._portion(part)
                if rest is not None:
                    waiting.appendleft((rest, times))
                title, group_id = self._groups.group_of(part)
                sent = await self._sender.send(
                    part,
                    self._ids,
                    self._groups.allowed,
                    _unless_refused(settle) if refusals_left else settle,
                    times=times,
                )
            if len(sent) < len(part.operations):
                left, unsent = part.operations[: len(sent)], part.operations[len(sent) :]
                waiting.appendleft((_part_of(part, unsent), times))
                part = _part_of(part, left)
            if refusals_left and _refused_whole(sent):
                refusals_left -= 1
                middle = len(part.operations) // 2
                for half in (part.operations[middle:], part.operations[:middle]):
                    waiting.appendleft((_part_of(part, half), times))
                continue
            again = [judged.operation for judged in sent if judged.verdict is Verdict.AGAIN]
            if again:
                waiting.append((_part_of(part, again), times + 1))
            homeless = [judged.operation for judged in sent if judged.verdict is Verdict.GROUP_GONE]
            if homeless:
                await self._groups.make_again(request.customer, title, group_id)
                if housed := await self._ready(part, homeless):
                    waiting.append((housed, times))
            judged_all.extend(judged for judged in sent if judged.verdict not in _SENT_AGAIN)
        return judged_all

    def _portion(self, request: PlannedRequest) -> tuple[PlannedRequest, PlannedRequest | None]:
        """What one call should hold now, and the rest."""
        operations = request.operations
        size = self._governor.portion(
            request.board_id, [operation.mutation.field for operation in operations]
        )
        if size >= len(operations):
            return request, None
        return _part_of(request, operations[:size]), _part_of(request, operations[size:])

    def _settle(self, judged: Sequence[Judged]) -> Settlement:
        """The rows and events that follow from a request's verdicts."""
        now = self._clock.now()
        confirmed = sum(each.verdict is Verdict.CONFIRMED for each in judged)
        self._tally.pace.add(confirmed, self._clock.monotonic())
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
            case Verdict.AGAIN | Verdict.GROUP_GONE:
                return Settlement()

    # The end

    def _customer_ended(self, batch: Batch, seconds: float) -> None:
        report = self._ledger.customer(batch)
        self._emit(
            CustomerEnded(
                batch.customer,
                report.orders.synced + report.lines.synced,
                report.orders.failed + report.lines.failed,
                seconds,
            )
        )

    async def _end(self, started: datetime, began: float, *, dry_run: bool, unresolved: int) -> RunReport:
        report = await asyncio.to_thread(self._report, started, began, dry_run=dry_run, unresolved=unresolved)
        keep = asyncio.to_thread(
            self._journal.end_run,
            self._run_id,
            report.finished_at,
            report.to_json(),
            resumable=report.resumable,
        )
        if self._broken is not None:
            # Where the database answers again, the next plan need not take this run for one under way.
            with suppress(StoreError):
                await keep
            raise self._broken
        await keep
        self._emit(RunFinished(report))
        return report

    def _report(self, started: datetime, began: float, *, dry_run: bool, unresolved: int) -> RunReport:
        orders, lines = self._ledger.counts()
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
            api=self._api_use(),
            seconds=self._clock.monotonic() - began,
            groups_created=self._groups.created_count,
            stopped=self._control.problem or self._sender.full,
            cancelled=self._control.stopping and self._control.problem is None,
            unresolved=unresolved,
            left_alone=self._plan.left_alone,
            withheld=() if self._plan.undoes else self._ledger.withheld(),
            mapping=self._mapping.name,
            mapping_version=self._mapping.version,
            resumes=self._plan.selection.resumes,
            undoes=self._plan.undoes,
            kept=self._ledger.kept() if self._plan.undoes else (),
        )

    def _api_use(self) -> ApiUse:
        tally, binding = self._tally, nearest_limit(self._governor.binding)
        day = self._governor.daily.today(self._clock.now())
        return ApiUse(
            tally.calls,
            tally.rejected,
            tally.complexity,
            calls_left_today=day.left if day else None,
            calls_a_day=day.total if day else None,
            binding=binding.words if binding and tally.calls else "",
        )


def _archives(request: PlannedRequest) -> bool:
    return any(operation.kind is OperationKind.ARCHIVE_SUBITEM for operation in request.operations)


def _verify_all(plan: Plan) -> None:
    for request in plan.requests:
        verify(request, plan.operation_hashes)


def _unless_refused(settle: Settle) -> Settle:
    """Settle nothing for a request that is refused as a whole: its halves are sent next."""
    return lambda judged: Settlement() if _refused_whole(judged) else settle(judged)


def _refused_whole(judged: Sequence[Judged]) -> bool:
    """Whether the API refused several operations without looking at them singly."""
    return len(judged) > 1 and all(each.whole and each.verdict is Verdict.REJECTED for each in judged)


def _refusals_allowed(operations: int) -> int:
    """Enough halvings to find a few bad operations; a document refused for another reason costs no more."""
    return 4 * max(1, operations.bit_length())


def _part_of(request: PlannedRequest, operations: Sequence[Operation]) -> PlannedRequest:
    return seal(
        PlannedRequest(request.key, request.step, request.customer, request.board_id, tuple(operations))
    )
