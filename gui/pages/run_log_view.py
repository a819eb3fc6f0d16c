"""The log under a run: filter, follow, copy."""

from collections.abc import Sequence

from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gui.models.run_log import LogLine, RunLogModel
from gui.theme import RELATED
from gui.widgets.buttons import plain_button
from gui.widgets.clipboard import copy_text
from gui.widgets.labels import section_label
from gui.widgets.search import SearchField
from gui.widgets.tables import number_text, prepare_table
from gui.widgets.toolbar import Toolbar

LEAST_TABLE = 100
"""Logical pixels: a header, two rows and a scroll bar. The page scrolls where there is less room."""


class RunLogView(QWidget):
    """The sentences of a run. It follows the newest one until the operator scrolls up."""

    def __init__(self) -> None:
        super().__init__()
        self.model = RunLogModel(self)
        self.table = QTableView()
        self.search = SearchField("Filter the log")
        self.follow = QCheckBox("Follow")
        self.copy_button = plain_button("Copy", "copy")
        self._count = _fill_toolbar(self)
        prepare_table(self.table, "Log of the run")
        self.table.setModel(self.model)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = self.table.horizontalHeader()
        header.setSectionsClickable(False)
        self.table.setMinimumHeight(LEAST_TABLE)
        self.follow.setChecked(True)
        self.follow.setToolTip("Keep the newest line in view. Scrolling up turns it off.")
        self.search.searched.connect(self._filter)
        self.follow.toggled.connect(self._scroll_down)
        self.copy_button.clicked.connect(self.copy)
        bar = self.table.verticalScrollBar()
        bar.valueChanged.connect(self._scrolled)
        # A summary that appears above makes the log smaller: the newest line stays in view.
        bar.rangeChanged.connect(self._scroll_down)
        self._tell_count()

    def append(self, lines: Sequence[LogLine]) -> None:
        """Add lines at the end."""
        first = not self.model.rowCount()
        self.model.append(lines)
        if first:
            # All times are as wide. To let the header follow would measure what is shown with every line.
            self.table.resizeColumnToContents(0)
        self._scroll_down()
        self._tell_count()

    def clear(self) -> None:
        """Forget all lines and follow again."""
        self.model.clear()
        self.follow.setChecked(True)
        self._tell_count()

    def copy(self) -> str:
        """Copy the selected lines, or all that are shown, with their whole times; return the text."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        wanted = rows or range(self.model.rowCount())
        text = "\n".join(self.model.line(row).copied for row in wanted)
        copy_text(text)
        return text

    def _filter(self, text: str) -> None:
        self.model.set_filter(text)
        self._scroll_down()
        self._tell_count()

    def _scroll_down(self) -> None:
        if self.follow.isChecked():
            self.table.scrollToBottom()

    def _scrolled(self, value: int) -> None:
        # New lines move only the maximum; the value moves by the operator's hand or by following.
        self.follow.setChecked(value >= self.table.verticalScrollBar().maximum())

    def _tell_count(self) -> None:
        shown, kept = self.model.rowCount(), self.model.line_count
        words = number_text(kept) if shown == kept else f"{number_text(shown)} of {number_text(kept)}"
        # What the log has are events: a line is a part of an order.
        self._count.setText(f"{words} event{'' if kept == 1 else 's'}" if kept else "")


def _fill_toolbar(view: RunLogView) -> QLabel:
    """Lay the view out and return the label of its count."""
    toolbar = Toolbar()
    toolbar.add(section_label("Log"))
    count = toolbar.add_label("")
    toolbar.add_stretch()
    toolbar.add(view.search)
    toolbar.add(view.follow)
    toolbar.add(view.copy_button)
    view.search.setMinimumWidth(220)
    column = QVBoxLayout(view)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(RELATED)
    column.addWidget(toolbar)
    column.addWidget(view.table, 1)
    return count
