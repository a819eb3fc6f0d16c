"""States written back into the delta tables: the only columns of a record that a run touches. Synchronous."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.orders import continuations
from core.orders.many_rows import ManyRows
from core.orders.model import ActionType, RecordKind, StateChange, SyncState
from core.orders.moments import plain
from core.orders.prepared import forget_board_ids
from core.orders.source import OrderSource
from core.orders.tables import SourceTables

_CUT = "…"


class _Shape(NamedTuple):
    """What changes have in common that one statement writes."""

    kind: RecordKind
    state: SyncState
    afresh: bool
    has_board_id: bool
    has_parent_id: bool
    others: tuple[str, ...]
    """Columns that get what the row, as it is now, asks for."""


class StateWriter:
    """Writes states back, for the tables of one profile."""

    def __init__(self, dialect: sa.Dialect, tables: SourceTables, source: OrderSource) -> None:
        self._dialect = dialect
        self._tables = tables
        self._source = source
        self._names = tables.names
        self._statements: dict[_Shape, ManyRows] = {}
        """A handful: to put a statement together costs more than to carry it out for some rows."""

    def apply(self, connection: sa.Connection, changes: Sequence[StateChange]) -> None:
        """Write states back inside the caller's transaction."""
        continued = [change for change in changes if change.continuation is not None or change.continues]
        if continued:
            continuations.apply(connection, continued)
            changes = [change for change in changes if change.continuation is None]
        for portion in _each_record_once(changes):
            alike: defaultdict[_Shape, list[tuple[Any, ...]]] = defaultdict(list)
            for change in portion:
                shape, row = self._row(connection, change)
                alike[shape].append(row)
            for shape, rows in alike.items():
                if shape not in self._statements:
                    self._statements[shape] = self._statement(shape)
                self._statements[shape].execute(connection, rows)
            for change in portion:
                if change.afresh and change.kind is RecordKind.ORDER:
                    forget_board_ids(connection, change.key)
                    continuations.forget(connection, change.key)

    def _row(self, connection: sa.Connection, change: StateChange) -> tuple[_Shape, tuple[Any, ...]]:
        """How a change is written, and the parameters of its row, in the order of `_parameters`."""
        kind, key, state, board_id, parent_id, error, at = change[:7]
        row: tuple[Any, ...] = (key, plain(at), self._fitting(kind, error) if error else error)
        if has_board_id := board_id is not None:
            row = (*row, board_id)
        if has_parent_id := parent_id is not None and kind is RecordKind.LINE:
            row = (*row, parent_id)
        others: tuple[str, ...] = ()
        if change.as_of is not None:
            changed = self._changed_since(connection, change, change.as_of)
            others, row = tuple(changed), (*row, *changed.values())
        return _Shape(kind, state, change.afresh, has_board_id, has_parent_id, others), row

    @staticmethod
    def _parameters(shape: _Shape) -> tuple[str, ...]:
        return (
            "of_key",
            "new_at",
            "new_error",
            *(["new_board_id"] if shape.has_board_id else []),
            *(["new_parent_id"] if shape.has_parent_id else []),
            *(f"new_{place}" for place in range(len(shape.others))),
        )

    def _statement(self, shape: _Shape) -> ManyRows:
        table, key_column = self._source.table(shape.kind)
        new: dict[sa.ColumnElement[Any], Any] = {
            table.c[name]: value for name, value in self._values(shape).items()
        }
        new.update(self._computed(table, shape.state, afresh=shape.afresh))
        statement = sa.update(table).where(key_column == sa.bindparam("of_key")).values(new)
        return ManyRows(self._dialect, statement, self._parameters(shape))

    def _values(self, shape: _Shape) -> dict[str, Any]:
        """Column -> what is written into it."""
        n = self._names
        values: dict[str, Any] = {
            n.sync_state: self._tables.word(shape.state),
            n.sync_error_message: sa.bindparam("new_error"),
            n.sync_attempted_at: sa.bindparam("new_at"),
            n.updated_at: sa.bindparam("new_at"),
        }
        if shape.state is SyncState.SYNCED:
            values[n.sync_completed_at] = sa.bindparam("new_at")
        if shape.has_board_id:
            values[self.board_column(shape.kind)] = sa.bindparam("new_board_id")
        if shape.has_parent_id:
            values[n.monday_parent_id] = sa.bindparam("new_parent_id")
        for place, name in enumerate(shape.others):
            values[name] = sa.bindparam(f"new_{place}")
        return values | self._never_sent(shape.kind) if shape.afresh else values

    def _changed_since(
        self, connection: sa.Connection, change: StateChange, as_of: datetime
    ) -> dict[str, Any]:
        """What others wrote into the record since a moment, and the change must not undo.

        The engine notes each of its own writes as an attempt, so a later update is somebody else's.
        """
        n = self._names
        table, key_column = self._source.table(change.kind)
        updated, attempted = table.c[n.updated_at], table.c[n.sync_attempted_at]
        corrected = sa.and_(updated > plain(as_of), sa.or_(attempted.is_(None), updated > attempted))
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
        if state == self._tables.word(SyncState.HELD):
            values[n.sync_state] = state
        elif is_corrected or is_cancelled:
            values[n.sync_state] = self._tables.word(SyncState.PENDING)
        return values

    def _never_sent(self, kind: RecordKind) -> dict[str, Any]:
        n = self._names
        values: dict[str, Any] = {
            n.sync_attempted_at: None,
            n.sync_completed_at: None,
            n.retry_count: 0,
            self.board_column(kind): None,
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

    def _fitting(self, kind: RecordKind, message: str) -> str:
        """The message cut to what its column holds: a refused row would undo the whole transaction."""
        limit = self._tables.error_length(kind)
        if limit is None or len(message) <= limit:
            return message
        return message[: limit - len(_CUT)] + _CUT

    def board_column(self, kind: RecordKind) -> str:
        """The column of a record's id on the board."""
        return self._names.monday_item_id if kind is RecordKind.ORDER else self._names.monday_subitem_id


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
