"""The whole way: demo orders in a real database, a served practice board, one profile between them."""

import gc
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.orders.model import Selection
from core.sync.control import RunControl
from core.sync.report import RunReport
from core.workspace import Workspace

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from gui.desktop import Desktop

# Before the first QApplication: the suite needs no display.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

Push = Callable[..., Awaitable[RunReport]]


@pytest.fixture
def push() -> Push:
    """Plan a selection and run it, as the command does."""

    async def plan_and_run(workspace: Workspace, selection: Selection) -> RunReport:
        plan = await workspace.plan(selection)
        return await workspace.run(plan, RunControl(), lambda _event: None)

    return plan_and_run


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
