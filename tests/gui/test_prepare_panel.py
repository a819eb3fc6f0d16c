import asyncio
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from core.prepare.summary import PrepareSummary, StagingProblem
from gui.prepare_panel import PrepareAnswer, PreparePanel
from gui.widgets.messages import MessagePanel

FOUND = PrepareSummary(
    prepare_id="p",
    dry_run=True,
    staging_rows=1410,
    new=12,
    changed=3,
    unchanged=1391,
    cancelled=0,
    revived=0,
    claimed=1,
    refused=0,
    lines_inserted=40,
    lines_updated=5,
    lines_deleted=2,
    seconds=0.5,
)
WITHHELD = replace(
    FOUND,
    refused=1,
    withheld=4,
    problems=(
        StagingProblem(7, "AAG-1", "PO NUMBER", "", "key_missing", "Row 7", "Fill PO NUMBER."),
        StagingProblem(0, "AAG-2", "PO NUMBER", "", "cancellation_withheld", "AAG-2", "Correct the rows."),
    ),
)


@pytest.fixture
def panel(qtbot, theme):
    def make(summary: PrepareSummary | None) -> PreparePanel:
        made = PreparePanel(None, summary)
        qtbot.addWidget(made)
        made.open()
        return made

    return make


def words(dialog) -> set[str]:
    return {label.text() for label in dialog.findChildren(QLabel)}


def test_that_orders_kept_from_being_cancelled_are_told_with_the_reason(panel):
    made = panel(WITHHELD)
    assert {"Not cancelled", "4 orders"} <= words(made)
    (warning,) = made.findChildren(MessagePanel)
    assert "4 orders are no longer in the order list, and not cancelled" in warning.words()
    assert "without a usable key" in warning.words()


def test_that_nothing_is_said_of_kept_orders_where_there_are_none(panel):
    made = panel(FOUND)
    assert "Not cancelled" not in words(made)
    assert made.findChildren(MessagePanel) == []


def test_that_an_order_which_is_no_row_has_no_row_number(panel):
    model = panel(WITHHELD).problems.model()
    assert [model.index(row, 0).data() for row in range(2)] == ["7", ""]


@pytest.mark.parametrize(
    ("button", "answer"),
    [
        ("go_button", PrepareAnswer.PREPARE),
        ("close_button", PrepareAnswer.LEAVE),
        ("import_button", PrepareAnswer.IMPORT),
    ],
)
def test_that_each_button_is_its_answer(qtbot, theme, run_async, button, answer):
    async def ask() -> PrepareAnswer:
        made = PreparePanel(None, FOUND)
        asyncio.get_running_loop().call_later(0.05, getattr(made, button).click)
        return await made.ask()

    assert run_async(ask()) is answer


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_that_enter_and_escape_never_prepare(qtbot, panel, key):
    made = panel(FOUND)
    with qtbot.waitSignal(made.finished) as ended:
        qtbot.keyClick(made, key)
    assert ended.args == [PrepareAnswer.LEAVE]


def test_that_an_empty_staging_table_offers_the_import_alone(panel):
    made = panel(None)
    assert "The staging table is empty" in words(made)
    assert made.import_button.isVisible()
    assert made.import_button.property("kind") == "primary"
    assert not made.go_button.isVisible()


def test_that_nothing_is_imported_after_a_preparation(panel):
    made = panel(replace(FOUND, dry_run=False))
    assert "15 orders prepared" in words(made)
    assert not made.import_button.isVisible()
    assert not made.go_button.isVisible()
