"""The form of a rule: its steps, its look-up tables, and the keys that matter for the column's type."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit

from core.config.transforms import Lookup, Replace, Split
from gui.pages.mapping_lookup import LookupDialog
from gui.pages.mapping_rule import LEAST_FORM
from gui.pages.scroll_column import ScrollColumn

ALT = Qt.KeyboardModifier.AltModifier


@pytest.mark.parametrize("size", [(576, 400), (800, 560), (1400, 900)])
def test_that_rules_and_form_are_whole_however_low_the_window(desk, run_async, size):
    async def act():
        await desk.open()
        desk.select("CATEGORY")

    desk.page.resize(*size)
    run_async(act())
    view, rules = desk.page.view, desk.page.view.rules
    QApplication.processEvents()
    QApplication.processEvents()
    assert rules.view.viewport().height() >= 2 * rules.view.rowHeight(0)
    tools = [
        tool
        for tool in rules.tools.findChildren(QAbstractButton)
        if tool.isVisible() and not isinstance(tool.parent(), QLineEdit)
    ]
    assert tools
    assert all(tool.height() >= tool.sizeHint().height() for tool in tools)
    assert view.editor.height() >= LEAST_FORM
    area = view.findChild(ScrollColumn)
    assert area.verticalScrollBar().maximum() == max(0, area.widget().height() - area.viewport().height())


def test_that_steps_are_added_set_moved_and_taken_out_in_the_form(desk, run_async):
    async def act():
        await desk.open()
        desk.select("CATEGORY")
        steps = desk.page.view.editor.steps
        actions = {action.text().replace("&", ""): action for action in steps.add_button.menu().actions()}
        actions["Split"].trigger()
        actions["Trim"].trigger()
        part = steps.rows[0].fields["part"]
        part.setValue(0)
        part.setValue(-1)
        QTest.mouseClick(steps.rows[1].up_button, Qt.MouseButton.LeftButton)
        await desk.settle()
        assert desk.page.draft.current.items[1].transforms == ("trim", Split(split="-", part=-1))
        assert not steps.rows[0].up_button.isEnabled()
        assert desk.cells("CATEGORY")[2] == "trim, part 1 from the end at '-'"
        steps.rows[1].fields["split"].setFocus()
        QTest.keyClick(steps.rows[1].fields["split"], Qt.Key.Key_Up, ALT)
        assert desk.page.draft.current.items[1].transforms[0] == Split(split="-", part=-1)
        QTest.mouseClick(steps.rows[0].remove_button, Qt.MouseButton.LeftButton)
        await desk.settle()

    run_async(act())
    assert desk.page.draft.current.items[1].transforms == ("trim",)


def test_that_an_empty_separator_is_marked_and_the_last_one_that_makes_sense_stays(desk, run_async):
    async def act():
        await desk.open()
        desk.select("CATEGORY")
        steps = desk.page.view.editor.steps
        rule = desk.page.draft.current.items[1]
        replace = Replace(replace="BLK", by="BLACK")
        desk.page.edits.edit_rule(1, rule.model_copy(update={"transforms": (replace,)}), typing=False)
        field = steps.rows[0].fields["replace"]
        field.selectAll()
        QTest.keyClick(field, Qt.Key.Key_Delete)
        assert field.property("invalid") == "true"
        QTest.keyClicks(field, "BK")
        assert field.property("invalid") == "false"
        await desk.settle()

    run_async(act())
    assert desk.page.draft.current.items[1].transforms == (Replace(replace="BK", by="BLACK"),)


def test_that_a_lookup_without_its_table_is_told_and_gets_one_in_the_dialog(desk, run_async):
    async def act():
        await desk.open()
        desk.select("CATEGORY")
        rule = desk.page.draft.current.items[1].model_copy(update={"transforms": (Lookup(lookup="kinds"),)})
        desk.page.edits.edit_rule(1, rule, typing=False)
        await desk.settle()
        assert [finding.code for finding in desk.page.findings] == ["lookup_missing"]
        desk.page.view.editor.steps.rows[0].table_button.click()
        dialog = await desk.dialog(LookupDialog)
        for source, board in (("DENIM", "OTHER"), ("DENIM", "DENIM")):
            dialog._append(source, board)
            dialog._compare()
        assert dialog.keep_button.toolTip() == "'DENIM' stands there twice"
        dialog.table.selectRow(1)
        dialog.remove_button.click()
        dialog.keep_button.click()
        await desk.settle()

    run_async(act())
    assert desk.page.draft.current.lookups == {"kinds": {"DENIM": "OTHER"}}
    assert desk.page.findings == ()
    assert desk.cells("CATEGORY")[1:4] == ["DENIM", "look up in kinds", "OTHER"]


def test_that_only_the_keys_of_the_column_s_type_are_shown(desk, run_async):
    async def act():
        await desk.open()
        desk.page.view.sources.chosen.emit("DUE")
        await desk.settle()
        values = desk.page.view.editor.values

        def shown():
            return {key for key, field in values.fields.items() if not field.isHidden()}

        assert shown() == {"date_format", "date_only", "time_zone", "default", "required", "on_empty"}
        values.fields["date_only"].click()
        values.fields["required"].click()
        assert shown() == {"date_format", "date_only", "time_zone", "default", "required"}
        desk.select("CATEGORY")
        assert shown() == {"default", "required", "on_empty", "on_unknown_label"}
        desk.choose("on_unknown_label", "map")
        assert "unknown_label" in shown()
        await desk.settle()
        assert [finding.code for finding in desk.page.findings] == ["unknown_label_missing"]
        combo = values.fields["unknown_label"]
        combo.setCurrentIndex(combo.findText("OTHER"))
        combo.activated.emit(combo.currentIndex())
        await desk.settle()

    run_async(act())
    rule = desk.page.draft.current.items[1]
    assert (rule.on_unknown_label, rule.unknown_label) == ("map", "OTHER")
    assert desk.page.findings == ()
