"""Stores over one profile's delta tables, for the columns that a mapping reads."""

import os
import socket

import sqlalchemy as sa

from core.config.load import expand
from core.config.model import MappingSet, Profile
from core.errors import ConfigurationError, Problem
from core.mapping.findings import Severity
from core.mapping.formatting import mapped_columns
from core.mapping.template import render, template_columns
from core.orders import schema as own_schema
from core.orders.database import connect, reading
from core.orders.store import OrderStore
from core.orders.tables import SourceTables
from core.workspace.check_sources import check_profile, check_sources
from core.workspace.places import Places


def worker_name() -> str:
    """Who writes to the shared database: machine and process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def open_store(profile: Profile, text: str, file: str) -> OrderStore:
    """Connect to a profile's database, its own tables brought up to date.

    `text` is that of the configuration file: a table or column that the database lacks is told with its line.
    Raises ConfigurationError or StoreError; nothing stays open then.
    """
    engine = connect(expand(profile.database_url))
    try:
        try:
            store = store_for(profile, engine, profile.mapping_set)
        except ConfigurationError as error:
            raise _with_lines(error, profile, engine, Places(text, file, profile)) from error
        own_schema.upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return store


def store_for(profile: Profile, engine: sa.Engine, *mappings: MappingSet) -> OrderStore:
    """A store that reads the columns of these mapping sets. Raises ConfigurationError for unknown ones."""
    columns = [mapped_columns(mapping) for mapping in mappings]
    return _store(
        profile,
        engine,
        tuple(dict.fromkeys(name for headers, _ in columns for name in headers)),
        tuple(dict.fromkeys(name for _, lines in columns for name in lines)),
    )


def lenient_store(profile: Profile, present: OrderStore, *mappings: MappingSet) -> OrderStore:
    """A store beside the present one that leaves out what the tables lack: a mapping is being edited."""
    columns = [mapped_columns(mapping) for mapping in mappings]
    known_headers, known_lines = present.tables.header_columns, present.tables.line_columns
    headers = dict.fromkeys(name for names, _ in columns for name in names if name in known_headers)
    lines = dict.fromkeys(name for _, names in columns for name in names if name in known_lines)
    return _store(profile, present.engine, tuple(headers), tuple(lines))


def _store(
    profile: Profile, engine: sa.Engine, header_columns: tuple[str, ...], line_columns: tuple[str, ...]
) -> OrderStore:
    return OrderStore(
        engine,
        profile,
        label=lambda values: render(profile.order_label, values),
        label_columns=template_columns(profile.order_label),
        display_columns=profile.display_columns,
        header_columns=header_columns,
        line_columns=line_columns,
        worker=worker_name(),
    )


def _with_lines(
    error: ConfigurationError, profile: Profile, engine: sa.Engine, places: Places
) -> ConfigurationError:
    """The same failure, each of its problems with the line of the configuration that causes it."""
    if error.problem.code == "table_missing":
        return ConfigurationError(
            *(_table_at_its_line(problem, profile, places) for problem in error.problems)
        )
    try:
        with reading(engine) as connection:
            tables = SourceTables(sa.inspect(connection), profile)
    except ConfigurationError:  # a column that the engine owns; the message names it and its table
        return error
    headers, lines = tables.header_columns, tables.line_columns
    found = (*check_profile(profile, headers), *check_sources(profile.mapping_set, headers, lines))
    wrong = [finding for finding in places.located(found) if finding.severity is Severity.ERROR]
    return ConfigurationError(*(finding.problem for finding in wrong)) if wrong else error


def _table_at_its_line(problem: Problem, profile: Profile, places: Places) -> Problem:
    key = "lines_table" if f"'{profile.lines_table}'" in problem.title else "headers_table"
    place = places.of_profile_key((key,))
    return Problem(problem.code, problem.title, f"{place}, {place.key}", problem.remedy)
