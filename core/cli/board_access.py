"""The boards of profiles, reached without their databases."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from core.cli.context import configuration_of, run_command
from core.config.load import profile_of
from core.config.model import Configuration, Profile
from core.config.token import find_token
from core.demo.practice import PracticeBoard, demo_folder
from core.errors import ExitCode
from core.monday.client import MondayClient
from core.workspace.board_structure import BoardPlace, client_for, find_place


@dataclass(frozen=True)
class BoardAccess:
    """The board of the chosen profile, and the way to others."""

    configuration: Configuration
    profile: Profile
    own: BoardPlace
    client_of: Callable[[Profile], Awaitable[MondayClient]]

    async def find(self, wanted: str | None) -> BoardPlace:
        """A board by profile, id or name; None is the profile's own. Raises DeltaDeskError."""
        return await find_place(wanted, self.configuration, self.own, self.client_of)


@asynccontextmanager
async def opened_boards(configuration: Configuration, profile_name: str | None) -> AsyncIterator[BoardAccess]:
    """Open the API of a profile, of others when asked for, and the practice board where it is used."""
    async with AsyncExitStack() as stack:
        clients: dict[str, MondayClient] = {}

        async def client_of(profile: Profile) -> MondayClient:
            if profile.name not in clients:
                url = None
                if profile.uses_practice_board:
                    board = await PracticeBoard.open(demo_folder())
                    stack.push_async_callback(board.close)
                    url = board.url
                found = await asyncio.to_thread(find_token, profile.token_sources)
                client = await asyncio.to_thread(client_for, profile, found.token, url)
                clients[profile.name] = await stack.enter_async_context(client)
            return clients[profile.name]

        profile = profile_of(configuration, profile_name)
        own = BoardPlace(await client_of(profile), profile.board_id, profile)
        yield BoardAccess(configuration, profile, own, client_of)


def with_boards(
    config: Path | None,
    profile: str | None,
    command: Callable[[BoardAccess], Awaitable[ExitCode]],
    *,
    as_json: bool,
) -> None:
    """Open the profile's board, run the command on it, close it."""

    async def work() -> ExitCode:
        async with opened_boards(configuration_of(config), profile) as boards:
            return await command(boards)

    run_command(work(), as_json=as_json)
