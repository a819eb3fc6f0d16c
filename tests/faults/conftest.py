"""A desk whose board misbehaves on order, and a way to push a few orders through it."""

from collections.abc import Awaitable, Callable

import pytest

from core.orders.model import Selection
from core.sync.control import RunControl
from core.sync.report import RunReport
from core.workspace import Workspace

Push = Callable[..., Awaitable[RunReport]]


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
