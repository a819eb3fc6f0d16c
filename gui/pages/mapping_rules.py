"""The table of rules and of the columns without one: searched, narrowed, sorted, and driven by keys."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QItemSelection, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QUndoStack
from PySide6.QtWidgets import QMenu, QStackedWidget, QTableView, QVBoxLayout, QWidget

from gui.models.mapping_lines import FreeLine, RuleFinding, RuleLine
from gui.models.mapping_table import POLICY, MappingTableModel, Show
from gui.pages.mapping_headings import RulesColumns
from gui.pages.mapping_tools import RulesTools
from gui.pages.run_log_view import LEAST_TABLE
from gui.preferences import Preferences
from gui.theme import RELATED
from gui.widgets.messages import EmptyState
from gui.widgets.tables import copy_selection, prepare_table

_TABLE, _EMPTY = 0, 1


class RulesView(QWidget):
    """Rules and free columns of one side. What is selected stays selected while rules change around it."""

    selected = Signal(object)
    """The `RuleLine` or `FreeLine` looked at now, or None."""
    add_wanted = Signal()
    remove_wanted = Signal(list)
    """Places of the rules to remove."""
    move_wanted = Signal(int, int)
    """The rule at the first place is to come to the second."""
    edit_wanted = Signal()
    """The selected rule was opened by Enter, F2 or a double click."""
    map_wanted = Signal(object)
    """A rule for this `FreeLine` is wanted: as suggested, or to be filled."""
    suggestions_wanted = Signal()
    source_dropped = Signal(str, object)
    """A source column was dropped onto this `RuleLine` or `FreeLine`."""

    def __init__(self, undo_stack: QUndoStack, preferences: Preferences) -> None:
        super().__init__()
        self._wanted: int | str | None = None
        self._last_row = 0
        self._settling = False
        self.model = MappingTableModel(self)
        self.tools = RulesTools(undo_stack)
        self._make_table(preferences)
        self._connect()

    def show_rules(
        self, lines: Sequence[RuleLine], findings: Sequence[RuleFinding], free: Sequence[FreeLine] = ()
    ) -> None:
        """Show these rules and free columns; what is selected stays so, by its place or its column."""
        index = self.current_index
        self._settling = True
        try:
            # What is mended under "Problems" stays there until another filter is chosen.
            self.model.pin(index if index is not None and self.model.row_of(index) >= 0 else None)
            self.model.set_lines(lines, findings, free)
        finally:
            self._settling = False
        self.tools.show_suggestions(sum(line.suggested is not None for line in free))
        self._arranged()

    def select(self, which: int | str | None) -> None:
        """Select a rule by its place in the mapping set, a free column by its id, or nothing."""
        self._wanted = which
        self._settle()

    def select_next_free(self) -> None:
        """Select the free column that stands where the selected row stood, or the one below it."""
        rows = range(self._last_row, self.model.rowCount())
        lines = (self.model.free_at(row) for row in rows)
        line = next((line for line in lines if line is not None), None)
        self.select(line.choice.id if line else None)

    @property
    def current_index(self) -> int | None:
        """The place of the rule looked at, or None."""
        return self._wanted if isinstance(self._wanted, int) else None

    @property
    def current_column(self) -> str | None:
        """The id of the free column looked at, or None."""
        return self._wanted if isinstance(self._wanted, str) else None

    @property
    def current_line(self) -> RuleLine | FreeLine | None:
        """The line looked at, None where the filter hides it or there is none."""
        row = self._wanted_row()
        return self.model.line_at(row) or self.model.free_at(row)

    @property
    def selected_indexes(self) -> list[int]:
        """Places of the selected rules, from the top of the table."""
        rows = sorted(index.row() for index in self.view.selectionModel().selectedRows())
        lines = (self.model.line_at(row) for row in rows)
        return list(dict.fromkeys(line.index for line in lines if line is not None))

    def clear_filter(self) -> None:
        """Show every row."""
        self.tools.clear()
        self._filter()

    def copy(self) -> str:
        """Copy the selected rows."""
        return copy_selection(self.view)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the columns follow the room."""
        super().resizeEvent(event)
        self._columns.room_changed()

    # Building

    def _make_table(self, preferences: Preferences) -> None:
        self.view = QTableView()
        self.view.setModel(self.model)
        prepare_table(self.view, "Rules and board columns without one")
        self.view.setMinimumHeight(LEAST_TABLE)
        self.view.setDragDropMode(QTableView.DragDropMode.DropOnly)
        self.view.setDragDropOverwriteMode(True)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.view.horizontalHeader()
        # Findings run across all columns, which only stays readable while the first one is first.
        header.setSectionsMovable(False)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.view.setSortingEnabled(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._columns = RulesColumns(self.view, preferences, self)
        self._columns.restore()
        self._empty = EmptyState("filter", "No rule matches", "No rule holds the text.", "Show every rule")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(RELATED)
        column.addWidget(self.tools)
        column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        tools = self.tools
        tools.filtered.connect(self._filter)
        tools.add_button.clicked.connect(self.add_wanted)
        tools.remove_button.clicked.connect(self._remove)
        tools.up_button.clicked.connect(lambda: self._move(-1))
        tools.down_button.clicked.connect(lambda: self._move(1))
        tools.suggestions_button.clicked.connect(self.suggestions_wanted)
        self._empty.activated.connect(self._empty_activated)
        self.model.source_dropped.connect(self.source_dropped)
        self.view.doubleClicked.connect(self._open)
        self.view.clicked.connect(self._clicked)
        self.view.customContextMenuRequested.connect(self._show_menu)
        self._key(QKeySequence(QKeySequence.StandardKey.Delete), self._remove)
        self._key(QKeySequence("Alt+Up"), lambda: self._move(-1))
        self._key(QKeySequence("Alt+Down"), lambda: self._move(1))
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self._key(QKeySequence(key), lambda: self._open(self.view.currentIndex()))
        self.view.selectionModel().currentChanged.connect(self._look_at)
        self.view.selectionModel().selectionChanged.connect(self._show_buttons)
        self.view.horizontalHeader().sortIndicatorChanged.connect(lambda *_: self._arranged())
        self._show_buttons()

    def _key(self, keys: QKeySequence, slot: Callable[[], None]) -> None:
        shortcut = QShortcut(keys, self.view)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(slot)

    # Showing

    def _filter(self) -> None:
        self._settling = True
        try:
            self.model.pin(None)
            self.model.set_filter(self.tools.search.text(), self.tools.wanted)
        finally:
            self._settling = False
        self._arranged()
        if self._wanted_row() < 0:
            self.view.scrollToTop()

    def _arranged(self) -> None:
        """Let findings run across the columns, count, and select again what was selected."""
        self.view.clearSpans()
        for row in range(self.model.rowCount()):
            first, count = self.model.span_of(row)
            if count > 1:
                self.view.setSpan(row, first, 1, count)
        self.tools.show_counts(self.model.counts(), self.model.shown)
        self._stack.setCurrentIndex(_TABLE if self.model.rowCount() else _EMPTY)
        if self.model.counts()[Show.ALL]:
            what, sentence = {
                Show.PROBLEMS: ("No problems", "No rule has a finding."),
                Show.NOT_MAPPED: ("Every column has a rule", "No column of the board is without a rule."),
            }.get(self.tools.wanted, ("Nothing matches", ""))
            if self.tools.search.text().strip():
                what, sentence = "Nothing matches", "No row holds the text."
            self._empty.set_words("filter", what, sentence)
            self._empty.button.setText("Show everything")
        else:
            self._empty.set_words("mappings", "No rules", "Each rule writes one board column.")
            self._empty.button.setText("Add rule")
        self._settle()

    def _wanted_row(self) -> int:
        wanted = self._wanted
        if isinstance(wanted, str):
            return self.model.row_of_free(wanted)
        if wanted is None or wanted >= len(self.model.lines):
            self._wanted = None
            return -1
        return self.model.row_of(wanted)

    def _settle(self) -> None:
        row = self._wanted_row()
        line = self.model.line_at(row) or self.model.free_at(row)
        if line is None:
            self.view.clearSelection()
            self.view.setCurrentIndex(QModelIndex())
        else:
            cell = self.model.index(row, 0)
            here = self.view.currentIndex().row()
            if (self.model.line_at(here) or self.model.free_at(here)) is not line:
                self.view.selectRow(row)
                self._scroll_to(row, line)
            elif self.view.viewport().rect().intersects(self.view.visualRect(cell)):
                self._scroll_to(row, line)
        self.selected.emit(line)
        self._show_buttons()

    def _scroll_to(self, row: int, line: RuleLine | FreeLine) -> None:
        """Show a row, and the findings below it with it."""
        if row <= 1:
            self.view.scrollToTop()  # a heading above the first line is to be seen too
            return
        below = len(line.findings) if isinstance(line, RuleLine) else 0
        self.view.scrollTo(self.model.index(row + below, 0))
        self.view.scrollTo(self.model.index(row, 0))

    def _look_at(self, current: QModelIndex, _before: QModelIndex) -> None:
        if self._settling or not current.isValid():
            return
        line, free = self.model.line_at(current.row()), self.model.free_at(current.row())
        self._wanted = line.index if line else free.choice.id if free else None
        self._last_row = current.row()
        self.selected.emit(line or free)

    def _show_buttons(self, *_selection: QItemSelection) -> None:
        indexes = self.selected_indexes
        self.tools.show_selection(
            indexes, len(self.model.lines), is_sorted=self.model.is_sorted, is_narrowed=self.tools.is_narrowed
        )

    # Acting

    def _remove(self) -> None:
        if indexes := self.selected_indexes:
            self.remove_wanted.emit(indexes)

    def _move(self, step: int) -> None:
        index = self.current_index
        button = self.tools.up_button if step < 0 else self.tools.down_button
        if index is not None and button.isEnabled():
            self.move_wanted.emit(index, index + step)

    def _open(self, cell: QModelIndex) -> None:
        free = self.model.free_at(cell.row())
        if free is None:
            self.edit_wanted.emit()
        elif not free.choice.reason:
            self.map_wanted.emit(free)

    def _clicked(self, cell: QModelIndex) -> None:
        free = self.model.free_at(cell.row())
        if cell.column() == POLICY and free is not None and free.suggested:
            self.map_wanted.emit(free)

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        cell = self.view.indexAt(place)
        free = self.model.free_at(cell.row()) if cell.isValid() else None
        if free is not None and not free.choice.reason:
            words = "&Accept the suggestion" if free.suggested else "&Map this column"
            menu.addAction(words, lambda: self.map_wanted.emit(free))
        elif self.current_index is not None:
            menu.addAction("&Edit", self.edit_wanted.emit)
            for words, button in (
                ("Move &up", self.tools.up_button),
                ("Move &down", self.tools.down_button),
                ("&Remove", self.tools.remove_button),
            ):
                action = menu.addAction(words, button.click)
                action.setEnabled(button.isEnabled())
        menu.addSeparator()
        menu.addAction("&Copy", self.copy)
        menu.popup(self.view.viewport().mapToGlobal(place))

    def _empty_activated(self) -> None:
        if self.model.counts()[Show.ALL]:
            self.clear_filter()
        else:
            self.add_wanted.emit()
