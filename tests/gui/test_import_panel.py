import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit

from core.prepare.import_summary import ImportProblem, ImportSummary
from gui.import_panel import ImportPanel, ImportProgress, choose_order_list
from gui.widgets.messages import MessagePanel

NOTE = ImportProblem(
    1, "B", "STYEL", "STYEL", "column_unknown", "no such column", "Column B", "Correct it.", rejected=False
)
REFUSAL = ImportProblem(
    1402, "KB", "XS", "many", "not_a_number", "is no number", "Row 1402", "Write digits.", rejected=True
)


def summary(*problems: ImportProblem, rejected: int = 0) -> ImportSummary:
    return ImportSummary(
        path="/lists/november.xlsx",
        form="Excel, sheet November",
        staging_table="swp_ORDER_LIST",
        rows_read=1412,
        rows_loaded=1412 - rejected,
        rows_rejected=rejected,
        cells_rejected=rejected,
        cells_rounded=0,
        rows_replaced=1,
        cancellations_withheld=bool(rejected),
        columns={"XS": "XS"},
        unknown_columns=(),
        missing_columns=("NOTES", "S"),
        problems=problems,
        seconds=1.0,
    )


@pytest.fixture
def panel(qtbot, theme):
    def make(shown: ImportSummary) -> ImportPanel:
        made = ImportPanel(None, shown)
        qtbot.addWidget(made)
        return made

    return make


def words(dialog) -> set[str]:
    return {label.text() for label in dialog.findChildren(QLabel)}


def cells(panel: ImportPanel) -> list[list[str]]:
    model = panel.findings.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_that_the_counts_are_told(panel):
    shown = words(panel(summary(REFUSAL, rejected=3)))
    assert {"1,409 rows imported", "1,412", "3 rows", "1 row"} <= shown
    assert "november.xlsx (Excel, sheet November)" in shown
    assert {"1 loaded", "2 (NOTES, S): not in the file"} <= shown


def test_that_rejected_cells_stand_before_notes_with_row_column_value_reason_and_remedy(panel):
    made = panel(summary(NOTE, REFUSAL, rejected=1))
    assert cells(made) == [
        ["1,402", "KB  XS", "many", "is no number", "Write digits."],
        ["1", "B  STYEL", "STYEL", "no such column", "Correct it."],
    ]
    QAbstractItemModelTester(made.findings.model(), QAbstractItemModelTester.FailureReportingMode.Fatal)


def test_that_the_table_is_sorted_by_the_header_that_is_clicked(panel):
    made = panel(summary(NOTE, REFUSAL, rejected=1))
    made.findings.horizontalHeader().setSortIndicator(0, Qt.SortOrder.AscendingOrder)
    assert [row[0] for row in cells(made)] == ["1", "1,402"]


def test_that_rows_left_out_are_warned_of_with_what_it_means_for_a_preparation(panel):
    made = panel(summary(REFUSAL, rejected=1))
    (warning,) = made.findChildren(MessagePanel)
    assert "1 row was left out" in warning.words()
    assert "cancels no order" in warning.words()


def test_that_a_list_without_findings_shows_neither_warning_nor_table(panel):
    made = panel(summary())
    assert made.findChildren(MessagePanel) == []
    assert made.findings.model() is None


def test_that_cells_beyond_those_told_are_counted(panel):
    assert "The first 1 rejected cell of 12,000" in words(panel(summary(REFUSAL, rejected=12_000)))


def test_that_enter_goes_on_and_escape_leaves(qtbot, panel):
    for key, signal in ((Qt.Key.Key_Return, "accepted"), (Qt.Key.Key_Escape, "rejected")):
        made = panel(summary())
        made.open()
        with qtbot.waitSignal(getattr(made, signal)):
            qtbot.keyClick(made, key)


def test_that_stopping_waits_for_the_end(qtbot, theme):
    dialog = ImportProgress(None, Path("/lists/november.xlsx"))
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.show_rows(1500)
    assert "1,500 rows read" in words(dialog)
    with qtbot.waitSignal(dialog.rejected):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert not dialog.stop_button.isEnabled()
    dialog.show_rows(2000)
    assert "Stopping …" in words(dialog)


@pytest.mark.parametrize("taken", [True, False])
def test_that_the_file_dialog_gives_the_file_chosen_or_none(qapp, theme, run_async, tmp_path, taken):
    path = tmp_path / "orders.csv"
    path.touch()

    def answer() -> None:
        (dialog,) = (each for each in qapp.topLevelWidgets() if isinstance(each, QFileDialog))
        dialog.findChildren(QLineEdit)[0].setText(str(path))
        if taken:
            dialog.accept()
        else:
            dialog.reject()

    async def ask() -> Path | None:
        asyncio.get_running_loop().call_later(0.2, answer)
        return await choose_order_list(None)

    assert run_async(ask()) == (path if taken else None)
