"""The staging table as an import sees it: which columns take what, and how rows are written."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mssql

from core.errors import ConfigurationError, Problem
from core.prepare.left_out import stand_in_words
from core.prepare.structure import DescribedTable, text_length
from core.redaction import redact


class StagingTarget:
    """One staging table. Raises ConfigurationError when the database has none of this name."""

    def __init__(self, connection: sa.Connection, qualified: str) -> None:
        inspector = sa.inspect(connection)
        table = DescribedTable(inspector, qualified, "staging_table")
        columns = inspector.get_columns(table.name, schema=table.schema)
        self.qualified = table.qualified
        self.generated = frozenset(str(each["name"]) for each in columns if _is_generated(each, columns))
        """Columns that the database fills by itself; nothing can be imported into them."""
        self.types: Mapping[str, Any] = {
            name: type_ for name, type_ in table.types.items() if name not in self.generated
        }
        self.not_null = {str(each["name"]) for each in columns if not each["nullable"]}
        self.required = [name for name in self.types if name in table.required]
        """Columns that want a value and have no default."""
        self._name, self._schema = table.name, table.schema
        self._is_sqlite = connection.dialect.name == "sqlite"

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that can be imported into, in their order."""
        return tuple(self.types)

    def clear(self, connection: sa.Connection) -> int:
        """Remove what the table holds; returns how many rows that was."""
        return connection.execute(sa.delete(self._table())).rowcount

    def store(
        self, connection: sa.Connection, names: Sequence[str], rows: Sequence[Sequence[Any]], where: str
    ) -> None:
        """Write some rows, each with a value for each of `names`; `where` says which rows of the file.

        Raises ConfigurationError when the table itself refuses them: a unique key, a check, a trigger.
        """
        table = self._table(names)
        # Not the columns' own names: a parameter may have no such characters on every driver.
        insert = sa.insert(table).values(
            {table.c[name]: sa.bindparam(f"p{i}") for i, name in enumerate(names)}
        )
        stored = [tuple(map(_for_sqlite, row)) for row in rows] if self._is_sqlite else [*map(tuple, rows)]
        compiled = str(insert.compile(dialect=connection.dialect))
        try:
            # As the driver wants it: to name some hundred parameters of each row would take most of the time.
            connection.exec_driver_sql(compiled, stored)
        except (sa.exc.IntegrityError, sa.exc.DataError) as error:
            raise ConfigurationError(
                Problem(
                    "import_refused_by_table",
                    f"The table {self.qualified} refuses one of the {where}: {redact(str(error.orig))}",
                    f"table {self.qualified}",
                    "Correct the rows, or the table's keys and checks, then import again.",
                )
            ) from error

    def hold_place(self, connection: sa.Connection, key_columns: Sequence[str], rows: int) -> None:
        """Write a row without a key for so many rows left out; the last key column says so where it can.

        The preparation cancels no order while such a row is there: it may be any order that is missing.
        """
        empty = {name: _nothing(self.types[name]) for name in self.required}
        *_, last = key_columns
        type_ = self.types.get(last)
        if len(key_columns) > 1 and isinstance(type_, sa.String):
            empty[last] = stand_in_words(rows, text_length(type_))
        empty = empty or {next(iter(self.types)): None}
        self.store(connection, tuple(empty), [tuple(empty.values())], "rows left out")

    def _table(self, names: Sequence[str] = ()) -> sa.TableClause:
        return sa.table(self._name, *map(sa.column, names), schema=self._schema)


def _is_generated(column: Mapping[str, Any], columns: Sequence[Mapping[str, Any]]) -> bool:
    if column.get("computed") or column.get("identity") or column.get("autoincrement") is True:
        return True
    # SQLite numbers the rows of a table whose only key is an INTEGER.
    only_key = bool(column.get("primary_key")) and sum(bool(each.get("primary_key")) for each in columns) == 1
    numbered = only_key and isinstance(column["type"], sa.INTEGER)
    return numbered or isinstance(column["type"], mssql.TIMESTAMP)


def _nothing(type_: Any) -> Any:
    """What stands for no value in a column that wants one."""
    if isinstance(type_, sa.DateTime | sa.Date):
        return datetime(1900, 1, 1)  # noqa: DTZ001  the tables hold none
    return "" if isinstance(type_, sa.String) else 0


def _for_sqlite(value: Any) -> Any:
    """SQLite's driver knows neither decimals nor moments; it stores what these texts say."""
    if value is None or isinstance(value, int | float | str | bytes):
        return value
    return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)
