"""Continuation items: further items of an order, for the lines that its own item has no room for.

Where they are is kept for life, as preparation keeps an order's item. So is which subitems hang under them:
whoever fills the delta tables need not know of them.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from core.orders import own_tables
from core.orders.model import Continuation, Order, OrderLine, RecordKind, StateChange
from core.orders.source import OrderSource, chunks


@dataclass(frozen=True, slots=True)
class Continued:
    """What is known of the continuation items of some orders."""

    items: Mapping[str, Sequence[tuple[int, str]]] = field(default_factory=dict)
    """Numbers and ids by the order's key."""
    item_of: Mapping[str, str] = field(default_factory=dict)
    """Subitem -> the continuation item above it."""
    subitems: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The subitems that the order's lines have on the board, whatever their state, by the order's key."""

    def complete(self, order: Order) -> Order:
        """The order with its continuation items, and with its lines where they hang."""
        items = self.items.get(order.key)
        if not items:
            return order
        lines = tuple(self._line(line) for line in order.lines)
        loaded = {line.subitem_id for line in lines}
        others = Counter(
            self.item_of.get(subitem) for subitem in self.subitems.get(order.key, ()) if subitem not in loaded
        )
        continuations = tuple(Continuation(number, item_id, others[item_id]) for number, item_id in items)
        return replace(order, lines=lines, continuations=continuations)

    def _line(self, line: OrderLine) -> OrderLine:
        above = self.item_of.get(line.subitem_id or "")
        return line if above is None else replace(line, continuation_id=above)


def load(connection: sa.Connection, source: OrderSource, order_keys: Sequence[str]) -> Continued:
    """What is known of the continuation items of these orders, at most a portion of `chunks`."""
    table, below = own_tables.continuation, own_tables.continued_subitem
    query = (
        sa.select(table.c.record_uuid, table.c.number, table.c.item_id)
        .where(table.c.record_uuid.in_(order_keys))
        .order_by(table.c.record_uuid, table.c.number)
    )
    items: dict[str, list[tuple[int, str]]] = {}
    for order_key, number, item_id in connection.execute(query):
        items.setdefault(order_key, []).append((number, item_id))
    item_of: dict[str, str] = {}
    for some in chunks([item_id for found in items.values() for _, item_id in found]):
        under = sa.select(below.c.subitem_id, below.c.item_id).where(below.c.item_id.in_(some))
        item_of.update((subitem_id, item_id) for subitem_id, item_id in connection.execute(under))
    return Continued(items, item_of, source.subitem_ids(connection, list(items)) if items else {})


def apply(connection: sa.Connection, changes: Sequence[StateChange]) -> None:
    """Keep and forget continuation items, and which subitems hang under them, in the caller's transaction.

    Takes changes of orders that name a continuation, and changes of lines that `continues`.
    """
    for change in changes:
        if change.continuation is not None and change.board_id is not None:
            _keep(connection, change.key, change.continuation, change.board_id)
        elif change.continuation is not None:
            _forget(connection, change.key, change.continuation)
    above = {
        change.board_id: change.parent_id
        for change in changes
        if change.kind is RecordKind.LINE and change.board_id is not None and change.parent_id is not None
    }
    if above:
        _keep_subitems(connection, above)


def _keep(connection: sa.Connection, order_key: str, number: int, item_id: str) -> None:
    table = own_tables.continuation
    connection.execute(sa.delete(table).where(table.c.record_uuid == order_key, table.c.number == number))
    connection.execute(sa.insert(table).values(record_uuid=order_key, number=number, item_id=item_id))


def forget(connection: sa.Connection, order_key: str) -> None:
    """Forget all continuation items of an order, and what hangs under them, in the caller's transaction."""
    _forget(connection, order_key, None)


def _forget(connection: sa.Connection, order_key: str, number: int | None) -> None:
    table, below = own_tables.continuation, own_tables.continued_subitem
    mine = [table.c.record_uuid == order_key]
    if number is not None:
        mine.append(table.c.number == number)
    item_ids = connection.scalars(sa.select(table.c.item_id).where(*mine)).all()
    if not item_ids:
        return
    for some in chunks(item_ids):
        connection.execute(sa.delete(below).where(below.c.item_id.in_(some)))
    connection.execute(sa.delete(table).where(*mine))


def _keep_subitems(connection: sa.Connection, above: Mapping[str, str]) -> None:
    """Keep which of these subitems hang under a continuation item; the others need no note."""
    known = _known(connection, set(above.values()))
    rows = [
        {"subitem_id": subitem_id, "item_id": item_id}
        for subitem_id, item_id in above.items()
        if item_id in known
    ]
    if not rows:
        return
    below = own_tables.continued_subitem
    for some in chunks([row["subitem_id"] for row in rows]):
        connection.execute(sa.delete(below).where(below.c.subitem_id.in_(some)))
    connection.execute(sa.insert(below), rows)


def _known(connection: sa.Connection, item_ids: Collection[str]) -> set[str]:
    table = own_tables.continuation
    return {
        item_id
        for some in chunks(sorted(item_ids))
        for item_id in connection.scalars(sa.select(table.c.item_id).where(table.c.item_id.in_(some)))
    }
