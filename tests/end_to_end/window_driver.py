"""An operator at the window, by mouse and keyboard alone: pushes a customer, repairs a failure, sends again.

`test_window.py` uses it in its own process, offscreen. As a program it opens the desktop on the demo and
draws the screen at each step: `python window_driver.py FOLDER`. What it saw is printed as JSON.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QPushButton, QTableView, QTreeView, QWidget

from core.config.token import PRACTICE_TOKEN
from core.demo.practice import demo_folder, find_running
from core.resources import shipped_configuration
from gui.desktop import Desktop
from gui.pages.fix_panel import FixPanel
from gui.widgets.search import SearchField

CUSTOMER = "LINDEN & LOOM"
ORDER = "AAG-0614-006"
WRONG_SIZE, RIGHT_SIZE = "XX-SMALL", "XXS"
PATIENCE_SECONDS = 60.0

Kind = TypeVar("Kind", bound=QWidget)


@dataclass(frozen=True)
class Seen:
    """What the operator read in the window, and what the board holds afterwards."""

    customers_found: list[str]
    push_button: str
    planned_orders: int
    first_run: dict[str, int]
    failures: list[list[str]]
    problem: str
    second_run: dict[str, int]
    failures_left: int
    state_in_table: str
    on_board: list[str]


class Operator:
    """Does what a person does, and waits as a person does: until the window shows it."""

    def __init__(self, desktop: Desktop, pictures: Path | None = None) -> None:
        self.desktop = desktop
        self._pictures = pictures
        self._count = 0
        self._reports: list[Any] = []
        desktop.run.finished.connect(self._reports.append)

    async def whole_job(self) -> Seen:
        """Filter, check, preview, push, read the failure, correct it, send again, look it up."""
        desktop = self.desktop
        await self.picture("opened")
        found = await self._find(CUSTOMER, rows=1)
        await self.picture("filtered")
        tree = shown(desktop.orders, QTreeView)
        self.click_row(tree, tree.model().index(0, 0))
        QTest.keyClick(tree, Qt.Key.Key_Space)
        await self.until(lambda: desktop.orders.push_button.text() == "Push 30 orders")
        push_button = desktop.orders.push_button.text()
        await self.picture("checked")

        self.click(desktop.orders.preview_button)
        await self.until(lambda: desktop.preview.plan is not None and desktop.preview.isVisible())
        planned = desktop.preview.plan.order_count if desktop.preview.plan else 0
        await self.picture("preview")
        self.click(desktop.preview.push_button)
        await self.until(lambda: desktop.run.running)
        await self.picture("running")
        first = await self._run_ended(1)
        await self.picture("run-ended")

        await self._open_page("failures")
        failures = await self._failed_records()
        problem = " ".join(str(label.text()) for label in self._problem_labels())
        await self.picture("failures")
        self._type_correction(RIGHT_SIZE)
        await self.picture("corrected")
        self.click(button(desktop.failures, "Save and send again"))
        second = await self._run_ended(2)
        await self.picture("sent-again")
        left = len(await self.workspace.failed_records())

        await self._open_page("orders")
        self.click(button(desktop.orders, "Show every order"))
        await self.until(lambda: tree.isVisible() and tree.model().rowCount() > 1)
        await self._find(ORDER, rows=1)
        state = await self._state_of(ORDER)
        await self.picture("synced")
        return Seen(
            found,
            push_button,
            planned,
            first,
            failures,
            problem,
            second,
            left,
            state,
            await subitems_on_board(ORDER),
        )

    @property
    def workspace(self) -> Any:
        """The open profile."""
        return self.desktop.workspace

    # What a hand does

    def click(self, widget: QWidget) -> None:
        """Click the middle of a widget that is shown and enabled."""
        assert widget.isVisible(), f"{widget.accessibleName() or widget} is not shown"
        assert widget.isEnabled(), f"{widget.accessibleName() or widget} is disabled: {widget.toolTip()}"
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def click_row(self, view: QAbstractItemView, index: QModelIndex) -> None:
        """Click the words of a row."""
        view.scrollTo(index)
        place = view.visualRect(index)
        QTest.mouseClick(
            view.viewport(), Qt.MouseButton.LeftButton, pos=place.center() + QPoint(place.width() // 4, 0)
        )

    async def _find(self, text: str, *, rows: int) -> list[str]:
        """Type into the search field; the customers that are found."""
        field = shown(self.desktop.orders, SearchField)
        QTest.mouseClick(field, Qt.MouseButton.LeftButton)
        QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(field, text)
        tree = shown(self.desktop.orders, QTreeView)
        model = tree.model()
        await self.until(lambda: model.rowCount() == rows and not self.desktop.tasks.running)
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]

    async def _open_page(self, page_id: str) -> None:
        names = ("orders", "preview", "run", "failures", "mappings", "history", "monitor", "settings")
        key = Qt.Key(Qt.Key.Key_1 + names.index(page_id))
        QTest.keyClick(self.desktop.window, key, Qt.KeyboardModifier.ControlModifier)
        await self.until(lambda: self.desktop.window.current_page == page_id)
        await self.until(lambda: not self.desktop.tasks.running)

    def _type_correction(self, value: str) -> None:
        fix = shown(self.desktop.failures, FixPanel)
        QTest.mouseClick(fix.line, Qt.MouseButton.LeftButton)
        QTest.keyClick(fix.line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(fix.line, value)

    # What an eye does

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait for what the window is to show."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not reached():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            self._draw("waited-in-vain")
            raise

    async def _run_ended(self, count: int) -> dict[str, int]:
        await self.until(lambda: len(self._reports) == count and not self.desktop.tasks.running)
        report = self._reports[-1]
        return {
            "orders_synced": report.orders.synced,
            "orders_failed": report.orders.failed,
            "lines_synced": report.lines.synced,
            "lines_failed": report.lines.failed,
        }

    async def _failed_records(self) -> list[list[str]]:
        table = named(self.desktop.failures, QTableView, "Failed records")
        model = table.model()
        await self.until(lambda: bool(model.rowCount()) and WRONG_SIZE in _row(model, 0))
        self.click_row(table, model.index(0, 0))
        await self.until(lambda: shown(self.desktop.failures, FixPanel).value == WRONG_SIZE)
        return [_row(model, row) for row in range(model.rowCount())]

    def _problem_labels(self) -> list[Any]:
        from PySide6.QtWidgets import QLabel

        panel = self.desktop.failures.view.detail.panel
        return [label for label in panel.findChildren(QLabel) if label.isVisible()]

    async def _state_of(self, order: str) -> str:
        tree = shown(self.desktop.orders, QTreeView)
        model = tree.model()
        customer = model.index(0, 0)
        await self.until(lambda: model.index(0, 0, customer).data() == order)
        titles = [
            model.headerData(section, Qt.Orientation.Horizontal) for section in range(model.columnCount())
        ]
        return str(model.index(0, titles.index("State"), customer).data())

    async def picture(self, name: str) -> None:
        """Draw the screen as a person sees it, once it is painted."""
        if self._pictures is not None:
            await asyncio.sleep(0.2)
            self._draw(name)

    def _draw(self, name: str) -> None:
        if self._pictures is not None:
            self._count += 1
            screen = self.desktop.window.screen()
            screen.grabWindow(0).save(str(self._pictures / f"{self._count:02}-{name}.png"))


def _row(model: Any, row: int) -> list[str]:
    return [str(model.index(row, column).data() or "") for column in range(model.columnCount())]


def shown(parent: QWidget, kind: type[Kind]) -> Kind:
    """The first widget of a kind that is shown on a page."""
    found = [child for child in parent.findChildren(kind) if child.isVisible()]
    assert found, f"{type(parent).__name__} shows no {kind.__name__}"
    return found[0]


def named(parent: QWidget, kind: type[Kind], name: str) -> Kind:
    """The widget with an accessible name."""
    return next(child for child in parent.findChildren(kind) if child.accessibleName() == name)


def button(parent: QWidget, text: str) -> QPushButton:
    """The shown button with this text."""
    texts = {child.text(): child for child in parent.findChildren(QPushButton) if child.isVisible()}
    assert text in texts, f"There is no button '{text}', only {', '.join(texts)}"
    return texts[text]


async def subitems_on_board(order: str) -> list[str]:
    """Names of the subitems under an order's item, asked of the practice board itself."""
    running = await find_running(demo_folder())
    assert running is not None
    document = (
        "query ($board: [ID!], $rules: [ItemsQueryRule!]) { boards(ids: $board) { items_page(limit: 5, "
        "query_params: {rules: $rules}) { items { name subitems { name } } } } }"
    )
    rules = [{"column_id": "text_aag_order_number", "compare_value": [order], "operator": "any_of"}]
    async with httpx.AsyncClient() as http:
        answer = await http.post(
            running.url,
            json={"query": document, "variables": {"board": ["7000000001"], "rules": rules}},
            headers={"Authorization": PRACTICE_TOKEN},
        )
    items = answer.json()["data"]["boards"][0]["items_page"]["items"]
    return [subitem["name"] for item in items for subitem in item["subitems"]]


async def open_desktop(desktop: Desktop, path: Path, profile: str) -> None:
    """Open a profile and wait until its orders are shown."""
    opened = asyncio.Event()
    desktop.profile_opened.connect(opened.set)
    desktop.open(path, profile)
    await asyncio.wait_for(opened.wait(), PATIENCE_SECONDS)
    desktop.profile_opened.disconnect(opened.set)


async def operator_at(desktop: Desktop, path: Path, profile: str) -> Operator:
    """An operator at the active window with a profile open and nothing under way."""
    desktop.window.resize(1280, 800)
    desktop.window.show()
    desktop.window.activateWindow()
    await open_desktop(desktop, path, profile)
    operator = Operator(desktop)
    await operator.until(lambda: desktop.window.isActiveWindow() and not desktop.tasks.running)
    return operator


async def close_desktop(desktop: Desktop) -> None:
    """Close the window as its frame's button does, and wait until everything is closed."""
    closed = asyncio.Event()
    desktop.closed.connect(closed.set)
    desktop.window.close()
    await asyncio.wait_for(closed.wait(), PATIENCE_SECONDS)
    desktop.window.deleteLater()


async def _alone(desktop: Desktop, pictures: Path) -> Seen:
    desktop.window.showMaximized()
    desktop.window.activateWindow()
    await open_desktop(desktop, shipped_configuration(), "demo")
    operator = Operator(desktop, pictures)
    await asyncio.sleep(0.5)
    try:
        return await operator.whole_job()
    finally:
        await close_desktop(desktop)


def main() -> int:
    """Drive a desktop of this process's own on the display of the environment."""
    import qasync
    from PySide6.QtWidgets import QApplication

    from core.config.load import data_folder
    from core.logs import configure_logs
    from gui.garbage import GarbageKeeper
    from gui.preferences import Preferences
    from gui.theme import Theme

    pictures = Path(sys.argv[1])
    configure_logs(data_folder() / "logs")
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    theme = Theme(application)
    theme.set_choice("light")
    keeper = GarbageKeeper(application)
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    with loop:
        desktop = Desktop(theme, Preferences(data_folder() / "desktop.ini"))
        seen = loop.run_until_complete(_alone(desktop, pictures))
    keeper.end()
    print(json.dumps({"platform": application.platformName(), **asdict(seen)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
