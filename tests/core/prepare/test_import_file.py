"""Order lists from files into the staging table: what is read, what is refused, and what is told of it."""

import re
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from core.demo.data_schema import source_columns
from core.errors import ConfigurationError
from core.prepare.import_file import ROWS_AT_A_TIME, import_order_list
from core.prepare.import_source import letters, place_of
from core.prepare.import_summary import MOST_NOTES
from tests.core.prepare.desk import KEY, STAGING, Desk, order
from tests.core.prepare.order_lists import HEADINGS, ROW, row_of, write_csv, write_excel


def loaded(desk: Desk):
    return [{name: row[name] for name in HEADINGS} for row in desk.rows(STAGING)]


def load(desk: Desk, path: Path, **options):
    return import_order_list(desk.engine, STAGING, path, **options)


def problems_of(desk: Desk, path: Path):
    before = desk.rows(STAGING)
    with pytest.raises(ConfigurationError) as caught:
        load(desk, path)
    assert desk.rows(STAGING) == before
    return caught.value.problems


# What is read


def test_a_csv_file_is_loaded_and_can_be_prepared(desk: Desk, tmp_path):
    desk.load(order(9))
    path = write_csv(tmp_path / "orders.csv", ROW, row_of(**{"AAG ORDER NUMBER": "AAG-2", "NOTES": "a, b"}))

    summary = load(desk, path)

    assert (summary.rows_read, summary.rows_loaded, summary.rows_rejected) == (2, 2, 0)
    assert (summary.rows_replaced, summary.problems) == (1, ())
    assert summary.form == "CSV, utf-8-sig, delimiter ','"
    first, second = loaded(desk)
    assert (first["AAG ORDER NUMBER"], first["XS"], first["32x34"]) == ("AAG-1", 3, None)
    assert Decimal(str(first["CUSTOMER PRICE"])) == Decimal("12.5")
    assert str(first["EX FACTORY DATE"]).startswith("2027-02-26 00:00:00")
    assert second["NOTES"] == "a, b"
    assert desk.prepare().new == 2


def test_an_excel_file_is_loaded_and_can_be_prepared(desk: Desk, tmp_path):
    excel = row_of(
        **{
            "PO NUMBER": 4755,
            "EX FACTORY DATE": date(2027, 2, 26),
            "CUSTOMER PRICE": 12.5,
            "XS": 3.0,
            "TOTAL QTY": 3,
        }
    )
    path = write_excel(tmp_path / "orders.xlsx", excel)

    summary = load(desk, path)

    assert (summary.rows_loaded, summary.form) == (1, "Excel, sheet Orders")
    (row,) = loaded(desk)
    assert (row["PO NUMBER"], row["XS"], row["TOTAL QTY"]) == ("4755", 3, 3)
    assert str(row["EX FACTORY DATE"]).startswith("2027-02-26 00:00:00")
    assert desk.prepare().new == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_delimiter_and_encoding_are_found(sqlite_desk: Desk, tmp_path, delimiter, encoding):
    path = write_csv(
        tmp_path / "orders.csv", row_of(NOTES="Größe, naïve; café"), delimiter=delimiter, encoding=encoding
    )

    load(sqlite_desk, path)

    assert loaded(sqlite_desk)[0]["NOTES"] == "Größe, naïve; café"


def test_headings_match_whatever_their_case_and_spaces(sqlite_desk: Desk, tmp_path):
    headings = [*HEADINGS]
    headings[0], headings[4], headings[9] = " aag  order number ", "Customer\tName", "32X34"
    path = write_excel(tmp_path / "orders.xlsx", ROW, headings=headings)

    summary = load(sqlite_desk, path)

    assert summary.columns["aag  order number"] == "AAG ORDER NUMBER"
    assert loaded(sqlite_desk)[0]["CUSTOMER NAME"] == "GREYSON"


def test_unknown_headings_are_told_with_the_nearest_name_and_missing_ones_listed(sqlite_desk: Desk, tmp_path):
    headings = ["CUSTOMR STYLE" if name == "CUSTOMER STYLE" else name for name in HEADINGS]
    path = write_csv(tmp_path / "orders.csv", [*ROW, "x"], headings=[*headings, "REMARKS OF NOBODY"])

    summary = load(sqlite_desk, path)

    assert summary.unknown_columns == ("CUSTOMR STYLE", "REMARKS OF NOBODY")
    assert {"CUSTOMER STYLE", "CATEGORY"} <= set(summary.missing_columns)
    first, second = summary.problems
    assert (first.code, first.letter, first.row, first.rejected) == ("column_unknown", "B", 1, False)
    assert "Did you mean 'CUSTOMER STYLE'?" in first.remedy
    assert "Did you mean" not in second.remedy
    assert summary.rows_loaded == 1


def test_titles_and_empty_rows_are_passed_over(sqlite_desk: Desk, tmp_path):
    workbook = Workbook()
    sheet = workbook.active
    sheet["A1"] = "Order list, November"
    sheet.merge_cells("A1:F1")
    for place, heading in enumerate(HEADINGS, start=1):
        sheet.cell(4, place, heading)
    for place, (good, bad) in enumerate(zip(ROW, row_of(XS="many"), strict=True), start=1):
        sheet.cell(6, place, good)
        sheet.cell(9, place, bad)
        sheet.cell(10, place, "  ")
    workbook.save(tmp_path / "orders.xlsx")

    summary = load(sqlite_desk, tmp_path / "orders.xlsx")

    assert (summary.rows_read, summary.rows_loaded) == (2, 1)
    assert [(problem.row, problem.letter) for problem in summary.problems] == [(9, "I")]


def test_the_sheet_with_the_headings_is_taken(sqlite_desk: Desk, tmp_path):
    workbook = Workbook()
    workbook.active.append(["What changed"])
    sheet = workbook.create_sheet("November")
    sheet.append(HEADINGS)
    sheet.append(ROW)
    hidden = workbook.create_sheet("Old")
    hidden.append([*HEADINGS, "CATEGORY"])
    hidden.append([*ROW, "x"])
    hidden.sheet_state = "hidden"
    workbook.save(tmp_path / "orders.xlsx")

    summary = load(sqlite_desk, tmp_path / "orders.xlsx")

    assert (summary.form, summary.problems) == ("Excel, sheet November", ())
    assert len(loaded(sqlite_desk)) == 1


def test_a_second_sheet_with_the_same_headings_is_told(sqlite_desk: Desk, tmp_path):
    workbook = Workbook()
    workbook.active.title = "November"
    for sheet in (workbook.active, workbook.create_sheet("December")):
        sheet.append(HEADINGS)
        sheet.append(ROW)
    workbook.save(tmp_path / "orders.xlsx")

    summary = load(sqlite_desk, tmp_path / "orders.xlsx")

    assert summary.form == "Excel, sheet November"
    (note,) = summary.notes
    assert (note.code, note.value) == ("sheet_left_out", "December")
    assert "only 'November' was imported" in note.message


def test_a_csv_row_over_several_lines_counts_by_its_first_line(sqlite_desk: Desk, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(
        f"{','.join(HEADINGS)}\n"
        + ",".join(f'"{cell}"' for cell in row_of(NOTES="two\nlines"))
        + "\n"
        + ",".join(row_of(XS="many")),
        encoding="utf-8",
    )

    summary = load(sqlite_desk, path)

    assert loaded(sqlite_desk)[0]["NOTES"] == "two\nlines"
    assert summary.problems[0].row == 4


def test_without_replacing_rows_are_added(sqlite_desk: Desk, tmp_path):
    sqlite_desk.load(order(9))

    summary = load(sqlite_desk, write_csv(tmp_path / "orders.csv", ROW), replace=False)

    assert (summary.rows_replaced, len(loaded(sqlite_desk))) == (0, 2)


def test_progress_counts_rows_and_many_are_loaded_in_portions(sqlite_desk: Desk, tmp_path):
    rows = [row_of(**{"AAG ORDER NUMBER": f"AAG-{number}"}) for number in range(ROWS_AT_A_TIME * 2 + 1)]
    told = []

    load(sqlite_desk, write_csv(tmp_path / "orders.csv", *rows), progress=told.append)

    assert told == [ROWS_AT_A_TIME, ROWS_AT_A_TIME * 2, ROWS_AT_A_TIME * 2 + 1]
    assert [row["AAG ORDER NUMBER"] for row in loaded(sqlite_desk)] == [row[0] for row in rows]


def test_the_summary_is_json(sqlite_desk: Desk, tmp_path):
    whole = load(sqlite_desk, write_csv(tmp_path / "orders.csv", ROW, row_of(XS="x"))).to_json()

    assert (whole["rows_loaded"], whole["problems"][0]["code"]) == (1, "not_a_number")


# Cells


@pytest.mark.parametrize(
    ("column", "cell", "stored"),
    [
        ("XS", "12", 12),
        ("XS", " 12 ", 12),
        ("XS", "12.0", 12),
        ("XS", "-3", -3),
        ("TOTAL QTY", "32767", 32767),
        ("CUSTOMER PRICE", "12.50", "12.5"),
        ("CUSTOMER PRICE", ".5", "0.5"),
        ("CUSTOMER PRICE", "12,5", "12.5"),
        ("NOTES", " kept as it is ", " kept as it is "),
        ("NOTES", "007", "007"),
        ("EX FACTORY DATE", "2027-02-26", "2027-02-26 00:00:00"),
        ("EX FACTORY DATE", "2027-02-26T13:05", "2027-02-26 13:05:00"),
        ("EX FACTORY DATE", "2027-02-26 13:05:07", "2027-02-26 13:05:07"),
        ("EX FACTORY DATE", "26.02.2027", "2027-02-26 00:00:00"),
        ("EX FACTORY DATE", "6.2.2027 13:05", "2027-02-06 13:05:00"),
        ("EX FACTORY DATE", "26-Feb-2027", "2027-02-26 00:00:00"),
        ("EX FACTORY DATE", "26 February 2027", "2027-02-26 00:00:00"),
    ],
)
def test_a_cell_of_a_csv_file_is_stored_as_its_column_wants_it(desk: Desk, tmp_path, column, cell, stored):
    summary = load(desk, write_csv(tmp_path / "orders.csv", row_of(**{column: cell})))

    assert summary.problems == ()
    found = loaded(desk)[0][column]
    assert (
        found
        if isinstance(stored, int)
        else str(found).rstrip("0" if column == "CUSTOMER PRICE" else "")[: len(stored)]
    ) == stored


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("XS", "twelve", "not_a_number"),
        ("XS", "1,200", "not_a_number"),
        ("XS", "1_200", "not_a_number"),
        ("XS", "١٢", "not_a_number"),
        ("XS", "1e3", "not_a_number"),
        ("XS", "2.5", "not_whole"),
        ("XS", "2147483648", "out_of_range"),
        ("TOTAL QTY", "32768", "out_of_range"),
        ("CUSTOMER PRICE", "1,250", "not_a_number"),
        ("CUSTOMER PRICE", "1.250,00", "not_a_number"),
        ("XS", "2,5", "not_whole"),
        ("CUSTOMER PRICE", "NaN", "not_a_number"),
        ("CUSTOMER PRICE", "12345678901234567890", "out_of_range"),
        ("CUSTOMER PRICE", "€ 12", "not_a_number"),
        ("EX FACTORY DATE", "31/12/2026", "not_a_date"),
        ("EX FACTORY DATE", "03/04/2026", "not_a_date"),
        ("EX FACTORY DATE", "31.02.2026", "not_a_date"),
        ("EX FACTORY DATE", "2026-13-01", "not_a_date"),
        ("EX FACTORY DATE", "46000", "not_a_date"),
        ("EX FACTORY DATE", "2026-11-22T09:00:00+01:00", "not_a_date"),
        ("EX FACTORY DATE", "soon", "not_a_date"),
        ("NOTES", "#REF!", "cell_error"),
    ],
)
def test_a_cell_that_its_column_cannot_hold_leaves_its_row_out(
    sqlite_desk: Desk, tmp_path, column, cell, code
):
    path = write_csv(tmp_path / "orders.csv", row_of(**{column: cell}), ROW, delimiter=";")

    summary = load(sqlite_desk, path)

    assert (summary.rows_loaded, summary.rows_rejected) == (1, 1)
    (problem,) = summary.problems
    assert (problem.code, problem.row, problem.column, problem.value) == (code, 2, column, cell)
    assert problem.letter == letters(HEADINGS.index(column))
    assert problem.rejected
    assert cell in problem.message
    assert f"column {problem.letter} ({column})" in problem.message
    assert "the row is left out" in problem.message
    assert problem.remedy.endswith("then import again.")


def test_every_bad_cell_of_a_row_is_told(sqlite_desk: Desk, tmp_path):
    summary = load(sqlite_desk, write_csv(tmp_path / "orders.csv", row_of(XS="x", NOTES="n" * 1001), ROW))

    assert summary.rows_rejected == 1
    assert {(problem.column, problem.code) for problem in summary.problems} <= {
        ("XS", "not_a_number"),
        ("NOTES", "value_too_long"),
    }
    assert len(summary.problems) == 2
    assert max(len(problem.value) for problem in summary.problems) == 100


@pytest.mark.parametrize(
    ("column", "cell", "stored"),
    [
        ("EX FACTORY DATE", 46079, "2026-02-26 00:00:00"),
        ("EX FACTORY DATE", 46079.75, "2026-02-26 18:00:00"),
        ("EX FACTORY DATE", 1, "1900-01-01 00:00:00"),
        ("EX FACTORY DATE", 61, "1900-03-01 00:00:00"),
        ("EX FACTORY DATE", date(2026, 2, 26), "2026-02-26 00:00:00"),
        ("CUSTOMER PRICE", 0.1 + 0.2, "0.3"),
        ("NOTES", 4755, "4755"),
        ("NOTES", 4755.0, "4755"),
        ("NOTES", 0.1, "0.1"),
        ("NOTES", True, "TRUE"),
        ("NOTES", date(2026, 11, 22), "2026-11-22"),
    ],
)
def test_a_cell_of_an_excel_file_is_stored_as_its_column_wants_it(
    sqlite_desk: Desk, tmp_path, column, cell, stored
):
    summary = load(sqlite_desk, write_excel(tmp_path / "orders.xlsx", row_of(**{column: cell})))

    assert summary.problems == ()
    assert str(loaded(sqlite_desk)[0][column]) == stored


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("XS", True, "not_a_number"),
        ("XS", date(2026, 2, 26), "not_a_number"),
        ("EX FACTORY DATE", -5, "not_a_date"),
        ("EX FACTORY DATE", 20261122, "not_a_date"),
        ("EX FACTORY DATE", True, "not_a_date"),
        ("NOTES", "#N/A", "cell_error"),
    ],
)
def test_a_cell_of_an_excel_file_can_be_refused(sqlite_desk: Desk, tmp_path, column, cell, code):
    summary = load(sqlite_desk, write_excel(tmp_path / "orders.xlsx", row_of(**{column: cell}), ROW))

    assert [(problem.code, problem.row) for problem in summary.problems] == [(code, 2)]


def test_the_year_1904_is_day_0_where_the_file_says_so(sqlite_desk: Desk, tmp_path):
    workbook = Workbook()
    workbook.epoch = CALENDAR_MAC_1904
    workbook.active.append(HEADINGS)
    workbook.active.append(row_of(**{"EX FACTORY DATE": 44617}))
    workbook.save(tmp_path / "orders.xlsx")

    load(sqlite_desk, tmp_path / "orders.xlsx")

    assert str(loaded(sqlite_desk)[0]["EX FACTORY DATE"]) == "2026-02-26 00:00:00"


def test_a_price_with_more_digits_than_are_stored_is_rounded_and_told(sqlite_desk: Desk, tmp_path):
    summary = load(sqlite_desk, write_csv(tmp_path / "orders.csv", row_of(**{"CUSTOMER PRICE": "3.33335"})))

    assert (summary.rows_loaded, summary.rows_rejected, summary.cells_rounded) == (1, 0, 1)
    (problem,) = summary.problems
    assert (problem.code, problem.rejected) == ("value_rounded", False)
    assert "3.33335 is stored as 3.3334" in problem.message
    assert loaded(sqlite_desk)[0]["CUSTOMER PRICE"] == 3.3334


def test_a_column_that_wants_a_value_refuses_an_empty_cell(sqlite_desk: Desk, tmp_path):
    sqlite_desk.drop(STAGING)
    sqlite_desk.sql(f'CREATE TABLE {STAGING} ("PO NUMBER" NVARCHAR(20) NOT NULL, "NOTES" TEXT, odd BLOB)')
    path = write_csv(tmp_path / "orders.csv", ["", "a"], ["1", "b"], headings=["PO NUMBER", "NOTES"])

    summary = load(sqlite_desk, path)

    assert (summary.rows_loaded, summary.problems[0].code) == (1, "value_missing")
    assert "the cell is empty" in summary.problems[0].message
    path = write_csv(tmp_path / "orders.csv", ["b"], headings=["NOTES"])
    assert "PO NUMBER" in problems_of(sqlite_desk, path)[0].title


def test_a_column_that_the_database_fills_itself_is_neither_wanted_nor_taken(sqlite_desk: Desk, tmp_path):
    sqlite_desk.drop(STAGING)
    sqlite_desk.sql(
        f'CREATE TABLE {STAGING} (id INTEGER PRIMARY KEY NOT NULL, "PO NUMBER" TEXT, "TOTAL QTY" INT,'
        ' double INT GENERATED ALWAYS AS ("TOTAL QTY" * 2))'
    )
    path = write_csv(
        tmp_path / "orders.csv", ["P1", "2", "7", "9"], headings=["PO NUMBER", "TOTAL QTY", "ID", "DOUBLE"]
    )

    summary = load(sqlite_desk, path)

    assert sqlite_desk.rows(STAGING) == [{"id": 1, "PO NUMBER": "P1", "TOTAL QTY": 2, "double": 4}]
    assert [(note.code, note.letter) for note in summary.notes] == [
        ("column_generated", "C"),
        ("column_generated", "D"),
    ]
    assert summary.unknown_columns == ()


def test_an_empty_cell_is_refused_where_the_column_has_a_default_and_takes_no_null(
    sqlite_desk: Desk, tmp_path
):
    sqlite_desk.drop(STAGING)
    sqlite_desk.sql(f"""CREATE TABLE {STAGING} ("PO NUMBER" TEXT, "NOTES" TEXT NOT NULL DEFAULT 'none')""")
    headings = ["PO NUMBER", "NOTES"]
    path = write_csv(tmp_path / "orders.csv", ["1", "a"], ["2", ""], headings=headings)

    summary = load(sqlite_desk, path)

    assert [(problem.row, problem.code) for problem in summary.problems] == [(3, "value_missing")]
    load(sqlite_desk, write_csv(tmp_path / "orders.csv", ["1"], headings=headings[:1]))
    assert sqlite_desk.rows(STAGING) == [{"PO NUMBER": "1", "NOTES": "none"}]


def test_rejected_cells_are_told_however_many_notes_there_are(sqlite_desk: Desk, tmp_path):
    rows = [row_of(**{"CUSTOMER PRICE": "3.33335"}) for _ in range(MOST_NOTES + 5)]
    path = write_csv(tmp_path / "orders.csv", *rows, row_of(XS="x"))

    summary = load(sqlite_desk, path)

    assert (summary.cells_rounded, len(summary.notes)) == (MOST_NOTES + 5, MOST_NOTES)
    assert [problem.row for problem in summary.refusals] == [MOST_NOTES + 7]


def test_rejected_cells_beyond_what_is_told_are_counted(sqlite_desk: Desk, tmp_path, monkeypatch):
    monkeypatch.setattr("core.prepare.import_summary.MOST_REFUSALS", 3)
    path = write_csv(tmp_path / "orders.csv", ROW, *(row_of(XS="x") for _ in range(5)))

    summary = load(sqlite_desk, path)

    assert (summary.cells_rejected, len(summary.refusals)) == (5, 3)


# What is left out is not cancelled


def test_while_a_row_is_left_out_no_order_is_cancelled(desk: Desk, tmp_path):
    rows = [row_of(**{"AAG ORDER NUMBER": f"AAG-{number}"}) for number in range(3)]
    load(desk, write_csv(tmp_path / "orders.csv", *rows), key_columns=KEY)
    desk.prepare()
    bad = row_of(**{"AAG ORDER NUMBER": "AAG-1", "XS": "many"})

    summary = load(desk, write_csv(tmp_path / "orders.csv", rows[0], bad), key_columns=KEY)
    prepared = desk.prepare()

    assert (summary.rows_loaded, summary.rows_rejected, summary.cancellations_withheld) == (1, 1, True)
    assert (prepared.cancelled, prepared.withheld, prepared.unchanged) == (0, 2, 1)
    left_out, *kept = prepared.problems
    assert (left_out.code, left_out.row, left_out.key) == ("rows_not_imported", 0, "the last import")
    assert left_out.message == "1 row was left out by the last import"
    assert left_out.remedy == "Correct it in the file, then import the file again."
    assert {problem.code for problem in kept} == {"cancellation_withheld"}
    assert all("a row that the import left out may be it" in problem.message for problem in kept)
    assert all("then import the file again" in problem.remedy for problem in kept)
    assert (prepared.staging_rows, prepared.refused) == (1, 1)
    assert not load(desk, write_csv(tmp_path / "orders.csv", rows[0]), key_columns=KEY).cancellations_withheld
    assert desk.prepare().cancelled == 2


def left_out_of(desk: Desk, **settings):
    """What a dry run says of rows that are left out, and how many it counts."""
    prepared = desk.preparation(**settings).run(dry_run=True)
    told = [(problem.message, problem.remedy) for problem in prepared.problems]
    return told, prepared.staging_rows, prepared.refused


def test_rows_that_several_imports_left_out_are_told_as_one(desk: Desk, tmp_path):
    good, bad = row_of(), row_of(**{"AAG ORDER NUMBER": "AAG-B", "XS": "many"})
    load(desk, write_csv(tmp_path / "first.csv", good, bad, bad), key_columns=KEY)
    other = row_of(**{"AAG ORDER NUMBER": "AAG-C"})
    load(desk, write_csv(tmp_path / "second.csv", other, bad), key_columns=KEY, replace=False)

    told, rows, refused = left_out_of(desk)

    assert told == [
        (
            "3 rows were left out by the last imports",
            "Correct them in the files, then import the files again.",
        )
    ]
    assert (rows, refused) == (2, 3)


def test_rows_without_a_key_are_told_beside_those_that_an_import_left_out(desk: Desk, tmp_path):
    nameless = row_of(**{"AAG ORDER NUMBER": "AAG-B", "PO NUMBER": ""})
    load(desk, write_csv(tmp_path / "orders.csv", row_of(), nameless, row_of(XS="many")), key_columns=KEY)

    told, rows, refused = left_out_of(desk)

    assert [message for message, _ in told] == [
        "1 row was left out by the last import",
        "Row 2 has no key without PO NUMBER",
    ]
    assert (rows, refused) == (2, 2)


@pytest.mark.parametrize("width", [20, 8])
def test_a_key_column_without_room_for_the_number_of_rows_tells_no_wrong_one(
    sqlite_desk: Desk, tmp_path, width
):
    sqlite_desk.drop(STAGING)
    types = {column.name: column.sql_type for column in source_columns()} | {KEY[-1]: f"NVARCHAR({width})"}
    sqlite_desk.create(STAGING, list(types.items()))
    bad = [row_of(XS="many")] * 12
    load(sqlite_desk, write_csv(tmp_path / "orders.csv", ROW, *bad), key_columns=KEY)

    told, rows, refused = left_out_of(sqlite_desk)

    assert sqlite_desk.rows(STAGING)[1]["PO NUMBER"] == "ROWS NOT IMPORTED"[:width]
    assert told == [
        (
            "Some rows were left out by the last import",
            "Correct them in the file, then import the file again.",
        )
    ]
    assert (rows, refused) == (1, 1)


def test_where_no_key_column_takes_words_the_row_without_a_key_says_what_it_may_stand_for(
    sqlite_desk: Desk, tmp_path
):
    load(sqlite_desk, write_csv(tmp_path / "orders.csv", ROW, row_of(XS="many")), key_columns=KEY[:1])

    (problem,) = sqlite_desk.preparation(key_columns=KEY[:1]).run(dry_run=True).problems

    assert problem.code == "key_missing"
    assert "If the last import left rows out, this row stands for them" in problem.remedy


def test_the_row_that_stands_for_others_fits_columns_that_take_no_null(sqlite_desk: Desk, tmp_path):
    sqlite_desk.drop(STAGING)
    sqlite_desk.sql(
        f'CREATE TABLE {STAGING} ("AAG ORDER NUMBER" TEXT NOT NULL, "PO NUMBER" NVARCHAR(8) NOT NULL,'
        ' "EX FACTORY DATE" DATETIME NOT NULL, "XS" INT NOT NULL)'
    )
    headings = ["AAG ORDER NUMBER", "PO NUMBER", "EX FACTORY DATE", "XS"]
    good, bad = ["1", "P", "2027-01-02", "3"], ["2", "P", "2027-01-02", "x"]

    load(
        sqlite_desk,
        write_csv(tmp_path / "orders.csv", good, bad, headings=headings),
        key_columns=("AAG ORDER NUMBER", "PO NUMBER"),
    )

    assert list(sqlite_desk.rows(STAGING)[1].values()) == ["", "ROWS NOT", "1900-01-01 00:00:00", 0]


def test_a_row_with_a_value_beyond_the_headings_is_left_out(sqlite_desk: Desk, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(
        f"{','.join(HEADINGS)}\n{','.join(ROW)},stray\n{','.join(ROW)},,\n{','.join(ROW[:9])}\n",
        encoding="utf-8",
    )

    summary = load(sqlite_desk, path)

    assert (summary.rows_loaded, summary.rows_rejected) == (2, 1)
    (problem,) = summary.problems
    assert (problem.code, problem.row, problem.letter, problem.value) == ("beyond_headings", 2, "L", "stray")
    assert loaded(sqlite_desk)[1]["TOTAL QTY"] is None


# Files that cannot be used


def test_headings_for_the_same_column_are_told_with_their_letters(sqlite_desk: Desk, tmp_path):
    headings = [*HEADINGS[:-1], "po  number"]

    (problem,) = problems_of(sqlite_desk, write_csv(tmp_path / "orders.csv", ROW, headings=headings))

    assert problem.code == "heading_twice"
    assert "D ('PO NUMBER') and K ('po  number') are both 'PO NUMBER'" in problem.title


def test_merged_heading_cells_are_told_with_their_columns(sqlite_desk: Desk, tmp_path):
    workbook = Workbook()
    sheet = workbook.active
    sheet.append(HEADINGS)
    sheet.append(ROW)
    sheet.merge_cells("F1:H1")
    workbook.save(tmp_path / "orders.xlsx")

    (problem,) = problems_of(sqlite_desk, tmp_path / "orders.xlsx")

    assert problem.code == "import_file_unusable"
    assert "row 2 has values in column G, H, which has no heading in row 1" in problem.title
    assert "merged heading cells" in problem.remedy


def test_a_file_without_any_known_heading_says_what_was_found(sqlite_desk: Desk, tmp_path):
    (problem,) = problems_of(
        sqlite_desk, write_csv(tmp_path / "orders.csv", ["1", "2"], headings=["Colour", "Size"])
    )

    assert "no row has headings" in problem.title
    assert "'Colour', 'Size'" in problem.title
    assert "AAG ORDER NUMBER" in problem.remedy


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is empty"),
        (b"\r\n \r\n", "it has no rows"),
        (b"PO NUMBER,NOTES\r\n", "no rows below its heading"),
        (b"PO NUMBER,NOTES\r\n1,ok\r\n2,a\x81b\r\n", "line 3, byte 4 (0x81)"),
        ("PO NUMBER,NOTES\r\n1,é\r\n".encode() + b"2,\xe9\r\n", "line 3, byte 3 (0xE9)"),
        (b'PO NUMBER,NOTES\r\n1,ok\r\n2,"a"b\r\n', "line 3 is broken"),
        (b'PO NUMBER,NOTES\r\n1,"never closed\r\n2,b\r\n', "line 2 is broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old form, or has a password"),
        (b"PK\x03\x04 no archive", "no Excel file that can be opened"),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(sqlite_desk: Desk, tmp_path, content, told):
    sqlite_desk.load(order(9))
    path = tmp_path / "orders.csv"
    path.write_bytes(content)

    (problem,) = problems_of(sqlite_desk, path)

    assert told in problem.title
    assert problem.subject == str(path)
    assert problem.remedy


def test_a_file_that_is_not_there_is_told(sqlite_desk: Desk, tmp_path):
    (problem,) = problems_of(sqlite_desk, tmp_path / "orders.csv")

    assert "No such file" in problem.title


def edit_sheet(path: Path, edit):
    """The same workbook with another first sheet."""
    edited = path.with_name(f"edited-{path.name}")
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(edited, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            copy.writestr(name, edit(content) if "sheet1" in name else content)
    return edited


def test_a_damaged_sheet_is_told(sqlite_desk: Desk, tmp_path):
    path = write_excel(tmp_path / "orders.xlsx", ROW)

    (problem,) = problems_of(sqlite_desk, edit_sheet(path, lambda xml: xml[: len(xml) // 2]))

    assert "sheet Orders is damaged" in problem.title


@pytest.mark.parametrize("block", [64, 1 << 20])
def test_a_formula_that_was_never_calculated_is_told_wherever_it_stands(
    sqlite_desk: Desk, tmp_path, monkeypatch, block
):
    monkeypatch.setattr("core.prepare.import_source._BLOCK", block)
    path = write_excel(tmp_path / "orders.xlsx", *([ROW] * 70), row_of(XS="=1+2"))

    (problem,) = problems_of(sqlite_desk, path)

    assert "cell I72 holds a formula" in problem.title
    assert "Open the file in Excel" in problem.remedy


def test_a_formula_in_a_column_that_is_not_loaded_does_not_matter(sqlite_desk: Desk, tmp_path):
    path = write_excel(tmp_path / "orders.xlsx", [*ROW, "=1+2"], headings=[*HEADINGS, "OUR CHECK"])

    assert load(sqlite_desk, path).rows_loaded == 1


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ('<c r="I2"><f>1+2</f><v>3</v></c>', 3),
        ('<c r="I2" t="str"><f>IF(A1="","",1)</f><v></v></c>', None),
        ('<c r="I2" t="str"><f>""</f></c>', None),
        ('<c r="I2"><f t="shared" si="0"/><v>4</v></c>', 4),
    ],
)
def test_a_calculated_formula_is_its_result_and_may_be_empty(sqlite_desk: Desk, tmp_path, cell, stored):
    path = write_excel(tmp_path / "orders.xlsx", row_of(XS="=1+2"))
    edited = edit_sheet(path, lambda xml: re.sub(rb'<c r="I2".*?</c>', cell.encode(), xml))

    load(sqlite_desk, edited)

    assert loaded(sqlite_desk)[0]["XS"] == stored


def test_a_file_without_one_good_row_changes_nothing_and_says_why(sqlite_desk: Desk, tmp_path):
    sqlite_desk.load(order(9))
    path = write_csv(tmp_path / "orders.csv", *(row_of(XS="x") for _ in range(30)))

    first, *others = problems_of(sqlite_desk, path)

    assert (first.code, "None of the 30 rows" in first.title) == ("import_no_good_row", True)
    assert len(others) == 20
    assert others[0].subject == "row 2"


def test_a_missing_staging_table_is_told(sqlite_desk: Desk, tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        import_order_list(sqlite_desk.engine, "swp_ORDERS", write_csv(tmp_path / "orders.csv", ROW))

    assert caught.value.problem.code == "table_missing"
    assert STAGING in caught.value.problem.remedy


def test_columns_have_excel_s_letters():
    assert [place_of(letters(place)) for place in range(800)] == list(range(800))
    assert [letters(place) for place in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]
