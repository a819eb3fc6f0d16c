"""Brings the application's own tables to the version this code needs."""

from importlib import resources

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import exc

from core.errors import ConfigurationError, Problem
from core.orders.database import reading
from core.redaction import redact


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


def upgrade(engine: sa.Engine) -> None:
    """Apply the missing migrations in one transaction. Raises ConfigurationError without the right to do so."""
    if present_version(engine) == wanted_version():
        return
    try:
        with engine.connect().execution_options(writing=True) as connection, connection.begin():
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except exc.DBAPIError as error:
        # Another process may have been faster: then everything is as wanted.
        if present_version(engine) == wanted_version():
            return
        raise ConfigurationError(
            Problem(
                "own_tables_missing",
                f"The application's own tables could not be made: {redact(str(error.orig))}",
                redact(engine.url.render_as_string(hide_password=True)),
                "Let a database administrator make the deltadesk_* tables, or grant this user CREATE TABLE.",
            )
        ) from error
