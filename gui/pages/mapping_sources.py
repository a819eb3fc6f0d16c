"""The columns of the source table: found by typing, mapped by dragging, Enter or a double click."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QStackedWidget, QTableView, QVBoxLayout, QWidget

from gui.icons import set_icon
from gui.models.source_columns import SOURCE_ROLE, SourceColumn, SourceColumnsModel
from gui.pages.elided_label import ElidedLabel
from gui.preferences import Preferences
from gui.theme import RELATED
from gui.widgets.buttons import disable_because, enable, icon_button, plain_button
from gui.widgets.labels import section_label
from gui.widgets.messages import EmptyState
from gui.widgets.search import SearchField
from gui.widgets.tables import number_text, prepare_table

_TABLE, _EMPTY = 0, 1
_UNFOLDED = "mappings/sources"
QWIDGETSIZE_MAX = (1 << 24) - 1
"""Qt's own word for a height without bounds."""


class SourceList(QWidget):
    """The source columns; the one selected is mapped by button, Enter, double click or drag."""

    chosen = Signal(str)
    """The source column to map."""
    folded = Signal(bool)
    """Only the heading is shown now, or the list with it."""

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences
        self.columns = SourceColumnsModel(self)
        self._count = ElidedLabel()
        self.search = SearchField("Search source columns")
        self.unmapped_box = QCheckBox("Not &mapped")
        self.unmapped_box.setToolTip("Show only the source columns that no rule reads")
        self.unmapped_box.setChecked(True)
        self.map_button = plain_button("Ma&p", "add")
        self.map_button.setToolTip("Map the selected source column to a board column (Enter)")
        self._make_view()
        self._lay_out()
        self._connect()
        self.set_columns(())
        self._show_folded(wanted=preferences.flag(_UNFOLDED, default=True))

    def set_columns(self, columns: Sequence[SourceColumn]) -> None:
        """Show the columns of a source table."""
        self.columns.set_columns(columns)
        self._counted()

    @property
    def is_unfolded(self) -> bool:
        """Whether the list is shown, not only its heading."""
        return not self._body.isHidden()

    def unfold(self, *, wanted: bool) -> None:
        """Show the list, or leave its room to the form of the rule; the choice is kept."""
        self._preferences.set(_UNFOLDED, wanted)
        self._show_folded(wanted=wanted)

    def fit(self, *, room_is_short: bool) -> None:
        """Fold the list where room is short, unless the operator decided otherwise before."""
        if not self._preferences.text(_UNFOLDED):
            self._show_folded(wanted=not room_is_short)

    def _show_folded(self, *, wanted: bool) -> None:
        self._body.setVisible(wanted)
        self.map_button.setVisible(wanted)
        set_icon(self.fold_button, "chevron-down" if wanted else "chevron-up")
        height = self.sizeHint().height() if not wanted else QWIDGETSIZE_MAX
        self.setMaximumHeight(height)
        self.folded.emit(not wanted)

    def _make_view(self) -> None:
        self.view = QTableView()
        self.view.setModel(self.columns)
        prepare_table(self.view, "Source columns")
        self.view.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.view.setDragDropMode(QTableView.DragDropMode.DragOnly)
        self.view.setToolTip("Drag a column onto a rule or a board column, or press Enter")
        header = self.view.horizontalHeader()
        header.setSectionsClickable(False)
        header.setSectionsMovable(False)
        header.resizeSection(0, 170)
        self._empty = EmptyState("search", "Nothing matches", "No source column holds the text.")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._empty)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(RELATED)
        self.fold_button = icon_button("chevron-down", "Show or hide the source columns")
        self.fold_button.clicked.connect(lambda: self.unfold(wanted=not self.is_unfolded))
        head.addWidget(section_label("Source columns"))
        head.addWidget(self._count, 1)
        head.addWidget(self.map_button)
        head.addWidget(self.fold_button)
        tools = QHBoxLayout()
        tools.setSpacing(RELATED)
        tools.addWidget(self.search, 1)
        tools.addWidget(self.unmapped_box)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(RELATED)
        body.addLayout(tools)
        body.addWidget(self._stack, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(RELATED)
        column.addLayout(head)
        column.addWidget(self._body, 1)

    def _connect(self) -> None:
        self.search.searched.connect(self._narrow)
        self.unmapped_box.toggled.connect(self._narrow)
        self.view.doubleClicked.connect(self._choose)
        self.map_button.clicked.connect(lambda: self._choose(self.view.currentIndex()))
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            enter = QShortcut(QKeySequence(key), self.view)
            enter.setContext(Qt.ShortcutContext.WidgetShortcut)
            enter.activated.connect(lambda: self._choose(self.view.currentIndex()))
        self.view.selectionModel().selectionChanged.connect(self._show_button)

    def _narrow(self, *_why: object) -> None:
        self.columns.narrow(self.search.text(), unmapped_only=self.unmapped_box.isChecked())
        self._counted()

    def _counted(self) -> None:
        shown, total = self.columns.rowCount(), len(self.columns.columns)
        self._count.setText(f"{number_text(shown)} of {number_text(total)}")
        self._stack.setCurrentIndex(_TABLE if shown else _EMPTY)
        if not self.search.text().strip():
            self._empty.set_words("mappings", "Every column is mapped", "A rule reads each source column.")
        else:
            self._empty.set_words("search", "Nothing matches", "No source column holds the text.")
        self._show_button()

    def _choose(self, index: QModelIndex) -> None:
        column = index.data(SOURCE_ROLE)
        if isinstance(column, SourceColumn):
            self.chosen.emit(column.name)

    def _show_button(self, *_selection: QItemSelection) -> None:
        if self.view.selectionModel().hasSelection():
            enable(self.map_button)
        else:
            disable_because(self.map_button, "Select a source column first")
