"""Taking back what a run made on the board; a part of `Workspace`."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.config.model import Profile
from core.errors import ConfigurationError, Problem
from core.monday.board import BoardSchema
from core.monday.client import MondayClient
from core.orders import interrupted_runs, run_records
from core.orders.journal import Journal, UnresolvedOperation
from core.orders.model import Order, Selection
from core.orders.record_keys import continuation_key
from core.orders.run_records import PastRun, SentOperation, UndoneItems
from core.orders.store import OrderStore
from core.orders.workers import has_ended
from core.sync.board_items import read_items
from core.sync.plan import OperationKind, Plan
from core.sync.planner import PlanOptions
from core.sync.ports import Clock, SendingLimits
from core.sync.reconcile import Reconciled
from core.sync.report import RunReport, Undone, UndoneBy
from core.sync.run_work import RunWork, work_of
from core.sync.undo import EVERY_STATE, Situation, UndoPlan, archived_orders, plan_undo, without
from core.sync.undo_reconcile import open_undos, reconcile_undos
from core.workspace.call_count import counted_calls
from core.workspace.claiming import living_workers
from core.workspace.day_calls import CallsOfTheDay


class Undoing:
    """The undo of past runs of an open profile."""

    profile: Profile
    clock: Clock
    _client: MondayClient
    _calls_of_the_day: CallsOfTheDay
    _store: OrderStore
    _journal: Journal

    async def board(self, *, refresh: bool = False) -> BoardSchema:
        """The board's structure, read once and kept. Raises BoardError."""
        raise NotImplementedError

    async def reconcile(self) -> Reconciled:
        """Ask the board what became of requests that a crash or a lost answer left open."""
        raise NotImplementedError

    async def keep_account(self, run_id: str | None) -> None:
        """Keep a report of what the journal knows of a run that was cut off."""
        raise NotImplementedError

    async def plan_undo(self, run_id: str) -> UndoPlan:
        """What an undo of this run, named by its id or the beginning of it, would archive and would keep.

        A run that was interrupted and those that resumed it are one piece of work: whichever is named, all of
        them are undone, and the plan's `runs` says which they are. Looks at the items on the board; changes
        nothing there. `run` carries the plan out. Raises ConfigurationError for a run that cannot be undone,
        BoardError or StoreError.
        """
        runs = await asyncio.to_thread(self._runs_to_undo, run_id)
        with counted_calls() as made:
            schema = await self.board(refresh=True)
            reconciled = await self.reconcile()
            work = await asyncio.to_thread(self._work_of, runs)
            orders, others = await asyncio.to_thread(self._present, work)
            limits = SendingLimits(self.profile.limits.attempts)
            items = await read_items(self._client, work.item_ids, work.columns, self.clock, limits)
            day = await self._calls_of_the_day.read()
        situation = Situation(
            orders, items, others, frozenset(operation.record_key for operation in reconciled.undecided)
        )
        options = replace(PlanOptions.of(self.profile), day=day, calls_before=made.calls)
        return await asyncio.to_thread(plan_undo, work, situation, schema, options)

    async def begin_undo(self, plan: Plan) -> Plan:
        """The same undo without what changed since it was planned: a person may have thought long about it.

        From now on the rest of the run is not offered any more, should it have been interrupted. Raises as
        `plan_undo` does, and ConfigurationError where the run was resumed meanwhile: more is to be undone
        then than that person has seen.
        """
        now = await self.plan_undo(plan.undoes)
        if now.undoes != plan.undoes:
            raise ConfigurationError(_resumed_meanwhile(plan.undoes, by=now.undoes))
        still = {order.key for order in archived_orders(now)}
        reasons = {order.key: order.kept for batch in now.batches for order in batch.orders}
        changed = {
            order.key: reasons.get(order.key) or _undone_meanwhile(order.label)
            for order in archived_orders(plan)
            if order.key not in still
        }
        await self.keep_account(plan.undoes)
        await asyncio.to_thread(interrupted_runs.leave, self._store.engine, plan.undoes, self.clock.now())
        return await asyncio.to_thread(without, plan, changed)

    async def with_undos(self, reports: Sequence[RunReport]) -> list[RunReport]:
        """The same reports, with what undos have taken back of each run since. Raises StoreError."""
        return await asyncio.to_thread(self._with_undos, reports)

    async def reconcile_undos(self, unresolved: Sequence[UnresolvedOperation]) -> bool:
        """Ask the board what became of undos that ended without an answer; whether there were any.

        Raises BoardError or StoreError.
        """
        alive = await asyncio.to_thread(living_workers, self._store)
        found = open_undos(unresolved, self.clock, alive)
        if not found:
            return False
        keys = tuple(dict.fromkeys(operation.record_key for operation in found))
        wanted = Selection(order_keys=keys, states=EVERY_STATE)
        loaded = await asyncio.to_thread(self._store.load, wanted)
        orders = {order.key: order for order in loaded.orders}
        limits = SendingLimits(self.profile.limits.attempts)
        await reconcile_undos(found, orders, self._client, self._journal, self.clock, limits)
        return True

    def _with_undos(self, reports: Sequence[RunReport]) -> list[RunReport]:
        engine = self._store.engine
        ties = run_records.run_ties(engine)
        chains = {
            report.run_id: ties.chain(report.run_id)
            for report in reports
            if not report.dry_run and not report.undoes and ties.has_undo(report.run_id)
        }
        runs = frozenset(run_id for chain in chains.values() for run_id in chain)
        create, archive = OperationKind.CREATE_ITEM.value, OperationKind.UNDO_ITEM.value
        made = run_records.made_items(engine, runs, create)
        undone = run_records.undone_items(engine, runs, create, archive)
        return [
            replace(
                report,
                undone=_undone(report.run_id, chains.get(report.run_id, ()), made, undone),
                undoes_also=tuple(each for each in ties.chain(report.undoes) if each != report.undoes),
            )
            for report in reports
        ]

    def _runs_to_undo(self, run_id: str) -> tuple[PastRun, ...]:
        """The run and those that are one piece of work with it, oldest first."""
        run = run_records.find_run(self._store.engine, run_id)
        if run.board_id != self.profile.board_id:
            raise _not_undone(
                run,
                "run_of_another_board",
                f"The run wrote board {run.board_id}, and the profile names board {self.profile.board_id}",
                "Open the profile by which it ran: --profile.",
            )
        if run.dry_run:
            raise _not_undone(
                run, "dry_run", "It was a dry run: nothing of it is on the board", "Choose a live run."
            )
        runs = run_records.chain_of(self._store.engine, run)
        alive = living_workers(self._store)
        for each in runs:
            if not each.finished and each.worker in alive and not has_ended(each.worker):
                raise _not_undone(
                    each, "run_going_on", "The run is going on", "Wait for its end, or stop it; then undo it."
                )
        return runs

    def _work_of(self, runs: Sequence[PastRun]) -> RunWork:
        engine, ids = self._store.engine, [run.run_id for run in runs]
        operations = run_records.operations_of(engine, *ids)
        return work_of(runs[-1], operations, run_records.bodies_of(engine, *ids), runs[:-1])

    def _present(self, work: RunWork) -> tuple[dict[str, Order], list[SentOperation]]:
        """The orders with all their lines, and what runs beside those of the work sent for them."""
        wanted = Selection(order_keys=work.order_and_line_keys, states=EVERY_STATE)
        orders = {order.key: order for order in self._store.load(wanted).orders}
        lines = (line.key for order in orders.values() for line in order.lines)
        further = (
            continuation_key(order.key, each.number)
            for order in orders.values()
            for each in order.continuations
        )
        keys = tuple(dict.fromkeys((*orders, *lines, *further, *work.continuation_keys)))
        ids = [run.run_id for run in work.runs]
        if not work.made:
            return orders, []
        since = min(made.operation.sent_at for made in work.made)
        return orders, run_records.operations_of_others(self._store.engine, ids, keys, since)


def _undone(
    run_id: str, chain: Sequence[str], made: Mapping[str, int], undone: Sequence[UndoneItems]
) -> Undone | None:
    by: dict[str, UndoneBy] = {}
    for each in undone:
        if each.run_id in chain:
            before = by[each.by].items if each.by in by else 0
            by[each.by] = UndoneBy(each.by, each.at, before + each.items)
    if not by:
        return None
    others = tuple(other for other in chain if other != run_id)
    return Undone(sum(made.get(each, 0) for each in chain), tuple(by.values()), others)


def _not_undone(run: PastRun, code: str, title: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(Problem(code, title, f"run {run.run_id}", remedy))


def _resumed_meanwhile(run_id: str, by: str) -> Problem:
    return Problem(
        "run_resumed_meanwhile",
        f"Run {by[:8]} has resumed the run meanwhile",
        f"run {run_id}",
        "Nothing was archived. Say undo again: it shows what both have made.",
    )


def _undone_meanwhile(label: str) -> Problem:
    return Problem(
        "undone_meanwhile", "Another undo took it back meanwhile", f"order {label}", "Nothing: it is done."
    )
