"""Carries plans out against one board; how one run goes is `core.sync.run`."""

import random
from collections.abc import Callable, Mapping

from core.errors import Problem
from core.monday.limits import Governor
from core.sync.control import RunControl
from core.sync.events import RunEvent
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
    ) -> RunReport:
        """Carry out the plan and report. A dry run sends nothing and writes no state.

        `withheld` are orders that this run must not touch, by key, and why; they count as skipped.
        `mapping` names what the plan was made with, for journal and report.

        Raises DeltaDeskError, with nothing sent, when the plan is no longer what it was when it was made, and
        StoreError when the journal cannot be written: what was sent before is in it.
        """
        run = Run(self._ports, plan, control, emit, withheld, mapping)
        return await run.carry_out(dry_run=dry_run, unresolved=unresolved)
