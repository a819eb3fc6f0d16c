"""Which orders and lines a selection brings to a plan."""

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from core.orders import continuations
from core.orders.claims import claimed
from core.orders.model import PENDING_STATES, LoadedOrders, Order, OrderLine, Selection, SyncState
from core.orders.source import OrderSource, chunks


def load_selection(connection: sa.Connection, source: OrderSource, selection: Selection) -> LoadedOrders:
    """The selected orders, oldest first, with their open lines; and open lines without a header.

    An order belongs to the selection by its own state, or, when it is synced already, because a line of it
    has one of the selected states.
    """
    keys = selected_keys(connection, source, selection)
    return LoadedOrders(
        tuple(_orders(connection, source, selection, keys)),
        tuple(selected_orphans(connection, source, selection)),
    )


def load_keys(
    connection: sa.Connection, source: OrderSource, selection: Selection, keys: Sequence[str]
) -> LoadedOrders:
    """A part of a selection's orders, by the keys that `selected_keys` gave; no lines without a header."""
    return LoadedOrders(tuple(_orders(connection, source, selection, keys)))


def _orders(
    connection: sa.Connection, source: OrderSource, selection: Selection, keys: Sequence[str]
) -> list[Order]:
    states = line_states(source, selection)
    orders: list[Order] = []
    for chunk in chunks(keys):
        lines = source.lines_of(connection, chunk, states=states)
        query = source.order_query().where(source.h[source.names.record_uuid].in_(chunk))
        found = {row[source.names.record_uuid]: row for row in connection.execute(query).mappings()}
        on_board = [key for key, row in found.items() if row[source.names.monday_item_id] is not None]
        subitems = source.subitem_counts(connection, on_board) if on_board else {}
        continued = continuations.load(connection, source, chunk)
        orders.extend(
            continued.complete(source.order(found[key], lines.get(key, ()), subitems.get(key, 0)))
            for key in chunk
            if key in found
        )
    return orders


def line_states(source: OrderSource, selection: Selection) -> list[str]:
    """The stored states of the lines that come with the selected orders."""
    retrying = SyncState.ERROR in selection.states
    return source.words((*selection.states, *PENDING_STATES) if retrying else selection.states)


def selected_keys(connection: sa.Connection, source: OrderSource, selection: Selection) -> list[str]:
    """Keys of the selected orders, oldest first."""
    h, line, n = source.h, source.l, source.names
    states = source.words(selection.states)
    key = h[n.record_uuid]
    open_line = (
        sa.select(line[n.line_uuid])
        .where(line[n.record_uuid] == key, line[n.sync_state].in_(states))
        .exists()
    )
    synced = h[n.sync_state] == source.tables.word(SyncState.SYNCED)
    query = sa.select(*source.arrival).where(sa.or_(h[n.sync_state].in_(states), sa.and_(synced, open_line)))
    if selection.unclaimed:
        query = query.where(~claimed(key))
    queries = [
        query.where(*conditions)
        for of_customers in _portions(source.of_customers, selection.customers)
        for conditions in _portions(key.in_, _wanted_keys(connection, source, selection), of_customers)
    ]
    if len(queries) == 1:
        ordered = queries[0].order_by(*source.arrival).limit(selection.limit)
        return [row[-1] for row in connection.execute(ordered)]
    rows = {row[-1]: row for portion in queries for row in connection.execute(portion)}
    # Portions come one after the other; NULL stands first, as databases have it.
    arrived = sorted(rows.values(), key=lambda row: [(value is not None, str(value)) for value in row])
    return [row[-1] for row in arrived[: selection.limit]]


def _portions(
    condition: Callable[[list[str]], sa.ColumnElement[bool]],
    wanted: Sequence[str] | None,
    before: tuple[sa.ColumnElement[bool], ...] = (),
) -> list[tuple[sa.ColumnElement[bool], ...]]:
    """`before` and a condition on each portion of what is wanted; `before` alone where nothing is asked."""
    return [before] if wanted is None else [(*before, condition(chunk)) for chunk in chunks(wanted)]


def _wanted_keys(
    connection: sa.Connection, source: OrderSource, selection: Selection
) -> tuple[str, ...] | None:
    """The chosen orders; a repaired line that had no header is named by its own key: its order comes too."""
    if selection.order_keys is None:
        return None
    keys = selection.order_keys
    return tuple(dict.fromkeys((*keys, *_orders_of_lines(connection, source, keys))))


def selected_orphans(connection: sa.Connection, source: OrderSource, selection: Selection) -> list[OrderLine]:
    """Open lines without a header that belong to the selection."""
    states = source.words(selection.states)
    if selection.customers is not None or selection.limit is not None:
        return []
    n = source.names
    parent = sa.select(source.h[n.record_uuid]).where(source.h[n.record_uuid] == source.l[n.record_uuid])
    query = source.line_query().where(~parent.exists(), source.l[n.sync_state].in_(states))
    if selection.order_keys is None:
        return [source.line(row) for row in connection.execute(query).mappings()]
    return [
        source.line(row)
        for chunk in chunks(selection.order_keys)
        for row in connection.execute(query.where(source.l[n.line_uuid].in_(chunk))).mappings()
    ]


def _orders_of_lines(connection: sa.Connection, source: OrderSource, line_keys: Sequence[str]) -> list[str]:
    n = source.names
    found: dict[str, None] = {}
    for chunk in chunks(line_keys):
        query = sa.select(source.l[n.record_uuid]).where(source.l[n.line_uuid].in_(chunk))
        found.update(dict.fromkeys(connection.scalars(query)))
    return list(found)
