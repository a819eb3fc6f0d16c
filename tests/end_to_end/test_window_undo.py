"""A run is taken back in the whole window, on real orders, a real board and real HTTP."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from core.demo.testing import ITEMS_BOARD, PROFILE, DemoDesk
from core.orders.model import Selection
from core.sync.report import RunReport
from gui.desktop import Desktop
from gui.undoing import UndoPanel

# The offscreen platform says so whenever a window with a minimum size, or a menu, is shown.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


async def until(reached: Callable[[], object]) -> None:
    while not reached():
        await asyncio.sleep(0.02)


def test_a_run_chosen_in_history_is_taken_back_after_a_yes(
    desk: DemoDesk,
    new_desktop: Callable[[], Desktop],
    run_async: Callable[[Coroutine[Any, Any, Any]], Any],
) -> None:
    desktop = new_desktop()

    async def job() -> tuple[list[RunReport], list[str], str]:
        reports: list[RunReport] = []
        desktop.run.finished.connect(reports.append)
        opened = asyncio.Event()
        desktop.profile_opened.connect(opened.set)
        desktop.window.show()
        desktop.open(desk.configuration_file, PROFILE)
        await opened.wait()
        try:
            assert desktop.workspace is not None
            plan = await desktop.workspace.plan(Selection(("ATELIER ÉTOILE",), limit=3))
            desktop.run.start(plan)
            await until(lambda: reports and desktop.history.runs.rowCount() and not desktop.tasks.running)
            assert len(desk.board.items(ITEMS_BOARD)) == 3

            desktop.window.show_page("history")
            desktop.history.undo_button.click()
            await until(lambda: desktop.window.findChildren(UndoPanel))
            (panel,) = desktop.window.findChildren(UndoPanel)
            panel.archive_button.click()
            await until(lambda: len(reports) == 2 and not desktop.tasks.running)
            kinds = [
                desktop.history.runs.index(row, 2).data() for row in range(desktop.history.runs.rowCount())
            ]
            return reports, kinds, desktop.window.current_page
        finally:
            await desktop.close()

    (run, undo), kinds, page = run_async(job())
    assert (undo.undoes, undo.orders.archived, undo.kept) == (run.run_id, 3, ())
    assert desk.board.items(ITEMS_BOARD) == []
    assert (kinds, page) == (["Undo", "Live"], "run")
    assert {row[0] for row in desk.rows("SELECT monday_item_id FROM ORDER_LIST_DELTA")} == {None}
