"""Orders read from the delta tables, and their states written back. Synchronous: use a worker thread."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.errors import ConfigurationError, Problem
from core.orders import failures, listing, loading, outline, own_tables
from core.orders.database import reading, writing
from core.orders.model import (
    ActionType,
    CustomerSummary,
    FailedRecord,
    LoadedOrders,
    OrderDetail,
    OrderFilter,
    OrderLine,
    OrderRow,
    RecordKind,
    Selection,
    StateChange,
    SyncState,
)
from core.orders.moments import plain
from core.orders.outline import SelectedOrder
from core.orders.source import OrderSource, chunks, gone
from core.orders.state_writer import StateWriter
from core.orders.tables import SourceNames, SourceTables


class OrderStore:
    """The delta tables of one profile. Every method raises StoreError when the database does not answer."""

    def __init__(
        self,
        engine: sa.Engine,
        names: SourceNames,
        *,
        label: Callable[[Mapping[Any, Any]], str],
        label_columns: Sequence[str],
        display_columns: Sequence[str],
        header_columns: Sequence[str],
        line_columns: Sequence[str],
        worker: str,
    ) -> None:
        """`header_columns` and `line_columns` are the mapped ones, the only business columns read for a plan.

        Raises ConfigurationError for a missing table or column, StoreError when the database does not answer.
        """
        self.engine = engine
        with reading(engine) as connection:
            self.tables = SourceTables(sa.inspect(connection), names)
        self._source = OrderSource(
            self.tables,
            label=label,
            label_columns=label_columns,
            display_columns=display_columns,
            header_columns=header_columns,
            line_columns=line_columns,
        )
        self._states = StateWriter(engine.dialect, self.tables, self._source)
        self._names = names.columns
        self._worker = worker

    # Reading

    def customers(self, wanted: OrderFilter) -> list[CustomerSummary]:
        """Every customer with matching orders, by name."""
        with reading(self.engine) as connection:
            return listing.customers(connection, self._source, wanted)

    def order_count(self, wanted: OrderFilter) -> int:
        """How many orders match; cheap beside `customers`."""
        with reading(self.engine) as connection:
            return listing.order_count(connection, self._source, wanted)

    def order_rows(self, customer: str, wanted: OrderFilter, offset: int, limit: int) -> list[OrderRow]:
        """A page of one customer's orders, oldest first."""
        with reading(self.engine) as connection:
            return listing.order_rows(connection, self._source, customer, wanted, offset=offset, limit=limit)

    def order_detail(self, key: str) -> OrderDetail:
        """Everything about one order. Raises ConfigurationError when it is gone."""
        with reading(self.engine) as connection:
            return listing.order_detail(connection, self._source, key)

    def load(self, selection: Selection) -> LoadedOrders:
        """The selected orders, oldest first, with their open lines; and open lines without a header.

        An order belongs to the selection by its own state, or, when it is synced already, because a line of
        it has one of the selected states.
        """
        with reading(self.engine) as connection:
            return loading.load_selection(connection, self._source, selection)

    def selected_keys(self, selection: Selection) -> list[str]:
        """Keys of the orders that `load` would bring, oldest first."""
        with reading(self.engine) as connection:
            return loading.selected_keys(connection, self._source, selection)

    def selected_orders(self, selection: Selection) -> list[SelectedOrder]:
        """The orders that `load` would bring, oldest first: their keys, customers and numbers of lines."""
        with reading(self.engine) as connection:
            return outline.selected_orders(connection, self._source, selection)

    def load_keys(self, selection: Selection, keys: Sequence[str]) -> LoadedOrders:
        """Some of a selection's orders, by their keys: a part of what `load` would bring."""
        with reading(self.engine) as connection:
            return loading.load_keys(connection, self._source, selection, keys)

    def orphans(self, selection: Selection) -> list[OrderLine]:
        """Open lines without a header that `load` would bring."""
        with reading(self.engine) as connection:
            return loading.selected_orphans(connection, self._source, selection)

    def failed(self, customers: Sequence[str] | None = None) -> list[FailedRecord]:
        """Every order and line in ERROR, by customer; lines without a header last."""
        with reading(self.engine) as connection:
            return failures.failed_records(connection, self._source, customers)

    def record_fields(self, kind: RecordKind, key: str) -> tuple[tuple[str, Any], ...]:
        """Every column of one record. Raises ConfigurationError when it is gone."""
        table, key_column = self._source.table(kind)
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(*table.columns).where(key_column == key)).one_or_none()
        if row is None:
            raise gone(kind, key)
        return tuple(zip((column.name for column in table.columns), row, strict=True))

    # Writing

    def apply(self, connection: sa.Connection, changes: Sequence[StateChange]) -> None:
        """Write states back inside the caller's transaction."""
        self._states.apply(connection, changes)

    def set_state(self, keys: Sequence[str], before: Sequence[SyncState], after: SyncState) -> int:
        """Move orders from one of the `before` states to `after`; returns how many moved.

        The failed lines of an order that is released are pending again: they are sent with it.
        """
        h, n, line = self._source.h, self._names, self._source.l
        moved = 0
        with writing(self.engine) as connection:
            for chunk in chunks(keys):
                result = connection.execute(
                    sa.update(self.tables.headers)
                    .where(h[n.record_uuid].in_(chunk), h[n.sync_state].in_(self._source.words(before)))
                    .values({h[n.sync_state]: self.tables.word(after)})
                )
                moved += result.rowcount
                if after is SyncState.NEW:
                    of_released = sa.select(h[n.record_uuid]).where(
                        h[n.record_uuid].in_(chunk), h[n.sync_state] == self.tables.word(SyncState.NEW)
                    )
                    connection.execute(
                        sa.update(self.tables.lines)
                        .where(
                            line[n.record_uuid].in_(of_released),
                            line[n.sync_state] == self.tables.word(SyncState.ERROR),
                        )
                        .values({line[n.sync_state]: self.tables.word(SyncState.PENDING)})
                    )
        return moved

    def edit_value(self, kind: RecordKind, key: str, column: str, value: str, at: datetime) -> None:
        """Replace one business value of a record and keep who changed what; the state stays as it is.

        A new record that is on the board already becomes an UPDATE, so that the change reaches the board.
        Raises ConfigurationError for a column the engine owns or that the table lacks.
        """
        n = self._names
        table, key_column = self._source.table(kind)
        board_id_column = table.c[self._states.board_column(kind)]
        if column in self._engine_columns(kind) or column not in table.c:
            raise ConfigurationError(
                Problem(
                    "column_not_editable",
                    f"'{column}' cannot be edited here",
                    f"{kind.value} {key}",
                    "Edit a business column of the record.",
                )
            )
        with writing(self.engine) as connection:
            before = connection.execute(
                sa.select(table.c[column], board_id_column, table.c[n.action_type]).where(key_column == key)
            ).one_or_none()
            if before is None:
                raise gone(kind, key)
            values: dict[str, Any] = {column: value, n.updated_at: plain(at)}
            old_value, board_id, action = before
            if board_id is not None and action != ActionType.DELETE:
                values[n.action_type] = ActionType.UPDATE.value
            connection.execute(
                sa.update(table)
                .where(key_column == key)
                .values({table.c[name]: new for name, new in values.items()})
            )
            connection.execute(
                sa.insert(own_tables.edit).values(
                    edit_uuid=str(uuid.uuid4()),
                    at=plain(at),
                    worker=self._worker,
                    record_kind=kind.value,
                    record_key=key,
                    column_name=column,
                    value_before=None if old_value is None else str(old_value),
                    value_after=value,
                )
            )

    def _engine_columns(self, kind: RecordKind) -> frozenset[str]:
        """What only the engine writes. A line's order, size and quantity are the operator's to repair."""
        n = self._names
        return frozenset(
            {
                n.record_uuid if kind is RecordKind.ORDER else n.line_uuid,
                n.sync_state,
                n.action_type,
                n.monday_item_id,
                n.monday_subitem_id,
                n.monday_parent_id,
                n.sync_attempted_at,
                n.sync_completed_at,
                n.sync_error_message,
                n.retry_count,
                n.created_at,
                n.updated_at,
            }
        )
