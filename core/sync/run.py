"""One run, from its row in the journal to its report: portion after portion, each in two passes.

A plan that was made before the run is its only portion. Otherwise the next portion is planned while the
present one is sent, and follows it as one customer follows the other; what has ended is counted and let go.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from core.errors import DeltaDeskError, Problem, StoreError
from core.orders.journal import RunRow, new_uuid
from core.sync.bulk.job import Importer
from core.sync.control import RunControl
from core.sync.customer_ends import CustomerEnds
from core.sync.events import RunEvent, RunFinished, RunStarted, nearest_limit
from core.sync.feed import Feed, Portion
from core.sync.ledger import Ledger, Settlement
from core.sync.passes import Passes, RunParts
from core.sync.plan import Batch, Plan, verify
from core.sync.ports import EnginePorts, MappingName
from core.sync.report import ApiUse, RunReport
from core.sync.run_context import ApiTally, RunContext
from core.sync.run_groups import RunGroups
from core.sync.sender import Sender
from core.sync.settling import Settling
from core.sync.totals import RunTotals

CHANGED_SINCE_SELECTED = Problem(
    "changed_since_selected",
    "The order changed after the run had begun and before its turn came, so it was not sent",
    "",
    "Look at its state: if it is pending, run again.",
)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A portion and its account."""

    portion: Portion
    ledger: Ledger


class Run:
    """One execution of a plan. Use it once."""

    def __init__(
        self,
        ports: EnginePorts,
        feed: Feed,
        control: RunControl,
        emit: Callable[[RunEvent], None],
        mapping: MappingName | None = None,
    ) -> None:
        self._journal = ports.journal
        self._clock = ports.clock
        self._governor = ports.governor
        self._feed = feed
        self._head = feed.head
        self._control = control
        self._emit = emit
        self._run_id = new_uuid()
        self._tally = ApiTally()
        self._mapping = mapping or MappingName()
        self._totals = RunTotals(totals.customer for totals in self._head.customers)
        self._customers = CustomerEnds(emit)
        self._opened: deque[_Opened] = deque()
        """The portion whose turn is next."""
        self._plan_hash = sha256()
        """Of all requests, planned portion after portion: `Plan.hash` where there is one."""
        self._rank = 0
        context = RunContext(self._run_id, ports, control, emit, self._tally, self._head.keys)
        self._sender = Sender(context)
        self._groups = RunGroups(self._head.board_id, context)
        self._settling = Settling(context)
        self._parts = RunParts(context, self._sender, Importer(context), self._groups, self._settling)
        control.tell(emit)

    async def carry_out(self, *, dry_run: bool, unresolved: int) -> RunReport:
        """Carry the run out to its end. Raises as `Engine.run` does."""
        first = await self._feed.next()
        assert first is not None
        if first.previewed:
            await _verified(first.plan)
        await self._open(first)
        del first
        started, began = self._clock.now(), self._clock.monotonic()
        await self._begin(started, dry_run=dry_run)
        try:
            await (self._rehearse() if dry_run else self._live())
        except ExceptionGroup as group:
            # Expected failures never get here: this is a bug, and its own traceback tells most.
            raise _first_of(group) from group
        return await self._end(started, began, dry_run=dry_run, unresolved=unresolved)

    async def _begin(self, started: datetime, *, dry_run: bool) -> None:
        head = self._head
        row = RunRow(
            self._run_id,
            head.profile,
            head.board_id,
            dry_run,
            head.plan_hash,
            head.mapping_hash,
            started,
            self._mapping.version,
            None if dry_run or head.undoes else head.scope,
            None if dry_run else head.settles,
        )
        await asyncio.to_thread(self._journal.begin_run, row)
        self._emit(
            RunStarted(
                self._run_id,
                head.profile,
                dry_run,
                started,
                head.customers,
                head.orders,
                head.lines,
                head.requests,
                head.undoes,
            )
        )

    async def _rehearse(self) -> None:
        """A dry run: every planned operation counts as carried out; nothing is sent or written."""
        opened = self._opened.popleft()
        ledger = opened.ledger
        self._settling.tell(await self._validated(ledger))
        for batch in opened.portion.plan.batches:
            self._customers.begin(batch.customer, began := self._clock.monotonic())
            for request in batch.requests:
                for operation in request.operations:
                    self._settling.tell(ledger.confirmed(operation, "", self._clock.now()))
                await asyncio.sleep(0)  # the window's loop gets its turn
            self._customers.end(ledger.customer(batch), began)
        self._settling.tell(await self._closing(ledger))
        await self._count(opened)

    # Portions

    async def _live(self) -> None:
        """Send the portions. The second of two is planned and sent beside the first, which goes first."""
        async with asyncio.TaskGroup() as tasks:
            # Nothing but its task holds a portion.
            present = tasks.create_task(self._send(self._opened.popleft()))
            while await self._open_following():
                later = tasks.create_task(self._send(self._opened.popleft()))
                await self._let_go(await present)
                present = later
            await self._let_go(await present)

    async def _open_following(self) -> bool:
        """Have the next portion ready; False after the last one, and where the run stops."""
        if self._control.stopping:
            return False
        try:
            portion = await self._feed.next()
        except DeltaDeskError as error:
            self._settling.stop_for(error)
            return False
        if portion is None:
            return False
        await self._open(portion)
        return True

    async def _open(self, portion: Portion) -> None:
        self._plan_hash.update(portion.plan.request_hashes)
        self._opened.append(_Opened(portion, await asyncio.to_thread(Ledger, portion.plan, portion.withheld)))

    async def _send(self, opened: _Opened) -> _Opened:
        """Send a portion until all its records have their outcome."""
        plan, ledger = opened.portion.plan, opened.ledger
        passes = Passes(plan, ledger, self._parts)
        await self._settling.stopping_at_failure(self._settling.write(await self._validated(ledger)))
        if not self._control.stopping:
            await self._settling.stopping_at_failure(passes.make_groups())
        async with asyncio.TaskGroup() as tasks:
            for batch in plan.batches:
                self._rank += 1
                self._customers.begin(batch.customer, self._clock.monotonic())
                work = self._settling.stopping_at_failure(self._customer(passes, ledger, batch, self._rank))
                tasks.create_task(work, name=f"customer {batch.customer}")
            self._customers.expect(opened.portion.continued)
        await self._settling.stopping_at_failure(self._settling.write(await self._closing(ledger)))
        return opened

    async def _let_go(self, opened: _Opened) -> None:
        """Keep of a portion what the report needs. They come one after the other, in their order."""
        await self._count(opened)
        await self._settling.stopping_at_failure(self._feed.ended(opened.portion))

    async def _customer(self, passes: Passes, ledger: Ledger, batch: Batch, rank: int) -> None:
        await passes.send_customer(batch, rank)
        self._customers.end(ledger.customer(batch), self._clock.monotonic())

    async def _validated(self, ledger: Ledger) -> Settlement:
        return await asyncio.to_thread(ledger.validate, self._clock.now())

    async def _closing(self, ledger: Ledger) -> Settlement:
        return await asyncio.to_thread(ledger.close, self._clock.now())

    async def _count(self, opened: _Opened) -> None:
        await asyncio.to_thread(self._totals.add, opened.ledger, with_kept=bool(self._head.undoes))
        self._totals.add_gone(opened.portion.gone, CHANGED_SINCE_SELECTED)

    # The end

    async def _end(self, started: datetime, began: float, *, dry_run: bool, unresolved: int) -> RunReport:
        self._customers.end_all(self._clock.monotonic())
        report = await asyncio.to_thread(self._report, started, began, dry_run=dry_run, unresolved=unresolved)
        keep = asyncio.to_thread(
            self._journal.end_run,
            self._run_id,
            report.finished_at,
            report.to_json(),
            plan_hash=self._plan_hash.hexdigest(),
            resumable=report.resumable,
        )
        if self._settling.broken is not None:
            # Where the database answers again, the next plan need not take this run for one under way.
            with suppress(StoreError):
                await keep
            raise self._settling.broken
        await keep
        self._emit(RunFinished(report))
        return report

    def _report(self, started: datetime, began: float, *, dry_run: bool, unresolved: int) -> RunReport:
        totals = self._totals
        totals.add_not_started(self._feed.rest)
        return RunReport(
            run_id=self._run_id,
            profile=self._head.profile,
            dry_run=dry_run,
            started_at=started,
            finished_at=self._clock.now(),
            orders=totals.orders,
            lines=totals.lines,
            customers=totals.customers,
            failures=totals.failures,
            api=self._api_use(),
            seconds=self._clock.monotonic() - began,
            groups_created=self._groups.created_count,
            stopped=self._control.problem or self._sender.full,
            cancelled=self._control.stopping and self._control.problem is None,
            unresolved=unresolved,
            left_alone=self._head.left_alone,
            withheld=() if self._head.undoes else totals.withheld,
            mapping=self._mapping.name,
            mapping_version=self._mapping.version,
            resumes=self._head.resumes,
            undoes=self._head.undoes,
            kept=totals.kept,
        )

    def _api_use(self) -> ApiUse:
        tally, binding = self._tally, nearest_limit(self._governor.binding)
        before = self._head.calls_before
        day = self._governor.daily.today(self._clock.now())
        return ApiUse(
            before + tally.calls,
            tally.rejected,
            tally.complexity,
            calls_before=before,
            calls_left_today=day.left if day else None,
            calls_a_day=day.total if day else None,
            binding=binding.words if binding and tally.calls else "",
        )


async def _verified(plan: Plan) -> None:
    """Raise DeltaDeskError when the plan is no longer what it was when it was made."""
    # Large plans take a while to walk through, and the window's loop must not wait for that.
    await asyncio.to_thread(_verify_all, plan)


def _verify_all(plan: Plan) -> None:
    for request in plan.requests:
        verify(request, plan.hashes)


def _first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first
