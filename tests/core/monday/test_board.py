"""A board's structure from the API's answer."""

import json

import pytest

from core.monday.board import READ_ONLY_TYPES, Board, Column, Label, parse_board
from core.resources import resource_path

ANSWER = {
    "id": 7000000001,
    "name": "Orders",
    "url": "https://example.invalid/boards/7000000001",
    "access_level": "view",
    "items_limit": 10000,
    "hierarchy_type": "multi_level",
    "columns": [
        {"id": "name", "title": "Name", "type": "name", "settings": {}, "archived": False},
        {
            "id": "color",
            "title": "Status",
            "type": "status",
            "settings": {
                "labels": [
                    {"id": 0, "label": "Working on it", "index": 4},
                    {"id": 5, "label": None},
                    {"id": "7", "label": "Done", "is_deactivated": True},
                ]
            },
        },
        {"id": "subtasks", "title": "Subitems", "type": "subtasks", "settings": {"boardIds": [7000000002]}},
        {"id": "old", "title": "Old", "type": "text", "settings": None, "archived": True},
    ],
    "groups": [
        {"id": "a", "title": "ACME", "archived": False, "deleted": False},
        {"id": "b", "title": "ACME"},
        {"id": "c", "title": "Gone", "archived": True},
        {"id": "d", "title": "Deleted", "deleted": True},
    ],
}


@pytest.fixture
def board() -> Board:
    return parse_board(ANSWER)


def test_ids_are_text_and_what_the_answer_says_is_kept(board):
    assert (board.id, board.name, board.access_level) == ("7000000001", "Orders", "view")
    assert (board.items_limit, board.hierarchy_type, board.url) == (10000, "multi_level", ANSWER["url"])


def test_what_an_answer_leaves_out_is_taken_as_usual():
    board = parse_board({"id": "1", "name": "Bare"})
    assert (board.columns, board.groups, board.access_level) == ((), (), "edit")
    assert (board.hierarchy_type, board.items_limit, board.subitems_board_id) == ("classic", None, None)


def test_a_column_is_found_by_its_id(board):
    assert board.column("color").title == "Status"
    assert board.column("missing") is None


def test_labels_have_their_id_text_and_whether_they_are_in_use(board):
    assert board.column("color").labels == (
        Label(0, "Working on it"),
        Label(5, ""),
        Label(7, "Done", active=False),
    )
    assert board.column("color").label_ids == {"Working on it": 0, "": 5}
    assert board.column("old").labels == ()


def test_calculated_and_archived_columns_cannot_be_written(board):
    assert board.column("name").writable
    assert not board.column("old").writable
    assert not any(Column("x", "X", kind).writable for kind in READ_ONLY_TYPES)


def test_archived_and_deleted_groups_do_not_count_and_the_first_of_a_title_does(board):
    assert [group.id for group in board.groups] == ["a", "b"]
    assert board.group("ACME").id == "a"
    assert board.group("Gone") is None


def test_the_subitems_board_is_named_by_the_subitems_column(board):
    assert board.subitems_board_id == "7000000002"
    empty = parse_board({"id": "1", "name": "x", "columns": [{"id": "s", "title": "S", "type": "subtasks"}]})
    assert empty.subitems_board_id is None


def test_the_demo_s_boards_can_be_read():
    fixture = json.loads(resource_path("boards", "orders.json").read_text(encoding="utf-8"))
    items, subitems = (parse_board(each) for each in fixture["boards"])
    assert items.subitems_board_id == subitems.id
