"""The orders of the throughput benchmark: the demo's, made as many as are asked for, with four lines each."""

import asyncio
import json
import sqlite3
import sys
import uuid
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from core.config.load import load_configuration
from core.demo.data import demo_orders
from core.demo.data_schema import (
    HEADERS_TABLE,
    LINES_TABLE,
    header_columns,
    insert_statement,
    line_columns,
    schema_statements,
)
from core.orders.model import Selection
from core.resources import shipped_configuration
from core.workspace import Workspace

LINES_PER_ORDER = 4
SIZES = ("S", "M", "L", "XL")
PROFILE = "throughput"
TOKEN_VARIABLE = "THROUGHPUT_TOKEN"


def create_orders(path: Path, orders: int) -> None:
    """Write a database with so many valid orders, customer by customer, each with four lines."""
    known = demo_orders()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN")
        for statement in schema_statements():
            connection.execute(statement)
        for number in range(orders):
            # Each customer keeps its part of the whole.
            order = known[number * len(known) // orders if orders > len(known) else number]
            key = _key(f"order {number}")
            header = {**order.header, "record_uuid": key, "AAG ORDER NUMBER": f"AAG-{number:06}"}
            connection.execute(insert_statement(HEADERS_TABLE, header_columns()), tuple(header.values()))
            for place in range(LINES_PER_ORDER):
                line = {
                    **order.lines[place % len(order.lines)],
                    "line_uuid": _key(f"line {number}/{place}"),
                    "record_uuid": key,
                    "size_code": SIZES[place],
                }
                connection.execute(insert_statement(LINES_TABLE, line_columns()), tuple(line.values()))
        connection.execute("COMMIT")


def _key(text: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"throughput {text}"))


def write_configuration(folder: Path, database: Path, url: str, *, writers: int) -> Path:
    """The shipped configuration with a profile that leads from the database to the board."""
    profile = [
        f"[profiles.{PROFILE}]",
        'inherits = "demo"',
        'kind = "demo"',
        f'api_url = "{url}"',
        f'token_source = "env:{TOKEN_VARIABLE}"',
        f'database_url = "sqlite:///{database.as_posix()}"',
        'bulk_import = "never"',
        f"[profiles.{PROFILE}.limits]",
        f"writers_per_board = {writers}",
        "budget_share = 1.0",
    ]
    file = folder / "throughput.toml"
    file.write_text(
        "\n".join([shipped_configuration().read_text(encoding="utf-8"), *profile, ""]), encoding="utf-8"
    )
    return file


async def planned_records(configuration: Path) -> list[dict[str, Any]]:
    """What DeltaDesk would send, as plain data, so that others send the same: orders with their lines."""
    workspace = await Workspace.open(load_configuration(configuration), PROFILE)
    try:
        plan = await workspace.plan(Selection())
    finally:
        await workspace.close()
    orders: dict[str, dict[str, Any]] = {}
    for batch in plan.batches:
        for request in batch.requests:
            for operation in request.operations:
                arguments = operation.mutation.arguments
                if operation.order_key:
                    orders[operation.order_key]["lines"].append(_record(arguments))
                else:
                    orders[operation.key] = {
                        "group": batch.group_title,
                        **_record(arguments),
                        "lines": [],
                    }
    return list(orders.values())


def _record(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": arguments["item_name"], "values": json.loads(arguments["column_values"])}


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(
        json.dumps(asyncio.run(planned_records(Path(sys.argv[1])))), encoding="utf-8"
    )
