"""The delta tables as the queries read them: which columns, on which conditions, what a row becomes."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa

from core.errors import ConfigurationError, Problem
from core.orders.model import ActionType, Order, OrderFilter, OrderLine, OrderRow, RecordKind, SyncState
from core.orders.search import contains
from core.orders.sizes import size_key
from core.orders.tables import SourceTables

_KEYS_PER_QUERY = 500
"""Keys in one IN list: SQL Server takes 2,100 parameters a statement, older SQLite 999."""

_ACTIONS = {str(action): action for action in ActionType}

Item = TypeVar("Item")


def chunks(items: Sequence[Item]) -> Iterator[list[Item]]:
    """The items, in portions that fit one statement."""
    iterator = iter(items)
    while chunk := list(islice(iterator, _KEYS_PER_QUERY)):
        yield chunk


def text_of(value: Any) -> str:
    """The value as text, empty for NULL."""
    return "" if value is None else str(value)


def gone(kind: RecordKind, key: str) -> ConfigurationError:
    """What is raised for a record that is no longer there."""
    return ConfigurationError(
        Problem(
            "record_gone",
            f"The {kind.value} is no longer in the database",
            f"{kind.value} {key}",
            "Reload (F5): somebody removed it or prepared the orders again.",
        )
    )


class OrderSource:
    """Pieces of queries over the two delta tables. It holds no connection."""

    def __init__(
        self,
        tables: SourceTables,
        *,
        label: Callable[[Mapping[Any, Any]], str],
        label_columns: Sequence[str],
        display_columns: Sequence[str],
        header_columns: Sequence[str],
        line_columns: Sequence[str],
    ) -> None:
        """Raises ConfigurationError for a column that the tables lack."""
        tables.require((*label_columns, *display_columns, *header_columns), line_columns)
        self.tables = tables
        self.names = tables.names
        self.h = tables.headers.c
        self.l = tables.lines.c
        self._label = label
        self._display = tuple(display_columns)
        self._header_columns = tuple(dict.fromkeys((*header_columns, *label_columns, tables.customer_column)))
        self._line_columns = tuple(dict.fromkeys((*line_columns, self.names.size_code, self.names.qty)))
        self._label_columns = tuple(label_columns)
        self._shown = tuple(dict.fromkeys((tables.customer_column, *label_columns, *display_columns)))

    # Conditions

    def table(self, kind: RecordKind) -> tuple[sa.TableClause, sa.ColumnElement[Any]]:
        """The table of a kind of record, and its key column."""
        if kind is RecordKind.ORDER:
            return self.tables.headers, self.h[self.names.record_uuid]
        return self.tables.lines, self.l[self.names.line_uuid]

    def words(self, states: Sequence[SyncState]) -> list[str]:
        """The stored words of some states."""
        return [self.tables.word(state) for state in states]

    def of_customer(self, customer: str) -> sa.ColumnElement[bool]:
        """Orders of a customer; those without one for an empty name."""
        column = self.h[self.tables.customer_column]
        return sa.or_(column.is_(None), column == "") if customer == "" else column == customer

    def of_customers(self, customers: Sequence[str]) -> sa.ColumnElement[bool]:
        """Orders of any of these customers, at most a portion of `chunks`; none where there are none."""
        named = [name for name in customers if name]
        conditions: list[sa.ColumnElement[bool]] = []
        if named:
            conditions.append(self.h[self.tables.customer_column].in_(named))
        if "" in customers:
            conditions.append(self.of_customer(""))
        return sa.or_(sa.false(), *conditions)

    def conditions(self, wanted: OrderFilter) -> list[sa.ColumnElement[bool]]:
        """Orders that a filter lets through."""
        conditions: list[sa.ColumnElement[bool]] = []
        if wanted.states:
            conditions.append(self.h[self.names.sync_state].in_(self.words(wanted.states)))
        if text := wanted.text.strip():
            # Unicode: SQL Server's plain VARCHAR would turn letters beyond its code page into question marks.
            searched = (sa.cast(self.h[name], sa.Unicode) for name in self._shown)
            conditions.append(sa.or_(*(contains(column, text) for column in searched)))
        return conditions

    # Orders

    @property
    def arrival(self) -> tuple[sa.ColumnElement[Any], ...]:
        """What orders are sorted by: oldest first, those of one preparation by label, at last by key."""
        names = dict.fromkeys((self.names.created_at, *self._label_columns, self.names.record_uuid))
        return tuple(self.h[name] for name in names)

    def order_query(self) -> sa.Select[Any]:
        """Orders with the columns that a plan reads."""
        n = self.names
        engine = (
            n.record_uuid,
            n.sync_state,
            n.action_type,
            n.monday_item_id,
            n.sync_error_message,
            n.retry_count,
        )
        return sa.select(*(self.h[name] for name in dict.fromkeys((*engine, *self._header_columns))))

    def order(self, row: sa.RowMapping, lines: Sequence[OrderLine], subitems: int = 0) -> Order:
        """A row of `order_query` and its lines; `subitems` as `subitem_counts` gave it."""
        n = self.names
        among_lines = sum(line.subitem_id is not None and not line.archived for line in lines)
        return Order(
            key=row[n.record_uuid],
            customer=text_of(row[self.tables.customer_column]),
            label=self.labelled(row),
            values={name: row[name] for name in self._header_columns},
            state=self.tables.state(row[n.sync_state]),
            action=action_of(row[n.action_type]),
            item_id=row[n.monday_item_id],
            error=row[n.sync_error_message],
            lines=tuple(lines),
            other_subitems=max(0, subitems - among_lines),
        )

    def row_query(self) -> sa.Select[Any]:
        """Orders with what the Orders page shows of them."""
        h, n = self.h, self.names
        mine = self.l[n.record_uuid] == h[n.record_uuid]
        engine = (n.record_uuid, n.sync_state, n.action_type, n.monday_item_id, n.sync_error_message)
        lines = sa.select(sa.func.count()).select_from(self.tables.lines).where(mine).scalar_subquery()
        pieces = sa.select(sa.func.sum(self.l[n.qty])).where(mine).scalar_subquery()
        return sa.select(
            *(h[name] for name in dict.fromkeys((*engine, *self._shown))),
            lines.label("_lines"),
            pieces.label("_pieces"),
        )

    def order_row(self, row: sa.RowMapping) -> OrderRow:
        """A row of `row_query`."""
        n = self.names
        return OrderRow(
            key=row[n.record_uuid],
            customer=text_of(row[self.tables.customer_column]),
            label=self.labelled(row),
            cells=tuple([text_of(row[name]) for name in self._display]),
            lines=row["_lines"],
            pieces=int(row["_pieces"] or 0),
            state=self.tables.state(row[n.sync_state]),
            action=action_of(row[n.action_type]),
            item_id=row[n.monday_item_id],
            error=row[n.sync_error_message],
        )

    def labelled(self, row: sa.RowMapping) -> str:
        """The order as an operator names it."""
        return self._label(row) or f"order {row[self.names.record_uuid]}"

    # Lines

    def line_query(self) -> sa.Select[Any]:
        """Lines with the columns that a plan reads, oldest first."""
        n = self.names
        engine = (
            n.line_uuid,
            n.record_uuid,
            n.sync_state,
            n.action_type,
            n.monday_subitem_id,
            n.sync_error_message,
            n.retry_count,
        )
        columns = (self.l[name] for name in dict.fromkeys((*engine, *self._line_columns)))
        return sa.select(*columns).order_by(self.l[n.created_at], self.l[n.line_uuid])

    def line(self, row: sa.RowMapping) -> OrderLine:
        """A row of `line_query`."""
        n = self.names
        return OrderLine(
            key=row[n.line_uuid],
            order_key=text_of(row[n.record_uuid]),
            values={name: row[name] for name in self._line_columns},
            state=self.tables.state(row[n.sync_state]),
            action=action_of(row[n.action_type]),
            subitem_id=row[n.monday_subitem_id],
            error=row[n.sync_error_message],
        )

    def lines_of(
        self, connection: sa.Connection, order_keys: Sequence[str], states: Sequence[str] | None
    ) -> Mapping[str, Sequence[OrderLine]]:
        """Lines by their order's key, sorted as sizes are; of every state where `states` is None."""
        query = self.line_query().where(self.l[self.names.record_uuid].in_(order_keys))
        if states is not None:
            query = query.where(self.line_state_among(states))
        lines: defaultdict[str, list[OrderLine]] = defaultdict(list)
        for row in connection.execute(query).mappings():
            line = self.line(row)
            lines[line.order_key].append(line)
        for of_order in lines.values():
            of_order.sort(key=lambda line: size_key(text_of(line.values[self.names.size_code])))
        return lines

    def line_state_among(self, states: Sequence[str]) -> sa.ColumnElement[bool]:
        """The condition on the states of lines that are found by their orders.

        Through a function: else a database without statistics reads all pending lines by an index over
        states.
        """
        return sa.func.coalesce(self.l[self.names.sync_state], "").in_(states)

    def subitem_counts(self, connection: sa.Connection, order_keys: Sequence[str]) -> Mapping[str, int]:
        """How many lines of these orders are on the board, by the order's key, whatever their state."""
        key = self.l[self.names.record_uuid]
        query = sa.select(key, sa.func.count()).where(*self._on_board(order_keys)).group_by(key)
        return {str(key): count for key, count in connection.execute(query)}

    def subitem_ids(
        self, connection: sa.Connection, order_keys: Sequence[str]
    ) -> Mapping[str, Sequence[str]]:
        """The subitems that `subitem_counts` counts, by the order's key."""
        n, line = self.names, self.l
        query = sa.select(line[n.record_uuid], line[n.monday_subitem_id]).where(*self._on_board(order_keys))
        found: defaultdict[str, list[str]] = defaultdict(list)
        for key, subitem_id in connection.execute(query):
            found[str(key)].append(subitem_id)
        return found

    def _on_board(self, order_keys: Sequence[str]) -> tuple[sa.ColumnElement[bool], ...]:
        """Lines of these orders that have a subitem which is not archived."""
        n, line = self.names, self.l
        action, state = line[n.action_type], line[n.sync_state]
        not_archived = sa.or_(
            action.is_(None),
            action != ActionType.DELETE.value,
            state.is_(None),
            state != self.tables.word(SyncState.SYNCED),
        )
        return line[n.record_uuid].in_(order_keys), line[n.monday_subitem_id].is_not(None), not_archived


def action_of(word: Any) -> ActionType:
    """The action of a stored word; any other word asks for the record to be there."""
    return _ACTIONS.get(str(word), ActionType.INSERT)
