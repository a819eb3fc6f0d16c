"""Which orders of a customer go by bulk import, and why: allowed first, then cheaper in calls. Pure.

An import creates only, and cannot add labels; whatever it cannot write as a mutation would goes by mutations.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.config.model import BulkImport, MappingSet
from core.monday.board import BoardSchema
from core.sync.bulk.file import (
    RELATION_COLUMNS,
    ROWS_PER_FILE,
    Cells,
    ImportRequest,
    RowWriter,
    forecast_calls,
    forecast_seconds,
    make_import,
)
from core.sync.plan import Operation, OperationKind, PlannedOrder, Reference, Step
from core.sync.requests import RequestKeys

ITEMS_PER_HOUR = 19_000
"""Items and subitems that an account may import in an hour (docs/importing-items-in-bulk)."""
STARTS_PER_HOUR = 100
FIRST_VERSION = "2026-07"
"""The first version of the API that imports."""

_NAMED_COLUMNS = 3
Record = tuple[Operation, Cells]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the choice depends on besides the orders."""

    switch: BulkImport
    api_version: str
    records_per_request: int

    def mutation_calls(self, items: int, lines: int) -> int:
        """Calls by mutations of so many orders and lines of one customer."""
        return -(-items // self.records_per_request) + -(-lines // self.records_per_request)


@dataclass(frozen=True, slots=True)
class Choice:
    """How one customer's orders go."""

    reason: str = ""
    """In words; empty where imports are switched off."""
    requests: tuple[ImportRequest, ...] = ()

    @property
    def order_keys(self) -> frozenset[str]:
        """The orders that are imported, with all their lines."""
        keys = (
            operation.key
            for request in self.requests
            for operation in request.operations
            if not operation.order_key
        )
        return frozenset(keys)


class BulkChooser:
    """Chooses for one customer after the other, and counts the hour's budgets down."""

    def __init__(self, schema: BoardSchema, mapping: MappingSet, terms: Terms, keys: RequestKeys) -> None:
        self._terms = terms
        self._keys = keys
        self._board = schema.items
        self._items_left = ITEMS_PER_HOUR
        self._starts_left = STARTS_PER_HOUR
        self._obstacle = _obstacle(schema, mapping, terms)
        item_key, subitem_key = mapping.item_key_column or "", mapping.subitem_key_column or ""
        self._writer = RowWriter(schema, item_key, subitem_key)
        self._items, self._lines = _Share(), _Share()

    def choose(self, customer: str, group: str | Reference, orders: Sequence[PlannedOrder]) -> Choice:
        """How these orders of one customer, who have one group, go."""
        if self._terms.switch == "never":
            return Choice()
        if self._obstacle:
            return Choice(f"By mutations: {self._obstacle}.")
        self._writer.unsaid.clear()
        importable = [records for order in orders if (records := self._records(order))]
        self._count(orders, importable)
        portions = _portions(importable)
        count = sum(len(portion) for portion in portions)
        if not count:
            return Choice(f"By mutations: {self._nothing_to_import()}.")
        if count > self._items_left or len(portions) > self._starts_left:
            return Choice(
                f"By mutations: with these {count:,} records the run would import more than the "
                f"{ITEMS_PER_HOUR:,} records or {STARTS_PER_HOUR} files that an account may in an hour."
            )
        imported, mutated = self._calls(portions)
        if self._terms.switch == "auto" and imported >= mutated:
            return Choice(f"By mutations: {mutated:,} calls, against {imported:,} by bulk import.")
        self._items_left -= count
        self._starts_left -= len(portions)
        reason = f"By bulk import: {imported:,} calls, against {mutated:,} by mutations."
        requests = tuple(
            make_import(
                self._keys.next(Step.IMPORT, customer),
                customer,
                self._board.id,
                group,
                portion,
                reason,
            )
            for portion in portions
        )
        return Choice(reason, requests)

    @property
    def expected(self) -> "ExpectedImports":
        """How further customers' orders would go that are like those of the customers so far."""
        shares = self._items.value, self._lines.value
        return ExpectedImports(self._terms, *shares, self._items_left, self._starts_left)

    def _count(self, orders: Sequence[PlannedOrder], importable: Sequence[Sequence[Record]]) -> None:
        sent = [order for order in orders if not order.blocked]
        self._items.of += sum(order.operation is not None for order in sent)
        self._lines.of += sum(line.operation is not None for order in sent for line in order.lines)
        self._items.part += len(importable)
        self._lines.part += sum(len(records) - 1 for records in importable)

    def _nothing_to_import(self) -> str:
        columns = list(self._writer.unsaid)[:_NAMED_COLUMNS]
        if columns:
            return f"an import cannot fill {', '.join(columns)} as these orders need it"
        return "there is nothing that an import could create"

    def _records(self, order: PlannedOrder) -> list[Record]:
        """The rows of an order; none where it is not for an import."""
        if order.blocked or order.operation is None or order.continuations:
            return []
        operations = [order.operation, *(line.operation for line in order.lines if line.operation)]
        records: list[Record] = []
        for operation in operations:
            if operation.kind not in {OperationKind.CREATE_ITEM, OperationKind.CREATE_SUBITEM}:
                return []
            cells = self._writer.cells(operation)
            if cells is None:
                return []
            records.append((operation, cells))
        return records

    def _calls(self, portions: Sequence[Sequence[Record]]) -> tuple[int, int]:
        """Calls by import and by mutations."""
        imported = items = lines = 0
        for portion in portions:
            of_portion = sum(not operation.order_key for operation, _ in portion)
            items += of_portion
            lines += len(portion) - of_portion
            imported += forecast_calls(of_portion, len(portion))
        return imported, self._terms.mutation_calls(items, lines)


@dataclass(slots=True)
class _Share:
    """How many of the operations so far an import could make."""

    part: int = 0
    of: int = 0

    @property
    def value(self) -> float:
        return self.part / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class ExpectedImport:
    """The part of a customer's orders and lines that would go by import, and what that takes."""

    items: int = 0
    lines: int = 0
    files: int = 0
    calls: int = 0
    seconds: float = 0.0


class ExpectedImports:
    """Chooses for customers of whom nothing but the numbers of orders and lines is known."""

    def __init__(self, terms: Terms, items: float, lines: float, items_left: int, starts_left: int) -> None:
        """`items` and `lines` are the parts (0 to 1) that can be imported of what creates or changes those.

        The last two are left of the hour's budgets.
        """
        self._terms = terms
        self._items = items
        self._lines = lines
        self._items_left = items_left
        self._starts_left = starts_left

    def take(self, items: int, lines: int) -> ExpectedImport:
        """How one customer's items and lines of a portion would go, counted off the hour's budgets."""
        items, lines = round(items * self._items), round(lines * self._lines)
        rows = items + lines
        files = -(-rows // ROWS_PER_FILE)
        if not items or rows > self._items_left or files > self._starts_left:
            return ExpectedImport()
        calls = files * forecast_calls(-(-items // files), -(-rows // files))
        if self._terms.switch == "auto" and calls >= self._terms.mutation_calls(items, lines):
            return ExpectedImport()
        self._items_left -= rows
        self._starts_left -= files
        return ExpectedImport(items, lines, files, calls, files * forecast_seconds(-(-rows // files)))


def _portions(orders: Sequence[Sequence[Record]]) -> list[list[Record]]:
    """Files of whole orders."""
    portions: list[list[Record]] = []
    for records in orders:
        if not portions or len(portions[-1]) + len(records) > ROWS_PER_FILE:
            portions.append([])
        portions[-1].extend(records)
    return portions


def _obstacle(schema: BoardSchema, mapping: MappingSet, terms: Terms) -> str:
    """Why nothing may be imported; empty where it may."""
    if terms.api_version < FIRST_VERSION:
        return f"the API imports from version {FIRST_VERSION} on, and the profile has {terms.api_version}"
    if not mapping.item_key_column or not mapping.subitem_key_column:
        return "without both key columns nobody could tell what an import made"
    if schema.subitems is None:
        return "the board has no subitems column"
    related = 0
    for rules, board in ((mapping.items, schema.items), (mapping.subitems, schema.subitems)):
        ids = {rule.column for rule in rules}
        if len({column_id.casefold() for column_id in ids}) < len(ids):
            return "an import cannot tell columns apart whose ids differ in capital letters only"
        columns = [board.column(column_id) for column_id in ids]
        related += sum(column is not None and column.type == "board_relation" for column in columns)
    if related > RELATION_COLUMNS:
        return f"an import fills at most {RELATION_COLUMNS} columns that connect boards"
    return ""
