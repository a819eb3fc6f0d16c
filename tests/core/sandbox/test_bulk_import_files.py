"""What a CSV file of a bulk import may hold (docs/importing-items-in-bulk)."""

from dataclasses import replace

import pytest

from core.sandbox.options import BulkSettings
from core.sandbox.testing import running_board
from tests.core.sandbox.importer import ORDERS, Importer, csv_of


@pytest.fixture
def importer(caller) -> Importer:
    return Importer(caller)


def status_of(importer: Importer, file: bytes, **where: str) -> dict:
    """Import a file as it is and return the job's status at its end."""
    job_id, url = importer.start(**where)
    assert importer.put(url, file).status_code == 200
    importer.board.advance(60)
    return importer.status(job_id)


# The file as a whole


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (b"", "The file is empty"),
        (b"name\r\n", "The file has no rows"),
        (b"\xef\xbb\xbfname\r\nA\r\n", "The first column is '\\ufeffname', not 'name'"),
        (b"name;key\r\nA;K\r\n", "The first column is 'name;key', not 'name'"),
        (b"key,name\r\nK,A\r\n", "The first column is 'key', not 'name'"),
        (b"Name,key\r\nA,K\r\n", "The first column is 'Name', not 'name'"),
        (b"name,key\r\nA\r\n", "Row 2 has 1 cells; the header has 2"),
        (b"name,key\r\nA,K,\r\n", "Row 2 has 3 cells; the header has 2"),
        (b"name,key\r\nA,K\r\n\r\nB,L\r\n", "Row 3 has 0 cells; the header has 2"),
        (b"name,key,key\r\nA,K,L\r\n", "The column 'key' is there twice"),
        (b"name,KEY\r\nA,K\r\n", "Board 7000000001 has no column 'KEY'"),
        (b"name,Order key\r\nA,K\r\n", "Board 7000000001 has no column 'Order key'"),
        (b"name,size\r\nA,K\r\n", "Board 7000000001 has no column 'size'"),
        (b"name,size.subitem\r\nA,\r\n", "The file has columns of subitems and no column 'name.subitem'"),
        (b"name,name.subitem,KEY.subitem,key.subitem\r\nA,,,\r\n", "The column 'key.subitem' is there twice"),
        (b"name,name.l2\r\nA,\r\n", "The column 'name.l2' belongs to a multi-level board"),
    ],
)
def test_that_a_file_that_breaks_the_rules_is_rejected(importer, file, message) -> None:
    status = status_of(importer, file)
    assert (status["status"], status["failure_reason"]) == ("REJECTED", "INVALID_UPLOAD")
    assert status["failure_message"] == message
    assert (status["counts"], status["report_created"], status["fully_imported"]) == (None, False, False)
    assert importer.board.items(ORDERS) == []


@pytest.mark.parametrize("file", [b'name\r\n"A\r\n', b'name\r\n"A"B\r\n', b"name\r\n\xe9\r\n"])
def test_that_a_file_that_is_not_csv_in_utf_8_is_rejected(importer, file) -> None:
    status = status_of(importer, file)
    assert (status["status"], status["failure_reason"]) == ("REJECTED", "INVALID_UPLOAD")
    assert status["failure_message"].startswith("The file is not CSV in UTF-8")


def test_that_lines_need_a_board_with_a_subitems_column(importer) -> None:
    status = status_of(importer, b"name,name.subitem\r\nA,\r\n", board_id="7000000005")
    assert status["failure_message"] == "Board 7000000005 has no subitems column"


def test_that_quotes_hold_commas_quotes_and_line_breaks(importer) -> None:
    text = 'one, "two"\nthree ∆'
    assert importer.imported(("name", "key"), ("A, B", text))["fully_imported"]
    (item,) = importer.board.items(ORDERS)
    assert (item["name"], item["column_values"]["key"]) == ("A, B", text)


@pytest.mark.parametrize(("rows", "status"), [(10, "COMPLETED"), (11, "REJECTED")])
def test_that_a_file_has_a_most_of_rows(options, caller_of, rows, status) -> None:
    with running_board(replace(options, bulk=BulkSettings(rows_per_file=10))) as board:
        found = Importer(caller_of(board)).imported(("name",), *((f"A{number}",) for number in range(rows)))
        assert found["status"] == status
        if status == "REJECTED":
            assert found["failure_message"] == "The file has 11 rows; the maximum is 10"


def test_that_the_documented_most_is_10_000_rows_and_150_mb(importer) -> None:
    settings = importer.board.board.options.bulk
    assert (settings.rows_per_file, settings.file_bytes) == (10_000, 150_000_000)
    assert (settings.items_per_hour, settings.starts_per_hour) == (19_000, 100)


@pytest.mark.parametrize(("size", "status"), [(0, "COMPLETED"), (1, "REJECTED")])
def test_that_a_file_has_a_most_of_bytes(options, caller_of, size, status) -> None:
    file = csv_of(("name",), ("A",))
    with running_board(replace(options, bulk=BulkSettings(file_bytes=len(file) - size))) as board:
        found = status_of(Importer(caller_of(board)), file)
        assert found["status"] == status
        assert found["failure_reason"] == ("FILE_TOO_LARGE" if size else None)


# Items and lines


def test_that_capital_letters_make_no_difference_in_a_file_with_subitems(importer) -> None:
    status = importer.imported(
        ("Name", "KEY", "NAME.subitem", "Size.SubItem"), ("A", "K", "", ""), ("", "", "L", "XL")
    )
    assert status["fully_imported"]
    (item,) = importer.board.items(ORDERS)
    assert item["column_values"] == {"key": "K"}
    (line,) = importer.board.subitems(item["id"])
    assert line["column_values"] == {"size": "XL"}


def test_that_each_row_is_an_item_or_a_line_of_the_item_above(importer) -> None:
    status = importer.imported(
        ("name", "key", "name.subitem", "size.subitem"),
        ("", "", "orphan", "S"),
        ("both", "", "both", ""),
        ("", "", "under both", ""),
        ("A", "K", "", "ignored"),
        ("", "ignored", "L", "XL"),
        ("", "K9", " ", "S"),
    )
    counts = status["counts"]
    assert (counts["submitted"], counts["invalid"], counts["skipped"], counts["created"]) == (6, 3, 1, 2)
    assert [(row[0], row[-1]) for row in importer.report(status)[1:]] == [
        ("2", "There is no item row above this subitem"),
        ("3", "The row is an item and a subitem"),
        ("4", "The item in row 3 is invalid"),
        ("7", "The row has no name"),
    ]
    (item,) = importer.board.items(ORDERS)
    assert item["column_values"] == {"key": "K"}
    (line,) = importer.board.subitems(item["id"])
    assert line["column_values"] == {"size": "XL"}


def test_that_an_unknown_column_of_subitems_makes_their_rows_invalid(importer) -> None:
    status = importer.imported(
        ("name", "name.subitem", "hue.subitem"), ("A", "", ""), ("", "L", "red"), ("", "M", "")
    )
    assert (status["counts"]["created"], status["counts"]["invalid"]) == (1, 2)
    assert importer.report(status)[1][-1] == "The subitems board has no column 'hue'"


def test_that_a_name_has_1_to_255_characters(importer) -> None:
    assert importer.problem(("name",), ("A" * 256,)) == (
        "Item name must be between 1 and 255 characters, got 256"
    )
    assert importer.problem(("name", "key"), (" ", "K")) == (
        "Item name must be between 1 and 255 characters, got 0"
    )


def test_that_required_columns_hold(importer) -> None:
    rows = (("name", "must"), ("A", "x"), ("B", ""))
    status = importer.imported(*rows, board_id="7000000003")
    assert (status["counts"]["created"], status["counts"]["invalid"]) == (1, 1)
    assert status["fully_imported"]  # documented: it ignores invalid rows
    assert importer.report(status)[1][-1] == "The values do not meet the board's validation rules"


# Columns


@pytest.mark.parametrize(
    "column_id",
    [
        *("week", "hour", "zone", "rush", "place", "country", "stars", "tags", "after", "color", "files"),
        *("sum", "mirror", "number", "made", "touched", "item_id", "subtasks_1"),
    ],
)
def test_that_a_column_of_another_type_makes_the_rows_invalid(importer, column_id) -> None:
    kind = importer.board.board.read(lambda session: session.board(ORDERS).columns[column_id].type).result()
    assert importer.problem(("name", column_id), ("A", "")) == (
        f"Column {column_id!r} of type {kind} cannot be imported"
    )


@pytest.mark.parametrize(
    ("column_id", "cell", "kept"),
    [
        ("key", " K 1 ", " K 1 "),
        ("notes", "one\ntwo", {"text": "one\ntwo"}),
        ("qty", "12.50", "12.5"),
        ("state", "Done", {"index": 1, "post_id": None}),
        ("season", "SS26, FW26", {"ids": [1, 2]}),
        ("shared", "Only", {"ids": [1]}),
        ("due", "2026-12-01", {"date": "2026-12-01", "time": None, "icon": None}),
        ("window", "2026-12-01/2026-12-31", {"from": "2026-12-01", "to": "2026-12-31"}),
        ("window", "2026-12-01", {"from": "2026-12-01", "to": "2026-12-01"}),
        ("people", "operator@practice.invalid", {"personsAndTeams": [{"id": 5100001, "kind": "person"}]}),
        (
            "people",
            "Second Operator, team:Order desk",
            {"personsAndTeams": [{"id": 5100002, "kind": "person"}, {"id": 6100001, "kind": "team"}]},
        ),
        (
            "people",
            "user:5100001,team:6100001",
            {"personsAndTeams": [{"id": 5100001, "kind": "person"}, {"id": 6100001, "kind": "team"}]},
        ),
        ("email", "a@practice.invalid", {"email": "a@practice.invalid", "text": "a@practice.invalid"}),
        ("email", "Ann <a@practice.invalid>", {"email": "a@practice.invalid", "text": "Ann"}),
        ("link", "https://example.org/a", {"url": "https://example.org/a", "text": "https://example.org/a"}),
        ("link", "[Here](https://example.org)", {"url": "https://example.org", "text": "Here"}),
        ("phone", "+31 20 123 4567", {"phone": "+31201234567", "countryShortName": "NL"}),
    ],
)
def test_that_a_cell_is_kept_as_its_column_keeps_it(importer, column_id, cell, kept) -> None:
    assert importer.imported(("name", column_id), ("A", cell), ("B", " "))["fully_imported"]
    first, second = importer.board.items(ORDERS)
    value = first["column_values"][column_id]
    if isinstance(value, dict):
        value.pop("changed_at")
    assert value == kept
    assert second["column_values"] == {}


@pytest.mark.parametrize(
    ("column_id", "cell", "message"),
    [
        ("qty", "1,5", "takes a number"),
        ("qty", "1e3", "takes a number"),
        ("notes", "x" * 2_001, "Long text is limited to 2000 characters"),
        ("state", "done", "there is no active label 'done'"),
        ("state", "1", "there is no active label '1'"),
        ("state", "Old", "there is no active label 'Old'"),
        ("state", "New", "there is no active label 'New'"),
        ("season", "SS26, Gone", "there is no active label 'Gone'"),
        ("season", "1", "there is no active label '1'"),
        ("one_of", "A, B", "takes at most 1 labels"),
        ("due", "01.12.2026", "is not a date like 2026-11-22"),
        ("due", "2026-02-30", "is not a date like 2026-11-22"),
        ("due", "2026-12-01 09:30:00", "is not a date like 2026-11-22"),
        ("window", "2026-12-31/2026-12-01", "ends before it begins"),
        ("people", "Nobody", "'Nobody' matches 0 active users or teams, not one"),
        ("people", "operator@practice.invalid,Second Operator,team:Order desk", "takes at most 2 people"),
        ("email", "nobody", "is not an e-mail address"),
        ("link", "example.org", "is not an address that begins with http:// or https://"),
        ("phone", "020 123 4567", "is not an international phone number"),
        ("phone", "+31 1", "is not"),
        ("related", "Nothing", "'Nothing' matches 0 items, not one"),
        ("key", "x" * 66_000, "hold at most 65536 bytes"),
    ],
)
def test_that_a_cell_that_does_not_fit_makes_its_row_invalid(importer, column_id, cell, message) -> None:
    assert message in importer.problem(("name", column_id), ("A", cell), ("B", ""))
    assert [item["name"] for item in importer.board.items(ORDERS)] == ["B"]


def test_that_no_label_is_made_by_an_import(importer) -> None:
    before = importer.board.labels(ORDERS, "season")
    importer.problem(("name", "season"), ("A", "SS27"))
    assert importer.board.labels(ORDERS, "season") == before


def test_that_a_connected_item_is_named_by_id_or_by_its_only_name(importer) -> None:
    identifier = importer.caller.make_item("Polo", board_id="7000000003", must="x")
    status = importer.imported(("name", "related"), ("A", "Polo"), ("B", identifier))
    assert status["fully_imported"]
    assert [item["column_values"]["related"]["item_ids"] for item in importer.board.items(ORDERS)] == [
        [int(identifier)]
    ] * 2
    importer.caller.make_item("Polo", board_id="7000000003", must="x")
    assert "'Polo' matches 2 items, not one" in importer.problem(("name", "related"), ("A", "Polo"))
