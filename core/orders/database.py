"""One SQLAlchemy engine for the orders database, set up for its dialect; failures in the operator's words."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyodbc
import sqlalchemy as sa
from sqlalchemy import event, exc

from core.errors import ConfigurationError, Problem, StoreError
from core.orders.odbc import connection_words, missing_driver
from core.redaction import redact, remember_secret

BUSY_TIMEOUT_MS = 15_000
"""How long a statement waits for another process's lock before it gives up, milliseconds."""
LOGIN_TIMEOUT_SECONDS = 15
"""How long a server may take to answer a new connection."""
_SQLITE_CACHE_KIB = 4_000
"""Of a connection: headers of hundreds of columns are large, and the usual 2 MiB hold few of them."""
_WAITING, _NOT_WAITING = "PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"
"""Whether each commit waits until SQLite's log is on the disk."""
_SQLITE_CHECKPOINT_PAGES = 8_000
"""Of 4 KiB in the log before they go into the file, where each is written once however often it changed."""
_LONGEST_BOUND_TEXT = 1 << 30
"""Bytes of a text that goes to MariaDB's driver in one piece."""
_LOCKED_CODES = {
    # Lock request time out; deadlock victim; update conflict of snapshot isolation.
    "mssql": frozenset({1222, 1205, 3960}),
    # Lock wait timeout; deadlock victim; record changed since it was read.
    "mariadb": frozenset({1205, 1213, 1020}),
}
"""The servers' own numbers for "somebody else has it": their words depend on the server's language."""
_DEADLOCK_CODES = {"mssql": frozenset({1205, 3960}), "mariadb": frozenset({1213, 1020})}
"""Those of them after which the whole transaction is gone and may be tried again at once."""
_TRIES = 5
_NATIVE_CODE = re.compile(r"\((\d+)\) \(SQL\w+\)")
"""Where pyodbc puts the server's number."""
_HELD_BY_SQLITE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


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
    backend, driver = _family(engine), address.get_driver_name()
    if backend == "sqlite":
        _prepare_sqlite(engine, address)
    elif driver == "pyodbc" and backend == "mariadb":
        _prepare_mariadb_odbc(engine)
    elif driver == "pyodbc" and backend == "mssql":
        _prepare_sql_server(engine)
    return engine


def _family(engine: sa.Engine) -> str:
    """`sqlite`, `mssql` or `mariadb`, which MySQL is counted to."""
    name = engine.dialect.name
    return "mariadb" if name == "mysql" else name


def _options(address: sa.URL) -> dict[str, Any]:
    backend = address.get_backend_name()
    if backend == "sqlite":
        # A connection reads its pages anew once another one wrote: the one that wrote last is used again.
        return {"pool_use_lifo": True}
    options: dict[str, Any] = {"pool_pre_ping": True}
    if address.get_driver_name() == "pyodbc":
        options["connect_args"] = {"timeout": LOGIN_TIMEOUT_SECONDS}
    if backend in {"mysql", "mariadb"}:
        # Its default would show a worker the claims as they were when its transaction began.
        options["isolation_level"] = "READ COMMITTED"
    if backend == "mssql":
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
        # Driver 3.1 garbles what comes in pieces (SQLPutData), and pyodbc would cut texts of some hundred
        # characters: github.com/mkleehammer/pyodbc/issues/1375.
        connection.maxwrite = _LONGEST_BOUND_TEXT


def _prepare_sql_server(engine: sa.Engine) -> None:
    """SQL Server waits for a lock without end unless it is told otherwise."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"SET LOCK_TIMEOUT {BUSY_TIMEOUT_MS}")
        cursor.close()


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
        cursor.execute(_WAITING)
        cursor.execute(f"PRAGMA cache_size = -{_SQLITE_CACHE_KIB}")
        cursor.execute(f"PRAGMA wal_autocheckpoint = {_SQLITE_CHECKPOINT_PAGES}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        # A writing transaction takes the write lock at once; two that both read first could never upgrade.
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection for reading. Failures leave as StoreError, of a missing driver as ConfigurationError."""
    with _translated(engine), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: sa.Engine, *, may_be_lost: bool = False) -> Iterator[sa.Connection]:
    """One transaction, committed at the end, whole or absent. Failures leave as in `reading`.

    A power cut may take one that `may_be_lost` until another one is committed that may not: for what can be
    found out again (docs/decisions/0014). Where only this process ends, nothing is lost.
    """
    with _translated(engine), engine.connect().execution_options(writing=True) as connection:
        is_light = may_be_lost and engine.dialect.name == "sqlite"
        if is_light:
            _set(connection, _NOT_WAITING)
        try:
            with connection.begin():
                yield connection
        finally:
            if is_light:
                _set(connection, _WAITING)


def _set(connection: sa.Connection, pragma: str) -> None:
    """Change a setting of SQLite between two transactions."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute(pragma)


def in_one_transaction(
    engine: sa.Engine, work: Callable[[sa.Connection], None], *, may_be_lost: bool = False
) -> None:
    """Do `work` in a transaction of its own; again from the start where a server ended it in a deadlock.

    `work` must do nothing but talk to the database. `may_be_lost` and failures are as in `writing`.
    """
    for _ in range(_TRIES - 1):
        try:
            with writing(engine, may_be_lost=may_be_lost) as connection:
                work(connection)
        except StoreError as error:
            if not _is_deadlock(engine, error):
                raise
        else:
            return
    with writing(engine, may_be_lost=may_be_lost) as connection:
        work(connection)


def _is_deadlock(engine: sa.Engine, error: StoreError) -> bool:
    """Whether the server chose this transaction to end, and asks to begin it again."""
    cause = error.__cause__
    reason = str(cause.orig) if isinstance(cause, exc.DBAPIError) else ""
    return any(int(code) in _DEADLOCK_CODES.get(_family(engine), ()) for code in _NATIVE_CODE.findall(reason))


@contextmanager
def _translated(engine: sa.Engine) -> Iterator[None]:
    try:
        yield
    except exc.SQLAlchemyError as error:
        raise store_error(engine, error) from error


def store_error(engine: sa.Engine, error: exc.SQLAlchemyError) -> StoreError | ConfigurationError:
    """The driver's failure as a problem. Statement parameters are left out: they are customers' data.

    A ConfigurationError where the driver itself is not there: no server was asked, and waiting is no help.
    """
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    reason = redact(str(cause)).strip() or type(error).__name__
    where = place(engine)
    if (missing := missing_driver(engine.url, where, cause)) is not None:
        return ConfigurationError(missing)
    if _is_locked(engine, cause):
        return StoreError(
            Problem(
                "database_locked",
                "Another program holds the database",
                where,
                "Close the program that writes to it, or wait, then try again.",
            )
        )
    lowered = reason.lower()
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


def place(engine: sa.Engine) -> str:
    """Which database an engine speaks to, as an operator knows it; no password."""
    parts = connection_words(engine.url)
    if not parts:
        return redact(engine.url.render_as_string(hide_password=True))
    server = parts.get("SERVER") or parts.get("DSN", "")
    port = f":{parts['PORT']}" if "PORT" in parts else ""
    return redact(f"{engine.dialect.name} {server}{port}/{parts.get('DATABASE', '')}")


def _is_locked(engine: sa.Engine, cause: BaseException | None) -> bool:
    """Whether another connection has what a statement needs; trying again later may succeed."""
    if isinstance(cause, sqlite3.Error):
        # The low byte is the sort of error, the rest says more about it.
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _HELD_BY_SQLITE
    codes = _LOCKED_CODES.get(_family(engine), frozenset())
    return any(int(code) in codes for code in _NATIVE_CODE.findall(str(cause)))
