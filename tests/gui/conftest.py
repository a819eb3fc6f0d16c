"""What the desktop's tests share: an application in the house look, and coroutines on its own event loop."""

import asyncio
import gc
import os
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

# Before the first QApplication: the suite needs no display, and looks the same on every machine.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from gui.preferences import Preferences
from gui.theme import Density, Theme, current_theme

Result = TypeVar("Result")
RunAsync = Callable[..., Any]

PATIENCE_SECONDS = 60.0
"""Longer than anything takes on the slowest machine; what hangs for good fails all the same."""

# The offscreen platform says so whenever a window with a minimum size, or a menu, is shown.
_OFFSCREEN_NOTICE = "This plugin does not support"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let no test fail for what the offscreen platform cannot do."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore(_OFFSCREEN_NOTICE, extend=True))


@pytest.fixture(autouse=True, scope="module")
def _collector_off() -> Iterator[None]:
    """Let no worker thread delete a Qt object, in a later file either: what the last test left goes here."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def _collect_on_this_thread(_collector_off: None) -> None:
    """Collect between the tests, on this thread."""
    gc.collect()


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """The bot, as patient as `run_async`."""
    milliseconds = int(PATIENCE_SECONDS * 1000)
    for wait in ("waitUntil", "waitSignal", "waitSignals", "waitExposed", "waitActive"):
        setattr(qtbot, wait, partial(getattr(qtbot, wait), timeout=milliseconds))
    return qtbot


@pytest.fixture(scope="session")
def _session_theme(qapp: QApplication) -> Theme:
    """One theme for all: another folder's tests may have made it. Numbers are written the English way."""
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    return current_theme() or Theme(qapp)


@pytest.fixture
def theme(_session_theme: Theme) -> Iterator[Theme]:
    """The light scheme with comfortable rows; what a test changes is changed back."""
    _session_theme.set_choice("light")
    _session_theme.set_density(Density.COMFORTABLE)
    yield _session_theme
    _session_theme.set_choice("light")
    _session_theme.set_density(Density.COMFORTABLE)


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    """Preferences in a file of their own."""
    return Preferences(tmp_path / "desktop.ini")


@pytest.fixture
def run_async(qapp: QApplication) -> RunAsync:
    """Run a coroutine on a qasync loop over the application, as the desktop does, and return its result.

    A test of a widget that awaits is an ordinary function: `run_async(coroutine)`. A task that is still there
    at the end is cancelled and fails the test by its name.
    """
    import qasync

    def run(coroutine: Coroutine[Any, Any, Result], timeout: float = PATIENCE_SECONDS) -> Result:
        # Closing the last window must not stop the loop under the coroutine.
        qapp.setQuitOnLastWindowClosed(False)
        loop = qasync.QEventLoop(qapp)
        leftover: list[str] = []

        async def bounded() -> Result:
            try:
                return await asyncio.wait_for(coroutine, timeout)
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
