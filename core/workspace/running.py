"""Plans and runs of an open profile; a part of `Workspace`."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from core.monday.board import BoardSchema
from core.monday.limits import Governor
from core.orders.model import FailedRecord, LoadedOrders, RecordKind, Selection
from core.orders.outline import SelectedOrder
from core.sync.control import RunControl
from core.sync.engine import Engine
from core.sync.events import RunEvent
from core.sync.plan import Plan
from core.sync.planner import PlanOptions, make_plan
from core.sync.ports import MappingName, SendingLimits
from core.sync.reconcile import Reconciled, reconcile
from core.sync.report import RunReport
from core.workspace.call_count import counted_calls
from core.workspace.claiming import RunClaims, living_workers
from core.workspace.queue import Queue
from core.workspace.resuming import Resuming
from core.workspace.stores import worker_name
from core.workspace.streaming import OrderStream, PortionSize
from core.workspace.undoing import Undoing

EVERYTHING = Selection()


class Running(Resuming, Undoing):
    """What is sent, and how it goes."""

    governor: Governor

    async def failed_records(self, customers: Sequence[str] | None = None) -> Sequence[FailedRecord]:
        """Every order and line in ERROR, lines without a header last."""
        raise NotImplementedError

    async def _mapping_name(self, plan_hash: str) -> MappingName:
        raise NotImplementedError

    async def plan(self, selection: Selection) -> Plan:
        """Read the board and the selected orders, and plan them. Raises BoardError or StoreError."""
        schema, reconciled, options = await self._look()
        loaded = await asyncio.to_thread(self._store.load, selection)
        left_alone = {operation.record_key for operation in reconciled.undecided}
        kept = await asyncio.to_thread(_without, loaded, left_alone)
        return await asyncio.to_thread(
            make_plan,
            kept,
            schema,
            options,
            selection=selection,
            left_alone=_records(loaded) - _records(kept),
        )

    async def _look(self) -> tuple[BoardSchema, Reconciled, PlanOptions]:
        """Ask the board what a plan must know; the options know how many calls that took."""
        with counted_calls() as made:
            schema = await self.board(refresh=True)
            reconciled = await self.reconcile()
            day = await self._calls_of_the_day.read()
        return schema, reconciled, replace(PlanOptions.of(self.profile), day=day, calls_before=made.calls)

    async def reconcile(self) -> Reconciled:
        """Ask the board what became of requests that a crash or a lost answer left open.

        What the journal knows of runs that were cut off is kept before: what is found out now is not theirs.
        """
        await self.keep_accounts()
        unresolved = await asyncio.to_thread(self._journal.unresolved, self.profile.board_id)
        if await self.reconcile_undos(unresolved):
            unresolved = await asyncio.to_thread(self._journal.unresolved, self.profile.board_id)
        if not unresolved:
            return Reconciled()
        mapping = self.profile.mapping_set
        return await reconcile(
            unresolved,
            await self.board(),
            {
                RecordKind.ORDER: mapping.item_key_column,
                RecordKind.LINE: mapping.subitem_key_column,
            },
            self._client,
            self._journal,
            self.clock,
            alive=await asyncio.to_thread(living_workers, self._store),
        )

    async def run(
        self,
        plan: Plan,
        control: RunControl,
        emit: Callable[[RunEvent], None],
        *,
        dry_run: bool = False,
    ) -> RunReport:
        """Carry out a plan, each order claimed first. Raises StoreError when it cannot be journalled."""
        with counted_calls() as again:
            if plan.undoes and not dry_run:
                plan = await self.begin_undo(plan)
        engine = self._engine()
        unresolved = await self._left_in_error(plan)
        mapping = await self._mapping_name(plan.mapping_hash)
        if dry_run:
            return await engine.run(plan, control, emit, dry_run=True, unresolved=unresolved, mapping=mapping)
        await self.keep_account(plan.settles)
        async with self._claims(control) as claims:
            withheld = await claims.take(plan)
            return await engine.run(
                plan,
                control,
                emit,
                unresolved=unresolved,
                withheld=withheld,
                mapping=mapping,
                calls_since=again.calls,
            )

    async def open_stream(self, selection: Selection, size: PortionSize | None = None) -> OrderStream:
        """Read the board and the keys of the selected orders, for a run that nobody looks at before.

        Raises as `plan` does.
        """
        schema, reconciled, options = await self._look()
        undecided = {operation.record_key for operation in reconciled.undecided}
        return await asyncio.to_thread(
            OrderStream, self._store, schema, options, selection, undecided=undecided, size=size
        )

    async def run_stream(
        self, stream: OrderStream, control: RunControl, emit: Callable[[RunEvent], None]
    ) -> RunReport:
        """Send the orders of a stream as one run, portion after portion, each claimed first.

        Raises as `run` does.
        """
        mapping = await self._mapping_name(stream.head.mapping_hash)
        await self.keep_account(stream.head.settles)
        async with self._claims(control) as claims:
            stream.claim_by(claims)
            return await self._engine().run_portions(
                stream, control, emit, unresolved=stream.unresolved, mapping=mapping
            )

    def _engine(self) -> Engine:
        limits = self.profile.limits
        sending = SendingLimits(
            limits.attempts, limits.retry_total_seconds, search_lag_seconds=limits.search_lag_seconds
        )
        return Engine(self._client, self._journal, self.governor, self.clock, limits=sending)

    def _claims(self, control: RunControl) -> RunClaims:
        lease = timedelta(seconds=self.profile.limits.claim_seconds)
        return RunClaims(self._store, worker_name(), lease, control)

    async def share(
        self,
        control: RunControl,
        emit: Callable[[RunEvent], None],
        *,
        size: int = 100,
        selection: Selection = EVERYTHING,
    ) -> Sequence[RunReport]:
        """Take the selected orders from the queue, `size` at once, and leave the rest to other workers.

        Ends when this worker has had as many as the selection's limit says, or when nothing is left of them
        that it has not tried; one report for each portion. Raises as `plan` and `run` do.
        """
        # Only the whole of a resumption settles the interrupted run, not its first portion.
        resumed = selection.resumes
        await self.keep_account(resumed)
        queue = Queue(self._store, _shared(selection), selection.limit)
        reports: list[RunReport] = []
        while not control.stopping and (keys := await asyncio.to_thread(queue.take, size)):
            plan = await self.plan(replace(queue.selection, customers=None, order_keys=keys))
            report = await self.run(plan, control, emit)
            reports.append(report)
            if report.stopped is not None:  # it would stop the next portion too
                return reports
            queue.not_had(len(keys) - report.orders.selected + sum(each.orders for each in report.withheld))
        if resumed and reports and not control.stopping and not await asyncio.to_thread(queue.has_more):
            await self.settle_run(resumed, reports[-1].run_id)
        return reports

    async def shared_orders(self, selection: Selection) -> Sequence[SelectedOrder]:
        """The selected orders that `share` finds in the queue now, whatever the limit. Raises StoreError."""
        return await asyncio.to_thread(self._store.selected_orders, _shared(selection))

    async def _left_in_error(self, plan: Plan) -> int:
        """Records of the plan's customers that stay in ERROR because it does not select them."""
        if plan.selection.order_keys is not None:
            return 0
        in_error = {record.key for record in await self.failed_records(plan.selection.customers)}
        return await asyncio.to_thread(_count_left_out, in_error, plan) if in_error else 0


def _count_left_out(keys: set[str], plan: Plan) -> int:
    planned = {line.key for line in plan.orphans}
    for batch in plan.batches:
        for order in batch.orders:
            planned.add(order.key)
            planned.update(line.key for line in order.lines)
    return len(keys - planned)


def _shared(selection: Selection) -> Selection:
    """What any worker may take of a selection."""
    return replace(selection, limit=None, unclaimed=True, resumes=None)


def _records(loaded: LoadedOrders) -> int:
    return len(loaded.orders) + len(loaded.orphans)


def _without(loaded: LoadedOrders, keys: set[str]) -> LoadedOrders:
    """Leave out records whose outcome nobody can tell: sending them again might make them twice."""
    if not keys:
        return loaded
    return LoadedOrders(
        tuple(
            order
            for order in loaded.orders
            if order.key not in keys and not any(line.key in keys for line in order.lines)
        ),
        tuple(line for line in loaded.orphans if line.key not in keys),
    )
