"""A value is on the board the same, whether a mutation wrote it or a bulk import's file."""

import csv
import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.config.model import ColumnMapping
from core.mapping.bulk_cells import RELATED_ITEMS, bulk_cell
from core.mapping.writers import RefusedValueError, writer_for
from core.monday.board import Column
from core.sandbox.bulk_cells import IMPORTABLE, READERS
from core.sandbox.clock import SystemClock
from core.sandbox.column_values import WriteContext, write_json
from core.sandbox.fixture import load_fixture
from core.sandbox.state import Store
from core.sandbox.structure import Item

NOW = "2026-11-22T12:00:00Z"
BOARD = "7000000001"
FIXTURE = Path(__file__).parents[1] / "sandbox" / "board.json"
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t\r"), max_size=40)
DAYS = st.dates().map(str)
VALUES: dict[str, st.SearchStrategy[str]] = {
    "text": WORDS,
    "long_text": WORDS,
    "numbers": st.decimals(-(10**9), 10**9, places=2).map(str),
    "date": st.one_of(DAYS, st.datetimes().map(str)),
    "timeline": st.one_of(DAYS, st.tuples(DAYS, DAYS).map("/".join)),
    "status": st.sampled_from(["Working on it", "Done", "Stuck", "Gone", ""]),
    "dropdown": st.sampled_from(["SS26", "FW26", "Gone", "A, B"]),
    "email": st.one_of(WORDS.map("a@example.com {}".format), st.just("a@example.com")),
    "link": st.one_of(WORDS.map("https://example.com/a {}".format), st.just("http://example.com/?a=(b)")),
    "phone": st.sampled_from(["+31201234567", "020 123 4567 NL", "+1 650 253 0000", "+44 1481 960194"]),
    "people": st.sampled_from(["5100002", "5100002,team:6100001", "team:6100001"]),
    "board_relation": st.sampled_from(["2", "2,3"]),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A practice board's state: a column of each type, and items to connect."""
    made = Store(tmp_path_factory.mktemp("state") / "state.db")
    load_fixture(made, FIXTURE, SystemClock())
    for number, board in ((1, BOARD), (2, "7000000003"), (3, "7000000003")):
        made.add_item(
            Item(number, board, "topics", None, f"item {number}", "active", "5100001", NOW, NOW, 1.0)
        )
    yield made
    made.close()


def column_of(store: Store, column_type: str) -> Column:
    found = next(each for each in store.board(BOARD).columns.values() if each.type == column_type)
    return Column(found.id, found.title, found.type, json.loads(json.dumps(found.settings)))


def kept(store: Store, column: Column, value: Any) -> Any:
    """The cell that the board keeps for a value of `column_values`."""
    own = store.board(BOARD).columns[column.id]
    cell = write_json(value, WriteContext(own, BOARD, store.account(), store, NOW, None, False))
    if isinstance(cell, dict):
        return {key: each for key, each in cell.items() if key != "changed_at"}
    return cell


def read_from_file(store: Store, column: Column, text: str) -> Any:
    """What an import makes of a cell that went through a CSV file."""
    file = io.StringIO(newline="")
    csv.writer(file).writerow(["a name", text])
    file.seek(0)
    ((_, cell),) = csv.reader(file, strict=True)
    session: Any = SimpleNamespace(account=store.account(), store=store)
    return READERS[column.type](cell, store.board(BOARD).columns[column.id], session)


def test_every_type_that_an_import_takes_has_a_form_here():
    assert set(VALUES) == IMPORTABLE


@pytest.mark.parametrize("column_type", sorted(VALUES))
@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_both_ways_leave_the_same_cell(store: Store, column_type: str, data: st.DataObject):
    column = column_of(store, column_type)
    writer = writer_for(column_type)
    assert writer is not None
    source = data.draw(VALUES[column_type])
    assume(source.strip())
    rule = ColumnMapping(source="a", column=column.id, type=column_type)
    try:
        value = writer(source, column, rule).json
    except RefusedValueError:
        assume(False)
    cell = bulk_cell(value, column)
    assume(cell is not None)
    assert kept(store, column, read_from_file(store, column, cell or "")) == kept(store, column, value)


@pytest.mark.parametrize(
    ("column_type", "value", "cell"),
    [
        ("text", 'one, "two"\nthree', 'one, "two"\nthree'),
        ("long_text", {"text": "a\nb"}, "a\nb"),
        ("numbers", "-1234.5", "-1234.5"),
        ("date", {"date": "2026-12-01"}, "2026-12-01"),
        ("timeline", {"from": "2026-12-01", "to": "2026-12-05"}, "2026-12-01/2026-12-05"),
        ("status", {"index": 1}, "Done"),
        ("dropdown", {"ids": [2]}, "FW26"),
        ("email", {"email": "a@b.nl", "text": "a@b.nl"}, "a@b.nl"),
        ("email", {"email": "a@b.nl", "text": "An Other"}, "An Other <a@b.nl>"),
        ("link", {"url": "https://a.nl/x", "text": "https://a.nl/x"}, "https://a.nl/x"),
        ("link", {"url": "https://a.nl/x", "text": "the page"}, "[the page](https://a.nl/x)"),
        ("phone", {"phone": "+31201234567", "countryShortName": "NL"}, "+31201234567"),
        (
            "people",
            {"personsAndTeams": [{"id": 5, "kind": "person"}, {"id": 7, "kind": "team"}]},
            "user:5,team:7",
        ),
        ("board_relation", {"item_ids": [2, 3]}, "2,3"),
        ("text", None, ""),
    ],
)
def test_a_value_has_the_guides_form(store: Store, column_type: str, value: Any, cell: str):
    assert bulk_cell(value, column_of(store, column_type)) == cell


@pytest.mark.parametrize(
    ("column_type", "value"),
    [
        ("text", " blanks "),
        ("text", "<NULL>"),
        ("text", "a\r\nb"),
        ("date", {"date": "2026-12-01", "time": "10:00:00"}),
        ("status", None),
        ("status", {"label": "a new one"}),
        ("status", {"index": 99}),
        ("dropdown", {"labels": ["a new one"]}),
        ("email", {"email": "a@b.nl", "text": "A <b>"}),
        ("link", {"url": "https://a.nl/(x)", "text": "x"}),
        ("link", {"url": "https://a.nl/x", "text": "a [b]"}),
        ("phone", {"phone": "+441481960194", "countryShortName": "GB"}),
        ("board_relation", {"item_ids": list(range(1, RELATED_ITEMS + 2))}),
        ("checkbox", {"checked": "true"}),
    ],
)
def test_what_a_file_cannot_say_for_certain_has_no_cell(store: Store, column_type: str, value: Any):
    assert bulk_cell(value, column_of(store, column_type)) is None
