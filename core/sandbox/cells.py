"""A column value on its way to the reader: the API's ColumnValue interface."""

from functools import cached_property
from typing import Any

from core.sandbox.column_values import COLUMN_TYPES, ReadContext
from core.sandbox.state import dump
from core.sandbox.structure import Account, Board, Cell, Column, Item

UNREADABLE = {"name", "auto_number"}  # never among `column_values`


class CellView:
    """One item's value in one column."""

    def __init__(self, item: Item, column: Column, cell: Cell | None, account: Account) -> None:
        self.item = item
        self.column = column
        self.cell = cell
        self.kind = COLUMN_TYPES[column.type]
        self._context = ReadContext(column, item, account)

    @property
    def id(self) -> str:
        """The column's id."""
        return self.column.id

    @property
    def type(self) -> str:
        """The column's type."""
        return self.column.type

    @property
    def is_leaf(self) -> bool:
        """Always true on a classic board."""
        return True

    @property
    def text(self) -> str | None:
        """The value as a person reads it; the type's own empty text for an empty cell."""
        return self.kind.empty_text if self.cell is None else self.kind.text(self.cell, self._context)

    @property
    def value(self) -> str | None:
        """The raw value as JSON text, None when empty or never shown."""
        return None if self.cell is None or self.kind.hidden_value else dump(self.cell)

    @cached_property
    def fields(self) -> dict[str, Any]:
        """The fields that only this type has."""
        return self.kind.fields(self.cell, self._context)


def views(
    board: Board, item: Item, cells: dict[str, Cell], account: Account, ids: list[str] | None = None
) -> list[CellView]:
    """Return the readable values of an item in board order, empty ones too; all or those of some columns."""
    return [
        CellView(item, column, cells.get(column.id), account)
        for column in board.columns.values()
        if column.type not in UNREADABLE and (ids is None or column.id in ids)
    ]
