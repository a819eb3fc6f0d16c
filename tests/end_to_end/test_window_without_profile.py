"""The window between two profiles: nothing of the former one stays, and every page says what is missing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QPushButton

from core.demo.testing import PROFILE, DemoDesk
from core.orders.model import Selection
from core.sync.events import BudgetRead
from gui.desktop import Desktop
from gui.page_list import PAGES
from gui.shell import STATUS_PARTS
from gui.widgets.dialogs import ConfirmPanel, ProblemDialog
from gui.widgets.navigation import NavigationList
from gui.widgets.status_strip import StatusStrip
from tests.end_to_end import window_driver as driver
from tests.qt_loop import RunAsync

# The offscreen platform says so whenever a window with a minimum size, or a menu, is shown.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

FAILING = "LINDEN & LOOM"
BUDGET = BudgetRead(5_000_000, 10_000_000, 30.0, None, None, None, None, 3)
OPEN = "Open configuration…"


@pytest.fixture
def desktop(new_desktop: Callable[[], Desktop]) -> Desktop:
    """A window with preferences of its own."""
    return new_desktop()


async def _not_opened(operator: driver.Operator, path: Path) -> None:
    """Try a file that cannot be opened, and read why."""
    operator.desktop.open(path, None)
    await operator.until(lambda: _shown(operator.desktop, ProblemDialog) is not None)
    dialog = _shown(operator.desktop, ProblemDialog)
    assert dialog is not None
    operator.click(dialog.close_button)
    await operator.until(lambda: not operator.desktop.tasks.running)


def _shown(desktop: Desktop, kind: type[driver.Kind]) -> driver.Kind | None:
    return next((each for each in desktop.window.findChildren(kind) if each.isVisible()), None)


def _words(desktop: Desktop) -> list[str]:
    """What stands in the window now, but for the navigation."""
    return [each.text() for each in desktop.window.findChildren(QLabel) if each.isVisible()]


def _buttons(desktop: Desktop) -> dict[str, QPushButton]:
    return {each.text(): each for each in desktop.window.findChildren(QPushButton) if each.isVisible()}


def _status(desktop: Desktop) -> dict[str, str]:
    """The parts of the status bar that are shown, and their words."""
    strip = desktop.window.findChild(StatusStrip)
    parts = {part: strip.part(part).words() for part in STATUS_PARTS}
    return {part: words for part, words in parts.items() if words}


async def _run(operator: driver.Operator, selection: Selection) -> None:
    reports: list[object] = []
    operator.desktop.run.finished.connect(reports.append)
    operator.desktop.run.start(await operator.workspace.plan(selection))
    await operator.until(lambda: bool(reports) and not operator.desktop.tasks.running)


def test_every_page_says_that_no_profile_is_open_and_offers_to_open_a_configuration(
    desk: DemoDesk, desktop: Desktop, run_async: RunAsync
) -> None:
    broken = desk.folder / "broken.toml"
    broken.write_text("[profiles.demo\n", encoding="utf-8")

    async def job() -> dict[str, int]:
        operator = await driver.operator_at(desktop, desk.configuration_file, PROFILE)
        await _run(operator, Selection((FAILING,)))
        await _not_opened(operator, broken)
        assert desktop.window.focusWidget() is _buttons(desktop)[OPEN]
        said = {}
        for info in PAGES:
            desktop.window.show_page(info.page_id)
            assert info.page_id == "monitor" or info.title in _words(desktop)
            said[info.page_id] = _words(desktop).count("No profile is open") + list(_buttons(desktop)).count(
                OPEN
            )
        desktop.window.show_page("history")
        operator.click(_buttons(desktop)[OPEN])
        dialog = _shown(desktop, QFileDialog)
        assert dialog is not None
        dialog.reject()
        await driver.close_desktop(desktop)
        return said

    # Once the words, once the button; Monitor has nothing to show with a profile either.
    assert run_async(job()) == {info.page_id: 0 if info.page_id == "monitor" else 2 for info in PAGES}


def test_nothing_of_the_former_profile_stays_in_the_frame(
    desk: DemoDesk, desktop: Desktop, run_async: RunAsync
) -> None:
    async def job() -> tuple[int, dict[str, str], dict[str, str]]:
        operator = await driver.operator_at(desktop, desk.configuration_file, PROFILE)
        await _run(operator, Selection((FAILING,)))
        before = _status(desktop)
        desktop.run.budget_changed.emit(BUDGET)
        await _not_opened(operator, desk.folder / "nowhere.toml")
        badge = desktop.window.findChild(NavigationList).badge("failures")
        after = _status(desktop)
        await driver.open_desktop(desktop, desk.configuration_file, PROFILE)
        assert desktop.orders.isVisible()
        assert desktop.orders.isAncestorOf(desktop.window.focusWidget())
        assert _status(desktop) == before
        await driver.close_desktop(desktop)
        return badge, before, after

    badge, before, after = run_async(job())
    assert badge == 0
    assert set(before) == {"database", "monday", "selection"}
    assert after == {"database": "Not open"}


def test_the_budget_of_a_run_is_told_while_it_goes_on_and_not_afterwards(
    desk: DemoDesk, desktop: Desktop, run_async: RunAsync
) -> None:
    async def job() -> tuple[list[str], dict[str, str]]:
        operator = await driver.operator_at(desktop, desk.configuration_file, PROFILE)
        told: list[str] = []
        desktop.run.budget_changed.connect(lambda _: told.append(_status(desktop).get("budget", "")))
        await _run(operator, Selection((FAILING,)))
        after = _status(desktop)
        await driver.close_desktop(desktop)
        return told, after

    told, after = run_async(job())
    assert any("of the minute's budget left" in words for words in told)
    assert "budget" not in after


def test_after_a_run_that_failed_as_a_whole_orders_can_be_pushed_again(
    desk: DemoDesk, desktop: Desktop, run_async: RunAsync
) -> None:
    async def job() -> tuple[str, dict[str, str]]:
        operator = await driver.operator_at(desktop, desk.configuration_file, PROFILE)
        plan = await operator.workspace.plan(Selection((FAILING,), limit=1))
        desk.rows("ALTER TABLE deltadesk_run RENAME TO gone")
        desktop.run.start(plan)
        desktop.run.budget_changed.emit(BUDGET)
        await operator.until(lambda: _shown(desktop, ProblemDialog) is not None)
        desk.rows("ALTER TABLE gone RENAME TO deltadesk_run")
        _shown(desktop, ProblemDialog).close()
        await operator.until(lambda: not desktop.tasks.running)
        why, status = desktop.orders.push_button.toolTip(), _status(desktop)
        await driver.close_desktop(desktop)
        return why, status

    why, status = run_async(job())
    assert why == "Check the orders to push first"
    assert "budget" not in status


# Unsaved edits of the mapping


def _edit(desktop: Desktop) -> None:
    draft = desktop.mappings.draft
    draft.set_name("item_name", "{NOT THIS}", "change the name of items")
    assert desktop.mappings.has_unsaved_changes


async def _choose(operator: driver.Operator, path: Path) -> ConfirmPanel:
    """File > Open configuration, and the question that follows."""
    operator.desktop.window.open_requested.emit()
    dialog = _shown(operator.desktop, QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(path))
    dialog.done(QDialog.DialogCode.Accepted)
    await operator.until(lambda: _shown(operator.desktop, ConfirmPanel) is not None)
    panel = _shown(operator.desktop, ConfirmPanel)
    assert panel is not None
    return panel


def _copy(desk: DemoDesk) -> Path:
    path = desk.folder / "copy.toml"
    text = desk.configuration_file.read_text(encoding="utf-8")
    path.write_text(text.replace('default_profile = "demo"', f'default_profile = "{PROFILE}"'), "utf-8")
    return path


def test_another_configuration_is_opened_over_unsaved_edits_only_when_the_operator_says_so(
    desk: DemoDesk, desktop: Desktop, run_async: RunAsync
) -> None:
    async def job() -> None:
        operator = await driver.operator_at(desktop, desk.configuration_file, PROFILE)
        workspace = operator.workspace
        _edit(desktop)
        panel = await _choose(operator, _copy(desk))
        operator.click(panel.refuse_button)
        await operator.until(lambda: not desktop.tasks.running)
        assert operator.workspace is workspace
        assert desktop.mappings.has_unsaved_changes
        panel = await _choose(operator, _copy(desk))
        operator.click(panel.confirm_button)
        await operator.until(lambda: operator.workspace not in (None, workspace))
        await operator.until(lambda: not desktop.tasks.running)
        assert Path(operator.workspace.configuration.path) == _copy(desk)
        assert not desktop.mappings.has_unsaved_changes
        await driver.close_desktop(desktop)

    run_async(job())


def test_edits_that_were_thrown_away_do_not_come_back_with_the_same_file(
    desk: DemoDesk, desktop: Desktop, run_async: RunAsync
) -> None:
    async def job() -> None:
        path = _copy(desk)
        desktop.window.show()
        await driver.open_desktop(desktop, path, PROFILE)
        operator = driver.Operator(desktop)
        workspace = operator.workspace
        _edit(desktop)
        panel = await _choose(operator, path)
        operator.click(panel.confirm_button)
        await operator.until(lambda: operator.workspace not in (None, workspace))
        await operator.until(lambda: not desktop.tasks.running)
        assert not desktop.mappings.has_unsaved_changes
        await driver.close_desktop(desktop)

    run_async(job())
