"""What a preparation needs to know: names from the configuration, columns from the database."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from core.errors import ConfigurationError, Problem


class EngineColumns(Protocol):
    """Names of the columns that the engine owns in the delta tables."""

    @property
    def record_uuid(self) -> str: ...
    @property
    def line_uuid(self) -> str: ...
    @property
    def size_code(self) -> str: ...
    @property
    def qty(self) -> str: ...
    @property
    def sync_state(self) -> str: ...
    @property
    def action_type(self) -> str: ...
    @property
    def monday_item_id(self) -> str: ...
    @property
    def monday_subitem_id(self) -> str: ...
    @property
    def monday_parent_id(self) -> str: ...
    @property
    def sync_attempted_at(self) -> str: ...
    @property
    def sync_completed_at(self) -> str: ...
    @property
    def sync_error_message(self) -> str: ...
    @property
    def retry_count(self) -> str: ...
    @property
    def created_at(self) -> str: ...
    @property
    def updated_at(self) -> str: ...


@dataclass(frozen=True, slots=True)
class PrepareSettings:
    """Names of one profile's staging table and what it is prepared by."""

    staging_table: str
    headers_table: str
    lines_table: str
    customer_column: str
    columns: EngineColumns
    key_columns: tuple[str, ...]
    """Together they name an order for life."""
    sizes_after: str
    """The last column before the sizes."""
    sizes_before: str
    """The first column after the sizes."""
    size_columns: tuple[str, ...] = ()
    """An explicit list instead of the two markers."""
    hash_columns: tuple[str, ...] = ()
    """A change in one of these is a change of the order; empty: every business column."""


@dataclass(frozen=True, slots=True)
class Structure:
    """The columns that a preparation reads and writes, found in the database."""

    size_columns: tuple[str, ...]
    business_columns: tuple[str, ...]
    """Columns that staging and headers share, the customer's left out: that one is made canonical."""
    hash_columns: tuple[str, ...]
    row_hash_column: str | None
    """`row_hash` where the headers table has it."""


def read_structure(inspector: sa.Inspector, settings: PrepareSettings) -> Structure:
    """Look the columns up. Raises ConfigurationError, one problem each, for what is missing."""
    staging = _columns(inspector, settings.staging_table, "staging_table")
    headers = _columns(inspector, settings.headers_table, "headers_table")
    _columns(inspector, settings.lines_table, "lines_table")
    problems = [
        *_absent(settings.staging_table, staging, settings.key_columns, "key_columns"),
        *_absent(settings.staging_table, staging, settings.hash_columns, "hash_columns"),
        *_absent(settings.staging_table, staging, (settings.customer_column,), "customer_column"),
    ]
    if settings.size_columns:
        problems.extend(_absent(settings.staging_table, staging, settings.size_columns, "size_columns"))
    else:
        problems.extend(
            _absent(settings.staging_table, staging, (settings.sizes_after,), "the marker sizes_after")
        )
        problems.extend(
            _absent(settings.staging_table, staging, (settings.sizes_before,), "the marker sizes_before")
        )
    if problems:
        raise ConfigurationError(*problems)
    sizes = settings.size_columns or _between(staging, settings)
    shared = set(headers) - set(sizes)
    business = tuple(name for name in staging if name in shared)
    return Structure(
        size_columns=sizes,
        business_columns=tuple(name for name in business if name != settings.customer_column),
        hash_columns=settings.hash_columns
        or tuple(name for name in business if name != settings.customer_column),
        row_hash_column="row_hash" if "row_hash" in headers else None,
    )


def _columns(inspector: sa.Inspector, qualified: str, key: str) -> list[str]:
    schema, _, name = qualified.rpartition(".")
    known = {*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean '{near[0]}'? " if near else ""
        raise ConfigurationError(
            Problem(
                "table_missing",
                f"The database has no table '{qualified}'",
                f"{key} of the profile",
                f"{hint}Correct the name in the configuration, or make the table.",
            )
        )
    return [str(column["name"]) for column in inspector.get_columns(name, schema=schema or None)]


def _absent(table: str, present: Sequence[str], wanted: Sequence[str], key: str) -> list[Problem]:
    problems = []
    for name in wanted:
        if name in present:
            continue
        near = difflib.get_close_matches(name, present, n=1)
        hint = f"Did you mean '{near[0]}'? " if near else ""
        problems.append(
            Problem(
                "column_missing",
                f"The table {table} has no column '{name}'",
                f"{key} of the profile",
                f"{hint}Correct the name in the configuration.",
            )
        )
    return problems


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
