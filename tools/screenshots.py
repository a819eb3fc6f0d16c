"""Draws the pictures of the operator guide again: `make screenshots`.

The real window, offscreen, in a temporary home with the demo's data: same size, same theme, same language and
same day each time. What a run measures (seconds, points) differs a little from one drawing to the next.
"""

import asyncio
import gc
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Self, cast
from unittest.mock import patch

# Before Qt is loaded: no display, no scaling, and times of day as UTC.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_SCALE_FACTOR"] = "1"
os.environ["TZ"] = "UTC"

import qasync
from PySide6.QtCore import QLocale, QPoint, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView, QTreeView, QWidget

from core.demo.data import DEFAULT_NOW
from core.logs import configure_logs
from core.resources import shipped_configuration
from gui.desktop import Desktop
from gui.garbage import GarbageKeeper
from gui.pages.failures_view import FailuresView
from gui.pages.fix_panel import FixPanel
from gui.pages.request_view import GRAPHQL, RequestView
from gui.preferences import Preferences
from gui.theme import Theme
from gui.widgets.dialogs import ConfirmPanel

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SIZE = QSize(1280, 800)
LARGEST_BYTES = 150_000
PATIENCE_SECONDS = 90.0
CHECKED = "GREYSON CLOTHIERS"
UNFOLDED = "LINDEN & LOOM"
RULE = "CATEGORY"
CORRECTION = "XXS"
LIVELY = 60
MID_RUN_RECORDS = 700
"""So many records have ended when the picture of the run is taken."""

_LIVE = """
[profiles.live]
inherits = "demo"
kind = "production"
title = "Production"
"""


def main() -> int:
    """Draw every picture; the exit code."""
    # A fixed folder: the Settings page shows it.
    home = Path(tempfile.gettempdir()) / "deltadesk-pictures"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    os.environ["DELTADESK_HOME"] = str(home)
    configuration = home / "sync_order_list.toml"
    configuration.write_text(
        shipped_configuration().read_text(encoding="utf-8") + _LIVE, encoding="utf-8", newline=""
    )
    configure_logs(home / "logs")
    time.tzset()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    keeper = GarbageKeeper(application)
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    PICTURES.mkdir(parents=True, exist_ok=True)
    try:
        with loop, _on_the_demos_day():
            theme = Theme(application)
            loop.run_until_complete(_Photographer(theme, home).draw(configuration))
    finally:
        # While Qt is still there: icons whose engines are Python's end the process when they outlive it.
        gc.collect()
        keeper.end()
        shutil.rmtree(home, ignore_errors=True)
    return _too_large()


def _too_large() -> int:
    large = [file.name for file in PICTURES.glob("*.png") if file.stat().st_size > LARGEST_BYTES]
    if large:
        sys.stderr.write(f"Larger than {LARGEST_BYTES:,} bytes: {', '.join(sorted(large))}\n")
    return 1 if large else 0


def _on_the_demos_day() -> ExitStack:
    """Every clock of the application shows the day that the demo's orders were made for."""
    ahead = DEFAULT_NOW + timedelta(hours=1) - datetime.now(UTC)

    class DemoDay(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cast("Self", datetime.now(UTC) + ahead).astimezone(tz)

    patches = ExitStack()
    for module in ("core.clock", "gui.models.order_tree", "gui.pages.run_view"):
        patches.enter_context(patch(f"{module}.datetime", DemoDay))
    return patches


class _Photographer:
    """Takes the window through the operator's main job and draws it on the way."""

    def __init__(self, theme: Theme, home: Path) -> None:
        self._theme = theme
        preferences = Preferences(home / "desktop.ini")
        preferences.set("window/theme", "light")
        self._desktop = Desktop(theme, preferences)
        self._window = self._desktop.window
        self._reports: list[Any] = []
        self._desktop.run.finished.connect(self._reports.append)
        self._desktop.window.resize(SIZE)

    async def draw(self, configuration: Path) -> None:
        """Take every picture in the order of the operator guide."""
        self._window.show()
        self._window.activateWindow()
        await self._open(configuration, "demo")
        await self._orders()
        await self._preview()
        await self._run()
        await self._failures()
        await self._mappings()
        for page in ("history", "settings"):
            self._window.show_page(page)
            self._window.page(page).setFocus()
            await self._settled()
            self._save(page)
        await self._confirmation(configuration)
        closed = asyncio.Event()
        self._desktop.closed.connect(closed.set)
        self._window.close()
        await asyncio.wait_for(closed.wait(), PATIENCE_SECONDS)

    async def _open(self, configuration: Path, profile: str) -> None:
        opened = asyncio.Event()
        self._desktop.profile_opened.connect(opened.set)
        self._desktop.open(configuration, profile)
        await asyncio.wait_for(opened.wait(), PATIENCE_SECONDS)
        self._desktop.profile_opened.disconnect(opened.set)
        await self._settled()

    async def _orders(self) -> None:
        self._window.show_page("orders")
        tree = _child(self._desktop.orders, QTreeView)
        model = tree.model()
        assert model is not None
        customers = {str(model.index(row, 0).data()): model.index(row, 0) for row in range(model.rowCount())}
        unfolded = customers[UNFOLDED]
        tree.expand(unfolded)
        await self._until(lambda: model.rowCount(unfolded) > 1)
        await self._settled()
        tree.setCurrentIndex(customers[CHECKED])
        QTest.keyClick(tree, Qt.Key.Key_Space)
        for row in range(3):
            tree.setCurrentIndex(model.index(row, 0, unfolded))
            QTest.keyClick(tree, Qt.Key.Key_Space)
        tree.scrollToTop()
        tree.setFocus()
        await self._settled()
        self._save("orders", dark_too=True)

    async def _preview(self) -> None:
        tree = _child(self._desktop.orders, QTreeView)
        QTest.keyClick(tree, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self._desktop.orders.preview_button.click()
        await self._until(lambda: self._desktop.preview.plan is not None)
        await self._settled()
        self._save("preview")
        _child(self._desktop.preview, RequestView).setCurrentIndex(GRAPHQL)
        await self._settled()
        self._save("preview-graphql")

    async def _run(self) -> None:
        ended = 0

        def count(records: list[Any]) -> None:
            nonlocal ended
            ended += len(records)

        self._desktop.run.records_ended.connect(count)
        self._desktop.preview.push_button.click()
        await self._until(lambda: ended >= MID_RUN_RECORDS)
        self._save("run", dark_too=True)
        await self._until(lambda: bool(self._reports))
        await self._settled()
        self._save("run-summary")

    async def _failures(self) -> None:
        self._window.show_page("failures")
        await self._settled()
        view = _child(self._desktop.failures, FailuresView)
        causes = next(t for t in view.findChildren(QTableView) if t.accessibleName() == "Groups of failures")
        model = causes.model()
        assert model is not None
        for row in range(model.rowCount()):
            if "Label" in str(model.index(row, 0).data()):
                causes.setCurrentIndex(model.index(row, 0))
        await self._settled()
        fix = _child(view, FixPanel)
        fix.set_value(CORRECTION)
        fix.focus_editor()
        await self._settled()
        self._save("failures")

    async def _mappings(self) -> None:
        self._window.show_page("mappings")
        await self._settled()
        for table in self._desktop.mappings.findChildren(QTableView):
            model = table.model()
            rows = range(model.rowCount()) if model else ()
            for row in rows:
                if model is not None and model.index(row, 0).data() == RULE:
                    table.setCurrentIndex(model.index(row, 0))
                    table.setFocus()
        await self._settled()
        self._save("mappings")

    async def _confirmation(self, configuration: Path) -> None:
        shutil.rmtree(configuration.parent / "demo")
        await self._open(configuration, "live")
        self._window.show_page("orders")
        tree = _child(self._desktop.orders, QTreeView)
        QTest.keyClick(tree, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        await self._settled()
        self._desktop.orders.push_button.click()
        await self._until(lambda: bool(self._window.findChildren(ConfirmPanel)))
        panel = _child(self._window, ConfirmPanel)
        await self._until(panel.isVisible)
        await self._settled()
        self._save("confirm-production", panel)
        panel.refuse_button.click()
        await self._settled()

    async def _settled(self) -> None:
        """Until the window has nothing under way and is painted."""
        # Search fields and timers of the pages settle within a fifth of a second.
        await asyncio.sleep(0.3)
        await self._until(lambda: not set(self._desktop.tasks.running) - {"run", "push"})
        await asyncio.sleep(0.1)

    async def _until(self, reached: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not reached():  # noqa: ASYNC110  widgets have no event to wait for
                await asyncio.sleep(0.01)

    def _save(self, name: str, panel: QWidget | None = None, *, dark_too: bool = False) -> None:
        """Draw the window as it stands, and the same moment in the dark scheme."""
        pictures = {name: self._window.grab()}
        if panel is not None:
            _lay_over(pictures[name], panel.grab())
        if dark_too:
            # No event is handled in between: the run is where it was.
            self._theme.set_choice("dark")
            pictures[f"{name}-dark"] = self._window.grab()
            self._theme.set_choice("light")
        for each, picture in pictures.items():
            # Quality 0 is PNG's best compression.
            if not _in_few_colours(picture.toImage()).save(str(PICTURES / f"{each}.png"), quality=0):
                raise OSError(f"{PICTURES / each}.png could not be written")


def _in_few_colours(image: QImage) -> QImage:
    """Paint the picture with 256 colours: edges of letters have thousands, all alike to the eye.

    Half of them are the commonest, half the commonest lively ones: a small red mark must stay red.
    """
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    counts = Counter(memoryview(image.constBits()).cast("B").cast("I"))
    lively = [colour for colour, _ in counts.most_common() if _liveliness(colour) > LIVELY]
    colours = dict.fromkeys([colour for colour, _ in counts.most_common(128)] + lively[:128])
    flags = Qt.ImageConversionFlag.ThresholdDither | Qt.ImageConversionFlag.AvoidDither
    return image.convertToFormat(QImage.Format.Format_Indexed8, list(colours), flags)


def _liveliness(colour: int) -> int:
    """How far a colour is from a grey, 0 to 255."""
    channels = (colour >> 16 & 255, colour >> 8 & 255, colour & 255)
    return max(channels) - min(channels)


def _lay_over(picture: QPixmap, panel: QPixmap) -> None:
    """Draw a panel in the middle of the window it asks for, as it stands on a screen."""
    place = QPoint((picture.width() - panel.width()) // 2, (picture.height() - panel.height()) // 3)
    painter = QPainter(picture)
    painter.fillRect(picture.rect(), QColor(0, 0, 0, 60))
    painter.drawPixmap(place, panel)
    painter.setPen(QColor(0, 0, 0, 90))
    painter.drawRect(panel.rect().translated(place))
    painter.end()


def _child(parent: QWidget, kind: type[Any]) -> Any:
    return parent.findChildren(kind)[0]


if __name__ == "__main__":
    sys.exit(main())
