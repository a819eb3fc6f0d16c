"""The connection: faults in the operator's words, transactions whole or absent."""

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import ConfigurationError, ExitCode, StoreError
from core.orders import database
from core.orders.database import connect, reading, store_error, writing
from core.redaction import known_secrets


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


def test_a_failure_names_reason_and_place_but_no_values_and_no_password(engine):
    with pytest.raises(StoreError) as caught, writing(engine) as connection:
        connection.execute(sa.text("INSERT INTO nowhere VALUES (:v)"), {"v": "a customer's value"})
    assert "no such table: nowhere" in caught.value.problem.title
    assert "a customer's value" not in str(caught.value)
    elsewhere = sa.create_engine("mssql+pyodbc://sa:hunter22@127.0.0.1/ORDERS?driver=x")
    problem = store_error(elsewhere, sa.exc.SQLAlchemyError("login failed PWD=hunter22")).problem
    assert "hunter22" not in str(problem)
    assert "127.0.0.1" in problem.subject
