"""Orders read from the delta tables, and their states written back. Synchronous: use a worker thread."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from core.errors import ConfigurationError, Problem
from core.orders import continuations, failures, listing, loading, outline, own_tables
from core.orders.database import reading, writing
from core.orders.many_rows import ManyRows
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
from core.orders.outline import SelectedOrder
from core.orders.prepared import forget_board_ids
from core.orders.source import OrderSource, chunks, gone
from core.orders.tables import SourceNames, SourceTables

_CUT = "…"
_REMEMBERED = 64
"""Moments: a run writes one into the rows of a whole request."""


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
        self._names = names.columns
        self._worker = worker
        self._state_updates: dict[tuple[Any, ...], ManyRows] = {}
        """By what they write; a handful."""

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
        continued = [change for change in changes if change.continuation is not None or change.continues]
        if continued:
            continuations.apply(connection, continued)
            changes = [change for change in changes if change.continuation is None]
        for portion in _each_record_once(changes):
            alike: defaultdict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
            for change in portion:
                values = self._state_values(change)
                if change.as_of is not None:
                    values |= self._changed_since(connection, change, change.as_of)
                same = (change.kind, change.state, change.afresh, *values)
                alike[same].append((change.key, *values.values()))
            for same, rows in alike.items():
                # One statement for all of them: to make one for each costs more than to carry it out.
                self._state_update(same).execute(connection, rows)
            for change in portion:
                if change.afresh and change.kind is RecordKind.ORDER:
                    forget_board_ids(connection, change.key)
                    continuations.forget(connection, change.key)

    def _state_update(self, same: tuple[Any, ...]) -> ManyRows:
        """The statement that writes what changes have in common; its rows are the key, then the values."""
        if same not in self._state_updates:
            kind, state, afresh, *names = same
            table, key_column = self._source.table(kind)
            parameters = tuple(f"new_{place}" for place in range(1 + len(names)))
            new: dict[Any, Any] = {
                table.c[name]: sa.bindparam(parameter)
                for name, parameter in zip(names, parameters[1:], strict=True)
            }
            new.update(self._computed(table, state, afresh=afresh))
            statement = sa.update(table).where(key_column == sa.bindparam(parameters[0])).values(new)
            self._state_updates[same] = ManyRows(self.engine.dialect, statement, parameters)
        return self._state_updates[same]

    def _state_values(self, change: StateChange) -> dict[str, Any]:
        n = self._names
        at = _plain(change.at)
        values: dict[str, Any] = {
            n.sync_state: self.tables.word(change.state),
            n.sync_error_message: self._fitting(change.kind, change.error),
            n.sync_attempted_at: at,
            n.updated_at: at,
        }
        if change.state is SyncState.SYNCED:
            values[n.sync_completed_at] = at
        if change.board_id is not None:
            values[self._board_column(change.kind)] = change.board_id
        if change.parent_id is not None and change.kind is RecordKind.LINE:
            values[n.monday_parent_id] = change.parent_id
        return values | self._never_sent(change.kind) if change.afresh else values

    def _changed_since(
        self, connection: sa.Connection, change: StateChange, as_of: datetime
    ) -> dict[str, Any]:
        """What others wrote into the record since a moment, and the change must not undo.

        The engine notes each of its own writes as an attempt, so a later update is somebody else's.
        """
        n = self._names
        table, key_column = self._source.table(change.kind)
        updated, attempted = table.c[n.updated_at], table.c[n.sync_attempted_at]
        corrected = sa.and_(updated > _plain(as_of), sa.or_(attempted.is_(None), updated > attempted))
        row = connection.execute(
            sa.select(table.c[n.sync_state], table.c[n.action_type], sa.case((corrected, 1), else_=0))
            .where(key_column == change.key)
            .with_for_update()
        ).one_or_none()
        if row is None:
            return {}
        state, action, is_corrected = row
        is_cancelled = action == ActionType.DELETE.value
        values: dict[str, Any] = {}
        if is_corrected and not is_cancelled:
            values[n.action_type] = ActionType.UPDATE.value
        if state == self.tables.word(SyncState.HELD):
            values[n.sync_state] = state
        elif is_corrected or is_cancelled:
            values[n.sync_state] = self.tables.word(SyncState.PENDING)
        return values

    def _never_sent(self, kind: RecordKind) -> dict[str, Any]:
        n = self._names
        values: dict[str, Any] = {
            n.sync_attempted_at: None,
            n.sync_completed_at: None,
            n.retry_count: 0,
            self._board_column(kind): None,
        }
        if kind is RecordKind.LINE:
            values[n.monday_parent_id] = None
        return values

    def _computed(
        self, table: sa.TableClause, state: SyncState, *, afresh: bool
    ) -> dict[sa.ColumnElement[Any], Any]:
        """What the database makes of a record's present values."""
        n = self._names
        if afresh:
            action, delete = table.c[n.action_type], ActionType.DELETE.value
            return {action: sa.case((action == delete, delete), else_=ActionType.INSERT.value)}
        if state is SyncState.ERROR:
            return {table.c[n.retry_count]: sa.func.coalesce(table.c[n.retry_count], 0) + 1}
        return {}

    def _fitting(self, kind: RecordKind, message: str | None) -> str | None:
        """The message cut to what its column holds: a refused row would undo the whole transaction."""
        limit = self.tables.error_length(kind)
        if message is None or limit is None or len(message) <= limit:
            return message
        return message[: limit - len(_CUT)] + _CUT

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
                sa.select(table.c[column], table.c[self._board_column(kind)], table.c[n.action_type]).where(
                    key_column == key
                )
            ).one_or_none()
            if before is None:
                raise gone(kind, key)
            values: dict[str, Any] = {column: value, n.updated_at: _plain(at)}
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
                    at=_plain(at),
                    worker=self._worker,
                    record_kind=kind.value,
                    record_key=key,
                    column_name=column,
                    value_before=None if old_value is None else str(old_value),
                    value_after=value,
                )
            )

    def _board_column(self, kind: RecordKind) -> str:
        return self._names.monday_item_id if kind is RecordKind.ORDER else self._names.monday_subitem_id

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


def _each_record_once(changes: Iterable[StateChange]) -> Iterator[Collection[StateChange]]:
    """The changes in portions, in their order, so that within one their order does not matter."""
    portion: dict[tuple[RecordKind, str], StateChange] = {}
    for change in changes:
        record = (change.kind, change.key)
        if record in portion:
            yield portion.values()
            portion = {}
        portion[record] = change
    yield portion.values()


@lru_cache(maxsize=_REMEMBERED)
def _plain(moment: datetime | None) -> datetime | None:
    """UTC without a zone, as the tables hold it."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None
