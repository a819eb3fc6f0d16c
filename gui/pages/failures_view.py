"""The layout of the Failures page: groups on the left, records on the right, the record below."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QHeaderView,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gui.models.failure_table import FailureTableModel, groups_table
from gui.pages.failure_detail import FailureDetailView
from gui.preferences import Preferences
from gui.theme import RELATED
from gui.widgets.buttons import plain_button
from gui.widgets.messages import EmptyState
from gui.widgets.search import SearchField
from gui.widgets.tables import prepare_table
from gui.widgets.toolbar import Toolbar

_WIDTHS = (200, 130, 110, 110, 80)


class FailuresView(QWidget):
    """The widgets of the page and their places; what they do is the page's."""

    def __init__(self) -> None:
        super().__init__()
        self.groups = groups_table(self)
        self.groups_table = QTableView()
        self.records = FailureTableModel(self)
        self.records_table = QTableView()
        self.by_cause = plain_button("By cause")
        self.by_customer = plain_button("By customer")
        self.search = SearchField("Search in records")
        self.send_selected = plain_button("Send selected again", "retry")
        self.send_group = plain_button("Send this cause again")
        self.detail = FailureDetailView()
        self._switch = QButtonGroup(self)
        self._below = QStackedWidget()
        self._nothing_chosen = EmptyState(
            "failures", "No record chosen", "Choose a record above to see what happened and to repair it."
        )
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.right_splitter = QSplitter(Qt.Orientation.Vertical)
        self._prepare_tables()
        self._lay_out()

    def show_detail(self, *, shown: bool) -> None:
        """Show the record, or that none is chosen."""
        self._below.setCurrentWidget(self.detail if shown else self._nothing_chosen)

    def remember(self, preferences: Preferences) -> None:
        """Keep the layout."""
        preferences.remember_state("failures/records", self.records_table.horizontalHeader())
        preferences.remember_state("failures/splitter", self.splitter)
        preferences.remember_state("failures/right_splitter", self.right_splitter)

    def restore(self, preferences: Preferences) -> None:
        """Take the layout up again."""
        preferences.restore_state("failures/records", self.records_table.horizontalHeader())
        preferences.restore_state("failures/splitter", self.splitter)
        preferences.restore_state("failures/right_splitter", self.right_splitter)

    def _prepare_tables(self) -> None:
        prepare_table(self.groups_table, "Groups of failures")
        self.groups_table.setModel(self.groups)
        self.groups_table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        header = self.groups_table.horizontalHeader()
        header.hide()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        prepare_table(self.records_table, "Failed records")
        self.records_table.setModel(self.records)
        for column, width in enumerate(_WIDTHS):
            self.records_table.setColumnWidth(column, width)
        header = self.records_table.horizontalHeader()
        header.setSortIndicatorShown(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.sortIndicatorChanged.connect(self.records.sort)

    def _lay_out(self) -> None:
        switch = QHBoxLayout()
        switch.setSpacing(0)
        for button in (self.by_cause, self.by_customer):
            button.setCheckable(True)
            self._switch.addButton(button)
            switch.addWidget(button)
        switch.addStretch(1)
        self.by_cause.setChecked(True)
        self.splitter.addWidget(_column(switch, self.groups_table, self.send_group))
        toolbar = Toolbar()
        toolbar.add(self.search)
        self.count = toolbar.add_label("")
        toolbar.add_stretch()
        toolbar.add(self.send_selected)
        self.search.setMinimumWidth(160)
        self._below.addWidget(self._nothing_chosen)
        self._below.addWidget(self.detail)
        self.right_splitter.addWidget(_column(toolbar, self.records_table))
        self.right_splitter.addWidget(self._below)
        self.splitter.addWidget(self.right_splitter)
        for splitter, shares in ((self.splitter, (0, 1)), (self.right_splitter, (1, 2))):
            splitter.setChildrenCollapsible(False)
            for place, share in enumerate(shares):
                splitter.setStretchFactor(place, share)
        self.splitter.setSizes([240, 830])
        self.right_splitter.setSizes([190, 480])
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(self.splitter)


def _column(head: QHBoxLayout | QWidget, table: QTableView, foot: QWidget | None = None) -> QWidget:
    """Put a table under its controls, and a button under the table."""
    widget = QWidget()
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(RELATED)
    if isinstance(head, QWidget):
        column.addWidget(head)
    else:
        column.addLayout(head)
    column.addWidget(table, 1)
    if foot is not None:
        column.addWidget(foot)
    return widget
