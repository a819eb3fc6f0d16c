"""The two delta tables of the demo, with the order list's real column names."""

import csv
from dataclasses import dataclass
from functools import cache

from core.resources import resource_path

HEADERS_TABLE = "ORDER_LIST_DELTA"
LINES_TABLE = "ORDER_LIST_LINES_DELTA"

_STATE_COLUMNS = (
    ("sync_attempted_at", "DATETIME"),
    ("sync_completed_at", "DATETIME"),
    ("sync_error_message", "NVARCHAR(2000)"),
    ("retry_count", "INTEGER NOT NULL DEFAULT 0"),
    ("row_hash", "NVARCHAR(64)"),
    ("created_at", "DATETIME NOT NULL"),
    ("updated_at", "DATETIME NOT NULL"),
)
HEADER_ENGINE_COLUMNS = (
    ("record_uuid", "TEXT PRIMARY KEY"),
    ("sync_state", "NVARCHAR(20) NOT NULL"),
    ("action_type", "NVARCHAR(20) NOT NULL"),
    ("monday_item_id", "NVARCHAR(20)"),
    *_STATE_COLUMNS,
)
"""Name and declaration of the columns that the engine owns in the headers table."""
LINE_COLUMNS = (
    ("line_uuid", "TEXT PRIMARY KEY"),
    # No foreign key: a line may arrive before its header, or without one.
    ("record_uuid", "TEXT NOT NULL"),
    ("size_code", "NVARCHAR(100) NOT NULL"),
    ("qty", "INTEGER NOT NULL"),
    ("sync_state", "NVARCHAR(20) NOT NULL"),
    ("action_type", "NVARCHAR(20) NOT NULL"),
    ("monday_subitem_id", "NVARCHAR(20)"),
    ("monday_parent_id", "NVARCHAR(20)"),
    *_STATE_COLUMNS,
)
"""Name and declaration of every column of the lines table."""


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """One column of the customers' order list."""

    name: str
    sql_type: str
    group: str
    """`details`, `size` or `logistics and price`."""


@cache
def source_columns() -> tuple[SourceColumn, ...]:
    """All 410 columns of the order list, in its order."""
    path = resource_path("orders", "order_list_columns.tsv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(SourceColumn(row["column"], row["sql_server_type"], row["group"]) for row in rows)


def business_columns() -> tuple[SourceColumn, ...]:
    """The columns of a header that are the customer's: all but the sizes, in the order list's order."""
    return tuple(column for column in source_columns() if column.group != "size")


def size_codes() -> tuple[str, ...]:
    """Every size of the order list, in its order."""
    return tuple(column.name for column in source_columns() if column.group == "size")


def quoted(identifier: str) -> str:
    """The identifier as SQL takes it, whatever characters it has."""
    return '"' + identifier.replace('"', '""') + '"'


def header_columns() -> tuple[str, ...]:
    """Names of the headers table's columns, in the table's order."""
    return (*(name for name, _ in HEADER_ENGINE_COLUMNS), *(column.name for column in business_columns()))


def line_columns() -> tuple[str, ...]:
    """Names of the lines table's columns, in the table's order."""
    return tuple(name for name, _ in LINE_COLUMNS)


def schema_statements() -> tuple[str, ...]:
    """The statements that create both tables and their indexes in an empty SQLite database."""
    business = ((column.name, column.sql_type) for column in business_columns())
    return (
        _create_table(HEADERS_TABLE, (*HEADER_ENGINE_COLUMNS, *business)),
        _create_table(LINES_TABLE, LINE_COLUMNS),
        _create_index(HEADERS_TABLE, "sync_state"),
        _create_index(LINES_TABLE, "sync_state"),
        _create_index(LINES_TABLE, "record_uuid"),
    )


def insert_statement(table: str, columns: tuple[str, ...]) -> str:
    """An INSERT with one positional parameter for each column."""
    names = ", ".join(map(quoted, columns))
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {quoted(table)} ({names}) VALUES ({marks})"  # noqa: S608  names are quoted, values bound


def _create_table(table: str, columns: tuple[tuple[str, str], ...]) -> str:
    declarations = ",\n  ".join(f"{quoted(name)} {declaration}" for name, declaration in columns)
    return f"CREATE TABLE {quoted(table)} (\n  {declarations}\n)"


def _create_index(table: str, column: str) -> str:
    return f"CREATE INDEX {quoted(f'IX_{table}_{column}')} ON {quoted(table)} ({quoted(column)})"
