"""The keyboard in the whole window: Tab reaches everything, and a key does what the page shown offers."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QTreeView,
    QWidget,
)

from core.demo.testing import PROFILE, DemoDesk
from core.orders.model import Selection
from gui.desktop import Desktop
from gui.page_list import PAGES
from gui.widgets.navigation import NavigationList
from tests.end_to_end import window_driver as driver
from tests.qt_loop import RunAsync

# The offscreen platform says so whenever a window with a minimum size, or a menu, is shown.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

FAILING, OTHER = "LINDEN & LOOM", "ATELIER ÉTOILE"
CONTROLS = (QAbstractButton, QLineEdit, QComboBox)
LONGEST_WAY = 250
"""No page has as many controls."""


@pytest.fixture
def desktop(new_desktop: Callable[[], Desktop]) -> Desktop:
    """A window with preferences of its own."""
    return new_desktop()


def test_tab_reaches_every_control_of_every_page_and_goes_on_to_the_frame_both_ways(
    desk: DemoDesk, desktop: Desktop, run_async: RunAsync
) -> None:
    async def job() -> dict[str, list[str]]:
        operator = await driver.operator_at(desktop, desk.configuration_file, PROFILE)
        await _run(operator, Selection((FAILING,)))
        await _previewed(operator)
        missed: dict[str, list[str]] = {}
        for info in PAGES:
            desktop.window.show_page(info.page_id)
            await operator.until(lambda: not desktop.tasks.running)
            for way, key in (("Tab", Qt.Key.Key_Tab), ("Shift+Tab", Qt.Key.Key_Backtab)):
                wanted = {*_controls(desktop), *_frame(desktop)}
                desktop.window.findChild(NavigationList).setFocus()
                left = wanted - set(_walk(key))
                if left:
                    missed[f"{info.page_id} by {way}"] = sorted(_name(widget) for widget in left)
        await driver.close_desktop(desktop)
        return missed

    assert run_async(job()) == {}


def _walk(key: Qt.Key) -> list[QWidget]:
    """What gets the focus one after the other; at the end what had it first, where it comes back to it."""
    first = QApplication.focusWidget()
    reached: list[QWidget] = []
    while len(reached) < LONGEST_WAY:
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, key)
        reached.append(QApplication.focusWidget())
        if reached[-1] is first:
            break
    return reached


def _controls(desktop: Desktop) -> Iterator[QWidget]:
    """The controls of the page shown that a person can use, but for those that stand in for another one."""
    page = desktop.window.page(desktop.window.current_page)
    for kind in CONTROLS:
        for widget in page.findChildren(kind):
            inner = isinstance(widget, QLineEdit) and isinstance(widget.parentWidget(), QComboBox)
            # Tab bars and fields have nameless buttons of their own, which the mouse alone needs.
            if _name(widget) and not inner and not _by_arrow(widget) and _is_usable(widget):
                yield widget


def _by_arrow(widget: QWidget) -> bool:
    """Of buttons of which one is chosen, Tab goes to that one; the arrow keys go to the others."""
    if not isinstance(widget, QAbstractButton) or widget.isChecked():
        return False
    group = widget.group()
    return widget.autoExclusive() or (group is not None and group.exclusive())


def _is_usable(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled()


def _frame(desktop: Desktop) -> Iterator[QWidget]:
    yield desktop.window.findChild(NavigationList)
    for widget in desktop.window.statusBar().findChildren(QAbstractButton):
        if widget.isVisible():
            yield widget


def _name(widget: QWidget) -> str:
    """What a person reads of it, or a screen reader says."""
    words = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or words


# What keys start


async def _run(operator: driver.Operator, selection: Selection) -> None:
    desktop = operator.desktop
    ended = asyncio.Event()
    desktop.run.finished.connect(ended.set)
    desktop.run.start(await desktop.workspace.plan(selection))
    await asyncio.wait_for(ended.wait(), driver.PATIENCE_SECONDS)
    desktop.run.finished.disconnect(ended.set)
    await operator.until(lambda: not desktop.tasks.running)


async def _previewed(operator: driver.Operator) -> None:
    """Check the first customer and look at the plan of its orders."""
    desktop = operator.desktop
    desktop.window.show_page("orders")
    _toggle(desktop, 0)
    await operator.until(desktop.orders.preview_button.isEnabled)
    operator.click(desktop.orders.preview_button)
    await operator.until(lambda: desktop.preview.plan is not None and not desktop.tasks.running)


def _toggle(desktop: Desktop, row: int) -> None:
    """Check or clear a customer."""
    tree = driver.shown(desktop.orders, QTreeView)
    tree.setCurrentIndex(tree.model().index(row, 0))
    QTest.keyClick(tree, Qt.Key.Key_Space)


def _press(desktop: Desktop, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    QTest.keyClick(desktop.window, key, modifiers)


def _entry(desktop: Desktop, words: str) -> QAction:
    """The entry of the Run menu that begins with these words."""
    actions = desktop.window.run_menu.actions()
    return next(action for action in actions if action.text().replace("&", "").startswith(words))


def _offered(desktop: Desktop) -> list[str]:
    """What the Run menu offers now, by the first word."""
    actions = [action for action in desktop.window.run_menu.actions() if action.isEnabled()]
    return [action.text().replace("&", "").split()[0] for action in actions]


def test_ctrl_enter_on_preview_pushes_the_plan_shown_whatever_was_checked_since(
    desk: DemoDesk, desktop: Desktop, run_async: RunAsync
) -> None:
    async def job() -> tuple[str, int]:
        operator = await driver.operator_at(desktop, desk.configuration_file, PROFILE)
        await _previewed(operator)
        desktop.window.show_page("orders")
        _toggle(desktop, 1)
        desktop.window.show_page("preview")
        words = desktop.preview.push_button.text()
        reports = []
        desktop.run.finished.connect(reports.append)
        _press(desktop, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await operator.until(lambda: bool(reports) and not desktop.tasks.running)
        await driver.close_desktop(desktop)
        return words, reports[0].orders.selected

    words, pushed = run_async(job())
    assert words.startswith(f"Push {pushed} orders")


def test_ctrl_enter_starts_nothing_on_pages_that_do_not_push(
    desk: DemoDesk, desktop: Desktop, run_async: RunAsync
) -> None:
    async def job() -> list[str]:
        operator = await driver.operator_at(desktop, desk.configuration_file, PROFILE)
        _toggle(desktop, 0)
        await operator.until(desktop.orders.push_button.isEnabled)
        started = []
        for info in PAGES:
            if info.page_id not in ("orders", "preview"):
                desktop.window.show_page(info.page_id)
                _press(desktop, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
                if desktop.tasks.running or _entry(desktop, "Push").isEnabled():
                    started.append(info.page_id)
        await operator.until(lambda: not desktop.tasks.running)
        await driver.close_desktop(desktop)
        return started

    assert run_async(job()) == []
    assert desk.mutations == []


def test_the_run_menu_offers_just_what_the_buttons_do(
    desk: DemoDesk, desktop: Desktop, run_async: RunAsync
) -> None:
    async def job() -> dict[str, list[str]]:
        seen = {"without a profile": _offered(desktop)}
        operator = await driver.operator_at(desktop, desk.configuration_file, PROFILE)
        seen["nothing checked"] = _offered(desktop)
        _toggle(desktop, 0)
        await operator.until(desktop.orders.push_button.isEnabled)
        seen["checked"] = _offered(desktop)
        desktop.window.show_page("preview")
        seen["nothing previewed"] = _offered(desktop)
        slow = desk.board.faults.add("delay", operation="create_item", seconds=1.0)
        desktop.run.start(await desktop.workspace.plan(Selection((OTHER,), limit=2)))
        seen["running"] = _offered(desktop)
        await asyncio.to_thread(
            desk.board.wait_until, lambda requests: any(slow.fits(request) for request in requests)
        )
        desktop.run.stop()
        seen["stopping"] = _offered(desktop)
        await operator.until(lambda: not desktop.tasks.running)
        desktop.window.show_page("orders")
        seen["ended"] = _offered(desktop)
        await driver.close_desktop(desktop)
        return seen

    assert run_async(job()) == {
        "without a profile": [],
        "nothing checked": [],
        "checked": ["Preview", "Push"],
        "nothing previewed": ["Preview"],
        "running": ["Preview", "Pause", "Stop"],
        "stopping": ["Preview"],
        "ended": ["Preview", "Push"],
    }


def test_the_key_that_stops_a_run_asks_first_and_the_run_page_keeps_the_keyboard(
    desk: DemoDesk, desktop: Desktop, run_async: RunAsync
) -> None:
    async def job() -> None:
        operator = await driver.operator_at(desktop, desk.configuration_file, PROFILE)
        slow = desk.board.faults.add("delay", operation="create_item", seconds=1.0)
        desktop.run.start(await desktop.workspace.plan(Selection((OTHER,), limit=2)))
        await asyncio.to_thread(
            desk.board.wait_until, lambda requests: any(slow.fits(request) for request in requests)
        )
        _press(desktop, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
        assert desktop.window.current_page == "run"
        assert desktop.run.view.stop_question.isVisible()
        assert desktop.run.stop_button.isEnabled()
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is desktop.run.confirm_stop_button
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
        assert not desktop.run.stop_button.isEnabled()
        await operator.until(lambda: not desktop.tasks.running)
        await operator.until(lambda: desktop.run.isAncestorOf(QApplication.focusWidget()))
        desktop.window.show_page("history")
        await operator.until(lambda: desktop.history.isAncestorOf(QApplication.focusWidget()))
        await driver.close_desktop(desktop)

    run_async(job())


def test_the_run_page_has_the_keyboard_once_orders_were_pushed_by_the_button(
    desk: DemoDesk, desktop: Desktop, run_async: RunAsync
) -> None:
    async def job() -> None:
        operator = await driver.operator_at(desktop, desk.configuration_file, PROFILE)
        await _previewed(operator)
        desktop.preview.push_button.setFocus()
        QTest.keyClick(desktop.preview.push_button, Qt.Key.Key_Space)
        await operator.until(lambda: desktop.window.current_page == "run")
        await operator.until(lambda: desktop.run.isAncestorOf(desktop.window.focusWidget()))
        await operator.until(lambda: not desktop.tasks.running)
        assert desktop.run.isAncestorOf(desktop.window.focusWidget())
        await driver.close_desktop(desktop)

    run_async(job())
