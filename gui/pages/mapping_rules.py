"""The table of rules with what is done to it: search, narrow, add, remove, undo and redo."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QUndoStack
from PySide6.QtWidgets import QCheckBox, QStackedWidget, QTableView, QToolButton, QVBoxLayout, QWidget

from gui.models.mapping_table import MappingTableModel, RuleFinding, RuleLine
from gui.pages.column_menu import ColumnMenu
from gui.preferences import Preferences
from gui.theme import RELATED
from gui.widgets.buttons import disable_because, enable, icon_button, plain_button, with_shortcut
from gui.widgets.messages import EmptyState
from gui.widgets.search import SearchField
from gui.widgets.tables import number_text, prepare_table
from gui.widgets.toolbar import Toolbar

_WIDTHS = (136, 98, 98, 146)
_LAYOUT = "mappings/columns"
_TABLE, _EMPTY = 0, 1
_ADD, _REMOVE = "Add rule", "Remove"
_ROOM_FOR_WORDS = 640


class RulesView(QWidget):
    """Rules of one side. What is selected stays selected while rules change around it."""

    selected = Signal(object)
    """The `RuleLine` looked at now, or None."""
    add_wanted = Signal()
    remove_wanted = Signal(list)
    """Places of the rules to remove."""
    edit_wanted = Signal()
    """The selected rule was opened by Enter or a double click."""

    def __init__(self, undo_stack: QUndoStack, preferences: Preferences) -> None:
        super().__init__()
        self._undo_stack = undo_stack
        self._wanted_index: int | None = None
        self._settling = False
        self.model = MappingTableModel(self)
        self.search = SearchField("Filter rules")
        self.search.setMinimumWidth(100)
        self.problems_box = QCheckBox("&Problems only")
        self.problems_box.setToolTip("Show only the rules with findings")
        self.add_button = with_shortcut(plain_button(_ADD, "add"), "Ctrl+N")
        self.add_button.setAccessibleName(_ADD)
        self.remove_button = plain_button(_REMOVE, "remove")
        self.remove_button.setAccessibleName("Remove the selected rules")
        self.remove_button.setToolTip("Remove the selected rules (Del)")
        self.undo_button = icon_button("undo", "Undo")
        self.redo_button = icon_button("redo", "Redo")
        self.toolbar = Toolbar()
        self.toolbar.add(self.search, 1)
        self.toolbar.add(self.problems_box)
        self._count = self.toolbar.add_label("")
        self._count.setAccessibleName("Rules shown")
        for button in (self.add_button, self.remove_button, self.undo_button, self.redo_button):
            self.toolbar.add(button)
        self._make_table(preferences)
        self._connect()

    def show_rules(self, lines: Sequence[RuleLine], findings: Sequence[RuleFinding]) -> None:
        """Show these rules; the selected one stays selected by its place."""
        self._settling = True
        try:
            self.model.set_lines(lines, findings)
        finally:
            self._settling = False
        self._arranged()

    def select(self, index: int | None) -> None:
        """Select a rule by its place in the mapping set, or none."""
        self._wanted_index = index
        self._settle()

    @property
    def current_index(self) -> int | None:
        """The place of the rule looked at, or None."""
        return self._wanted_index

    @property
    def selected_indexes(self) -> list[int]:
        """Places of the selected rules, from the top of the table."""
        rows = sorted(index.row() for index in self.view.selectionModel().selectedRows())
        lines = (self.model.line_at(row) for row in rows)
        return list(dict.fromkeys(line.index for line in lines if line is not None))

    def clear_filter(self) -> None:
        """Show every rule."""
        self.search.set_text_silently("")
        self.problems_box.setChecked(False)
        self._filter()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the buttons their icons alone where there is no room for words."""
        super().resizeEvent(event)
        roomy = event.size().width() >= _ROOM_FOR_WORDS
        for button, words in ((self.add_button, _ADD), (self.remove_button, _REMOVE)):
            button.setText(words if roomy else "")
        self.problems_box.setText("&Problems only" if roomy else "&Problems")

    def _make_table(self, preferences: Preferences) -> None:
        self.view = QTableView()
        self.view.setModel(self.model)
        prepare_table(self.view, "Rules")
        header = self.view.horizontalHeader()
        # Findings run across all columns, which only stays readable while the first one is first.
        header.setSectionsMovable(False)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.view.setSortingEnabled(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._columns = ColumnMenu(header, preferences, _LAYOUT, self._set_first_widths, self)
        self._columns.restore()
        self._empty = EmptyState("filter", "No rule matches", "No rule holds the text.", "Show every rule")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(RELATED)
        column.addWidget(self.toolbar)
        column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.search.searched.connect(self._filter)
        self.problems_box.toggled.connect(self._filter)
        self._empty.activated.connect(self._empty_activated)
        self.add_button.clicked.connect(self.add_wanted)
        self.remove_button.clicked.connect(self._remove)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.view)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._remove)
        self.view.doubleClicked.connect(self.edit_wanted)
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            enter = QShortcut(QKeySequence(key), self.view)
            enter.setContext(Qt.ShortcutContext.WidgetShortcut)
            enter.activated.connect(self.edit_wanted)
        self.view.selectionModel().currentChanged.connect(self._look_at)
        self.view.selectionModel().selectionChanged.connect(self._show_remove)
        self.view.horizontalHeader().sortIndicatorChanged.connect(lambda *_: self._arranged())
        stack = self._undo_stack
        self.undo_button.clicked.connect(stack.undo)
        self.redo_button.clicked.connect(stack.redo)
        # The signals bring what is shown: the stack itself may be on its way out when it tells them.
        stack.canUndoChanged.connect(lambda can: _show_step(self.undo_button, "Undo", can=can))
        stack.canRedoChanged.connect(lambda can: _show_step(self.redo_button, "Redo", can=can))
        stack.undoTextChanged.connect(lambda step: _name_step(self.undo_button, "Undo", step))
        stack.redoTextChanged.connect(lambda step: _name_step(self.redo_button, "Redo", step))
        _show_step(self.undo_button, "Undo", can=stack.canUndo())
        _show_step(self.redo_button, "Redo", can=stack.canRedo())
        self._show_remove()

    def _set_first_widths(self) -> None:
        for section, width in enumerate(_WIDTHS):
            self.view.setColumnWidth(section, width)

    def _filter(self, *_why: object) -> None:
        self._settling = True
        try:
            self.model.set_filter(self.search.text(), problems_only=self.problems_box.isChecked())
        finally:
            self._settling = False
        self._arranged()

    def _arranged(self) -> None:
        """Let findings run across the columns, count, and select again what was selected."""
        self.view.clearSpans()
        for row in range(self.model.rowCount()):
            if self.model.is_finding(row):
                self.view.setSpan(row, 0, 1, self.model.columnCount())
        total = len(self.model.lines)
        self._count.setText(f"{number_text(self.model.shown)} of {number_text(total)}")
        self._stack.setCurrentIndex(_TABLE if self.model.rowCount() else _EMPTY)
        if total:
            what = "with findings" if self.problems_box.isChecked() else "that holds the text"
            self._empty.set_words("filter", "No rule matches", f"There is no rule {what}.")
            self._empty.button.setText("Show every rule")
        else:
            self._empty.set_words("mappings", "No rules", "Each rule writes one board column.")
            self._empty.button.setText("Add rule")
        self._settle()

    def _settle(self) -> None:
        wanted = self._wanted_index
        if wanted is None or wanted >= len(self.model.lines):
            self._wanted_index = wanted = None
        row = -1 if wanted is None else self.model.row_of(wanted)
        line = self.model.line_at(row)
        if line is None:
            self.view.clearSelection()
            self.view.setCurrentIndex(QModelIndex())
        else:
            cell = self.model.index(row, 0)
            here = self.model.line_at(self.view.currentIndex().row()) is line
            if not here:
                self.view.selectRow(row)
            if not here or self.view.viewport().rect().intersects(self.view.visualRect(cell)):
                # The findings below a rule are to be seen with it.
                self.view.scrollTo(self.model.index(row + len(line.findings), 0))
                self.view.scrollTo(cell)
        self.selected.emit(line)
        self._show_remove()

    def _look_at(self, current: QModelIndex, _before: QModelIndex) -> None:
        if self._settling or not current.isValid():
            return
        line = self.model.line_at(current.row())
        self._wanted_index = line.index if line else None
        self.selected.emit(line)

    def _show_remove(self, *_selection: QItemSelection) -> None:
        if self.selected_indexes:
            enable(self.remove_button)
        else:
            disable_because(self.remove_button, "Select a rule first")

    def _remove(self) -> None:
        if indexes := self.selected_indexes:
            self.remove_wanted.emit(indexes)

    def _empty_activated(self) -> None:
        if self.model.lines:
            self.clear_filter()
        else:
            self.add_wanted.emit()


def _show_step(button: QToolButton, word: str, *, can: bool) -> None:
    if can:
        enable(button)
    else:
        disable_because(button, f"Nothing to {word.lower()}")


def _name_step(button: QToolButton, word: str, step: str) -> None:
    if step:
        button.setToolTip(f"{word}: {step}")
        button.setAccessibleName(f"{word}: {step}")
