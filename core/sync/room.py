"""How much the board still takes: subitems under one item, items and subitems on their boards.

Documented are 100 subitems an item, which may vary by plan, and 10,000 items a board (apps docs, "Limits").
"""

from collections.abc import Iterator
from itertools import count as numbers_from

from core.mapping.findings import Finding, Severity
from core.monday.board import Board, BoardSchema
from core.orders.model import ActionType, Order, RecordKind
from core.orders.record_keys import continuation_key
from core.sync.plan import Operation, OperationKind, PlannedOrder, Reference, TargetKind

_OWN = 1
"""The number of the order's own item; its continuation items follow."""


class SubitemPlaces:
    """Which of an order's items each of its lines hangs under.

    A line that is on the board stays where it is; a new one goes under the first item that has room, in the
    lines' order. So what a broken run has left goes where that run would have put it.
    """

    def __init__(self, order: Order, limit: int) -> None:
        """`limit`: the subitems that an item takes."""
        self._order = order
        self._limit = limit
        self._known = {each.number: each.item_id for each in order.continuations}
        taken = {each.number: each.other_subitems for each in order.continuations}
        taken[_OWN] = max(0, order.other_subitems - sum(taken.values()))
        number_of = {each.item_id: each.number for each in order.continuations}
        self._new_lines = 0
        for line in order.lines:
            if line.action is ActionType.DELETE:
                continue
            if line.subitem_id is None:
                self._new_lines += 1
            else:
                taken[number_of.get(line.continuation_id or "", _OWN)] += 1
        self._taken = taken
        present = sorted(taken)
        room = sum([max(0, limit - count) for count in taken.values()])
        self.suffice = self._new_lines <= room
        """Whether the items that are there, the order's own included, take all new lines.

        An item with more subitems than the limit stays as it is.
        """
        self.opened: list[int] = []
        """Numbers of the continuation items that the board does not have yet."""
        self._numbers: Iterator[int] = iter(present) if self.suffice else numbers_from(_OWN)
        self._number = next(self._numbers)

    def take(self) -> str | Reference | None:
        """The continuation item for the next new line; None: the order's own."""
        while self._taken.get(self._number, 0) >= self._limit:
            self._number = next(self._numbers)
        number = self._number
        self._taken[number] = self._taken.get(number, 0) + 1
        if number == _OWN:
            return None
        if number in self._known:
            return self._known[number]
        if number not in self.opened:
            self.opened.append(number)
        return Reference(TargetKind.CONTINUATION, continuation_key(self._order.key, number))

    def refusal(self, profile: str) -> Finding:
        """What forbids sending an order with more lines than there is room for."""
        return self._finding(
            "too_many_lines",
            "",
            "Divide it into several orders in the source, then prepare again. Where the account allows more "
            f"subitems, raise subitem_limit in [profiles.{profile}.limits]; or let it continue on further "
            'items: beyond_subitem_limit = "continue".',
        )

    def unfindable(self) -> Finding:
        """What forbids sending an order whose further items could not be found again by a key."""
        return self._finding(
            "continuation_without_key",
            ", and without its key on the board a further item could not be found again",
            "Name a text column of the items as item_key_column of the mapping, and map record_uuid to it "
            "without transforms; then send again.",
        )

    def _finding(self, code: str, why: str, remedy: str) -> Finding:
        there = sum(self._taken.values())
        of_them = f", {there:,} of them on the board already" if there else ""
        message = (
            f"The order has {there + self._new_lines:,} lines{of_them}; an item of the board takes "
            f"{self._limit:,} subitems{why}"
        )
        return Finding(RecordKind.ORDER, self._order.key, self._order.label, code, message, remedy)


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
    yield from planned.continuations
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
