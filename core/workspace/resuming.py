"""Runs that were interrupted, and what is left of them; a part of `Workspace`."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.config.model import Profile
from core.errors import ConfigurationError, Problem
from core.orders import interrupted_runs
from core.orders.database import writing
from core.orders.interrupted_runs import OpenRun
from core.orders.model import PENDING_STATES, Selection
from core.orders.store import OrderStore
from core.orders.workers import has_ended
from core.sync.ports import Clock
from core.sync.report import RunReport, report_from_json
from core.workspace.claiming import living_workers
from core.workspace.run_account import account

RUNS_LOOKED_AT = 20
"""So many unsettled runs are looked at, newest first: most were finished by a later run."""


@dataclass(frozen=True, slots=True)
class InterruptedRun:
    """A run that began, did not come to its end, and has left something."""

    run_id: str
    profile: str
    started_at: datetime
    ended_early: bool
    """It ended by itself: stopped by a person, or for lack of a connection. False: it was cut off."""
    customers: tuple[str, ...]
    orders: int
    """Orders that it set out to send."""
    unfinished: tuple[str, ...]
    """Those of them that a run would still send, by key, oldest first."""
    unfinished_lines: int
    """Lines without a header, of those that it set out to send, that nobody has looked at since."""
    selection: Selection
    """What takes it up: a plan of it sends only what is not on the board."""
    report: RunReport | None
    """What the journal knows of a run that was cut off; None where it ended, with a report of its own."""


class Resuming:
    """The interrupted runs of an open profile."""

    profile: Profile
    clock: Clock
    _store: OrderStore

    async def interrupted_runs(self) -> Sequence[InterruptedRun]:
        """Runs of this profile whose worker has ended before they were through, newest first.

        A run of which a later one has sent the rest is not among them. Raises StoreError.
        """
        return await asyncio.to_thread(self._interrupted_runs)

    async def interrupted_run(self, run_id: str = "") -> InterruptedRun | None:
        """The interrupted run with this id or beginning of it; without one the newest, None where none is.

        Raises ConfigurationError for an id of no interrupted run, or of several.
        """
        if not run_id:
            return next(iter(await self.interrupted_runs()), None)
        found = await asyncio.to_thread(self._interrupted_runs, run_id)
        if len(found) != 1:
            raise ConfigurationError(_several(run_id) if found else _nothing_to_resume(run_id))
        return found[0]

    async def dismiss_run(self, run_id: str) -> None:
        """Offer a run no more. Its orders stay as they are: pending ones are sent by any later run."""
        await self.keep_account(run_id)
        await asyncio.to_thread(interrupted_runs.leave, self._store.engine, run_id, self.clock.now())

    async def settle_run(self, run_id: str, by: str) -> None:
        """Offer a run no more, because another one has sent what was left of it."""
        await asyncio.to_thread(self._settle_run, run_id, by)

    async def keep_accounts(self) -> None:
        """Keep a report of every run of the profile that was cut off, as the journal knows it now.

        What is found out later about its requests, and what others send of its rest, is not its doing.
        """
        await asyncio.to_thread(self._keep_accounts)

    async def keep_account(self, run_id: str | None) -> None:
        """Keep a report of what the journal knows of a run that was cut off: it could not report itself."""
        if run_id is not None:
            await asyncio.to_thread(self._keep_account, run_id)

    def _keep_account(self, run_id: str) -> None:
        for run in self._open_runs(1, run_id, unreported=True):
            self._keep(run)

    def _keep_accounts(self) -> None:
        runs = self._open_runs(RUNS_LOOKED_AT, unreported=True)
        alive = living_workers(self._store) if runs else frozenset()
        for run in runs:
            if _worker_ended(run, alive):
                self._keep(run)

    def _keep(self, run: OpenRun) -> None:
        report = self._left_of(run).report
        if report is not None:
            interrupted_runs.keep_report(self._store.engine, run.run_id, report.to_json())

    def _open_runs(self, limit: int, run_id: str = "", *, unreported: bool = False) -> list[OpenRun]:
        engine, profile = self._store.engine, self.profile
        return interrupted_runs.open_runs(
            engine, profile.name, profile.board_id, limit, run_id, unreported=unreported
        )

    def _settle_run(self, run_id: str, by: str) -> None:
        with writing(self._store.engine) as connection:
            interrupted_runs.settle(connection, run_id, by)

    def _interrupted_runs(self, run_id: str = "") -> list[InterruptedRun]:
        runs = self._open_runs(RUNS_LOOKED_AT, run_id)
        if not runs:
            return []
        alive = living_workers(self._store)
        left = (self._left_of(run) for run in runs if run.ended_early or _worker_ended(run, alive))
        return [run for run in left if run.unfinished or run.unfinished_lines]

    def _left_of(self, run: OpenRun) -> InterruptedRun:
        states = tuple(dict.fromkeys((*run.scope.states, *PENDING_STATES)))
        of_orders = Selection(order_keys=run.scope.order_keys, states=states)
        orders = self._store.selected_keys(of_orders)
        lines = self._store.orphans(replace(of_orders, order_keys=run.scope.line_keys))
        keys = (*orders, *(line.key for line in lines))
        return InterruptedRun(
            run.run_id,
            self.profile.name,
            run.started_at,
            run.ended_early,
            run.scope.customers,
            len(run.scope.order_keys),
            tuple(orders),
            len(lines),
            Selection(order_keys=keys, states=states, resumes=run.run_id),
            None if run.ended_early else self._account(run, orders),
        )

    def _account(self, run: OpenRun, unfinished: Collection[str]) -> RunReport:
        if run.report is not None:
            return report_from_json(run.report)
        return account(self._store, run, self.profile, frozenset(unfinished))


def _several(run_id: str) -> Problem:
    return Problem(
        "run_ambiguous",
        "Several interrupted runs begin with this id",
        f"run {run_id}",
        "Give more of the id. Without one, --resume takes the newest interrupted run.",
    )


def _nothing_to_resume(run_id: str) -> Problem:
    return Problem(
        "run_not_interrupted",
        "There is nothing to resume of a run with this id",
        f"run {run_id}",
        "It goes on, came to its end, or was resumed or dismissed; or no run has this id. "
        "Without an id, --resume takes the newest interrupted run.",
    )


def _worker_ended(run: OpenRun, alive: Collection[str]) -> bool:
    """Whether nobody works on it any more: a run that goes on holds claims until its end is journalled."""
    return run.worker not in alive or has_ended(run.worker)
