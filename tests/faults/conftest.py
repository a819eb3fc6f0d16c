"""A desk whose board misbehaves on order, and a way to push a few orders through it."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from core.demo.data import create_orders_database
from core.demo.testing import DemoDesk, demo_desk
from core.orders.model import Selection
from core.sync.control import RunControl
from core.sync.report import RunReport
from core.workspace import Workspace

Push = Callable[..., Awaitable[RunReport]]


@pytest.fixture(scope="session")
def demo_orders_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's orders database, to be copied."""
    path = tmp_path_factory.mktemp("demo") / "orders.db"
    create_orders_database(path)
    return path


@pytest.fixture
def desk(tmp_path: Path, demo_orders_database: Path) -> Iterator[DemoDesk]:
    """Demo orders, a practice board and a profile that leads from one to the other."""
    with demo_desk(tmp_path, demo_orders_database) as made:
        yield made


@pytest.fixture
def few() -> Selection:
    """Four valid orders of one customer, with their lines."""
    return Selection(("ATELIER ÉTOILE",), limit=4)


@pytest.fixture
def push(few: Selection) -> Push:
    """Plan a selection and run it, as the command does."""

    async def plan_and_run(workspace: Workspace, selection: Selection = few) -> RunReport:
        plan = await workspace.plan(selection)
        return await workspace.run(plan, RunControl(), lambda _event: None)

    return plan_and_run
