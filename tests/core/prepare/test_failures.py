"""A preparation that fails leaves everything as it was, and says what happened."""

import os
import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from core.errors import StoreError
from core.orders.database import connect
from core.prepare.pipeline import Preparation
from tests.core.prepare.desk import HEADERS, SETTINGS, STAGING, WORDS, Desk, order

KILLED = """
import os, sys
from sqlalchemy import event
from core.orders.database import connect
from tests.core.prepare.desk import Desk
desk = Desk(connect(sys.argv[1]))

@event.listens_for(desk.engine, "before_cursor_execute")
def die(connection, cursor, statement, *rest):
    if "ORDER_LIST_LINES_DELTA" in statement and statement.startswith("INSERT"):
        os._exit(9)

desk.prepare()
"""


def steps(desk: Desk) -> int:
    """Statements that a preparation writes with."""
    return sum(not sql.startswith("SELECT") for sql in desk.prepare(dry_run=True).statements)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 1.0])
def test_a_statement_that_fails_takes_everything_back(desk: Desk, share):
    desk.load(order(1), order(2))
    desk.prepare()
    desk.load(order(1, NOTES="other", sizes={"XS": 8}), order(3))
    failing = round(steps(desk) * share)
    before = desk.everything()
    seen = 0

    def fail(_connection, _cursor, statement, parameters, _context, _many):
        nonlocal seen
        if re.match(r"\s*(INSERT|UPDATE|DELETE)", statement):
            seen += 1
        return ("SELECT nothing FROM nowhere", ()) if seen == failing else (statement, parameters)

    event.listen(desk.engine, "before_cursor_execute", fail, retval=True)
    with pytest.raises(StoreError) as caught:
        desk.prepare()
    event.remove(desk.engine, "before_cursor_execute", fail)

    assert caught.value.problem.code == "database_failed"
    assert seen == failing
    assert desk.everything() == before
    assert desk.prepare().changed == 1


def test_a_process_that_is_killed_leaves_nothing_half_done(sqlite_desk: Desk):
    sqlite_desk.load(order(1), order(2))
    before = sqlite_desk.everything()
    url = sqlite_desk.engine.url.render_as_string()
    sqlite_desk.engine.dispose()

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, url], check=False, env=dict(os.environ), timeout=60
    )

    assert killed.returncode == 9
    assert sqlite_desk.everything() == before
    assert sqlite_desk.prepare().new == 2


def test_a_connection_that_breaks_leaves_nothing_half_done(mariadb, request):
    from tests.core.prepare.desk import open_desk

    url = mariadb.create_database("broken")
    desk = open_desk(url)
    desk.load(order(1), order(2))
    before = desk.everything()
    killed = False

    @event.listens_for(desk.engine, "before_cursor_execute")
    def kill(connection, _cursor, statement, *_rest):
        nonlocal killed
        if not killed and "ORDER_LIST_LINES_DELTA" in statement and statement.startswith("INSERT"):
            killed = True
            own = connection.connection.dbapi_connection.cursor()
            (number,) = own.execute("SELECT CONNECTION_ID()").fetchone()
            mariadb.execute(f"KILL CONNECTION {number}")

    with pytest.raises(StoreError) as caught:
        desk.prepare()

    assert killed
    assert "server" in caught.value.problem.remedy
    assert desk.everything() == before
    assert desk.prepare().new == 2
    desk.engine.dispose()


def test_another_writer_s_lock_is_told_as_such(desk: Desk, monkeypatch):
    monkeypatch.setattr("core.orders.database.BUSY_TIMEOUT_MS", 50)
    desk.load(order(1))
    waiting = connect(desk.engine.url.render_as_string(hide_password=False))
    with desk.engine.connect().execution_options(writing=True) as other, other.begin():
        other.exec_driver_sql("INSERT INTO deltadesk_lock (name) VALUES ('prepare')")
        preparation = Preparation(waiting, SETTINGS, WORDS)
        if desk.dialect == "mssql":
            event.listen(
                waiting, "begin", lambda connection: connection.exec_driver_sql("SET LOCK_TIMEOUT 500")
            )
        with pytest.raises(StoreError) as caught:
            preparation.run()
    waiting.dispose()

    assert caught.value.problem.code == "database_locked"
    assert caught.value.problem.title == "Another program holds the database"
    assert "wait" in caught.value.problem.remedy
    assert desk.rows(HEADERS) == []


def test_two_preparations_at_once_make_every_order_once(desk: Desk):
    desk.load(*(order(number) for number in range(30)))
    summaries = []

    def prepare():
        own = connect(desk.engine.url.render_as_string(hide_password=False))
        summaries.append(Preparation(own, SETTINGS, WORDS).run())
        own.dispose()

    threads = [threading.Thread(target=prepare) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted((summary.new, summary.unchanged) for summary in summaries) == [(0, 30), (30, 0)]
    assert len(desk.rows(HEADERS)) == 30


def test_a_run_cannot_claim_an_order_while_its_changes_are_written(mariadb):
    from core.orders.claims import Claims
    from tests.core.prepare.desk import open_desk

    desk = open_desk(mariadb.create_database("claiming"))
    desk.load(order(1))
    desk.prepare()
    key = desk.headers()["AAG-4755-001"]["record_uuid"]
    desk.load(order(1, NOTES="other"))
    refused = []
    other = connect(desk.engine.url.render_as_string(hide_password=False))

    @event.listens_for(desk.engine, "before_cursor_execute")
    def claim(_connection, _cursor, statement, *_rest):
        if statement.startswith("UPDATE `ORDER_LIST_DELTA`") and not refused:
            try:
                Claims(other, "a run").take([key])
            except (StoreError, sa.exc.DBAPIError) as error:
                refused.append(error)

    assert desk.prepare().changed == 1
    assert len(refused) == 1
    assert Claims(other, "a run").take([key]) == {key}
    other.dispose()
    desk.engine.dispose()


def test_a_user_without_the_right_to_write_is_told_so(mariadb):
    from tests.core.prepare.desk import open_desk

    desk = open_desk(mariadb.create_database("reading"))
    desk.load(order(1))
    mariadb.execute(
        "CREATE USER IF NOT EXISTS 'reader'@'127.0.0.1' IDENTIFIED BY 'reading-only'",
        "GRANT SELECT ON reading.* TO 'reader'@'127.0.0.1'",
    )
    reader = connect(mariadb.url("reading", "reader", "reading-only"))

    with pytest.raises(StoreError) as caught:
        Preparation(reader, SETTINGS, WORDS).run()
    reader.dispose()
    desk.engine.dispose()

    assert caught.value.problem.code == "database_read_only"
    assert "right to write" in caught.value.problem.remedy
    assert "reading-only" not in str(caught.value)


def test_a_read_only_file_is_told_as_such(sqlite_desk: Desk):
    sqlite_desk.load(order(1))
    sqlite_desk.engine.dispose()

    @event.listens_for(sqlite_desk.engine, "connect")
    def read_only(connection, _record):
        connection.execute("PRAGMA query_only = ON")

    with pytest.raises(StoreError) as caught:
        sqlite_desk.prepare()

    assert caught.value.problem.code == "database_read_only"


def test_a_staging_value_that_a_type_refuses_changes_nothing(mariadb):
    from tests.core.prepare.desk import open_desk

    desk = open_desk(mariadb.create_database("types"))
    desk.sql(f"ALTER TABLE {STAGING} MODIFY `CUSTOMER PRICE` VARCHAR(40)")
    desk.load(order(1, **{"CUSTOMER PRICE": "cheap"}))

    with pytest.raises(StoreError) as caught:
        desk.prepare()

    assert "CUSTOMER PRICE" in caught.value.problem.title
    assert desk.rows(HEADERS) == []
    desk.engine.dispose()


def test_sqlite_is_read_while_it_prepares(sqlite_desk: Desk):
    sqlite_desk.load(order(1))
    read = []

    @event.listens_for(sqlite_desk.engine, "before_cursor_execute")
    def look(_connection, _cursor, statement, *_rest):
        if statement.startswith("INSERT INTO deltadesk_order "):
            with closing(sqlite3.connect(sqlite_desk.engine.url.database)) as reader:
                read.extend(reader.execute(f"SELECT COUNT(*) FROM {HEADERS}").fetchall())

    assert sqlite_desk.prepare().new == 1
    assert read == [(0,)]
