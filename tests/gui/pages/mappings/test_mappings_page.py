from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit

from core.config.model import ColumnMapping
from core.errors import Problem
from gui.models.mapping_table import Show


def test_that_without_a_profile_the_page_says_what_would_be_here(desk):
    desk.page.set_workspace(None)
    assert not desk.page.view.save_button.isEnabled()
    assert desk.page.view.versions_button.toolTip() == "No profile is open"
    assert desk.page.view._stack.currentIndex() == 1


def test_that_a_rule_is_tried_on_the_oldest_pending_order(desk, run_async):
    run_async(desk.open())
    assert desk.cells("CATEGORY") == [
        "CATEGORY", "DENIM", "", "DENIM", "CATEGORY", "optional, refuse unknown labels",
    ]  # fmt: skip
    view = desk.page.view
    assert view.picker.currentText() == "AAG-1, the oldest pending"
    assert view.names._summary.text() == "ACME  /  Parka"


def test_that_the_head_names_every_other_profile_once_and_tells_those_of_one_title_apart(desk, run_async):
    run_async(desk.open())
    assert desk.page.view.header._subtitle.text() == (
        "order_list for board Order list, shared with Production (production) and Production (live)"
    )


def test_that_the_sample_order_can_be_another_one(desk, run_async):
    async def act():
        await desk.open()
        picker = desk.page.view.picker
        picker.activated.emit(picker.findText("AAG-2, ACME"))
        await desk.settle()

    run_async(act())
    assert desk.cells("CATEGORY")[1:4] == ["Cut & Sew", "", "refused"]
    below = desk.model.index(desk.row("CATEGORY") + 1, 0)
    assert below.data().startswith("In this order: The board has no label 'Cut & Sew'")
    assert "\n" in below.data(Qt.ItemDataRole.ToolTipRole)
    category = next(each for each in desk.page.view.sources.columns.columns if each.name == "CATEGORY")
    assert category.sample == "Cut & Sew"


def test_that_a_policy_is_changed_tried_undone_and_done_again(desk, run_async):
    async def act():
        await desk.open()
        view, tools = desk.page.view, desk.page.view.rules.tools
        desk.select("CATEGORY")
        desk.choose("on_unknown_label", "create")
        await desk.settle()
        assert desk.cells("CATEGORY")[5] == "optional, create unknown labels"
        assert tools.undo_button.toolTip() == "Undo: set unknown labels to create for CATEGORY"
        assert view.save_button.isEnabled()
        tools.undo_button.click()
        await desk.settle()
        assert desk.cells("CATEGORY")[5] == "optional, refuse unknown labels"
        assert view.save_button.toolTip() == "Nothing was changed"
        tools.redo_button.click()
        await desk.settle()
        assert desk.page.has_unsaved_changes

    run_async(act())


def test_that_an_unfinished_rule_says_what_it_lacks_and_is_not_saved(desk, run_async):
    async def act():
        await desk.open()
        view = desk.page.view
        view.rules.tools.add_button.click()
        await desk.settle()
        assert [finding.code for finding in desk.page.findings] == ["source_missing", "column_missing"]
        assert view.save_button.toolTip().startswith("Correct 2 errors first")
        editor = view.editor
        editor.source.combo.chosen.emit(editor.source.names.index("SEASON"))
        editor.column_combo.chosen.emit(editor.columns.row_of("season"))
        await desk.settle()

    run_async(act())
    assert desk.cells("SEASON")[1:5] == ["SS27", "", "SS27", "SEASON"]
    assert desk.page.draft.current.items[2].type == "text"
    assert desk.page.view.save_button.isEnabled()


def test_that_a_template_is_checked_against_the_table_at_every_letter(desk, run_async):
    async def act():
        await desk.open()
        desk.select("CATEGORY")
        source = desk.page.view.editor.source
        source.template_radio.click()
        assert source.template.text() == "{CATEGORY}"
        source.template.clear()
        QTest.keyClicks(source.template, "{STYLE}_{CATEGORIE}")
        await desk.settle()

    run_async(act())
    assert "no column 'CATEGORIE'" in desk.page.view.save_button.toolTip()
    assert desk.page.undo_stack.count() == 2


def test_that_of_many_letters_only_the_last_state_is_checked(desk, run_async):
    async def act():
        await desk.open()
        desk.select("CATEGORY")
        before = desk.workspace.checks
        QTest.keyClicks(desk.page.view.editor.values.fields["default"], "OTHER")
        await desk.settle()
        return desk.workspace.checks - before

    assert run_async(act()) == 1
    assert desk.page.draft.current.items[1].default == "OTHER"
    assert desk.page.undo_stack.count() == 1


def test_that_the_filters_count_and_narrow(desk, run_async):
    async def act():
        await desk.open()
        tools = desk.page.view.rules.tools
        assert tools._count.text() == "5 of 5"
        assert [button.text() for button in tools.filters.values()] == [
            "All 5", "Mapped 2", "Not mapped 3", "Problems 0",
        ]  # fmt: skip
        desk.show(Show.MAPPED)
        assert tools._count.text() == "2 of 2"
        desk.show(Show.NOT_MAPPED)
        assert desk.model.index(0, 0).data() == "Board columns without a rule: 2 can be written"
        desk.show(Show.PROBLEMS)
        assert desk.page.view.rules._empty.accessibleName() == "No problems"
        desk.page.view.rules._empty.button.click()
        QTest.keyClicks(tools.search, "uuid")
        QTest.keyClick(tools.search, Qt.Key.Key_Return)
        assert tools._count.text() == "1 of 5"

    run_async(act())


def test_that_the_subitems_have_names_rules_and_columns_of_their_own(desk, run_async):
    async def act():
        await desk.open()
        desk.page.view.names.unfold(wanted=True)
        desk.page.view.tabs.setCurrentIndex(1)
        await desk.settle()

    run_async(act())
    assert desk.cells("line_uuid")[1:5] == ["l1", "", "l1", "Line UUID"]
    names = desk.page.view.names
    assert names.fields["subitem_name"].isVisible()
    assert not names.fields["item_name"].isVisible()
    assert names.key_combo.currentText() == "Line UUID"
    assert [column.name for column in desk.page.view.sources.columns.columns] == ["line_uuid", "size"]


def test_that_an_emptied_name_template_stands_against_a_save(desk, run_async):
    async def act():
        await desk.open()
        desk.page.view.names.unfold(wanted=True)
        field = desk.page.view.names.fields["item_name"]
        field.selectAll()
        QTest.keyClick(field, Qt.Key.Key_Delete)
        await desk.settle()

    run_async(act())
    assert desk.page.view.save_button.toolTip() == "Correct 1 error first: The item name is empty"
    assert desk.page.view.tabs.tabText(0) == "Items  2 · 1 finding"


def test_that_a_board_out_of_reach_is_said_and_the_rules_are_shown_all_the_same(desk, run_async):
    async def act():
        problem = Problem("unreachable", "The board does not answer", "board 1", "Wait.")
        desk.workspace.board_problem = problem
        await desk.open()
        panel = desk.page.view.panel
        assert "The board does not answer" in panel.words()
        assert desk.cells("CATEGORY")[4] == "category"
        desk.page.edits.remove([1])
        await desk.settle()
        assert desk.page.view.save_button.toolTip().startswith("The board was not read yet")
        desk.workspace.board_problem = None
        next(each for each in panel.findChildren(QAbstractButton) if each.text() == "Try again").click()
        await desk.settle()
        assert not panel.isVisible()

    run_async(act())
    assert desk.cells("record_uuid")[4] == "Record UUID"


def test_that_the_wrong_type_of_a_rule_is_mended_by_one_button(desk, run_async):
    async def act():
        await desk.open()
        wrong = ColumnMapping(column="category", type="text", source="CATEGORY")
        desk.page.edits.edit_rule(1, wrong, typing=False)
        await desk.settle()
        desk.select("CATEGORY")
        buttons = desk.page.view.editor.findChildren(QAbstractButton)
        next(button for button in buttons if button.text() == "Use dropdown").click()
        await desk.settle()

    run_async(act())
    assert desk.page.draft.current.items[1].type == "dropdown"
    assert desk.page.findings == ()


def test_that_a_profile_of_the_same_name_in_another_file_begins_without_the_former_ones_changes(
    desk, run_async, tmp_path
):
    other = tmp_path / "other.toml"
    other.write_text(desk.workspace.path.read_text(encoding="utf-8"), encoding="utf-8")

    async def act():
        await desk.open()
        desk.page.edits.remove([1])
        await desk.settle()
        desk.page.set_workspace(None)
        desk.workspace = type(desk.workspace)(other)
        await desk.open()

    run_async(act())
    assert not desk.page.has_unsaved_changes
    assert not desk.page.undo_stack.canUndo()


def test_that_another_profile_begins_without_the_former_ones_changes(desk, run_async):
    async def act():
        await desk.open()
        desk.page.edits.remove([1])
        await desk.settle()
        desk.workspace = type(desk.workspace)(desk.workspace.path, "production")
        await desk.open()

    run_async(act())
    assert not desk.page.has_unsaved_changes
    assert not desk.page.undo_stack.canUndo()


def test_that_every_control_has_a_name_and_can_be_reached_by_tab(desk, run_async):
    async def act():
        await desk.open()
        desk.page.view.names.unfold(wanted=True)
        desk.select("CATEGORY")

    run_async(act())
    for kind in (QAbstractButton, QComboBox, QLineEdit):
        for control in desk.page.findChildren(kind):
            if control.isVisible() and not isinstance(control.parent(), QLineEdit):
                named = control.accessibleName() or getattr(control, "text", str)() or control.toolTip()
                assert named, control
                assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, named


def test_that_tab_goes_from_the_search_over_the_table_to_the_form_and_the_source_columns(desk, run_async):
    run_async(desk.open())
    view = desk.page.view
    stops = [view.rules.tools.search, view.rules.tools.add_button, view.rules.view]
    stops += [view.editor.source.combo, view.editor.column_combo, view.sources.search, view.sources.view]
    order = []
    widget = stops[0]
    for _ in range(400):
        order.append(widget)
        widget = widget.nextInFocusChain()
    places = [order.index(stop) for stop in stops]
    assert places == sorted(places)


def test_that_a_narrow_page_puts_the_form_under_the_table(desk, run_async, qtbot):
    run_async(desk.open())
    rules, editor = desk.page.view.rules, desk.page.view.editor
    desk.page.resize(640, 560)
    bottom = rules.mapTo(desk.page, rules.rect().bottomLeft()).y()
    qtbot.waitUntil(lambda: editor.mapTo(desk.page, editor.rect().topLeft()).y() >= bottom)


def test_that_where_room_is_short_the_source_columns_are_folded_until_the_operator_opens_them(
    desk, run_async
):
    run_async(desk.open())
    sources = desk.page.view.sources
    assert sources.is_unfolded
    desk.page.resize(840, 520)
    assert not sources.is_unfolded
    QTest.mouseClick(sources.fold_button, Qt.MouseButton.LeftButton)
    assert sources.is_unfolded
    desk.page.resize(850, 510)
    assert sources.is_unfolded


def test_that_what_is_wrong_in_the_file_tells_its_line_until_the_rule_is_another_one(desk, run_async, file):
    wrong = file.read_text(encoding="utf-8").replace('column = "category"', 'column = "categori"')
    wrong = wrong.replace(
        "[profiles.production]", '[profiles.demo.column_ids]\ngone = "x"\n\n[profiles.production]'
    )
    file.write_text(wrong, encoding="utf-8")
    line = wrong.splitlines().index('column = "categori"') + 1

    async def act():
        desk.workspace = type(desk.workspace)(file)
        await desk.open()
        assert desk.model.index(0, 0).data().startswith("column_ids renames 'gone'")
        below = desk.model.index(desk.row("CATEGORY") + 1, 0)
        assert below.data(Qt.ItemDataRole.ToolTipRole).endswith(f"orders.toml:{line}")
        other = desk.page.draft.current.items[1].model_copy(update={"column": "nowhere"})
        desk.page.edits.edit_rule(1, other, typing=False)
        await desk.settle()
        below = desk.model.index(desk.row("CATEGORY") + 1, 0)
        assert "nowhere" in below.data()
        assert "orders.toml" not in below.data(Qt.ItemDataRole.ToolTipRole)

    run_async(act())
