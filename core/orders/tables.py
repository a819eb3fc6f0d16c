"""The two delta tables as SQLAlchemy sees them: names from the configuration, columns from the database."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import sqlalchemy as sa

from core.errors import ConfigurationError, Problem
from core.orders.model import SyncState


class EngineColumnNames(Protocol):
    """Names of the columns that the engine owns."""

    @property
    def record_uuid(self) -> str: ...
    @property
    def line_uuid(self) -> str: ...
    @property
    def size_code(self) -> str: ...
    @property
    def qty(self) -> str: ...
    @property
    def sync_state(self) -> str: ...
    @property
    def action_type(self) -> str: ...
    @property
    def monday_item_id(self) -> str: ...
    @property
    def monday_subitem_id(self) -> str: ...
    @property
    def monday_parent_id(self) -> str: ...
    @property
    def sync_attempted_at(self) -> str: ...
    @property
    def sync_completed_at(self) -> str: ...
    @property
    def sync_error_message(self) -> str: ...
    @property
    def retry_count(self) -> str: ...
    @property
    def created_at(self) -> str: ...
    @property
    def updated_at(self) -> str: ...


class StateWordSet(Protocol):
    """The words that the tables store for the states."""

    @property
    def NEW(self) -> str: ...  # noqa: N802  the states' own names
    @property
    def PENDING(self) -> str: ...  # noqa: N802
    @property
    def SYNCED(self) -> str: ...  # noqa: N802
    @property
    def ERROR(self) -> str: ...  # noqa: N802
    @property
    def HELD(self) -> str: ...  # noqa: N802


class SourceNames(Protocol):
    """What a profile says about its delta tables."""

    @property
    def headers_table(self) -> str: ...
    @property
    def lines_table(self) -> str: ...
    @property
    def customer_column(self) -> str: ...
    @property
    def columns(self) -> EngineColumnNames: ...
    @property
    def state_words(self) -> StateWordSet: ...


class SourceTables:
    """The headers and lines tables, reflected once.

    Business columns are untyped on purpose: values come as the driver returns them, and a text where a date is
    expected becomes a finding on that record instead of a failure of the whole query.
    """

    def __init__(self, inspector: sa.Inspector, names: SourceNames) -> None:
        """Raises ConfigurationError for a missing table or engine-owned column."""
        self.names = names.columns
        self.customer_column = names.customer_column
        words = names.state_words
        self._words = {state: str(getattr(words, state.value)) for state in SyncState}
        self._states = {word: state for state, word in self._words.items()}
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

    def _reflect(self, inspector: sa.Inspector, qualified: str, required: tuple[str, ...]) -> sa.TableClause:
        schema, _, name = qualified.rpartition(".")
        known = {*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)}
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
        columns: list[sa.ColumnClause[Any]] = [
            sa.column(found["name"], sa.DateTime() if found["name"] in timestamps else None)
            for found in inspector.get_columns(name, schema=schema or None)
        ]
        table = sa.table(name, *columns, schema=schema or None)
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


Row = Mapping[str, Any]
