"""The demo inside a test: orders, practice board, and a configuration that leads from one to the other."""

import shutil
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.clock import SystemClock
from core.config.load import load_configuration
from core.config.model import Configuration
from core.config.token import PRACTICE_TOKEN
from core.resources import resource_path, shipped_configuration
from core.sandbox.options import SandboxOptions
from core.sandbox.requests import ReceivedRequest
from core.sandbox.testing import RunningBoard, running_board
from core.workspace import Workspace

ITEMS_BOARD = "7000000001"
SUBITEMS_BOARD = "7000000002"
PROFILE = "practice"


class HurriedClock(SystemClock):
    """Waits take no time: it notes them, and moves itself and the practice board forward instead."""

    def __init__(self, board: RunningBoard) -> None:
        self._board = board
        self._ahead = 0.0
        self.waits: list[float] = []
        """Seconds that were asked for."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return super().monotonic() + self._ahead

    async def sleep(self, seconds: float) -> None:
        """Be later at once."""
        self.waits.append(seconds)
        self._ahead += seconds
        self._board.advance(seconds)
        await super().sleep(0)


@dataclass(frozen=True)
class DemoDesk:
    """Orders, practice board and configuration of one test."""

    folder: Path
    board: RunningBoard
    configuration_file: Path
    clock: HurriedClock

    @property
    def configuration(self) -> Configuration:
        """The configuration as it is on disk now."""
        return load_configuration(self.configuration_file)

    @property
    def orders(self) -> Path:
        """The orders database."""
        return self.folder / "orders.db"

    def rows(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """What the orders database answers; a change is committed."""
        with closing(sqlite3.connect(self.orders, timeout=30)) as connection, connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(statement, values).fetchall()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Workspace]:
        """The profile, opened with the hurried clock. Several may be open at once."""
        workspace = await Workspace.open(self.configuration, PROFILE, clock=self.clock)
        try:
            yield workspace
        finally:
            await workspace.close()

    @property
    def mutations(self) -> list[ReceivedRequest]:
        """The mutations that the board received, in the order of arrival."""
        return [request for request in self.board.requests if request.is_mutation]

    def items_by_key(self) -> Mapping[str, list[dict[str, Any]]]:
        """`record_uuid` -> the active items that carry it."""
        return _by_cell(self.board.items(ITEMS_BOARD), "record_uuid")

    def subitems_by_key(self) -> Mapping[str, list[dict[str, Any]]]:
        """`line_uuid` -> the active subitems that carry it."""
        return _by_cell(self.board.items(SUBITEMS_BOARD), "line_uuid")

    def group_titles(self) -> list[str]:
        """Titles of the active groups, top first."""
        return [group["title"] for group in self.board.groups(ITEMS_BOARD)]


@contextmanager
def demo_desk(folder: Path, orders: Path, *, toml: str = "", **options: Any) -> Iterator[DemoDesk]:
    """A desk in `folder` with a copy of the demo database `orders`.

    `toml` is added to the profile `practice`, `options` are those of the practice board.
    """
    shutil.copy(orders, folder / "orders.db")
    board_options = {
        "state": folder / "board.db",
        "fixture": resource_path("boards", "orders.json"),
        "token": PRACTICE_TOKEN,
        "plan": "practice",
        **options,
    }
    with running_board(SandboxOptions(**board_options)) as board:
        file = folder / "desk.toml"
        profile = [
            f"[profiles.{PROFILE}]",
            'inherits = "demo"',
            'kind = "demo"',
            f'api_url = "{board.url}"',
            f'database_url = "sqlite:///{(folder / "orders.db").as_posix()}"',
            toml,
        ]
        shipped = shipped_configuration().read_text(encoding="utf-8")
        file.write_text("\n".join([shipped, *profile, ""]), encoding="utf-8")
        yield DemoDesk(folder, board, file, HurriedClock(board))


def _by_cell(items: list[dict[str, Any]], column: str) -> Mapping[str, list[dict[str, Any]]]:
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in items:
        found[item["column_values"].get(column)].append(item)
    return found
