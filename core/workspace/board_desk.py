"""What can be done with the structure of an open profile's board; a part of `Workspace`."""

import asyncio
from contextlib import AsyncExitStack

from core.config.model import Configuration, MappingSet, Profile
from core.config.token import find_token
from core.monday.board import BoardSchema
from core.monday.client import MondayClient
from core.monday.limits import Governor
from core.monday.structure import BoardSummary
from core.orders.store import OrderStore
from core.sync.ports import Clock
from core.workspace.board_diff import BoardDiff
from core.workspace.board_making import BoardSetup, BoardSetupReport, Progress
from core.workspace.board_setup import BoardSetupPlan
from core.workspace.board_structure import (
    BoardPlace,
    MappingSuggestions,
    client_for,
    compare,
    find_place,
    matching,
    practice_board_elsewhere,
    setup_plan,
    suggestions,
)


class BoardDesk:
    """Boards found by name, compared and completed, and matched with the orders' columns."""

    configuration: Configuration
    profile: Profile
    clock: Clock
    governor: Governor
    _client: MondayClient
    _store: OrderStore
    _schema: BoardSchema | None

    async def board(self, *, refresh: bool = False) -> BoardSchema:
        """The board's structure, read once and kept. Raises BoardError."""
        raise NotImplementedError

    async def list_boards(self, search: str = "") -> tuple[BoardSummary, ...]:
        """Boards that the token's user may see, by name; `search` narrows them. Raises BoardError."""
        return matching(await self._client.boards(), search)

    async def suggest_mapping(self, mapping: MappingSet | None = None) -> MappingSuggestions:
        """What the mapping set (without one, the profile's) could still map. Raises BoardError or StoreError.

        Order values are sampled, so the suggestions need the database too.
        """
        chosen = mapping or self.profile.mapping_set
        schema = await self.board()
        return await asyncio.to_thread(suggestions, chosen, schema, self._store, self.profile)

    async def diff(self, other: str, left: str | None = None) -> BoardDiff:
        """How this profile's board, or the board `left`, differs from another.

        A board is named by a profile, its id or its name. Raises ConfigurationError or BoardError.
        """
        async with AsyncExitStack() as stack:
            return await compare(await self._board_place(left, stack), await self._board_place(other, stack))

    async def board_setup_plan(self, like: str | None = None) -> BoardSetupPlan:
        """What this profile's board lacks of its mapping, or of the board `like`, and how it would be made.

        Raises ConfigurationError or BoardError. Nothing is changed.
        """
        async with AsyncExitStack() as stack:
            model = await self._board_place(like, stack) if like is not None else None
            return await setup_plan(await self._board_place(None, stack), self.profile, model)

    async def apply_board_setup(
        self, plan: BoardSetupPlan, progress: Progress = lambda _made, _total: None
    ) -> BoardSetupReport:
        """Make the planned columns on the board. Raises BoardError before the first is made."""
        setup = BoardSetup(self._client, self.governor, self.clock, progress=progress)
        try:
            return await setup.apply(plan)
        finally:
            self._schema = None

    async def _board_place(self, wanted: str | None, stack: AsyncExitStack) -> BoardPlace:
        async def client_of(profile: Profile) -> MondayClient:
            ours = self.profile
            if _way_to_the_api(profile) == _way_to_the_api(ours):
                return self._client
            if profile.uses_practice_board:
                raise practice_board_elsewhere(profile)
            found = await asyncio.to_thread(find_token, profile.token_sources)
            client = await asyncio.to_thread(client_for, profile, found.token)
            return await stack.enter_async_context(client)

        own = BoardPlace(self._client, self.profile.board_id, self.profile)
        return await find_place(wanted, self.configuration, own, client_of)


def _way_to_the_api(profile: Profile) -> tuple[object, ...]:
    return profile.api_url, profile.token_sources, profile.proxy, profile.ca_file
