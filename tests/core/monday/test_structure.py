"""Columns as they are made."""

import json
from pathlib import Path

import pytest
from graphql import GraphQLEnumType, build_schema

from core.monday.board import Column
from core.monday.structure import (
    EMPTY_LABEL_COLOR,
    STATUS_COLORS,
    NewColumn,
    NewLabel,
    by_hand,
    creation,
    label_fault,
    may_ask_for,
    new_column_like,
    parse_board_summaries,
)
from core.resources import resource_path


def status(*labels: dict) -> Column:
    return Column("color_unit", "UNIT", "status", {"labels": list(labels)})


def test_the_list_leaves_out_subitems_boards_and_documents():
    entries = [
        {"id": 1, "name": "Orders", "type": "board", "workspace": {"id": "1", "name": "Sales"}},
        {"id": 2, "name": "Subitems of Orders", "type": "sub_items_board", "workspace": None},
        {"id": 3, "name": "Notes", "type": "document"},
        {"id": 4, "name": "Old", "type": None, "workspace": None, "url": None},
    ]
    found = parse_board_summaries(entries)
    assert [(board.id, board.name, board.workspace) for board in found] == [
        ("1", "Orders", "Sales"),
        ("4", "Old", ""),
    ]


@pytest.mark.parametrize("column_id", ["key", "dropdown_customer", "a" * 20, "_"])
def test_short_ids_of_letters_may_be_asked_for(column_id):
    assert may_ask_for(column_id)


@pytest.mark.parametrize("column_id", ["", "a" * 21, "dropdown_mkx1", "Key", "a-b", "é"])
def test_other_ids_are_the_service_s_to_give(column_id):
    assert not may_ask_for(column_id)


def test_the_colours_are_those_of_the_schema():
    schema = build_schema(resource_path("sandbox", "schema.graphql").read_text(encoding="utf-8"))
    colors = schema.type_map["StatusColumnColors"]
    assert isinstance(colors, GraphQLEnumType)
    assert set(STATUS_COLORS.values()) == set(colors.values)


def test_a_copied_status_column_keeps_labels_colours_and_order_but_not_the_inactive():
    model = status(
        {"id": 1, "label": "DONE", "color": "done_green", "index": 1, "is_done": True},
        {"id": 7, "label": "EACH", "color": 7, "index": 0},
        {"id": 2, "label": "OLD", "color": "stuck_red", "index": 2, "is_deactivated": True},
        {"id": 5, "label": "", "color": "explosive", "index": 3},
    )
    mutation = creation("1", new_column_like(model, "color_unit"))
    assert mutation.field == "create_status_column"
    assert mutation.arguments["id"] == "color_unit"
    assert mutation.arguments["defaults"] == {
        "labels": [
            {"label": "EACH", "color": "bright_blue", "index": 0, "is_done": False},
            {"label": "DONE", "color": "done_green", "index": 1, "is_done": True},
        ]
    }


def test_every_status_label_gets_a_colour_of_its_own():
    labels = tuple(NewLabel(f"L{number}", "dark_blue" if number < 2 else None) for number in range(39))
    mutation = creation("1", NewColumn("UNIT", "status", labels=labels))
    colors = [label["color"] for label in mutation.arguments["defaults"]["labels"]]
    assert colors[0] == "dark_blue"
    assert len(set(colors)) == 39
    assert EMPTY_LABEL_COLOR not in colors


def test_a_label_without_a_colour_leaves_the_wanted_ones_to_the_others():
    labels = (NewLabel("A"), NewLabel("B", "working_orange"))
    made = creation("1", NewColumn("UNIT", "status", labels=labels)).arguments["defaults"]["labels"]
    assert [label["color"] for label in made] == ["done_green", "working_orange"]


def test_a_copied_dropdown_keeps_labels_and_limits():
    settings = {
        "labels": [{"id": 2, "label": "S"}, {"id": 1, "label": "M", "is_deactivated": False}],
        "limit_select": True,
        "label_limit_count": 1,
    }
    mutation = creation("1", new_column_like(Column("d", "Size", "dropdown", settings), None))
    assert mutation.field == "create_dropdown_column"
    assert mutation.arguments == {
        "board_id": "1",
        "title": "Size",
        "defaults": {
            "labels": [{"label": "S"}, {"label": "M"}],
            "limit_select": True,
            "label_limit_count": 1,
        },
    }


def test_a_label_column_without_labels_is_made_without_defaults():
    for column_type in ("status", "dropdown"):
        assert "defaults" not in creation("1", NewColumn("A", column_type)).arguments


def test_numbers_keep_their_unit():
    unit = {"symbol": "$", "custom_unit": None, "direction": "left", "precision": 4}
    mutation = creation("1", new_column_like(Column("n", "PRICE", "numbers", {"unit": unit}), None))
    assert mutation.arguments["column_type"] == "numbers"
    assert mutation.arguments["defaults"] == {"unit": {"symbol": "$", "direction": "left", "precision": 4}}


def test_what_only_its_own_board_understands_is_not_copied():
    model = Column("r", "PLANNING", "board_relation", {"boardIds": ["7000000003"]})
    assert "defaults" not in creation("1", new_column_like(model, None)).arguments


@pytest.mark.parametrize("column_type", ["mirror", "formula", "button", "auto_number"])
def test_types_that_the_api_does_not_make_say_what_a_person_does(column_type):
    assert "on the board" in (by_hand(column_type) or "")


def test_a_plain_type_needs_no_hand():
    assert by_hand("text") is None


@pytest.mark.parametrize(
    ("new", "word"),
    [
        (NewColumn("A", "status", labels=(NewLabel("x" * 31),)), "30 characters"),
        (NewColumn("A", "status", labels=tuple(NewLabel(str(n)) for n in range(40))), "40 labels"),
        (NewColumn("A", "dropdown", labels=tuple(NewLabel(str(n)) for n in range(501))), "501 labels"),
    ],
)
def test_labels_beyond_the_limits_are_told(new, word):
    assert word in (label_fault(new) or "")


def test_labels_within_the_limits_are_fine():
    labels = tuple(NewLabel(str(number)) for number in range(39))
    assert label_fault(NewColumn("A", "status", labels=labels)) is None
    assert label_fault(NewColumn("A", "text")) is None


def test_values_of_a_creation_can_be_sent_as_json():
    path = Path(resource_path("boards", "orders.json"))
    for board in json.loads(path.read_text(encoding="utf-8"))["boards"]:
        for entry in board["columns"]:
            column = Column(entry["id"], entry["title"], entry["type"], entry["settings"])
            arguments = creation("1", new_column_like(column, None)).arguments
            assert json.loads(json.dumps(arguments)) == arguments
