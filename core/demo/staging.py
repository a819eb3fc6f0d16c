"""The demo's order list in a staging table, and its preparation into the delta tables.

Preparation gives every order an identifier by chance. The demo then gives it the one that its order number
stands for, and the arrival that the generator chose: pictures, exercises and tests are the same everywhere.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from core.config.model import EngineColumns, Prepare, StateWords
from core.demo.data import DEFAULT_NOW, DEFAULT_SEED, demo_orders
from core.demo.data_orders import DemoOrder
from core.demo.data_schema import (
    HEADERS_TABLE,
    LINES_TABLE,
    insert_statement,
    quoted,
    schema_statements,
    source_columns,
)
from core.demo.data_values import Row
from core.demo.data_wrong import WRONG_ON_PURPOSE
from core.orders import schema
from core.orders.database import connect
from core.prepare.pipeline import Preparation
from core.prepare.settings import PrepareSettings
from core.prepare.summary import PrepareSummary

STAGING_TABLE = "swp_ORDER_LIST"
CUSTOMER_COLUMN = "CUSTOMER NAME"
_ORDER_NUMBER = "AAG ORDER NUMBER"


def create_staged_database(
    path: Path, *, seed: int = DEFAULT_SEED, now: datetime = DEFAULT_NOW
) -> PrepareSummary:
    """Write a database whose delta tables were prepared from its staging table; what the preparation did.

    A failure leaves no file behind. Raises FileExistsError when `path` exists. Blocks for about two seconds.
    """
    if path.exists():
        raise FileExistsError(f"{path} exists; the demo never writes over a database")
    orders = demo_orders(seed=seed, now=now)
    with TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        unfinished = Path(folder, path.name)
        _write_staging(unfinished, orders)
        summary = _prepare(unfinished, now)
        _name_for_life(unfinished, orders)
        unfinished.rename(path)
    return summary


def staging_rows(orders: Sequence[DemoOrder]) -> Iterator[Row]:
    """The orders as the wide staging table holds them: a column for each size, headers wrong where meant."""
    wrong = {each.key: each for each in WRONG_ON_PURPOSE if each.table == HEADERS_TABLE}
    for order in orders:
        quantities = {line["size_code"]: line["qty"] for line in order.lines}
        spoilt = wrong.get(str(order.header["record_uuid"]))
        header = order.header | {spoilt.column: spoilt.bad_value} if spoilt else order.header
        yield {
            column.name: quantities.get(column.name) if column.group == "size" else header[column.name]
            for column in source_columns()
        }


def _write_staging(path: Path, orders: Sequence[DemoOrder]) -> None:
    names = tuple(column.name for column in source_columns())
    declared = ", ".join(f"{quoted(column.name)} {column.sql_type}" for column in source_columns())
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN")
        for statement in (*schema_statements(), f"CREATE TABLE {quoted(STAGING_TABLE)} ({declared})"):
            connection.execute(statement)
        connection.executemany(
            insert_statement(STAGING_TABLE, names),
            (tuple(row[name] for name in names) for row in staging_rows(orders)),
        )
        connection.execute("COMMIT")


def _prepare(path: Path, now: datetime) -> PrepareSummary:
    names = Prepare()
    settings = PrepareSettings(
        staging_table=STAGING_TABLE,
        headers_table=HEADERS_TABLE,
        lines_table=LINES_TABLE,
        customer_column=CUSTOMER_COLUMN,
        columns=EngineColumns(),
        key_columns=names.key_columns,
        sizes_after=names.sizes_after,
        sizes_before=names.sizes_before,
    )
    engine = connect(f"sqlite:///{path.as_posix()}")
    try:
        schema.upgrade(engine)
        words = StateWords()
        stored = {"NEW": words.NEW, "PENDING": words.PENDING, "HELD": words.HELD}
        summary = Preparation(engine, settings, stored).run(now=lambda: now.astimezone(UTC))
    finally:
        engine.dispose()
    return replace(summary, seconds=round(summary.seconds, 3))


def _name_for_life(path: Path, orders: Sequence[DemoOrder]) -> None:
    """The generator's keys and moments for what was prepared, then the lines that are wrong on purpose."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        made = dict(
            connection.execute(f"SELECT {quoted(_ORDER_NUMBER)}, record_uuid FROM {quoted(HEADERS_TABLE)}")  # noqa: S608
        )
        of_orders = [
            (order.header["record_uuid"], made[order.header[_ORDER_NUMBER]])
            for order in orders
            if order.header[_ORDER_NUMBER] in made
        ]
        of_lines = [
            (line["line_uuid"], new, line["size_code"])
            for (new, _), order in zip(of_orders, _known(orders, made), strict=True)
            for line in order.lines
        ]
        for table in ("deltadesk_order", "deltadesk_order_line", HEADERS_TABLE, LINES_TABLE):
            connection.executemany(
                f"UPDATE {quoted(table)} SET record_uuid = ? WHERE record_uuid = ?",  # noqa: S608
                of_orders,
            )
        for table in ("deltadesk_order_line", LINES_TABLE):
            connection.executemany(
                f"UPDATE {quoted(table)} SET line_uuid = ? WHERE record_uuid = ? AND size_code = ?",  # noqa: S608
                of_lines,
            )
        _set_arrivals(connection, orders)
        for wrong in WRONG_ON_PURPOSE:
            if wrong.table == LINES_TABLE:
                connection.execute(
                    f"UPDATE {quoted(LINES_TABLE)} SET {quoted(wrong.column)} = ? WHERE line_uuid = ?",  # noqa: S608
                    (wrong.bad_value, wrong.key),
                )
        connection.execute("COMMIT")


def _known(orders: Sequence[DemoOrder], made: dict[str, str]) -> list[DemoOrder]:
    return [order for order in orders if order.header[_ORDER_NUMBER] in made]


def _set_arrivals(connection: sqlite3.Connection, orders: Sequence[DemoOrder]) -> None:
    headers = [(order.header["created_at"], order.header["record_uuid"]) for order in orders]
    lines = [(line["created_at"], line["line_uuid"]) for order in orders for line in order.lines]
    for table, key, rows in ((HEADERS_TABLE, "record_uuid", headers), (LINES_TABLE, "line_uuid", lines)):
        connection.executemany(f"UPDATE {quoted(table)} SET created_at = ? WHERE {key} = ?", rows)  # noqa: S608
