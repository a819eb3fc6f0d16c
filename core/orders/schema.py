"""Brings the application's own tables to the version this code needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from io import StringIO

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import exc

from core.errors import ConfigurationError, Problem
from core.orders.database import place, reading, store_error
from core.redaction import redact

DIALECTS = ("mssql", "mariadb", "mysql", "sqlite")
"""Databases that the tables can be made in."""

LOCK_SECONDS = 60
"""How long one process waits while another makes the tables."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("core.orders") / "migrations"))
    return config


def wanted_version() -> str:
    """The newest migration."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def present_version(engine: sa.Engine) -> str | None:
    """The version of the tables in this database, None when there are none yet."""
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "deltadesk_version"})
        return context.get_current_revision()


def offline_sql(dialect_name: str) -> str:
    """The script that makes the tables, for a database administrator; needs no connection.

    `dialect_name` is `mssql`, `mariadb`, `mysql` or `sqlite`. Raises ConfigurationError for another one.
    """
    if dialect_name not in DIALECTS:
        raise ConfigurationError(
            Problem(
                "dialect_unknown",
                f"There is no script for '{dialect_name}'",
                "--dialect",
                f"Choose one of {', '.join(DIALECTS)}.",
            )
        )
    script = StringIO()
    config = _config()
    config.output_buffer = script
    config.attributes["dialect_name"] = dialect_name
    command.upgrade(config, "head", sql=True)
    return script.getvalue()


def upgrade(engine: sa.Engine) -> None:
    """Apply the missing migrations in one transaction.

    Raises ConfigurationError without the right to do so and for tables of a newer application, StoreError
    when the database does not answer.
    """
    present = present_version(engine)
    if present == wanted_version():
        return
    _require_known(engine, present)
    try:
        with engine.connect().execution_options(writing=True) as connection, _alone(connection):
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except exc.DBAPIError as error:
        # Another process may have been faster: then everything is as wanted.
        if present_version(engine) == wanted_version():
            return
        failure = store_error(engine, error)
        if failure.problem.code == "database_locked":
            raise failure from error
        raise ConfigurationError(
            Problem(
                "own_tables_missing",
                f"The application's own tables could not be made: {redact(str(error.orig))}",
                place(engine),
                "Let a database administrator make the deltadesk_* tables, or grant this user CREATE TABLE.",
            )
        ) from error


@contextmanager
def _alone(connection: sa.Connection) -> Iterator[None]:
    """A transaction in which no other process makes the tables.

    MariaDB commits after every statement that changes a table, so there a named lock stands beside it.
    """
    with connection.begin():
        if connection.dialect.name not in {"mysql", "mariadb"}:
            yield
            return
        connection.execute(
            sa.text("SELECT GET_LOCK('deltadesk_tables', :seconds)"), {"seconds": LOCK_SECONDS}
        )
        try:
            yield
        finally:
            connection.execute(sa.text("SELECT RELEASE_LOCK('deltadesk_tables')"))


def _require_known(engine: sa.Engine, present: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if present is None or present in known:
        return
    raise ConfigurationError(
        Problem(
            "own_tables_newer",
            f"The application's own tables have version {present}, which this application does not know",
            place(engine),
            "A newer DeltaDesk works with this database: install the same version here.",
        )
    )
