"""What the Orders page lists: customers, pages of their orders, one order in full."""

from datetime import UTC

import sqlalchemy as sa

from core.orders.model import (
    PENDING_STATES,
    CustomerSummary,
    OrderDetail,
    OrderFilter,
    OrderRow,
    RecordKind,
    SyncState,
)
from core.orders.source import OrderSource, gone


def customers(connection: sa.Connection, source: OrderSource, wanted: OrderFilter) -> list[CustomerSummary]:
    """Every customer with matching orders, by name."""
    h, line, n = source.h, source.l, source.names
    # Written out, not bound: SQL Server takes two parameters for two expressions, and refuses the grouping.
    customer = sa.func.coalesce(h[source.tables.customer_column], sa.literal_column("''"))
    state = h[n.sync_state]
    counted = (
        sa.select(
            customer.label("customer"),
            sa.func.count().label("orders"),
            sa.func.sum(sa.case((state.in_(source.words(PENDING_STATES)), 1), else_=0)).label("pending"),
            sa.func.sum(sa.case((state == source.tables.word(SyncState.ERROR), 1), else_=0)).label("failed"),
            sa.func.min(h[n.created_at]).label("oldest"),
        )
        .where(*source.conditions(wanted))
        .group_by(customer)
        .subquery("counted")
    )
    sized = (
        sa.select(
            customer.label("customer"),
            sa.func.count().label("lines"),
            sa.func.sum(line[n.qty]).label("pieces"),
        )
        .select_from(source.tables.lines.join(source.tables.headers, line[n.record_uuid] == h[n.record_uuid]))
        .where(*source.conditions(wanted))
        .group_by(customer)
        .subquery("sized")
    )
    # The database joins them: of two spellings that it takes for one customer, each may show another.
    both = sa.select(*counted.c, sized.c.lines, sized.c.pieces).select_from(
        counted.outerjoin(sized, sized.c.customer == counted.c.customer)
    )
    summaries = [
        CustomerSummary(
            customer=str(row.customer),
            orders=row.orders,
            lines=row.lines or 0,
            pieces=int(row.pieces or 0),
            pending=int(row.pending or 0),
            failed=int(row.failed or 0),
            oldest=row.oldest.replace(tzinfo=UTC) if row.oldest else None,
        )
        for row in connection.execute(both)
    ]
    return sorted(summaries, key=lambda summary: summary.customer.casefold())


def order_count(connection: sa.Connection, source: OrderSource, wanted: OrderFilter) -> int:
    """How many orders match, without a look at their lines."""
    counting = sa.select(sa.func.count()).select_from(source.tables.headers)
    return int(connection.execute(counting.where(*source.conditions(wanted))).scalar_one())


def order_rows(
    connection: sa.Connection,
    source: OrderSource,
    customer: str,
    wanted: OrderFilter,
    *,
    offset: int,
    limit: int,
) -> list[OrderRow]:
    """A page of one customer's orders, oldest first."""
    query = (
        source.row_query()
        .where(source.of_customer(customer), *source.conditions(wanted))
        .order_by(*source.arrival)
        .offset(offset)
        .limit(limit)
    )
    return [source.order_row(row) for row in connection.execute(query).mappings().all()]


def order_detail(connection: sa.Connection, source: OrderSource, key: str) -> OrderDetail:
    """Everything about one order. Raises ConfigurationError when it is gone."""
    table, key_column = source.table(RecordKind.ORDER)
    row = connection.execute(source.row_query().where(key_column == key)).mappings().one_or_none()
    if row is None:
        raise gone(RecordKind.ORDER, key)
    fields = connection.execute(sa.select(*table.columns).where(key_column == key)).one()
    lines = source.lines_of(connection, [key], states=None)
    return OrderDetail(
        source.order_row(row),
        tuple(zip(source.tables.header_columns, fields, strict=True)),
        tuple(lines.get(key, ())),
    )
