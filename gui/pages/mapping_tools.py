"""The two rows of controls above the rules: what is shown, and what is done to it."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QUndoStack
from PySide6.QtWidgets import QButtonGroup, QToolButton, QVBoxLayout, QWidget

from gui.models.mapping_table import Show
from gui.theme import RELATED
from gui.widgets.buttons import disable_because, enable, icon_button, plain_button, with_shortcut
from gui.widgets.search import SearchField
from gui.widgets.tables import number_text
from gui.widgets.toolbar import Toolbar

_ADD, _REMOVE = "Add rule", "Remove"
_ROOM_FOR_WORDS = 620


class RulesTools(QWidget):
    """Search and filter; add, remove, move, suggestions, undo and redo."""

    filtered = Signal()
    """Other rows are wanted: see `search` and `wanted`."""

    def __init__(self, undo_stack: QUndoStack) -> None:
        super().__init__()
        self._counts: Mapping[Show, int] = dict.fromkeys(Show, 0)
        self._suggestions = 0
        self._roomy = True
        self.search = SearchField("Search rules and columns")
        self.search.setMinimumWidth(96)
        self.search.searched.connect(self.filtered)
        self._group = QButtonGroup(self)
        self.filters: dict[Show, QToolButton] = {show: self._filter_button() for show in Show}
        self.filters[Show.ALL].setChecked(True)
        self._make_buttons()
        self._follow(undo_stack)
        self._lay_out()

    @property
    def wanted(self) -> Show:
        """Which rows are wanted."""
        return next(show for show, button in self.filters.items() if button.isChecked())

    @property
    def is_narrowed(self) -> bool:
        """Whether some rules may be hidden."""
        return bool(self.search.text().strip()) or self.wanted is not Show.ALL

    def clear(self) -> None:
        """Want every row; nothing is reported."""
        self.search.set_text_silently("")
        self.filters[Show.ALL].setChecked(True)

    def show_counts(self, counts: Mapping[Show, int], shown: int) -> None:
        """Say how many rows each filter has, and how many are shown now."""
        self._counts = counts
        total = counts[self.wanted]
        self._count.setText(f"{number_text(shown)} of {number_text(total)}")
        self._show_words()

    def show_suggestions(self, count: int) -> None:
        """Say how many suggestions are open."""
        self._suggestions = count
        self._show_words()
        if count:
            enable(self.suggestions_button)
        else:
            disable_because(self.suggestions_button, "No source column fits a column without a rule")

    def show_selection(
        self, indexes: Sequence[int], rules: int, *, is_sorted: bool, is_narrowed: bool
    ) -> None:
        """Enable what can be done to the selected rules."""
        _enable_unless(self.remove_button, "" if indexes else "Select a rule first")
        reason = (
            "Select one rule first"
            if len(indexes) != 1
            else "The table is sorted: click the heading until it shows the mapping's own order"
            if is_sorted
            else "Some rules are hidden: show all of them first"
            if is_narrowed
            else ""
        )
        _enable_unless(self.up_button, reason or ("It is the first rule" if indexes[0] == 0 else ""))
        _enable_unless(self.down_button, reason or ("It is the last rule" if indexes[0] == rules - 1 else ""))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the buttons their icons alone where there is no room for words."""
        super().resizeEvent(event)
        self._roomy = event.size().width() >= _ROOM_FOR_WORDS
        self._show_words()

    # Building

    def _filter_button(self) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setAutoExclusive(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._group.addButton(button)
        button.clicked.connect(self.filtered)
        return button

    def _make_buttons(self) -> None:
        self.add_button = with_shortcut(plain_button(_ADD, "add"), "Ctrl+N")
        self.add_button.setAccessibleName(_ADD)
        self.remove_button = plain_button(_REMOVE, "remove")
        self.remove_button.setAccessibleName("Remove the selected rules")
        self.remove_button.setToolTip("Remove the selected rules (Del)")
        self.up_button = icon_button("chevron-up", "Move the rule up (Alt+Up)")
        self.down_button = icon_button("chevron-down", "Move the rule down (Alt+Down)")
        self.suggestions_button = with_shortcut(plain_button("Suggestions…", "check"), "Ctrl+Shift+A")
        self.suggestions_button.setAccessibleName("Suggestions: choose which to accept")
        self.undo_button = icon_button("undo", "Undo")
        self.redo_button = icon_button("redo", "Redo")

    def _lay_out(self) -> None:
        first, second = Toolbar(), Toolbar()
        first.add(self.search, 1)
        for button in self.filters.values():
            first.add(button)
        for each in (self.add_button, self.remove_button, self.up_button, self.down_button):
            second.add(each)
        second.add(self.suggestions_button)
        second.add_stretch()
        self._count = second.add_label("")
        self._count.setAccessibleName("Rows shown")
        second.add(self.undo_button)
        second.add(self.redo_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(RELATED)
        column.addWidget(first)
        column.addWidget(second)

    def _follow(self, stack: QUndoStack) -> None:
        self.undo_button.clicked.connect(stack.undo)
        self.redo_button.clicked.connect(stack.redo)
        # The signals bring what is shown: the stack itself may be on its way out when it tells them.
        stack.canUndoChanged.connect(lambda can: _show_step(self.undo_button, "Undo", can=can))
        stack.canRedoChanged.connect(lambda can: _show_step(self.redo_button, "Redo", can=can))
        stack.undoTextChanged.connect(lambda step: _name_step(self.undo_button, "Undo", step))
        stack.redoTextChanged.connect(lambda step: _name_step(self.redo_button, "Redo", step))
        _show_step(self.undo_button, "Undo", can=stack.canUndo())
        _show_step(self.redo_button, "Redo", can=stack.canRedo())

    def _show_words(self) -> None:
        for button, words in ((self.add_button, _ADD), (self.remove_button, _REMOVE)):
            button.setText(words if self._roomy else "")
        count = f"{number_text(self._suggestions)} " if self._suggestions else ""
        plain = "suggestion…" if self._suggestions == 1 else "suggestions…"
        self.suggestions_button.setText(f"{count}{plain}" if count else "Suggestions…")
        for show, chip in self.filters.items():
            counted = f"{show.value} {number_text(self._counts[show])}"
            chip.setText(counted if self._roomy else show.value)
            chip.setToolTip(f"Show {counted}")
            chip.setAccessibleName(f"Show: {counted}")


def _enable_unless(widget: QWidget, reason: str) -> None:
    if reason:
        disable_because(widget, reason)
    else:
        enable(widget)


def _show_step(button: QToolButton, word: str, *, can: bool) -> None:
    if can:
        enable(button)
    else:
        disable_because(button, f"Nothing to {word.lower()}")


def _name_step(button: QToolButton, word: str, step: str) -> None:
    if step:
        button.setToolTip(f"{word}: {step}")
        button.setAccessibleName(f"{word}: {step}")
