"""What a preparation will do, asked before, and what it did, said after: counts and the rows left out."""

from enum import IntEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QTableView, QVBoxLayout, QWidget

from core.prepare.summary import PrepareSummary, StagingProblem
from gui.models.record_table import RecordTable, TableColumn
from gui.theme import EDGE, GROUPS, RELATED
from gui.widgets.buttons import plain_button, primary_button
from gui.widgets.dialogs import facts_grid, fit_height, result_of
from gui.widgets.labels import body_label, rule, section_label, title_label
from gui.widgets.messages import MessagePanel, Severity
from gui.widgets.tables import number_text, prepare_table

ROWS_SHOWN = 8
WIDE, NARROW = 960, 560
"""Pixels of a panel, with a table and without."""
WIDEST_COLUMN = 220
"""Pixels of a column at first; the whole text is in its tooltip, and the column can be drawn wider."""


class PrepareAnswer(IntEnum):
    """What the operator wants after reading the panel."""

    LEAVE = QDialog.DialogCode.Rejected.value
    PREPARE = QDialog.DialogCode.Accepted.value
    IMPORT = 2
    """Load another order list into the staging table first."""


def prepare_facts(summary: PrepareSummary) -> list[tuple[str, str]]:
    """The counts of a preparation in words."""
    facts = [
        ("Staging rows", number_text(summary.staging_rows)),
        ("New orders", number_text(summary.new + summary.revived)),
        ("Changed orders", number_text(summary.changed)),
        ("Cancelled orders", number_text(summary.cancelled)),
        ("Unchanged orders", number_text(summary.unchanged)),
        ("In a run just now", number_text(summary.claimed)),
        (
            "Lines",
            ", ".join(
                (
                    f"{number_text(summary.lines_inserted)} new",
                    f"{number_text(summary.lines_updated)} changed",
                    f"{number_text(summary.lines_deleted)} gone",
                )
            ),
        ),
        ("Left out", rows_text(summary.refused)),
    ]
    if summary.withheld:
        facts.append(("Not cancelled", f"{number_text(summary.withheld)} orders"))
    return facts


def problem_table(parent: QWidget) -> RecordTable[StagingProblem]:
    """An empty table of left-out rows."""
    return RecordTable(
        (
            TableColumn("Row", lambda p: number_text(p.row) if p.row else "", lambda p: p.row, number=True),
            TableColumn("Order", lambda problem: problem.key or "(no key)"),
            TableColumn("Column", lambda problem: problem.column),
            TableColumn("Value", lambda problem: problem.value),
            TableColumn("What to do", lambda problem: problem.remedy),
        ),
        parent,
    )


class PreparePanel(QDialog):
    """Before: what would be prepared, with a button for it. After: what was prepared, with one to close.

    Without a summary the staging table is empty, and there is only an order list to be imported.
    """

    def __init__(self, parent: QWidget | None, summary: PrepareSummary | None) -> None:
        super().__init__(parent)
        self._looked = summary is not None
        waiting = summary is None or summary.dry_run
        count = number_text(summary.orders_written) if summary else "0"
        orders = "order" if summary and summary.orders_written == 1 else "orders"
        self.go_button = primary_button(f"Prepare {count} {orders}")
        self.close_button = plain_button("Don't prepare" if waiting and summary else "Close")
        make = plain_button if summary else primary_button
        self.import_button = make("Import an order list…", "open")
        self.import_button.setToolTip("Load a CSV or Excel file in place of what the staging table holds")
        self.problems = QTableView()
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, EDGE, EDGE, GROUPS)
        column.setSpacing(GROUPS)
        if summary is None:
            heading = "The staging table is empty"
            column.addWidget(title_label(heading))
            column.addWidget(
                body_label("Import an order list, a CSV or Excel file, to have orders to prepare.")
            )
        else:
            heading = f"Prepare {count} {orders}?" if waiting else f"{count} {orders} prepared"
            column.addWidget(title_label(heading))
            self._tell(column, summary)
        self.setWindowTitle(heading)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setMinimumWidth(WIDE if summary and summary.problems else NARROW)
        column.addWidget(rule())
        column.addLayout(
            self._buttons(prepares=bool(summary and waiting and summary.orders_written), imports=waiting)
        )

    def showEvent(self, event: QShowEvent) -> None:
        """Take the height the words need."""
        super().showEvent(event)
        fit_height(self)
        self.close_button.setFocus()

    async def ask(self) -> PrepareAnswer:
        """Show the panel and return the answer; the event loop goes on meanwhile."""
        return PrepareAnswer(await result_of(self))

    def _tell(self, column: QVBoxLayout, summary: PrepareSummary) -> None:
        column.addLayout(facts_grid(prepare_facts(summary)))
        if not summary.orders_written:
            column.addWidget(body_label("Nothing is new: every order is as it was prepared last."))
        if summary.withheld:
            orders = "1 order is" if summary.withheld == 1 else f"{number_text(summary.withheld)} orders are"
            column.addWidget(
                MessagePanel(
                    Severity.WARN,
                    f"{orders} no longer in the order list, and not cancelled",
                    "A row without a usable key may be one of them. Correct the rows left out, then prepare"
                    " again.",
                )
            )
        if summary.problems:
            column.addWidget(section_label("Left out, with what to do"))
            column.addWidget(self._table(summary), 1)

    def _table(self, summary: PrepareSummary) -> QTableView:
        model = problem_table(self)
        model.set_records(summary.problems)
        self.problems.setModel(model)
        prepare_table(self.problems, "Rows left out")
        fit_table(self.problems)
        return self.problems

    def _buttons(self, *, prepares: bool, imports: bool) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(RELATED)
        row.addStretch(1)
        row.addWidget(self.close_button)
        self.close_button.clicked.connect(self.reject)
        self.close_button.setDefault(True)
        if prepares:
            row.addWidget(self.go_button)
            self.go_button.clicked.connect(self.accept)
        if imports:
            # The one thing to do stands where the main action does.
            row.insertWidget(0 if self._looked else row.count(), self.import_button)
            self.import_button.clicked.connect(lambda: self.done(PrepareAnswer.IMPORT))
        return row


def fit_table(view: QTableView) -> None:
    """Give a panel's table its first widths, and a height that shows some rows."""
    view.resizeColumnsToContents()
    header = view.horizontalHeader()
    for section in range(header.count() - 1):
        header.resizeSection(section, min(header.sectionSize(section), WIDEST_COLUMN))
    rows = min(view.model().rowCount(), ROWS_SHOWN) + 2
    view.setMinimumHeight(rows * view.verticalHeader().defaultSectionSize())


def rows_text(count: int) -> str:
    """Return "1 row" or "1,412 rows"."""
    return "1 row" if count == 1 else f"{number_text(count)} rows"
