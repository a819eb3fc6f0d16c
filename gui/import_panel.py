"""The dialogs of an import: which file, how far it is, what was loaded and which cells were rejected."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.prepare.import_summary import ImportProblem, ImportSummary
from gui.icons import icon
from gui.models.record_table import RecordTable, TableColumn
from gui.prepare_panel import NARROW, WIDE, fit_table, rows_text
from gui.theme import EDGE, GROUPS, RELATED, tabular_font
from gui.widgets.buttons import disable_because, plain_button, primary_button
from gui.widgets.dialogs import facts_grid, fit_height, result_of
from gui.widgets.labels import muted_label, rule, section_label, title_label
from gui.widgets.messages import MessagePanel, Severity
from gui.widgets.tables import number_text, prepare_table


async def choose_order_list(parent: QWidget | None) -> Path | None:
    """Ask for the file to import; None when the operator takes none."""
    dialog = QFileDialog(parent, "Import an order list", "", "Order lists (*.csv *.txt *.xlsx *.xlsm)")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    taken = await result_of(dialog) == QDialog.DialogCode.Accepted
    return Path(dialog.selectedFiles()[0]) if taken else None


class ImportProgress(QDialog):
    """How far an import is. Its button, and Escape, stop it: `rejected` then."""

    def __init__(self, parent: QWidget | None, path: Path) -> None:
        super().__init__(parent)
        self.setWindowTitle("Importing an order list")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setMinimumWidth(480)
        heading = title_label(f"Importing {path.name}")
        heading.setWordWrap(True)
        self.words = muted_label("Looking at the file …")
        self.words.setFont(tabular_font())
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName("The import goes on")
        self.stop_button = plain_button("Stop", "stop")
        self.stop_button.setToolTip("Nothing is changed then")
        self.stop_button.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, EDGE, EDGE, GROUPS)
        column.setSpacing(GROUPS)
        column.addWidget(heading)
        column.addWidget(self.bar)
        column.addWidget(self.words)
        column.addWidget(rule())
        column.addLayout(_buttons(self.stop_button))

    def show_rows(self, rows: int) -> None:
        """Say how many rows have been read."""
        if self.stop_button.isEnabled():
            self.words.setText(f"{rows_text(rows)} read")

    def reject(self) -> None:
        """Ask for the end, and wait for it: the dialog closes when everything is taken back."""
        disable_because(self.stop_button, "What was loaded is being taken back")
        self.words.setText("Stopping …")
        self.rejected.emit()


def import_facts(summary: ImportSummary) -> list[tuple[str, str]]:
    """The counts of an import in words."""
    facts = [
        ("File", f"{Path(summary.path).name} ({summary.form})"),
        ("Staging table", summary.staging_table),
        ("Rows read", number_text(summary.rows_read)),
        ("Rows loaded", number_text(summary.rows_loaded)),
        ("Left out", rows_text(summary.rows_rejected)),
        ("Replaced", rows_text(summary.rows_replaced)),
        ("Columns", f"{number_text(len(summary.columns))} loaded"),
    ]
    if summary.missing_columns:
        missing = f"{number_text(len(summary.missing_columns))} ({summary.missing_words()})"
        facts.append(("Stay empty", f"{missing}: not in the file"))
    return facts


def finding_table(parent: QWidget) -> RecordTable[ImportProblem]:
    """An empty table of rejected cells and notes; the icon says which is which."""
    return RecordTable(
        (
            TableColumn("Row", lambda p: number_text(p.row) if p.row else "", lambda p: p.row, number=True),
            TableColumn("Column", _column_words, icon=_icon),
            TableColumn("Value", lambda p: p.value),
            TableColumn("Why", lambda p: p.reason, tooltip=lambda p: p.message),
            TableColumn("What to do", lambda p: p.remedy),
        ),
        parent,
    )


def _column_words(problem: ImportProblem) -> str:
    return f"{problem.letter}  {problem.column}".strip()


def _icon(problem: ImportProblem) -> QIcon:
    return icon("error", "error") if problem.rejected else icon("info", "accent")


class ImportPanel(QDialog):
    """What an import loaded, and each rejected cell. Accepted: the operator goes on to the preparation."""

    def __init__(self, parent: QWidget | None, summary: ImportSummary) -> None:
        super().__init__(parent)
        heading = f"{rows_text(summary.rows_loaded)} imported"
        self.setWindowTitle(heading)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setMinimumWidth(WIDE if summary.problems else NARROW)
        self.go_button = primary_button("Look for new and changed orders")
        self.close_button = plain_button("Close")
        self.findings = QTableView()
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, EDGE, EDGE, GROUPS)
        column.setSpacing(GROUPS)
        column.addWidget(title_label(heading))
        column.addLayout(facts_grid(import_facts(summary)))
        if summary.rows_rejected:
            column.addWidget(_warning(summary))
        if summary.problems:
            column.addWidget(section_label(_section(summary)))
            column.addWidget(self._table(summary), 1)
        column.addWidget(rule())
        column.addLayout(_buttons(self.close_button, self.go_button))
        self.close_button.clicked.connect(self.reject)
        self.go_button.clicked.connect(self.accept)
        self.go_button.setDefault(True)
        self.go_button.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Take the height the words need."""
        super().showEvent(event)
        fit_height(self)

    async def ask(self) -> bool:
        """Show the panel and return whether to go on; the event loop goes on meanwhile."""
        return await result_of(self) == QDialog.DialogCode.Accepted

    def _table(self, summary: ImportSummary) -> QTableView:
        view, model = self.findings, finding_table(self)
        # What cost a row comes first.
        model.set_records((*summary.refusals, *summary.notes))
        view.setModel(model)
        prepare_table(view, "Rejected cells and notes")
        header = view.horizontalHeader()
        header.sortIndicatorChanged.connect(model.sort)
        view.setSortingEnabled(False)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        fit_table(view)
        return view


def _warning(summary: ImportSummary) -> MessagePanel:
    were = "was" if summary.rows_rejected == 1 else "were"
    kept = " Until then a preparation brings in the good rows and cancels no order."
    return MessagePanel(
        Severity.WARN,
        f"{rows_text(summary.rows_rejected)} {were} left out",
        "Correct the cells below in the file, then import it again."
        + (kept if summary.cancellations_withheld else ""),
    )


def _section(summary: ImportSummary) -> str:
    shown = len(summary.refusals)
    if not shown:
        return "Notes"
    cells = "1 rejected cell" if shown == 1 else f"{number_text(shown)} rejected cells"
    return cells if shown == summary.cells_rejected else f"The first {cells} of {summary.cells_rejected:,}"


def _buttons(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(RELATED)
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    return row
