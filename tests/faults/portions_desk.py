"""Runs that are planned in portions, as `deltadesk run --yes` makes them: in the test, or as a process."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from core.demo.testing import HurriedClock
from core.orders.model import Selection
from core.sync.control import RunControl
from core.sync.events import RequestAnswered, RunEvent
from core.sync.plan import Step
from core.sync.report import RunReport
from core.workspace import Workspace
from core.workspace.streaming import PortionSize
from tests.faults.narrow_desk import NarrowDesk
from tests.faults.processes import ROOT
from tests.faults.run_portions import SMALL

ORDERS = {"ACME": 7, "BOLT": 2, "CONE": 3, "DUNE": 1}
"""Four portions of up to four orders: ACME needs two, BOLT has the third, CONE and DUNE share the last."""
SELECTED = sum(ORDERS.values())

Emit = Callable[[RunEvent], None]


def fill(desk: NarrowDesk) -> None:
    """Add the orders, two lines each."""
    for customer, orders in ORDERS.items():
        desk.add_orders(customer, orders, 2)


async def stream(
    desk: NarrowDesk,
    emit: Emit = lambda _event: None,
    *,
    control: RunControl | None = None,
    selection: Selection | None = None,
    size: PortionSize = SMALL,
) -> RunReport:
    """Send all that is pending, as `deltadesk run --yes` does, in portions of this size."""
    workspace = await Workspace.open(desk.configuration, clock=HurriedClock(desk.board))
    try:
        opened = await workspace.open_stream(selection or Selection(), size)
        return await workspace.run_stream(opened, control or RunControl(), emit)
    finally:
        await workspace.close()


async def resume(desk: NarrowDesk, *, size: PortionSize = SMALL) -> RunReport:
    """As `deltadesk run --resume --yes` does."""
    workspace = await Workspace.open(desk.configuration, clock=HurriedClock(desk.board))
    try:
        run = await workspace.interrupted_run()
        assert run is not None
        opened = await workspace.open_stream(run.selection, size)
        return await workspace.run_stream(opened, RunControl(), lambda _event: None)
    finally:
        await workspace.close()


def answered(customer: str, step: Step, action: Callable[[], None]) -> Emit:
    """Do something at the first answer to a request of a customer's step."""

    def listen(event: RunEvent) -> None:
        nonlocal done
        if isinstance(event, RequestAnswered) and (event.customer, event.step) == (customer, step):
            done or action()
            done = True

    done = False
    return listen


def start(desk: NarrowDesk, *arguments: str, stderr: int = subprocess.STDOUT) -> subprocess.Popen[str]:
    """Start `deltadesk run --yes --json` in portions of four orders; its output is piped."""
    command = [sys.executable, "-m", "tests.faults.run_portions", "run", *arguments, "--yes", "--json"]
    return subprocess.Popen(
        [*command, "--config", str(desk.configuration_file)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


def told(desk: NarrowDesk, query: str) -> list[Any]:
    """The first column of what the orders database answers."""
    with desk.engine.connect() as connection:
        return list(connection.scalars(sa.text(query)))
