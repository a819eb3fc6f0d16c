"""How long does the Orders page wait for its data, against bare SQL with the same answers.

Fills the delta tables with 100,000 orders of 40 customers and 500,000 lines: the order list's real columns,
the indexes that docs/runbook.md proposes. Opening the page is what the window asks for: the customers with
the counts of what is not on the board and of what is pending, the number of all orders, and the first page of
one customer. It goes through the same calls of the store. The bare SQL is written by hand and run by the
driver's own cursor, and its rows are read and thrown away. Both take turns in the same database, warm, and
their answers are compared first.

    python benchmarks/store.py [--orders 100000] [--rounds 7] [--databases sqlite mariadb]

MariaDB is a server of the benchmark's own on loopback, in a temporary folder.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa

from core.config.model import EngineColumns, StateWords
from core.demo.data_schema import HEADER_ENGINE_COLUMNS, LINE_COLUMNS, business_columns
from core.orders import schema
from core.orders.database import connect, writing
from core.orders.model import PENDING_STATES, OrderFilter, SyncState
from core.orders.store import OrderStore
from tests.database_servers import MariaDbServer

HEADERS, LINES, NUMBERS = "BENCH_HEADERS", "BENCH_LINES", "BENCH_N"
CUSTOMERS = 40
LINES_OF_AN_ORDER = 5
PAGE = 200
"""Orders that the window reads at once (`ROWS_AT_ONCE`)."""
LABEL = "AAG ORDER NUMBER"
DISPLAY = ("PO NUMBER", "CUSTOMER STYLE", "CUSTOMER COLOUR DESCRIPTION", "CATEGORY")
PENDING, EVERYTHING = OrderFilter(states=PENDING_STATES), OrderFilter()
OPEN = OrderFilter(states=(*PENDING_STATES, SyncState.ERROR, SyncState.HELD))
INDEXES = (
    (HEADERS, ("sync_state",)),
    (HEADERS, ("CUSTOMER NAME", "created_at")),
    (LINES, ("sync_state",)),
    (LINES, ("record_uuid", "qty")),
)
"""As docs/runbook.md proposes them."""
TARGET = 2.0
# A key is random, as UUIDs are: it stands anywhere in its index.
EXPRESSIONS = {
    "sqlite": {
        "key": "lower(hex(randomblob(18)))",
        "moment": "strftime('%Y-%m-%d %H:%M:%f000', '2026-01-01', '+' || (n / 200) || ' hours')",
        "text": "'{prefix}' || ({number})",
    },
    "mariadb": {
        "key": "CONCAT(MD5({seed}), 'abcd')",
        "moment": "TIMESTAMPADD(HOUR, n DIV 200, '2026-01-01')",
        "text": "CONCAT('{prefix}', {number})",
    },
}


class Names:
    """What a profile says about the tables."""

    headers_table = HEADERS
    lines_table = LINES
    customer_column = "CUSTOMER NAME"
    columns = EngineColumns()
    state_words = StateWords()


def main() -> int:
    """Measure on each database, print a table; the last line is one JSON object."""
    given = _arguments()
    print(
        f"{given.orders} orders, {given.orders * LINES_OF_AN_ORDER} lines; medians of {given.rounds} rounds,"
        f" warm; Python {platform.python_version()}, SQLAlchemy {sa.__version__}, {platform.machine()},"
        f" {os.cpu_count()} cores"
    )
    ratios: dict[str, float] = {}
    for name in given.databases:
        with _database(name) as engine:
            ratios |= {f"{name} {what}": ratio for what, ratio in _measure(engine, name, given).items()}
    # A page by itself takes some milliseconds either way; what a person waits for is the opening.
    targets = {f"{name} opening": TARGET for name in given.databases}
    verdict = {
        "benchmark": "store",
        "ratios": {what: round(ratio, 2) for what, ratio in ratios.items()},
        "targets": targets,
        "holds": all(ratios[what] <= target for what, target in targets.items()),
    }
    print(f"\n{json.dumps(verdict)}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--databases", nargs="+", choices=tuple(EXPRESSIONS), default=tuple(EXPRESSIONS))
    return parser.parse_args()


@contextmanager
def _database(name: str) -> Iterator[sa.Engine]:
    """An empty database, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="store-benchmark-") as folder:
        if name == "sqlite":
            path = Path(folder) / "orders.db"
            path.touch()
            engine = connect(f"sqlite:///{path}")
            yield engine
            engine.dispose()
            return
        server = MariaDbServer(Path(folder) / "data", buffer_pool="512M")
        try:
            engine = connect(server.create_database("orders"))
            yield engine
            engine.dispose()
        finally:
            server.stop()


# What is measured


def _measure(engine: sa.Engine, name: str, given: argparse.Namespace) -> dict[str, float]:
    _fill(engine, given.orders)
    began = perf_counter()
    store = OrderStore(
        engine,
        Names(),
        label=lambda row: str(row[LABEL]),
        label_columns=[LABEL],
        display_columns=DISPLAY,
        header_columns=[],
        line_columns=[],
        worker="benchmark",
    )
    opened = perf_counter() - began
    print(
        f"\n{name:<24}{'store ms':>10}{'bare ms':>10}{'ratio':>8}"
        f"   (the store itself opened in {opened * 1000:.0f} ms)"
    )
    customer = store.customers(EVERYTHING)[0].customer
    with engine.connect() as connection:
        bare = Bare(connection, customer)
        _compare(store, bare, customer)
        pairs: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
            "counts of everything": (lambda: store.customers(EVERYTHING), lambda: bare.customers(EVERYTHING)),
            "counts of what is pending": (lambda: store.customers(PENDING), lambda: bare.customers(PENDING)),
            "number of orders": (lambda: store.order_count(EVERYTHING), bare.count),
            "first page": (lambda: store.order_rows(customer, EVERYTHING, 0, PAGE), bare.page),
        }
        pairs["opening"] = (lambda: _open(store, customer), lambda: _open_bare(bare))
        ratios = {}
        for what, (ours, theirs) in pairs.items():
            seconds = [(_timed(ours), _timed(theirs)) for _ in range(given.rounds)]
            mine, hand = (statistics.median(column) for column in zip(*seconds, strict=True))
            ratios[what] = mine / hand
            print(f"{what:<24}{mine * 1000:>10.1f}{hand * 1000:>10.1f}{ratios[what]:>8.2f}")
    return ratios


def _open(store: OrderStore, customer: str) -> None:
    for wanted in (OPEN, PENDING):
        store.customers(wanted)
    store.order_count(EVERYTHING)
    store.order_rows(customer, EVERYTHING, 0, PAGE)


def _open_bare(bare: "Bare") -> None:
    for wanted in (OPEN, PENDING):
        bare.customers(wanted)
    bare.count()
    bare.page()


class Bare:
    """The same answers from the driver's own cursor."""

    def __init__(self, connection: sa.Connection, customer: str) -> None:
        self._cursor = connection.connection.cursor()
        self._engine = connection.engine
        self._customer = customer

    def customers(self, wanted: OrderFilter) -> list[tuple[Any, ...]]:
        """Customer, orders, pending, failed, oldest; then customer, lines, pieces."""
        # Grouped by the name as it is, both databases would walk its index and be slower by half and more.
        name = f"COALESCE(h.{self._quoted('CUSTOMER NAME')}, '')"
        words = [state.value for state in wanted.states]
        where = f" WHERE h.sync_state IN ({', '.join('?' * len(words))})" if words else ""
        orders = (
            f"SELECT {name}, COUNT(*), SUM(CASE WHEN h.sync_state IN ('NEW', 'PENDING') THEN 1 ELSE 0 END),"
            " SUM(CASE WHEN h.sync_state = 'ERROR' THEN 1 ELSE 0 END), MIN(h.created_at)"
            f" FROM {HEADERS} h{where} GROUP BY {name}"
        )
        lines = (
            f"SELECT {name}, COUNT(*), SUM(l.qty) FROM {LINES} l"
            f" JOIN {HEADERS} h ON l.record_uuid = h.record_uuid{where} GROUP BY {name}"
        )
        return [*self._read(orders, words), *self._read(lines, words)]

    def count(self) -> list[tuple[Any, ...]]:
        """How many orders there are."""
        return self._read(f"SELECT COUNT(*) FROM {HEADERS}", [])

    def page(self) -> list[tuple[Any, ...]]:
        """The oldest orders of the customer, with how many lines and pieces each has."""
        shown = ", ".join(f"h.{self._quoted(name)}" for name in ("CUSTOMER NAME", LABEL, *DISPLAY))
        lines = f"FROM {LINES} l WHERE l.record_uuid = h.record_uuid"
        return self._read(
            "SELECT h.record_uuid, h.sync_state, h.action_type, h.monday_item_id, h.sync_error_message,"
            f" {shown}, (SELECT COUNT(*) {lines}), (SELECT SUM(l.qty) {lines}) FROM {HEADERS} h"
            f" WHERE h.{self._quoted('CUSTOMER NAME')} = ?"
            f" ORDER BY h.created_at, h.{self._quoted(LABEL)}, h.record_uuid LIMIT {PAGE}",
            [self._customer],
        )

    def _read(self, statement: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._cursor.execute(statement, tuple(values)).fetchall()]

    def _quoted(self, name: str) -> str:
        return self._engine.dialect.identifier_preparer.quote_identifier(name)


def _compare(store: OrderStore, bare: Bare, customer: str) -> None:
    """Both must say the same, or the ratio means nothing."""
    for wanted in (EVERYTHING, OPEN, PENDING):
        rows = bare.customers(wanted)
        ours = [(each.customer, each.orders, each.pending, each.failed) for each in store.customers(wanted)]
        sizes = [(each.customer, each.lines, each.pieces) for each in store.customers(wanted)]
        _same(ours, [(row[0], row[1], int(row[2]), int(row[3])) for row in rows if len(row) == 5])
        _same(sizes, [(row[0], row[1], int(row[2])) for row in rows if len(row) == 3])
    page = store.order_rows(customer, EVERYTHING, 0, PAGE)
    assert [(row.key, row.lines, row.pieces) for row in page] == [
        (row[0], row[-2], int(row[-1])) for row in bare.page()
    ]


def _same(ours: Sequence[tuple[Any, ...]], theirs: Sequence[tuple[Any, ...]]) -> None:
    if sorted(ours) != sorted(theirs):
        sys.exit(f"The answers differ: {ours[:2]} and {theirs[:2]}")


def _timed(work: Callable[[], Any]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


# The orders


def _fill(engine: sa.Engine, orders: int) -> None:
    """Headers and lines, made by the database itself from a table of numbers."""
    said = EXPRESSIONS["sqlite" if engine.dialect.name == "sqlite" else "mariadb"]
    text = said["text"].format
    business = [(column.name, column.sql_type) for column in business_columns()]
    _create(engine, HEADERS, [*HEADER_ENGINE_COLUMNS, *business])
    _create(engine, LINES, LINE_COLUMNS)
    _execute(engine, f"CREATE TABLE {NUMBERS} (n INT NOT NULL)")
    with writing(engine) as connection:
        numbers = sa.table(NUMBERS, sa.column("n"))
        connection.execute(sa.insert(numbers), [{"n": number} for number in range(1000)])
    state = "CASE n % 10 WHEN 7 THEN 'NEW' WHEN 8 THEN 'PENDING' WHEN 9 THEN 'ERROR' ELSE 'SYNCED' END"
    headers = {
        "record_uuid": said["key"].format(seed="n"),
        "sync_state": state,
        "action_type": "'INSERT'",
        "created_at": said["moment"],
        "updated_at": said["moment"],
        "CUSTOMER NAME": text(prefix="CUSTOMER ", number=f"(n * 7919) % {CUSTOMERS}"),
        LABEL: text(prefix="AAG-", number="n"),
        "PO NUMBER": text(prefix="PO", number="n % 5000"),
        "CUSTOMER STYLE": text(prefix="ST", number="n % 500"),
        "CUSTOMER COLOUR DESCRIPTION": text(prefix="COLOUR ", number="n % 17"),
    }
    texts = [name for name, declared in business if declared.startswith("NVARCHAR")]
    for place, name in enumerate(texts[::3]):
        headers.setdefault(name, text(prefix="value ", number=f"(n * 17 + {place}) % 1000"))
    counted = f"(SELECT a.n * 1000 + b.n AS n FROM {NUMBERS} a CROSS JOIN {NUMBERS} b) AS numbered"
    _insert(engine, HEADERS, headers, f"{counted} WHERE n < {orders}")
    lines = {
        "line_uuid": said["key"].format(seed="CONCAT(h.record_uuid, n)"),
        "record_uuid": "h.record_uuid",
        "size_code": text(prefix="", number="28 + 2 * n"),
        "qty": "1 + (n * 31) % 200",
        "sync_state": "h.sync_state",
        "action_type": "'INSERT'",
        "created_at": "h.created_at",
        "updated_at": "h.created_at",
    }
    _insert(engine, LINES, lines, f"{HEADERS} h CROSS JOIN {NUMBERS} WHERE n < {LINES_OF_AN_ORDER}")
    for number, (table, columns) in enumerate(INDEXES):
        listed = ", ".join(_quoted(engine, column) for column in columns)
        _execute(engine, f"CREATE INDEX IX_{table}_{number} ON {table} ({listed})")
    for table in (HEADERS, LINES):
        _execute(engine, f"ANALYZE {table}" if engine.dialect.name == "sqlite" else f"ANALYZE TABLE {table}")
    schema.upgrade(engine)


def _create(engine: sa.Engine, table: str, columns: Sequence[tuple[str, str]]) -> None:
    listed = (f"{_quoted(engine, name)} {_type(engine, name, declared)}" for name, declared in columns)
    _execute(engine, f"CREATE TABLE {table} ({', '.join(listed)})")


def _type(engine: sa.Engine, name: str, declared: str) -> str:
    """The declarations are SQL Server's; on MariaDB so many of them do not fit one row."""
    declared = declared.replace("TEXT", "NVARCHAR(36)").replace("INTEGER", "INT")
    if engine.dialect.name == "sqlite":
        return declared
    if name.endswith(("_uuid", "_id", "sync_state", "action_type", "size_code", "CUSTOMER NAME", LABEL)):
        return declared.replace("NVARCHAR", "VARCHAR")
    return "TEXT" if declared.startswith("NVARCHAR") else declared.replace("DATETIME", "DATETIME(6)")


def _insert(engine: sa.Engine, table: str, values: dict[str, str], source: str) -> None:
    names = ", ".join(_quoted(engine, name) for name in values)
    _execute(engine, f"INSERT INTO {table} ({names}) SELECT {', '.join(values.values())} FROM {source}")


def _quoted(engine: sa.Engine, name: str) -> str:
    return engine.dialect.identifier_preparer.quote_identifier(name)


def _execute(engine: sa.Engine, statement: str) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql(statement)


if __name__ == "__main__":
    sys.exit(main())
