"""An import that the database does not take leaves the staging table as it was, and says what happened."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import event

from core.errors import ConfigurationError, StoreError
from core.orders import database
from core.orders.database import connect
from core.prepare.import_file import ROWS_AT_A_TIME, import_order_list
from tests.core.prepare.desk import STAGING, Desk, order
from tests.core.prepare.order_lists import ROW, row_of, write_csv


def load(desk: Desk, path, **options):
    return import_order_list(desk.engine, STAGING, path, **options)


def two_portions(tmp_path):
    return write_csv(tmp_path / "orders.csv", *([ROW] * (ROWS_AT_A_TIME + 1)))


@pytest.mark.parametrize("portion", [1, 2])
def test_a_database_that_fails_halfway_keeps_what_it_had(desk: Desk, tmp_path, portion):
    desk.load(order(9))
    before = desk.rows(STAGING)
    path = two_portions(tmp_path)
    inserts = 0

    def fail(_connection, _cursor, statement, parameters, _context, _many):
        nonlocal inserts
        inserts += statement.startswith("INSERT")
        return ("INSERT INTO nowhere", ()) if inserts == portion else (statement, parameters)

    event.listen(desk.engine, "before_cursor_execute", fail, retval=True)
    with pytest.raises(StoreError):
        load(desk, path)
    event.remove(desk.engine, "before_cursor_execute", fail)

    assert desk.rows(STAGING) == before


def test_a_connection_that_is_lost_halfway_keeps_what_the_table_had(desk: Desk, tmp_path):
    desk.load(order(9))
    before = desk.rows(STAGING)

    connections = []
    event.listen(desk.engine, "checkout", lambda connection, *_: connections.append(connection))

    def lose(_rows):
        connections[-1].close()

    with pytest.raises(StoreError):
        load(desk, two_portions(tmp_path), progress=lose)

    assert desk.rows(STAGING) == before


def test_what_progress_raises_ends_the_import_and_takes_it_back(desk: Desk, tmp_path):
    desk.load(order(9))
    before = desk.rows(STAGING)

    def stop(_rows):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(desk, two_portions(tmp_path), progress=stop)

    assert desk.rows(STAGING) == before


def test_a_database_that_another_program_writes_to_is_told_and_left_alone(
    sqlite_desk: Desk, tmp_path, monkeypatch
):
    sqlite_desk.load(order(9))
    before = sqlite_desk.rows(STAGING)
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    engine = connect(str(sqlite_desk.engine.url))
    path = write_csv(tmp_path / "orders.csv", ROW)

    with closing(sqlite3.connect(sqlite_desk.engine.url.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as caught:
            import_order_list(engine, STAGING, path)
    engine.dispose()

    assert caught.value.problem.code == "database_locked"
    assert sqlite_desk.rows(STAGING) == before


def test_a_database_that_may_only_be_read_is_told(sqlite_desk: Desk, tmp_path):
    sqlite_desk.load(order(9))
    before = sqlite_desk.rows(STAGING)

    @event.listens_for(sqlite_desk.engine, "connect")
    def _only_reading(connection, _record):
        connection.execute("PRAGMA query_only = ON")

    sqlite_desk.engine.dispose()
    with pytest.raises(StoreError) as caught:
        load(sqlite_desk, write_csv(tmp_path / "orders.csv", ROW))

    assert caught.value.problem.code == "database_read_only"
    assert sqlite_desk.rows(STAGING) == before


def test_rows_that_the_tables_own_key_refuses_are_told_with_their_place_in_the_file(desk: Desk, tmp_path):
    name = desk.quoted("PO NUMBER") + ("(20)" if desk.dialect == "mariadb" else "")
    desk.sql(f"CREATE UNIQUE INDEX one_po ON {STAGING} ({name})")
    desk.load(order(9))
    before = desk.rows(STAGING)
    path = write_csv(
        tmp_path / "orders.csv", *(row_of(**{"PO NUMBER": number}) for number in ("P1", "P2", "P1"))
    )

    with pytest.raises(ConfigurationError) as caught:
        load(desk, path)

    assert caught.value.problem.code == "import_refused_by_table"
    assert "refuses one of the rows 2 to 4 of the file" in caught.value.problem.title
    assert desk.rows(STAGING) == before
