"""Coroutines of a test on Qt's own event loop, as the desktop runs its own."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

Result = TypeVar("Result")
RunAsync = Callable[..., Any]

PATIENCE_SECONDS = 150.0
"""Longer than anything takes on the slowest machine; what hangs for good fails all the same."""


@pytest.fixture
def run_async(qapp: "QApplication") -> RunAsync:
    """Run a coroutine on a qasync loop over the application, as the desktop does, and return its result.

    A test of a widget that awaits is an ordinary function: `run_async(coroutine)`. A task that is still there
    at the end is cancelled and fails the test by its name.
    """
    import qasync
    from PySide6.QtCore import QCoreApplication, QEvent

    def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
        # Closing the last window must not stop the loop under the coroutine.
        qapp.setQuitOnLastWindowClosed(False)
        loop = qasync.QEventLoop(qapp)
        leftover: list[str] = []

        async def bounded() -> Result:
            try:
                return await asyncio.wait_for(coroutine, PATIENCE_SECONDS)
            finally:
                # Callbacks of tasks that have just ended get their turn before anyone counts.
                await asyncio.sleep(0)
                others = asyncio.all_tasks() - {asyncio.current_task()}
                leftover.extend(task.get_name() for task in others)
                for task in others:
                    task.cancel()
                await asyncio.gather(*others, return_exceptions=True)

        try:
            result = loop.run_until_complete(bounded())
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
            qapp.setQuitOnLastWindowClosed(True)
            # Deferred deletions of dialogs happen now, not in the next test.
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        assert not leftover, f"tasks left running: {', '.join(sorted(leftover))}"
        return result

    return run
