"""Databases full of the demo's orders, as large as a benchmark wants them, and the board they go to.

Every order has as many lines as the next, and every customer as many orders, so that sizes can be compared.
Values are the demo's, of several seeds, with keys of their own; the first customers are the demo's too.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any

from core.config.load import load_configuration, read_text
from core.config.model import Profile
from core.demo.data import demo_orders
from core.demo.data_orders import DemoOrder
from core.demo.data_schema import (
    HEADERS_TABLE,
    LINES_TABLE,
    header_columns,
    insert_statement,
    line_columns,
    schema_statements,
)
from core.monday.board import BoardSchema, parse_board
from core.orders.store import OrderStore
from core.resources import resource_path, shipped_configuration
from core.workspace.stores import open_store

MOST_CUSTOMERS = 1_000
FIRST_SEED = 4755


@dataclass(frozen=True, slots=True)
class Shape:
    """How the records of a benchmark hang together."""

    lines: int = 4
    """Of each order."""
    orders: int = 100
    """Of each customer, the last one aside: full requests, one of items and four of subitems."""


Rows = tuple[dict[str, Any], list[dict[str, Any]]]
"""A header and its lines."""


@dataclass(frozen=True)
class Desk:
    """Pending orders in a database, and where they are to go."""

    profile: Profile
    schema: BoardSchema
    store: OrderStore


def open_desk(database: Path) -> Desk:
    """The demo's profile over a database that `write_orders` made; its board is the practice board's."""
    file = shipped_configuration()
    demo = load_configuration(file).profiles["demo"]
    profile = demo.model_copy(update={"database_url": f"sqlite:///{database}"})
    return Desk(profile, _schema(), open_store(profile, read_text(file), str(file)))


def write_orders(database: Path, records: int, shape: Shape = Shape()) -> None:
    """A new database with so many pending orders and lines together."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN")
        for statement in schema_statements():
            connection.execute(statement)
        headers = insert_statement(HEADERS_TABLE, header_columns())
        lines = insert_statement(LINES_TABLE, line_columns())
        for header, of_order in islice(_orders(shape), records // (1 + shape.lines)):
            connection.execute(headers, tuple(header.values()))
            connection.executemany(lines, [tuple(line.values()) for line in of_order])
        connection.execute("COMMIT")


def _orders(shape: Shape) -> Iterator[Rows]:
    labels = [label["label"] for label in _customer_column(_fixture())["settings"]["labels"]]
    number = 0
    for seed in count(FIRST_SEED):
        for order in demo_orders(seed=seed):
            if len(order.lines) >= shape.lines:
                customer = number // shape.orders
                name = labels[customer] if customer < len(labels) else _made_up_name(customer)
                yield _renamed(order, seed, name, shape.lines)
                number += 1


def _renamed(order: DemoOrder, seed: int, customer: str, line_count: int) -> Rows:
    header = dict(order.header)
    key = header["record_uuid"] = f"{header['record_uuid'][:-6]}{seed:06}"
    for name in ("AAG ORDER NUMBER", "PO NUMBER"):
        header[name] = f"{header[name]}-{seed}"
    header["CUSTOMER NAME"] = customer
    lines = [
        {**line, "line_uuid": f"{line['line_uuid'][:-6]}{seed:06}", "record_uuid": key}
        for line in order.lines[:line_count]
    ]
    return header, lines


def _schema() -> BoardSchema:
    fixture = _fixture()
    labels = _customer_column(fixture)["settings"]["labels"]
    labels += [
        {"id": number + 1, "label": _made_up_name(number)} for number in range(len(labels), MOST_CUSTOMERS)
    ]
    items, subitems = map(parse_board, fixture["boards"][:2])
    return BoardSchema(items, subitems)


def _made_up_name(customer: int) -> str:
    return f"CUSTOMER {customer:04}"


def _fixture() -> dict[str, Any]:
    text = resource_path("boards", "orders.json").read_text(encoding="utf-8")
    fixture: dict[str, Any] = json.loads(text)
    return fixture


def _customer_column(fixture: dict[str, Any]) -> dict[str, Any]:
    column: dict[str, Any] = next(
        each for each in fixture["boards"][0]["columns"] if each["title"] == "CUSTOMER"
    )
    return column
