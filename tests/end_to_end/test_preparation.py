"""From the staging table to the board: what changes there is what a run changes here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.demo.staging import create_staged_database
from core.demo.testing import DemoDesk, demo_desk
from core.errors import ExitCode
from core.orders.model import Selection
from core.prepare.summary import PrepareSummary

CUSTOMER = "GREYSON CLOTHIERS"


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PrepareSummary]:
    """A database that was prepared from its staging table, to be copied, and what the preparation said."""
    path = tmp_path_factory.mktemp("staged") / "orders.db"
    return path, create_staged_database(path)


@pytest.fixture
def desk(tmp_path: Path, staged: tuple[Path, PrepareSummary]) -> Iterator[DemoDesk]:
    with demo_desk(tmp_path, staged[0]) as made:
        yield made


def test_that_the_demo_prepares_69_headers_and_317_lines_for_greyson(staged):
    _path, summary = staged
    assert (summary.customers[CUSTOMER].orders, summary.customers[CUSTOMER].lines) == (69, 317)
    assert summary.refused == 0
    assert summary.orders_written == summary.staging_rows == 469


async def test_that_a_second_preparation_finds_nothing(desk):
    async with desk.opened() as workspace:
        summary = await workspace.prepare()
    assert (summary.orders_written, summary.unchanged) == (0, 469)
    assert (summary.lines_inserted, summary.lines_updated, summary.lines_deleted) == (0, 0, 0)


async def test_that_a_dry_run_counts_and_changes_nothing(desk):
    desk.rows('DELETE FROM "swp_ORDER_LIST" WHERE "AAG ORDER NUMBER" = \'AAG-4755-002\'')
    before = desk.rows("SELECT * FROM ORDER_LIST_DELTA ORDER BY record_uuid")
    async with desk.opened() as workspace:
        summary = await workspace.prepare(dry_run=True)
    assert summary.cancelled == 1
    assert any("ORDER_LIST_DELTA" in statement for statement in summary.statements)
    assert [tuple(row) for row in desk.rows("SELECT * FROM ORDER_LIST_DELTA ORDER BY record_uuid")] == [
        tuple(row) for row in before
    ]


async def test_that_a_run_changes_archives_and_creates_exactly_what_the_preparation_found(desk, push):
    async with desk.opened() as workspace:
        await push(workspace, Selection((CUSTOMER,)))
        items, subitems = dict(desk.items_by_key()), dict(desk.subitems_by_key())
        changed, cancelled = _keys(desk, "AAG-4755-003", "AAG-4755-002")
        size = desk.rows(
            "SELECT line_uuid, size_code, qty FROM ORDER_LIST_LINES_DELTA WHERE record_uuid = ? LIMIT 1",
            changed,
        )[0]
        _edit_staging(desk, size["size_code"], size["qty"] + 7)
        summary = await workspace.prepare()
        assert (summary.changed, summary.cancelled, summary.new) == (1, 1, 1)
        (added,) = _keys(desk, "AAG-4755-900")
        desk.board.forget_requests()
        report = await push(workspace, Selection((CUSTOMER,)))
    assert report.exit_code is ExitCode.SYNCED
    assert (report.orders.created, report.orders.changed, report.orders.archived) == (1, 1, 1)
    assert (report.lines.created, report.lines.changed) == (1, 1)
    now, now_subitems = desk.items_by_key(), desk.subitems_by_key()
    assert set(items) - set(now) == {cancelled}
    assert set(now) - set(items) == {added}
    assert now[changed][0]["id"] == items[changed][0]["id"]
    (line,) = now_subitems[size["line_uuid"]]
    assert line["id"] == subitems[size["line_uuid"]][0]["id"]
    assert float(line["column_values"]["numeric_order_qty"]) == size["qty"] + 7


def _keys(desk: DemoDesk, *numbers: str) -> list[str]:
    return [
        desk.rows('SELECT record_uuid FROM ORDER_LIST_DELTA WHERE "AAG ORDER NUMBER" = ?', number)[0][0]
        for number in numbers
    ]


def _edit_staging(desk: DemoDesk, size: str, quantity: int) -> None:
    """Change one quantity, cancel one order, add one."""
    desk.rows(
        f'UPDATE "swp_ORDER_LIST" SET "{size}" = ? WHERE "AAG ORDER NUMBER" = \'AAG-4755-003\'', quantity
    )
    desk.rows('DELETE FROM "swp_ORDER_LIST" WHERE "AAG ORDER NUMBER" = \'AAG-4755-002\'')
    names = [row["name"] for row in desk.rows("PRAGMA table_info('swp_ORDER_LIST')")]
    sizes = names[names.index("UNIT OF MEASURE") + 1 : names.index("TOTAL QTY")]
    template = dict(
        desk.rows('SELECT * FROM "swp_ORDER_LIST" WHERE "AAG ORDER NUMBER" = \'AAG-4755-001\'')[0]
    )
    row = template | dict.fromkeys(sizes) | {"AAG ORDER NUMBER": "AAG-4755-900", "M": 5, "TOTAL QTY": 5}
    marks = ", ".join("?" * len(names))
    desk.rows(f'INSERT INTO "swp_ORDER_LIST" VALUES ({marks})', *(row[name] for name in names))
