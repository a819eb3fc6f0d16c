"""`items_page_by_column_values`: any of the values in a column, all of the columns (its reference page)."""

from collections.abc import Callable
from typing import Any

from core.sandbox.cells import CellView
from core.sandbox.column_values.numeric import CANONICAL, canonical_number
from core.sandbox.errors import column_not_found, invalid_argument
from core.sandbox.session import Session
from core.sandbox.structure import Board, Item

SUPPORTED = frozenset(
    {
        "checkbox",
        "country",
        "date",
        "dropdown",
        "email",
        "hour",
        "link",
        "long_text",
        "numbers",
        "people",
        "phone",
        "status",
        "text",
        "timeline",
        "world_clock",
    }
)
ONE_VALUE = frozenset({"date", "dropdown", "timeline"})


def look_up(items: list[Item], board: Board, columns: list[dict[str, Any]], session: Session) -> list[Item]:
    """Return the items that match every column, in board order. Raises FieldError."""
    for query in columns:
        values: list[str | None] = query["column_values"]
        matches = _matcher(str(query["column_id"]), values, board, session)
        items = [item for item in items if matches(item)]
    return items


def _matcher(
    column_id: str, values: list[str | None], board: Board, session: Session
) -> Callable[[Item], bool]:
    if column_id == "name":
        names = {str(value) for value in values}
        return lambda item: item.name in names
    column = board.columns.get(column_id)
    if column is None:
        raise column_not_found(column_id)
    if column.type not in SUPPORTED:
        raise invalid_argument(f"Column {column_id!r} of type {column.type} cannot be searched by value")
    if column.type in ONE_VALUE and len(values) > 1:
        raise invalid_argument(f"Column {column_id!r} of type {column.type} takes one value")
    cells = session.store.column_cells(board.id, column_id)
    wanted = [value or "" for value in values]
    equal = EQUALITIES.get(column.type, _text_equals)

    def matches(item: Item) -> bool:
        view = CellView(item, column, cells.get(item.id), session.account)
        if view.cell is None:
            return "" in wanted
        return any(equal(view, value) for value in wanted if value)

    return matches


Equality = Callable[[CellView, str], bool]


def _text_equals(view: CellView, value: str) -> bool:
    return (view.text or "") == value


EQUALITIES: dict[str, Equality] = {
    "text": lambda view, value: (view.text or "").casefold() == value.casefold(),
    "numbers": lambda view, value: bool(CANONICAL.fullmatch(value)) and canonical_number(value) == view.cell,
    "dropdown": lambda view, value: value.casefold() in (view.text or "").casefold(),
    "people": lambda view, value: (
        value in (view.text or "").split(", ") or value in {str(person["id"]) for person in _people(view)}
    ),
    "link": lambda view, value: value in {view.fields["url"], view.fields["url_text"]},
    "timeline": lambda view, value: value == str(view.fields["from"])[:10],
    "checkbox": lambda _view, value: value in {"v", "true"},
}


def _people(view: CellView) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = view.fields["persons_and_teams"]
    return people
