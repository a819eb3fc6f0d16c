"""A practice board that is really served, and a caller that speaks to it over HTTP."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.sandbox.clock import StoppedClock
from core.sandbox.options import SandboxOptions
from core.sandbox.testing import RunningBoard, running_board

TOKEN = "practice-token"
FIXTURE = Path(__file__).with_name("board.json")


@dataclass
class Caller:
    """Sends requests to a practice board as a client would."""

    running: RunningBoard
    http: httpx.Client

    def send(
        self,
        query: str,
        /,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        **variables: Any,
    ):
        """Return the raw answer."""
        sent = {"Authorization": TOKEN, "API-Version": "2026-10", **(headers or {})}
        if key is not None:
            sent["Idempotency-Key"] = key
        return self.http.post(self.running.url, json={"query": query, "variables": variables}, headers=sent)

    def ask(self, query: str, /, **variables: Any) -> dict[str, Any]:
        """Return the answer's JSON."""
        return self.send(query, **variables).json()

    def data(self, query: str, /, **variables: Any) -> dict[str, Any]:
        """Return the data of an answer without errors."""
        answer = self.ask(query, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    def error(self, query: str, /, **variables: Any) -> dict[str, Any]:
        """Return the one error of an answer."""
        (error,) = self.ask(query, **variables)["errors"]
        return error

    def make_item(self, name: str = "AAG-1001", /, board_id: str = "7000000001", **values: Any) -> str:
        """Create an item and return its id."""
        return self.data(
            "mutation ($board: ID!, $name: String!, $values: JSON) {"
            " create_item(board_id: $board, item_name: $name, column_values: $values) { id } }",
            board=board_id,
            name=name,
            values=json.dumps(values),
        )["create_item"]["id"]

    def make_subitem(self, parent: str, name: str = "XL", /, **values: Any) -> str:
        """Create a subitem and return its id."""
        return self.data(
            "mutation ($parent: ID!, $name: String!, $values: JSON) {"
            " create_subitem(parent_item_id: $parent, item_name: $name, column_values: $values) { id } }",
            parent=parent,
            name=name,
            values=json.dumps(values),
        )["create_subitem"]["id"]


def options_in(folder: Path) -> SandboxOptions:
    """Options of a board with a state file of its own, at a Sunday noon until a test advances it."""
    clock = StoppedClock(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
    return SandboxOptions(state=folder / "state.db", fixture=FIXTURE, token=TOKEN, clock=clock)


@pytest.fixture
def options(tmp_path: Path) -> SandboxOptions:
    """Options that a test may replace in part."""
    return options_in(tmp_path)


@pytest.fixture
def board(options: SandboxOptions) -> Iterator[RunningBoard]:
    """A served practice board."""
    with running_board(options) as running:
        yield running


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """A bare HTTP client."""
    with httpx.Client(timeout=30) as client:
        yield client


@pytest.fixture
def caller(board: RunningBoard, http: httpx.Client) -> Caller:
    """A client of `board`."""
    return Caller(board, http)


@pytest.fixture
def caller_of(http: httpx.Client) -> Callable[[RunningBoard], Caller]:
    """Make a client of a board that a test serves itself."""
    return lambda running: Caller(running, http)


@pytest.fixture(scope="module")
def shared_caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """A client of one board for a whole module whose tests only read."""
    with (
        running_board(options_in(tmp_path_factory.mktemp("board"))) as running,
        httpx.Client(timeout=30) as client,
    ):
        yield Caller(running, client)
