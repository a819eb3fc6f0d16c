"""Reads orders from the delta tables and writes their states back. Synchronous: callers use a worker thread."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa

from core.errors import ConfigurationError, Problem
from core.orders import own_tables
from core.orders.database import reading, writing
from core.orders.model import (
    PENDING_STATES,
    ActionType,
    CustomerSummary,
    FailedRecord,
    LoadedOrders,
    Order,
    OrderDetail,
    OrderFilter,
    OrderLine,
    OrderRow,
    RecordKind,
    Selection,
    StateChange,
    SyncState,
)
from core.orders.tables import SourceNames, SourceTables

_KEYS_PER_QUERY = 500
"""Keys in one IN list: SQL Server takes 2,100 parameters a statement, older SQLite 999."""

Item = TypeVar("Item")


def _chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, _KEYS_PER_QUERY)):
        yield chunk


def _plain(moment: datetime | None) -> datetime | None:
    """UTC without a zone, as the tables hold it."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _action(word: Any) -> ActionType:
    try:
        return ActionType(str(word))
    except ValueError:
        return ActionType.INSERT


class OrderStore:
    """The delta tables of one profile."""

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
        self.tables.require((*label_columns, *display_columns, *header_columns), line_columns)
        self._label = label
        self._label_columns = tuple(label_columns)
        self._display = tuple(display_columns)
        self._header_columns = tuple(dict.fromkeys((*header_columns, *label_columns, names.customer_column)))
        self._line_columns = tuple(dict.fromkeys((*line_columns, names.columns.size_code, names.columns.qty)))
        self._worker = worker
        self._h = self.tables.headers.c
        self._l = self.tables.lines.c
        self._n = names.columns

    # Reading for the Orders page

    def customers(self, wanted: OrderFilter) -> list[CustomerSummary]:
        """Every customer with matching orders, by name."""
        h, n = self._h, self._n
        customer = h[self.tables.customer_column]
        state = h[n.sync_state]
        matching = sa.select(h[n.record_uuid]).where(*self._conditions(wanted))
        counted = (
            sa.select(
                customer,
                sa.func.count(),
                sa.func.sum(sa.case((state.in_(self._words(PENDING_STATES)), 1), else_=0)),
                sa.func.sum(sa.case((state == self.tables.word(SyncState.ERROR), 1), else_=0)),
                sa.func.min(h[n.created_at]),
            )
            .where(*self._conditions(wanted))
            .group_by(customer)
        )
        sized = (
            sa.select(customer, sa.func.count(), sa.func.sum(self._l[n.qty]))
            .select_from(
                self.tables.lines.join(self.tables.headers, self._l[n.record_uuid] == h[n.record_uuid])
            )
            .where(h[n.record_uuid].in_(matching))
            .group_by(customer)
        )
        with reading(self.engine) as connection:
            lines = {name: (count, pieces) for name, count, pieces in connection.execute(sized)}
            rows = connection.execute(counted).all()
        summaries = [
            CustomerSummary(
                customer=_text(name),
                orders=orders,
                lines=lines.get(name, (0, 0))[0],
                pieces=int(lines.get(name, (0, 0))[1] or 0),
                pending=int(pending or 0),
                failed=int(failed or 0),
                oldest=oldest.replace(tzinfo=UTC) if oldest else None,
            )
            for name, orders, pending, failed, oldest in rows
        ]
        return sorted(summaries, key=lambda summary: summary.customer.casefold())

    def order_rows(self, customer: str, wanted: OrderFilter, offset: int, limit: int) -> list[OrderRow]:
        """A page of one customer's orders, oldest first."""
        query = (
            self._row_query()
            .where(self._of_customer(customer), *self._conditions(wanted))
            .order_by(self._h[self._n.created_at], self._h[self._n.record_uuid])
            .offset(offset)
            .limit(limit)
        )
        with reading(self.engine) as connection:
            return [self._order_row(row) for row in connection.execute(query).mappings()]

    def order_detail(self, key: str) -> OrderDetail:
        """Everything about one order. Raises ConfigurationError when it is gone."""
        h, n = self._h, self._n
        with reading(self.engine) as connection:
            row = (
                connection.execute(self._row_query().where(h[n.record_uuid] == key)).mappings().one_or_none()
            )
            if row is None:
                raise _gone(RecordKind.ORDER, key)
            fields = connection.execute(
                sa.select(*self.tables.headers.columns).where(h[n.record_uuid] == key)
            ).one()
            lines = self._lines(connection, [key], states=None)
        return OrderDetail(
            self._order_row(row),
            tuple(zip(self.tables.header_columns, fields, strict=True)),
            tuple(lines.get(key, ())),
        )

    # Reading for a plan

    def load(self, selection: Selection) -> LoadedOrders:
        """The selected orders, oldest first, each with its open lines; open lines without a header beside them.

        An order belongs to the selection by its own state, or, where pending orders are wanted, because a line of
        a synced order is pending.
        """
        h, n = self._h, self._n
        states = self._words(selection.states)
        retrying = SyncState.ERROR in selection.states
        line_states = self._words((*selection.states, *PENDING_STATES) if retrying else selection.states)
        with reading(self.engine) as connection:
            keys = self._selected_keys(connection, selection, states)
            orders: list[Order] = []
            for chunk in _chunks(keys):
                lines = self._lines(connection, chunk, states=line_states)
                query = sa.select(
                    *self._engine_header_columns(), *self._named(h, self._header_columns)
                ).where(h[n.record_uuid].in_(chunk))
                found = {row[n.record_uuid]: row for row in connection.execute(query).mappings()}
                orders.extend(
                    self._order(found[key], tuple(lines.get(key, ()))) for key in chunk if key in found
                )
            orphans = self._orphans(connection, selection, line_states)
        return LoadedOrders(tuple(orders), tuple(orphans))

    def _selected_keys(
        self, connection: sa.Connection, selection: Selection, states: Sequence[str]
    ) -> list[str]:
        h, n = self._h, self._n
        key = h[n.record_uuid]
        open_line = (
            sa.select(self._l[n.line_uuid])
            .where(self._l[n.record_uuid] == key, self._l[n.sync_state].in_(states))
            .exists()
        )
        synced = h[n.sync_state] == self.tables.word(SyncState.SYNCED)
        query = (
            sa.select(key)
            .where(sa.or_(h[n.sync_state].in_(states), sa.and_(synced, open_line)))
            .order_by(h[n.created_at], key)
        )
        if selection.customers is not None:
            query = query.where(sa.or_(*(self._of_customer(name) for name in selection.customers)))
        if selection.order_keys is None:
            if selection.limit is not None:
                query = query.limit(selection.limit)
            return list(connection.scalars(query))
        wanted = list(selection.order_keys)
        # A repaired line that had no header is named by its own key: its order comes with it.
        wanted.extend(key for key in self._orders_of_lines(connection, wanted) if key not in set(wanted))
        keys = [
            found for chunk in _chunks(wanted) for found in connection.scalars(query.where(key.in_(chunk)))
        ]
        return keys if selection.limit is None else keys[: selection.limit]

    def _orphans(
        self, connection: sa.Connection, selection: Selection, states: Sequence[str]
    ) -> list[OrderLine]:
        if selection.customers is not None or selection.limit is not None:
            return []
        parent = sa.select(self._h[self._n.record_uuid]).where(
            self._h[self._n.record_uuid] == self._l[self._n.record_uuid]
        )
        query = self._line_query().where(~parent.exists(), self._l[self._n.sync_state].in_(states))
        if selection.order_keys is None:
            return [self._line(row) for row in connection.execute(query).mappings()]
        return [
            self._line(row)
            for chunk in _chunks(selection.order_keys)
            for row in connection.execute(query.where(self._l[self._n.line_uuid].in_(chunk))).mappings()
        ]

    def _orders_of_lines(self, connection: sa.Connection, line_keys: Sequence[str]) -> list[str]:
        found: dict[str, None] = {}
        for chunk in _chunks(line_keys):
            query = sa.select(self._l[self._n.record_uuid]).where(self._l[self._n.line_uuid].in_(chunk))
            found.update(dict.fromkeys(connection.scalars(query)))
        return list(found)

    # Failures

    def failed(self, customers: Sequence[str] | None = None) -> list[FailedRecord]:
        """Every order and line in ERROR, by customer; lines without a header last."""
        h, n = self._h, self._n
        error = self.tables.word(SyncState.ERROR)
        of_customers = (
            [sa.or_(*(self._of_customer(name) for name in customers))] if customers is not None else []
        )
        headers = (
            sa.select(*self._engine_header_columns(), *self._named(h, self._header_columns))
            .where(h[n.sync_state] == error, *of_customers)
            .order_by(h[n.created_at], h[n.record_uuid])
        )
        lines = self._line_query().where(self._l[n.sync_state] == error)
        with reading(self.engine) as connection:
            failed_lines = list(connection.execute(lines).mappings())
            parents = self._parents(connection, [row[n.record_uuid] for row in failed_lines], of_customers)
            failed_orders = list(connection.execute(headers).mappings())
        with_failed_line = {row[n.record_uuid] for row in failed_lines}
        records = [
            self._failed_order(row)
            for row in failed_orders
            # An order that is in ERROR only because of a line is told by that line.
            if row[n.record_uuid] not in with_failed_line or row[n.monday_item_id] is None
        ]
        for row in failed_lines:
            parent = parents.get(row[n.record_uuid])
            if parent is None and customers is not None:
                continue
            records.append(self._failed_line(row, parent))
        return sorted(records, key=lambda record: (not record.customer, record.customer.casefold()))

    def _parents(
        self, connection: sa.Connection, keys: Sequence[str], conditions: Sequence[Any]
    ) -> dict[str, sa.RowMapping]:
        parents: dict[str, sa.RowMapping] = {}
        for chunk in _chunks(sorted({key for key in keys if key is not None})):
            query = sa.select(*self._engine_header_columns(), *self._named(self._h, self._header_columns))
            query = query.where(self._h[self._n.record_uuid].in_(chunk), *conditions)
            parents.update({row[self._n.record_uuid]: row for row in connection.execute(query).mappings()})
        return parents

    def _failed_order(self, row: sa.RowMapping) -> FailedRecord:
        n = self._n
        return FailedRecord(
            RecordKind.ORDER,
            row[n.record_uuid],
            row[n.record_uuid],
            _text(row[self.tables.customer_column]),
            self._labelled(row),
            _text(row[n.sync_error_message]),
            int(row[n.retry_count] or 0),
        )

    def _failed_line(self, row: sa.RowMapping, parent: sa.RowMapping | None) -> FailedRecord:
        n = self._n
        order = self._labelled(parent) if parent else "no order"
        return FailedRecord(
            RecordKind.LINE,
            row[n.line_uuid],
            _text(row[n.record_uuid]),
            _text(parent[self.tables.customer_column]) if parent else "",
            f"{order}, size {_text(row[n.size_code])}",
            _text(row[n.sync_error_message]),
            int(row[n.retry_count] or 0),
        )

    def record_fields(self, kind: RecordKind, key: str) -> tuple[tuple[str, Any], ...]:
        """Every column of one record. Raises ConfigurationError when it is gone."""
        table, key_column = self._table(kind)
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(*table.columns).where(key_column == key)).one_or_none()
        if row is None:
            raise _gone(kind, key)
        return tuple(zip((column.name for column in table.columns), row, strict=True))

    # Writing

    def apply(self, connection: sa.Connection, changes: Sequence[StateChange]) -> None:
        """Write states back inside the caller's transaction."""
        n = self._n
        for kind in RecordKind:
            table, key_column = self._table(kind)
            id_column = n.monday_item_id if kind is RecordKind.ORDER else n.monday_subitem_id
            for change in changes:
                if change.kind is not kind:
                    continue
                values: dict[str, Any] = {
                    n.sync_state: self.tables.word(change.state),
                    n.sync_error_message: change.error,
                    n.sync_attempted_at: _plain(change.at),
                    n.updated_at: _plain(change.at),
                }
                if change.state is SyncState.SYNCED:
                    values[n.sync_completed_at] = _plain(change.at)
                if change.state is SyncState.ERROR:
                    values[n.retry_count] = sa.func.coalesce(table.c[n.retry_count], 0) + 1
                if change.board_id is not None:
                    values[id_column] = change.board_id
                if change.parent_id is not None and kind is RecordKind.LINE:
                    values[n.monday_parent_id] = change.parent_id
                connection.execute(
                    sa.update(table)
                    .where(key_column == change.key)
                    .values({table.c[name]: value for name, value in values.items()})
                )

    def set_state(self, keys: Sequence[str], before: Sequence[SyncState], after: SyncState) -> int:
        """Move orders from one of the `before` states to `after`; returns how many moved."""
        h, n = self._h, self._n
        moved = 0
        with writing(self.engine) as connection:
            for chunk in _chunks(keys):
                result = connection.execute(
                    sa.update(self.tables.headers)
                    .where(h[n.record_uuid].in_(chunk), h[n.sync_state].in_(self._words(before)))
                    .values({h[n.sync_state]: self.tables.word(after)})
                )
                moved += result.rowcount
        return moved

    def edit_value(self, kind: RecordKind, key: str, column: str, value: str, at: datetime) -> None:
        """Replace one business value of a record and keep who changed what; the state stays as it is.

        An order whose item is on the board already becomes an UPDATE, so that the change reaches the board.
        Raises ConfigurationError for a column the engine owns or that the table lacks.
        """
        table, key_column = self._table(kind)
        n = self._n
        owned = {n.sync_state, n.action_type, n.monday_item_id, n.monday_subitem_id, n.monday_parent_id}
        own_key = n.record_uuid if kind is RecordKind.ORDER else n.line_uuid
        if column in owned | {own_key} or column not in table.c:
            raise ConfigurationError(
                Problem(
                    "column_not_editable",
                    f"'{column}' cannot be edited here",
                    f"{kind.value} {key}",
                    "Edit a business column of the record.",
                )
            )
        board_column = n.monday_item_id if kind is RecordKind.ORDER else n.monday_subitem_id
        with writing(self.engine) as connection:
            before = connection.execute(
                sa.select(table.c[column], table.c[board_column]).where(key_column == key)
            ).one_or_none()
            if before is None:
                raise _gone(kind, key)
            values: dict[str, Any] = {column: value, n.updated_at: _plain(at)}
            if before[1] is not None:
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
                    value_before=None if before[0] is None else str(before[0]),
                    value_after=value,
                )
            )

    # Pieces of queries

    def _table(self, kind: RecordKind) -> tuple[sa.TableClause, Any]:
        if kind is RecordKind.ORDER:
            return self.tables.headers, self._h[self._n.record_uuid]
        return self.tables.lines, self._l[self._n.line_uuid]

    def _words(self, states: Sequence[SyncState]) -> list[str]:
        return [self.tables.word(state) for state in states]

    def _of_customer(self, customer: str) -> sa.ColumnElement[bool]:
        column = self._h[self.tables.customer_column]
        return sa.or_(column.is_(None), column == "") if customer == "" else column == customer

    def _conditions(self, wanted: OrderFilter) -> list[sa.ColumnElement[bool]]:
        conditions: list[sa.ColumnElement[bool]] = []
        if wanted.states:
            conditions.append(self._h[self._n.sync_state].in_(self._words(wanted.states)))
        if text := wanted.text.strip():
            searched = dict.fromkeys((self.tables.customer_column, *self._label_columns, *self._display))
            conditions.append(
                sa.or_(
                    *(sa.cast(self._h[name], sa.String).icontains(text, autoescape=True) for name in searched)
                )
            )
        return conditions

    @staticmethod
    def _named(columns: Any, names: Sequence[str]) -> list[Any]:
        return [columns[name] for name in names]

    def _engine_header_columns(self) -> list[Any]:
        n = self._n
        names = (
            n.record_uuid,
            n.sync_state,
            n.action_type,
            n.monday_item_id,
            n.sync_error_message,
            n.retry_count,
        )
        taken = set(self._header_columns)
        return [self._h[name] for name in names if name not in taken]

    def _row_query(self) -> sa.Select[Any]:
        h, n = self._h, self._n
        mine = self._l[n.record_uuid] == h[n.record_uuid]
        shown = dict.fromkeys((self.tables.customer_column, *self._label_columns, *self._display))
        engine = [
            h[name]
            for name in (n.record_uuid, n.sync_state, n.action_type, n.monday_item_id, n.sync_error_message)
            if name not in shown
        ]
        lines = sa.select(sa.func.count()).select_from(self.tables.lines).where(mine).scalar_subquery()
        pieces = sa.select(sa.func.sum(self._l[n.qty])).where(mine).scalar_subquery()
        return sa.select(
            *engine, *self._named(h, tuple(shown)), lines.label("_lines"), pieces.label("_pieces")
        )

    def _order_row(self, row: sa.RowMapping) -> OrderRow:
        n = self._n
        return OrderRow(
            key=row[n.record_uuid],
            customer=_text(row[self.tables.customer_column]),
            label=self._labelled(row),
            cells=tuple(_text(row[name]) for name in self._display),
            lines=row["_lines"],
            pieces=int(row["_pieces"] or 0),
            state=self.tables.state(row[n.sync_state]),
            action=_action(row[n.action_type]),
            item_id=row[n.monday_item_id],
            error=row[n.sync_error_message],
        )

    def _labelled(self, row: sa.RowMapping) -> str:
        return self._label(row) or f"order {row[self._n.record_uuid]}"

    def _order(self, row: sa.RowMapping, lines: tuple[OrderLine, ...]) -> Order:
        n = self._n
        return Order(
            key=row[n.record_uuid],
            customer=_text(row[self.tables.customer_column]),
            label=self._labelled(row),
            values={name: row[name] for name in self._header_columns},
            state=self.tables.state(row[n.sync_state]),
            action=_action(row[n.action_type]),
            item_id=row[n.monday_item_id],
            error=row[n.sync_error_message],
            lines=lines,
        )

    def _line_query(self) -> sa.Select[Any]:
        n = self._n
        names = (
            n.line_uuid,
            n.record_uuid,
            n.sync_state,
            n.action_type,
            n.monday_subitem_id,
            n.sync_error_message,
            n.retry_count,
        )
        return sa.select(*self._named(self._l, tuple(dict.fromkeys((*names, *self._line_columns)))))

    def _lines(
        self, connection: sa.Connection, order_keys: Sequence[str], states: Sequence[str] | None
    ) -> dict[str, list[OrderLine]]:
        query = self._line_query().where(self._l[self._n.record_uuid].in_(order_keys))
        if states is not None:
            query = query.where(self._l[self._n.sync_state].in_(states))
        query = query.order_by(self._l[self._n.created_at], self._l[self._n.line_uuid])
        lines: defaultdict[str, list[OrderLine]] = defaultdict(list)
        for row in connection.execute(query).mappings():
            line = self._line(row)
            lines[line.order_key].append(line)
        return lines

    def _line(self, row: sa.RowMapping) -> OrderLine:
        n = self._n
        return OrderLine(
            key=row[n.line_uuid],
            order_key=_text(row[n.record_uuid]),
            values={name: row[name] for name in self._line_columns},
            state=self.tables.state(row[n.sync_state]),
            action=_action(row[n.action_type]),
            subitem_id=row[n.monday_subitem_id],
            error=row[n.sync_error_message],
        )


def _gone(kind: RecordKind, key: str) -> ConfigurationError:
    return ConfigurationError(
        Problem(
            "record_gone",
            f"The {kind.value} is no longer in the database",
            f"{kind.value} {key}",
            "Reload (F5): somebody removed it or prepared the orders again.",
        )
    )
