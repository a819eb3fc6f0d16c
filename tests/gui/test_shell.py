import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QUndoCommand, QUndoStack
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QVBoxLayout, QWidget

from gui.page_list import PAGES
from gui.preferences import Preferences
from gui.shell import STATUS_PARTS, MainWindow
from gui.theme import Density, Scheme, current_tokens
from gui.widgets.closed_page import ClosedPage, ProfileState
from gui.widgets.navigation import NavigationList
from gui.widgets.tables import KeyValueTable


@pytest.fixture
def window(qtbot, theme, preferences):
    window = MainWindow(preferences, theme)
    qtbot.addWidget(window)
    window.show()
    yield window
    window.close_now()


class SearchablePage(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.searches = 0
        self.copies = 0
        self.undo_stack = QUndoStack(self)

    def focus_search(self) -> None:
        self.searches += 1

    def copy(self) -> None:
        self.copies += 1


def entry(window: MainWindow, words: str) -> QAction:
    """The menu entry of these words."""
    entries = [action for menu in window.menuBar().findChildren(QMenu) for action in menu.actions()]
    return next(action for action in entries if action.text().replace("&", "") == words)


def test_that_every_page_is_there_and_says_what_it_will_hold(window):
    assert [info.page_id for info in PAGES] == [
        "orders", "preview", "run", "failures", "mappings", "history", "monitor", "settings",
    ]  # fmt: skip
    for info in PAGES:
        assert window.page(info.page_id).accessibleDescription() == info.promise


@pytest.mark.parametrize(("number", "page_id"), list(enumerate([info.page_id for info in PAGES], start=1)))
def test_that_control_and_a_digit_open_a_page(qtbot, window, number, page_id):
    window.show_page("settings" if page_id == "orders" else "orders")
    with qtbot.waitSignal(window.page_changed) as turned:
        qtbot.keyClick(window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)
    assert turned.args == [page_id]
    assert window.current_page == page_id


def test_that_a_page_takes_the_place_of_its_placeholder(window):
    page = SearchablePage()
    window.add_page("orders", page)
    assert window.current_page == "orders"
    assert window.page("orders") is page
    assert page.isVisible()


def test_that_only_the_eight_pages_have_a_place(window):
    with pytest.raises(KeyError):
        window.add_page("reports", QWidget())


def test_that_the_focus_goes_from_page_to_page_with_the_page_shown(window):
    pages = {"orders": SearchablePage(), "history": SearchablePage()}
    for page_id, page in pages.items():
        page.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        window.add_page(page_id, page)
    window.focus_page()
    assert window.focusWidget() is pages["orders"]
    window.show_page("history")
    assert window.focusWidget() is pages["history"]


def test_that_the_focus_goes_to_the_control_that_a_page_names(window):
    page = SearchablePage()
    column = QVBoxLayout(page)
    fields = [QLineEdit(), QLineEdit()]
    for field in fields:
        column.addWidget(field)
    page.first_focus = fields[1]
    window.add_page("orders", page)
    window.focus_page()
    assert window.focusWidget() is fields[1]


@pytest.mark.parametrize(
    "take_away", [QWidget.hide, QWidget.deleteLater, lambda field: field.setEnabled(False)]
)
def test_that_the_page_shown_gets_the_focus_when_the_control_that_has_it_goes(qtbot, window, take_away):
    page = SearchablePage()
    column = QVBoxLayout(page)
    first, focused = QLineEdit(), QLineEdit()
    column.addWidget(focused)
    column.addWidget(first)
    first.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    page.first_focus = first
    window.add_page("orders", page)
    window.activateWindow()
    focused.setFocus()
    qtbot.waitUntil(focused.hasFocus)
    take_away(focused)
    qtbot.waitUntil(first.hasFocus)


def test_that_the_focus_stays_where_the_operator_put_it(qtbot, window):
    page = SearchablePage()
    field = QLineEdit()
    QVBoxLayout(page).addWidget(field)
    page.first_focus = field
    window.add_page("orders", page)
    window.activateWindow()
    window.focus_page()
    qtbot.waitUntil(field.hasFocus)
    navigation = window.findChild(NavigationList)
    navigation.setFocus()
    field.hide()
    qtbot.wait(10)
    assert navigation.hasFocus()
    window.show_page("history")
    qtbot.wait(10)
    assert navigation.hasFocus()


def test_that_without_a_profile_every_page_but_two_says_so_and_can_open_one(qtbot, window):
    pages = {info.page_id: SearchablePage() for info in PAGES}
    for page_id, page in pages.items():
        window.add_page(page_id, page)
    window.set_profile_state(ProfileState.NONE)
    for page_id, page in pages.items():
        window.show_page(page_id)
        assert window.current_page == page_id
        assert page.isVisible() == (page_id in ("monitor", "settings"))
    window.show_page("history")
    with qtbot.waitSignal(window.open_requested):
        window.findChild(ClosedPage).button.click()
    window.set_profile_state(ProfileState.OPEN)
    assert pages["history"].isVisible()


def test_that_a_page_without_a_profile_can_neither_be_searched_nor_undone(window):
    page = SearchablePage()
    window.add_page("mappings", page)
    page.undo_stack.push(QUndoCommand("change of CATEGORY"))
    window.show_page("mappings")
    window.set_profile_state(ProfileState.NONE)
    window.focus_search()
    assert page.searches == 0
    assert not entry(window, "Undo").isEnabled()


def test_that_the_focus_goes_from_the_closed_page_to_the_page_that_opens(qtbot, window):
    page = SearchablePage()
    field = QLineEdit()
    QVBoxLayout(page).addWidget(field)
    page.first_focus = field
    window.add_page("orders", page)
    window.activateWindow()
    window.set_profile_state(ProfileState.NONE)
    window.focus_page()
    qtbot.waitUntil(window.findChild(ClosedPage).button.hasFocus)
    window.set_profile_state(ProfileState.OPENING)
    assert not window.findChild(ClosedPage).button.isVisible()
    window.set_profile_state(ProfileState.OPEN)
    qtbot.waitUntil(field.hasFocus)


@pytest.mark.parametrize("key", [Qt.Key.Key_K, Qt.Key.Key_F])
def test_that_the_search_keys_reach_the_page_shown(qtbot, window, key):
    page = SearchablePage()
    window.add_page("orders", page)
    qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
    assert page.searches == 1


def test_that_a_page_without_a_search_says_so(window):
    window.show_page("settings")
    window.focus_search()
    assert window.statusBar().currentMessage() == "This page has nothing to search."


def test_that_undo_belongs_to_the_page_shown(window):
    page = SearchablePage()
    window.add_page("mappings", page)
    page.undo_stack.push(QUndoCommand("change of CATEGORY"))
    window.show_page("mappings")
    assert entry(window, "Undo change of CATEGORY").isEnabled()
    window.show_page("history")
    assert not entry(window, "Undo").isEnabled()


def test_that_copy_takes_the_selection_of_the_table_in_focus(qtbot, window):
    page = QWidget()
    table = KeyValueTable()
    table.set_rows([("CUSTOMER NAME", "SUMMERSALT")])
    QVBoxLayout(page).addWidget(table)
    window.add_page("orders", page)
    table.selectAll()
    table.setFocus()
    qtbot.waitUntil(table.hasFocus)
    window.copy()
    assert QApplication.clipboard().text() == "CUSTOMER NAME\tSUMMERSALT"
    window.copy(headers=True)
    assert QApplication.clipboard().text() == "Field\tValue\nCUSTOMER NAME\tSUMMERSALT"


def test_that_copy_takes_the_text_of_a_field_before_the_pages_own(qtbot, window):
    page = SearchablePage()
    field = QLineEdit("PO 8812")
    QVBoxLayout(page).addWidget(field)
    window.add_page("orders", page)
    field.setFocus()
    field.selectAll()
    qtbot.waitUntil(field.hasFocus)
    window.copy()
    assert (QApplication.clipboard().text(), page.copies) == ("PO 8812", 0)
    field.clearFocus()
    window.copy()
    assert page.copies == 1


def test_that_the_window_is_named_by_board_and_profile(window):
    window.set_profile("Production", "production")
    window.set_board("Customer Master Schedule")
    assert window.windowTitle() == "Customer Master Schedule - Production - DeltaDesk"


def test_that_production_is_visible_in_the_head(window):
    window.set_profile("Production", "production")
    head = window.findChild(QWidget, "header")
    colour = head.grab().toImage().pixelColor(head.width() // 2, 1)
    assert colour.name() == current_tokens().color("error").name()


def test_that_each_part_of_the_status_bar_is_a_button_that_names_itself(qtbot, window):
    for part in STATUS_PARTS:
        window.set_status(part, f"{part} words", "ok")
        button = window._status.part(part)
        assert button.isVisible()
        with qtbot.waitSignal(window.status_clicked) as pressed:
            button.click()
        assert pressed.args == [part]


def test_that_a_long_status_never_makes_the_window_wider(qtbot, window):
    for part in STATUS_PARTS:
        window.set_status(part, "82 % of the minute, 9,412 calls left today, " * 3, "warn")
    window.resize(800, 600)
    assert window.width() == 800
    button = window._status.part("budget")
    qtbot.waitUntil(lambda: button.text().endswith("…"))
    assert button.words() in button.accessibleName()


def test_that_the_window_fits_the_smallest_screen(window):
    window.resize(100, 100)
    assert (window.width(), window.height()) == (800, 600)


def test_that_the_choice_of_theme_and_density_outlives_the_window(qtbot, window, theme, preferences):
    entry(window, "Dark").trigger()
    entry(window, "Compact").trigger()
    assert (theme.scheme, theme.density) == (Scheme.DARK, Density.COMPACT)
    window.close()
    theme.set_choice("light")
    theme.set_density(Density.COMFORTABLE)
    again = MainWindow(Preferences(preferences.path), theme)
    qtbot.addWidget(again)
    assert (theme.scheme, theme.density) == (Scheme.DARK, Density.COMPACT)
    assert entry(again, "Dark").isChecked()
    assert not entry(again, "System").isChecked()


def test_that_page_and_size_outlive_the_window(qtbot, window, theme, preferences):
    window.resize(800, 640)
    window.show_page("failures")
    window.close()
    again = MainWindow(Preferences(preferences.path), theme)
    qtbot.addWidget(again)
    assert (again.current_page, again.width(), again.height()) == ("failures", 800, 640)


def test_that_closing_during_a_run_asks_first(qtbot, window):
    window.confirm_close = lambda: False
    with qtbot.waitSignal(window.close_requested):
        window.close()
    assert window.isVisible()
    window.close_now()
    assert not window.isVisible()


def test_that_no_two_entries_of_a_menu_share_a_letter(window):
    window.add_run_action(QAction("&Push", window))
    menus = [window.menuBar(), *window.menuBar().findChildren(QMenu)]
    for menu in menus:
        letters = [
            action.text()[action.text().index("&") + 1].lower()
            for action in menu.actions()
            if "&" in action.text()
        ]
        assert len(letters) == len(set(letters)), letters
        assert len(letters) == len([action for action in menu.actions() if action.text()])


def test_that_no_two_entries_share_a_key(window):
    keys = [key for keys, _words in window.shortcuts() for key in keys.split(" or ")]
    assert len(keys) == len(set(keys))
    assert "Ctrl+?" in keys


def test_that_the_run_menu_appears_with_its_first_entry(window):
    assert not window.run_menu.menuAction().isVisible()
    window.add_run_action(QAction("&Push", window))
    assert window.run_menu.menuAction().isVisible()


def test_that_file_entries_report(qtbot, window):
    with qtbot.waitSignal(window.open_requested):
        entry(window, "Open configuration…").trigger()
    with qtbot.waitSignal(window.reload_requested):
        qtbot.keyClick(window, Qt.Key.Key_F5)


def test_that_the_list_of_shortcuts_names_menu_and_page_keys(qtbot, window):
    window.add_shortcut_note("Orders", "Space", "select the order")
    dialog = window.open_shortcuts()
    qtbot.addWidget(dialog)
    find = QKeySequence("Ctrl+F").toString(QKeySequence.SequenceFormat.NativeText)
    rows = dialog.table.rows()
    assert ("Space", "Orders: select the order") in rows
    assert any(keys.startswith(find) and words == "Edit: Find on this page" for keys, words in rows)


def test_that_versions_can_be_copied(qtbot, window):
    window.set_about_facts([("monday API", "2026-10")])
    dialog = window.open_about()
    qtbot.addWidget(dialog)
    dialog.copy_button.click()
    text = QApplication.clipboard().text()
    assert "monday API: 2026-10" in text
    assert "Python: 3." in text
