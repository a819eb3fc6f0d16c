"""The preparation's SQL for each dialect without a server: identifiers, values, what a parser says."""

import re
import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa
import sqlglot
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlglot import exp
from sqlglot.errors import ErrorLevel

from core.config.model import EngineColumns
from core.demo.data_schema import business_columns, size_codes
from core.prepare.settings import PrepareSettings
from core.prepare.statements import (
    Statement,
    dialect_name,
    quoted,
    quoted_table,
    render_refused_values,
    render_statements,
)
from core.prepare.structure import Structure
from tests.core.prepare.desk import KEY, SETTINGS, WORDS


def offline(url: str) -> sa.Dialect:
    """The dialect as it is after it has met a server."""
    dialect = sa.make_url(url).get_dialect()(paramstyle="qmark")
    if dialect.name == "mssql":
        dialect.server_version_info = (14, 0)
        dialect._setup_version_attributes()
    return dialect


DIALECTS = {
    "mssql": offline("mssql+pyodbc://"),
    "sqlite": offline("sqlite://"),
    "mariadb": offline("mariadb+pyodbc://"),
}
PARSERS = {"mssql": "tsql", "sqlite": "sqlite", "mariadb": "mysql"}
LONGEST_CONCAT = 254
"""Arguments of T-SQL's CONCAT (learn.microsoft.com/sql/t-sql/functions/concat-transact-sql)."""
MOST_PARAMETERS = 2100
"""Of one request to SQL Server."""
VALUES = {
    "prepare_id": "p",
    "now": None,
    **{word.lower(): WORDS[word] for word in ("NEW", "PENDING", "HELD", "SYNCED")},
    "insert": "INSERT",
    "update": "UPDATE",
    "delete": "DELETE",
}
BUSINESS = tuple(
    (column.name, column.name) for column in business_columns() if column.name != "CUSTOMER NAME"
)
STRUCTURE = Structure(
    size_columns=(*size_codes(), "S; DROP TABLE x --", 'a"b', "a`b", "a:b", "50%"),
    business_columns=BUSINESS,
    customer_header="CUSTOMER NAME",
    hash_columns=tuple(name for name, _ in BUSINESS),
    row_hash_column="row_hash",
    row_order=("row number",),
    kinds={"EX FACTORY DATE": "moment", "CUSTOMER PRICE": "float", "DISCOUNT": "money"},
    limits=(("NOTES", 255), ("CATEGORY", 40)),
    required=("NOTES", "CATEGORY"),
)


def rendered(name: str) -> list[Statement]:
    dialect = DIALECTS[name]
    refused = [statement for _, _, statement in render_refused_values(dialect, SETTINGS, STRUCTURE)]
    return [*render_statements(dialect, SETTINGS, STRUCTURE), *refused]


def sent(name: str, statement: Statement) -> str:
    """The text that the driver gets."""
    return str(statement.bound(VALUES).compile(dialect=DIALECTS[name]))


def parsed(name: str, sql: str) -> exp.Expression:
    (tree,) = sqlglot.parse(sql, dialect=PARSERS[name], error_level=ErrorLevel.RAISE)
    assert tree is not None
    return tree


@pytest.mark.parametrize("name", DIALECTS)
def test_a_parser_of_the_dialect_takes_every_statement_for_what_it_is(name):
    kinds = {"INSERT": exp.Insert, "UPDATE": exp.Update, "DELETE": exp.Delete, "SELECT": exp.Select}
    for statement in rendered(name):
        text = sent(name, statement)

        tree = parsed(name, text)

        assert isinstance(tree, kinds[text.split()[0]]), statement.name


@pytest.mark.parametrize("name", DIALECTS)
def test_every_column_of_the_tables_arrives_whole(name):
    columns = {
        identifier.this
        for statement in rendered(name)
        for identifier in parsed(name, sent(name, statement)).find_all(exp.Identifier)
        if identifier.quoted
    }

    wanted = {name for name, _ in STRUCTURE.business_columns} | set(STRUCTURE.size_columns) | {"row number"}
    # A doubled quotation mark inside an identifier is one; the parser leaves some doubled.
    closing_mark = {"mssql": "]", "sqlite": '"', "mariadb": "`"}[name]
    found = columns | {column.replace(closing_mark * 2, closing_mark) for column in columns}
    assert wanted <= found


@pytest.mark.parametrize("name", DIALECTS)
def test_every_statement_binds_its_values_and_has_few_enough(name):
    for statement in rendered(name):
        text = sent(name, statement)

        assert text.count("?") <= MOST_PARAMETERS
        assert "{{" not in text


def test_every_size_is_bound_and_named_once():
    for name in DIALECTS:
        bound = [
            size
            for statement in rendered(name)
            if statement.name == "04_unpivot"
            for label, size in statement.values.items()
            if label.startswith("size_")
        ]
        assert bound == list(STRUCTURE.size_columns)


def test_no_concatenation_for_sql_server_is_too_long():
    longest = 0
    for statement in rendered("mssql"):
        tree = parsed("mssql", sent("mssql", statement))
        for call in tree.find_all(exp.Concat):
            longest = max(longest, len(call.expressions))

    assert 2 <= longest <= LONGEST_CONCAT


def test_sql_server_reads_moments_floats_and_money_without_loss():
    stage = next(statement.sql for statement in rendered("mssql") if statement.name == "02_stage")

    assert "CONVERT(NVARCHAR(MAX), st.[EX FACTORY DATE], 126)" in stage
    assert "CONVERT(NVARCHAR(MAX), st.[CUSTOMER PRICE], 3)" in stage
    assert "CONVERT(NVARCHAR(MAX), st.[DISCOUNT], 2)" in stage
    assert "CAST(st.[EX FACTORY DATE] AS NVARCHAR" not in stage


def test_sql_server_trims_nothing_but_text():
    """TRIM refuses a number (learn.microsoft.com/sql/t-sql/functions/trim-transact-sql)."""
    for statement in rendered("mssql"):
        for trimmed in parsed("mssql", sent("mssql", statement)).find_all(exp.Trim):
            inner = trimmed.this
            while isinstance(inner, exp.Paren | exp.Collate):
                inner = inner.this
            # What a subquery named `cell` or `x` gives was made text there.
            assert isinstance(inner, exp.Cast | exp.Convert) or inner.table in {"cell", "x"}, inner.sql()


def test_sql_server_compares_keys_and_digits_exactly():
    statements = {statement.name: statement.sql for statement in rendered("mssql")}

    for name in ("02_stage", "04_unpivot", "21_headers_changed", "23_headers_new", "refused_values"):
        assert re.search(r"UPPER\(CONCAT\(.*\)\) COLLATE Latin1_General_100_BIN2", statements[name]), name
    assert "COLLATE Latin1_General_100_BIN2 NOT LIKE N'%[^0-9.]%'" in statements["04_unpivot"]


def test_sql_server_holds_the_order_list_and_the_claims():
    statements = {statement.name: statement.sql for statement in rendered("mssql")}

    assert "WITH (TABLOCK, HOLDLOCK)" in statements["02_stage"]
    assert "WITH (TABLOCKX, HOLDLOCK)" in statements["13_hold_claims"]


def test_the_parser_refuses_what_is_not_t_sql():
    """Otherwise the tests above prove nothing."""
    with pytest.raises(sqlglot.errors.ParseError):
        parsed("mssql", "UPDATE t SET FROM a WHERE")


# Identifiers


NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40)
MARKS = st.text(st.sampled_from("]['\"`\\:;%?{}-/* \n.a1_$@#∆"), min_size=1, max_size=12)


@given(name=NAMES | MARKS)
@example(name="a]]b")
@example(name="\\:x")
@example(name="::x")
@example(name="x:")
@example(name="%(x)s")
def test_a_name_survives_sqlite_and_is_one_name(name):
    text = sa.text(f"SELECT x.{quoted(DIALECTS['sqlite'], name)} FROM y AS x")

    compiled = text.compile(dialect=DIALECTS["sqlite"])

    assert compiled.params == {}
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE y ({str(compiled)[len('SELECT x.') : -len(' FROM y AS x')]} INT)")
        cursor = connection.execute(str(compiled))
        assert cursor.description[0][0] == name
        assert connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone() == (1,)


@pytest.mark.parametrize(
    ("dialect", "first", "last"), [("mssql", "[", "]"), ("mariadb", "`", "`"), ("sqlite", '"', '"')]
)
@given(name=NAMES | MARKS)
def test_no_name_ends_its_quotation(dialect, first, last, name):
    compiled = sa.text(f"SELECT {quoted(DIALECTS[dialect], name)}").compile(dialect=DIALECTS[dialect])
    identifier = str(compiled).removeprefix("SELECT ")

    assert compiled.params == {}
    assert (identifier[0], identifier[-1]) == (first, last)
    inner = identifier[1:-1]
    assert re.fullmatch(rf"(?:[^{re.escape(last)}]|{re.escape(last * 2)})*", inner, re.DOTALL)
    assert inner.replace(last * 2, last) == name


@settings(max_examples=8)
@given(names=st.lists(NAMES | MARKS, min_size=2, max_size=5, unique_by=str.upper))
def test_a_whole_preparation_survives_any_column_names(names):
    structure = Structure(tuple(names), (), "C", ("C",), None, limits=((names[0], 3),))
    named = PrepareSettings("s", "h", "l", "C", EngineColumns(), (names[0],), "a", "b")
    for dialect in DIALECTS.values():
        for statement in render_statements(dialect, named, structure):
            clause = statement.bound(VALUES)
            wanted = {*VALUES, *(f"size_{place}" for place in range(len(names)))}
            assert set(clause.compile(dialect=dialect).params) <= wanted


def test_a_schema_stands_before_a_table_and_never_before_a_column():
    assert quoted_table(DIALECTS["mssql"], "sales.dbo.ORDER LIST") == "[sales].[dbo].[ORDER LIST]"
    assert quoted(DIALECTS["mssql"], "QTY.1") == "[QTY.1]"


def test_mysql_and_mariadb_share_their_words():
    assert dialect_name(sa.make_url("mysql+pyodbc://").get_dialect()()) == "mariadb"
    assert dialect_name(DIALECTS["mssql"]) == "mssql"


def test_a_statement_is_shown_as_it_is_read():
    statement = Statement("x", 'SELECT "a\\:b" FROM t WHERE c = :prepare_id')

    assert statement.shown == 'SELECT "a:b" FROM t WHERE c = :prepare_id'
    assert set(statement.bound(VALUES).compile().params) == {"prepare_id"}


def test_the_key_columns_are_part_of_no_more_than_their_table():
    assert set(KEY) <= {name for name, _ in STRUCTURE.business_columns}
