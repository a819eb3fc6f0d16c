"""Writers of a board: beyond their number, which is one, mutations queue or conflict.

(docs/development-best-practices)
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from graphql import value_from_ast_untyped

from core.sandbox.requests import ReceivedRequest
from core.sandbox.state import Store


class BoardLocks:
    """The locks of all boards; used from the event loop only."""

    def __init__(self, writers: int) -> None:
        self._locks: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(writers))

    def is_any_held(self, board_ids: Iterable[str]) -> bool:
        """Return whether one of the boards has all its writers."""
        return any(self._locks[board_id].locked() for board_id in board_ids)

    @asynccontextmanager
    async def hold(self, board_ids: Iterable[str]) -> AsyncIterator[None]:
        """Hold the boards, first come first served; taken in one order, so that no two requests block."""
        async with AsyncExitStack() as stack:
            for board_id in sorted(board_ids):
                await stack.enter_async_context(self._locks[board_id])
            yield


def boards_written(request: ReceivedRequest, store: Store) -> set[str]:
    """Return the ids of the boards a mutation writes; empty for a query. For the worker thread."""
    boards: set[str] = set()
    if not request.is_mutation:
        return boards
    for root in request.fields:
        given = {
            argument.name.value: value_from_ast_untyped(argument.value, request.variables)
            for argument in root.node.arguments or ()
        }
        if (board_id := given.get("board_id")) is not None:
            boards.add(str(board_id))
        elif (item := store.item(_item_id(given))) is not None:
            boards.add(_board_under(item.board_id, store) if root.name == "create_subitem" else item.board_id)
    return boards


def _item_id(given: dict[str, Any]) -> Any:
    return given.get("item_id", given.get("parent_item_id"))


def _board_under(board_id: str, store: Store) -> str:
    board = store.board(board_id)
    return (board.subitems_board_id if board else None) or board_id
