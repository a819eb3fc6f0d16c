"""Boards found, compared, planned for, and matched with the orders' columns."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.config.model import Configuration, MappingSet, Profile
from core.errors import ConfigurationError, Problem
from core.mapping.suggestions import ProposedColumn, Suggestion, propose_columns, suggest
from core.monday.board import Board, BoardSchema
from core.monday.client import MondayClient
from core.monday.structure import BoardSummary
from core.orders.model import OrderFilter
from core.orders.store import OrderStore
from core.workspace.board_diff import BoardDiff, diff_boards, expected_ids
from core.workspace.board_setup import BoardSetupPlan, plan_from_mapping, plan_like

_CANDIDATES = 10
"""Boards named in a message."""
_SAMPLES_PER_CUSTOMER = 8
_SAMPLE_CUSTOMERS = 12
"""Customers write their orders differently: a few orders of each say more than many of one."""

ClientOf = Callable[[Profile], Awaitable[MondayClient]]
"""Gives the client of a profile, open for as long as the caller needs it."""


@dataclass(frozen=True)
class BoardPlace:
    """One board and how it is reached."""

    client: MondayClient
    board_id: str
    profile: Profile | None = None
    """The profile whose board it is; None for a board named by its id or name."""

    async def schema(self) -> BoardSchema:
        """The board's structure, read now. Raises BoardError."""
        return await self.client.board_schema(self.board_id)


def client_for(profile: Profile, token: str, api_url: str | None = None) -> MondayClient:
    """A client of the profile's API; `api_url` stands in for the profile's own.

    Reads certificate files. Raises ConfigurationError when they, the proxy or the address cannot be used.
    """
    return MondayClient(
        api_url or profile.api_url,
        profile.api_version,
        token,
        timeout_seconds=profile.limits.request_timeout_seconds,
        ca_file=profile.ca_file,
        proxy=profile.proxy,
    )


def practice_board_elsewhere(profile: Profile) -> ConfigurationError:
    """Only a profile on the practice board knows where it runs."""
    return ConfigurationError(
        Problem(
            "practice_board_not_open",
            "The practice board is not open here",
            f"profile {profile.name}",
            f"Open the profile {profile.name} and compare from there, or use deltadesk board diff.",
        )
    )


# Finding


def matching(boards: Sequence[BoardSummary], search: str) -> tuple[BoardSummary, ...]:
    """Boards whose name, workspace or id contains every word of the text, by name."""
    words = search.casefold().split()
    found = [
        board
        for board in boards
        if all(word in f"{board.name} {board.workspace} {board.id}".casefold() for word in words)
    ]
    return tuple(sorted(found, key=lambda board: (board.name.casefold(), board.id)))


async def find_place(
    wanted: str | None, configuration: Configuration, own: BoardPlace, client_of: ClientOf
) -> BoardPlace:
    """The board that a word means: a profile's name, a board's id, or a board's name; None is the own one.

    Raises ConfigurationError when no board or several have the name, BoardError when the list cannot be read.
    """
    if wanted is None:
        return own
    if (profile := configuration.profiles.get(wanted)) is not None:
        if own.profile is not None and profile.name == own.profile.name:
            return own
        return BoardPlace(await client_of(profile), profile.board_id, profile)
    if wanted.isdecimal():
        return own if wanted == own.board_id else BoardPlace(own.client, wanted)
    boards = matching(await own.client.boards(), wanted)
    exact = [board for board in boards if board.name.casefold() == wanted.casefold()]
    chosen = exact or boards
    if len(chosen) != 1:
        raise _not_one_board(wanted, chosen)
    found = chosen[0].id
    return own if found == own.board_id else BoardPlace(own.client, found)


def _not_one_board(wanted: str, found: Sequence[BoardSummary]) -> ConfigurationError:
    several = ", ".join(f"{board.name} ({board.id})" for board in found[:_CANDIDATES])
    return ConfigurationError(
        Problem(
            "board_ambiguous" if found else "board_not_found",
            f"Several boards are called '{wanted}'" if found else f"No board is called '{wanted}'",
            "the boards that the token's user may see",
            f"Name one by its id: {several}." if found else "deltadesk board list shows their names and ids.",
        )
    )


# Comparing and planning


async def compare(left: BoardPlace, right: BoardPlace) -> BoardDiff:
    """How two boards differ; ids that the profiles' `column_ids` tell apart count as the same."""
    return diff_boards(await left.schema(), await right.schema(), expected_ids(left.profile, right.profile))


async def setup_plan(own: BoardPlace, profile: Profile, like: BoardPlace | None = None) -> BoardSetupPlan:
    """What this profile's board lacks of its mapping, or of another board. Raises BoardError."""
    schema = await own.schema()
    if like is None:
        return plan_from_mapping(profile, schema)
    return plan_like(await like.schema(), like.profile, profile, schema)


# Suggesting


@dataclass(frozen=True, slots=True)
class MappingSuggestions:
    """What a mapping set could still map, for items and for subitems."""

    items: tuple[Suggestion, ...]
    subitems: tuple[Suggestion, ...]
    missing_items: tuple[ProposedColumn, ...]
    """Board columns that could be made for source columns without a counterpart."""
    missing_subitems: tuple[ProposedColumn, ...]


Samples = Mapping[str, Sequence[Any]]


def sample_values(store: OrderStore) -> tuple[Samples, Samples]:
    """Some values of every column of the headers table, and of the lines table. Raises StoreError."""
    headers: dict[str, list[Any]] = {}
    lines: dict[str, list[Any]] = {}
    wanted = OrderFilter()
    for customer in store.customers(wanted)[:_SAMPLE_CUSTOMERS]:
        for row in store.order_rows(customer.customer, wanted, 0, _SAMPLES_PER_CUSTOMER):
            detail = store.order_detail(row.key)
            for name, value in detail.fields:
                headers.setdefault(name, []).append(value)
            for line in detail.lines:
                for name, value in line.values.items():
                    lines.setdefault(name, []).append(value)
    return headers, lines


def suggestions(
    mapping: MappingSet,
    schema: BoardSchema,
    store: OrderStore,
    profile: Profile,
) -> MappingSuggestions:
    """Suggestions for what the mapping set leaves unmapped. Raises StoreError."""
    header_samples, line_samples = sample_values(store)
    own = _bookkeeping(profile)
    headers = [name for name in store.tables.header_columns if name not in own]
    # A line's order is known by its parent: the key of the order has no place on a subitem.
    lines = [
        name for name in store.tables.line_columns if name not in own and name != profile.columns.record_uuid
    ]
    items = suggest(headers, schema.items, mapping.items, samples=header_samples)
    board = schema.subitems or Board("", "", ())
    subitems = suggest(lines, board, mapping.subitems, samples=line_samples)
    return MappingSuggestions(
        items,
        subitems,
        propose_columns(headers, mapping.items, items, samples=header_samples),
        propose_columns(lines, mapping.subitems, subitems, samples=line_samples),
    )


def _bookkeeping(profile: Profile) -> frozenset[str]:
    """The engine's own columns: states, ids and times. Keys, sizes and quantities do go to the board."""
    columns = profile.columns
    kept = {columns.record_uuid, columns.line_uuid, columns.size_code, columns.qty}
    return frozenset({*columns.model_dump().values(), "row_hash"}) - kept
