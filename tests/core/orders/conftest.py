"""Real SQLite files with two small delta tables; a test names only the rows and columns it is about."""

import itertools
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.config.model import EngineColumns, StateWords
from core.demo.data_schema import quoted
from core.orders import schema
from core.orders.database import connect
from core.orders.store import OrderStore

Rows = Sequence[Mapping[str, Any]]

SHARED = {
    "record_uuid": "TEXT",
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
    "AAG ORDER NUMBER": "TEXT",
}
LINE = SHARED | {
    "line_uuid": "TEXT",
    "size_code": "NVARCHAR(100)",
    "qty": "INTEGER",
    "monday_subitem_id": "NVARCHAR(20)",
    "monday_parent_id": "NVARCHAR(20)",
}


@dataclass
class Names:
    """What a profile says about its tables."""

    headers_table: str = "HEADERS"
    lines_table: str = "LINES"
    customer_column: str = "CUSTOMER NAME"
    columns: EngineColumns = field(default_factory=EngineColumns)
    state_words: StateWords = field(default_factory=StateWords)


@dataclass
class OrdersFile:
    """One orders database, and a store on it."""

    path: Path
    names: Names
    engine: sa.Engine
    store: OrderStore

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement finds, asked past the store."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(statement).fetchall()

    def order(self, key: str, *columns: str) -> tuple[Any, ...]:
        """Some columns of one order."""
        (row,) = self.rows(
            f"SELECT {', '.join(map(quoted, columns))} FROM HEADERS WHERE record_uuid = '{key}'"
        )
        return row

    def line(self, key: str, *columns: str) -> tuple[Any, ...]:
        """Some columns of one line."""
        (row,) = self.rows(f"SELECT {', '.join(map(quoted, columns))} FROM LINES WHERE line_uuid = '{key}'")
        return row


def write_tables(path: Path, names: Names, headers: Rows, lines: Rows, more: Mapping[str, str]) -> None:
    """Make both tables with their rows; later rows are younger."""
    moments = (f"2026-11-{day:02} 09:00:00.000000" for day in itertools.cycle(range(1, 29)))
    given = [name for row in headers for name in row]
    columns = HEADER | dict.fromkeys(given, "TEXT") | HEADER | more
    with closing(sqlite3.connect(path)) as connection:
        for table, declared, rows in (
            (names.headers_table, columns, headers),
            (names.lines_table, LINE, lines),
        ):
            declarations = ", ".join(f"{quoted(name)} {kind}" for name, kind in declared.items())
            connection.execute(f"CREATE TABLE {quoted(table)} ({declarations})")
            for row in rows:
                moment = next(moments)
                usual = {
                    "action_type": "INSERT",
                    "created_at": moment,
                    "updated_at": moment,
                    "retry_count": 0,
                }
                if declared is LINE:
                    usual |= {"sync_state": "PENDING", "size_code": "M", "qty": 1}
                else:
                    usual |= {
                        "sync_state": "NEW",
                        "CUSTOMER NAME": "ACME",
                        "AAG ORDER NUMBER": f"AAG-{row['record_uuid']}",
                    }
                whole = usual | row
                marks = ", ".join("?" * len(whole))
                connection.execute(
                    f"INSERT INTO {quoted(table)} ({', '.join(map(quoted, whole))}) VALUES ({marks})",
                    tuple(whole.values()),
                )
        connection.commit()


@pytest.fixture
def make_orders(tmp_path: Path) -> Iterator[Callable[..., OrdersFile]]:
    """Make a database file with these rows and open a store on it."""
    engines: list[sa.Engine] = []
    numbers = itertools.count()

    def make(
        headers: Rows = (),
        lines: Rows = (),
        *,
        names: Names | None = None,
        more: Mapping[str, str] | None = None,
        display: Sequence[str] = (),
        header_columns: Sequence[str] = (),
        line_columns: Sequence[str] = (),
    ) -> OrdersFile:
        path = tmp_path / f"orders-{next(numbers)}.db"
        names = names or Names()
        write_tables(path, names, headers, lines, {} if more is None else more)
        engine = connect(f"sqlite:///{path}")
        engines.append(engine)
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
        schema.upgrade(engine)
        return OrdersFile(path, names, engine, store)

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
def make_names() -> type[Names]:
    """Names of tables and columns, the usual ones where a test gives none."""
    return Names
