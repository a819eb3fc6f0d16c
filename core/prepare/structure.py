"""The columns that a preparation reads and writes, found in the database."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mssql

from core.errors import ConfigurationError, Problem
from core.orders.tables import EngineColumnNames
from core.prepare.settings import PrepareSettings

LONGEST_CUSTOMER = 255
"""Characters of a customer's name in the application's own tables."""
LONGEST_SIZE = 100
"""Characters of a size in the application's own tables."""


@dataclass(frozen=True, slots=True)
class Structure:
    """Columns of the staging table, and what they are called in the headers table."""

    size_columns: tuple[str, ...]
    business_columns: tuple[tuple[str, str], ...]
    """Names in staging and in headers of what both have; the customer is left out: it is made canonical."""
    customer_header: str
    """The customer's column in the headers table."""
    hash_columns: tuple[str, ...]
    """The staging columns that the row hash is made over; the customer is always part of it."""
    row_hash_column: str | None
    """`row_hash` where the headers table has it."""
    row_order: tuple[str, ...] = ()
    """Staging columns that tell the rows' order, unquoted; none where the database gives none."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Staging columns whose values need care when written as text: `moment`, `float` or `money`."""
    longest_customer: int = LONGEST_CUSTOMER
    limits: tuple[tuple[str, int], ...] = ()
    """Staging columns that may hold longer texts than the headers table takes, and how many it takes."""
    required: tuple[str, ...] = ()
    """Staging columns that may be empty where the headers table wants a value."""
    required_headers: tuple[tuple[str, Any], ...] = ()
    """Business columns of the headers table that want a value, and an empty one of their type."""
    names_with_dot: frozenset[str] = frozenset()
    """Tables whose own name has a dot in it: no schema stands before that."""

    def schema_and_name(self, table: str) -> tuple[str | None, str]:
        """A configured table's schema, if it has one, and its own name."""
        schema, _, name = ("", "", table) if table in self.names_with_dot else table.rpartition(".")
        return schema or None, name


def read_structure(connection: sa.Connection, settings: PrepareSettings) -> Structure:
    """Look the columns up. Raises ConfigurationError, one problem each, for what is missing."""
    inspector = sa.inspect(connection)
    staging = DescribedTable(inspector, settings.staging_table, "staging_table")
    headers = DescribedTable(inspector, settings.headers_table, "headers_table")
    lines = DescribedTable(inspector, settings.lines_table, "lines_table")
    _require_columns(settings, staging, headers, lines)
    sizes = tuple(dict.fromkeys(settings.size_columns)) or _between(staging.names, settings)
    _require_short_sizes(sizes, lines, settings)
    pairs = _shared(staging, headers, sizes, settings.columns)
    customer_header = pairs.pop(settings.customer_column)
    business = tuple(pairs.items())
    return Structure(
        size_columns=sizes,
        business_columns=business,
        customer_header=customer_header,
        hash_columns=settings.hash_columns or tuple(name for name, _ in business),
        row_hash_column="row_hash" if "row_hash" in headers.types else None,
        row_order=_row_order(connection, inspector, staging),
        kinds={name: kind for name, type_ in staging.types.items() if (kind := _kind(type_))},
        longest_customer=min(
            LONGEST_CUSTOMER, text_length(headers.types[customer_header]) or LONGEST_CUSTOMER
        ),
        limits=tuple(_limits(staging, headers, business)),
        required=tuple(
            name
            for name, header in (*business, (settings.customer_column, customer_header))
            if header in headers.required and name not in staging.required
        ),
        required_headers=tuple(
            (name, _empty(headers.types[name])) for name in headers.names if name in headers.required
        ),
        names_with_dot=frozenset(table.qualified for table in (staging, headers, lines) if "." in table.name),
    )


class DescribedTable:
    """One table as the database describes it."""

    def __init__(self, inspector: sa.Inspector, qualified: str, key: str) -> None:
        schema, _, name = qualified.rpartition(".")
        if qualified in _relations(inspector, None):  # a dot in the table's own name
            schema, name = "", qualified
        known = _relations(inspector, schema or None)
        if name not in known:
            raise ConfigurationError(
                Problem(
                    "table_missing",
                    f"The database has no table '{qualified}'",
                    f"{key} of the profile",
                    f"{_near(name, known)}Correct the name in the configuration, or make the table.",
                )
            )
        columns = inspector.get_columns(name, schema=schema or None)
        self.qualified = qualified
        self.name = name
        self.schema = schema or None
        self.types: dict[str, Any] = {str(column["name"]): column["type"] for column in columns}
        self.required = {
            str(column["name"])
            for column in columns
            if not column["nullable"] and column.get("default") is None
        }

    @property
    def names(self) -> tuple[str, ...]:
        """Its columns, in their order."""
        return tuple(self.types)


def _relations(inspector: sa.Inspector, schema: str | None) -> set[str]:
    return {*inspector.get_table_names(schema), *inspector.get_view_names(schema)}


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"Did you mean '{near[0]}'? " if near else ""


def _require_columns(
    settings: PrepareSettings, staging: DescribedTable, headers: DescribedTable, lines: DescribedTable
) -> None:
    c = settings.columns
    common = (
        c.record_uuid,
        c.sync_state,
        c.action_type,
        c.sync_error_message,
        c.retry_count,
        c.created_at,
        c.updated_at,
    )
    problems = [
        *_absent(staging, settings.key_columns, "key_columns"),
        *_absent(staging, settings.hash_columns, "hash_columns"),
        *_absent(staging, (settings.customer_column,), "customer_column"),
        *_absent(headers, (*common, c.monday_item_id), "columns"),
        *_absent(
            lines,
            (*common, c.line_uuid, c.size_code, c.qty, c.monday_subitem_id, c.monday_parent_id),
            "columns",
        ),
    ]
    if settings.customer_column.casefold() not in {name.casefold() for name in headers.names}:
        problems.extend(_absent(headers, (settings.customer_column,), "customer_column"))
    if settings.size_columns:
        problems.extend(_absent(staging, settings.size_columns, "size_columns"))
    else:
        problems.extend(_absent(staging, (settings.sizes_after,), "the marker sizes_after"))
        problems.extend(_absent(staging, (settings.sizes_before,), "the marker sizes_before"))
    if problems:
        raise ConfigurationError(*problems)


def _absent(table: DescribedTable, wanted: Sequence[str], key: str) -> list[Problem]:
    return [
        Problem(
            "column_missing",
            f"The table {table.qualified} has no column '{name}'",
            f"{key} of the profile",
            f"{_near(name, table.names)}Correct the name in the configuration.",
        )
        for name in wanted
        if name not in table.types
    ]


def _between(staging: Sequence[str], settings: PrepareSettings) -> tuple[str, ...]:
    first, last = staging.index(settings.sizes_after) + 1, staging.index(settings.sizes_before)
    if first >= last:
        raise ConfigurationError(
            Problem(
                "no_size_columns",
                f"No columns stand between '{settings.sizes_after}' and '{settings.sizes_before}'",
                f"table {settings.staging_table}",
                "Correct sizes_after and sizes_before, or list size_columns.",
            )
        )
    return tuple(staging[first:last])


def _require_short_sizes(sizes: Sequence[str], lines: DescribedTable, settings: PrepareSettings) -> None:
    longest = min(LONGEST_SIZE, text_length(lines.types[settings.columns.size_code]) or LONGEST_SIZE)
    problems = [
        Problem(
            "size_name_too_long",
            f"The size column '{name}' has a name of {len(name)} characters, {longest} can be stored",
            f"table {settings.staging_table}",
            "Give the column a shorter name, or leave it out of size_columns.",
        )
        for name in sizes
        if len(name) > longest
    ]
    if problems:
        raise ConfigurationError(*problems)


def _shared(
    staging: DescribedTable, headers: DescribedTable, sizes: Sequence[str], engine: EngineColumnNames
) -> dict[str, str]:
    """Staging name -> headers name of what both have; databases tell no upper from lower case in names."""
    owned = {
        name.casefold()
        for name in (
            engine.record_uuid,
            engine.sync_state,
            engine.action_type,
            engine.monday_item_id,
            engine.sync_attempted_at,
            engine.sync_completed_at,
            engine.sync_error_message,
            engine.retry_count,
            engine.created_at,
            engine.updated_at,
            "row_hash",
        )
    }
    by_folded = {name.casefold(): name for name in headers.names if name.casefold() not in owned}
    return {
        name: by_folded[name.casefold()]
        for name in staging.names
        if name.casefold() in by_folded and name not in sizes
    }


def _limits(
    staging: DescribedTable, headers: DescribedTable, business: Iterable[tuple[str, str]]
) -> Iterable[tuple[str, int]]:
    for name, header in business:
        limit, longest = text_length(headers.types[header]), text_length(staging.types[name])
        if limit is not None and _is_text(staging.types[name]) and (longest is None or longest > limit):
            yield name, limit


def _is_text(type_: Any) -> bool:
    return isinstance(type_, sa.String)


def text_length(type_: Any) -> int | None:
    """Characters that a text column holds, None without a limit."""
    length = type_.length if _is_text(type_) else None
    return length if isinstance(length, int) and length > 0 else None


def _kind(type_: Any) -> str | None:
    if isinstance(type_, sa.DateTime | sa.Date | sa.Time):
        return "moment"
    if isinstance(type_, mssql.MONEY | mssql.SMALLMONEY):
        return "money"
    return "float" if isinstance(type_, sa.Float) else None


def _empty(type_: Any) -> Any:
    if isinstance(type_, sa.DateTime | sa.Date):
        return datetime(1900, 1, 1)  # noqa: DTZ001  the tables hold none
    return "" if _is_text(type_) else 0


def _row_order(
    connection: sa.Connection, inspector: sa.Inspector, staging: DescribedTable
) -> tuple[str, ...]:
    """SQLite numbers the rows of a table; elsewhere a primary key of one number is the order of loading."""
    if connection.dialect.name == "sqlite":
        numbered = sa.text(
            "SELECT COUNT(*) FROM pragma_table_list WHERE name = :name AND type = 'table' AND wr = 0"
        )
        return ("rowid",) if connection.scalar(numbered, {"name": staging.name}) else ()
    key = inspector.get_pk_constraint(staging.name, schema=staging.schema)["constrained_columns"]
    if len(key) == 1 and isinstance(staging.types[key[0]], sa.Integer):
        return (str(key[0]),)
    return ()
