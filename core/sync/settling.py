"""Writes down and tells what follows from outcomes; ends the run where that fails."""

import asyncio
from collections.abc import Awaitable

from core.errors import DeltaDeskError, StoreError
from core.sync.ledger import Settlement
from core.sync.run_context import RunContext


class Settling:
    """For one run."""

    def __init__(self, context: RunContext) -> None:
        self._journal = context.ports.journal
        self._clock = context.ports.clock
        self._control = context.control
        self._emit = context.emit
        self.broken: StoreError | None = None
        """Why the journal could not be written."""

    async def write(self, settled: Settlement) -> None:
        """Commit the states that follow from no answer, then tell the events. Raises StoreError."""
        if settled.states or settled.findings:
            await asyncio.to_thread(
                self._journal.record_states, self._clock.now(), settled.states, settled.findings
            )
        self.tell(settled)

    def tell(self, settled: Settlement) -> None:
        """Tell the events."""
        for event in settled.events:
            self._emit(event)

    async def stopping_at_failure(self, work: Awaitable[None]) -> None:
        """Await some work; an expected failure of it ends the run.

        The requests under way get their answers first.
        """
        try:
            await work
        except DeltaDeskError as error:
            self.stop_for(error)

    def stop_for(self, error: DeltaDeskError) -> None:
        """End the run because of an expected failure."""
        if isinstance(error, StoreError):
            self.broken = self.broken or error
        self._control.stop(error.problem)
