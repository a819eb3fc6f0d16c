"""The page over the demo: real orders, real practice board, real file."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.demo.testing import demo_desk
from gui.models.mapping_table import Show
from gui.pages.mapping_save import SaveQuestion
from gui.pages.mapping_suggestions import SuggestionsDialog
from gui.pages.mapping_versions import VersionsDialog


@pytest.fixture
def demo(tmp_path: Path, demo_orders_database: Path):
    folder = tmp_path / "demo"
    folder.mkdir()
    with demo_desk(folder, demo_orders_database) as made:
        yield made


async def _confirmed(desk) -> SaveQuestion:
    desk.page.view.save_button.click()
    question = await desk.dialog(SaveQuestion)
    await desk.until(question.confirm_button.isEnabled)
    return question


def test_that_one_policy_changed_changes_one_line_of_the_file_and_makes_a_version(desk, run_async, demo):
    before = demo.configuration_file.read_text(encoding="utf-8").splitlines()

    async def act():
        async with demo.opened() as workspace:
            desk.workspace = workspace
            await desk.open()
            assert desk.page.findings == ()
            desk.select("CUSTOMER STYLE")
            desk.choose("on_unknown_label", "refuse")
            await desk.settle()
            question = await _confirmed(desk)
            lines = question.diff_view.toPlainText().splitlines()
            changed = [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
            impact = question.impact_panel.words()
            question.confirm_button.click()
            await desk.settle()
            assert workspace.profile.mapping_set == desk.page.draft.current
            desk.page.view.versions_button.click()
            dialog = await desk.dialog(VersionsDialog)
            await desk.until(lambda: dialog.changes.rowCount() == 1)
            dialog.reject()
            desk.page.set_workspace(None)
        return changed, impact

    changed, impact = run_async(act())
    assert changed == ['-on_unknown_label = "create"']
    assert impact == "None of 469 pending orders and 2,932 lines changes."
    place = before.index('source = "CUSTOMER STYLE"')
    gone = before.index('on_unknown_label = "create"', place)
    after = demo.configuration_file.read_text(encoding="utf-8").splitlines()
    assert after == before[:gone] + before[gone + 1 :]


def test_that_removed_rules_come_back_as_suggestions_and_are_all_accepted_at_once(desk, run_async, demo):
    async def act():
        async with demo.opened() as workspace:
            desk.workspace = workspace
            await desk.open()
            saved = {(rule.source, rule.column) for rule in desk.page.draft.current.items if rule.source}
            desk.table.selectAll()
            QTest.mouseClick(desk.page.view.rules.tools.remove_button, Qt.MouseButton.LeftButton)
            await desk.settle()
            assert desk.page.draft.current.items == ()
            desk.show(Show.NOT_MAPPED)
            desk.page.view.rules.tools.suggestions_button.click()
            dialog = await desk.dialog(SuggestionsDialog)
            dialog.accept_button.click()
            await desk.settle()
            found = {(rule.source, rule.column) for rule in desk.page.draft.current.items}
            errors = [each for each in desk.page.findings if each.code == "column_not_writable"]
            desk.page.set_workspace(None)
        return saved, found, errors

    saved, found, errors = run_async(act())
    assert len(saved & found) >= 0.9 * len(saved)
    assert errors == []
