"""The demo's orders are on the board the same, whether mutations or a file brought them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.config.model import BulkImport
from core.demo.testing import SUBITEMS_BOARD, DemoDesk, demo_desk
from core.orders.model import Selection
from core.sync.control import RunControl
from core.sync.plan import Step
from core.sync.report import RunReport
from tests.core.importable_demo import map_importable_columns_alone

CUSTOMER = "GREYSON CLOTHIERS"


@contextmanager
def desk_in(folder: Path, orders: Path, way: BulkImport) -> Iterator[DemoDesk]:
    folder.mkdir()
    with demo_desk(folder, orders, toml=f'bulk_import = "{way}"') as desk:
        map_importable_columns_alone(desk)
        yield desk


async def push(desk: DemoDesk) -> tuple[int, RunReport]:
    """Push the customer; returns how many records were planned for a file, and the report."""
    async with desk.opened() as workspace:
        plan = await workspace.plan(Selection((CUSTOMER,)))
        imported = sum(len(request.operations) for request in plan.requests if request.step is Step.IMPORT)
        return imported, await workspace.run(plan, RunControl(), lambda _event: None)


def on_board(desk: DemoDesk) -> dict[str, Any]:
    """Every record by its key: its name, its cells, and the key of its item."""
    items, subitems = desk.items_by_key(), desk.subitems_by_key()
    key_of = {found["id"]: key for key, (found,) in items.items()}
    return {
        key: (found["name"], cells(found), key_of.get(found["parent_id"]))
        for records in (items, subitems)
        for key, (found,) in records.items()
    }


def cells(found: dict[str, Any]) -> dict[str, Any]:
    """The cells but for the moments at which they were written."""
    return {
        column: {name: each for name, each in value.items() if name != "changed_at"}
        if isinstance(value, dict)
        else value
        for column, value in found["column_values"].items()
    }


async def test_both_ways_leave_the_same_board(tmp_path: Path, demo_orders_database: Path):
    with desk_in(tmp_path / "mutations", demo_orders_database, "never") as desk:
        mutated, report = await push(desk)
        by_mutations, outcome = on_board(desk), (report.orders, report.lines)
    with desk_in(tmp_path / "import", demo_orders_database, "always") as desk:
        imported, report = await push(desk)
        assert on_board(desk) == by_mutations
        assert (report.orders, report.lines) == outcome
        assert len(desk.board.items(SUBITEMS_BOARD)) == report.lines.created
    assert mutated == 0
    assert imported > len(by_mutations) / 2
