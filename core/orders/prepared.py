"""What preparation remembers of an order for life: here its ids on the board, in which the engine has a say.

`core.prepare` fills and reads these tables by SQL of its own.
"""

import sqlalchemy as sa

_order = sa.table("deltadesk_order", sa.column("record_uuid"), sa.column("monday_item_id"))
_line = sa.table("deltadesk_order_line", sa.column("record_uuid"), sa.column("monday_subitem_id"))


def forget_board_ids(connection: sa.Connection, order_key: str) -> None:
    """Forget an order's item and its lines' subitems: a later change must not be sent to them."""
    for table, board_id in ((_order, "monday_item_id"), (_line, "monday_subitem_id")):
        connection.execute(
            sa.update(table)
            .where(table.c.record_uuid == order_key, table.c[board_id].is_not(None))
            .values({table.c[board_id]: None})
        )
