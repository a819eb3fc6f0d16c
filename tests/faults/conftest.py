"""A desk whose board misbehaves on order, and a way to push a few orders through it."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from core.demo.testing import HurriedClock
from core.orders.model import Selection
from core.sync.control import RunControl
from core.sync.report import RunReport
from core.workspace import Workspace
from tests.faults.narrow_desk import PROFILE, NarrowDesk

Push = Callable[..., Awaitable[RunReport]]


@pytest.fixture
async def workspace(desk: NarrowDesk) -> AsyncIterator[Workspace]:
    """The profile of a narrow desk, opened."""
    opened = await Workspace.open(desk.configuration, PROFILE, clock=HurriedClock(desk.board))
    yield opened
    await opened.close()


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
