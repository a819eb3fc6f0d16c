"""Resolvers that change a board itself: boards, groups and columns."""

import re
from dataclasses import replace
from typing import Any

from core.sandbox.column_values import COLUMN_TYPES
from core.sandbox.column_values.new_labels import new_dropdown_labels, new_status_labels
from core.sandbox.column_values.palette import GROUP_COLORS
from core.sandbox.errors import FieldError, column_not_found, invalid_argument, not_found, unauthorized
from core.sandbox.mutations import mutation, writable
from core.sandbox.session import Session
from core.sandbox.state import SPACING
from core.sandbox.structure import Board, Column, Group
from core.sandbox.subitem_boards import add_subtasks_column, starting_labels
from core.sandbox.writes import parse_json

TITLE_LIMIT = 255  # characters of a group's title (reference/groups)
COLUMNS_LIMIT = 1_000  # per board
COLUMN_ID = re.compile(r"[a-z_]{1,20}")


def changeable(board: Board) -> Board:
    """Return the board if this user may change its structure. Raises FieldError."""
    if writable(board).structure_locked:
        raise unauthorized(f"You have no permission to change the structure of board {board.id}")
    return board


def _title(title: str) -> str:
    if not 1 <= len(title) <= TITLE_LIMIT:
        raise invalid_argument(f"A group's title has 1 to {TITLE_LIMIT} characters, got {len(title)}")
    return title


def _color(color: str) -> str:
    if color.lower() not in GROUP_COLORS:
        raise invalid_argument(f"{color!r} is not in the palette of group colours", color=color)
    return color.lower()


def _group(board: Board, group_id: str) -> Group:
    group = board.groups.get(group_id)
    if group is None or group.state != "active":
        raise not_found("group", group_id)
    return group


# Boards


@mutation("create_board")
def create_board(
    session: Session, *, board_name: str, board_kind: str, description: str | None = None, **arguments: Any
) -> Board:
    """Create a board with one group and, unless `empty`, the columns a new board starts with."""
    if not board_name:
        raise FieldError("CreateBoardException", "A board needs a name")
    columns = [Column("name", "Name", "name", {}, 0)]
    if not arguments.get("empty"):
        columns += [
            Column("person", "Owner", "people", {}, 1),
            Column("status", "Status", "status", {"labels": starting_labels()}, 2),
            Column("date4", "Date", "date", {}, 3),
        ]
    board = Board(
        id=str(session.store.next_id()),
        name=board_name,
        kind=board_kind,
        description=description,
        created_at=session.now,
        columns={column.id: column for column in columns},
        groups={"topics": Group("topics", "Group Title", GROUP_COLORS[0], SPACING)},
    )
    session.store.add_board(board)
    return session.board(board.id)


# Groups


@mutation("create_group")
def create_group(
    session: Session,
    *,
    board_id: str,
    group_name: str,
    group_color: str | None = None,
    relative_to: str | None = None,
    position_relative_method: str | None = None,
    **_arguments: Any,
) -> Group:
    """Create a group, at the top unless a place is given; a title may occur twice."""
    board = changeable(session.board(board_id))
    number = session.store.next_id()
    group = Group(
        id=f"group_{number:x}",
        title=_title(group_name),
        color=_color(group_color) if group_color else GROUP_COLORS[number % len(GROUP_COLORS)],
        position=_new_position(board, relative_to, position_relative_method),
    )
    session.store.put_group(board.id, group)
    return session.board(board.id).groups[group.id]


def _new_position(board: Board, relative_to: str | None, method: str | None) -> float:
    row = [group.position for group in board.active_groups]
    if relative_to is None:  # documented: before_at means the bottom here, after_at the top
        return row[-1] + SPACING if method == "before_at" else row[0] - SPACING
    return _beside(row, _group(board, relative_to).position, after=method == "after_at")


def _beside(row: list[float], neighbour: float, *, after: bool) -> float:
    place = row.index(neighbour) + (1 if after else 0)
    low = row[place - 1] if place else row[0] - 2 * SPACING
    high = row[place] if place < len(row) else row[-1] + 2 * SPACING
    return (low + high) / 2


@mutation("update_group")
def update_group(
    session: Session, *, board_id: str, group_id: str, group_attribute: str, new_value: str
) -> Group:
    """Change one attribute of a group."""
    board = changeable(session.board(board_id))
    group = _group(board, group_id)
    row = [other.position for other in board.active_groups if other.id != group.id]
    match group_attribute:
        case "title":
            group = replace(group, title=_title(new_value))
        case "color":
            group = replace(group, color=_color(new_value))
        case "position":
            try:
                group = replace(group, position=float(new_value))
            except ValueError:
                raise invalid_argument(f"A position is a number, got {new_value!r}") from None
        case _:
            after = group_attribute == "relative_position_after"
            position = _beside(row, _group(board, new_value).position, after=after)
            group = replace(group, position=position)
    session.store.put_group(board.id, group)
    return session.board(board.id).groups[group.id]


@mutation("archive_group")
def archive_group(session: Session, *, board_id: str, group_id: str) -> Group:
    """Archive a group with its items."""
    return _end_group(session, board_id, group_id, "archived")


@mutation("delete_group")
def delete_group(session: Session, *, board_id: str, group_id: str) -> Group:
    """Delete a group with its items."""
    return _end_group(session, board_id, group_id, "deleted")


def _end_group(session: Session, board_id: str, group_id: str, state: str) -> Group:
    board = changeable(session.board(board_id))
    group = _group(board, group_id)
    if len(board.active_groups) == 1:
        raise FieldError("DeleteLastGroupException", "A board keeps at least one group", status=409)
    return session.store.end_group(board.id, group, state)


# Columns


@mutation("create_column")
def create_column(
    session: Session,
    *,
    board_id: str,
    title: str,
    column_type: str,
    defaults: Any = None,
    **arguments: Any,
) -> Column:
    """Create a column; `defaults` are its settings, as an object or as JSON text."""
    board = changeable(session.board(board_id))
    if column_type == "subtasks":
        if board.subtasks_column:
            raise invalid_argument(f"Board {board.id} has a subitems column already")
        return add_subtasks_column(
            session, board, title, _new_column_id(session, board, column_type, arguments.get("id"))
        )
    if column_type not in COLUMN_TYPES:
        raise invalid_argument(f"Columns of type {column_type} cannot be created")
    settings = parse_json(defaults, "defaults") if isinstance(defaults, str) else defaults or {}
    if column_type == "status":
        settings = {"labels": starting_labels(), **settings}
    return _add_column(session, board, title, column_type, settings, **arguments)


@mutation("create_status_column")
def create_status_column(
    session: Session, *, board_id: str, title: str, defaults: dict[str, Any] | None = None, **arguments: Any
) -> Column:
    """Create a status column with its labels; without any it has those that new columns start with."""
    board = changeable(session.board(board_id))
    labels = starting_labels() if defaults is None else new_status_labels(defaults["labels"])
    return _add_column(session, board, title, "status", {"labels": labels}, **arguments)


@mutation("create_dropdown_column")
def create_dropdown_column(
    session: Session, *, board_id: str, title: str, defaults: dict[str, Any] | None = None, **arguments: Any
) -> Column:
    """Create a dropdown column with its labels."""
    board = changeable(session.board(board_id))
    given = defaults or {"labels": []}
    settings = {**given, "labels": new_dropdown_labels(given["labels"])}
    return _add_column(session, board, title, "dropdown", settings, **arguments)


def _new_column_id(session: Session, board: Board, column_type: str, wanted: str | None) -> str:
    if len(board.columns) >= COLUMNS_LIMIT:
        raise invalid_argument(f"Board {board.id} already has {COLUMNS_LIMIT} columns")
    if wanted and not COLUMN_ID.fullmatch(wanted):
        raise invalid_argument("A column id has 1 to 20 characters, a-z and _", column_id=wanted)
    column_id = wanted or f"{column_type}_{session.store.next_id():x}"
    if column_id in board.columns:
        raise invalid_argument(f"Column {column_id!r} exists already", column_id=column_id)
    return column_id


def _add_column(
    session: Session,
    board: Board,
    title: str,
    column_type: str,
    settings: dict[str, Any],
    *,
    description: str | None = None,
    after_column_id: str | None = None,
    **arguments: Any,
) -> Column:
    column_id = _new_column_id(session, board, column_type, arguments.get("id"))
    order = list(board.columns)
    if after_column_id is not None and str(after_column_id) not in order:
        raise column_not_found(str(after_column_id))
    place = order.index(str(after_column_id)) + 1 if after_column_id is not None else len(order)
    for later in order[place:]:
        moved = board.columns[later]
        session.store.put_column(board.id, replace(moved, position=moved.position + 1))
    position = board.columns[order[place - 1]].position + 1
    column = Column(column_id, title, column_type, settings, position, description)
    session.store.put_column(board.id, column)
    return column


@mutation("change_column_title")
def change_column_title(session: Session, *, board_id: str, column_id: str, title: str) -> Column:
    """Rename a column."""
    board = changeable(session.board(board_id))
    column = board.columns.get(column_id)
    if column is None:
        raise column_not_found(column_id)
    renamed = replace(column, title=title, revision=column.revision + 1)
    session.store.put_column(board.id, renamed)
    return renamed


@mutation("delete_column")
def delete_column(session: Session, *, board_id: str, column_id: str) -> Column:
    """Delete a column with every value in it."""
    board = changeable(session.board(board_id))
    column = board.columns.get(column_id)
    if column is None:
        raise column_not_found(column_id)
    if column.type == "name":
        raise invalid_argument("The name column cannot be deleted", column_id=column_id)
    session.store.drop_column(board.id, column_id)
    return replace(column, archived=True)
