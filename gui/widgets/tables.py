"""The house look of tables, and copying from them."""

import csv
import io
from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionRange, QLocale, QModelIndex, QObject, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QListView,
    QTableView,
    QTableWidget,
    QTableWidgetItem,
    QTreeView,
    QWidget,
)

from gui.theme import current_theme, row_height, tabular_font
from gui.widgets.clipboard import copy_text

NUMBER_ALIGNMENT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
"""As a plain number: every painted cell hands it to Qt, and a flag takes longer on the way."""

COPY_LIMIT = 50_000
"""Cells that go onto the clipboard at most: more would hold the window up, and an export does it better."""


class _RowHeight(QObject):
    """Keeps the rows of a table at the theme's height; lives as long as the table."""

    def __init__(self, view: QTableView) -> None:
        super().__init__(view)
        self._view = view
        self.apply()
        if theme := current_theme():
            theme.changed.connect(self.apply)

    def apply(self) -> None:
        """Set the height in force."""
        header = self._view.verticalHeader()
        header.setMinimumSectionSize(min(20, row_height()))
        header.setDefaultSectionSize(row_height())


def _prepare_header(header: QHeaderView) -> None:
    header.setSectionsClickable(True)
    header.setSectionsMovable(True)
    header.setHighlightSections(False)
    header.setStretchLastSection(True)
    # The third click gives the given order back.
    header.setSortIndicatorClearable(True)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def prepare_table(view: QAbstractItemView, name: str) -> None:
    """Give a table, a tree or a list the house look and its accessible name.

    Whole rows are selected, columns can be moved and resized, rows follow the density in force, Tab leaves
    the table. Sorting stays with the page: connect the header's `sortIndicatorChanged` to the model.
    """
    view.setAccessibleName(name)
    view.setFont(tabular_font())
    view.setTabKeyNavigation(False)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    match view:
        case QTableView():
            view.setShowGrid(False)
            view.setWordWrap(False)
            view.setCornerButtonEnabled(False)
            view.verticalHeader().hide()
            _prepare_header(view.horizontalHeader())
            _RowHeight(view)
        case QTreeView():
            view.setUniformRowHeights(True)
            _prepare_header(view.header())
        case QListView():
            view.setUniformItemSizes(True)
        case _:
            pass


def copy_selection(view: QAbstractItemView, *, headers: bool = False) -> str:
    """Copy the selected cells as a spreadsheet pastes them, and return that text.

    Rows and columns come in the order seen, hidden columns are left out. Empty when nothing is selected or
    when the selection has more than `COPY_LIMIT` cells; the clipboard is untouched then.
    """
    model, selection = view.model(), view.selectionModel()
    ranges = selection.selection().toList() if model and selection else []
    if not 0 < sum(each.width() * each.height() for each in ranges) <= COPY_LIMIT:
        return ""
    header = _header(view)
    columns = sorted(
        {column for each in ranges for column in range(each.left(), each.right() + 1)},
        key=lambda column: header.visualIndex(column) if header else column,
    )
    columns = [column for column in columns if not (header and header.isSectionHidden(column))]
    text = io.StringIO()
    sheet = csv.writer(text, dialect="excel-tab", lineterminator="\n")
    if headers:
        sheet.writerow(model.headerData(column, Qt.Orientation.Horizontal) for column in columns)
    for first in _first_cells(view, ranges):
        cells = [first.siblingAtColumn(column) for column in columns]
        sheet.writerow(_text(cell.data()) if selection.isSelected(cell) else "" for cell in cells)
    copy_text(text.getvalue().removesuffix("\n"))
    return text.getvalue().removesuffix("\n")


def _first_cells(view: QAbstractItemView, ranges: Sequence[QItemSelectionRange]) -> list[QModelIndex]:
    """Return the first cell of every selected row, from top to bottom as seen."""
    rows = dict.fromkeys(
        view.model().index(row, 0, each.parent())
        for each in ranges
        for row in range(each.top(), each.bottom() + 1)
    )
    return sorted(rows, key=lambda index: view.visualRect(index).top())


def _header(view: QAbstractItemView) -> QHeaderView | None:
    if isinstance(view, QTableView):
        return view.horizontalHeader()
    return view.header() if isinstance(view, QTreeView) else None


def _text(value: object) -> str:
    return "" if value is None else str(value)


def number_text(value: float) -> str:
    """Return a number with the locale's grouping: 41,220."""
    return QLocale().toString(value)


class KeyValueTable(QTableWidget):
    """Fields and their values, read-only, copied with Ctrl+C; the full value is in the tooltip."""

    def __init__(
        self, fields: tuple[str, str] = ("Field", "Value"), parent: QWidget | None = None, *, name: str = ""
    ) -> None:
        super().__init__(0, 2, parent)
        self.setHorizontalHeaderLabels(list(fields))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        prepare_table(self, name or " and ".join(fields))

    def set_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show these fields in this order."""
        self.setRowCount(len(rows))
        for row, pair in enumerate(rows):
            for column, text in enumerate(pair):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.setItem(row, column, item)
        self.resizeColumnToContents(0)

    def rows(self) -> list[tuple[str, str]]:
        """Return what is shown."""
        model = self.model()
        return [(model.index(row, 0).data(), model.index(row, 1).data()) for row in range(self.rowCount())]
