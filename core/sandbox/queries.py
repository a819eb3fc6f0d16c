"""Resolvers of boards, groups, columns and items."""

from collections.abc import Sequence
from typing import Any, TypeVar

from core.sandbox.cells import CellView, views
from core.sandbox.errors import invalid_argument
from core.sandbox.filters import order_items, select_items
from core.sandbox.lookup import look_up
from core.sandbox.schema import resolves
from core.sandbox.session import Session
from core.sandbox.settings_text import settings_text
from core.sandbox.structure import Board, Column, Group, Item

MAX_IDS = 100  # of `items(ids:)` and `query_params.ids`
Row = TypeVar("Row")


def one_page(rows: Sequence[Row], limit: int | None, page: int | None) -> list[Row]:
    """Return one page of a list that is paged by number. Raises FieldError for a page or limit below 1."""
    size, number = 25 if limit is None else limit, 1 if page is None else page
    if size < 1 or number < 1:
        raise invalid_argument(f"limit and page start at 1, got {size} and {number}")
    return list(rows[(number - 1) * size : number * size])


def as_ids(ids: Any) -> list[str]:
    """Return ids as text, in the order given, each once."""
    return list(dict.fromkeys(str(identifier) for identifier in ids))


# Boards


@resolves("Query", "boards")
def boards(
    _root: Any,
    session: Session,
    *,
    ids: list[str] | None = None,
    limit: int | None = 25,
    page: int | None = 1,
    state: str | None = "active",
    board_kind: str | None = None,
    hierarchy_types: list[str] | None = None,
    **_arguments: Any,
) -> list[Board]:
    """Return boards, the hidden subitems boards too; unknown ids are left out."""
    store = session.store
    found = [store.board(board_id) for board_id in (store.board_ids() if ids is None else as_ids(ids))]
    chosen = [
        board
        for board in found
        if board is not None
        and (state in (None, "all") or board.state == state)
        and board_kind in (None, board.kind)
        and (not hierarchy_types or "classic" in hierarchy_types)
    ]
    return one_page(chosen, limit, page)


@resolves("Board", "groups")
def board_groups(board: Board, _session: Session, ids: list[str] | None = None) -> list[Group]:
    """Return the active groups, top first."""
    return [group for group in board.active_groups if ids is None or group.id in as_ids(ids)]


@resolves("Board", "columns")
def board_columns(
    board: Board,
    _session: Session,
    ids: list[str] | None = None,
    types: list[str] | None = None,
    **_arguments: Any,
) -> list[Column]:
    """Return the columns in board order."""
    return [
        column
        for column in board.columns.values()
        if (ids is None or column.id in ids) and (types is None or column.type in types)
    ]


@resolves("Board", "top_group")
def top_group(board: Board, _session: Session) -> Group:
    """Return the group that new items without a group go to."""
    return board.active_groups[0]


@resolves("Board", "items_count")
def items_count(board: Board, session: Session) -> int:
    """Return how many active items the board holds."""
    return session.store.count_items(board.id)


@resolves("Board", "board_kind")
def board_kind_of(board: Board, _session: Session) -> str:
    """Return public, private or share."""
    return board.kind


@resolves("Board", "type")
def board_type(board: Board, _session: Session) -> str:
    """Return whether this is a board or the hidden board of its subitems."""
    return "sub_items_board" if board.subitems_of else "board"


@resolves("Board", "hierarchy_type")
def hierarchy_type(_board: Board, _session: Session) -> str:
    """Return `classic`: the practice board has one level of subitems."""
    return "classic"


@resolves("Board", "permissions")
def permissions(board: Board, _session: Session) -> str:
    """Return who may write."""
    return "collaborators" if board.structure_locked else "everyone"


@resolves("Board", "url")
def board_url(board: Board, session: Session) -> str:
    """Return where the board shows on the practice page."""
    return f"{session.page_url}#board-{board.id}"


@resolves("Board", "updated_at")
def board_updated_at(board: Board, _session: Session) -> str:
    """Return when the board was made; later changes are not tracked."""
    return board.created_at


@resolves("Column", "settings_str")
def settings_str(column: Column, _session: Session) -> str:
    """Return the settings in the deprecated layout."""
    return settings_text(column)


@resolves("Column", "capabilities")
def capabilities(_column: Column, _session: Session) -> dict[str, Any]:
    """Return no special capability."""
    return {"visibility": None}


@resolves("Group", "archived")
def group_archived(group: Group, _session: Session) -> bool:
    """Return whether the group was archived."""
    return group.state == "archived"


@resolves("Group", "deleted")
def group_deleted(group: Group, _session: Session) -> bool:
    """Return whether the group was deleted."""
    return group.state == "deleted"


# Lists of items


@resolves("Board", "items_page")
def board_items_page(board: Board, session: Session, **arguments: Any) -> dict[str, Any]:
    """Return the board's active items, a page at a time."""
    return _items_page(board, None, session, **arguments)


@resolves("Group", "items_page")
def group_items_page(group: Group, session: Session, **arguments: Any) -> dict[str, Any]:
    """Return the group's active items, a page at a time."""
    return _items_page(session.board(group.board_id), group.id, session, **arguments)


def _items_page(
    board: Board,
    group_id: str | None,
    session: Session,
    *,
    limit: int = 25,
    cursor: str | None = None,
    query_params: dict[str, Any] | None = None,
    **_arguments: Any,
) -> dict[str, Any]:
    if cursor is not None:
        if query_params is not None:
            raise invalid_argument("query_params and cursor exclude each other")
        return _answer(session, session.cursors.next_page(cursor, limit))
    items = session.store.board_items(board.id, group_id)
    if query_params:
        if len(query_params.get("ids") or ()) > MAX_IDS:
            raise invalid_argument(f"query_params.ids takes at most {MAX_IDS} ids")
        if query_params.get("rules") or query_params.get("groups"):
            items = [item for item in items if session.is_indexed(item)]
        items = order_items(select_items(items, board, query_params, session), board, query_params, session)
    return _answer(session, session.cursors.first_page([item.id for item in items], limit))


def _answer(session: Session, page: tuple[list[int], str | None]) -> dict[str, Any]:
    item_ids, cursor = page
    by_id = {item.id: item for item in session.store.items(item_ids)}
    items = [by_id[identifier] for identifier in item_ids if identifier in by_id]
    return {"cursor": cursor, "items": [item for item in items if item.state == "active"]}


@resolves("Query", "next_items_page")
def next_items_page(_root: Any, session: Session, cursor: str, limit: int = 25) -> dict[str, Any]:
    """Return the page behind a cursor."""
    return _answer(session, session.cursors.next_page(cursor, limit))


@resolves("Query", "items_page_by_column_values")
def items_page_by_column_values(
    _root: Any,
    session: Session,
    *,
    board_id: str,
    columns: list[dict[str, Any]] | None = None,
    cursor: str | None = None,
    limit: int = 25,
    **_arguments: Any,
) -> dict[str, Any]:
    """Return the items whose columns hold one of the given values each."""
    board = session.board(board_id)
    if (cursor is None) == (columns is None):
        raise invalid_argument("Give either columns or a cursor")
    if cursor is not None:
        return _answer(session, session.cursors.next_page(cursor, limit))
    items = [item for item in session.store.board_items(board.id) if session.is_indexed(item)]
    found = look_up(items, board, columns or [], session)
    return _answer(session, session.cursors.first_page([item.id for item in found], limit))


@resolves("Query", "items")
def items_by_id(
    _root: Any,
    session: Session,
    *,
    ids: list[str] | None = None,
    limit: int | None = 25,
    page: int | None = 1,
    exclude_nonactive: bool | None = None,
    newest_first: bool | None = None,
) -> list[Item]:
    """Return items and subitems by id, at most 100 a query; unknown ids are left out."""
    if not ids:
        raise invalid_argument("items needs ids")
    wanted = as_ids(ids)
    if len(wanted) > MAX_IDS or (limit or 0) > MAX_IDS:
        raise invalid_argument(f"items takes at most {MAX_IDS} ids and a limit of {MAX_IDS}")
    numbers = [int(identifier) for identifier in wanted if identifier.isdecimal()]
    found = session.store.items(numbers)
    if exclude_nonactive:
        found = [item for item in found if item.state == "active"]
    return one_page(found[::-1] if newest_first else found, limit, page)


# Items


@resolves("Item", "board")
def item_board(item: Item, session: Session) -> Board | None:
    """Return the board an item is on; for a subitem the hidden one."""
    return session.store.board(item.board_id)


@resolves("Item", "group")
def item_group(item: Item, session: Session) -> Group | None:
    """Return the group an item is in."""
    board = session.store.board(item.board_id)
    return board.groups.get(item.group_id) if board else None


@resolves("Item", "parent_item")
def parent_item(item: Item, session: Session) -> Item | None:
    """Return a subitem's item, None for an item."""
    return session.store.item(item.parent_id) if item.parent_id else None


@resolves("Item", "subitems")
def subitems(item: Item, session: Session) -> list[Item]:
    """Return an item's active subitems, oldest first."""
    if error := session.field_fault("subitems", ""):
        raise error
    return session.store.subitems(item.id)


@resolves("Item", "url")
def item_url(item: Item, session: Session) -> str:
    """Return where the item shows on the practice page."""
    return f"{session.page_url}#item-{item.id}"


@resolves("Item", "relative_link")
def relative_link(item: Item, _session: Session) -> str:
    """Return the part of the link after the host."""
    return f"/boards/{item.board_id}/pulses/{item.id}"


@resolves("Item", "email")
def item_email(item: Item, session: Session) -> str:
    """Return an address nobody reads."""
    return f"item-{item.id}@{session.account.slug}.invalid"


@resolves("Item", "column_values")
def column_values(
    item: Item,
    session: Session,
    *,
    ids: list[str] | None = None,
    types: list[str] | None = None,
    **_arguments: Any,
) -> list[CellView]:
    """Return the item's values in board order, empty ones too; unknown ids are left out."""
    board = session.store.board(item.board_id)
    if board is None:
        return []
    return [
        view
        for view in views(board, item, session.store.cells(item.id), session.account, ids)
        if types is None or view.type in types
    ]


# Values that point at other items


def _linked(view: CellView, session: Session) -> list[Item]:
    return session.store.items(view.fields["linked_item_ids"])


def _linked_names(view: CellView, session: Session) -> str:
    return ", ".join(item.name for item in _linked(view, session))


for _type in ("BoardRelationValue", "DependencyValue"):
    resolves(_type, "linked_items")(_linked)
    resolves(_type, "display_value")(_linked_names)


@resolves("SubtasksValue", "subitems")
def subtasks_items(view: CellView, session: Session) -> list[Item]:
    """Return the item's subitems."""
    return session.store.subitems(view.item.id)


@resolves("SubtasksValue", "subitems_ids")
def subtasks_ids(view: CellView, session: Session) -> list[int]:
    """Return the ids of the item's subitems."""
    return [item.id for item in subtasks_items(view, session)]


@resolves("SubtasksValue", "display_value")
def subtasks_names(view: CellView, session: Session) -> str:
    """Return the names of the item's subitems."""
    return ", ".join(item.name for item in subtasks_items(view, session))
