"""A staging table with the order list's real columns beside empty delta tables, on each sort of database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from core.config.model import EngineColumns, StateWords
from core.demo.data_schema import HEADER_ENGINE_COLUMNS, LINE_COLUMNS, business_columns, source_columns
from core.orders.database import connect
from core.prepare.pipeline import Preparation
from core.prepare.settings import PrepareSettings
from core.prepare.summary import PrepareSummary
from tests.prepared_files import make_own_tables

STAGING, HEADERS, LINES = "swp_ORDER_LIST", "ORDER_LIST_DELTA", "ORDER_LIST_LINES_DELTA"
KEY = ("AAG ORDER NUMBER", "CUSTOMER STYLE", "CUSTOMER COLOUR DESCRIPTION", "PO NUMBER")
WORDS = StateWords().model_dump()
NOW = datetime(2026, 11, 22, 9, 0, 0, 123456, tzinfo=UTC)
SETTINGS = PrepareSettings(
    STAGING, HEADERS, LINES, "CUSTOMER NAME", EngineColumns(), KEY, "UNIT OF MEASURE", "TOTAL QTY"
)
_KEYS = {"record_uuid", "line_uuid"}
_SHORT = {"sync_state", "action_type", "monday_item_id", "monday_subitem_id", "monday_parent_id", "size_code"}

Row = dict[str, Any]


def order(number: int, /, **values: Any) -> Row:
    """A row of the order list; sizes are given as `sizes={"XS": 3}`, other columns by `values`."""
    sizes = values.pop("sizes", {"XS": 3, "32x34": 4, "3/6 MTHS": 5})
    return {
        "AAG ORDER NUMBER": f"AAG-4755-{number:03}",
        "CUSTOMER NAME": "GREYSON CLOTHIERS",
        "CUSTOMER STYLE": "GMK4001",
        "CUSTOMER COLOUR DESCRIPTION": "MALTESE BLUE",
        "PO NUMBER": "4755",
        "UNIT OF MEASURE": "EACH",
        "NOTES": "as agreed",
        **sizes,
        **values,
    }


def column_type(dialect: str, name: str, declared: str) -> str:
    """The order list's declarations are SQL Server's; on MariaDB 410 of them do not fit one row."""
    if declared.startswith(("INTEGER", "TEXT")):
        declared = declared.replace("TEXT", "NVARCHAR(36)")
    if dialect == "sqlite":
        return declared
    if dialect == "mssql":
        return declared.replace("INTEGER", "INT").replace("DATETIME", "DATETIME2")
    if name in _KEYS:
        return declared.replace("NVARCHAR", "VARCHAR")
    if name in _SHORT:
        return "VARCHAR(100)"
    return "TEXT" if declared.startswith("NVARCHAR") else declared.replace("DATETIME", "DATETIME(6)")


@dataclass
class Desk:
    """One orders database, and what a test does with it."""

    engine: sa.Engine
    settings: PrepareSettings = SETTINGS

    @property
    def dialect(self) -> str:
        name = self.engine.dialect.name
        return "mariadb" if name == "mysql" else name

    def quoted(self, name: str) -> str:
        return self.engine.dialect.identifier_preparer.quote_identifier(name)

    def create(self, table: str, columns: Sequence[tuple[str, str]]) -> None:
        inner = ", ".join(
            f"{self.quoted(name)} {column_type(self.dialect, name, declared)}" for name, declared in columns
        )
        self.sql(f"CREATE TABLE {self.quoted(table)} ({inner})")

    def drop(self, table: str) -> None:
        self.sql(f"DROP TABLE {self.quoted(table)}")

    def sql(self, statement: str, *parameters: Any) -> None:
        with self.engine.connect().execution_options(writing=True) as connection, connection.begin():
            connection.exec_driver_sql(statement, parameters)

    def table(self, name: str, columns: Sequence[str]) -> sa.TableClause:
        return sa.table(name, *map(sa.column, columns))

    def load(self, *rows: Row) -> None:
        """Put these rows, in this order, in place of what the staging table holds."""
        with self.engine.begin() as connection:
            connection.execute(sa.delete(sa.table(STAGING)))
            for row in rows:
                connection.execute(sa.insert(self.table(STAGING, tuple(row))), row)

    def prepare(self, **options: Any) -> PrepareSummary:
        return self.preparation().run(now=lambda: NOW, **options)

    def preparation(self, **settings: Any) -> Preparation:
        return Preparation(self.engine, replace(self.settings, **settings), WORDS)

    def headers(self) -> dict[str, Row]:
        """Rows of the headers table by order number."""
        return {str(row["AAG ORDER NUMBER"]): row for row in self.rows(HEADERS)}

    def lines(self, number: str | None = None) -> dict[str, Row]:
        """Rows of the lines table by size, of one order or of the only one."""
        headers = self.headers()
        key = headers[number]["record_uuid"] if number else next(iter(headers.values()))["record_uuid"]
        return {str(row["size_code"]): row for row in self.rows(LINES) if row["record_uuid"] == key}

    def rows(self, table: str) -> list[Row]:
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}").mappings()]

    def synced(self) -> None:
        """What a run leaves behind: every item and subitem is on the board, what was to go is archived."""
        self._sent(HEADERS, "record_uuid", "monday_item_id")
        self._sent(LINES, "line_uuid", "monday_subitem_id")

    def _sent(self, table: str, key: str, board_id: str) -> None:
        with self.engine.begin() as connection:
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}").mappings().all():
                known = row[board_id] or f"{board_id[7:]}-{row[key][-12:]}"
                kept = None if row["action_type"] == "DELETE" and row[board_id] is None else known
                changed = self.table(table, (key, board_id, "sync_state"))
                connection.execute(
                    sa.update(changed)
                    .where(changed.c[key] == row[key])
                    .values({board_id: kept, "sync_state": "SYNCED"})
                )

    def retire(self) -> None:
        """What retention does: records that are done leave the delta tables."""
        for table in (HEADERS, LINES):
            self.sql(f"DELETE FROM {table} WHERE sync_state = 'SYNCED'")

    def everything(self) -> Mapping[str, list[tuple[Any, ...]]]:
        """Every row of every table, for comparing before and after."""
        names = sa.inspect(self.engine).get_table_names()
        with self.engine.connect() as connection:
            return {
                name: sorted(
                    (tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}")), key=repr
                )
                for name in names
            }


def open_desk(url: str) -> Desk:
    """The tables of a database that is empty."""
    engine = connect(url)
    make_own_tables(engine)
    desk = Desk(engine)
    desk.create(STAGING, [(column.name, column.sql_type) for column in source_columns()])
    business = [(column.name, column.sql_type) for column in business_columns()]
    desk.create(HEADERS, [*HEADER_ENGINE_COLUMNS, *business])
    desk.create(LINES, LINE_COLUMNS)
    return desk
