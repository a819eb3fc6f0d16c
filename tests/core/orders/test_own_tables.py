"""The own tables hold every customer's letters on every dialect."""

import re

import pytest
from sqlalchemy.dialects import mssql, mysql
from sqlalchemy.schema import CreateTable

from core.orders import own_tables


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (own_tables.group, "title"),
        (own_tables.operation, "record_key"),
        (own_tables.operation, "message"),
        (own_tables.request, "body"),
        (own_tables.request, "answer"),
        (own_tables.run, "report"),
        (own_tables.finding, "message"),
        (own_tables.finding, "source"),
        (own_tables.edit, "column_name"),
        (own_tables.edit, "value_before"),
        (own_tables.edit, "value_after"),
    ],
    ids=str,
)
def test_what_people_write_is_unicode_on_sql_server(table, column):
    statement = str(CreateTable(table).compile(dialect=mssql.dialect()))
    (declaration,) = (line for line in statement.splitlines() if line.strip().startswith(f"{column} "))
    assert re.search(r"NVARCHAR\((max|\d{1,3})\)", declaration)


def test_a_whole_request_fits_on_mariadb():
    statement = str(CreateTable(own_tables.request).compile(dialect=mysql.dialect()))
    assert "body MEDIUMTEXT NOT NULL" in statement
