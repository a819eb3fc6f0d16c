"""What the desktop's tests share: an application in the house look, and who may collect garbage when."""

import gc
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

# Before the first QApplication: the suite needs no display, and looks the same on every machine.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from gui.preferences import Preferences
from gui.theme import Density, Theme, current_theme
from tests.qt_loop import PATIENCE_SECONDS

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
    gc.collect()
    # What is there already is looked through no more: a collection after each test would take longer than it.
    gc.freeze()
    yield
    gc.unfreeze()
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
