"""Cancels orders that are on the board but in neither table any more: makes their delta row again."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from core.prepare.settings import PrepareSettings
from core.prepare.statements import SEPARATOR
from core.prepare.structure import Structure

_ROWS_AT_A_TIME = 1000


def cancel_absent_orders(
    connection: sa.Connection, settings: PrepareSettings, structure: Structure, values: Mapping[str, Any]
) -> str | None:
    """Put cancelled orders that retention took out into the headers table again, to be archived on the board.

    Their business values are gone but for the key and the customer; archiving needs none. Returns the INSERT,
    None when there was nothing to do.
    """
    headers, absent = _absent(settings, structure)
    insert: sa.Insert | None = None
    while rows := connection.execute(absent).all():
        made = [_row(settings, structure, values, row) for row in rows]
        insert = sa.insert(headers).values(
            {headers.c[name]: sa.bindparam(f"p{i}") for i, name in enumerate(made[0])}
        )
        connection.execute(insert, [{f"p{i}": value for i, value in enumerate(row.values())} for row in made])
    return None if insert is None else str(insert.compile(dialect=connection.dialect))


def _absent(settings: PrepareSettings, structure: Structure) -> tuple[sa.TableClause, sa.Select[Any]]:
    c = settings.columns
    schema, name = structure.schema_and_name(settings.headers_table)
    written = (
        c.record_uuid,
        c.sync_state,
        c.action_type,
        c.monday_item_id,
        c.retry_count,
        c.created_at,
        c.updated_at,
        structure.customer_header,
        *(header for _, header in structure.business_columns),
        *(header for header, _ in structure.required_headers),
    )
    moments = {c.created_at, c.updated_at}
    headers = sa.table(
        name,
        *(
            sa.column(column, sa.DateTime() if column in moments else None)
            for column in dict.fromkeys(written)
        ),
        schema=schema,
    )
    order = sa.table(
        "deltadesk_order",
        *(sa.column(column) for column in ("record_uuid", "business_key", "customer", "monday_item_id")),
    )
    staged = sa.table("deltadesk_staged", sa.column("record_uuid"), sa.column("kind"))
    present: sa.Select[Any] = sa.select(sa.literal_column("1")).where(
        headers.c[c.record_uuid] == order.c.record_uuid
    )
    absent = (
        sa.select(order.c.record_uuid, order.c.business_key, order.c.customer, order.c.monday_item_id)
        .join(staged, staged.c.record_uuid == order.c.record_uuid)
        .where(staged.c.kind == "CANCELLED", order.c.monday_item_id.is_not(None), ~present.exists())
        .limit(_ROWS_AT_A_TIME)
    )
    return headers, absent


def _row(
    settings: PrepareSettings, structure: Structure, values: Mapping[str, Any], order: sa.Row[Any]
) -> dict[str, Any]:
    c = settings.columns
    header_of = {**dict(structure.business_columns), settings.customer_column: structure.customer_header}
    key = zip(settings.key_columns, str(order.business_key).split(SEPARATOR), strict=True)
    return {
        **dict(structure.required_headers),
        **{header_of[column]: part for column, part in key if column in header_of},
        structure.customer_header: order.customer,
        c.record_uuid: order.record_uuid,
        c.sync_state: values["new"],
        c.action_type: values["delete"],
        c.monday_item_id: order.monday_item_id,
        c.retry_count: 0,
        c.created_at: values["now"],
        c.updated_at: values["now"],
    }
