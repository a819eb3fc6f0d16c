"""Runs a preparation: one transaction, whole or absent. Synchronous: callers use a worker thread."""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, time_ns
from typing import Any, NoReturn

import sqlalchemy as sa

from core.errors import ConfigurationError, Problem
from core.orders.database import reading, writing
from core.orders.moments import plain
from core.prepare.absent import cancel_absent_orders
from core.prepare.customer_names import read_customer_names, store_customer_names
from core.prepare.outcome import read_summary
from core.prepare.settings import PrepareSettings
from core.prepare.statements import Statement, dialect_name, render_statements
from core.prepare.structure import Structure, read_structure
from core.prepare.summary import PrepareSummary

_DEFAULT_WORDS = {"SYNCED": "SYNCED"}


class _DryRun(Exception):  # noqa: N818  not an error: it takes the transaction back
    pass


def _take_back() -> NoReturn:
    raise _DryRun


class Preparation:
    """Prepares the delta tables of one database from its staging table."""

    def __init__(self, engine: sa.Engine, settings: PrepareSettings, words: Mapping[str, str]) -> None:
        """`words` are the stored state words NEW, PENDING, HELD and, where it is not SYNCED, SYNCED.

        Raises ConfigurationError for missing tables and columns, StoreError when the database does not
        answer.
        """
        self._engine = engine
        self._settings = settings
        self._words = {**_DEFAULT_WORDS, **words}
        with reading(engine) as connection:
            _require_own_tables(connection)
            self._structure = read_structure(connection, settings)

    @property
    def structure(self) -> Structure:
        """The columns it reads and writes."""
        return self._structure

    def run(
        self,
        *,
        dry_run: bool = False,
        customer_names: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> PrepareSummary:
        """Prepare everything that the staging table holds.

        A dry run does the same work and takes it back; its summary holds the SQL. Without `customer_names`,
        the names of the last file given are used. Raises ConfigurationError for an empty staging table (every
        order would be cancelled) and for a file of names that cannot be used, StoreError when the database
        does not answer; in all these cases nothing is changed.
        """
        began = perf_counter()
        names = list(read_customer_names(customer_names)) if customer_names else None
        values = self._values(str(uuid.uuid4()), now())
        statements = list(render_statements(self._engine.dialect, self._settings, self._structure))
        summary: PrepareSummary | None = None
        try:
            with writing(_steady(self._engine)) as connection:
                _register_functions(connection)
                only_one, *others = statements
                connection.execute(only_one.bound(values))
                self._refuse_empty(connection)
                if names is not None:
                    store_customer_names(connection, names)
                for statement in others:
                    connection.execute(statement.bound(values)).close()
                statements += self._cancel_absent(connection, values)
                summary = read_summary(connection, self._settings, self._structure, values["prepare_id"])
                _clean(connection)
                if dry_run:
                    _take_back()
        except _DryRun:
            pass
        assert summary is not None
        return replace(
            summary,
            dry_run=dry_run,
            seconds=perf_counter() - began,
            statements=tuple(statement.shown for statement in statements) if dry_run else (),
        )

    def _values(self, prepare_id: str, now: datetime) -> dict[str, Any]:
        return {
            "prepare_id": prepare_id,
            "now": plain(now),
            "new": self._words["NEW"],
            "pending": self._words["PENDING"],
            "held": self._words["HELD"],
            "synced": self._words["SYNCED"],
            "insert": "INSERT",
            "update": "UPDATE",
            "delete": "DELETE",
        }

    def _cancel_absent(self, connection: sa.Connection, values: Mapping[str, Any]) -> list[Statement]:
        sql = cancel_absent_orders(connection, self._settings, self._structure, values)
        return [Statement("cancel_absent", sql)] if sql else []

    def _refuse_empty(self, connection: sa.Connection) -> None:
        schema, name = self._structure.schema_and_name(self._settings.staging_table)
        staging = sa.table(name, schema=schema)
        first: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(staging).limit(1)
        if connection.scalar(first) is None:
            raise ConfigurationError(
                Problem(
                    "staging_empty",
                    "The staging table is empty, so every order would be cancelled",
                    f"table {self._settings.staging_table}",
                    "Load the order list first (deltadesk import FILE), then prepare.",
                )
            )


def _require_own_tables(connection: sa.Connection) -> None:
    if not sa.inspect(connection).has_table("deltadesk_lock"):
        raise ConfigurationError(
            Problem(
                "own_tables_missing",
                "The application's own tables are missing or older than this application",
                "tables deltadesk_*",
                "Open the profile with the right to make tables, or run what `deltadesk db sql` prints.",
            )
        )


def _steady(engine: sa.Engine) -> sa.Engine:
    """The engine in the isolation that keeps the order list and the claims as they are read to the end.

    MariaDB locks what a statement reads, and the gaps between, only from REPEATABLE READ on; for SQL Server
    the statements say what to lock, and SQLite has one writer.
    """
    if dialect_name(engine.dialect) == "mariadb":
        return engine.execution_options(isolation_level="REPEATABLE READ")
    return engine


def _register_functions(connection: sa.Connection) -> None:
    """SQLite has no SHA-256 and no UUID of its own; the others do."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.dbapi_connection
        driver.create_function("deltadesk_sha256", 1, _sha256, deterministic=True)
        driver.create_function("deltadesk_uuid", 0, _ordered_uuids())


def _sha256(text: str | None) -> str:
    return hashlib.sha256((text or "").encode()).hexdigest()


def _ordered_uuids() -> Callable[[], str]:
    """UUIDs of version 7, each after the one before it: random ones would be strewn over every index."""
    milliseconds = time_ns() // 1_000_000 << 80
    # RFC 9562, section 6.2: the random bits are a counter with a random start that leaves it room.
    counter = uuid.uuid4().int >> 57

    def following() -> str:
        nonlocal counter
        counter += 1
        high, low = counter >> 62 & 0xFFF, counter & (1 << 62) - 1
        return str(uuid.UUID(int=milliseconds | 7 << 76 | high << 64 | 2 << 62 | low))

    return following


def _clean(connection: sa.Connection) -> None:
    for table in ("deltadesk_staged_line", "deltadesk_staged", "deltadesk_lock"):
        connection.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608  our own table's name
