"""The look-up table of a transform: what a value in the source means on the board."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from gui.theme import EDGE, GROUPS, RELATED
from gui.widgets.buttons import disable_because, enable, plain_button, primary_button
from gui.widgets.labels import muted_label, rule, title_label
from gui.widgets.tables import prepare_table


class LookupDialog(QDialog):
    """Shows one table of two columns and gives it back changed; every rule that uses it follows."""

    kept = Signal(str, dict)
    """The table's name, and its entries as they are to be."""

    def __init__(self, parent: QWidget, name: str, entries: Mapping[str, str]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle("Look-up table")
        self.setMinimumSize(420, 320)
        self._name = name
        self.table = QTableWidget(0, 2)
        self.table.setHorizontalHeaderLabels(["In the source", "On the board"])
        prepare_table(self.table, f"Look-up table {name}")
        self.table.horizontalHeader().setSectionsClickable(False)
        self.table.setColumnWidth(0, 180)
        for source, board in entries.items():
            self._append(source, board)
        self.add_button = plain_button("Add entry", "add")
        self.remove_button = plain_button("Remove", "remove")
        self.remove_button.setToolTip("Remove the selected entries (Del)")
        self.keep_button = primary_button("Use the table")
        self.refuse_button = plain_button("Keep it as it was")
        self._lay_out()
        self.add_button.clicked.connect(self._add)
        self.remove_button.clicked.connect(self._remove)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.table)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._remove)
        self.table.itemChanged.connect(self._compare)
        self.keep_button.clicked.connect(self._keep)
        self.refuse_button.clicked.connect(self.reject)
        self._compare()

    def entries(self) -> dict[str, str]:
        """Return the table as it stands; rows without a source value are left out."""
        pairs = ((self._text(row, 0), self._text(row, 1)) for row in range(self.table.rowCount()))
        return {source: board for source, board in pairs if source}

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(RELATED)
        tools.addWidget(self.add_button)
        tools.addWidget(self.remove_button)
        tools.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(RELATED)
        buttons.addStretch(1)
        buttons.addWidget(self.refuse_button)
        buttons.addWidget(self.keep_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, EDGE, EDGE, GROUPS)
        column.setSpacing(RELATED)
        column.addWidget(title_label(f"Look-up table {self._name}"))
        column.addWidget(muted_label("Whole values are translated; letter case counts."))
        column.addLayout(tools)
        column.addWidget(self.table, 1)
        column.addWidget(rule())
        column.addLayout(buttons)

    def _append(self, source: str, board: str) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        for column, text in enumerate((source, board)):
            self.table.setItem(row, column, QTableWidgetItem(text))

    def _add(self) -> None:
        self._append("", "")
        last = self.table.rowCount() - 1
        self.table.setCurrentCell(last, 0)
        if (item := self.table.item(last, 0)) is not None:
            self.table.editItem(item)

    def _remove(self) -> None:
        for row in sorted({index.row() for index in self.table.selectedIndexes()}, reverse=True):
            self.table.removeRow(row)
        self._compare()

    def _compare(self, *_item: object) -> None:
        sources = [text for row in range(self.table.rowCount()) if (text := self._text(row, 0))]
        twice = next((text for text in sources if sources.count(text) > 1), None)
        if twice is not None:
            disable_because(self.keep_button, f"'{twice}' stands there twice")
        else:
            enable(self.keep_button)

    def _text(self, row: int, column: int) -> str:
        item = self.table.item(row, column)
        return item.text() if item else ""

    def _keep(self) -> None:
        self.kept.emit(self._name, self.entries())
        self.accept()
