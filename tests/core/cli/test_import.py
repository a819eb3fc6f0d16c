"""`deltadesk import`: what it says, how it ends, and what a preparation makes of it."""

import csv
import json
import sqlite3
from contextlib import closing

import pytest

from core.cli.import_list import NOTES_SHOWN, REFUSALS_SHOWN
from core.demo.staging import create_staged_database
from core.demo.testing import demo_desk

SIZE = "M"
WRONG = ("31/02/2026", "AS ON THE LINE SHEET")
"""Two of the demo's rows hold what no staging table but SQLite's would take."""


@pytest.fixture(scope="session")
def staged_database(tmp_path_factory):
    path = tmp_path_factory.mktemp("staged") / "orders.db"
    create_staged_database(path)
    return path


@pytest.fixture
def desk(tmp_path, staged_database):
    with demo_desk(tmp_path, staged_database) as made:
        yield made


@pytest.fixture
def order_list(desk, tmp_path):
    """Write the staging table's rows as a CSV file, edited; the number of rows may be cut."""

    def write(edit=lambda rows: rows, headings=None):
        with closing(sqlite3.connect(desk.orders)) as connection:
            found = connection.execute('SELECT * FROM "swp_ORDER_LIST" ORDER BY rowid')
            names = [column[0] for column in found.description]
            good = [row for row in found if not any(wrong in str(row).upper() for wrong in WRONG)]
            rows = edit([dict(zip(names, row, strict=True)) for row in good])
        path = tmp_path / "orders.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            sheet = csv.DictWriter(file, headings or names, extrasaction="ignore")
            sheet.writeheader()
            sheet.writerows(rows)
        return path

    return write


def bad(*numbers):
    """Make the quantities of these rows, counted from 0, words."""

    def edit(rows):
        for number in numbers:
            rows[number][SIZE] = "many"
        return rows

    return edit


def staging_rows(desk):
    return desk.rows('SELECT COUNT(*) FROM "swp_ORDER_LIST"')[0][0]


def test_a_good_list_ends_with_0_and_says_what_to_run_next(desk, at_desk, order_list):
    result = at_desk("import", str(order_list(lambda rows: rows[:400])))
    assert result.exit_code == 0
    assert "Rows   400     400         0       469" in result.stdout
    assert "Next: deltadesk prepare --dry-run" in result.stdout
    assert "cancels no order" not in result.stdout
    assert staging_rows(desk) == 400


def test_an_unchanged_list_changes_no_order_but_those_it_lacks(at_desk, order_list):
    assert at_desk("import", str(order_list())).exit_code == 0
    prepared = json.loads(at_desk("prepare", "--json").stdout)
    assert (prepared["unchanged"], prepared["orders_written"], prepared["cancelled"]) == (467, 2, 2)


def test_rejected_cells_are_listed_with_row_column_value_reason_and_remedy(at_desk, order_list):
    result = at_desk("import", str(order_list(bad(0, 7))))
    assert result.exit_code == 1
    assert "2 cells were rejected" in result.stdout
    (line,) = [line for line in result.stdout.splitlines() if line.lstrip().startswith("9  ")]
    assert f"({SIZE})" in line
    assert "many" in line
    assert "is no number" in line
    assert "Write digits" in line
    assert "correct these cells in the file, then import it again" in result.stdout
    assert "cancels no order" in result.stdout


def test_after_a_list_with_rejected_cells_a_preparation_keeps_the_orders_that_are_missing(
    at_desk, order_list
):
    at_desk("import", str(order_list(bad(0))))
    result = at_desk("prepare")
    assert result.exit_code == 1
    assert "Kept: 3 orders are no longer in the order list and are not cancelled" in result.stdout
    prepared = json.loads(at_desk("prepare", "--json").stdout)
    assert (prepared["cancelled"], prepared["withheld"], prepared["unchanged"]) == (0, 3, 466)


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_the_sql_of_a_preparation_that_is_no_dry_run_is_refused_and_nothing_prepared(
    desk, at_desk, order_list, more
):
    at_desk("import", str(order_list()))
    before = desk.rows("SELECT * FROM ORDER_LIST_DELTA")
    result = at_desk("prepare", "--sql", *more)
    assert result.exit_code == 2
    assert "--dry-run" in result.output
    assert desk.rows("SELECT * FROM ORDER_LIST_DELTA") == before


def test_a_dry_run_prints_the_sql_where_that_is_asked_for(at_desk, order_list):
    at_desk("import", str(order_list()))
    assert "INSERT INTO deltadesk_staged" in at_desk("prepare", "--dry-run", "--sql").stdout
    assert "INSERT INTO" not in at_desk("prepare", "--dry-run").stdout


def test_many_rejected_cells_and_notes_are_cut_and_counted(at_desk, order_list, desk):
    names = [row["name"] for row in desk.rows("PRAGMA table_info('swp_ORDER_LIST')")]
    unknown = [f"REMARK {number}" for number in range(NOTES_SHOWN + 2)]
    path = order_list(bad(*range(REFUSALS_SHOWN + 3)), [*names, *unknown])
    shown = at_desk("import", str(path)).stdout
    assert shown.count("is no number") == REFUSALS_SHOWN
    assert "3 more; --json gives up to 53 of them." in shown
    assert "2 more notes are in the output of --json." in shown


def test_the_summary_is_one_json_object(at_desk, order_list):
    result = at_desk("import", str(order_list(bad(3))), "--json")
    summary = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (summary["rows_read"], summary["rows_loaded"], summary["cells_rejected"]) == (467, 466, 1)
    (problem,) = summary["problems"]
    assert (problem["row"], problem["column"], problem["value"]) == (5, SIZE, "many")


def test_append_keeps_what_the_table_holds(desk, at_desk, order_list):
    path = order_list(lambda rows: [rows[0] | {"AAG ORDER NUMBER": "AAG-NEW"}])
    assert at_desk("import", str(path), "--append").exit_code == 0
    assert staging_rows(desk) == 470


def test_a_file_that_is_not_there_ends_with_2(desk, at_desk, tmp_path):
    result = at_desk("import", str(tmp_path / "nowhere.csv"))
    assert result.exit_code == 2
    assert "No such file" in result.stderr
    assert staging_rows(desk) == 469


def test_a_list_without_one_good_row_ends_with_2_and_names_the_cells(desk, at_desk, order_list):
    result = at_desk("import", str(order_list(lambda rows: bad(0, 1)(rows)[:2])))
    assert result.exit_code == 2
    assert "None of the 2 rows can be loaded" in result.stderr
    assert result.stderr.count("'many' is no number") == 2
    assert staging_rows(desk) == 469


def test_a_profile_that_is_not_prepared_here_ends_with_2(tmp_path, invoke, order_list, desk):
    text = desk.configuration_file.read_text(encoding="utf-8")
    kept, before = [], True
    for line in text.splitlines():
        if line.startswith("["):
            before = line.strip() != "[profiles.demo.prepare]"
        if before:
            kept.append(line)
    desk.configuration_file.write_text("\n".join(kept), encoding="utf-8")
    result = invoke(
        "import", str(order_list()), "--config", str(desk.configuration_file), "--profile", "practice"
    )
    assert result.exit_code == 2
    assert "not prepared by DeltaDesk" in result.stderr


def test_a_database_that_cannot_be_written_ends_with_3(desk, at_desk, order_list):
    path = order_list()
    desk.rows(
        "CREATE TRIGGER refuse BEFORE DELETE ON \"swp_ORDER_LIST\" BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    result = at_desk("import", str(path))
    assert result.exit_code == 3
    assert staging_rows(desk) == 469


def test_columns_that_the_file_lacks_are_named(at_desk, order_list):
    path = order_list(headings=["AAG ORDER NUMBER", "PO NUMBER"])
    shown = at_desk("import", str(path)).stdout
    assert "Columns: 2 loaded, 408 not in the file, which stay empty: " in shown
    assert ", …" in shown
