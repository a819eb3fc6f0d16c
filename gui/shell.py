"""The frame of the window: head, navigation, pages, status bar, menus. It knows pages by id alone."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QGuiApplication,
    QUndoGroup,
    QUndoStack,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QStatusBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.icons import icon, ink_again, set_icon
from gui.menus import Appearance, Menus, MenuSlots
from gui.page_focus import PageFocus
from gui.page_list import PAGES
from gui.preferences import Preferences
from gui.theme import GROUPS, RELATED, Theme
from gui.widgets.closed_page import ClosedPage, ProfileState
from gui.widgets.help_dialogs import AboutDialog, ShortcutsDialog, build_facts
from gui.widgets.labels import Badge, IconLabel, muted_label, section_label, set_style_property
from gui.widgets.messages import EmptyState
from gui.widgets.navigation import NavigationList
from gui.widgets.page_stack import PageStack
from gui.widgets.status_strip import StatusStrip
from gui.widgets.tables import copy_selection

STATUS_PARTS = {
    "database": "Orders database",
    "monday": "monday.com",
    "budget": "Budget",
    "schedule": "Schedule",
    "selection": "Selection",
}
"""The parts of the status bar and what a screen reader calls them; the last one stands at the right edge."""

_WINDOW = "window"


class MainWindow(QMainWindow):
    """One window, eight pages.

    A page is any widget; where it offers `focus_search()`, `copy()` or an `undo_stack`, the menus use them.
    `first_focus` is the control of it that gets the keyboard first.
    """

    page_changed = Signal(str)
    """The id of the page now shown."""
    status_clicked = Signal(str)
    """The part of the status bar that was pressed: a key of `STATUS_PARTS`."""
    open_requested = Signal()
    """File > Open configuration."""
    reload_requested = Signal()
    """File > Reload, F5."""
    close_requested = Signal()
    """The operator wants to close but `confirm_close` said no: ask, stop the run, then call `close_now`."""

    def __init__(self, preferences: Preferences, theme: Theme) -> None:
        super().__init__()
        self.confirm_close: Callable[[], bool] = lambda: True
        """Says whether the window may close at once; False while a live run is under way."""
        self._preferences = preferences
        self._theme = theme
        self._closing = False
        self._notes: list[tuple[str, str]] = []
        self._about_facts = build_facts()
        self._pages: dict[str, QWidget] = {}
        self._current = PAGES[0].page_id
        self._profile_state = ProfileState.OPEN
        self._undo_group = QUndoGroup(self)
        self._navigation = NavigationList()
        self._stack = PageStack()
        self._closed = ClosedPage()
        self._stack.addWidget(self._closed)
        self._focus = PageFocus(self, self._stack)
        self._status = StatusStrip(STATUS_PARTS)
        self._badge = Badge()
        self._board = muted_label("")
        self._search_button = QToolButton()
        self.setWindowTitle("DeltaDesk")
        self.setWindowIcon(icon("deltadesk", "accent"))
        self.setMinimumSize(QSize(800, 600))
        self._header = self._build_header()
        self._build_centre()
        self._menus = self._build_menus()
        theme.changed.connect(self._ink_again)
        self.file_menu, self.view_menu = self._menus.file, self._menus.view
        self.run_menu, self.help_menu = self._menus.run, self._menus.help
        for info in PAGES:
            self._navigation.add_entry(info.page_id, info.title, info.icon_name)
            self.add_page(info.page_id, EmptyState(info.icon_name, info.title, info.promise))
        self._navigation.chosen.connect(self._show)
        self._closed.open_wanted.connect(self.open_requested)
        self._restore()

    # Pages

    def add_page(self, page_id: str, widget: QWidget) -> None:
        """Put a page in its place, instead of the one there. Raises `KeyError` for an id not in `PAGES`."""
        if page_id not in {info.page_id for info in PAGES}:
            raise KeyError(page_id)
        if (former := self._pages.get(page_id)) is not None:
            self._stack.removeWidget(former)
            former.deleteLater()
        self._pages[page_id] = widget
        self._stack.addWidget(widget)
        stack = getattr(widget, "undo_stack", None)
        if isinstance(stack, QUndoStack):
            self._undo_group.addStack(stack)
        self._status.come_last()
        if page_id == self._current:
            self._show(page_id)

    def page(self, page_id: str) -> QWidget:
        """Return a page. Raises `KeyError` for an id not in `PAGES`."""
        return self._pages[page_id]

    @property
    def current_page(self) -> str:
        """The id of the page shown."""
        return self._current

    def show_page(self, page_id: str) -> None:
        """Turn to a page. Raises `KeyError` for an id not in `PAGES`."""
        self._navigation.choose(page_id)

    def focus_page(self) -> None:
        """Give the page shown the next key, unless it has that already.

        Otherwise it would go to the window's first control as long as the page has nothing to show.
        """
        if not self._focus.is_in_page:
            self._focus.give()

    def set_profile_state(self, state: ProfileState) -> None:
        """Show the pages, or on each that needs a profile that there is none yet, or none at all."""
        self._profile_state = state
        if self._focus.is_in_page and (shown := self._stack.currentWidget()) is not None:
            # A button that hides would hand the focus on to whatever comes next.
            shown.setFocus(Qt.FocusReason.OtherFocusReason)
        self._closed.set_state(state)
        self._show(self._current)

    def set_badge(self, page_id: str, count: int) -> None:
        """Show at a page's entry how many records need a person; 0 shows nothing."""
        self._navigation.set_badge(page_id, count)

    def add_bar(self, bar: QWidget) -> None:
        """Put a message below the head, above whatever page is shown; it takes no room while it is hidden."""
        self._column.insertWidget(1, bar)

    # Head and status bar

    def set_profile(self, name: str, kind: str) -> None:
        """Show the profile in force: `kind` is "demo", "development" or "production"."""
        self._badge.set_profile(name, kind)
        self._badge.setVisible(bool(name))
        set_style_property(self._header, "kind", self._badge.kind)
        self._retitle()

    def set_board(self, name: str) -> None:
        """Show the name of the board the profile pushes to."""
        self._board.setText(name)
        self._board.setAccessibleName(f"Board {name}" if name else "")
        self._retitle()

    def set_status(self, part: str, text: str, tone: str = "text", tooltip: str = "") -> None:
        """Show words in one part of the status bar; "ok", "warn", "error" and "unknown" bring their icon.

        An empty text takes the part away. Raises `KeyError` for a part not in `STATUS_PARTS`.
        """
        self._status.set_status(part, text, tone, tooltip)

    # Menus

    def add_run_action(self, action: QAction) -> None:
        """Add an entry to the Run menu, which appears with its first one."""
        self._menus.add_run_action(action)

    def add_shortcut_note(self, group: str, keys: str, text: str) -> None:
        """Name a key that only one page knows, for the list of shortcuts."""
        self._notes.append((keys, f"{group}: {text}"))

    def shortcuts(self) -> list[tuple[str, str]]:
        """Return every key and what it does: those of the menus, then those of the pages."""
        return self._menus.shortcuts() + self._notes

    def set_about_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Add lines to Help > About below the versions of the build: the API version, the licence."""
        self._about_facts = [*build_facts(), *facts]

    # Closing

    def close_now(self) -> None:
        """Close without asking: everything under way has ended."""
        self._closing = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close, or leave the answer to whoever listens to `close_requested`."""
        if not self._closing and not self.confirm_close():
            event.ignore()
            self.close_requested.emit()
            return
        self._preferences.remember_window(_WINDOW, self)
        self._preferences.set(f"{_WINDOW}/page", self.current_page)
        self._preferences.sync()
        super().closeEvent(event)

    def _ink_again(self) -> None:
        ink_again()

    # Building

    def _build_header(self) -> QFrame:
        header = QFrame()
        header.setObjectName("header")
        self._search_button.setProperty("kind", "search")
        self._search_button.setText("Search (Ctrl+K)")
        set_icon(self._search_button, "search", "muted")
        self._search_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._search_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._search_button.setToolTip("Search the page shown (Ctrl+K)")
        self._search_button.setAccessibleName("Search the page shown")
        self._search_button.clicked.connect(self.focus_search)
        self._badge.hide()
        row = QHBoxLayout(header)
        row.setContentsMargins(GROUPS, RELATED, GROUPS, RELATED)
        row.setSpacing(RELATED)
        row.addWidget(IconLabel("deltadesk", "accent", 20))
        row.addWidget(section_label("DeltaDesk"))
        row.addSpacing(RELATED)
        row.addWidget(self._badge)
        row.addWidget(self._board, 1)
        row.addWidget(self._search_button)
        return header

    def _build_centre(self) -> None:
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self._navigation)
        body.addWidget(self._stack, 1)
        centre = QWidget()
        self._column = column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addLayout(body, 1)
        self.setCentralWidget(centre)
        bar = QStatusBar()
        bar.setSizeGripEnabled(False)
        bar.addWidget(self._status, 1)
        self.setStatusBar(bar)
        self._status.clicked.connect(self.status_clicked)

    def _build_menus(self) -> Menus:
        return Menus(
            self.menuBar(),
            self._undo_group,
            MenuSlots(
                open_configuration=self.open_requested.emit,
                reload=self.reload_requested.emit,
                leave=self.close,
                copy=self.copy,
                copy_with_names=partial(self.copy, headers=True),
                find=self.focus_search,
                go_to=self._go_to,
                shortcuts=self.open_shortcuts,
                about=self.open_about,
            ),
            [(info.page_id, info.menu_title, info.icon_name) for info in PAGES],
            Appearance(self._theme, self._preferences),
        )

    # What the menus do

    def focus_search(self) -> None:
        """Put the cursor into the search field of the page shown, where it has one."""
        search = getattr(self._stack.currentWidget(), "focus_search", None)
        if callable(search):
            search()
        else:
            self.statusBar().showMessage("This page has nothing to search.", 4000)

    def copy(self, *, headers: bool = False) -> None:
        """Copy from the field or table that has the focus, else what the page shown offers."""
        focused = QApplication.focusWidget()
        page = self._stack.currentWidget()
        if isinstance(focused, QAbstractItemView):
            if not copy_selection(focused, headers=headers) and focused.selectionModel().hasSelection():
                self.statusBar().showMessage("Too much for the clipboard: select fewer rows or export.", 8000)
            return
        for owner in (focused, page):
            take = getattr(owner, "copy", None)
            if callable(take):
                take()
                return

    def open_shortcuts(self) -> ShortcutsDialog:
        """Open the list of keyboard shortcuts."""
        dialog = ShortcutsDialog(self, self.shortcuts())
        dialog.open()
        return dialog

    def open_about(self) -> AboutDialog:
        """Open the versions of the application and of what it stands on."""
        dialog = AboutDialog(self, self._about_facts)
        dialog.open()
        return dialog

    def _go_to(self, page_id: str) -> None:
        self.show_page(page_id)
        self._focus.give(Qt.FocusReason.ShortcutFocusReason)

    def _show(self, page_id: str) -> None:
        widget = self._widget_of(page_id)
        keeps = self._focus.is_elsewhere
        same = widget is self._stack.currentWidget() and self._focus.is_in_page
        self._current = page_id
        self._stack.setCurrentWidget(widget)
        self._focus.forget()
        if not keeps and not same:
            # Qt would give the focus of a page that is hidden to the next control, whatever that is.
            self._focus.give()
        stack = getattr(widget, "undo_stack", None)
        if isinstance(stack, QUndoStack):
            self._undo_group.setActiveStack(stack)
        elif (former := self._undo_group.activeStack()) is not None:
            former.setActive(False)
        self.page_changed.emit(page_id)

    def _widget_of(self, page_id: str) -> QWidget:
        """Return the page, or what stands in for it while no profile is open."""
        info = next(info for info in PAGES if info.page_id == page_id)
        if self._profile_state is ProfileState.OPEN or not info.needs_profile:
            return self._pages[page_id]
        self._closed.set_title(info.title)
        return self._closed

    def _retitle(self) -> None:
        parts = (self._board.text(), self._badge.text(), "DeltaDesk")
        self.setWindowTitle(" - ".join(part for part in parts if part))

    def _restore(self) -> None:
        if not self._preferences.restore_window(_WINDOW, self):
            room = QGuiApplication.primaryScreen().availableGeometry().size()
            self.resize(QSize(1280, 800).boundedTo(room))
        page_id = self._preferences.text(f"{_WINDOW}/page", PAGES[0].page_id)
        self.show_page(page_id if page_id in self._pages else PAGES[0].page_id)
