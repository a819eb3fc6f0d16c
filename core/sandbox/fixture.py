"""Fills a new state from a board fixture: the account, its users and its boards with columns and groups."""

import json
from pathlib import Path
from typing import Any

from core.sandbox.clock import Clock, iso
from core.sandbox.column_values import COLUMN_TYPES
from core.sandbox.state import SPACING, Store
from core.sandbox.structure import Board, Column, Group

DEFAULT_COLOR = "#579bfc"


class FixtureError(ValueError):
    """The board fixture is not what a practice board can start from."""


def load_fixture(store: Store, path: Path, clock: Clock) -> None:
    """Fill the store from the fixture file, unless it holds an account already. Raises FixtureError."""
    if store.meta("account") is not None:
        return
    try:
        _load(store, json.loads(path.read_text(encoding="utf-8")), iso(clock.now()))
    except KeyError as error:
        raise FixtureError(f"The board fixture {path} lacks {error}") from error
    except (ValueError, TypeError) as error:
        raise FixtureError(f"The board fixture {path} cannot be read: {error}") from error


def _load(store: Store, fixture: dict[str, Any], created_at: str) -> None:
    with store.transaction():
        store.set_meta("account", _account(fixture))
        for tag in fixture.get("tags", []):
            store.add_tag(int(tag["id"]), tag["name"], tag.get("color", DEFAULT_COLOR))
        for board in fixture["boards"]:
            store.add_board(_board(board, created_at))


def _account(fixture: dict[str, Any]) -> dict[str, Any]:
    account, me = fixture["account"], fixture["me"]
    return {
        "id": str(account["id"]),
        "name": account["name"],
        "slug": account["slug"],
        "tier": account.get("tier", "pro"),
        "first_day_of_the_week": account.get("first_day_of_the_week", "monday"),
        "me": me,
        "users": [me, *fixture.get("users", [])],
        "teams": fixture.get("teams", []),
    }


def _board(board: dict[str, Any], created_at: str) -> Board:
    if unknown := {column["type"] for column in board["columns"]} - COLUMN_TYPES.keys() - {"name"}:
        raise ValueError(f"board {board['id']} has columns of unknown type: {', '.join(sorted(unknown))}")
    columns = [
        Column(
            id=column["id"],
            title=column["title"],
            type=column["type"],
            settings=column.get("settings", {}),
            position=position,
            description=column.get("description"),
            width=column.get("width"),
            managed=column.get("managed", False),
        )
        for position, column in enumerate(board["columns"])
    ]
    groups = [
        Group(group["id"], group["title"], group.get("color", DEFAULT_COLOR), position * SPACING)
        for position, group in enumerate(board["groups"], start=1)
    ]
    return Board(
        id=str(board["id"]),
        name=board["name"],
        kind=board.get("board_kind", "public"),
        description=board.get("description"),
        items_limit=board.get("items_limit", 10_000),
        subitems_of=board.get("subitems_of"),
        access_level=board.get("access_level", "edit"),
        structure_locked=board.get("structure_locked", False),
        required_column_ids=tuple(board.get("required_column_ids", ())),
        created_at=created_at,
        columns={column.id: column for column in columns},
        groups={group.id: group for group in groups},
    )
