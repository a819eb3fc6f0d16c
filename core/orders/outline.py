"""Which orders a selection brings, without what they hold: small enough for all of them to be in memory."""

from dataclasses import dataclass

import sqlalchemy as sa

from core.orders.loading import line_states, selected_keys
from core.orders.model import Selection
from core.orders.source import OrderSource, chunks, text_of


@dataclass(frozen=True, slots=True)
class SelectedOrder:
    """One order of a selection."""

    key: str
    """`record_uuid`."""
    customer: str
    lines: int
    """How many of its lines are selected with it."""


def selected_orders(
    connection: sa.Connection, source: OrderSource, selection: Selection
) -> list[SelectedOrder]:
    """The orders that a selection would load, oldest first."""
    h, line, n = source.h, source.l, source.names
    states = line_states(source, selection)
    names: dict[str, str] = {}  # one text for a customer's name, however many orders there are
    found: list[SelectedOrder] = []
    for chunk in chunks(selected_keys(connection, source, selection)):
        of_headers = sa.select(h[n.record_uuid], h[source.tables.customer_column]).where(
            h[n.record_uuid].in_(chunk)
        )
        customers = {key: text_of(customer) for key, customer in connection.execute(of_headers)}
        of_lines = (
            sa.select(line[n.record_uuid], sa.func.count())
            .where(line[n.record_uuid].in_(chunk), line[n.sync_state].in_(states))
            .group_by(line[n.record_uuid])
        )
        counts = {str(key): count for key, count in connection.execute(of_lines)}
        found.extend(
            SelectedOrder(key, names.setdefault(customers[key], customers[key]), counts.get(key, 0))
            for key in chunk
            if key in customers
        )
    return found
