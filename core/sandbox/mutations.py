"""Resolvers that write items. Each runs inside a savepoint: one that fails leaves nothing behind."""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.sandbox.errors import FieldError, invalid_argument, not_found, unauthorized
from core.sandbox.schema import AnyResolver, Info, enter_resolver
from core.sandbox.session import Session
from core.sandbox.state import SPACING
from core.sandbox.structure import Board, Cell, Group, Item, Update
from core.sandbox.subitem_boards import subitems_board
from core.sandbox.writes import (
    Changes,
    ItemWriter,
    check_name,
    parse_column_values,
    parse_json,
    require_columns,
)


def mutation(name: str, *, with_alias: bool = False) -> Callable[[AnyResolver], AnyResolver]:
    """Enter a function as a mutation: it gets the session and the arguments, and is undone when it raises.

    `with_alias`: it gets the alias of its field too.
    """

    def enter(change: AnyResolver) -> AnyResolver:
        @functools.wraps(change)
        def resolver(_root: Any, info: Info, **arguments: Any) -> Any:
            session, alias = info.context, str(info.path.key)
            if error := session.field_fault(name, alias):
                raise error
            with session.store.savepoint():
                return change(session, *([alias] if with_alias else []), **arguments)

        enter_resolver("Mutation", name, resolver)
        return change

    return enter


def writable(board: Board) -> Board:
    """Return the board if this user may write on it. Raises FieldError."""
    if board.access_level != "edit":
        raise unauthorized(f"You have no permission to edit board {board.id}")
    return board


# Create


@mutation("create_item")
def create_item(
    session: Session,
    *,
    board_id: str,
    item_name: str,
    group_id: str | None = None,
    column_values: Any = None,
    create_labels_if_missing: bool | None = None,
    position_relative_method: str | None = None,
    relative_to: str | None = None,
) -> Item:
    """Create an item with its values, all or nothing; without a group it goes to the top one."""
    board = writable(session.board(board_id))
    if board.subitems_of:
        raise invalid_argument(f"Board {board.id} is a subitems board; use create_subitem")
    group = active_group(board, group_id)
    neighbour = _neighbour(session, board, relative_to)
    if neighbour:
        group = board.groups[neighbour.group_id]
    _require_room(session, board)
    position = _new_position(session, board, group, neighbour, position_relative_method)
    writer = ItemWriter(board, session, create_labels=bool(create_labels_if_missing))
    changes = writer.several(parse_column_values(column_values), {})
    return add_item(session, board, group, item_name, changes, position=position)


@mutation("create_subitem")
def create_subitem(
    session: Session,
    *,
    parent_item_id: str,
    item_name: str,
    column_values: Any = None,
    create_labels_if_missing: bool | None = None,
) -> Item:
    """Create a subitem with its values, all or nothing, on the hidden board of its item's board."""
    parent = session.item(parent_item_id)
    if parent.parent_id is not None:
        raise invalid_argument("Subitems have no subitems on a classic board", parent_item_id=str(parent.id))
    board = writable(subitems_board(session, writable(session.board(parent.board_id))))
    if session.store.count_subitems(parent.id) >= session.subitems_per_item:
        raise FieldError(
            "ItemsLimitationException",
            f"Item {parent.id} already has {session.subitems_per_item} subitems",
            error_data={"item_id": str(parent.id), "limit": session.subitems_per_item},
        )
    _require_room(session, board)
    group = board.active_groups[0]
    writer = ItemWriter(board, session, create_labels=bool(create_labels_if_missing))
    changes = writer.several(parse_column_values(column_values), {})
    position = session.store.last_position(board.id, group.id) + SPACING
    return add_item(session, board, group, item_name, changes, position=position, parent_id=parent.id)


def add_item(
    session: Session,
    board: Board,
    group: Group,
    item_name: str,
    changes: Changes,
    *,
    position: float,
    parent_id: int | None = None,
) -> Item:
    """Add an item with checked values and return it. Raises FieldError for its name or a missing value."""
    name = changes.name or check_name(item_name)  # documented: a name among the values wins
    require_columns(board, "", changes.cells)
    now = session.now
    item = Item(
        id=session.store.next_id(),
        board_id=board.id,
        group_id=group.id,
        parent_id=parent_id,
        name=name,
        state="active",
        creator_id=str(session.account.me["id"]),
        created_at=now,
        updated_at=now,
        position=position,
    )
    session.store.add_item(item)
    for column_id, cell in changes.cells.items():
        if cell is not None:
            session.store.put_cell(item.id, column_id, cell)
    return item


def active_group(board: Board, group_id: str | None) -> Group:
    """Return a group that still shows; without an id the top one. Raises FieldError."""
    if group_id is None:
        return board.active_groups[0]
    group = board.groups.get(group_id)
    if group is None or group.state != "active":
        raise not_found("group", group_id)
    return group


def _neighbour(session: Session, board: Board, relative_to: str | None) -> Item | None:
    if relative_to is None:
        return None
    item = session.item(relative_to)
    if item.board_id != board.id:
        raise not_found("item", relative_to)
    return item


def _require_room(session: Session, board: Board) -> None:
    if session.store.count_items(board.id) >= board.items_limit:
        raise FieldError(
            "ItemsLimitationException",
            f"Board {board.id} already holds {board.items_limit} items",
            error_data={"board_id": board.id, "limit": board.items_limit},
        )


def _new_position(
    session: Session, board: Board, group: Group, neighbour: Item | None, method: str | None
) -> float:
    if neighbour is None:
        return session.store.last_position(board.id, group.id) + SPACING
    row = [item.position for item in session.store.board_items(board.id, group.id)]
    place = row.index(neighbour.position) + (1 if method == "after_at" else 0)
    before = row[place - 1] if place else row[0] - 2 * SPACING
    after = row[place] if place < len(row) else row[-1] + 2 * SPACING
    return (before + after) / 2


# Change


def _change(
    session: Session,
    board_id: str,
    item_id: str | None,
    work: Callable[[ItemWriter, Any], Changes],
    *,
    create_labels: bool | None,
) -> Item:
    board = writable(session.board(board_id))
    item = session.item(item_id)
    if item.board_id != board.id:
        raise not_found("item", item_id)
    current: dict[str, Cell] = session.store.cells(item.id)
    changes = work(ItemWriter(board, session, create_labels=bool(create_labels)), current)
    require_columns(board, item.id, {**current, **changes.cells})
    for column_id, cell in changes.cells.items():
        session.store.put_cell(item.id, column_id, cell)
    changed = replace(item, name=changes.name or item.name, updated_at=session.now)
    session.store.change_item(changed)
    return changed


@mutation("change_multiple_column_values")
def change_multiple_column_values(
    session: Session,
    *,
    board_id: str,
    column_values: Any,
    item_id: str | None = None,
    create_labels_if_missing: bool | None = None,
) -> Item:
    """Write several values of an item, all or nothing."""
    values = parse_column_values(column_values)
    return _change(
        session,
        board_id,
        item_id,
        lambda writer, current: writer.several(values, current),
        create_labels=create_labels_if_missing,
    )


@mutation("change_column_value")
def change_column_value(
    session: Session,
    *,
    board_id: str,
    column_id: str,
    value: Any,
    item_id: str | None = None,
    create_labels_if_missing: bool | None = None,
) -> Item:
    """Write one value in its JSON form."""
    parsed = parse_json(value, "value")
    return _change(
        session,
        board_id,
        item_id,
        lambda writer, current: writer.single(column_id, parsed, current),
        create_labels=create_labels_if_missing,
    )


@mutation("change_simple_column_value")
def change_simple_column_value(
    session: Session,
    *,
    board_id: str,
    column_id: str,
    value: str | None = None,
    item_id: str | None = None,
    create_labels_if_missing: bool | None = None,
) -> Item:
    """Write one value as a plain string."""
    return _change(
        session,
        board_id,
        item_id,
        lambda writer, current: writer.simple(column_id, value, current),
        create_labels=create_labels_if_missing,
    )


# Move and end


@mutation("move_item_to_group")
def move_item_to_group(session: Session, *, group_id: str, item_id: str | None = None) -> Item:
    """Move an item to the end of another group of its board; its subitems move along."""
    item = session.item(item_id)
    if item.parent_id is not None:
        raise invalid_argument("A subitem has no group of its own to move to", item_id=str(item.id))
    board = writable(session.board(item.board_id))
    group = active_group(board, group_id)
    position = session.store.last_position(board.id, group.id) + SPACING
    moved = replace(item, group_id=group.id, position=position, updated_at=session.now)
    session.store.change_item(moved)
    return moved


@mutation("archive_item")
def archive_item(session: Session, *, item_id: str | None = None) -> Item:
    """Archive an item with its subitems."""
    return _end(session, item_id, "archived")


@mutation("delete_item")
def delete_item(session: Session, *, item_id: str | None = None) -> Item:
    """Delete an item with its subitems."""
    return _end(session, item_id, "deleted")


def _end(session: Session, item_id: str | None, state: str) -> Item:
    item = session.item(item_id)
    writable(session.board(item.board_id))
    session.store.end_item(item.id, state)
    return replace(item, state=state)


# Updates and tags


@mutation("create_update")
def create_update(
    session: Session,
    *,
    body: str,
    item_id: str | None = None,
    parent_id: str | None = None,
    **_arguments: Any,
) -> Update:
    """Write an update on an item, or a reply to an update."""
    parent = None
    if parent_id is not None:
        parent = next(
            (update for update in session.store.updates() if str(update.id) == str(parent_id)), None
        )
        if parent is None:
            raise not_found("update", parent_id)
    item = session.item(parent.item_id if parent else item_id)
    update = Update(
        id=session.store.next_id(),
        item_id=item.id,
        parent_id=parent.id if parent else None,
        body=body,
        creator_id=str(session.account.me["id"]),
        created_at=session.now,
    )
    session.store.add_update(update)
    return update


@mutation("delete_update")
def delete_update(session: Session, **arguments: Any) -> Update:
    """Delete an update with its replies."""
    identifier = str(arguments["id"])
    found = next((update for update in session.store.updates() if str(update.id) == identifier), None)
    if found is None:
        raise not_found("update", identifier)
    session.store.run("DELETE FROM item_update WHERE id = ? OR parent_id = ?", (found.id, found.id))
    return found


@mutation("create_or_get_tag")
def create_or_get_tag(
    session: Session, *, tag_name: str | None = None, board_id: str | None = None
) -> dict[str, Any]:
    """Return the tag of a name, made when it is new; spaces in the name are removed."""
    if board_id is not None:
        session.board(board_id)
    name = (tag_name or "").replace(" ", "")
    if not name:
        raise invalid_argument("A tag needs a name")
    for identifier, (known, color) in session.store.tags().items():
        if known.casefold() == name.casefold():
            return {"id": identifier, "name": known, "color": color}
    identifier, color = session.store.next_id(), "#579bfc"
    session.store.add_tag(identifier, name, color)
    return {"id": identifier, "name": name, "color": color}
