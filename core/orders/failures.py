"""The records in ERROR, as the Failures page and `retry` list them."""

from collections.abc import Sequence

import sqlalchemy as sa

from core.orders.model import FailedRecord, RecordKind, SyncState
from core.orders.source import OrderSource, chunks, text_of


def failed_records(
    connection: sa.Connection, source: OrderSource, customers: Sequence[str] | None
) -> list[FailedRecord]:
    """Every order and line in ERROR, by customer; lines without a header last, and not with `customers`."""
    h, n = source.h, source.names
    error = source.tables.word(SyncState.ERROR)
    of_customers: list[tuple[sa.ColumnElement[bool], ...]] = (
        [()] if customers is None else [(source.of_customers(some),) for some in chunks(customers)]
    )
    orders = source.order_query().where(h[n.sync_state] == error).order_by(h[n.created_at], h[n.record_uuid])
    failed_orders = [
        row
        for conditions in of_customers
        for row in connection.execute(orders.where(*conditions)).mappings().all()
    ]
    lines = source.line_query().where(source.l[n.sync_state] == error)
    failed_lines = connection.execute(lines).mappings().all()
    parents = _parents(connection, source, [row[n.record_uuid] for row in failed_lines], of_customers)
    told_by_a_line = {row[n.record_uuid] for row in failed_lines}
    records = [
        _failed_order(source, row)
        for row in failed_orders
        # An order that is in ERROR only because of a line is told by that line.
        if row[n.record_uuid] not in told_by_a_line or row[n.monday_item_id] is None
    ]
    for row in failed_lines:
        parent = parents.get(row[n.record_uuid])
        if parent is not None or customers is None:
            records.append(_failed_line(source, row, parent))
    return sorted(records, key=lambda record: (not record.customer, record.customer.casefold()))


def _parents(
    connection: sa.Connection,
    source: OrderSource,
    keys: Sequence[str | None],
    of_customers: Sequence[Sequence[sa.ColumnElement[bool]]],
) -> dict[str, sa.RowMapping]:
    key = source.names.record_uuid
    parents: dict[str, sa.RowMapping] = {}
    for chunk in chunks(sorted({wanted for wanted in keys if wanted is not None})):
        for conditions in of_customers:
            query = source.order_query().where(source.h[key].in_(chunk), *conditions)
            parents.update({row[key]: row for row in connection.execute(query).mappings()})
    return parents


def _failed_order(source: OrderSource, row: sa.RowMapping) -> FailedRecord:
    n = source.names
    return FailedRecord(
        RecordKind.ORDER,
        row[n.record_uuid],
        row[n.record_uuid],
        text_of(row[source.tables.customer_column]),
        source.labelled(row),
        text_of(row[n.sync_error_message]),
        int(row[n.retry_count] or 0),
    )


def _failed_line(source: OrderSource, row: sa.RowMapping, parent: sa.RowMapping | None) -> FailedRecord:
    n = source.names
    order = source.labelled(parent) if parent else "no order"
    return FailedRecord(
        RecordKind.LINE,
        row[n.line_uuid],
        text_of(row[n.record_uuid]),
        text_of(parent[source.tables.customer_column]) if parent else "",
        f"{order}, size {text_of(row[n.size_code])}",
        text_of(row[n.sync_error_message]),
        int(row[n.retry_count] or 0),
    )
