"""Points in time as the tables hold them."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from core.orders.moments import MOMENT


def spelled(moment):
    dialect = sqlite.dialect()
    return MOMENT.dialect_impl(dialect).bind_processor(dialect)(moment)


def test_sqlite_gets_the_text_that_the_library_writes_itself():
    dialect = sqlite.dialect()
    usual = sa.DateTime().dialect_impl(dialect).bind_processor(dialect)
    first = datetime(2026, 11, 22, 9, 30, 1, 5)  # noqa: DTZ001  tables hold UTC without a zone
    moments = [first + timedelta(days=day, microseconds=day) for day in range(200)]
    assert [spelled(moment) for moment in moments * 2] == [usual(moment) for moment in moments * 2]


def test_no_moment_stays_null():
    assert spelled(None) is None


def test_moments_come_back_from_a_table_as_they_were():
    engine = sa.create_engine("sqlite://")
    table = sa.Table("moments", sa.MetaData(), sa.Column("at", MOMENT))
    at = datetime.now(UTC).replace(tzinfo=None)
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(sa.insert(table), [{"at": at}, {"at": None}])
        assert connection.scalars(sa.select(table.c.at)).all() == [at, None]
    engine.dispose()
