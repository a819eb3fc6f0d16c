"""Mapping by hand: drag, double click, Enter, suggestions, order, and the steps of a rule."""

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui.models.mapping_table import BOARD_COLUMN, POLICY, SOURCE, Show
from gui.models.source_columns import dragged_source
from gui.pages.mapping_suggestions import SuggestionsDialog

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def _drag_to(target, data: QMimeData, place: QPoint) -> None:
    """Carry data over a widget and let go of it there, as the mouse does."""
    action, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    for event in (
        QDragEnterEvent(place, action, data, left, none),
        QDragMoveEvent(place, action, data, left, none),
        QDropEvent(QPointF(place), action, data, left, none),
    ):
        QApplication.sendEvent(target, event)


def _drop(desk, data: QMimeData, row: int) -> None:
    view = desk.table
    view.scrollTo(desk.model.index(row, 0))
    place = view.visualRect(desk.model.index(row, SOURCE)).center()
    _drag_to(view.viewport(), data, place)


def _sources(desk):
    return [(rule.source, rule.column) for rule in desk.page.draft.current.items]


def test_that_the_board_columns_without_a_rule_stand_below_the_rules_and_say_why_one_cannot_be_written(
    desk, run_async
):
    run_async(desk.open())
    assert desk.free_row("SEASON") > desk.row("CATEGORY")
    packed = desk.free_row("QTY PACKED")
    assert "mirror column" in desk.model.index(packed, 1).data()
    assert not desk.model.flags(desk.model.index(packed, 0)) & Qt.ItemFlag.ItemIsDropEnabled
    desk.table.selectRow(packed)
    assert not desk.page.view.editor._nothing.button.isVisible()


def test_that_enter_on_a_suggested_column_accepts_the_suggestion(desk, run_async):
    async def act():
        await desk.open()
        row = desk.free_row("SEASON")
        assert desk.model.index(row, SOURCE).data() == "SEASON"
        assert desk.model.index(row, POLICY).data() == "Accept"
        desk.table.selectRow(row)
        desk.press(Qt.Key.Key_Return)
        await desk.settle()

    run_async(act())
    assert _sources(desk)[2] == ("SEASON", "season")
    assert desk.page.undo_stack.undoText() == "map SEASON → SEASON"
    assert desk.page.view.rules.current_index == 2


def test_that_accepting_under_not_mapped_goes_on_to_the_next_column(desk, run_async):
    async def act():
        await desk.open()
        desk.show(Show.NOT_MAPPED)
        desk.table.selectRow(desk.free_row("SEASON"))
        desk.press(Qt.Key.Key_Return)
        await desk.settle()
        assert desk.page.view.rules.tools.wanted is Show.NOT_MAPPED
        return desk.page.view.rules.current_column

    assert run_async(act()) == "due"
    assert _sources(desk)[2] == ("SEASON", "season")


def test_that_a_rule_mended_under_problems_stays_in_the_form_until_another_filter_is_chosen(desk, run_async):
    async def act():
        await desk.open()
        wrong = desk.page.draft.current.items[1].model_copy(update={"source": "CATEGORIE"})
        desk.page.edits.edit_rule(1, wrong, typing=False)
        await desk.settle()
        desk.show(Show.PROBLEMS)
        desk.select("CATEGORIE")
        source = desk.page.view.editor.source
        source.combo.chosen.emit(source.names.index("CATEGORY"))
        await desk.settle()
        assert desk.page.findings == ()
        assert desk.page.view.rules.current_line.source == "CATEGORY"
        assert source.isVisible()
        desk.show(Show.MAPPED)
        desk.show(Show.PROBLEMS)
        return desk.model.rowCount()

    assert run_async(act()) == 0


def test_that_a_click_on_accept_accepts_and_a_click_beside_it_does_not(desk, run_async):
    async def act():
        await desk.open()
        row = desk.free_row("SEASON")
        for column in (BOARD_COLUMN, POLICY):
            assert len(_sources(desk)) == 2
            place = desk.table.visualRect(desk.model.index(row, column)).center()
            QTest.mouseClick(desk.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        await desk.settle()

    run_async(act())
    assert _sources(desk)[2] == ("SEASON", "season")


def test_that_a_source_dropped_onto_a_free_column_maps_it(desk, run_async):
    async def act():
        await desk.open()
        _drop(desk, dragged_source.data("STYLE"), desk.free_row("DUE DATE"))
        await desk.settle()

    run_async(act())
    assert _sources(desk)[2] == ("STYLE", "due")


def test_that_a_source_dropped_onto_a_rule_is_read_instead_of_the_former_one(desk, run_async):
    async def act():
        await desk.open()
        _drop(desk, dragged_source.data("STYLE"), desk.row("CATEGORY"))
        await desk.settle()

    run_async(act())
    assert _sources(desk) == [("record_uuid", "key"), ("STYLE", "category")]


def test_that_nothing_is_mapped_by_a_drop_onto_a_read_only_column_or_of_something_else(desk, run_async):
    async def act():
        await desk.open()
        _drop(desk, dragged_source.data("STYLE"), desk.free_row("QTY PACKED"))
        other = QMimeData()
        other.setText("STYLE")
        _drop(desk, other, desk.free_row("SEASON"))
        await desk.settle()

    run_async(act())
    assert len(_sources(desk)) == 2


def test_that_a_double_click_on_a_source_maps_it_to_the_free_column_that_is_selected(desk, run_async):
    async def act():
        await desk.open()
        desk.table.selectRow(desk.free_row("DUE DATE"))
        sources = desk.page.view.sources
        row = next(
            row
            for row in range(sources.columns.rowCount())
            if sources.columns.index(row, 0).data() == "CUSTOMER"
        )
        place = sources.view.visualRect(sources.columns.index(row, 0)).center()
        QTest.mouseClick(sources.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        QTest.mouseDClick(sources.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        await desk.settle()

    run_async(act())
    assert _sources(desk)[2] == ("CUSTOMER", "due")


def test_that_a_source_chosen_while_a_whole_rule_is_selected_makes_a_rule_for_the_suggested_column(
    desk, run_async
):
    async def act():
        await desk.open()
        desk.select("CATEGORY")
        desk.page.view.sources.chosen.emit("SEASON")
        await desk.settle()

    run_async(act())
    assert _sources(desk) == [("record_uuid", "key"), ("CATEGORY", "category"), ("SEASON", "season")]


def test_that_the_source_list_leaves_out_what_is_mapped_and_the_engine_s_own_and_searches(desk, run_async):
    async def act():
        await desk.open()
        sources = desk.page.view.sources

        def shown():
            return [sources.columns.index(row, 0).data() for row in range(sources.columns.rowCount())]

        assert shown() == ["CUSTOMER", "STYLE", "SEASON", "DUE"]
        sources.unmapped_box.click()
        assert shown() == ["record_uuid", "CUSTOMER", "STYLE", "CATEGORY", "SEASON", "DUE"]
        QTest.keyClicks(sources.search, "parka")
        QTest.keyClick(sources.search, Qt.Key.Key_Return)
        assert shown() == ["STYLE"]

    run_async(act())


def test_that_suggestions_are_accepted_from_a_threshold_on_as_one_step(desk, run_async):
    async def act():
        await desk.open()
        desk.page.view.rules.tools.suggestions_button.click()
        dialog = await desk.dialog(SuggestionsDialog)
        dialog.threshold.setValue(100)
        few = dialog.accept_button.text()
        dialog.threshold.setValue(0)
        many = dialog.accept_button.text()
        dialog.accept_button.click()
        await desk.settle()
        return few, many

    few, many = run_async(act())
    assert (few, many) == ("Accept 1 of 2", "Accept 2 of 2")
    assert {("SEASON", "season"), ("DUE", "due")} <= set(_sources(desk))
    assert desk.page.undo_stack.undoText() == "accept 2 suggestions"
    desk.page.undo_stack.undo()
    assert len(_sources(desk)) == 2
    desk.page.checker.timer.stop()


def test_that_alt_and_an_arrow_move_a_rule_and_undo_brings_it_back(desk, run_async):
    async def act():
        await desk.open()
        desk.select("CATEGORY")
        desk.press(Qt.Key.Key_Up, ALT)
        await desk.settle()
        assert _sources(desk)[0] == ("CATEGORY", "category")
        assert desk.page.view.rules.current_index == 0
        desk.press(Qt.Key.Key_Up, ALT)
        assert desk.page.undo_stack.count() == 1
        desk.press(Qt.Key.Key_Down, ALT)
        await desk.settle()

    run_async(act())
    assert _sources(desk)[1] == ("CATEGORY", "category")
    assert desk.page.undo_stack.undoText() == "move the rule for CATEGORY down"


def test_that_a_sorted_or_narrowed_table_says_why_rules_cannot_be_moved(desk, run_async):
    async def act():
        await desk.open()
        desk.select("CATEGORY")
        tools = desk.page.view.rules.tools
        assert tools.up_button.isEnabled()
        desk.table.horizontalHeader().setSortIndicator(SOURCE, Qt.SortOrder.DescendingOrder)
        sorted_words = tools.up_button.toolTip()
        desk.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        desk.show(Show.MAPPED)
        return sorted_words, tools.up_button.toolTip()

    sorted_words, narrowed_words = run_async(act())
    assert "sorted" in sorted_words
    assert "hidden" in narrowed_words


def test_that_delete_removes_the_selected_rules_and_undo_brings_them_back(desk, run_async):
    async def act():
        await desk.open()
        desk.select("CATEGORY")
        desk.press(Qt.Key.Key_Delete)
        await desk.settle()
        assert _sources(desk) == [("record_uuid", "key")]
        assert desk.page.undo_stack.undoText() == "remove the rule for CATEGORY"
        desk.page.undo_stack.undo()
        await desk.settle()

    run_async(act())
    assert len(_sources(desk)) == 2


def test_that_f2_goes_into_the_form_and_find_into_the_search(desk, run_async):
    async def act():
        await desk.open()
        desk.select("CATEGORY")
        desk.press(Qt.Key.Key_F2)
        focus = QApplication.focusWidget()
        assert focus is desk.page.view.editor.source.combo.lineEdit() or (
            focus is desk.page.view.editor.source.combo
        )
        desk.page.focus_search()
        assert QApplication.focusWidget() is desk.page.view.rules.tools.search
        desk.page.view.sources.view.setFocus()
        desk.page.focus_search()
        assert QApplication.focusWidget() is desk.page.view.sources.search

    run_async(act())


def test_that_a_source_dropped_into_a_template_comes_in_braces(desk, run_async):
    async def act():
        await desk.open()
        desk.select("CATEGORY")
        source = desk.page.view.editor.source
        source.template_radio.click()
        place = QPoint(source.template.width() - 4, source.template.height() // 2)
        _drag_to(source.template, dragged_source.data("STYLE"), place)
        await desk.settle()

    run_async(act())
    assert desk.page.draft.current.items[1].template == "{CATEGORY}{STYLE}"


def test_that_the_menu_of_a_row_has_its_actions(desk, run_async):
    async def act():
        await desk.open()
        desk.select("CATEGORY")
        center = desk.table.visualRect(desk.model.index(desk.row("CATEGORY"), 0)).center()
        desk.table.customContextMenuRequested.emit(QPoint(center))
        menu = QApplication.activePopupWidget()
        words = [action.text().replace("&", "") for action in menu.actions() if action.text()]
        menu.close()
        return words

    assert run_async(act()) == ["Edit", "Move up", "Move down", "Remove", "Copy"]
