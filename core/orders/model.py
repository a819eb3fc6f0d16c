"""Orders and order lines as the engine knows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class SyncState(StrEnum):
    """Where a record stands in the delta tables."""

    NEW = "NEW"
    PENDING = "PENDING"
    SYNCED = "SYNCED"
    ERROR = "ERROR"
    HELD = "HELD"

    __hash__ = str.__hash__  # looked up for each record; an enumeration's own is Python


class ActionType(StrEnum):
    """What the delta asks for."""

    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


class RecordKind(StrEnum):
    """Which of the two delta tables a record is in."""

    ORDER = "order"
    LINE = "line"

    __hash__ = str.__hash__  # as above


PENDING_STATES = (SyncState.NEW, SyncState.PENDING)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One row of the lines table: a size and a quantity."""

    key: str
    """`line_uuid`."""
    order_key: str
    """`record_uuid` of its order."""
    values: Mapping[str, Any]
    """The mapped source columns, as the database driver returns them."""
    state: SyncState
    action: ActionType
    subitem_id: str | None = None
    error: str | None = None
    continuation_id: str | None = None
    """The continuation item that its subitem hangs under; None: the order's own item, or no subitem yet."""

    @property
    def archived(self) -> bool:
        """Whether its subitem was taken off the board."""
        return self.action is ActionType.DELETE and self.state is SyncState.SYNCED


@dataclass(frozen=True, slots=True)
class Continuation:
    """A further item of an order, for the lines that its own item has no room for."""

    number: int
    """From 2 on: the order's own item is the first."""
    item_id: str
    other_subitems: int = 0
    """Of the order's `other_subitems` those that hang here."""


@dataclass(frozen=True, slots=True)
class Order:
    """One row of the headers table with those of its lines that are to be sent."""

    key: str
    """`record_uuid`."""
    customer: str
    label: str
    """The order as an operator names it."""
    values: Mapping[str, Any]
    """The mapped source columns, as the database driver returns them."""
    state: SyncState
    action: ActionType
    item_id: str | None = None
    error: str | None = None
    lines: tuple[OrderLine, ...] = ()
    other_subitems: int = 0
    """Lines that are on the board and not among `lines`: nothing is to be done about them."""
    continuations: tuple[Continuation, ...] = ()
    """Its further items that are on the board, by number."""


@dataclass(frozen=True, slots=True)
class LoadedOrders:
    """What a selection brought: orders with their open lines, and open lines that have no header."""

    orders: tuple[Order, ...]
    orphans: tuple[OrderLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """Which orders a run works on. The default is everything pending."""

    customers: tuple[str, ...] | None = None
    """None: every customer."""
    order_keys: tuple[str, ...] | None = None
    """None: every order of the customers. Keys of lines without a header may stand here too."""
    limit: int | None = None
    """At most so many orders, oldest first."""
    states: tuple[SyncState, ...] = PENDING_STATES
    """`retry` asks for ERROR."""
    unclaimed: bool = False
    """Only orders that no worker has claimed."""
    resumes: str | None = None
    """The interrupted run whose rest this is: a run by this selection settles it."""


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What the Orders page shows."""

    text: str = ""
    """Matches the customer and the display columns, case-insensitively."""
    states: tuple[SyncState, ...] = ()
    """Empty: every state."""


@dataclass(frozen=True, slots=True)
class CustomerSummary:
    """One customer's row in the Orders page."""

    customer: str
    orders: int
    lines: int
    pieces: int
    pending: int
    """Orders that a run would select."""
    failed: int
    oldest: datetime | None
    """When the oldest of the counted orders arrived, UTC."""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order's row in the Orders page."""

    key: str
    customer: str
    label: str
    cells: tuple[str, ...]
    """The display columns, as text, in the profile's order."""
    lines: int
    pieces: int
    state: SyncState
    action: ActionType
    item_id: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """Everything about one order, for the detail pane."""

    row: OrderRow
    fields: tuple[tuple[str, Any], ...]
    """Every header column and its value, in the table's order."""
    lines: tuple[OrderLine, ...]
    """All lines whatever their state, in the table's order of sizes."""


@dataclass(frozen=True, slots=True)
class FailedRecord:
    """A record in ERROR, as the Failures page and `retry` list it."""

    kind: RecordKind
    key: str
    order_key: str
    customer: str
    """Empty for a line without a header."""
    label: str
    message: str
    retry_count: int


class StateChange(NamedTuple):
    """A state to be written back; `None` leaves a column as it is."""

    kind: RecordKind
    key: str
    state: SyncState
    board_id: str | None = None
    """Item id of an order, subitem id of a line."""
    parent_id: str | None = None
    """Id of the item that a line's subitem hangs under."""
    error: str | None = None
    at: datetime | None = None
    """When, UTC; required."""
    afresh: bool = False
    """As if it had never been sent: its ids on the board are forgotten, and it is to be inserted. What is to
    be deleted stays so."""
    as_of: datetime | None = None
    """When the record was sent as the board has it, UTC, where that was found out later. What was corrected
    or cancelled since is pending with its id, so that the board learns of it; what is held stays held."""
    continuation: int | None = None
    """Of an order: the number of its continuation item that `board_id` is the id of. Nothing else is written
    then: the id is kept, or where it is None forgotten."""
    continues: bool = False
    """Of a line: `parent_id` may be a continuation item, and is remembered where it is one."""
