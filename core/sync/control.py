"""Pause, resume and stop: they act between requests and lose nothing."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from core.errors import Problem
from core.sync.events import RunEvent, RunPaused, RunResumed, RunStopping


class RunControl:
    """Held by whoever started a run; the engine looks at it before each request. For one event loop."""

    def __init__(self) -> None:
        self._go = asyncio.Event()
        self._go.set()
        self._stop = asyncio.Event()
        self.problem: Problem | None = None
        """Why the run has to end, when it is not a person's wish."""
        self._emit: Callable[[RunEvent], None] = lambda _event: None
        self._lost: Callable[[Collection[str]], Problem | None] = lambda _keys: None

    def tell(self, emit: Callable[[RunEvent], None]) -> None:
        """From now on tell what a person asks for as events of the run."""
        self._emit = emit

    def guard(self, lost: Callable[[Collection[str]], Problem | None]) -> None:
        """Ask `lost` before each request leaves, in a worker thread, why its orders are no longer this run's.

        It gets their keys and returns None while they are. Raises StoreError.
        """
        self._lost = lost

    def lost(self, order_keys: Collection[str]) -> Problem | None:
        """Why orders are not this run's any more; None while they are. Synchronous. Raises StoreError."""
        return self._lost(order_keys)

    @property
    def paused(self) -> bool:
        """Whether requests are held back."""
        return not self._go.is_set()

    @property
    def stopping(self) -> bool:
        """Whether no further request will leave."""
        return self._stop.is_set()

    def pause(self) -> None:
        """Hold back further requests."""
        if not self.stopping and not self.paused:
            self._go.clear()
            self._emit(RunPaused())

    def resume(self) -> None:
        """Let requests leave again."""
        if self.paused:
            self._go.set()
            self._emit(RunResumed())

    def stop(self, problem: Problem | None = None) -> None:
        """Let no further request leave; those under way are awaited."""
        self.problem = self.problem or problem
        if not self.stopping:
            self._stop.set()
            self._go.set()
            self._emit(RunStopping(str(problem) if problem else "Stop was asked for"))

    async def proceed(self) -> bool:
        """Wait while paused; False when the run is to stop."""
        await self._go.wait()
        return not self.stopping

    async def interruptible(self, waiting: Coroutine[Any, Any, None]) -> bool:
        """Wait for `waiting` or for a stop, whichever comes first; False when the run is to stop."""
        work = asyncio.ensure_future(waiting)
        stop = asyncio.ensure_future(self._wait_for_stop())
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (work, stop):
                task.cancel()
            await asyncio.gather(work, stop, return_exceptions=True)
        return not self.stopping

    async def _wait_for_stop(self) -> None:
        await self._stop.wait()
