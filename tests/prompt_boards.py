"""Practice boards of tests stop at once.

uvicorn looks ten times a second whether to stop, and then waits a tenth of a second for connections to end.
Thousands of tests have a board of their own, which would wait for minutes in all.
"""

import asyncio
import socket
from collections.abc import Callable

import pytest

from core.sandbox import server, testing
from core.sandbox.service import PracticeBoard

_TICK_SECONDS = 0.01


class PromptServer(server.AnnouncingServer):
    """The server of a practice board, with the waits of its end left out where nobody is connected."""

    async def main_loop(self) -> None:
        """Serve until the server shall stop."""
        while not await self.on_tick(0):
            await asyncio.sleep(_TICK_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let requests that are under way come to their end; without a connection there is none."""
        if self.server_state.connections:
            await super().shutdown(sockets)
            return
        for listening in self.servers:
            listening.close()


def make_prompt_server(board: PracticeBoard, listening: Callable[[], None]) -> PromptServer:
    """As `core.sandbox.server.make_server`."""
    made = server.make_server(board, listening)
    return PromptServer(made.config, listening)


@pytest.fixture(autouse=True, scope="session")
def _boards_stop_at_once() -> None:
    """For every board that `core.sandbox.testing` serves."""
    testing.make_server = make_prompt_server
