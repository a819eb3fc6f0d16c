"""One SQLAlchemy engine for the orders database, set up for its dialect; failures in the operator's words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyodbc
import sqlalchemy as sa
from sqlalchemy import event, exc

from core.errors import ConfigurationError, Problem, StoreError
from core.redaction import redact, remember_secret

BUSY_TIMEOUT_MS = 15_000
"""How long SQLite waits for another process's write before it gives up, milliseconds."""


def connect(url: str) -> sa.Engine:
    """Open the orders database. Raises ConfigurationError for a bad address, StoreError for a missing file.

    A SQLite file is never created here: an empty database where orders are expected would hide a wrong path.
    """
    try:
        address = sa.make_url(url)
        if address.password:
            remember_secret(str(address.password))
        engine = sa.create_engine(address, **_options(address))
    except (exc.ArgumentError, exc.NoSuchModuleError, ImportError, ValueError) as error:
        raise ConfigurationError(
            Problem(
                "database_url_invalid",
                f"The database address is not understood: {redact(str(error))}",
                redact(url),
                "Correct database_url, e.g. sqlite:///orders.db or mssql+pyodbc://server/database?driver=...",
            )
        ) from error
    if address.get_backend_name() == "sqlite":
        _prepare_sqlite(engine, address)
    elif address.get_backend_name() in {"mysql", "mariadb"} and address.get_driver_name() == "pyodbc":
        _prepare_mariadb_odbc(engine)
    return engine


def _options(address: sa.URL) -> dict[str, Any]:
    if address.get_backend_name() == "sqlite":
        return {}
    options: dict[str, Any] = {"pool_pre_ping": True}
    if address.get_backend_name() in {"mysql", "mariadb"}:
        # Its default would show a worker the claims as they were when its transaction began.
        options["isolation_level"] = "READ COMMITTED"
    if address.get_backend_name() == "mssql":
        # Many rows in one round trip; without it pyodbc sends them one by one.
        options["fast_executemany"] = True
    return options


def _prepare_mariadb_odbc(engine: sa.Engine) -> None:
    """MariaDB's Unicode driver speaks UTF-16, where SQLAlchemy sets UTF-8 for MySQL's own driver."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.setdecoding(pyodbc.SQL_CHAR, encoding="utf-8")
        connection.setdecoding(pyodbc.SQL_WCHAR, encoding="utf-16le")
        connection.setencoding(encoding="utf-16le", ctype=pyodbc.SQL_WCHAR)


def _prepare_sqlite(engine: sa.Engine, address: sa.URL) -> None:
    if address.database and address.database != ":memory:" and not Path(address.database).is_file():
        raise StoreError(
            Problem(
                "database_missing",
                "The database file does not exist",
                address.database,
                "Check database_url. The demo's database is made by: deltadesk demo",
            )
        )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own transaction control is switched off so that BEGIN is ours (see _on_begin).
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        # Readers beside a writer. A database that may not be written now is read in the mode that it has.
        with suppress(sqlite3.OperationalError):
            cursor.execute("PRAGMA journal_mode = WAL")
        # The journal must survive a power cut: an operation is sent only after its record is on disk.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        # A writing transaction takes the write lock at once; two that both read first could never upgrade.
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection for reading. Database failures leave as StoreError."""
    with _translated(engine), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction, committed at the end, whole or absent. Database failures leave as StoreError."""
    with (
        _translated(engine),
        engine.connect().execution_options(writing=True) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def _translated(engine: sa.Engine) -> Iterator[None]:
    try:
        yield
    except exc.SQLAlchemyError as error:
        raise store_error(engine, error) from error


def store_error(engine: sa.Engine, error: exc.SQLAlchemyError) -> StoreError:
    """The driver's failure as a problem. Statement parameters are left out: they are customers' data."""
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    reason = redact(str(cause)).strip() or type(error).__name__
    where = redact(engine.url.render_as_string(hide_password=True))
    lowered = reason.lower()
    if "locked" in lowered or "deadlock" in lowered or "lock wait timeout" in lowered:
        return StoreError(
            Problem(
                "database_locked",
                "Another program holds the database",
                where,
                "Close the program that writes to it, or wait, then try again.",
            )
        )
    if any(word in lowered for word in ("readonly", "read-only", "permission", "denied to user")):
        return StoreError(
            Problem(
                "database_read_only",
                f"The database refused to write: {reason}",
                where,
                "Give this user the right to write to the delta tables and to deltadesk_* tables.",
            )
        )
    return StoreError(
        Problem(
            "database_failed",
            f"The database did not answer as expected: {reason}",
            where,
            "Check that the server runs and that this user may read and write, then try again.",
        )
    )
