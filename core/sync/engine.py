"""Carries runs out against one board; how one run goes is `core.sync.run`."""

import random
from collections.abc import Callable, Mapping

from core.errors import Problem
from core.monday.limits import Governor
from core.sync.control import RunControl
from core.sync.events import RunEvent
from core.sync.feed import Feed, WholePlan
from core.sync.plan import Plan
from core.sync.ports import BoardApi, Clock, EnginePorts, MappingName, RunJournal, SendingLimits
from core.sync.report import RunReport
from core.sync.run import Run


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
        self._ports = EnginePorts(api, journal, governor, clock, limits or SendingLimits(), jitter)

    async def run(
        self,
        plan: Plan,
        control: RunControl,
        emit: Callable[[RunEvent], None],
        *,
        dry_run: bool = False,
        unresolved: int = 0,
        withheld: Mapping[str, Problem] | None = None,
        mapping: MappingName | None = None,
        calls_since: int = 0,
    ) -> RunReport:
        """Carry out the plan and report. A dry run sends nothing and writes no state.

        `withheld` are orders that this run must not touch, by key, and why; they count as skipped.
        `mapping` names what the plan was made with, for journal and report; `calls_since` are those that were
        made to look again since then.

        Raises DeltaDeskError, with nothing sent, when the plan is no longer what it was when it was made, and
        StoreError when the journal cannot be written: what was sent before is in it.
        """
        run = Run(self._ports, WholePlan(plan, withheld, calls_since=calls_since), control, emit, mapping)
        return await run.carry_out(dry_run=dry_run, unresolved=unresolved)

    async def run_portions(
        self,
        feed: Feed,
        control: RunControl,
        emit: Callable[[RunEvent], None],
        *,
        unresolved: int = 0,
        mapping: MappingName | None = None,
    ) -> RunReport:
        """Carry out what the feed gives as one run, and report. No more than two portions are in memory.

        Raises as `run` does, and what the feed raises for its first portion; a later one that cannot be had
        stops the run.
        """
        run = Run(self._ports, feed, control, emit, mapping)
        return await run.carry_out(dry_run=False, unresolved=unresolved)
