"""A run that was interrupted and resumed is taken back in the whole window; both rows of History say so."""

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


def endings(desktop: Desktop) -> list[tuple[str, str]]:
    """Kind and end of each row of History."""
    runs = desktop.history.runs
    return [(runs.index(row, 2).data(), runs.index(row, 10).data()) for row in range(runs.rowCount())]


def test_the_undo_of_the_first_run_names_both_and_both_are_marked_as_undone(
    desk: DemoDesk,
    new_desktop: Callable[[], Desktop],
    run_async: Callable[[Coroutine[Any, Any, Any]], Any],
) -> None:
    desktop = new_desktop()

    async def job() -> tuple[list[str], list[RunReport], list[tuple[str, str]], list[str]]:
        reports: list[RunReport] = []
        desktop.run.finished.connect(reports.append)
        opened = asyncio.Event()
        desktop.profile_opened.connect(opened.set)
        desktop.window.show()
        desktop.open(desk.configuration_file, PROFILE)
        await opened.wait()
        workspace, history = desktop.workspace, desktop.history
        assert workspace is not None

        async def through(count: int) -> None:
            await until(lambda: len(reports) == count and not desktop.tasks.running)

        try:
            desk.board.faults.add("rate_limit", operation="create_subitem", limit="daily", times=None)
            desktop.run.start(await workspace.plan(Selection(("ATELIER ÉTOILE",), limit=3)))
            await through(1)
            desk.board.faults.clear()
            (interrupted,) = await workspace.interrupted_runs()
            desktop.run.start(await workspace.plan(interrupted.selection))
            await through(2)

            desktop.window.show_page("history")
            history.runs_table.selectRow(1)
            history.undo_button.click()
            await until(lambda: desktop.window.findChildren(UndoPanel))
            (panel,) = desktop.window.findChildren(UndoPanel)
            said = [panel.windowTitle(), panel.archive_button.text()]
            panel.archive_button.click()
            await through(3)

            desktop.window.show_page("history")
            told = []
            for row in (1, 2):
                history.runs_table.selectRow(row)
                told.append(history.summary.panel.words())
            return said, reports, endings(desktop), told
        finally:
            await desktop.close()

    (title, button), (first, last, undo), rows, told = run_async(job())
    assert title.endswith(" and its resumption?")
    assert button == "Archive 3 items"
    assert (undo.undoes, undo.orders.archived, undo.kept) == (last.run_id, 3, ())
    assert desk.board.items(ITEMS_BOARD) == []
    assert rows == [("Undo", "Undone"), ("Live", "Undone since"), ("Live", "Undone since")]
    for words, other in zip(told, (first, last), strict=True):
        assert f"Undone by run {undo.run_id[:8]} of " in words
        assert f"Run {other.run_id[:8]} was undone with it" in words
