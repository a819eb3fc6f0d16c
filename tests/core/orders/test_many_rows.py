"""Many rows by the driver itself leave what SQLAlchemy leaves, and no driver misses its parameters' types."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.mssql import pyodbc as sql_server
from sqlalchemy.dialects.mysql import pyodbc as mariadb

from core.orders.many_rows import ManyRows
from core.orders.moments import MOMENT

AT = datetime(2026, 11, 22, 12, 30, 0, 125, tzinfo=UTC).replace(tzinfo=None)
TABLE = sa.Table(
    "records",
    sa.MetaData(),
    sa.Column("key", sa.Unicode(40), primary_key=True),
    sa.Column("state", sa.String(10)),
    sa.Column("at", MOMENT),
    sa.Column("tries", sa.Integer),
    sa.Column("odd '%' name:", sa.Unicode(40)),
)
ADD = sa.insert(TABLE)
END = (
    sa.update(TABLE)
    .where(TABLE.c.key == sa.bindparam("of_key"))
    .values(
        {
            TABLE.c.state: sa.bindparam("new_state"),
            TABLE.c.at: sa.bindparam("new_at"),
            TABLE.c.tries: sa.func.coalesce(TABLE.c.tries, 0) + 1,
            TABLE.c["odd '%' name:"]: sa.case((TABLE.c.state == "ODD", "odd"), else_="even"),
        }
    )
)
FORGET = sa.delete(TABLE).where(TABLE.c.key == sa.bindparam("of_key"))


@pytest.fixture
def engine(tmp_path):
    """An empty table in a SQLite file."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'records.db'}")
    TABLE.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["by the driver", "by SQLAlchemy"])
def dialect(request, engine):
    """What the statements are made for: the database itself, or one whose driver wants types."""
    return engine.dialect if request.param == "by the driver" else sql_server.dialect()


def test_rows_are_added_changed_and_removed_alike_on_both_ways(engine, dialect):
    add = ManyRows(dialect, ADD, ("key", "tries"), ("state", "at"))
    end = ManyRows(dialect, END, ("new_state", "of_key"), ("new_at",))
    forget = ManyRows(dialect, FORGET, ("of_key",))
    with engine.begin() as connection:
        add.execute(connection, [("∆'a", None), ("b", 4), ("c", 1)], {"state": "ODD", "at": AT})
        end.execute(connection, [("DONE", "b"), (None, "∆'a")], {"new_at": None})
        end.execute(connection, [("DONE", "b")], {"new_at": AT})
        forget.execute(connection, [("c",), ("nowhere",)])
        rows = connection.execute(sa.select(TABLE).order_by(TABLE.c.key)).all()
    assert rows == [("b", "DONE", AT, 6, "even"), ("∆'a", None, None, 1, "odd")]


def test_moments_are_spelled_as_the_tables_hold_them(engine, dialect):
    add = ManyRows(dialect, ADD, ("key", "at", "state", "tries"))
    with engine.begin() as connection:
        add.execute(connection, [("a", AT, None, None), ("b", None, None, None)])
        spelled = connection.exec_driver_sql("SELECT at FROM records ORDER BY key").scalars().all()
    assert spelled == ["2026-11-22 12:30:00.000125", None]


@pytest.mark.parametrize("dialect", [sql_server.dialect(), mariadb.dialect()], ids=["mssql", "mariadb"])
def test_drivers_that_want_the_types_of_parameters_get_their_rows_from_sqlalchemy(dialect):
    class Connection:
        def __init__(self) -> None:
            self.executed: list[object] = []

        def execute(self, statement: object, rows: object) -> None:
            self.executed += [statement, rows]

    connection = Connection()
    ManyRows(dialect, FORGET, ("of_key",)).execute(connection, [("a",), ("b",)])  # type: ignore[arg-type]
    assert connection.executed == [FORGET, [{"of_key": "a"}, {"of_key": "b"}]]
