"""Which orders and lines a selection brings to a plan."""

from collections.abc import Sequence

import sqlalchemy as sa

from core.orders.claims import claimed
from core.orders.model import PENDING_STATES, LoadedOrders, Order, OrderLine, Selection, SyncState
from core.orders.source import OrderSource, chunks


def load_selection(connection: sa.Connection, source: OrderSource, selection: Selection) -> LoadedOrders:
    """The selected orders, oldest first, with their open lines; and open lines without a header.

    An order belongs to the selection by its own state, or, when it is synced already, because a line of it
    has one of the selected states.
    """
    retrying = SyncState.ERROR in selection.states
    line_states = source.words((*selection.states, *PENDING_STATES) if retrying else selection.states)
    orders: list[Order] = []
    for chunk in chunks(_selected_keys(connection, source, selection)):
        lines = source.lines_of(connection, chunk, states=line_states)
        query = source.order_query().where(source.h[source.names.record_uuid].in_(chunk))
        found = {row[source.names.record_uuid]: row for row in connection.execute(query).mappings()}
        orders.extend(source.order(found[key], lines.get(key, ())) for key in chunk if key in found)
    return LoadedOrders(
        tuple(orders), tuple(_orphans(connection, source, selection, source.words(selection.states)))
    )


def _selected_keys(connection: sa.Connection, source: OrderSource, selection: Selection) -> list[str]:
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
    if selection.customers is not None:
        query = query.where(source.of_customers(selection.customers))
    if selection.order_keys is None:
        ordered = query.order_by(*source.arrival).limit(selection.limit)
        return [row[-1] for row in connection.execute(ordered)]
    # A repaired line that had no header is named by its own key: its order comes with it.
    wanted = dict.fromkeys(
        (*selection.order_keys, *_orders_of_lines(connection, source, selection.order_keys))
    )
    rows = [row for chunk in chunks(tuple(wanted)) for row in connection.execute(query.where(key.in_(chunk)))]
    # Portions come one after the other; NULL stands first, as databases have it.
    rows.sort(key=lambda row: [(value is not None, str(value)) for value in row])
    return [row[-1] for row in rows[: selection.limit]]


def _orphans(
    connection: sa.Connection, source: OrderSource, selection: Selection, states: Sequence[str]
) -> list[OrderLine]:
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
