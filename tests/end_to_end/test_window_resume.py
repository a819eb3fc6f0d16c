"""The window is closed in the middle of a run: the next start offers the rest, and Resume sends it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from core.demo.testing import PROFILE, DemoDesk
from core.orders.model import Selection
from gui.desktop import Desktop
from gui.widgets.dialogs import ConfirmPanel
from tests.end_to_end import window_driver as driver

# The offscreen platform says so whenever a window with a minimum size, or a menu, is shown.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

CUSTOMER = "ATELIER ÉTOILE"


@pytest.fixture
def desktops(new_desktop: Callable[[], Desktop]) -> list[Desktop]:
    """A window, and the one of the next start, on the same preferences."""
    return [new_desktop() for _ in range(2)]


def test_a_run_whose_window_was_closed_is_offered_at_the_next_start_and_resumed_once(
    desk: DemoDesk, desktops: list[Desktop], run_async: Callable[[Coroutine[Any, Any, Any]], Any]
) -> None:
    async def first(desktop: Desktop) -> str:
        operator = driver.Operator(desktop)
        desktop.window.show()
        await driver.open_desktop(desktop, desk.configuration_file, PROFILE)
        assert desktop.resuming.isHidden()
        slow = desk.board.faults.add("delay", operation="create_item", seconds=1.0)
        desktop.run.start(await desktop.workspace.plan(Selection((CUSTOMER,), limit=5)))
        await asyncio.to_thread(
            desk.board.wait_until, lambda requests: any(slow.fits(request) for request in requests)
        )
        closed = asyncio.Event()
        desktop.closed.connect(closed.set)
        desktop.window.close()
        await operator.until(lambda: _panel(desktop) is not None)
        panel = _panel(desktop)
        operator.click(panel.confirm_button)
        await asyncio.wait_for(closed.wait(), driver.PATIENCE_SECONDS)
        desktop.window.deleteLater()
        return str(desk.rows("SELECT run_id FROM deltadesk_run")[0]["run_id"])

    async def second(desktop: Desktop, run_id: str) -> tuple[str, bool]:
        operator = driver.Operator(desktop)
        reports = []
        desktop.run.finished.connect(reports.append)
        desktop.window.show()
        await driver.open_desktop(desktop, desk.configuration_file, PROFILE)
        assert desktop.orders.isAncestorOf(desktop.window.focusWidget())
        words = desktop.resuming.bar.words.text()
        desktop.window.show_page("history")
        assert desktop.history.resume_bar.isVisible()
        assert not desktop.resuming.isVisible()
        assert desktop.history.isAncestorOf(desktop.window.focusWidget())
        operator.click(desktop.history.resume_bar.resume_button)
        await operator.until(lambda: bool(reports) and not desktop.tasks.running)
        assert desktop.window.current_page == "run"
        assert (reports[0].resumes, reports[0].orders.synced) == (run_id, 5)
        still = desktop.resuming.isVisible()
        await driver.close_desktop(desktop)
        return words, still

    run_id = run_async(first(desktops[0]))
    words, still = run_async(second(desktops[1], run_id))
    assert f"ended early: 5 of 5 orders of {CUSTOMER} are not finished. Nothing is sent twice." in words
    assert not still
    assert sorted(len(found) for found in desk.items_by_key().values()) == [1] * 5
    assert all(len(found) == 1 for found in desk.subitems_by_key().values())


def _panel(desktop: Desktop) -> ConfirmPanel | None:
    shown = [panel for panel in desktop.window.findChildren(ConfirmPanel) if panel.isVisible()]
    return shown[0] if shown else None
