"""Values on their way into an item: checked all together, then written all together."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.sandbox.column_values import WriteContext, write_json, write_simple
from core.sandbox.errors import FieldError, column_not_found, column_value_error, unauthorized
from core.sandbox.session import Session
from core.sandbox.state import dump
from core.sandbox.structure import Board, Cell, Column

NAME_LIMIT = 255  # characters (reference/name)
ITEM_BYTES = 64 * 1024  # of all values of an item together (reference/text)


@dataclass
class Changes:
    """What one mutation writes into one item."""

    cells: dict[str, Cell | None]
    name: str | None = None  # None: the name stays


def parse_json(text: Any, argument: str) -> Any:
    """Return the value of a JSON argument, which the API takes as JSON text. Raises FieldError."""
    if not isinstance(text, str):
        raise FieldError(
            "JsonParseException", f"{argument} takes JSON as text, got {type(text).__name__}", status=400
        )
    try:
        return json.loads(text)
    except ValueError:
        raise FieldError("JsonParseException", f"{argument} is no JSON: {text[:80]!r}", status=400) from None


def parse_column_values(text: Any) -> dict[str, Any]:
    """Return the values by column id; nothing given means none. Raises FieldError."""
    values = {} if text is None else parse_json(text, "column_values")
    if not isinstance(values, dict):
        raise FieldError(
            "JsonParseException", "column_values is an object of values by column id", status=400
        )
    return values


def check_name(name: str) -> str:
    """Return the name of an item. Raises FieldError unless it has 1 to 255 characters."""
    if not name.strip() or len(name) > NAME_LIMIT:
        raise FieldError(
            "ItemNameTooLongException",
            f"Item name must be between 1 and {NAME_LIMIT} characters, got {len(name)}",
            error_data={"item_name": name[:NAME_LIMIT]},
        )
    return name


class ItemWriter:
    """Checks values against the columns of one board; labels it adds are kept with the board."""

    def __init__(self, board: Board, session: Session, *, create_labels: bool) -> None:
        if create_labels and board.structure_locked:
            raise unauthorized("Creating labels needs permission to change the board structure")
        self._board = board
        self._session = session
        self._create_labels = create_labels

    def several(self, values: Mapping[str, Any], current: Mapping[str, Cell]) -> Changes:
        """Return the changes of `column_values`; a `name` among them renames. Raises FieldError."""
        changes = Changes({})
        for column_id, value in values.items():
            if column_id == "name":
                changes.name = self._name(value)
                continue
            context = self._context(column_id, current)
            changes.cells[column_id] = write_json(value, context)
            self._keep_labels(context)
        self._check_size({**current, **changes.cells})
        return changes

    def single(self, column_id: str, value: Any, current: Mapping[str, Cell]) -> Changes:
        """Return the change of one JSON value. Raises FieldError."""
        if column_id == "name":
            return Changes({}, self._name(value))
        context = self._context(column_id, current)
        changes = Changes({column_id: write_json(value, context, among_several=False)})
        self._keep_labels(context)
        self._check_size({**current, **changes.cells})
        return changes

    def simple(self, column_id: str, text: str | None, current: Mapping[str, Cell]) -> Changes:
        """Return the change of one plain string. Raises FieldError."""
        if column_id == "name":
            return Changes({}, check_name(text or ""))
        context = self._context(column_id, current)
        changes = Changes({column_id: write_simple(text, context)})
        self._keep_labels(context)
        self._check_size({**current, **changes.cells})
        return changes

    def _name(self, value: Any) -> str | None:
        if value is None or value == "":
            return None  # documented: a name cannot be cleared, the attempt is ignored
        if not isinstance(value, str):
            raise column_value_error("name", "An item's name is a string", "name")
        return check_name(value)

    def _column(self, column_id: str) -> Column:
        column = self._board.columns.get(column_id)
        if column is None:
            raise column_not_found(column_id)
        return column

    def _context(self, column_id: str, current: Mapping[str, Cell]) -> WriteContext:
        session = self._session
        return WriteContext(
            column=self._column(column_id),
            board_id=self._board.id,
            account=session.account,
            lookup=session.store,
            now=session.now,
            current=current.get(column_id),
            create_labels=self._create_labels,
        )

    def _keep_labels(self, context: WriteContext) -> None:
        if context.settings is not context.column.settings:
            column = replace(context.column, settings=context.settings, revision=context.column.revision + 1)
            self._session.store.put_column(self._board.id, column)
            self._board = self._session.board(self._board.id)

    def _check_size(self, cells: Mapping[str, Cell | None]) -> None:
        size = sum(len(dump(cell).encode()) for cell in cells.values() if cell is not None)
        if size > ITEM_BYTES:
            raise column_value_error("text", f"The values of one item hold at most {ITEM_BYTES} bytes", "")


def require_columns(board: Board, item_id: object, cells: Mapping[str, Cell | None]) -> None:
    """Raise FieldError unless every required column is filled (docs/validation-rules-guide)."""
    if missing := [column_id for column_id in board.required_column_ids if cells.get(column_id) is None]:
        titles = ", ".join(board.columns[column_id].title for column_id in missing)
        raise FieldError(
            "DATA_VALIDATIONS_ERROR",
            "The values do not meet the board's validation rules",
            status=422,
            error_data=[
                {
                    "itemId": str(item_id),
                    "columnIds": missing,
                    "message": f"These columns are required: {titles}",
                }
            ],
        )
