"""Real databases with two small delta tables; a test names only the rows and columns it is about."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from core.config.model import EngineColumns, StateWords
from core.orders.database import connect
from core.orders.store import OrderStore
from tests.prepared_files import make_own_tables

Rows = Sequence[Mapping[str, Any]]

SHARED = {
    "record_uuid": "NVARCHAR(36)",
    "sync_state": "NVARCHAR(20)",
    "action_type": "NVARCHAR(20)",
    "sync_attempted_at": "DATETIME",
    "sync_completed_at": "DATETIME",
    "sync_error_message": "NVARCHAR(60)",
    "retry_count": "INTEGER",
    "created_at": "DATETIME",
    "updated_at": "DATETIME",
}
HEADER = SHARED | {
    "monday_item_id": "NVARCHAR(20)",
    "CUSTOMER NAME": "NVARCHAR(100)",
    "AAG ORDER NUMBER": "NVARCHAR(100)",
}
LINE = SHARED | {
    "line_uuid": "NVARCHAR(36)",
    "size_code": "NVARCHAR(100)",
    "qty": "INTEGER",
    "monday_subitem_id": "NVARCHAR(20)",
    "monday_parent_id": "NVARCHAR(20)",
}
_TYPES = {
    "sqlite": {},
    # Its NVARCHAR has three bytes a character; the database's own character set has four.
    "mysql": {"NVARCHAR": "VARCHAR", "DATETIME": "DATETIME(6)", "NUMERIC": "NUMERIC(12, 2)"},
    "mssql": {
        "TEXT": "NVARCHAR(max)",
        "INTEGER": "INT",
        "DATETIME": "DATETIME2(6)",
        "NUMERIC": "NUMERIC(12, 2)",
    },
}
"""What the declarations above are called, by SQLAlchemy's name of the dialect's family."""


@dataclass
class Names:
    """What a profile says about its tables."""

    headers_table: str = "HEADERS"
    lines_table: str = "LINES"
    customer_column: str = "CUSTOMER NAME"
    columns: EngineColumns = field(default_factory=EngineColumns)
    state_words: StateWords = field(default_factory=StateWords)


@dataclass
class OrdersDatabase:
    """One orders database, and a store on it."""

    url: str
    names: Names
    engine: sa.Engine
    store: OrderStore

    @property
    def on_sqlite(self) -> bool:
        """Whether this is a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement finds, asked past the store; moments are text, down to the microsecond."""
        with self.engine.connect() as connection:
            return [tuple(map(_shown, row)) for row in connection.exec_driver_sql(statement)]

    def sql(self, statement: str) -> None:
        """Run a statement past the store."""
        _run(self.engine, statement)

    def order(self, key: str, *columns: str) -> tuple[Any, ...]:
        """Some columns of one order."""
        return self._record("HEADERS", f"record_uuid = '{key}'", columns)

    def line(self, key: str, *columns: str) -> tuple[Any, ...]:
        """Some columns of one line."""
        return self._record("LINES", f"line_uuid = '{key}'", columns)

    def _record(self, table: str, condition: str, columns: Sequence[str]) -> tuple[Any, ...]:
        listed = ", ".join(quoted(self.engine, name) for name in columns)
        (row,) = self.rows(f"SELECT {listed} FROM {quoted(self.engine, table)} WHERE {condition}")
        return row

    def everything(self) -> str:
        """Every value of every table, as one text."""
        tables = [quoted(self.engine, name) for name in sa.inspect(self.engine).get_table_names()]
        return "\n".join(str(row) for table in tables for row in self.rows(f"SELECT * FROM {table}"))


def _shown(value: Any) -> Any:
    return f"{value:%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value


def quoted(engine: sa.Engine, identifier: str) -> str:
    """The identifier as this database takes it, whatever characters it has."""
    return engine.dialect.identifier_preparer.quote_identifier(identifier)


def _run(engine: sa.Engine, statement: str, *parameters: tuple[Any, ...]) -> None:
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        connection.exec_driver_sql(statement, list(parameters) or None)


def write_tables(
    engine: sa.Engine, names: Names, headers: Rows, lines: Rows, more: Mapping[str, str]
) -> None:
    """Make both tables with their rows; later rows are younger."""
    moments = (f"2026-11-{day:02} 09:00:00.000000" for day in itertools.cycle(range(1, 29)))
    given = [name for row in headers for name in row]
    columns = HEADER | dict.fromkeys(given, "NVARCHAR(400)") | HEADER | more
    for table, declared, rows in (
        (names.headers_table, columns, headers),
        (names.lines_table, LINE, lines),
    ):
        declarations = (f"{quoted(engine, name)} {_type(engine, kind)}" for name, kind in declared.items())
        _run(engine, f"CREATE TABLE {quoted(engine, table)} ({', '.join(declarations)})")
        whole = [_usual(declared, row, next(moments)) | row for row in rows]
        for shape, alike in itertools.groupby(whole, key=tuple):
            listed = ", ".join(quoted(engine, name) for name in shape)
            marks = ", ".join("?" * len(shape))
            values = (tuple(row.values()) for row in alike)
            _run(engine, f"INSERT INTO {quoted(engine, table)} ({listed}) VALUES ({marks})", *values)


def _type(engine: sa.Engine, declared: str) -> str:
    name = engine.dialect.name
    for ours, theirs in _TYPES["mysql" if name == "mariadb" else name].items():
        declared = declared.replace(ours, theirs)
    return declared


def _usual(declared: Mapping[str, str], row: Mapping[str, Any], moment: str) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "action_type": "INSERT",
        "created_at": moment,
        "updated_at": moment,
        "retry_count": 0,
    }
    if declared is LINE:
        return usual | {"sync_state": "PENDING", "size_code": "M", "qty": 1}
    number = f"AAG-{row['record_uuid']}"
    return usual | {"sync_state": "NEW", "CUSTOMER NAME": "ACME", "AAG ORDER NUMBER": number}


@pytest.fixture
def make_orders(new_database: Callable[[], str]) -> Iterator[Callable[..., OrdersDatabase]]:
    """Make a database with these rows and open a store on it."""
    engines: list[sa.Engine] = []

    def make(
        headers: Rows = (),
        lines: Rows = (),
        *,
        names: Names | None = None,
        more: Mapping[str, str] | None = None,
        display: Sequence[str] = (),
        header_columns: Sequence[str] = (),
        line_columns: Sequence[str] = (),
    ) -> OrdersDatabase:
        url = new_database()
        names = names or Names()
        engine = connect(url)
        engines.append(engine)
        make_own_tables(engine)
        write_tables(engine, names, headers, lines, {} if more is None else more)
        store = OrderStore(
            engine,
            names,
            label=lambda row: str(row["AAG ORDER NUMBER"] or ""),
            label_columns=["AAG ORDER NUMBER"],
            display_columns=display,
            header_columns=header_columns,
            line_columns=line_columns,
            worker="desk:1",
        )
        return OrdersDatabase(url, names, engine, store)

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
def make_names() -> type[Names]:
    """Names of tables and columns, the usual ones where a test gives none."""
    return Names
