"""The structure of a board: columns with their settings, groups, and the subitems board."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

READ_ONLY_TYPES = frozenset(
    {
        "auto_number",
        "button",
        "creation_log",
        "direct_doc",
        "doc",
        "file",
        "formula",
        "group",
        "integration",
        "item_assignees",
        "item_id",
        "last_updated",
        "mirror",
        "person",
        "progress",
        "subtasks",
        "team",
        "time_tracking",
        "unsupported",
        "vote",
    }
)
"""Types whose cells no value of `column_values` can set (reference/column-types-reference)."""


@dataclass(frozen=True, slots=True)
class Label:
    """One label of a status or dropdown column. `id` is what a cell stores; positions change, ids do not."""

    id: int
    text: str
    active: bool = True


@dataclass(frozen=True)
class Column:
    """One column of a board."""

    id: str
    title: str
    type: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    archived: bool = False

    @property
    def writable(self) -> bool:
        """Whether a mutation can write its cells."""
        return self.type not in READ_ONLY_TYPES and not self.archived

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """The labels of a status or dropdown column, empty for other types."""
        return tuple(
            Label(int(entry["id"]), str(entry.get("label") or ""), not entry.get("is_deactivated"))
            for entry in self.settings.get("labels") or ()
        )

    @cached_property
    def label_ids(self) -> Mapping[str, int]:
        """Active labels by their text, case kept."""
        return {label.text: label.id for label in self.labels if label.active}


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a board. Titles need not be unique; the first one with a title counts."""

    id: str
    title: str


@dataclass(frozen=True)
class Board:
    """One board: the items board or the subitems board."""

    id: str
    name: str
    columns: tuple[Column, ...]
    groups: tuple[Group, ...] = ()
    url: str = ""
    access_level: str = "edit"
    items_limit: int | None = None
    items_count: int | None = None
    """Active items when the board was read; None where the API did not tell."""
    hierarchy_type: str = "classic"

    @cached_property
    def _by_id(self) -> Mapping[str, Column]:
        return {column.id: column for column in self.columns}

    def column(self, column_id: str) -> Column | None:
        """The column with this id, or None."""
        return self._by_id.get(column_id)

    def group(self, title: str) -> Group | None:
        """The first group with this title, or None."""
        return next((group for group in self.groups if group.title == title), None)

    @property
    def subitems_board_id(self) -> str | None:
        """Id of the hidden board of the subitems (reference/subitems-column), None without such a column."""
        for column in self.columns:
            if column.type == "subtasks":
                ids = column.settings.get("boardIds") or ()
                return str(ids[0]) if ids else None
        return None


@dataclass(frozen=True, slots=True)
class BoardSchema:
    """What the plan needs to know of the board: its items side and its subitems side."""

    items: Board
    subitems: Board | None
    account: str = ""
    user: str = ""
    tier: str = ""


def parse_board(answer: Mapping[str, Any]) -> Board:
    """Build a board from one entry of the `boards` query."""
    return Board(
        id=str(answer["id"]),
        name=answer["name"],
        columns=tuple(
            Column(
                id=entry["id"],
                title=entry["title"],
                type=entry["type"],
                settings=entry.get("settings") or {},
                archived=bool(entry.get("archived")),
            )
            for entry in answer.get("columns") or ()
        ),
        groups=tuple(
            Group(id=entry["id"], title=entry["title"])
            for entry in answer.get("groups") or ()
            if not entry.get("archived") and not entry.get("deleted")
        ),
        url=answer.get("url") or "",
        access_level=answer.get("access_level") or "edit",
        items_limit=answer.get("items_limit"),
        items_count=answer.get("items_count"),
        hierarchy_type=answer.get("hierarchy_type") or "classic",
    )
