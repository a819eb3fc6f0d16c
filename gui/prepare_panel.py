"""What a preparation will do, asked before, and what it did, said after: counts and the rows left out."""

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QTableView, QVBoxLayout, QWidget

from core.prepare.summary import PrepareSummary, StagingProblem
from gui.models.record_table import RecordTable, TableColumn
from gui.theme import EDGE, GROUPS, RELATED
from gui.widgets.buttons import plain_button, primary_button
from gui.widgets.labels import body_label, muted_label, rule, section_label, title_label
from gui.widgets.tables import number_text, prepare_table

_ROWS_SHOWN = 8


def prepare_facts(summary: PrepareSummary) -> list[tuple[str, str]]:
    """The counts of a preparation in words."""
    return [
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
        ("Left out", f"{number_text(summary.refused)} rows"),
    ]


def problem_table(parent: QWidget) -> RecordTable[StagingProblem]:
    """An empty table of left-out rows."""
    return RecordTable(
        (
            TableColumn("Row", lambda problem: number_text(problem.row), lambda p: p.row, number=True),
            TableColumn("Order", lambda problem: problem.key or "(no key)"),
            TableColumn("Column", lambda problem: problem.column),
            TableColumn("Value", lambda problem: problem.value),
            TableColumn("What to do", lambda problem: problem.remedy),
        ),
        parent,
    )


class PreparePanel(QDialog):
    """Before: what would be prepared, with a button for it. After: what was prepared, with one to close."""

    def __init__(self, parent: QWidget | None, summary: PrepareSummary) -> None:
        super().__init__(parent)
        waiting = summary.dry_run
        count = number_text(summary.orders_written)
        orders = "order" if summary.orders_written == 1 else "orders"
        heading = f"Prepare {count} {orders}?" if waiting else f"{count} {orders} prepared"
        self.setWindowTitle(heading)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setMinimumWidth(560)
        self.go_button = primary_button(f"Prepare {count} {orders}")
        self.close_button = plain_button("Don't prepare" if waiting else "Close")
        self.problems = QTableView()
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, EDGE, EDGE, GROUPS)
        column.setSpacing(GROUPS)
        column.addWidget(title_label(heading))
        column.addLayout(_grid(prepare_facts(summary)))
        if not summary.orders_written:
            column.addWidget(body_label("Nothing is new: every order is as it was prepared last."))
        if summary.problems:
            column.addWidget(section_label("Left out, with what to do"))
            column.addWidget(self._table(summary), 1)
        column.addWidget(rule())
        column.addLayout(self._buttons(waiting=waiting and summary.orders_written > 0))

    async def ask(self) -> bool:
        """Show the panel and return whether to go on; the event loop goes on meanwhile."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def settle(result: int) -> None:
            if not answer.done():
                answer.set_result(result == QDialog.DialogCode.Accepted)

        self.finished.connect(settle)
        self.open()
        try:
            return await answer
        finally:
            self.finished.disconnect(settle)
            self.hide()
            self.deleteLater()

    def _table(self, summary: PrepareSummary) -> QTableView:
        model = problem_table(self)
        model.set_records(summary.problems)
        self.problems.setModel(model)
        prepare_table(self.problems, "Rows left out")
        self.problems.resizeColumnsToContents()
        self.problems.horizontalHeader().setStretchLastSection(True)
        rows = min(len(summary.problems), _ROWS_SHOWN) + 2
        self.problems.setMinimumHeight(rows * self.problems.verticalHeader().defaultSectionSize())
        return self.problems

    def _buttons(self, *, waiting: bool) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(RELATED)
        row.addStretch(1)
        row.addWidget(self.close_button)
        self.close_button.clicked.connect(self.reject)
        self.close_button.setDefault(True)
        if waiting:
            row.addWidget(self.go_button)
            self.go_button.clicked.connect(self.accept)
        return row


def _grid(facts: list[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(GROUPS)
    grid.setVerticalSpacing(RELATED)
    grid.setColumnStretch(1, 1)
    for row, (name, value) in enumerate(facts):
        words = body_label(value)
        words.setAccessibleName(f"{name}: {value}")
        grid.addWidget(muted_label(name), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(words, row, 1)
    return grid
