"""What an address says to ODBC, and whether this machine has it: a missing driver is no fault of a server."""

from collections.abc import Mapping

import pyodbc
import sqlalchemy as sa

from core.errors import Problem

_NOT_FOUND = frozenset({"IM002", "IM003", "IM014"})
"""Neither data source nor driver of this name; a driver that cannot be loaded; one for other processors."""
_NO_LIBRARY = "Can't open lib"
"""What unixODBC says under the state 01000, which means nothing by itself."""
_DRIVER_OF = {
    "mssql": "Microsoft's ODBC Driver 18 for SQL Server",
    "mariadb": "MariaDB Connector/ODBC",
    "mysql": "MariaDB Connector/ODBC",
}


def connection_words(url: sa.URL) -> Mapping[str, str]:
    """The pairs of an address's `odbc_connect`, names in capitals; empty where it has none."""
    odbc = url.query.get("odbc_connect")
    if not isinstance(odbc, str):
        return {}
    pairs = (part.partition("=") for part in odbc.split(";"))
    return {name.strip().upper(): value.strip() for name, _, value in pairs}


def missing_driver(url: sa.URL, where: str, cause: BaseException | None) -> Problem | None:
    """The problem, where a connection failed because this machine lacks what the address names; else None.

    `where` names the database without its password.
    """
    if not isinstance(cause, pyodbc.Error) or not cause.args:
        return None
    if cause.args[0] not in _NOT_FOUND and _NO_LIBRARY not in str(cause):
        return None
    installed = pyodbc.drivers()
    driver = _driver(url)
    wanted = _DRIVER_OF.get(url.get_backend_name(), "the database's ODBC driver")
    if driver in installed:
        title = f"The ODBC driver '{driver}' cannot be loaded: {cause.args[-1]}"
        begin = f"Install it again, for this machine's kind of processor ({wanted}), or name another"
    else:
        source = _data_source(url)
        if driver:
            title = f"The ODBC driver '{driver}' is not installed on this machine"
        elif source:
            title = f"No ODBC data source '{source}' is set up here, and the address names no driver"
        else:
            title = "The database address names no ODBC driver"
        begin = f"Install {wanted}, or name an installed"
    names = f"Installed are: {', '.join(installed)}." if installed else "No ODBC driver is installed."
    return Problem("odbc_driver_missing", title, where, f"{begin} driver in database_url. {names}")


def _driver(url: sa.URL) -> str:
    named = url.query.get("driver") or connection_words(url).get("DRIVER", "")
    return named.strip("{}") if isinstance(named, str) else ""


def _data_source(url: sa.URL) -> str:
    """The data source that an address names: SQLAlchemy takes a lone host name for one."""
    alone = url.host if url.host and not url.database else ""
    return connection_words(url).get("DSN", "") or alone
