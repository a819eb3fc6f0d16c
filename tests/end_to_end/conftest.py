"""The whole way: demo orders in a real database, a served practice board, one profile between them."""

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from core.demo.data import create_orders_database
from core.demo.testing import DemoDesk, demo_desk
from core.orders.model import Selection
from core.sync.control import RunControl
from core.sync.report import RunReport
from core.workspace import Workspace

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from gui.desktop import Desktop

# Before the first QApplication: the suite needs no display.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

Result = TypeVar("Result")
Push = Callable[..., Awaitable[RunReport]]


@pytest.fixture(scope="session")
def demo_orders_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's orders database, to be copied."""
    path = tmp_path_factory.mktemp("demo") / "orders.db"
    create_orders_database(path)
    return path


@pytest.fixture
def desk(tmp_path: Path, demo_orders_database: Path) -> Iterator[DemoDesk]:
    """Demo orders, a practice board and a profile that leads from one to the other."""
    with demo_desk(tmp_path, demo_orders_database) as made:
        yield made


@pytest.fixture
def push() -> Push:
    """Plan a selection and run it, as the command does."""

    async def plan_and_run(workspace: Workspace, selection: Selection) -> RunReport:
        plan = await workspace.plan(selection)
        return await workspace.run(plan, RunControl(), lambda _event: None)

    return plan_and_run


@pytest.fixture
def run_async(qapp: "QApplication") -> Callable[[Coroutine[Any, Any, Result]], Result]:
    """Run a coroutine on a loop over the application; a task that is left behind fails the test."""
    import qasync
    from PySide6.QtCore import QCoreApplication, QEvent

    def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
        qapp.setQuitOnLastWindowClosed(False)
        loop = qasync.QEventLoop(qapp)
        left: list[str] = []

        async def bounded() -> Result:
            try:
                return await asyncio.wait_for(coroutine, 150)
            finally:
                await asyncio.sleep(0)
                others = asyncio.all_tasks() - {asyncio.current_task()}
                left.extend(task.get_name() for task in others)
                for task in others:
                    task.cancel()
                await asyncio.gather(*others, return_exceptions=True)

        try:
            result = loop.run_until_complete(bounded())
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
            qapp.setQuitOnLastWindowClosed(True)
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        assert not left, f"tasks left running: {', '.join(sorted(left))}"
        return result

    return run


@pytest.fixture
def new_desktop(qapp: "QApplication", tmp_path: Path) -> Iterator[Callable[[], "Desktop"]]:
    """Make windows that share their preferences.

    All are gone after the test, also after one that failed half-way: a window that is left ends the process
    at its next event. Any thread may collect Python's garbage, so it is collected here and nowhere else.
    """
    from PySide6.QtCore import QCoreApplication, QEvent, QLocale
    from shiboken6 import isValid

    from gui.desktop import Desktop
    from gui.preferences import Preferences
    from gui.theme import Theme, current_theme

    gc.collect()
    gc.disable()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    theme = current_theme() or Theme(qapp)
    made: list[Desktop] = []

    def make() -> Desktop:
        made.append(Desktop(theme, Preferences(tmp_path / "desktop.ini")))
        return made[-1]

    yield make
    for desktop in made:
        if isValid(desktop.window):
            desktop.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    made.clear()
    gc.enable()
    gc.collect()
