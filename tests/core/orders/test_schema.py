"""The application's own tables: made once, by whoever comes first."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from core.errors import ConfigurationError, StoreError
from core.orders import database, own_tables, schema
from core.orders.database import connect, writing


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "orders.db"
    sqlite3.connect(path).close()
    path.touch()
    return path


@pytest.fixture
def engine(path: Path):
    engine = connect(f"sqlite:///{path}")
    yield engine
    engine.dispose()


def test_a_new_database_has_no_version_and_gets_the_newest(engine):
    assert schema.present_version(engine) is None
    schema.upgrade(engine)
    assert schema.present_version(engine) == schema.wanted_version()


def test_the_migrations_make_the_tables_that_the_code_names(engine):
    schema.upgrade(engine)
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        assert set(own_tables.metadata.tables) <= set(inspector.get_table_names())
        for table in own_tables.metadata.tables.values():
            found = inspector.get_columns(table.name)
            assert [(column["name"], column["nullable"]) for column in found] == [
                (column.name, column.nullable) for column in table.columns
            ]
            key = inspector.get_pk_constraint(table.name)["constrained_columns"]
            assert key == [column.name for column in table.primary_key.columns]
            indexed = {tuple(index["column_names"]) for index in inspector.get_indexes(table.name)}
            assert {(column.name,) for column in table.columns if column.index} <= indexed


def test_a_request_with_an_operation_that_nobody_heard_of_is_open_after_the_upgrade(engine):
    with writing(engine) as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        connection.exec_driver_sql(
            "INSERT INTO deltadesk_run (run_id, profile, board_id, dry_run, worker, plan_hash, mapping_hash,"
            " started_at) VALUES ('run', 'demo', '1', 0, 'w', '', '', '2026-11-22')"
        )
        for request, state in (("closed", "CONFIRMED"), ("early", "UNKNOWN")):
            connection.exec_driver_sql(
                "INSERT INTO deltadesk_request (request_uuid, run_id, request_key, step, idempotency_key,"
                " planned_hash, state, attempts, body)"
                " VALUES (?, 'run', '', 'items', ?, '', 'CONFIRMED', 1, '')",
                (request, request),
            )
            for index, each in enumerate(("CONFIRMED", state)):
                connection.exec_driver_sql(
                    "INSERT INTO deltadesk_operation (request_uuid, alias_index, run_id, target, record_key,"
                    " kind, state) VALUES (?, ?, 'run', 'order', 'o', 'create item', ?)",
                    (request, index, each),
                )
    schema.upgrade(engine)
    with engine.connect() as connection:
        states = dict(
            connection.execute(sa.select(own_tables.request.c.request_uuid, own_tables.request.c.state)).all()
        )
    assert states == {"closed": "CONFIRMED", "early": "UNKNOWN"}


def test_upgrading_again_changes_nothing(engine, path):
    schema.upgrade(engine)
    with writing(engine) as connection:
        connection.execute(
            sa.insert(own_tables.group).values(
                board_id="1", title="ACME", owner="run", reserved_at=sa.func.current_timestamp()
            )
        )
    before = list(path_dump(path))
    schema.upgrade(engine)
    assert list(path_dump(path)) == before


def path_dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_two_processes_that_upgrade_at_once_both_succeed(path):
    script = (
        "import sys\n"
        "from core.orders import schema\n"
        "from core.orders.database import connect\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "schema.upgrade(connect(sys.argv[1]))\n"
    )
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", script, f"sqlite:///{path}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        worker.communicate()
    assert [worker.returncode for worker in workers] == [0, 0]
    engine = connect(f"sqlite:///{path}")
    assert schema.present_version(engine) == schema.wanted_version()
    engine.dispose()


def test_without_the_right_to_make_tables_an_administrator_is_asked_for(engine):
    sa.event.listen(
        engine, "connect", lambda connection, _record: connection.execute("PRAGMA query_only = ON")
    )
    with pytest.raises(ConfigurationError) as caught:
        schema.upgrade(engine)
    assert caught.value.problem.code == "own_tables_missing"
    assert "administrator" in caught.value.problem.remedy


def test_a_database_that_is_held_is_told_as_such(path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    engine = connect(f"sqlite:///{path}")
    assert schema.present_version(engine) is None
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as caught:
            schema.upgrade(engine)
        other.execute("ROLLBACK")
    assert caught.value.problem.code == "database_locked"
    engine.dispose()


def test_tables_of_a_newer_application_are_left_alone(engine):
    schema.upgrade(engine)
    with writing(engine) as connection:
        connection.execute(sa.text("UPDATE deltadesk_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError) as caught:
        schema.upgrade(engine)
    assert caught.value.problem.code == "own_tables_newer"
    assert "9999" in caught.value.problem.title
    assert schema.present_version(engine) == "9999"


# --- The script for an administrator


@pytest.mark.parametrize("dialect", schema.DIALECTS)
def test_the_script_makes_every_table_in_the_dialect_s_own_words(dialect):
    script = schema.offline_sql(dialect)
    assert all(f"CREATE TABLE {name} (" in script for name in own_tables.metadata.tables)
    assert f"'{schema.wanted_version()}'" in script
    assert "NTEXT" not in script


def test_a_database_made_by_the_script_needs_no_upgrade(engine, path):
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(schema.offline_sql("sqlite"))
    assert schema.present_version(engine) == schema.wanted_version()


def test_there_is_no_script_for_another_database():
    with pytest.raises(ConfigurationError) as caught:
        schema.offline_sql("oracle")
    assert caught.value.problem.code == "dialect_unknown"
    assert "mssql, mariadb" in caught.value.problem.remedy
