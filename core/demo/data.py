"""The demo's orders database: a SQLite file with both delta tables, the same for the same seed and moment."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from core.demo.data_orders import DemoOrder, generate_orders
from core.demo.data_schema import (
    HEADERS_TABLE,
    LINES_TABLE,
    header_columns,
    insert_statement,
    line_columns,
    schema_statements,
)
from core.demo.data_values import Row
from core.demo.data_wrong import spoil

DEFAULT_SEED = 4755
DEFAULT_NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
"""The moment that the demo's dates are counted from when none is given; fixed, so that the output is too."""


@dataclass(frozen=True, slots=True)
class DemoTotals:
    """How much a demo database holds."""

    orders: int
    lines: int
    """Every line, those without a header included."""
    customers: Mapping[str, tuple[int, int]]
    """Customer -> its orders and the lines under them."""


@dataclass(frozen=True, slots=True)
class DemoRows:
    """The rows of both tables, each with every column of its table in the table's order."""

    headers: tuple[Row, ...]
    lines: tuple[Row, ...]

    @property
    def totals(self) -> DemoTotals:
        """What the rows add up to."""
        customer_of = {header["record_uuid"]: str(header["CUSTOMER NAME"]) for header in self.headers}
        counts: dict[str, tuple[int, int]] = {}
        for customer in customer_of.values():
            orders, lines = counts.get(customer, (0, 0))
            counts[customer] = orders + 1, lines
        for line in self.lines:
            if customer := customer_of.get(line["record_uuid"], ""):
                orders, lines = counts[customer]
                counts[customer] = orders, lines + 1
        return DemoTotals(len(self.headers), len(self.lines), counts)


def demo_orders(*, seed: int = DEFAULT_SEED, now: datetime = DEFAULT_NOW) -> tuple[DemoOrder, ...]:
    """The demo's orders, all of them valid, with their lines; customer by customer. `now` is aware.

    Raises ValueError when `now` has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("'now' needs a time zone")
    return tuple(generate_orders(seed=seed, now=now.astimezone(UTC)))


def demo_rows(*, seed: int = DEFAULT_SEED, now: datetime = DEFAULT_NOW) -> DemoRows:
    """The rows of the demo database, with the few of `WRONG_ON_PURPOSE` spoilt. Raises as `demo_orders`."""
    return DemoRows(*spoil(demo_orders(seed=seed, now=now)))


def create_orders_database(
    path: Path, *, seed: int = DEFAULT_SEED, now: datetime = DEFAULT_NOW
) -> DemoTotals:
    """Write the demo database to `path` and say what is in it. A failure leaves no file behind.

    Raises FileExistsError when `path` exists, FileNotFoundError when its folder does not, and ValueError when
    `now` has no time zone. Blocks for about half a second.
    """
    if path.exists():
        raise FileExistsError(f"{path} exists; the demo never writes over a database")
    rows = demo_rows(seed=seed, now=now)
    with TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        unfinished = Path(folder, path.name)
        _write(unfinished, rows)
        unfinished.rename(path)
    return rows.totals


def _write(path: Path, rows: DemoRows) -> None:
    # Closing checkpoints the write-ahead log, so the file alone is the whole database.
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN")
        for statement in schema_statements():
            connection.execute(statement)
        _insert(connection, HEADERS_TABLE, header_columns(), rows.headers)
        _insert(connection, LINES_TABLE, line_columns(), rows.lines)
        connection.execute("COMMIT")


def _insert(
    connection: sqlite3.Connection, table: str, columns: tuple[str, ...], rows: Sequence[Row]
) -> None:
    connection.executemany(insert_statement(table, columns), (tuple(row.values()) for row in rows))
