"""An order list on its way through the open profile: progress on the loop, and a stop that takes it back."""

import asyncio
import csv

import pytest

from core.errors import ConfigurationError
from core.prepare.import_file import ROWS_AT_A_TIME

HEADINGS = (
    "AAG ORDER NUMBER",
    "CUSTOMER STYLE",
    "CUSTOMER COLOUR DESCRIPTION",
    "PO NUMBER",
    "CUSTOMER NAME",
    "M",
)


@pytest.fixture
def order_list(tmp_path):
    def write(count, quantity="3"):
        path = tmp_path / "orders.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            sheet = csv.writer(file)
            sheet.writerow(HEADINGS)
            sheet.writerows((f"AAG-{n}", "GMK", "BLUE", "4755", "GREYSON", quantity) for n in range(count))
        return path

    return write


@pytest.fixture(autouse=True)
def _staging_table(desk):
    """The desk's database is made without its staging table."""
    columns = ", ".join(f'"{name}" TEXT' for name in HEADINGS[:-1])
    desk.rows('DROP TABLE IF EXISTS "swp_ORDER_LIST"')
    desk.rows(f'CREATE TABLE "swp_ORDER_LIST" ({columns}, "M" INTEGER)')
    desk.rows('INSERT INTO "swp_ORDER_LIST" ("PO NUMBER") VALUES (\'before\')')


def staged(desk):
    return [row[0] for row in desk.rows('SELECT "AAG ORDER NUMBER" FROM "swp_ORDER_LIST"')]


async def test_progress_comes_on_the_event_loop(workspace, order_list):
    loop, told = asyncio.get_running_loop(), []

    def tell(rows):
        assert asyncio.get_running_loop() is loop
        told.append(rows)

    summary = await workspace.import_orders(order_list(ROWS_AT_A_TIME + 1), progress=tell)

    assert (summary.rows_loaded, summary.rows_replaced) == (ROWS_AT_A_TIME + 1, 1)
    assert told == [ROWS_AT_A_TIME, ROWS_AT_A_TIME + 1]


async def test_appended_rows_stand_beside_what_was_there(workspace, desk, order_list):
    await workspace.import_orders(order_list(1), append=True)
    assert staged(desk) == [None, "AAG-0"]


async def test_a_cancelled_import_takes_everything_back_and_ends_only_then(workspace, desk, order_list):
    task = asyncio.ensure_future(
        workspace.import_orders(order_list(ROWS_AT_A_TIME * 20), progress=lambda _rows: task.cancel())
    )
    with pytest.raises(asyncio.CancelledError):
        await task
    assert staged(desk) == [None]


async def test_the_profile_s_key_columns_decide_what_stands_for_rows_left_out(workspace, desk, order_list):
    path = order_list(2)
    path.write_text(path.read_text().replace("GREYSON,3", "GREYSON,x", 1))
    summary = await workspace.import_orders(path)
    assert summary.cancellations_withheld
    assert staged(desk) == ["AAG-1", None]


async def test_a_list_without_a_good_row_changes_nothing(workspace, desk, order_list):
    with pytest.raises(ConfigurationError):
        await workspace.import_orders(order_list(2, "x"))
    assert staged(desk) == [None]
