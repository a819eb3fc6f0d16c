"""Databases for tests: a SQLite file, a MariaDB server of this test process, and a SQL Server that is given.

`database_url` gives an empty database on each of them, `new_database` as many as a test asks for. SQL Server
takes part when DELTADESK_TEST_MSSQL_URL holds an address such as
mssql+pyodbc://user:password@host/master?driver=ODBC+Driver+18+for+SQL+Server, where this user may create and
drop databases.
"""

import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import quote_plus

import pytest
import sqlalchemy as sa

MSSQL_URL = os.environ.get("DELTADESK_TEST_MSSQL_URL", "")
DATABASES = ("sqlite", "mariadb", *(("mssql",) if MSSQL_URL else ()))
_PACKAGES = "apt-get install --no-install-recommends mariadb-server odbc-mariadb unixodbc"
_USER, _PASSWORD = "deltadesk", "a-password-for-tests"
_STARTS = 5
"""How often a start is tried: another process may take the free port first."""
_numbers = count(1)
_running: dict[int, "MariaDbServer"] = {}


class MariaDbServer:
    """A server on loopback with its data in a folder of its own. Stop it by `stop`."""

    def __init__(self, folder: Path, *, buffer_pool: str = "64M") -> None:
        """Raises RuntimeError when it does not start, with its log, or when its packages are missing."""
        self._user: sa.Engine | None = None
        self._folder = folder
        self._folder.mkdir(exist_ok=True)
        self._buffer_pool = buffer_pool
        self._socket = folder / "s.sock"
        self._temporary = folder.with_name(f"{folder.name}-temporary")
        self._temporary.mkdir()
        for program in ("mariadb-install-db", "mariadbd", "mariadb-admin", "mariadb"):
            if shutil.which(program, path=_path()) is None:
                raise RuntimeError(f"{program} is not installed; these tests need: {_PACKAGES}")
        self._run("mariadb-install-db", "--auth-root-authentication-method=normal", "--skip-test-db")
        for _ in range(_STARTS):
            self.port = _free_port()
            self._process = self._start()
            if self._answers():
                break
            self.stop()
        else:
            raise RuntimeError(f"MariaDB did not start:\n{self._log.read_text(errors='replace')}")
        self.execute(
            f"CREATE USER '{_USER}'@'127.0.0.1' IDENTIFIED BY '{_PASSWORD}'",
            f"GRANT ALL ON *.* TO '{_USER}'@'127.0.0.1'",
        )
        # A connection that stays open: a client program for each database takes longer than many a test.
        self._user = sa.create_engine(self.url("information_schema"), isolation_level="AUTOCOMMIT")

    @property
    def _log(self) -> Path:
        return self._folder / "server.log"

    def execute(self, *statements: str) -> None:
        """Run statements as the server's administrator."""
        client = ["mariadb", "--no-defaults", f"--socket={self._socket}", "--user=root"]
        subprocess.run(client, input=";".join(statements), text=True, check=True, env=_environment())

    def create_database(self, name: str) -> str:
        """Make an empty database; returns its address."""
        self._as_user(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database that `create_database` made."""
        self._as_user(f"DROP DATABASE {name}")

    def url(self, database: str, user: str = _USER, password: str = _PASSWORD) -> str:
        """The address of a database for a user."""
        parts = {
            "DRIVER": "{MariaDB Unicode}",
            "SERVER": "127.0.0.1",
            "PORT": str(self.port),
            "DATABASE": database,
            "UID": user,
            "PWD": password,
            "CHARSET": "utf8mb4",
        }
        text = ";".join(f"{key}={value}" for key, value in parts.items())
        return f"mariadb+pyodbc:///?odbc_connect={quote_plus(text)}"

    def stop(self) -> None:
        """End the server that was started here, by its process."""
        if self._user is not None:
            self._user.dispose()
        self._process.terminate()
        self._process.wait(timeout=60)

    def _as_user(self, statement: str) -> None:
        assert self._user is not None
        with self._user.connect() as connection:
            connection.exec_driver_sql(statement)

    def _run(self, program: str, *options: str) -> None:
        done = subprocess.run(
            [program, "--no-defaults", f"--datadir={self._folder}", f"--user={getpass.getuser()}", *options],
            capture_output=True,
            text=True,
            check=False,
            # The server that makes the tables needs its own temporary folder too: see _start.
            env={**_environment(), "TMPDIR": str(self._temporary)},
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed:\n{done.stdout}{done.stderr}")

    def _start(self) -> subprocess.Popen[bytes]:
        options = (
            "--no-defaults",
            f"--user={getpass.getuser()}",
            f"--datadir={self._folder}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            f"--socket={self._socket}",
            f"--pid-file={self._folder / 'pid'}",
            # A server that starts removes the temporary tables in its folder, also another server's.
            f"--tmpdir={self._temporary}",
            # Nothing here must survive the machine: what is written need never reach the disk.
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-flush-method=nosync",
            "--debug-no-sync",
            f"--innodb-buffer-pool-size={self._buffer_pool}",
            "--innodb-lock-wait-timeout=1",
            "--skip-log-bin",
        )
        with self._log.open("wb") as log:
            return subprocess.Popen(
                ["mariadbd", *options], stdout=log, stderr=subprocess.STDOUT, env=_environment()
            )

    def _answers(self) -> bool:
        ping = ["mariadb-admin", "--no-defaults", "--user=root", f"--socket={self._socket}", "ping"]
        for _ in range(60):
            if self._process.poll() is not None:
                return False
            # It waits a second for a server that is not there yet.
            waited = subprocess.run([*ping, "--wait=1"], capture_output=True, check=False, env=_environment())
            if waited.returncode == 0:
                return True
        return False


def shared_mariadb(config: pytest.Config, factory: pytest.TempPathFactory) -> MariaDbServer:
    """The server of this test process, started when it is first asked for and stopped at the process's end.

    Each worker of pytest-xdist has its own.
    """
    if os.getpid() not in _running:
        try:
            server = MariaDbServer(factory.mktemp("mariadb"))
        except RuntimeError as error:
            pytest.fail(str(error), pytrace=False)
        _running[os.getpid()] = server
        config.add_cleanup(server.stop)
    return _running[os.getpid()]


@pytest.fixture
def mariadb(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> MariaDbServer:
    """The MariaDB server of this test process."""
    return shared_mariadb(request.config, tmp_path_factory)


@pytest.fixture(params=DATABASES)
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes an empty database at each call and returns its address, on each sort of database in turn."""

    def make() -> str:
        if request.param == "sqlite":
            return _sqlite_file(tmp_path)
        if request.param == "mariadb":
            return made.enter_context(_mariadb_database(request.getfixturevalue("mariadb")))
        return made.enter_context(_mssql_database())

    with ExitStack() as made:
        yield make


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """The address of an empty database, on each sort of database in turn."""
    return new_database()


def _sqlite_file(folder: Path) -> str:
    path = folder / f"orders_{next(_numbers)}.db"
    path.touch()
    return f"sqlite:///{path}"


@contextmanager
def _mariadb_database(server: MariaDbServer) -> Iterator[str]:
    name = f"orders_{next(_numbers)}"
    yield server.create_database(name)
    server.drop_database(name)


@contextmanager
def _mssql_database() -> Iterator[str]:
    name = f"deltadesk_test_{os.getpid()}_{next(_numbers)}"
    server = sa.create_engine(MSSQL_URL, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield sa.make_url(MSSQL_URL).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE")
        connection.exec_driver_sql(f"DROP DATABASE {name}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _path() -> str:
    # Debian keeps servers where an ordinary user's path does not reach.
    return os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


def _environment() -> dict[str, str]:
    return {**os.environ, "PATH": _path()}
