"""The connection: faults in the operator's words, transactions whole or absent."""

import os
import socket
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote_plus

import pyodbc
import pytest
import sqlalchemy as sa

from core.errors import ConfigurationError, ExitCode, StoreError
from core.orders import database
from core.orders.database import connect, in_one_transaction, place, reading, store_error, writing
from core.redaction import known_secrets

SQL_SERVER = "mssql+pyodbc://server/db?driver=x"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "orders.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.commit()
    return path


@pytest.fixture
def engine(path: Path):
    engine = connect(f"sqlite:///{path}")
    yield engine
    engine.dispose()


def count(engine: sa.Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(sa.text("SELECT count(*) FROM t")).scalar_one()


def insert(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        connection.execute(sa.text("INSERT INTO t VALUES (1)"))


# --- Addresses


@pytest.mark.parametrize(
    "url",
    ["", "orders.db", "oracle9://host/db", "sqlite+nosuch:///x", "mssql+pyodbc://sa:hunter2@host:port/x"],
)
def test_an_address_that_is_not_understood_is_a_setting_to_correct(url):
    with pytest.raises(ConfigurationError) as caught:
        connect(url)
    assert caught.value.problem.code == "database_url_invalid"
    assert "hunter2" not in str(caught.value)
    assert "sqlite:///orders.db" in caught.value.problem.remedy


def test_a_missing_file_is_told_and_never_created(tmp_path):
    path = tmp_path / "missing.db"
    with pytest.raises(StoreError) as caught:
        connect(f"sqlite:///{path}")
    assert (caught.value.problem.code, caught.value.problem.subject) == ("database_missing", str(path))
    assert caught.value.exit_code is ExitCode.UNREACHABLE
    assert not path.exists()


def test_the_password_of_an_address_is_remembered_as_a_secret():
    connect("mssql+pyodbc://sa:p%40ss-word@127.0.0.1/ORDERS?driver=x").dispose()
    assert "p@ss-word" in known_secrets()


def test_a_file_that_is_no_database_is_told(tmp_path):
    path = tmp_path / "orders.db"
    path.write_bytes(b"customer;order\n" * 100)
    engine = connect(f"sqlite:///{path}")
    with pytest.raises(StoreError, match="file is not a database"), reading(engine):
        pass
    engine.dispose()


# --- Transactions


def test_a_transaction_is_kept_whole(engine, path):
    insert(engine)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT count(*) FROM t").fetchone() == (1,)


def insert_and_fail(engine: sa.Engine, failure: str) -> None:
    with writing(engine) as connection:
        connection.execute(sa.text("INSERT INTO t VALUES (1)"))
        if failure == "of the database":
            connection.execute(sa.text("INSERT INTO nowhere VALUES (1)"))
        raise KeyError


@pytest.mark.parametrize(("failure", "kind"), [("of the database", StoreError), ("of the caller", KeyError)])
def test_a_transaction_that_fails_leaves_nothing_and_only_failures_of_the_database_are_translated(
    failure, kind, engine
):
    with pytest.raises(kind):
        insert_and_fail(engine, failure)
    assert count(engine) == 0


@pytest.mark.parametrize("fails", [False, True])
def test_only_what_can_be_found_out_again_does_not_wait_for_the_disk(engine, fails):
    levels = []

    def work(*, may_be_lost: bool) -> None:
        with writing(engine, may_be_lost=may_be_lost) as connection:
            levels.append(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())
            connection.exec_driver_sql("INSERT INTO t VALUES (1)")
            if fails:
                raise RuntimeError

    full, normal = 2, 1
    for may_be_lost in (False, True, False):
        with suppress(RuntimeError):
            work(may_be_lost=may_be_lost)
    assert levels == [full, normal, full]
    assert count(engine) == (0 if fails else 3)


def test_readers_see_the_old_state_while_a_transaction_is_open(engine):
    with writing(engine) as connection:
        connection.execute(sa.text("INSERT INTO t VALUES (1)"))
        assert count(engine) == 0
    assert count(engine) == 1


def test_a_second_writer_waits_for_the_first_one(engine):
    waiting = threading.Event()

    def write() -> None:
        waiting.set()
        insert(engine)

    second = threading.Thread(target=write)
    with writing(engine) as connection:
        connection.execute(sa.text("INSERT INTO t VALUES (1)"))
        second.start()
        waiting.wait()
        assert connection.execute(sa.text("SELECT count(*) FROM t")).scalar_one() == 1
    second.join()
    assert count(engine) == 2


# --- Failures


def test_a_database_that_another_program_holds_is_told_after_the_time_out(path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    engine = connect(f"sqlite:///{path}")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as caught:
            insert(engine)
        other.execute("ROLLBACK")
    assert caught.value.problem.code == "database_locked"
    assert caught.value.problem.title == "Another program holds the database"
    insert(engine)
    engine.dispose()


def test_a_database_that_is_held_at_the_first_connection_is_told_too(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    path = tmp_path / "held.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE t (a)")
        other.execute("BEGIN EXCLUSIVE")
        engine = connect(f"sqlite:///{path}")
        with pytest.raises(StoreError) as caught:
            count(engine)
        other.execute("ROLLBACK")
    assert caught.value.problem.code == "database_locked"
    assert count(engine) == 0
    engine.dispose()


def test_a_database_that_refuses_to_be_written_is_read_and_says_so(engine):
    # What SQLite itself answers for a file without write permission, which binds not every user.
    sa.event.listen(
        engine, "connect", lambda connection, _record: connection.execute("PRAGMA query_only = ON")
    )
    assert count(engine) == 0
    with pytest.raises(StoreError) as caught:
        insert(engine)
    assert caught.value.problem.code == "database_read_only"
    assert "attempt to write a readonly database" in caught.value.problem.title
    assert "right to write" in caught.value.problem.remedy


@pytest.mark.skipif(os.access("/", os.W_OK), reason="permissions do not bind this user")
def test_a_file_without_write_permission_is_read_and_says_so(path):
    path.chmod(0o400)
    path.parent.chmod(0o500)
    engine = connect(f"sqlite:///{path}")
    assert count(engine) == 0
    with pytest.raises(StoreError) as caught:
        insert(engine)
    assert caught.value.problem.code == "database_read_only"
    engine.dispose()
    path.parent.chmod(0o700)


def driver_s_failure(state: str, message: str) -> sa.exc.DBAPIError:
    return sa.exc.OperationalError("UPDATE t", {}, pyodbc.OperationalError(state, f"[{state}] {message}"))


@pytest.mark.parametrize(
    ("url", "state", "message"),
    [
        (
            SQL_SERVER,
            "42000",
            "Lock request time out period exceeded. (1222) (SQLExecDirectW)",
        ),
        (SQL_SERVER, "42000", "Zeitlimit überschritten. (1222) (SQLExecDirectW)"),
        (SQL_SERVER, "40001", "chosen as the deadlock victim. (1205) (SQLExecDirectW)"),
        ("mariadb+pyodbc://server/db", "HY000", "Lock wait timeout exceeded (1205) (SQLExecDirectW)"),
        ("mariadb+pyodbc://server/db", "40001", "Deadlock found (1213) (SQLExecDirectW)"),
        ("mysql+pyodbc://server/db", "40001", "Deadlock found (1213) (SQLExecDirectW)"),
    ],
)
def test_a_server_s_lock_is_known_by_its_number_in_any_language(url, state, message):
    problem = store_error(sa.create_engine(url), driver_s_failure(state, message)).problem
    assert problem.code == "database_locked"
    assert "then try again" in problem.remedy


@pytest.mark.parametrize(
    "message", ["Login failed. (18456) (SQLDriverConnect)", "No column 'a (1222)'. (207) (SQLExecDirectW)"]
)
def test_another_failure_of_a_server_is_no_lock(message):
    problem = store_error(sa.create_engine(SQL_SERVER), driver_s_failure("42000", message)).problem
    assert problem.code == "database_failed"


# --- Drivers


def test_a_driver_that_this_machine_lacks_is_told_with_those_that_it_has():
    engine = connect("mssql+pyodbc://server/ORDERS?driver=ODBC+Driver+99+for+SQL+Server")
    with pytest.raises(ConfigurationError) as caught, reading(engine):
        pass
    problem = caught.value.problem
    assert problem.code == "odbc_driver_missing"
    assert problem.title == "The ODBC driver 'ODBC Driver 99 for SQL Server' is not installed on this machine"
    assert "server/ORDERS" in problem.subject
    assert problem.remedy.startswith(
        "Install Microsoft's ODBC Driver 18 for SQL Server, or name an installed driver in database_url."
    )
    assert all(name in problem.remedy for name in pyodbc.drivers())
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("01000", "[unixODBC][Driver Manager]Can't open lib 'x' : file not found (0) (SQLDriverConnect)"),
        (
            "IM002",
            "[Microsoft][ODBC Driver Manager] Data source name not found and no default driver specified (0)",
        ),
        ("IM002", "[Microsoft][ODBC Driver Manager] Der Datenquellenname wurde nicht gefunden (0)"),
    ],
)
def test_a_missing_driver_is_known_on_every_system_and_is_no_fault_of_the_server(monkeypatch, state, message):
    monkeypatch.setattr(pyodbc, "drivers", lambda: ["SQL Server", "ODBC Driver 17 for SQL Server"])
    problem = store_error(sa.create_engine(SQL_SERVER), driver_s_failure(state, message)).problem
    assert problem.code == "odbc_driver_missing"
    assert "'x' is not installed" in problem.title
    assert problem.remedy.endswith("Installed are: SQL Server, ODBC Driver 17 for SQL Server.")


@pytest.mark.parametrize(
    ("url", "title", "remedy"),
    [
        (SQL_SERVER, "The ODBC driver 'x' cannot be loaded", "Install it again"),
        ("mssql+pyodbc://orders", "No ODBC data source 'orders'", "Microsoft's ODBC Driver 18"),
        (
            "mariadb+pyodbc:///?odbc_connect=" + quote_plus("DRIVER={MariaDB Y};SERVER=s;DATABASE=d"),
            "The ODBC driver 'MariaDB Y' is not installed",
            "Install MariaDB Connector/ODBC",
        ),
        (
            "mariadb+pyodbc:///?odbc_connect=" + quote_plus("DSN=orders;UID=u"),
            "No ODBC data source 'orders'",
            "Install MariaDB Connector/ODBC",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:No driver name specified")
def test_what_the_address_names_and_the_machine_lacks_is_named(monkeypatch, url, title, remedy):
    monkeypatch.setattr(pyodbc, "drivers", lambda: ["x"])
    missing = driver_s_failure("IM002", "Data source name not found and no default driver specified (0)")
    problem = store_error(sa.create_engine(url), missing).problem
    assert title in problem.title
    assert remedy in problem.remedy
    assert problem.remedy.endswith("Installed are: x.")


def test_a_machine_without_any_driver_is_told_so(monkeypatch):
    monkeypatch.setattr(pyodbc, "drivers", list)
    missing = driver_s_failure("IM002", "Data source name not found (0)")
    problem = store_error(sa.create_engine(SQL_SERVER), missing).problem
    assert problem.remedy.endswith("No ODBC driver is installed.")


def test_a_place_behind_odbc_is_named_as_a_person_knows_it():
    odbc = "DRIVER={MariaDB Unicode};SERVER=db.local;PORT=3307;DATABASE=orders;UID=sync;PWD=hunter22"
    engine = sa.create_engine(f"mariadb+pyodbc:///?odbc_connect={quote_plus(odbc)}")
    assert place(engine) == "mariadb db.local:3307/orders"


def test_a_server_that_does_not_answer_is_told_with_its_place():
    with socket.socket() as silent:  # bound, but nobody listens
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        odbc = f"DRIVER={{MariaDB Unicode}};SERVER=127.0.0.1;PORT={port};DATABASE=orders;UID=u;PWD=hunter22"
        engine = connect(f"mariadb+pyodbc:///?odbc_connect={quote_plus(odbc)}")
        with pytest.raises(StoreError) as caught, reading(engine):
            pass
    assert caught.value.problem.subject == f"mariadb 127.0.0.1:{port}/orders"
    assert "Check that the server runs" in caught.value.problem.remedy
    assert "hunter22" not in str(caught.value)


class Recorder:
    """Stands for a driver's connection and keeps what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def cursor(self) -> "Recorder":
        return self

    def execute(self, statement: str) -> None:
        self.asked.append(statement)

    def close(self) -> None:
        pass


def test_a_connection_to_sql_server_waits_for_a_lock_as_long_as_other_databases_do():
    engine = connect(SQL_SERVER)
    *_, ours = engine.pool.dispatch.connect  # the dialect's own listeners come before and want a server
    recorder = Recorder()
    ours(recorder, None)
    assert recorder.asked == ["SET LOCK_TIMEOUT 15000"]
    assert engine.dialect.fast_executemany


@pytest.mark.parametrize("url", ["mssql+pyodbc://server/db?driver=x", "mariadb+pyodbc:///?odbc_connect=x"])
def test_a_login_ends_after_a_while(url):
    assert database._options(sa.make_url(url))["connect_args"] == {"timeout": 15}


# --- Deadlocks


def test_a_transaction_that_a_deadlock_ended_is_done_again(make_orders):
    orders = make_orders([{"record_uuid": "a", "retry_count": 0}, {"record_uuid": "b", "retry_count": 0}])
    if orders.on_sqlite:
        pytest.skip("writers of a SQLite file wait for each other before they begin")
    orders.sql("CREATE UNIQUE INDEX ix_key ON HEADERS (record_uuid)")
    both_hold_one = threading.Barrier(2)
    tries = {"a": 0, "b": 0}

    def count_both(first: str, second: str) -> None:
        def work(connection: sa.Connection) -> None:
            tries[first] += 1
            for key in (first, second):
                connection.exec_driver_sql(
                    f"UPDATE HEADERS SET retry_count = retry_count + 1 WHERE record_uuid = '{key}'"
                )
                if key == first and tries[first] == 1:
                    both_hold_one.wait()

        in_one_transaction(orders.engine, work)

    threads = [threading.Thread(target=count_both, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(tries.values()) == [1, 2]
    assert orders.order("a", "retry_count") == orders.order("b", "retry_count") == (2,)


def test_a_transaction_that_fails_otherwise_is_not_done_again(engine):
    tries = []

    def work(connection: sa.Connection) -> None:
        tries.append(1)
        connection.execute(sa.text("INSERT INTO nowhere VALUES (1)"))

    with pytest.raises(StoreError, match="nowhere"):
        in_one_transaction(engine, work)
    assert len(tries) == 1


def test_a_failure_names_reason_and_place_but_no_values_and_no_password(engine):
    with pytest.raises(StoreError) as caught, writing(engine) as connection:
        connection.execute(sa.text("INSERT INTO nowhere VALUES (:v)"), {"v": "a customer's value"})
    assert "no such table: nowhere" in caught.value.problem.title
    assert "a customer's value" not in str(caught.value)
    elsewhere = sa.create_engine("mssql+pyodbc://sa:hunter22@127.0.0.1/ORDERS?driver=x")
    problem = store_error(elsewhere, sa.exc.SQLAlchemyError("login failed PWD=hunter22")).problem
    assert "hunter22" not in str(problem)
    assert "127.0.0.1" in problem.subject
