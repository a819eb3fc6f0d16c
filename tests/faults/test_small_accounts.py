"""An account with a tenth of the usual budget (trial, free): a minute's points do not pay a full request."""

from collections.abc import Callable

import pytest

from core.config.load import load_configuration
from core.demo.testing import PROFILE, demo_desk
from core.orders.model import Selection
from core.sync.control import RunControl
from core.sync.events import RequestAnswered, RunEvent
from core.sync.plan import Step
from core.sync.report import RunReport
from core.workspace import Workspace


@pytest.fixture
def desk(tmp_path, demo_orders_database):
    with demo_desk(tmp_path, demo_orders_database, plan="free") as desk:
        yield desk


async def pushed(desk, control: RunControl, emit: Callable[[RunEvent], None]) -> RunReport:
    """A push by an application that knows nothing of the account yet."""
    workspace = await Workspace.open(load_configuration(desk.configuration_file), PROFILE, clock=desk.clock)
    try:
        plan = await workspace.plan(Selection(customers=("WHITE FOX",)))
        return await workspace.run(plan, control, emit)
    finally:
        await workspace.close()


async def test_the_first_request_fits_the_budget_as_well(desk):
    control = RunControl()

    def stop_after_the_first_lines(event: RunEvent) -> None:
        if isinstance(event, RequestAnswered) and event.step is Step.SUBITEMS:
            control.stop()

    before = await pushed(desk, control, stop_after_the_first_lines)
    assert before.orders.selected > before.lines.created > 0
    report = await pushed(desk, RunControl(), lambda _event: None)
    assert report.lines.created == report.lines.selected > 300
    assert report.api.rejected == 0
