"""Boards, groups, columns and items as values; the store reads and writes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Cell = Any  # what a column holds for one item, as JSON: text, number or object; never None


@dataclass(frozen=True)
class Column:
    """One column of a board."""

    id: str
    title: str
    type: str
    settings: Mapping[str, Any]
    position: int = 0
    description: str | None = None
    width: int | None = None
    revision: int = 1
    archived: bool = False
    managed: bool = False  # its labels belong to the account and cannot be added from the board


@dataclass(frozen=True)
class Group:
    """One group of a board."""

    id: str
    title: str
    color: str
    position: float
    state: str = "active"  # active, archived, deleted
    board_id: str = ""  # filled in by the store


@dataclass(frozen=True)
class Board:
    """A board with its columns and groups, both in board order."""

    id: str
    name: str
    kind: str = "public"
    state: str = "active"
    description: str | None = None
    items_limit: int = 10_000
    subitems_of: str | None = None  # the parent board's id, when this is a hidden subitems board
    access_level: str = "edit"
    structure_locked: bool = False  # the user may write content only
    required_column_ids: tuple[str, ...] = ()
    created_at: str = ""
    columns: Mapping[str, Column] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)

    @property
    def active_groups(self) -> list[Group]:
        """The groups that still show, top first."""
        return [group for group in self.groups.values() if group.state == "active"]

    @property
    def subtasks_column(self) -> Column | None:
        """The column that links the subitems board, if the board has one."""
        return next((column for column in self.columns.values() if column.type == "subtasks"), None)

    @property
    def subitems_board_id(self) -> str | None:
        """The hidden board of the subitems, named by the subtasks column's settings."""
        column = self.subtasks_column
        ids = column.settings.get("boardIds", []) if column else []
        return str(ids[0]) if ids else None


@dataclass(frozen=True)
class Item:
    """An item or a subitem."""

    id: int
    board_id: str
    group_id: str
    parent_id: int | None
    name: str
    state: str
    creator_id: str
    created_at: str
    updated_at: str
    position: float


@dataclass(frozen=True)
class Update:
    """A comment on an item, or a reply to one."""

    id: int
    item_id: int
    parent_id: int | None
    body: str
    creator_id: str
    created_at: str


@dataclass(frozen=True)
class Account:
    """The account and the user the token belongs to, with the other users, teams and workspace."""

    id: str
    name: str
    slug: str
    tier: str
    first_day_of_the_week: str
    me: Mapping[str, Any]
    users: tuple[Mapping[str, Any], ...]  # the token's user first
    teams: tuple[Mapping[str, Any], ...] = ()

    @property
    def time_zone(self) -> str:
        """The IANA time zone in which this user reads dates."""
        return str(self.me.get("time_zone_identifier") or "Etc/UTC")
