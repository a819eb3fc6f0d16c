"""Runs are taken back in the whole window, on real orders, a real board and real HTTP."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from core.demo.testing import ITEMS_BOARD, PROFILE, DemoDesk
from core.orders.model import Selection
from core.sync.report import RunReport
from gui.desktop import Desktop
from gui.undoing import UndoPanel
from tests.end_to_end import window_driver as driver

# The offscreen platform says so whenever a window with a minimum size, or a menu, is shown.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

THREE = Selection(("ATELIER ÉTOILE",), limit=3)


class UndoOperator(driver.Operator):
    """Also remembers what the runs reported, and takes runs back."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__(desktop)
        self.reports: list[RunReport] = []
        desktop.run.finished.connect(self.reports.append)

    async def push(self, selection: Selection) -> None:
        """Send a selection, and wait until History has it."""
        workspace, count = self.desktop.workspace, len(self.reports) + 1
        assert workspace is not None
        self.desktop.run.start(await workspace.plan(selection))
        await self._over(count)

    async def undo(self, row: int) -> tuple[str, str]:
        """Take back a run that History lists; what the panel says above, and on its button."""
        count = len(self.reports) + 1
        self.desktop.window.show_page("history")
        self.desktop.history.runs_table.selectRow(row)
        self.desktop.history.undo_button.click()
        await self.until(lambda: bool(self.desktop.window.findChildren(UndoPanel)))
        (panel,) = self.desktop.window.findChildren(UndoPanel)
        said = panel.windowTitle(), panel.archive_button.text()
        panel.archive_button.click()
        await self._over(count)
        return said

    async def _over(self, count: int) -> None:
        runs, tasks = self.desktop.history.runs, self.desktop.tasks
        await self.until(lambda: len(self.reports) == count <= runs.rowCount() and not tasks.running)

    def endings(self) -> list[tuple[str, str]]:
        """Kind and end of each row of History."""
        runs = self.desktop.history.runs
        return [(runs.index(row, 2).data(), runs.index(row, 10).data()) for row in range(runs.rowCount())]


@pytest.fixture
def operate(
    desk: DemoDesk,
    new_desktop: Callable[[], Desktop],
    run_async: Callable[[Coroutine[Any, Any, Any]], Any],
) -> Callable[[Callable[[UndoOperator], Coroutine[Any, Any, Any]]], Any]:
    """Does a job in a window that has the desk open, closes it, and returns what the job did."""
    desktop = new_desktop()

    async def whole(job: Callable[[UndoOperator], Coroutine[Any, Any, Any]]) -> Any:
        desktop.window.show()
        await driver.open_desktop(desktop, desk.configuration_file, PROFILE)
        try:
            return await job(UndoOperator(desktop))
        finally:
            await desktop.close()

    return lambda job: run_async(whole(job))


def test_a_run_chosen_in_history_is_taken_back_after_a_yes(desk: DemoDesk, operate: Any) -> None:
    async def job(operator: UndoOperator) -> tuple[list[RunReport], list[tuple[str, str]], str]:
        await operator.push(THREE)
        assert len(desk.board.items(ITEMS_BOARD)) == 3
        await operator.undo(0)
        return operator.reports, operator.endings(), operator.desktop.window.current_page

    (run, undo), rows, page = operate(job)
    assert (undo.undoes, undo.orders.archived, undo.kept) == (run.run_id, 3, ())
    assert desk.board.items(ITEMS_BOARD) == []
    assert (rows, page) == ([("Undo", "Undone"), ("Live", "Undone since")], "run")
    assert {row[0] for row in desk.rows("SELECT monday_item_id FROM ORDER_LIST_DELTA")} == {None}


def test_the_undo_of_a_run_that_was_resumed_names_both_and_both_are_marked_as_undone(
    desk: DemoDesk, operate: Any
) -> None:
    async def job(
        operator: UndoOperator,
    ) -> tuple[tuple[str, str], list[RunReport], list[tuple[str, str]], list[str]]:
        desktop = operator.desktop
        desk.board.faults.add("rate_limit", operation="create_subitem", limit="daily", times=None)
        await operator.push(THREE)
        desk.board.faults.clear()
        assert desktop.workspace is not None
        (interrupted,) = await desktop.workspace.interrupted_runs()
        await operator.push(interrupted.selection)
        said = await operator.undo(1)
        desktop.window.show_page("history")
        told = []
        for row in (1, 2):
            desktop.history.runs_table.selectRow(row)
            told.append(desktop.history.summary.panel.words())
        return said, operator.reports, operator.endings(), told

    (title, button), (first, last, undo), rows, told = operate(job)
    assert title.endswith(" and its resumption?")
    assert button == "Archive 3 items"
    assert (undo.undoes, undo.orders.archived, undo.kept) == (last.run_id, 3, ())
    assert desk.board.items(ITEMS_BOARD) == []
    assert rows == [("Undo", "Undone"), ("Live", "Undone since"), ("Live", "Undone since")]
    for words, other in zip(told, (first, last), strict=True):
        assert f"Undone by run {undo.run_id[:8]} of " in words
        assert f"Run {other.run_id[:8]} was undone with it" in words
