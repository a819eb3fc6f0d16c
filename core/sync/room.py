"""How much the board still takes: subitems under one item, items and subitems on their boards.

Documented are 100 subitems an item, which may vary by plan, and 10,000 items a board (apps docs, "Limits").
"""

from collections.abc import Iterator

from core.mapping.findings import Finding, Severity
from core.monday.board import Board, BoardSchema
from core.orders.model import ActionType, Order, RecordKind
from core.sync.plan import Operation, OperationKind, PlannedOrder


def too_many_lines(order: Order, limit: int, profile: str) -> Iterator[Finding]:
    """What forbids sending an order whose item would get more subitems than `limit`.

    An item that has them already stays as it is: only where a line is added, the order is refused.
    """
    staying = [line for line in order.lines if line.action is not ActionType.DELETE]
    wanted = len(staying) + order.other_subitems
    if wanted <= limit or all(line.subitem_id is not None for line in staying):
        return
    there = order.other_subitems + sum(line.subitem_id is not None for line in staying)
    of_them = f", {there:,} of them on the board already" if there else ""
    yield Finding(
        RecordKind.ORDER,
        order.key,
        order.label,
        "too_many_lines",
        f"The order has {wanted:,} lines{of_them}; an item of the board takes {limit:,} subitems",
        "Divide it into several orders in the source, then prepare again. Where the account allows more "
        f"subitems, raise subitem_limit in [profiles.{profile}.limits].",
    )


class Room:
    """What is left on the two boards, counted down while orders are planned one after the other."""

    def __init__(self, schema: BoardSchema) -> None:
        self._items = _Place(schema.items, "items")
        self._subitems = _Place(schema.subitems, "subitems") if schema.subitems is not None else None

    def take(self, order: Order, planned: PlannedOrder) -> Iterator[Finding]:
        """Count an order in; warns at the first one that a board has no room for.

        Nothing is known of a board that did not tell its number of items: then there is no warning.
        """
        kinds = [operation.kind for operation in _operations(planned)]
        added = kinds.count(OperationKind.CREATE_ITEM) - kinds.count(OperationKind.ARCHIVE_ITEM)
        if self._items.is_first_beyond(added):
            yield self._items.warning(order)
        if self._subitems is None:
            return
        added = kinds.count(OperationKind.CREATE_SUBITEM) - kinds.count(OperationKind.ARCHIVE_SUBITEM)
        if OperationKind.ARCHIVE_ITEM in kinds:
            on_board = sum(line.subitem_id is not None and not line.archived for line in order.lines)
            added -= order.other_subitems + on_board
        if self._subitems.is_first_beyond(added):
            yield self._subitems.warning(order)


def _operations(planned: PlannedOrder) -> Iterator[Operation]:
    if planned.operation is not None:
        yield planned.operation
    if not planned.blocked:
        yield from (line.operation for line in planned.lines if line.operation is not None)


class _Place:
    """One board and what was planned for it so far."""

    def __init__(self, board: Board, what: str) -> None:
        self._board = board
        self._what = what
        self._added = 0
        self._warned = False

    def is_first_beyond(self, added: int) -> bool:
        """Count in; True once: when the board is full for the first time."""
        self._added += added
        count, limit = self._board.items_count, self._board.items_limit
        if self._warned or count is None or limit is None or added <= 0:
            return False
        self._warned = count + self._added > limit
        return self._warned

    def warning(self, order: Order) -> Finding:
        return Finding(
            RecordKind.ORDER,
            order.key,
            order.label,
            "board_full",
            f"The board {self._board.name} holds {self._board.items_count:,} of {self._board.items_limit:,} "
            f"{self._what}: from this order on there is no room",
            "Before you push, archive on the board what is done, or name another board. Otherwise the run "
            "stops here, and what is left stays pending.",
            severity=Severity.WARNING,
        )
