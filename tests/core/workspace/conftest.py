"""An open profile at a desk: demo orders and a practice board."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from core.config.model import MappingSet
from core.demo.testing import DemoDesk
from core.orders.model import Selection
from core.sync.control import RunControl
from core.workspace import Workspace


@pytest.fixture
async def workspace(desk: DemoDesk) -> AsyncIterator[Workspace]:
    """The desk's profile, open."""
    async with desk.opened() as made:
        yield made


@pytest.fixture
def push(workspace: Workspace) -> Callable:
    """Plan a selection and run it."""

    async def plan_and_run(selection: Selection):
        return await workspace.run(await workspace.plan(selection), RunControl(), lambda _event: None)

    return plan_and_run


@pytest.fixture
def mapping(desk: DemoDesk) -> MappingSet:
    """The desk's mapping set."""
    return desk.configuration.profiles["practice"].mapping_set


@pytest.fixture
def bare_board(desk: DemoDesk) -> str:
    """The id of a new board beside the demo's, with nothing but its name column."""
    document = 'mutation { create_board(board_name: "Orders 2027", board_kind: public, empty: true) { id } }'
    answer = httpx.post(
        desk.board.url, json={"query": document}, headers={"Authorization": desk.board.token}
    ).json()
    return str(answer["data"]["create_board"]["id"])


@pytest.fixture
def add_profile(desk: DemoDesk) -> Callable[..., None]:
    """Add a profile to the desk's configuration that is like the desk's own but for these lines."""

    def add(name: str, *lines: str) -> None:
        text = desk.configuration_file.read_text(encoding="utf-8")
        new = "\n".join([f"[profiles.{name}]", 'inherits = "practice"', *lines])
        desk.configuration_file.write_text(f"{text}\n{new}\n", encoding="utf-8")

    return add
