"""What is wrong with an order list is told with row, column, value and remedy, and the rest goes on."""

import pytest
import sqlalchemy as sa

from core.errors import ConfigurationError
from core.orders import schema
from core.orders.database import connect
from core.prepare.outcome import MOST_PROBLEMS
from core.prepare.pipeline import Preparation
from tests.core.prepare.desk import HEADERS, KEY, LINES, SETTINGS, STAGING, WORDS, Desk, order


@pytest.fixture
def loose_desk(desk: Desk):
    """Size columns that take text, as a loader that trusts nobody makes them."""
    desk.drop(STAGING)
    desk.create(
        STAGING,
        [
            *((name, "NVARCHAR(255)") for name in (*KEY, "CUSTOMER NAME", "NOTES")),
            ("UNIT OF MEASURE", "NVARCHAR(255)"),
            *((name, "NVARCHAR(1000)") for name in ("XS", "32x34", "3/6 MTHS")),
            ("TOTAL QTY", "INT"),
        ],
    )
    return desk


def test_a_quantity_that_is_no_whole_number_refuses_its_order_alone(loose_desk: Desk):
    wrong = ["twelve", "-3", "2.5", "1,000", "3 pcs", "1e3", "²", "0x10", "1.2.3", ".5", "9999999999"]
    rows = [order(number, sizes={"XS": "4", "32x34": bad}) for number, bad in enumerate(wrong, 2)]
    loose_desk.load(order(1), *rows, order(99))

    summary = loose_desk.prepare()

    assert (summary.new, summary.refused) == (2, len(wrong))
    told = [(problem.row, problem.column, problem.value) for problem in summary.problems]
    assert told == [(row, "32x34", bad) for row, bad in enumerate(wrong, 2)]
    for problem in summary.problems:
        assert problem.code == "bad_quantity"
        assert problem.key == f"AAG-4755-{problem.row:03} / GMK4001 / MALTESE BLUE / 4755"
        assert problem.value in problem.message
        assert "whole number" in problem.remedy
    assert set(loose_desk.headers()) == {"AAG-4755-001", "AAG-4755-099"}


def test_a_whole_number_is_read_however_it_is_written(loose_desk: Desk):
    quantities = {"12": 12, " 12 ": 12, "12.0": 12, "12.000": 12, "007": 7, "12.": 12}
    loose_desk.load(*(order(number, sizes={"XS": text}) for number, text in enumerate(quantities, 1)))

    summary = loose_desk.prepare()

    assert (summary.new, summary.refused) == (len(quantities), 0)
    read = [loose_desk.lines(f"AAG-4755-{number:03}")["XS"]["qty"] for number in range(1, 7)]
    assert read == list(quantities.values())


def test_an_empty_cell_or_none_pieces_make_no_line(loose_desk: Desk):
    empty = ["", "  ", "0", "0.00", "00", None]
    rows = [order(number, sizes={"XS": "1", "32x34": nothing}) for number, nothing in enumerate(empty, 1)]
    loose_desk.load(*rows)

    summary = loose_desk.prepare()

    assert (summary.new, summary.refused) == (len(empty), 0)
    assert [row["size_code"] for row in loose_desk.rows(LINES)] == ["XS"] * len(empty)


def test_a_long_text_for_a_quantity_is_told_shortened(loose_desk: Desk):
    loose_desk.load(order(1, sizes={"XS": "see the mail " * 60}))

    (problem,) = loose_desk.prepare().problems

    assert len(problem.value) == 100
    assert problem.value.startswith("see the mail")


def test_decimal_size_columns_hold_whole_quantities(desk: Desk):
    desk.drop(STAGING)
    columns = [*((name, "NVARCHAR(100)") for name in (*KEY, "CUSTOMER NAME", "UNIT OF MEASURE"))]
    desk.create(STAGING, [*columns, ("XS", "DECIMAL(10,4)"), ("S", "DECIMAL(10,4)"), ("TOTAL QTY", "INT")])
    rows = [order(1, sizes={"XS": 12, "S": 0}), order(2, sizes={"XS": 2.5})]
    desk.load(*({name: row[name] for name in row if name != "NOTES"} for row in rows))

    summary = desk.prepare()

    assert (summary.new, summary.refused, summary.lines_inserted) == (1, 1, 1)
    assert float(summary.problems[0].value) == 2.5


def test_an_order_refused_for_a_quantity_is_not_cancelled(loose_desk: Desk):
    loose_desk.load(order(1), order(2))
    loose_desk.prepare()
    loose_desk.synced()
    before = loose_desk.rows(HEADERS), loose_desk.rows(LINES)
    loose_desk.load(order(1, sizes={"XS": "many"}), order(2))

    summary = loose_desk.prepare()

    assert (summary.refused, summary.cancelled, summary.unchanged) == (1, 0, 1)
    assert (loose_desk.rows(HEADERS), loose_desk.rows(LINES)) == before


def test_rows_with_the_same_key_are_refused_each(desk: Desk):
    desk.load(order(1), order(2), order(1, NOTES="other"), order(3))

    summary = desk.prepare()

    assert (summary.new, summary.refused) == (2, 2)
    assert [(problem.row, problem.code) for problem in summary.problems] == [
        (1, "key_twice"),
        (3, "key_twice"),
    ]
    assert "row 3" in summary.problems[0].message
    assert "row 1" in summary.problems[1].message
    assert summary.problems[0].column == ", ".join(KEY)
    assert summary.problems[0].value.startswith("AAG-4755-001 / ")


@pytest.mark.parametrize("twin", ["gmk4001", " GMK4001", "GMK4001 "])
def test_keys_that_differ_in_case_or_spaces_are_the_same_key(desk: Desk, twin):
    desk.load(order(1), order(1, **{"CUSTOMER STYLE": twin}))

    summary = desk.prepare()

    assert (summary.new, summary.refused) == (0, 2)
    assert {problem.code for problem in summary.problems} == {"key_twice"}


def test_an_order_that_stands_twice_is_not_cancelled(desk: Desk):
    desk.load(order(1), order(2))
    desk.prepare()
    desk.load(order(1), order(1), order(2))

    summary = desk.prepare()

    assert (summary.refused, summary.cancelled, summary.unchanged) == (2, 0, 1)
    assert desk.headers()["AAG-4755-001"]["action_type"] == "INSERT"


@pytest.mark.parametrize("empty", [None, "", "   "])
def test_a_row_with_a_part_of_its_key_empty_names_that_column(desk: Desk, empty):
    desk.load(order(1), order(2, **{"PO NUMBER": empty}))

    summary = desk.prepare()

    assert (summary.new, summary.refused) == (1, 1)
    (problem,) = summary.problems
    assert (problem.row, problem.code, problem.column) == (2, "key_missing", "PO NUMBER")
    assert problem.key == "AAG-4755-002 / GMK4001 / MALTESE BLUE / "
    assert "PO NUMBER" in problem.remedy


def test_an_order_is_not_cancelled_while_a_row_without_a_key_may_be_it(desk: Desk):
    desk.load(order(1), order(2))
    desk.prepare()
    desk.synced()
    before = desk.rows(HEADERS)
    desk.load(order(1), order(2, **{"PO NUMBER": None}))

    summary = desk.prepare()

    assert (summary.refused, summary.cancelled, summary.withheld, summary.unchanged) == (1, 0, 1, 1)
    assert desk.rows(HEADERS) == before
    told = {problem.code: problem for problem in summary.problems}
    assert set(told) == {"key_missing", "cancellation_withheld"}
    assert told["cancellation_withheld"].key == "AAG-4755-002 / GMK4001 / MALTESE BLUE / 4755"
    assert told["cancellation_withheld"].row == 0

    desk.load(order(1))
    assert (desk.prepare().cancelled, desk.headers()["AAG-4755-002"]["action_type"]) == (1, "DELETE")


def test_a_key_that_is_too_long_is_refused(desk: Desk):
    long = "x" * 250
    row = order(2, **{"PO NUMBER": long, "CUSTOMER STYLE": long[:100], "AAG ORDER NUMBER": "y" * 100})
    settings = {"key_columns": (*KEY, "BULK AGREEMENT NUMBER")}
    desk.load(
        order(1, **{"BULK AGREEMENT NUMBER": "B"}),
        {**row, "BULK AGREEMENT NUMBER": long},
        {**row, "BULK AGREEMENT NUMBER": long, "NOTES": "not a twin: nobody knows the rest"},
    )

    summary = desk.preparation(**settings).run()

    assert (summary.new, summary.refused) == (1, 2)
    assert {problem.code for problem in summary.problems} == {"key_too_long"}
    assert "600" in summary.problems[0].message
    assert summary.problems[0].key.endswith("…")


def test_a_customer_s_name_that_no_column_holds_is_refused(desk: Desk, tmp_path):
    names = tmp_path / "names.csv"
    names.write_text(f"source,canonical\nSUMMERSALT,{'S' * 200}\n", encoding="utf-8")
    desk.sql(f"DROP TABLE {HEADERS}")
    _strict_headers(desk, {"CUSTOMER NAME": "VARCHAR(100)"})
    desk.load(order(1), order(2, **{"CUSTOMER NAME": "SUMMERSALT"}))

    summary = desk.prepare(customer_names=names)

    assert (summary.new, summary.refused) == (1, 1)
    (problem,) = summary.problems
    assert (problem.row, problem.column, problem.code) == (2, "CUSTOMER NAME", "customer_too_long")
    assert "100" in problem.message


def test_a_text_that_the_headers_table_does_not_hold_is_refused(desk: Desk):
    desk.sql(f"DROP TABLE {HEADERS}")
    _strict_headers(desk, {"NOTES": "VARCHAR(20)"})
    desk.load(order(1), order(2, NOTES="n" * 21), order(3, NOTES="n" * 20))

    summary = desk.prepare()

    assert (summary.new, summary.refused) == (2, 1)
    (problem,) = summary.problems
    assert (problem.row, problem.column, problem.code) == (2, "NOTES", "value_too_long")
    assert (problem.value, "20" in problem.message) == ("n" * 21, True)


def test_an_empty_cell_where_the_headers_table_wants_a_value_is_refused(desk: Desk):
    desk.sql(f"DROP TABLE {HEADERS}")
    _strict_headers(desk, {"NOTES": "VARCHAR(20) NOT NULL"})
    desk.load(order(1), order(2, NOTES=None))

    summary = desk.prepare()

    assert (summary.new, summary.refused) == (1, 1)
    (problem,) = summary.problems
    assert (problem.row, problem.column, problem.code) == (2, "NOTES", "value_missing")


def test_a_cancelled_order_that_left_both_tables_gets_what_its_columns_want(desk: Desk):
    desk.sql(f"DROP TABLE {HEADERS}")
    _strict_headers(desk, {"NOTES": "VARCHAR(20) NOT NULL"})
    desk.load(order(1), order(2))
    desk.prepare()
    desk.synced()
    desk.prepare()
    desk.retire()
    desk.load(order(1))

    assert desk.prepare().cancelled == 1
    (header,) = desk.rows(HEADERS)
    assert (header["NOTES"], header["action_type"], header["monday_item_id"] is not None) == (
        "",
        "DELETE",
        True,
    )


def _strict_headers(desk: Desk, declared):
    """A headers table with these declarations beside what an engine and a key need."""
    names = {**dict.fromkeys((*KEY, "CUSTOMER NAME"), "VARCHAR(255)"), **declared}
    state = (
        "record_uuid VARCHAR(36), sync_state VARCHAR(20), action_type VARCHAR(20), monday_item_id VARCHAR(40)"
    )
    rest = "sync_error_message VARCHAR(500), retry_count INT, created_at DATETIME, updated_at DATETIME"
    business = ", ".join(f"{desk.quoted(name)} {declaration}" for name, declaration in names.items())
    desk.sql(f"CREATE TABLE {HEADERS} ({state}, {rest}, {business})")


def test_more_problems_than_anybody_reads_are_counted_and_cut(sqlite_desk: Desk):
    rows = [order(number, **{"PO NUMBER": None}) for number in range(MOST_PROBLEMS + 5)]
    sqlite_desk.load(order(9999), *rows)

    summary = sqlite_desk.prepare()

    assert summary.refused == MOST_PROBLEMS + 5
    assert len(summary.problems) == MOST_PROBLEMS


def test_row_numbers_count_in_the_order_of_loading(desk: Desk):
    numbers = [30, 10, 20, 5]
    desk.load(*(order(number, **{"PO NUMBER": None if number == 20 else "4755"}) for number in numbers))

    assert [problem.row for problem in desk.prepare().problems] == [3]


def test_row_numbers_follow_a_number_that_the_table_has(desk: Desk):
    desk.drop(STAGING)
    names = [*KEY, "CUSTOMER NAME", "UNIT OF MEASURE", "XS", "TOTAL QTY"]
    inner = ", ".join(f"{desk.quoted(name)} VARCHAR(100)" for name in names)
    desk.sql(f"CREATE TABLE {STAGING} (line_number INTEGER PRIMARY KEY, {inner})")
    rows = [(7, None), (2, "4755"), (5, "4755")]
    columns = ("line_number", *KEY, "CUSTOMER NAME", "UNIT OF MEASURE", "XS")
    with desk.engine.begin() as connection:
        for place, (number, po) in enumerate(rows):
            row = {**order(place, **{"PO NUMBER": po}), "line_number": number}
            wanted = {name: row[name] for name in columns}
            connection.execute(sa.insert(desk.table(STAGING, columns)), wanted)

    assert [problem.row for problem in desk.prepare().problems] == [3]


# Tables and columns


def problems_of(desk: Desk, **settings):
    with pytest.raises(ConfigurationError) as caught:
        desk.preparation(**settings)
    return caught.value.problems


def test_an_empty_staging_table_is_refused_and_nothing_changes(desk: Desk):
    desk.load(order(1))
    desk.prepare()
    desk.load()
    before = desk.everything()

    with pytest.raises(ConfigurationError) as caught:
        desk.prepare()

    assert caught.value.problem.code == "staging_empty"
    assert "import" in caught.value.problem.remedy
    assert desk.everything() == before


@pytest.mark.parametrize("key", ["staging_table", "headers_table", "lines_table"])
def test_a_missing_table_is_named_with_the_nearest_one(desk: Desk, key):
    (problem,) = problems_of(desk, **{key: "swp_ORDER_LST"})

    assert problem.code == "table_missing"
    assert key in problem.subject
    assert STAGING.casefold() in problem.remedy.casefold()


def test_missing_columns_are_told_all_at_once_with_the_nearest_names(desk: Desk):
    problems = problems_of(
        desk,
        key_columns=("AAG ORDER NUMER",),
        customer_column="CUSTOMER NAMES",
        hash_columns=("NOTE",),
        sizes_after="UNIT OF MEASURES",
        sizes_before="TOTALS QTY",
    )

    assert {problem.code for problem in problems} == {"column_missing"}
    told = "\n".join(map(str, problems))
    for name in ("AAG ORDER NUMBER", "CUSTOMER NAME", "NOTES", "UNIT OF MEASURE", "TOTAL QTY"):
        assert f"Did you mean '{name}'?" in told
    assert "marker sizes_after" in told


def test_markers_in_the_wrong_order_leave_no_sizes(desk: Desk):
    (problem,) = problems_of(desk, sizes_after="TOTAL QTY", sizes_before="UNIT OF MEASURE")

    assert problem.code == "no_size_columns"


def test_an_explicit_list_of_sizes_takes_the_markers_place(desk: Desk):
    desk.load(order(1))

    summary = desk.preparation(size_columns=("XS", "32x34", "XS"), sizes_after="no such column").run()

    assert (summary.new, summary.lines_inserted) == (1, 2)
    assert set(desk.lines()) == {"XS", "32x34"}


def test_an_unknown_column_in_an_explicit_list_is_named(desk: Desk):
    (problem,) = problems_of(desk, size_columns=("XS", "32x43"))

    assert (problem.code, "32x43" in problem.title) == ("column_missing", True)
    assert "size_columns" in problem.subject


def test_a_size_whose_name_no_column_holds_is_named(sqlite_desk: Desk):
    long = "S" * 101
    sqlite_desk.sql(f"ALTER TABLE {STAGING} ADD COLUMN {long} INT")

    (problem,) = problems_of(sqlite_desk, size_columns=("XS", long))

    assert (problem.code, "101" in problem.title) == ("size_name_too_long", True)


def test_engine_columns_of_the_staging_table_are_not_copied(desk: Desk):
    for name in ("sync_state", "CREATED_AT", "row_hash"):
        desk.sql(f"ALTER TABLE {STAGING} ADD {name} VARCHAR(40)")
    desk.load(order(1, sync_state="SYNCED", CREATED_AT="never", row_hash="none"))

    desk.prepare()

    (header,) = desk.rows(HEADERS)
    assert header["sync_state"] == "NEW"
    assert len(header["row_hash"]) == 64
    assert str(header["created_at"]).startswith("2026-11-22 09:00:00")


def test_names_that_differ_in_case_are_the_same_column(desk: Desk):
    desk.drop(STAGING)
    names = [*KEY, "customer name", "notes", "UNIT OF MEASURE", "XS", "TOTAL QTY"]
    desk.create(STAGING, [(name, "NVARCHAR(100)") for name in names])
    row = order(1, sizes={"XS": 1})
    desk.load({name: row.get(name, row.get(name.upper())) for name in names})

    desk.preparation(customer_column="customer name").run()

    (header,) = desk.rows(HEADERS)
    assert (header["CUSTOMER NAME"], header["NOTES"]) == ("GREYSON CLOTHIERS", "as agreed")


def test_names_that_would_end_a_statement_are_only_names(desk: Desk):
    # No backtick: SQLAlchemy reads one of MariaDB's names as two.
    hostile = "x]; DROP TABLE \"a\" -- ':new' %s {0} ?"
    sizes = ["Q? %d", "a:b", "[32]", "3'6\""]
    desk.drop(STAGING)
    columns = [*KEY, "CUSTOMER NAME", hostile, "UNIT OF MEASURE"]
    desk.create(
        STAGING,
        [*((name, "NVARCHAR(100)") for name in columns), *((name, "INT") for name in (*sizes, "TOTAL QTY"))],
    )
    desk.sql(f"ALTER TABLE {HEADERS} ADD {desk.quoted(hostile)} VARCHAR(100)")
    quoted = [desk.quoted(name) for name in (*columns, *sizes)]
    values = ["A", "B", "C", "D", "E", "it's", "EACH", 1, 2, 3, 4]
    shown = ", ".join("'" + str(value).replace("'", "''") + "'" for value in values)
    desk.sql(f"INSERT INTO {STAGING} ({', '.join(quoted)}) VALUES ({shown})")

    summary = desk.prepare()

    assert (summary.new, summary.lines_inserted) == (1, 4)
    assert desk.rows(HEADERS)[0][hostile] == "it's"
    assert {row["size_code"]: row["qty"] for row in desk.rows(LINES)} == dict(
        zip(sizes, (1, 2, 3, 4), strict=True)
    )


def test_a_view_can_be_the_staging_table(desk: Desk):
    desk.load(order(1), order(2))
    desk.sql(f"CREATE VIEW open_orders AS SELECT * FROM {STAGING}")

    assert desk.preparation(staging_table="open_orders").run().new == 2


def test_a_table_in_a_schema_is_found(sqlite_desk: Desk):
    sqlite_desk.load(order(1))

    summary = sqlite_desk.preparation(
        staging_table=f"main.{STAGING}", headers_table=f"main.{HEADERS}", lines_table=f"main.{LINES}"
    ).run()

    assert summary.new == 1


def test_a_dot_in_a_table_s_own_name_names_no_schema(sqlite_desk: Desk):
    sqlite_desk.sql(f'ALTER TABLE {STAGING} RENAME TO "order.list"')
    sqlite_desk.sql(f'ALTER TABLE {HEADERS} RENAME TO "head.ers"')
    columns = tuple(order(1))
    with sqlite_desk.engine.begin() as connection:
        connection.execute(sa.insert(sqlite_desk.table("order.list", columns)), order(1))

    assert sqlite_desk.preparation(staging_table="order.list", headers_table="head.ers").run().new == 1


def test_without_the_application_s_own_tables_it_says_how_to_get_them(tmp_path):
    path = tmp_path / "orders.db"
    path.touch()
    engine = connect(f"sqlite:///{path}")
    with pytest.raises(ConfigurationError) as caught:
        Preparation(engine, SETTINGS, WORDS)
    engine.dispose()

    assert caught.value.problem.code == "own_tables_missing"
    assert schema.present_version(engine) is None
    engine.dispose()


# The file of customer names


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"source,canonical\nA,B\nC\n", "line 3"),
        (b"source,canonical\nA,\n", "line 2"),
        (b"source,canonical\nA,B\n\na,C\n", "line 4"),
        (b"source,canonical\nA,B\nA,\xff\n", "UTF-8"),
        (b"source,canonical\nA," + b"n" * 256 + b"\n", "256"),
    ],
)
def test_a_file_of_names_that_cannot_be_used_changes_nothing(sqlite_desk: Desk, tmp_path, content, told):
    names = tmp_path / "names.csv"
    names.write_bytes(content)
    sqlite_desk.load(order(1))
    before = sqlite_desk.everything()

    with pytest.raises(ConfigurationError) as caught:
        sqlite_desk.prepare(customer_names=names)

    assert caught.value.problem.code == "customer_names_invalid"
    assert told in caught.value.problem.title
    assert caught.value.problem.subject == str(names)
    assert sqlite_desk.everything() == before


def test_a_missing_file_of_names_is_told(sqlite_desk: Desk, tmp_path):
    sqlite_desk.load(order(1))

    with pytest.raises(ConfigurationError) as caught:
        sqlite_desk.prepare(customer_names=tmp_path / "none.csv")

    assert "No such file" in caught.value.problem.title
