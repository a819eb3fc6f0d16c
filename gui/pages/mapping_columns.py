"""The board columns that no rule writes: those that could be, and why the others can't."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QTableView, QVBoxLayout, QWidget

from gui.models.board_columns import CHOICE_ROLE, BoardColumnsModel, ColumnChoice, unmapped
from gui.pages.elided_label import ElidedLabel
from gui.theme import RELATED
from gui.widgets.buttons import disable_because, enable, plain_button
from gui.widgets.labels import section_label
from gui.widgets.tables import number_text, prepare_table


class UnmappedColumns(QWidget):
    """A list of columns; the one selected becomes a new rule by button, Enter or double click."""

    chosen = Signal(object)
    """The `ColumnChoice` to map."""

    def __init__(self) -> None:
        super().__init__()
        self._columns = BoardColumnsModel(self)
        self._count = ElidedLabel()
        self.view = QTableView()
        self.view.setModel(self._columns)
        prepare_table(self.view, "Board columns without a rule")
        self.view.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        header = self.view.horizontalHeader()
        header.setSectionsClickable(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.view.doubleClicked.connect(self._choose)
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            enter = QShortcut(QKeySequence(key), self.view)
            enter.setContext(Qt.ShortcutContext.WidgetShortcut)
            enter.activated.connect(lambda: self._choose(self.view.currentIndex()))
        self.view.selectionModel().selectionChanged.connect(self._show_button)
        self.map_button = plain_button("&Map this column", "add")
        self.map_button.clicked.connect(lambda: self._choose(self.view.currentIndex()))
        head = QHBoxLayout()
        head.addWidget(section_label("Not mapped"))
        head.addWidget(self._count, 1)
        head.addWidget(self.map_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(RELATED)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        self.set_choices(())

    def set_choices(self, choices: Sequence[ColumnChoice]) -> None:
        """Show those of a board's columns that no rule writes."""
        left = unmapped(choices)
        self._columns.set_choices(left)
        free = sum(not choice.reason for choice in left)
        self._count.setText(f"{number_text(free)} of {number_text(len(left))} can be written")
        self._show_button()

    def _choose(self, index: QModelIndex) -> None:
        choice = index.data(CHOICE_ROLE)
        if isinstance(choice, ColumnChoice) and not choice.reason:
            self.chosen.emit(choice)

    def _show_button(self, *_selection: QItemSelection) -> None:
        index = self.view.currentIndex()
        choice = index.data(CHOICE_ROLE) if self.view.selectionModel().hasSelection() else None
        if isinstance(choice, ColumnChoice) and not choice.reason:
            enable(self.map_button)
        else:
            disable_because(self.map_button, "Select a column that can be written first")
