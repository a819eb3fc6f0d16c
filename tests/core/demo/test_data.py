import json
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import DateTime, column, create_engine, select, table

from core.demo import data
from core.demo.catalogue import CATEGORIES, SIZE_SCALES, season_of
from core.demo.data import DEFAULT_NOW, DemoRows, DemoTotals, create_orders_database, demo_orders, demo_rows
from core.demo.data_brands import BRANDS, GREYSON
from core.demo.data_orders import spread
from core.demo.data_schema import business_columns, header_columns, line_columns, quoted, size_codes
from core.demo.data_wrong import WRONG_ON_PURPOSE, WrongKind, WrongOnPurpose
from core.mapping.source_values import parse_date, parse_number
from core.mapping.template import render
from core.monday.board import Board, parse_board
from core.resources import resource_path

ITEM_NAME = "{CUSTOMER STYLE} {CUSTOMER COLOUR DESCRIPTION} {AAG ORDER NUMBER}"
LABEL_SOURCES = {
    "ORDER TYPE": "ORDER TYPE",
    "CUSTOMER": "CUSTOMER NAME",
    "AAG SEASON": "AAG SEASON",
    "CUSTOMER SEASON": "CUSTOMER SEASON",
    "DROP": "DROP",
    "STYLE": "CUSTOMER STYLE",
    "COLOR": "CUSTOMER COLOUR DESCRIPTION",
    "CATEGORY": "CATEGORY",
    "UNIT OF MEASURE": "UNIT OF MEASURE",
    "DELIVERY TERMS": "DELIVERY TERMS",
    "HS CODE": "HS CODE",
}
DATE_SOURCES = ("ORDER DATE PO RECEIVED", "ETA CUSTOMER WAREHOUSE DATE", "EX FACTORY DATE")
NUMBER_SOURCES = (
    "CUSTOMER PRICE",
    "EX WORKS (USD)",
    "DESIGN FEE",
    "SURCHARGE FEE",
    "DISCOUNT",
    "FINAL FOB (USD)",
    "US DUTY RATE",
)
NEVER_EMPTY = (
    "AAG ORDER NUMBER",
    "CUSTOMER NAME",
    "AAG SEASON",
    "PO NUMBER",
    "CUSTOMER STYLE",
    "CUSTOMER COLOUR DESCRIPTION",
    "CATEGORY",
    "UNIT OF MEASURE",
    "TOTAL QTY",
    "EX FACTORY DATE",
)


@pytest.fixture(scope="module")
def rows() -> DemoRows:
    return demo_rows()


@pytest.fixture(scope="module")
def boards() -> tuple[Board, Board]:
    fixture = json.loads(resource_path("boards", "orders.json").read_text(encoding="utf-8"))
    items, subitems = (parse_board(board) for board in fixture["boards"])
    return items, subitems


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    create_orders_database(tmp_path / "orders.db")
    with closing(sqlite3.connect(tmp_path / "orders.db")) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def header_faults(header: dict[str, Any], items: Board) -> set[WrongKind]:
    labels = {column.title: column.label_ids for column in items.columns}
    faults = {
        WrongKind.UNKNOWN_LABEL
        for title, source in LABEL_SOURCES.items()
        if title != "STYLE" and header[source] is not None and header[source] not in labels[title]
    }
    faults |= {WrongKind.BAD_DATE for source in DATE_SOURCES if parse_date(header[source]) is None}
    faults |= {WrongKind.MISSING_VALUE for source in NEVER_EMPTY if header[source] is None}
    if len(render(ITEM_NAME, header)) > 255:
        faults.add(WrongKind.NAME_TOO_LONG)
    return faults


def line_faults(line: dict[str, Any], subitems: Board, headers: set[Any]) -> set[WrongKind]:
    sizes = next(column.label_ids for column in subitems.columns if column.title == "Size")
    faults = set()
    if line["size_code"] not in sizes:
        faults.add(WrongKind.UNKNOWN_SIZE)
    if line["record_uuid"] not in headers:
        faults.add(WrongKind.ORPHAN_LINE)
    return faults


def faults_by_key(rows: DemoRows, boards: tuple[Board, Board]) -> dict[Any, set[WrongKind]]:
    items, subitems = boards
    headers = {header["record_uuid"] for header in rows.headers}
    found = {header["record_uuid"]: header_faults(header, items) for header in rows.headers}
    found |= {line["line_uuid"]: line_faults(line, subitems, headers) for line in rows.lines}
    return {key: faults for key, faults in found.items() if faults}


def repaired(rows: DemoRows) -> DemoRows:
    cells = {wrong.key: {wrong.column: wrong.good_value} for wrong in WRONG_ON_PURPOSE}
    return DemoRows(
        tuple(header | cells.get(header["record_uuid"], {}) for header in rows.headers),
        tuple(line | cells.get(line["line_uuid"], {}) for line in rows.lines),
    )


def total_differences(rows: DemoRows) -> dict[Any, int]:
    """AAG ORDER NUMBER -> TOTAL QTY less the pieces on the order's lines, where they differ."""
    pieces: Counter[Any] = Counter()
    for line in rows.lines:
        pieces[line["record_uuid"]] += line["qty"]
    return {
        header["AAG ORDER NUMBER"]: header["TOTAL QTY"] - pieces[header["record_uuid"]]
        for header in rows.headers
        if header["TOTAL QTY"] != pieces[header["record_uuid"]]
    }


def test_greyson_clothiers_has_69_orders_and_317_lines_on_po_4755(rows):
    assert rows.totals.customers["GREYSON CLOTHIERS"] == (69, 317)
    greyson = [header for header in rows.headers if header["CUSTOMER NAME"] == "GREYSON CLOTHIERS"]
    assert {header["PO NUMBER"] for header in greyson} == {"4755"}
    assert not [wrong for wrong in WRONG_ON_PURPOSE if wrong.customer == GREYSON.name]


def test_the_totals_count_every_row_and_the_orphan_line_belongs_to_no_customer(rows):
    totals = rows.totals
    assert totals.orders == len(rows.headers) == sum(brand.orders for brand in BRANDS) >= 400
    assert totals.lines == len(rows.lines) == sum(brand.lines for brand in BRANDS) >= 2000
    assert len(totals.customers) == len(BRANDS) >= 8
    assert sum(orders for orders, _ in totals.customers.values()) == totals.orders
    assert sum(lines for _, lines in totals.customers.values()) == totals.lines - 1


def test_other_seeds_give_other_rows_but_the_same_totals_and_keys(rows):
    other = demo_rows(seed=1)
    assert other != rows
    assert other.totals == rows.totals
    assert {header["record_uuid"] for header in other.headers} == {
        header["record_uuid"] for header in rows.headers
    }


def test_the_same_seed_and_moment_give_identical_rows(rows):
    assert demo_rows() == rows


def test_dates_follow_the_moment_given():
    later = DEFAULT_NOW + timedelta(days=40)
    for now in (DEFAULT_NOW, later):
        created = [str(header["created_at"]) for header in demo_rows(now=now).headers]
        assert max(created) <= now.strftime("%Y-%m-%d %H:%M:%S.%f")
        assert min(created) >= (now - timedelta(days=7)).strftime("%Y-%m-%d %H:%M:%S.%f")


def test_the_moment_is_taken_in_utc_and_needs_a_time_zone(rows):
    elsewhere = DEFAULT_NOW.astimezone(timezone(timedelta(hours=11)))
    assert demo_rows(now=elsewhere) == rows
    with pytest.raises(ValueError, match="time zone"):
        demo_rows(now=datetime(2026, 11, 22))  # noqa: DTZ001  the missing zone is what is tested


def test_records_arrive_new_and_pending_as_inserts(rows):
    assert {(header["sync_state"], header["action_type"]) for header in rows.headers} == {("NEW", "INSERT")}
    assert {(line["sync_state"], line["action_type"]) for line in rows.lines} == {("PENDING", "INSERT")}


def test_rows_have_exactly_the_columns_of_their_table_in_order(rows):
    assert {tuple(header) for header in rows.headers} == {header_columns()}
    assert {tuple(line) for line in rows.lines} == {line_columns()}


def test_headers_have_the_165_business_columns_and_no_size(rows):
    names = [column.name for column in business_columns()]
    assert len(names) == 165
    assert not set(names) & set(size_codes())
    assert all(sum(header[name] is not None for name in names) >= 60 for header in rows.headers)


def test_total_qty_is_the_sum_of_the_lines_but_for_the_order_that_lost_one(rows):
    (orphan,) = (wrong for wrong in WRONG_ON_PURPOSE if wrong.kind is WrongKind.ORPHAN_LINE)
    assert total_differences(rows).keys() == {orphan.order_number}
    assert total_differences(repaired(rows)) == {}


def test_orders_vary_from_one_line_to_more_than_thirty_and_none_passes_100(rows):
    counts = Counter(line["record_uuid"] for line in rows.lines)
    sizes = Counter(counts[header["record_uuid"]] for header in rows.headers)
    assert sizes[0] == 0
    assert sizes[1] > 0
    assert 30 <= max(sizes) <= 100


def test_a_size_stands_once_in_an_order_and_every_quantity_is_positive(rows):
    pairs = [(line["record_uuid"], line["size_code"]) for line in rows.lines]
    assert len(set(pairs)) == len(pairs)
    assert all(line["qty"] > 0 for line in rows.lines)


def test_all_sizes_of_the_catalogue_are_size_columns_of_the_order_list():
    assert {size for scale in SIZE_SCALES.values() for size in scale} <= set(size_codes())


def test_keys_and_order_numbers_are_unique(rows):
    assert len({header["AAG ORDER NUMBER"] for header in rows.headers}) == len(rows.headers)
    keys = [header["record_uuid"] for header in rows.headers] + [line["line_uuid"] for line in rows.lines]
    assert len(set(keys)) == len(keys)


def test_business_values_fit_their_declared_length(rows):
    limits = {
        column.name: int(column.sql_type.removeprefix("NVARCHAR(").rstrip(")"))
        for column in business_columns()
        if column.sql_type.startswith("NVARCHAR")
    }
    overlong = {
        (header["record_uuid"], name)
        for header in rows.headers
        for name, limit in limits.items()
        if isinstance(header[name], str) and len(header[name]) > limit
    }
    assert overlong == {
        (wrong.key, wrong.column) for wrong in WRONG_ON_PURPOSE if wrong.kind is WrongKind.NAME_TOO_LONG
    }


def test_the_only_faults_are_those_wrong_on_purpose(rows, boards):
    assert faults_by_key(rows, boards) == {wrong.key: {wrong.kind} for wrong in WRONG_ON_PURPOSE}
    assert {wrong.kind for wrong in WRONG_ON_PURPOSE} == set(WrongKind)


def test_each_repair_leaves_no_fault(rows, boards):
    assert faults_by_key(repaired(rows), boards) == {}


@pytest.mark.parametrize("seed", [1, 2, 4755])
def test_orders_before_they_are_spoilt_are_valid_for_any_seed(seed, boards):
    orders = demo_orders(seed=seed)
    clean = DemoRows(
        tuple(order.header for order in orders), tuple(line for order in orders for line in order.lines)
    )
    assert faults_by_key(clean, boards) == {}
    assert total_differences(clean) == {}


@pytest.mark.parametrize(
    "wrong",
    [wrong for wrong in WRONG_ON_PURPOSE if wrong.kind not in {WrongKind.BAD_DATE, WrongKind.UNKNOWN_SIZE}],
    ids=lambda wrong: wrong.kind.value,
)
def test_the_repair_restores_what_the_order_had(wrong: WrongOnPurpose):
    orders = demo_orders()
    originals = {order.header["record_uuid"]: order.header for order in orders}
    originals |= {line["line_uuid"]: line for order in orders for line in order.lines}
    assert originals[wrong.key][wrong.column] == wrong.good_value


def test_the_unknown_size_has_a_repair_that_its_order_does_not_have_yet(rows):
    (wrong,) = (wrong for wrong in WRONG_ON_PURPOSE if wrong.kind is WrongKind.UNKNOWN_SIZE)
    (line,) = (line for line in rows.lines if line["line_uuid"] == wrong.key)
    sizes = {other["size_code"] for other in rows.lines if other["record_uuid"] == line["record_uuid"]}
    assert wrong.bad_value in sizes
    assert wrong.good_value not in sizes


def test_the_overlong_name_has_300_characters(rows):
    (wrong,) = (wrong for wrong in WRONG_ON_PURPOSE if wrong.kind is WrongKind.NAME_TOO_LONG)
    (header,) = (header for header in rows.headers if header["record_uuid"] == wrong.key)
    assert len(render(ITEM_NAME, header)) == 300


def test_the_wrong_category_is_not_of_the_catalogue():
    (wrong,) = (wrong for wrong in WRONG_ON_PURPOSE if wrong.kind is WrongKind.UNKNOWN_LABEL)
    assert (wrong.customer, wrong.bad_value) == ("SUMMERSALT", "Cut & Sew")
    assert wrong.bad_value not in CATEGORIES


def test_style_labels_cover_every_style_but_the_overlong_one(rows, boards):
    styles = next(column.label_ids for column in boards[0].columns if column.title == "STYLE")
    missing = {header["record_uuid"] for header in rows.headers if header["CUSTOMER STYLE"] not in styles}
    assert missing == {wrong.key for wrong in WRONG_ON_PURPOSE if wrong.kind is WrongKind.NAME_TOO_LONG}


def test_number_cells_hold_numbers_also_where_the_column_is_text(rows):
    for source in NUMBER_SOURCES:
        values = [header[source] for header in rows.headers if header[source] is not None]
        assert values, source
        assert all(parse_number(value) is not None for value in values), source


def test_the_delivered_price_in_the_usa_is_the_sum_of_its_parts(rows):
    american = [header for header in rows.headers if header["DDP US (USD)"] is not None]
    assert {header["DESTINATION"] for header in american} == {"USA"}
    for header in american:
        parts = ("FINAL FOB (USD)", "FREIGHT", "US DUTY", "US TARIFF")
        assert header["DDP US (USD)"] == pytest.approx(sum(header[part] for part in parts), abs=1e-9)


def test_notes_hold_quotes_line_breaks_and_signs_beyond_latin(rows):
    notes = "".join(header["NOTES"] or "" for header in rows.headers)
    assert all(sign in notes for sign in ('"', "'", "\n", "\t", "\\", "✅", "面料"))
    assert any(header["∆"] for header in rows.headers)


def test_a_season_turns_with_the_day_that_goods_leave_the_factory():
    assert season_of(datetime(2026, 9, 1, tzinfo=UTC).date()) == ("SS", 2027)
    assert season_of(datetime(2027, 2, 28, tzinfo=UTC).date()) == ("SS", 2027)
    assert season_of(datetime(2027, 3, 1, tzinfo=UTC).date()) == ("FW", 2027)
    assert season_of(datetime(2027, 8, 31, tzinfo=UTC).date()) == ("FW", 2027)


@pytest.mark.parametrize("total", [3, 10, 15])
def test_spread_adds_up_within_its_ranges(total):
    ranges = [(1, 4), (1, 4), (1, 7)]
    parts = spread(random.Random(0), total, ranges)
    assert sum(parts) == total
    assert all(low <= part <= high for part, (low, high) in zip(parts, ranges, strict=True))


@pytest.mark.parametrize("total", [2, 16])
def test_spread_refuses_a_total_out_of_reach(total):
    with pytest.raises(ValueError, match="cannot add up"):
        spread(random.Random(0), total, [(1, 4), (1, 4), (1, 7)])


def test_the_database_holds_the_rows_and_the_call_answers_their_totals(tmp_path, rows):
    totals = create_orders_database(tmp_path / "orders.db")
    with closing(sqlite3.connect(tmp_path / "orders.db")) as connection:
        headers = connection.execute('SELECT * FROM "ORDER_LIST_DELTA" ORDER BY rowid').fetchall()
        lines = connection.execute('SELECT * FROM "ORDER_LIST_LINES_DELTA" ORDER BY rowid').fetchall()
    assert totals == rows.totals
    assert isinstance(totals, DemoTotals)
    assert headers == [tuple(header.values()) for header in rows.headers]
    assert lines == [tuple(line.values()) for line in rows.lines]


def test_the_tables_have_their_columns_types_keys_and_indexes(database):
    for name, columns, key in (
        ("ORDER_LIST_DELTA", header_columns(), "record_uuid"),
        ("ORDER_LIST_LINES_DELTA", line_columns(), "line_uuid"),
    ):
        info = database.execute(f"PRAGMA table_info({quoted(name)})").fetchall()
        assert tuple(row["name"] for row in info) == columns
        assert [row["name"] for row in info if row["pk"]] == [key]
    types = {row["name"]: row["type"] for row in database.execute('PRAGMA table_info("ORDER_LIST_DELTA")')}
    assert (types["FINAL FOB (USD)"], types["TOTAL QTY"]) == ("DECIMAL(17,4)", "SMALLINT")
    indexed = {
        (row["tbl_name"], row["sql"].rsplit("(", 1)[1])
        for row in database.execute(
            "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL"
        )
    }
    assert indexed == {
        ("ORDER_LIST_DELTA", '"sync_state")'),
        ("ORDER_LIST_LINES_DELTA", '"sync_state")'),
        ("ORDER_LIST_LINES_DELTA", '"record_uuid")'),
    }


def test_the_database_is_one_file_in_write_ahead_mode(tmp_path):
    create_orders_database(tmp_path / "orders.db")
    assert [path.name for path in tmp_path.iterdir()] == ["orders.db"]
    with closing(sqlite3.connect(tmp_path / "orders.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_sqlalchemy_reads_the_moments_as_datetimes(tmp_path, rows):
    create_orders_database(tmp_path / "orders.db")
    engine = create_engine(f"sqlite:///{tmp_path / 'orders.db'}")
    headers = table("ORDER_LIST_DELTA", column("record_uuid"), column("created_at", DateTime))
    try:
        with engine.connect() as connection:
            read = dict(connection.execute(select(headers)).all())
    finally:
        engine.dispose()
    assert read == {
        header["record_uuid"]: datetime.fromisoformat(str(header["created_at"])) for header in rows.headers
    }


def test_an_existing_file_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "orders.db"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="never writes over"):
        create_orders_database(path)
    assert path.read_text() == "mine"


def test_a_missing_folder_is_said(tmp_path):
    with pytest.raises(FileNotFoundError):
        create_orders_database(tmp_path / "nowhere" / "orders.db")


def test_a_failure_half_way_leaves_nothing_behind(tmp_path, monkeypatch):
    def full_disk(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(data, "_insert", full_disk)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        create_orders_database(tmp_path / "orders.db")
    assert list(tmp_path.iterdir()) == []


def test_an_identifier_with_a_quote_stays_one_identifier(database):
    awkward = 'size "S" / ∆'
    database.execute(f"CREATE TABLE probe ({quoted(awkward)} TEXT)")
    assert [row["name"] for row in database.execute("PRAGMA table_info(probe)")] == [awkward]
