"""Which orders a selection brings, without what they hold: small enough for all of them to be in memory."""

from dataclasses import dataclass

import sqlalchemy as sa

from core.orders.loading import line_states, selected_keys
from core.orders.model import ActionType, Selection, SyncState
from core.orders.source import OrderSource, action_of, chunks, text_of


@dataclass(frozen=True, slots=True)
class SelectedOrder:
    """One order of a selection."""

    key: str
    """`record_uuid`."""
    customer: str
    lines: int
    """How many of its lines are selected with it."""
    writes_item: bool = True
    """Whether its item is to be created, changed or archived, by its states."""
    writes_lines: bool = True
    """Whether its lines are to be sent: those of a cancelled order go with its item."""


def selected_orders(
    connection: sa.Connection, source: OrderSource, selection: Selection
) -> list[SelectedOrder]:
    """The orders that a selection would load, oldest first."""
    h, line, n = source.h, source.l, source.names
    states = line_states(source, selection)
    names: dict[str, str] = {}  # one text for a customer's name, however many orders there are
    engine = (n.record_uuid, n.sync_state, n.action_type, n.monday_item_id)
    columns = [h[name] for name in dict.fromkeys((*engine, source.tables.customer_column))]
    found: list[SelectedOrder] = []
    for chunk in chunks(selected_keys(connection, source, selection)):
        of_headers = sa.select(*columns).where(h[n.record_uuid].in_(chunk))
        headers = {row[n.record_uuid]: row for row in connection.execute(of_headers).mappings()}
        of_lines = (
            sa.select(line[n.record_uuid], sa.func.count())
            .where(line[n.record_uuid].in_(chunk), source.line_state_among(states))
            .group_by(line[n.record_uuid])
        )
        counts = {str(key): count for key, count in connection.execute(of_lines)}
        for key in chunk:
            if (row := headers.get(key)) is None:
                continue
            customer = text_of(row[source.tables.customer_column])
            action = action_of(row[n.action_type])
            is_open = source.tables.state(row[n.sync_state]) is not SyncState.SYNCED
            found.append(
                SelectedOrder(
                    key,
                    names.setdefault(customer, customer),
                    counts.get(key, 0),
                    _writes_item(action, on_board=row[n.monday_item_id] is not None, is_open=is_open),
                    action is not ActionType.DELETE,
                )
            )
    return found


def _writes_item(action: ActionType, *, on_board: bool, is_open: bool) -> bool:
    if action is ActionType.INSERT:
        return not on_board
    if action is ActionType.DELETE:
        return on_board and is_open
    return is_open or not on_board
