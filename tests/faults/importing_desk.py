"""A narrow desk that sends by bulk import, and the command with an import's waits cut short."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from core.config.model import BulkImport
from core.demo.testing import HurriedClock
from core.orders.model import Selection
from core.sync.control import RunControl
from core.sync.plan import Plan
from core.sync.report import RunReport
from core.workspace import Workspace
from tests.faults.narrow_desk import PROFILE, NarrowDesk, narrow_desk

CUSTOMER = "ACME"


@contextmanager
def importing_desk(folder: Path, way: BulkImport = "always", **settings: Any) -> Iterator[NarrowDesk]:
    """A narrow desk whose profile imports."""
    with narrow_desk(folder, **settings) as desk:
        import_by(desk, way)
        yield desk


def import_by(desk: NarrowDesk, way: BulkImport) -> None:
    """Write the profile's `bulk_import`."""
    text = desk.configuration_file.read_text(encoding="utf-8")
    head = f"[profiles.{PROFILE}]\n"
    before, after = text.split(head)
    kept = [line for line in after.splitlines(keepends=True) if not line.startswith("bulk_import")]
    text = f'{before}{head}bulk_import = "{way}"\n{"".join(kept)}'
    desk.configuration_file.write_text(text, encoding="utf-8")


@asynccontextmanager
async def opened(desk: NarrowDesk, later: float = 0.0) -> AsyncIterator[Workspace]:
    """The desk's profile so many seconds later, with a clock whose waits take no time."""
    clock = HurriedClock(desk.board)
    await clock.sleep(later)
    workspace = await Workspace.open(desk.configuration, PROFILE, clock=clock)
    try:
        yield workspace
    finally:
        await workspace.close()


async def push(desk: NarrowDesk, later: float = 0.0) -> tuple[Plan, RunReport]:
    """Plan everything and run it, as the command does, so many seconds later."""
    async with opened(desk, later) as workspace:
        plan = await workspace.plan(Selection())
        return plan, await workspace.run(plan, RunControl(), lambda _event: None)
