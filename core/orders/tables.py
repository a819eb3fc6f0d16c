"""The two delta tables as SQLAlchemy sees them: names from the configuration, columns from the database."""

import difflib
from collections.abc import Iterable
from typing import Any, Protocol

import sqlalchemy as sa

from core.errors import ConfigurationError, Problem
from core.orders.model import RecordKind, SyncState
from core.orders.moments import MOMENT


class EngineColumnNames(Protocol):
    """Names of the columns that the engine owns."""

    record_uuid: str
    line_uuid: str
    size_code: str
    qty: str
    sync_state: str
    action_type: str
    monday_item_id: str
    monday_subitem_id: str
    monday_parent_id: str
    sync_attempted_at: str
    sync_completed_at: str
    sync_error_message: str
    retry_count: str
    created_at: str
    updated_at: str


class StateWordSet(Protocol):
    """The words that the tables store for the states."""

    NEW: str
    PENDING: str
    SYNCED: str
    ERROR: str
    HELD: str


class SourceNames(Protocol):
    """What a profile says about its delta tables."""

    headers_table: str
    lines_table: str
    customer_column: str

    @property
    def columns(self) -> EngineColumnNames:
        """The engine's columns in both tables."""
        ...

    @property
    def state_words(self) -> StateWordSet:
        """The states' words in both tables."""
        ...


class SourceTables:
    """The headers and lines tables, reflected once.

    Business columns are untyped on purpose: values come as the driver returns them, and a text where a date
    is expected becomes a finding on that record instead of a failure of the whole query.
    """

    def __init__(self, inspector: sa.Inspector, names: SourceNames) -> None:
        """Raises ConfigurationError for a missing table or engine-owned column."""
        self.names = names.columns
        self.customer_column = names.customer_column
        words = names.state_words
        self._words = {state: str(getattr(words, state.value)) for state in SyncState}
        self._states = {word: state for state, word in self._words.items()}
        self._error_lengths: dict[str, int | None] = {}
        owned = self.names
        common = (
            owned.record_uuid,
            owned.sync_state,
            owned.action_type,
            owned.sync_attempted_at,
            owned.sync_completed_at,
            owned.sync_error_message,
            owned.retry_count,
            owned.created_at,
            owned.updated_at,
        )
        self.headers = self._reflect(
            inspector, names.headers_table, (*common, owned.monday_item_id, names.customer_column)
        )
        self.lines = self._reflect(
            inspector,
            names.lines_table,
            (
                *common,
                owned.line_uuid,
                owned.size_code,
                owned.qty,
                owned.monday_subitem_id,
                owned.monday_parent_id,
            ),
        )

    def word(self, state: SyncState) -> str:
        """The word stored for a state."""
        return self._words[state]

    def state(self, word: Any) -> SyncState:
        """The state of a stored word; an unknown word counts as HELD, which no run touches."""
        return self._states.get(str(word), SyncState.HELD)

    def error_length(self, kind: RecordKind) -> int | None:
        """How many characters the error message's column holds; None without a limit."""
        return self._error_lengths[(self.headers if kind is RecordKind.ORDER else self.lines).name]

    @property
    def header_columns(self) -> tuple[str, ...]:
        """Every column of the headers table, in its order."""
        return tuple(column.name for column in self.headers.columns)

    @property
    def line_columns(self) -> tuple[str, ...]:
        """Every column of the lines table, in its order."""
        return tuple(column.name for column in self.lines.columns)

    def require(self, header_columns: Iterable[str], line_columns: Iterable[str]) -> None:
        """Raises ConfigurationError, one problem each, for mapped columns that the tables lack."""
        problems = [
            *self._missing(self.headers, header_columns),
            *self._missing(self.lines, line_columns),
        ]
        if problems:
            raise ConfigurationError(*problems)

    def _reflect(self, inspector: sa.Inspector, qualified: str, required: tuple[str, ...]) -> sa.Table:
        schema, _, name = qualified.rpartition(".")
        known = _relations(inspector, None)
        if qualified in known:  # a dot in the table's own name
            schema, name = "", qualified
        elif schema:
            known = _relations(inspector, schema)
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean '{near[0]}'? " if near else ""
            raise ConfigurationError(
                Problem(
                    "table_missing",
                    f"The database has no table '{qualified}'",
                    "headers_table and lines_table of the profile",
                    f"{hint}Correct the name in the configuration, or grant this user the right to see it.",
                )
            )
        timestamps = {
            self.names.sync_attempted_at,
            self.names.sync_completed_at,
            self.names.created_at,
            self.names.updated_at,
        }
        columns: list[sa.Column[Any]] = []
        for found in inspector.get_columns(name, schema=schema or None):
            columns.append(sa.Column(found["name"], MOMENT if found["name"] in timestamps else None))
            if found["name"] == self.names.sync_error_message:
                self._error_lengths[name] = getattr(found["type"], "length", None)
        # Not `sa.table`: SQLAlchemy would look through its hundreds of columns at each statement.
        table = sa.Table(name, sa.MetaData(), *columns, schema=schema or None)
        if problems := self._missing(table, required):
            raise ConfigurationError(*problems)
        return table

    @staticmethod
    def _missing(table: sa.TableClause, wanted: Iterable[str]) -> list[Problem]:
        present = {column.name for column in table.columns}
        problems = []
        for name in dict.fromkeys(wanted):
            if name in present:
                continue
            near = difflib.get_close_matches(name, present, n=1)
            hint = f"Did you mean '{near[0]}'? " if near else ""
            problems.append(
                Problem(
                    "column_missing",
                    f"The table {table.name} has no column '{name}'",
                    f"table {table.name}",
                    f"{hint}Correct the name in the configuration, or add the column to the table.",
                )
            )
        return problems


def _relations(inspector: sa.Inspector, schema: str | None) -> set[str]:
    # SQL Server's schemas may lie in another database (`sales.dbo`); elsewhere an unknown one is a failure.
    if (
        inspector.dialect.name != "mssql"
        and schema is not None
        and schema not in inspector.get_schema_names()
    ):
        return set()
    return {*inspector.get_table_names(schema), *inspector.get_view_names(schema)}
