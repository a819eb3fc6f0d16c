"""What the board holds beside what was written into it: the API's own JSON is another one."""

from typing import Any

import pytest

from core.monday.board import Board, Column
from core.sync.board_items import BoardCell, BoardItem
from core.sync.unchanged import SentRecord, changes, is_same, subitem_changes

STAMP = {"changed_at": "2026-11-22T09:00:00Z"}
SAME: list[tuple[Any, BoardCell]] = [
    ("PO-001", BoardCell("PO-001", "PO-001")),
    ("two  blanks ", BoardCell("two blanks", "two blanks")),
    (None, BoardCell("", None)),
    (None, BoardCell("", {"text": ""})),
    ({"text": "one\ntwo"}, BoardCell("one\ntwo", {"text": "one\ntwo", **STAMP})),
    ({"index": 1}, BoardCell("DONE", {"index": 1, "post_id": None, **STAMP})),
    ({"label": "NEW ONE"}, BoardCell("NEW ONE", {"index": 7, **STAMP})),
    ({"ids": [3]}, BoardCell("M", {"ids": [3], **STAMP})),
    ({"labels": ["NEW ONE"]}, BoardCell("NEW ONE", {"ids": [9]})),
    ({"date": "2026-12-01"}, BoardCell("2026-12-01", {"date": "2026-12-01", "time": None, "icon": None})),
    ({"checked": "true"}, BoardCell("v", {"checked": True, **STAMP})),
    ({"item_ids": [11, 12]}, BoardCell("", None, frozenset({"12", "11"}))),
    ({"rating": 4}, BoardCell("4", {"rating": "4"})),
    ({"lat": "52.37", "lng": "4.89"}, BoardCell("unknown", {"lat": 52.37, "lng": 4.89})),
    ({"phone": "+31201234567"}, BoardCell("31201234567", {"phone": "31201234567"})),
    ({"color": {"hex": "#FF5733"}}, BoardCell("#ff5733", {"color": {"hex": "#ff5733"}})),
    (
        {"personsAndTeams": [{"id": 1, "kind": "person"}, {"id": 2, "kind": "team"}]},
        BoardCell("A, B", {"personsAndTeams": [{"id": 2, "kind": "team"}, {"id": 1, "kind": "person"}]}),
    ),
]
CHANGED: list[tuple[Any, BoardCell]] = [
    ("PO-001", BoardCell("PO-002", "PO-002")),
    ("007", BoardCell("7", "7")),
    ("PO-001", BoardCell("po-001", "po-001")),
    ("PO-001", BoardCell("", None)),
    (None, BoardCell("typed", "typed")),
    ({"index": 1}, BoardCell("", None)),
    ({"label": "NEW ONE"}, BoardCell("OTHER", {"index": 2})),
    ({"ids": [3]}, BoardCell("M, L", {"ids": [3, 4]})),
    ({"date": "2026-12-01"}, BoardCell("2026-12-01 09:00", {"date": "2026-12-01", "time": "09:00:00"})),
    ({"item_ids": [11]}, BoardCell("", None, frozenset({"11", "12"}))),
    ({"rating": 4}, BoardCell("5", {"rating": 5})),
    ({"url": "https://a.example", "text": "a"}, BoardCell("a", "no object")),
]


@pytest.mark.parametrize(("written", "cell"), SAME)
def test_a_value_is_recognised_in_the_form_in_which_the_board_answers_it(written, cell):
    assert is_same(written, cell)


@pytest.mark.parametrize(("written", "cell"), CHANGED)
def test_another_value_is_a_change_and_so_is_one_that_cannot_be_compared(written, cell):
    assert not is_same(written, cell)


def test_a_number_is_the_same_however_many_zeros_it_is_written_with():
    assert is_same("12.50", BoardCell("12.5", "12.5"), is_number=True)
    assert not is_same("12.50", BoardCell("12.51", "12.51"), is_number=True)


BOARD = Board("100", "Orders", (Column("due", "Due", "date"), Column("quantity", "Quantity", "numbers")))


def item(item_id: str = "1", name: str = "POLO", group: str = "g", **cells: BoardCell) -> BoardItem:
    return BoardItem(item_id, name, True, "100", group, cells, has_updates=False)


def test_changes_are_named_by_the_titles_of_their_columns():
    sent = SentRecord("1", "POLO", {"due": {"date": "2026-12-01"}, "quantity": "5", "gone": "x"})
    found = item(name="SHIRT", group="other", quantity=BoardCell("5.0", "5.0"))
    assert list(changes(sent, found, BOARD, "g")) == ["its name", "its group", "Due", "gone"]


def test_an_item_on_another_board_is_not_compared_any_further():
    moved = BoardItem("1", "SHIRT", True, "200", "x", {}, has_updates=True)
    assert list(changes(SentRecord("1", "POLO", {"due": "x"}), moved, BOARD, "g")) == ["its board"]


def test_subitems_are_compared_by_number_and_one_by_one():
    sent = [SentRecord("1", "S", {"quantity": "5"}), SentRecord("2", "M", {})]
    found = [item("1", "S", quantity=BoardCell("6", "6")), item("3", "XL")]
    assert list(subitem_changes(sent, found, BOARD)) == [
        "1 further subitem",
        "1 subitem gone",
        "Quantity of subitem S",
    ]
