"""The way from a file to prepared orders, on a real database, with an operator at the dialogs."""

import asyncio
import csv
from collections.abc import Callable
from typing import TypeVar

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QMainWindow

from core.demo.staging import create_staged_database
from core.demo.testing import demo_desk
from core.prepare.import_file import ROWS_AT_A_TIME
from gui import import_panel
from gui.import_panel import ImportPanel, ImportProgress
from gui.prepare_panel import PreparePanel
from gui.preparing import prepare_orders
from gui.widgets.dialogs import ProblemDialog

Dialog = TypeVar("Dialog", bound=QDialog)
HEADINGS = (
    "AAG ORDER NUMBER",
    "CUSTOMER STYLE",
    "CUSTOMER COLOUR DESCRIPTION",
    "PO NUMBER",
    "CUSTOMER NAME",
    "M",
)


@pytest.fixture(scope="session")
def staged_database(tmp_path_factory):
    path = tmp_path_factory.mktemp("staged") / "orders.db"
    create_staged_database(path)
    return path


@pytest.fixture
def desk(tmp_path, staged_database):
    with demo_desk(tmp_path, staged_database) as made:
        yield made


@pytest.fixture
def window(qtbot, theme):
    made = QMainWindow()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def choose(tmp_path, monkeypatch) -> Callable:
    """Let the file dialog give an order list with these quantities, a row each."""

    def chosen(*quantities):
        path = tmp_path / "november.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            sheet = csv.writer(file)
            sheet.writerow(HEADINGS)
            sheet.writerows(
                (f"NEW-{n}", "GMK", "BLUE", "4755", "GREYSON", q) for n, q in enumerate(quantities)
            )

        async def give(_parent):
            return path

        monkeypatch.setattr(import_panel, "choose_order_list", give)

    return chosen


@pytest.fixture
def go(desk, window, run_async) -> Callable:
    """Let an operator work at the dialogs; what was told of prepared orders is returned."""

    def run(operator) -> list[str]:
        told = []

        async def prepared() -> None:
            told.append("prepared")

        async def work() -> None:
            async with desk.opened() as workspace:
                await asyncio.gather(prepare_orders(window, workspace, prepared), operator())

        run_async(work())
        return told

    return run


async def shown(kind: type[Dialog]) -> Dialog:
    """The open dialog of a kind, as soon as there is one."""
    while True:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, kind) and widget.isVisible():
                return widget
        await asyncio.sleep(0.01)


def words(dialog) -> set[str]:
    return {label.text() for label in dialog.findChildren(QLabel)}


def staged(desk) -> int:
    return desk.rows('SELECT COUNT(*) FROM "swp_ORDER_LIST"')[0][0]


def test_that_an_imported_list_is_looked_at_and_prepared(desk, choose, go):
    choose(3, 4)

    async def operator():
        (await shown(PreparePanel)).import_button.click()
        (await shown(ImportPanel)).go_button.click()
        panel = await shown(PreparePanel)
        assert {"2", "469"} <= words(panel)
        panel.go_button.click()
        await asyncio.sleep(0)
        (await shown(PreparePanel)).close_button.click()

    assert go(operator) == ["prepared"]
    assert staged(desk) == 2
    assert (
        desk.rows("SELECT COUNT(*) FROM ORDER_LIST_DELTA WHERE \"AAG ORDER NUMBER\" LIKE 'NEW-%'")[0][0] == 2
    )


def test_that_rejected_cells_are_shown_and_the_operator_may_leave_it_there(desk, choose, go):
    choose(3, "many")

    async def operator():
        (await shown(PreparePanel)).import_button.click()
        panel = await shown(ImportPanel)
        assert panel.findings.model().index(0, 2).data() == "many"
        panel.close_button.click()

    assert go(operator) == []


def test_that_an_empty_staging_table_offers_the_import(desk, choose, go):
    desk.rows('DELETE FROM "swp_ORDER_LIST"')
    choose(3)

    async def operator():
        panel = await shown(PreparePanel)
        assert "The staging table is empty" in words(panel)
        panel.import_button.click()
        (await shown(ImportPanel)).close_button.click()

    assert go(operator) == []
    assert staged(desk) == 1


def test_that_choosing_no_file_leads_back_to_the_panel(desk, go, monkeypatch):
    async def none(_parent):
        return None

    monkeypatch.setattr(import_panel, "choose_order_list", none)

    async def operator():
        first = await shown(PreparePanel)
        first.import_button.click()
        while (again := await shown(PreparePanel)) is first:
            await asyncio.sleep(0.01)
        again.close_button.click()

    assert go(operator) == []
    assert staged(desk) == 469


def test_that_a_list_without_a_good_row_is_told_with_every_cell(desk, choose, go):
    choose("many", "none")

    async def operator():
        (await shown(PreparePanel)).import_button.click()
        problem = await shown(ProblemDialog)
        assert "None of the 2 rows can be loaded" in problem.words()
        assert "'none' is no number" in problem.words()
        problem.close_button.click()

    assert go(operator) == []
    assert staged(desk) == 469


def test_that_a_stopped_import_takes_everything_back(desk, choose, go):
    choose(*([1] * ROWS_AT_A_TIME * 30))

    async def operator():
        (await shown(PreparePanel)).import_button.click()
        dialog = await shown(ImportProgress)
        while not any(text.endswith("rows read") for text in words(dialog)):
            await asyncio.sleep(0.01)
        dialog.stop_button.click()

    assert go(operator) == []
    assert staged(desk) == 469
