"""What a column type is to the practice board, and the table of all of them.

A new type is one call of `register` in the file of its family; `tests/core/sandbox` walks the table.
Formats follow the per-type pages of the provider's reference (reference/column-types-reference).
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.sandbox.errors import FieldError, column_value_error
from core.sandbox.structure import Account, Cell, Column, Item


class Lookup(Protocol):
    """What a writer may ask the account about."""

    def item(self, item_id: object) -> Item | None:
        """Return an item in whatever state, or None."""
        ...

    def tags(self) -> dict[int, tuple[str, str]]:
        """Return the account's tags: name and colour by id."""
        ...


@dataclass
class WriteContext:
    """One value on its way into one cell. A writer may replace `settings` to add a label."""

    column: Column
    board_id: str
    account: Account
    lookup: Lookup
    now: str  # as the API writes it
    current: Cell | None = None  # what the cell holds now
    create_labels: bool = False
    settings: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.settings = self.column.settings

    def refuse(self, message: str) -> FieldError:
        """Return the error for a value that does not fit this column."""
        return column_value_error(COLUMN_TYPES[self.column.type].internal_name, message, self.column.id)


@dataclass(frozen=True)
class ReadContext:
    """One filled or empty cell on its way out."""

    column: Column
    item: Item
    account: Account


Writer = Callable[[Any, WriteContext], Cell | None]
SimpleWriter = Callable[[str, WriteContext], Cell | None]
TextReader = Callable[[Cell, ReadContext], str | None]
FieldsReader = Callable[[Cell | None, ReadContext], dict[str, Any]]


def no_fields(_cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    """Return no typed fields: the type has none beyond the shared ones."""
    return {}


def plain_text(cell: Cell, _context: ReadContext) -> str | None:
    """Return the cell as it is: for types that hold text."""
    return str(cell)


@dataclass(frozen=True)
class ColumnType:
    """How values of one column type are checked, kept and read back."""

    name: str  # the API's ColumnType
    internal_name: str  # the provider's own, seen in `error_data.column_type`
    graphql_type: str
    write: Writer | None = None  # from the JSON form; None: read-only
    simple: SimpleWriter | None = None  # from the plain string; None: the type has no such form
    text: TextReader = plain_text  # of a filled cell
    empty_text: str | None = ""  # of an empty one
    fields: FieldsReader = no_fields
    hidden_value: bool = False  # `value` reads null whatever the cell holds (2025-04)
    cleared_by: tuple[Any, ...] = ()  # JSON values beside null that empty the cell
    several_only: bool = False  # change_multiple_column_values and create_item only


COLUMN_TYPES: dict[str, ColumnType] = {}


def register(column_type: ColumnType) -> None:
    """Enter a type into the table."""
    COLUMN_TYPES[column_type.name] = column_type


def require_object(
    value: Any, context: WriteContext, *, required: AbstractSet[str], optional: AbstractSet[str] = frozenset()
) -> None:
    """Refuse anything but an object with exactly the keys the type documents."""
    if not isinstance(value, dict):
        raise context.refuse(
            f"Expected an object for column {context.column.id!r}, got {type(value).__name__}"
        )
    if missing := required - value.keys():
        raise context.refuse(f"Column {context.column.id!r} needs {', '.join(sorted(missing))}")
    if unknown := value.keys() - required - optional - {"changed_at"}:
        raise context.refuse(f"Column {context.column.id!r} does not know {', '.join(sorted(unknown))}")
