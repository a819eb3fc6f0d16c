import asyncio
import gc
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDialog, QLineEdit

from core.config.load import load_configuration
from core.config.model import ColumnMapping, Configuration, MappingSet, Profile, ProfileKind
from core.demo.practice import opened_profile
from core.errors import BoardError, ConfigurationError, Problem
from core.monday.board import Board, BoardSchema, Column
from core.orders.model import ActionType, CustomerSummary, Order, OrderLine, OrderRow, SyncState
from core.resources import shipped_configuration
from core.workspace.mapping import check_mapping, preview_mapping
from gui.pages.mapping_save import SaveQuestion
from gui.pages.mappings import MappingsPage
from gui.task_owner import TaskOwner

LABELS = {"labels": [{"id": 1, "label": "DENIM"}]}
SCHEMA = BoardSchema(
    Board(
        "1",
        "Order list",
        (
            Column("name", "Name", "name"),
            Column("key", "Record UUID", "text"),
            Column("category", "CATEGORY", "dropdown", LABELS),
            Column("season", "SEASON", "text"),
            Column("packed", "QTY PACKED", "mirror"),
        ),
    ),
    Board("2", "Subitems", (Column("name", "Name", "name"), Column("line", "Line UUID", "text"))),
)
MAPPING = MappingSet(
    group_name="{CUSTOMER}",
    item_name="{STYLE}",
    subitem_name="{size}",
    item_key_column="key",
    subitem_key_column="line",
    items=(
        ColumnMapping(column="key", type="text", source="record_uuid", required=True),
        ColumnMapping(column="category", type="dropdown", source="CATEGORY"),
    ),
    subitems=(ColumnMapping(column="line", type="text", source="line_uuid"),),
)
PROFILE = Profile(
    name="demo",
    kind=ProfileKind.DEMO,
    api_url="practice-board",
    token_source="practice-board",
    board_id="1",
    database_url="sqlite://",
    mapping="order_list",
    mapping_set=MAPPING,
)
ORDERS = {
    key: Order(
        key,
        "ACME",
        label,
        {"record_uuid": key, "CUSTOMER": "ACME", "STYLE": "Parka", "CATEGORY": category, "SEASON": "SS27"},
        SyncState.NEW,
        ActionType.INSERT,
        lines=(OrderLine("l1", key, {"line_uuid": "l1", "size": "XL"}, SyncState.NEW, ActionType.INSERT),),
    )
    for key, label, category in (("o1", "AAG-1", "DENIM"), ("o2", "AAG-2", "Cut & Sew"))
}


class Mappings:
    """A workspace with two orders in memory and the engine's own checks; it notes what was saved."""

    def __init__(self) -> None:
        self.profile = PROFILE
        other = PROFILE.model_copy(update={"name": "production"})
        profiles = {"demo": PROFILE, "production": other}
        self.configuration = Configuration(path="orders.toml", default_profile="demo", profiles=profiles)
        self.saved: list[MappingSet] = []
        self.board_problem: Problem | None = None
        self.save_problem: Problem | None = None

    def source_columns(self):
        return ("record_uuid", "CUSTOMER", "STYLE", "CATEGORY", "SEASON"), ("line_uuid", "size")

    async def board(self, *, refresh=False):
        if self.board_problem:
            raise BoardError(self.board_problem)
        return SCHEMA

    async def check_mapping(self, mapping):
        return check_mapping(mapping, await self.board())

    async def preview_mapping(self, mapping, order_key=None):
        return preview_mapping(mapping, await self.board(), ORDERS[order_key or "o1"])

    async def customers(self, wanted=None):
        return [CustomerSummary("ACME", 2, 2, 20, 2, 0, datetime(2026, 11, 19, tzinfo=UTC))]

    async def order_rows(self, customer, wanted=None, *, offset=0, limit=200):
        return [
            OrderRow(key, "ACME", order.label, (), 1, 10, SyncState.NEW, ActionType.INSERT, None, None)
            for key, order in ORDERS.items()
        ][:limit]

    async def save_mapping(self, mapping):
        if self.save_problem:
            raise ConfigurationError(self.save_problem)
        self.saved.append(mapping)
        self.profile = self.profile.model_copy(update={"mapping_set": mapping})


@dataclass
class Desk:
    page: MappingsPage
    tasks: TaskOwner
    workspace: Mappings

    async def settle(self) -> None:
        """Wait until what was edited has been tried."""
        while self.page._timer.isActive() or self.tasks.running:
            await asyncio.sleep(0.01)

    async def open(self) -> None:
        self.page.set_workspace(self.workspace)
        await self.page.reload()
        await self.settle()

    def row(self, source):
        model = self.page.rules.model
        return next(row for row in range(model.rowCount()) if model.index(row, 0).data() == source)

    def cells(self, source):
        model = self.page.rules.model
        return [model.index(self.row(source), column).data() for column in range(model.columnCount())]

    def choose_policy(self, field, value):
        combo = self.page.editor._policies[field]
        combo.setCurrentIndex(combo.findData(value))
        combo.activated.emit(combo.currentIndex())

    async def dialog(self) -> SaveQuestion:
        while True:
            for widget in QApplication.topLevelWidgets():
                if isinstance(widget, SaveQuestion) and widget.isVisible():
                    return widget
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def _garbage_is_collected_on_this_thread():
    """A page that ends in one of the workspace's worker threads, as garbage, takes Qt down with it."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def desk(qtbot, theme, preferences):
    def fail(name, error):
        raise error

    tasks = TaskOwner(on_problem=fail, on_bug=fail)
    page = MappingsPage(tasks, preferences)
    page.resize(1100, 700)
    page._timer.setInterval(0)
    qtbot.addWidget(page)
    page.show()
    page.activateWindow()
    return Desk(page, tasks, Mappings())


def test_that_without_a_profile_the_page_says_what_would_be_here(desk):
    desk.page.set_workspace(None)
    assert not desk.page.save_button.isEnabled()
    assert desk.page._stack.currentIndex() == 1


def test_that_a_rule_is_tried_on_the_oldest_pending_order(desk, run_async):
    run_async(desk.open())
    assert desk.cells("CATEGORY") == [
        "CATEGORY", "DENIM", "DENIM", "CATEGORY", "optional, refuse unknown labels",
    ]  # fmt: skip
    assert desk.page._picker.currentText() == "AAG-1, the oldest pending"
    assert desk.page.names._samples["item_name"].text() == "→ Parka"
    assert desk.page._header._subtitle.text() == "order_list for board Order list, shared with Production"


def test_that_the_sample_order_can_be_another_one(desk, run_async):
    async def act():
        await desk.open()
        picker = desk.page._picker
        picker.activated.emit(picker.findText("AAG-2, ACME"))
        await desk.settle()

    run_async(act())
    assert desk.cells("CATEGORY")[1:3] == ["Cut & Sew", "refused"]
    below = desk.page.rules.model.index(desk.row("CATEGORY") + 1, 0).data()
    assert below.startswith("In this order: The board has no label 'Cut & Sew'")


def test_that_a_policy_is_changed_tried_undone_and_done_again(desk, run_async):
    async def act():
        await desk.open()
        page = desk.page
        page.rules.view.selectRow(desk.row("CATEGORY"))
        desk.choose_policy("on_unknown_label", "create")
        await desk.settle()
        assert desk.cells("CATEGORY")[4] == "optional, create unknown labels"
        assert page.rules.undo_button.toolTip() == "Undo: set unknown labels to create for CATEGORY"
        assert page.save_button.isEnabled()
        page.rules.undo_button.click()
        await desk.settle()
        assert desk.cells("CATEGORY")[4] == "optional, refuse unknown labels"
        assert not page.save_button.isEnabled()
        assert page.save_button.toolTip() == "Nothing was changed"
        page.rules.redo_button.click()
        await desk.settle()
        assert page.has_unsaved_changes

    run_async(act())


def test_that_a_free_board_column_becomes_a_rule_from_the_source_of_its_name(desk, run_async):
    async def act():
        await desk.open()
        unmapped = desk.page.unmapped
        assert [choice.title for choice in unmapped._columns.choices] == ["SEASON", "QTY PACKED"]
        unmapped.view.selectRow(1)
        assert not unmapped.map_button.isEnabled()
        unmapped.view.selectRow(0)
        unmapped.map_button.click()
        await desk.settle()

    run_async(act())
    assert desk.cells("SEASON")[1:4] == ["SS27", "SS27", "SEASON"]
    assert desk.page.undo_stack.undoText() == "map SEASON → SEASON"
    assert desk.page.rules.current_index == 2


def test_that_an_unfinished_rule_says_what_it_lacks_and_is_not_saved(desk, run_async):
    async def act():
        await desk.open()
        desk.page.rules.add_button.click()
        await desk.settle()
        assert [finding.code for finding in desk.page._findings] == ["source_missing", "column_missing"]
        assert desk.page.save_button.toolTip().startswith("Correct 2 errors first")
        editor = desk.page.editor
        editor.source_combo.chosen.emit(editor._sources.stringList().index("SEASON"))
        editor.column_combo.chosen.emit(editor._columns.row_of("season"))
        await desk.settle()

    run_async(act())
    assert desk.cells("SEASON")[1:4] == ["SS27", "SS27", "SEASON"]
    assert desk.page._draft.current.items[2].type == "text"
    assert desk.page.save_button.isEnabled()


def test_that_removed_rules_come_back_by_undo(desk, run_async, qtbot):
    async def act():
        await desk.open()
        view = desk.page.rules.view
        view.selectRow(desk.row("CATEGORY"))
        view.setFocus()
        qtbot.keyClick(view, Qt.Key.Key_Delete)
        await desk.settle()

    run_async(act())
    assert [line.source for line in desk.page.rules.model.lines] == ["record_uuid"]
    assert desk.page.undo_stack.undoText() == "remove the rule for CATEGORY"

    async def undo():
        desk.page.undo_stack.undo()
        await desk.settle()

    run_async(undo())
    assert len(desk.page.rules.model.lines) == 2


def test_that_a_template_is_checked_against_the_table_at_every_letter(desk, run_async, qtbot):
    async def act():
        await desk.open()
        desk.page.rules.view.selectRow(desk.row("CATEGORY"))
        editor = desk.page.editor
        editor.template_radio.click()
        assert editor.template_field.text() == "{CATEGORY}"
        editor.template_field.clear()
        qtbot.keyClicks(editor.template_field, "{STYLE}_{CATEGORIE}")
        await desk.settle()

    run_async(act())
    assert "no column 'CATEGORIE'" in desk.page.save_button.toolTip()
    assert desk.page.undo_stack.count() == 2


def test_that_the_filter_counts_and_narrows_to_problems(desk, run_async):
    async def act():
        await desk.open()
        rules = desk.page.rules
        assert rules._count.text() == "2 of 2"
        rules.search.setText("uuid")
        rules.search.returnPressed.emit()
        assert rules._count.text() == "1 of 2"
        rules.clear_filter()
        rules.problems_box.click()
        assert rules._count.text() == "0 of 2"
        assert rules._empty.isVisible()
        rules._empty.button.click()
        assert rules._count.text() == "2 of 2"

    run_async(act())


def test_that_the_subitems_have_names_rules_and_columns_of_their_own(desk, run_async):
    async def act():
        await desk.open()
        desk.page.tabs.setCurrentIndex(1)
        await desk.settle()

    run_async(act())
    assert desk.cells("line_uuid")[1:4] == ["l1", "l1", "Line UUID"]
    names = desk.page.names
    assert names.fields["subitem_name"].isVisible()
    assert not names.fields["item_name"].isVisible()
    assert names.key_combo.currentText() == "Line UUID"


def test_that_an_emptied_name_template_stands_against_a_save(desk, run_async, qtbot):
    async def act():
        await desk.open()
        field = desk.page.names.fields["item_name"]
        field.selectAll()
        qtbot.keyClick(field, Qt.Key.Key_Delete)
        await desk.settle()

    run_async(act())
    assert desk.page.save_button.toolTip() == "Correct 1 error first: The item name is empty"
    assert desk.page.tabs.tabText(0) == "Items  2 · 1 finding"


def test_that_saving_names_every_change_before_it_writes(desk, run_async, qtbot):
    async def act():
        await desk.open()
        desk.page.rules.view.selectRow(desk.row("CATEGORY"))
        desk.choose_policy("on_unknown_label", "create")
        await desk.settle()
        desk.page.save_button.click()
        question = await desk.dialog()
        told = [
            widget.accessibleName() for widget in question.findChildren(object) if hasattr(widget, "text")
        ]
        assert "Items: CATEGORY: unknown labels: refuse → create" in told
        assert "Used by: Demo, Production" in told
        assert question.confirm_button.text() == "Save 1 change"
        question.refuse_button.click()
        await desk.settle()
        assert desk.workspace.saved == []
        desk.page.save_button.click()
        with qtbot.waitSignal(desk.page.saved):
            (await desk.dialog()).confirm_button.click()
            await desk.settle()

    run_async(act())
    (saved,) = desk.workspace.saved
    assert saved.items[1].on_unknown_label == "create"
    assert not desk.page.has_unsaved_changes
    assert desk.page.undo_stack.canUndo()


def test_that_a_file_changed_on_disk_is_not_overwritten_and_the_edit_survives_a_reload(
    desk, run_async, qtbot
):
    problem = Problem("configuration_changed_on_disk", "Changed by somebody else", "orders.toml", "Reload.")
    desk.workspace.save_problem = problem

    async def act():
        await desk.open()
        desk.page.rules.view.selectRow(desk.row("CATEGORY"))
        desk.choose_policy("on_unknown_label", "create")
        await desk.settle()
        desk.page.save_button.click()
        (await desk.dialog()).confirm_button.click()
        await desk.settle()
        panel = desk.page._panel
        assert panel.isVisible()
        assert "Changed by somebody else" in panel.words()
        buttons = {button.text(): button for button in panel.findChildren(QAbstractButton)}
        with qtbot.waitSignal(desk.page.reload_requested):
            buttons["Reload"].click()
        reopened = Mappings()
        on_disk = MAPPING.model_copy(update={"item_name": "{STYLE} {SEASON}"})
        reopened.profile = PROFILE.model_copy(update={"mapping_set": on_disk})
        desk.workspace = reopened
        await desk.open()

    run_async(act())
    draft = desk.page._draft
    assert draft.current.item_name == "{STYLE} {SEASON}"
    assert draft.current.items[1].on_unknown_label == "create"
    assert desk.page.has_unsaved_changes
    assert not desk.page._panel.isVisible()


def test_that_another_profile_begins_without_the_former_ones_changes(desk, run_async):
    async def act():
        await desk.open()
        desk.page.rules.remove_wanted.emit([1])
        await desk.settle()
        desk.workspace = Mappings()
        desk.workspace.profile = PROFILE.model_copy(update={"name": "production"})
        await desk.open()

    run_async(act())
    assert not desk.page.has_unsaved_changes
    assert not desk.page.undo_stack.canUndo()


def test_that_errors_of_before_do_not_stand_against_a_save_and_are_counted(desk, run_async):
    async def act():
        gone = ColumnMapping(column="gone", type="text", source="STYLE")
        mapping = MAPPING.model_copy(update={"items": (*MAPPING.items, gone)})
        desk.workspace.profile = PROFILE.model_copy(update={"mapping_set": mapping})
        await desk.open()
        desk.page.rules.view.selectRow(desk.row("CATEGORY"))
        desk.page.editor.required_box.click()
        await desk.settle()
        assert desk.page.save_button.isEnabled()
        desk.page.save_button.click()
        question = await desk.dialog()
        words = [label.text() for label in question.findChildren(object) if hasattr(label, "wordWrap")]
        question.refuse_button.click()
        await desk.settle()
        return words

    assert "1 error of before will still be there." in run_async(act())


def test_that_a_board_out_of_reach_is_said_and_the_rules_are_shown_all_the_same(desk, run_async):
    async def act():
        desk.workspace.board_problem = Problem("unreachable", "The board does not answer", "board 1", "Wait.")
        await desk.open()
        assert "The board does not answer" in desk.page._panel.words()
        assert desk.cells("CATEGORY")[3] == "category"
        desk.page.rules.remove_wanted.emit([1])
        await desk.settle()
        assert desk.page.save_button.toolTip().startswith("The board was not read yet")
        desk.workspace.board_problem = None
        next(
            each for each in desk.page._panel.findChildren(QAbstractButton) if each.text() == "Try again"
        ).click()
        await desk.settle()

    run_async(act())
    assert desk.cells("record_uuid")[3] == "Record UUID"
    assert not desk.page._panel.isVisible()


def test_that_the_wrong_type_of_a_rule_is_mended_by_one_button(desk, run_async):
    async def act():
        wrong = ColumnMapping(column="category", type="text", source="CATEGORY")
        mapping = MAPPING.model_copy(update={"items": (MAPPING.items[0], wrong)})
        desk.workspace.profile = PROFILE.model_copy(update={"mapping_set": mapping})
        await desk.open()
        desk.page.rules.view.selectRow(desk.row("CATEGORY"))
        buttons = desk.page.editor.findChildren(QAbstractButton)
        next(button for button in buttons if button.text() == "Use dropdown").click()
        await desk.settle()

    run_async(act())
    assert desk.page._draft.current.items[1].type == "dropdown"
    assert desk.page._findings == ()


def test_that_every_control_has_a_name_and_can_be_reached_by_tab(desk, run_async):
    run_async(desk.open())
    for kind in (QAbstractButton, QComboBox, QLineEdit):
        for control in desk.page.findChildren(kind):
            if control.isVisible() and not isinstance(control.parent(), QLineEdit):
                named = control.accessibleName() or getattr(control, "text", str)() or control.toolTip()
                assert named, control
                assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, named


def test_that_a_narrow_page_puts_the_form_under_the_table(desk, run_async, qtbot):
    run_async(desk.open())
    rules, editor = desk.page.rules, desk.page.editor
    desk.page.resize(640, 560)
    bottom = rules.mapTo(desk.page, rules.rect().bottomLeft()).y()
    qtbot.waitUntil(lambda: editor.mapTo(desk.page, editor.rect().topLeft()).y() >= bottom)
    assert rules.add_button.text() == ""
    desk.page.resize(1100, 700)
    assert rules.add_button.text() == "Add rule"


def test_that_one_policy_changed_in_the_demo_changes_one_line_of_the_file(
    desk, run_async, tmp_path: Path
) -> None:
    path = tmp_path / "sync_order_list.toml"
    shutil.copy(shipped_configuration(), path)
    before = path.read_text(encoding="utf-8").splitlines()

    async def act():
        async with opened_profile(load_configuration(path), "demo") as workspace:
            desk.workspace = workspace
            await desk.open()
            desk.page.rules.view.selectRow(desk.row("NOTES"))
            desk.choose_policy("on_too_long", "refuse")
            desk.choose_policy("on_too_long", "truncate")
            desk.page.rules.view.selectRow(desk.row("CUSTOMER STYLE"))
            desk.choose_policy("on_unknown_label", "refuse")
            await desk.settle()
            desk.page.save_button.click()
            (await desk.dialog()).confirm_button.click()
            await desk.settle()
            assert workspace.profile.mapping_set == desk.page._draft.current
            desk.page.set_workspace(None)

    run_async(act(), timeout=60)
    after = path.read_text(encoding="utf-8").splitlines()
    place = next(number for number, line in enumerate(before) if line == 'source = "CUSTOMER STYLE"')
    gone = before.index('on_unknown_label = "create"', place)
    assert after == before[:gone] + before[gone + 1 :]
    assert not [
        each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible()
    ]
