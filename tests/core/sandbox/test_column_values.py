"""What each column type accepts, keeps and reads back."""

import json
from pathlib import Path

import pytest

from core.sandbox.clock import SystemClock
from core.sandbox.column_values import COLUMN_TYPES, ReadContext, WriteContext, write_json, write_simple
from core.sandbox.column_values.palette import STATUS_COLORS
from core.sandbox.errors import FieldError
from core.sandbox.fixture import load_fixture
from core.sandbox.state import Store
from core.sandbox.structure import Item

NOW = "2026-11-22T12:00:00Z"
BOARD = "7000000001"
FIXTURE = Path(__file__).with_name("board.json")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("state") / "state.db")
    load_fixture(store, FIXTURE, SystemClock())
    for number, board in ((1, BOARD), (2, "7000000003"), (3, "7000000003")):
        store.add_item(
            Item(number, board, "topics", None, f"item {number}", "active", "5100001", NOW, NOW, 1.0)
        )
    yield store
    store.close()


@pytest.fixture
def context(store):
    def make(column: str, *, create_labels=False, current=None) -> WriteContext:
        return WriteContext(
            store.board(BOARD).columns[column], BOARD, store.account(), store, NOW, current, create_labels
        )

    return make


def read(context: WriteContext, cell) -> tuple:
    kind = COLUMN_TYPES[context.column.type]
    reading = ReadContext(context.column, context.lookup.item(1), context.account)
    return kind.empty_text if cell is None else kind.text(cell, reading), kind.fields(cell, reading)


def without_time(cell):
    return (
        {key: value for key, value in cell.items() if key != "changed_at"} if isinstance(cell, dict) else cell
    )


ACCEPTED = [
    ("key", "abc", "abc", "abc"),
    ("notes", {"text": "line1\nline2"}, {"text": "line1\nline2"}, "line1\nline2"),
    ("notes", "plain", {"text": "plain"}, "plain"),
    ("notes", {"text": "x" * 2000}, {"text": "x" * 2000}, "x" * 2000),
    ("qty", "1234.50", "1234.5", "1234.5"),
    ("qty", "-3", "-3", "-3"),
    ("qty", "", "0", "0"),  # documented: in its JSON form an empty string stores 0
    ("qty", "1000000", "1000000", "1000000"),
    ("state", {"index": 0}, {"index": 0, "post_id": None}, "Working on it"),
    ("state", {"label": "Done"}, {"index": 1, "post_id": None}, "Done"),
    ("state", "Done", {"index": 1, "post_id": None}, "Done"),
    ("state", "1", {"index": 1, "post_id": None}, "Done"),
    ("season", {"ids": [2, 1]}, {"ids": [2, 1]}, "FW26, SS26"),
    ("season", {"ids": ["2"]}, {"ids": [2]}, "FW26"),
    ("season", {"labels": ["SS26"]}, {"ids": [1]}, "SS26"),
    ("season", "SS26,FW26", {"ids": [1, 2]}, "SS26, FW26"),
    ("season", "1,2", {"ids": [1, 2]}, "SS26, FW26"),
    ("due", {"date": "2026-11-22"}, {"date": "2026-11-22", "time": None, "icon": None}, "2026-11-22"),
    (
        "due",
        {"date": "2026-11-22", "time": "09:30:00"},
        {"date": "2026-11-22", "time": "09:30:00", "icon": None},
        "2026-11-22 09:30",
    ),
    (
        "due",
        "2026-11-22 09:30:00",
        {"date": "2026-11-22", "time": "09:30:00", "icon": None},
        "2026-11-22 09:30",
    ),
    (
        "window",
        {"from": "2026-11-01", "to": "2026-11-30"},
        {"from": "2026-11-01", "to": "2026-11-30"},
        "2026-11-01 - 2026-11-30",
    ),
    (
        "week",
        {"week": {"startDate": "2026-11-16", "endDate": "2026-11-22"}},
        {"week": {"startDate": "2026-11-16", "endDate": "2026-11-22"}},
        "2026-11-16 - 2026-11-22",
    ),
    ("hour", {"hour": 16, "minute": 5}, {"hour": 16, "minute": 5}, "16:05"),
    ("zone", {"timezone": "Europe/Amsterdam"}, {"timezone": "Europe/Amsterdam"}, "Amsterdam"),
    ("rush", {"checked": "true"}, {"checked": True}, "v"),
    (
        "people",
        {"personsAndTeams": [{"id": 5100001, "kind": "person"}, {"id": "6100001", "kind": "team"}]},
        {"personsAndTeams": [{"id": 5100001, "kind": "person"}, {"id": 6100001, "kind": "team"}]},
        "Practice Operator, Order desk",
    ),
    (
        "people",
        "5100001,5100002",
        {"personsAndTeams": [{"id": 5100001, "kind": "person"}, {"id": 5100002, "kind": "person"}]},
        "Practice Operator, Second Operator",
    ),
    ("email", {"email": "a@b.nl", "text": "Sales"}, {"email": "a@b.nl", "text": "Sales"}, "Sales"),
    ("email", "a@b.nl Sales desk", {"email": "a@b.nl", "text": "Sales desk"}, "Sales desk"),
    (
        "phone",
        {"phone": "+31 20 1234567", "countryShortName": "NL"},
        {"phone": "+31201234567", "countryShortName": "NL"},
        "+31201234567",
    ),
    ("phone", "+31201234567 NL", {"phone": "+31201234567", "countryShortName": "NL"}, "+31201234567"),
    ("link", {"url": "https://x.nl", "text": ""}, {"url": "https://x.nl", "text": ""}, "https://x.nl"),
    ("link", "https://x.nl Portal", {"url": "https://x.nl", "text": "Portal"}, "Portal - https://x.nl"),
    (
        "place",
        {"lat": "52.37", "lng": "4.89", "address": "Amsterdam"},
        {"lat": 52.37, "lng": 4.89, "address": "Amsterdam"},
        "Amsterdam",
    ),
    ("place", "52.37 -180 Far away", {"lat": 52.37, "lng": -180.0, "address": "Far away"}, "Far away"),
    ("place", {"lat": 1, "lng": 2}, {"lat": 1.0, "lng": 2.0, "address": "unknown"}, "unknown"),
    (
        "country",
        {"countryCode": "NL", "countryName": "Netherlands"},
        {"countryCode": "NL", "countryName": "Netherlands"},
        "Netherlands",
    ),
    ("stars", {"rating": 4}, {"rating": 4}, "4"),
    ("stars", "5", {"rating": 5}, "5"),
    ("tags", {"tag_ids": [295026]}, {"tag_ids": [295026]}, "{'tag_ids': [295026]}"),
    ("related", {"item_ids": [2]}, {"item_ids": [2]}, None),
    ("after", {"item_ids": ["1"]}, {"item_ids": [1]}, None),
    ("color", {"color": {"hex": "#FF5733"}}, {"color": {"hex": "#FF5733"}}, "#FF5733"),
    ("color", {"color": {"r": 0, "g": 128, "b": 255}}, {"color": {"r": 0, "g": 128, "b": 255}}, None),
]


@pytest.mark.parametrize(("column", "value", "kept", "text"), ACCEPTED)
def test_that_a_value_is_kept_and_read_back(context, column, value, kept, text) -> None:
    writing = context(column)
    cell = write_json(value, writing)
    assert without_time(cell) == kept
    assert read(writing, cell)[0] == text


REFUSED = [
    ("key", 5),
    ("key", {"text": "x"}),
    ("notes", {"text": "x" * 2001}),
    ("notes", "x" * 2001),
    ("notes", {"text": 5}),
    ("notes", {}),
    ("qty", "1,234"),
    ("qty", "1e3"),
    ("qty", "12 pcs"),
    ("qty", 12),
    ("state", {"index": 3}),
    ("state", {"index": 7}),  # deactivated
    ("state", {"label": "done"}),  # labels are matched with their case
    ("state", "3"),  # a text of digits is an id
    ("state", {"colour": 1}),
    ("state", {"index": True}),
    ("season", {"ids": [9]}),
    ("season", {"ids": [3]}),  # deactivated
    ("season", {"labels": ["ss26"]}),
    ("season", {"ids": [1], "labels": ["SS26"]}),
    ("season", {"labels": "SS26"}),
    ("season", "1,SS26"),
    ("season", {"labels": [""]}),
    ("one_of", {"ids": [1, 2]}),
    ("due", {"date": "2026-02-30"}),
    ("due", {"date": "22-11-2026"}),
    ("due", {"date": "2026-11-22", "time": "9:30"}),
    ("due", {"date": "2026-11-22", "time": "25:00:00"}),
    ("due", {"day": "2026-11-22"}),
    ("due", "tomorrow"),
    ("window", {"from": "2026-11-30", "to": "2026-11-01"}),
    ("window", {"from": "2026-11-30"}),
    ("window", "2026-11-30"),
    ("week", {"week": {"startDate": "2026-11-15", "endDate": "2026-11-21"}}),  # a Sunday
    ("week", {"week": {"startDate": "2026-11-16", "endDate": "2026-11-21"}}),  # six days
    ("hour", {"hour": 24, "minute": 0}),
    ("hour", {"hour": 1}),
    ("hour", {"hour": "1", "minute": 0}),
    ("zone", {"timezone": "Amsterdam"}),
    ("rush", {"checked": True}),
    ("rush", {}),
    ("people", {"personsAndTeams": [{"id": 1, "kind": "person"}]}),
    ("people", {"personsAndTeams": [{"id": 5100001, "kind": "robot"}]}),
    ("people", {"personsAndTeams": 5100001}),
    ("people", "5100001,5100002,5100001"),  # the column allows two
    ("email", {"email": "a@b.nl"}),
    ("email", {"email": "", "text": "x"}),
    ("email", {"email": 1, "text": "x"}),
    ("phone", {"phone": "call me", "countryShortName": "NL"}),
    ("phone", {"phone": "+31201234567", "countryShortName": "nl"}),
    ("phone", {"phone": "+31201234567", "countryShortName": "US"}),
    ("phone", {"phone": "1234", "countryShortName": "NL"}),
    ("link", {"url": "x.nl", "text": "Portal"}),
    ("link", {"url": "https://x.nl"}),
    ("link", "https://x.nl"),
    ("place", {"lat": "90", "lng": "0"}),
    ("place", {"lat": "0", "lng": "180.1"}),
    ("place", {"lat": "north", "lng": "0"}),
    ("place", {"lat": True, "lng": "0"}),
    ("place", ""),
    ("country", {"countryCode": "NL", "countryName": "Holland"}),
    ("country", {"countryCode": "nl", "countryName": "Netherlands"}),
    ("stars", {"rating": 6}),
    ("stars", {"rating": 0}),
    ("stars", {"rating": 2.5}),
    ("tags", {"tag_ids": [1]}),
    ("tags", {"tag_ids": "295026"}),
    ("related", {"item_ids": [1]}),  # on a board the column is not connected to
    ("related", {"item_ids": [2, 3]}),  # the column links one item
    ("related", {"linkedPulseIds": [2]}),
    ("after", {"item_ids": [2]}),  # on another board
    ("after", {"item_ids": [99]}),
    ("color", {"color": {"hex": "red"}}),
    ("color", {"color": {"r": 0, "g": 0, "b": 256}}),
    ("files", {"ids": [1]}),
    ("sum", "1"),
    ("mirror", "1"),
    ("number", "1"),
    ("made", "2026-11-22"),
    ("item_id", "1"),
]


@pytest.mark.parametrize(("column", "value"), REFUSED)
def test_that_a_value_that_does_not_fit_is_refused_with_the_internal_type(context, column, value) -> None:
    writing = context(column)
    with pytest.raises(FieldError) as caught:
        write_json(value, writing)
    assert caught.value.extensions["code"] == "ColumnValueException"
    kind = COLUMN_TYPES[writing.column.type]
    assert caught.value.extensions["error_data"]["column_type"] == kind.internal_name


def test_that_every_writable_type_has_an_accepted_and_a_refused_example() -> None:
    board = json.loads(FIXTURE.read_text(encoding="utf-8"))["boards"][0]
    types = {column["id"]: column["type"] for column in board["columns"]}
    writable = {name for name, kind in COLUMN_TYPES.items() if kind.write is not None}
    assert {types[column] for column, *_ in REFUSED} >= writable
    assert {types[column] for column, *_ in ACCEPTED} | {"file"} == writable


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *[(column, None) for column, *_ in ACCEPTED],
        ("key", ""),
        ("state", {}),
        ("state", {"index": 5}),
        ("state", {"label": ""}),
        ("season", {"labels": []}),
        ("window", {}),
        ("week", {}),
        ("place", {}),
        ("stars", {}),
        ("tags", {}),
        ("after", {}),
        ("color", {}),
        ("people", {"personsAndTeams": []}),
        ("files", {"clear_all": True}),
    ],
)
def test_that_a_cell_is_emptied(context, column, value) -> None:
    assert write_json(value, context(column)) is None


@pytest.mark.parametrize(
    "column", ["key", "notes", "qty", "state", "season", "due", "email", "phone", "link", "stars"]
)
def test_that_an_empty_simple_string_clears(context, column) -> None:
    assert write_simple("", context(column)) is None


def test_that_an_empty_simple_location_is_an_error(context) -> None:
    with pytest.raises(FieldError):
        write_simple("", context("place"))


@pytest.mark.parametrize(
    "column", ["window", "week", "hour", "zone", "rush", "country", "tags", "related", "after", "color"]
)
def test_that_types_without_a_simple_form_say_so(context, column) -> None:
    with pytest.raises(FieldError) as caught:
        write_simple("x", context(column))
    assert caught.value.extensions["code"] == "CorrectedValueException"


def test_that_false_does_not_uncheck_a_checkbox(context) -> None:
    checked = {"checked": True, "changed_at": NOW}
    assert write_json({"checked": "false"}, context("rush", current=checked)) == checked


def test_that_connected_boards_are_written_among_several_values_only(context) -> None:
    with pytest.raises(FieldError):
        write_json({"item_ids": [2]}, context("related"), among_several=False)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("key", ""),
        ("state", None),
        ("season", None),
        ("color", None),
        ("mirror", None),
        ("related", None),
        ("due", ""),
    ],
)
def test_that_an_empty_cell_reads_as_its_type_documents(context, column, text) -> None:
    assert read(context(column), None)[0] == text


@pytest.mark.parametrize(
    ("column", "value", "fields"),
    [
        ("state", {"index": 1}, {"index": 1, "label": "Done", "is_done": True}),
        ("season", {"ids": [2]}, {"values": [{"id": 2, "label": "FW26"}]}),
        ("qty", "12.5", {"number": 12.5, "symbol": "pcs", "direction": "right"}),
        ("due", {"date": "2026-11-22"}, {"date": "2026-11-22", "time": ""}),
        ("window", {"from": "2026-11-01", "to": "2026-11-30"}, {"from": "2026-11-01T00:00:00+00:00"}),
        ("email", {"email": "a@b.nl", "text": "Sales"}, {"email": "a@b.nl", "label": "Sales"}),
        ("link", {"url": "https://x.nl", "text": "P"}, {"url": "https://x.nl", "url_text": "P"}),
        ("stars", {"rating": 4}, {"rating": 4}),
        ("rush", {"checked": "true"}, {"checked": True}),
        (
            "country",
            {"countryCode": "NL", "countryName": "Netherlands"},
            {"country": {"code": "NL", "name": "Netherlands"}},
        ),
    ],
)
def test_that_a_type_has_its_own_fields(context, column, value, fields) -> None:
    writing = context(column)
    found = read(writing, write_json(value, writing))[1]
    assert {name: found[name] for name in fields} == fields


# Labels


def test_that_a_missing_label_is_an_error_that_lists_the_known_ones(context) -> None:
    with pytest.raises(FieldError, match=r"possible labels are: \{1: SS26, 2: FW26\}"):
        write_json({"labels": ["Resort"]}, context("season"))


@pytest.mark.parametrize(
    ("column", "value", "label"),
    [
        ("season", {"labels": ["Resort"]}, {"id": 4, "label": "Resort", "is_deactivated": False}),
        (
            "state",
            {"label": "Waiting"},
            {
                "id": 2,
                "label": "Waiting",
                "color": "stuck_red",
                "index": 3,
                "is_deactivated": False,
                "is_done": False,
            },
        ),
    ],
)
def test_that_a_missing_label_is_created_on_request(context, column, value, label) -> None:
    writing = context(column, create_labels=True)
    assert label["id"] in write_json(value, writing).get("ids", [label["id"]])
    assert writing.settings["labels"][-1] == label


def test_that_dropdown_labels_differ_by_case(context) -> None:
    writing = context("season", create_labels=True)
    write_json({"labels": ["ss26"]}, writing)
    assert [label["label"] for label in writing.settings["labels"]] == ["SS26", "FW26", "Gone", "ss26"]


def test_that_labels_of_a_managed_column_are_never_created(context) -> None:
    with pytest.raises(FieldError, match="managed column"):
        write_json({"labels": ["Another"]}, context("shared", create_labels=True))


@pytest.mark.parametrize(
    ("column", "most", "value"), [("state", 40, {"label": "One more"}), ("season", 500, "One more")]
)
def test_that_a_column_holds_only_so_many_labels(context, column, most, value) -> None:
    writing = context(column, create_labels=True)
    labels = [{"id": 1_000 + number, "label": f"label {number}"} for number in range(most)]
    writing.settings = {"labels": labels}
    with pytest.raises(FieldError, match=f"already has {most}"):
        write_json(value, writing)


def test_that_a_status_label_is_refused_when_every_colour_but_the_empty_one_is_taken(context) -> None:
    writing = context("state", create_labels=True)
    taken = [number for number in STATUS_COLORS if number != 5]
    writing.settings = {"labels": [{"id": number, "label": f"label {number}"} for number in taken]}
    with pytest.raises(FieldError, match="no colour left"):
        write_json({"label": "One more"}, writing)


def test_that_a_status_label_has_at_most_30_characters(context) -> None:
    with pytest.raises(FieldError, match="at most 30 characters"):
        write_json({"label": "x" * 31}, context("state", create_labels=True))


def test_that_a_date_with_a_time_reads_in_the_users_time_zone(context) -> None:
    writing = context("due")
    cell = write_json({"date": "2026-11-22", "time": "23:30:00"}, writing)
    writing.account = type(writing.account)(
        **{**vars(writing.account), "me": {**writing.account.me, "time_zone_identifier": "Europe/Amsterdam"}}
    )
    text, fields = read(writing, cell)
    assert (text, fields["date"], fields["time"]) == ("2026-11-23 00:30", "2026-11-23", "00:30")
    assert cell["date"] == "2026-11-22"
