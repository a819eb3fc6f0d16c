import csv
import json
import re
from typing import Any

import pytest

from core.demo.board_fixture import board_fixture, board_fixture_text
from core.demo.data_schema import size_codes
from core.mapping.writers import writable_types
from core.monday.board import Board, parse_board
from core.resources import resource_path

STATUS_LABEL_LENGTH = 30
STATUS_LABELS = 40
DROPDOWN_LABELS = 500
"""Documented limits of one column: reference/status, and the service's page on limits."""


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    return json.loads(resource_path("boards", "orders.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def boards(stored) -> tuple[Board, Board]:
    items, subitems = (parse_board(board) for board in stored["boards"])
    return items, subitems


def field_columns(board: str) -> list[tuple[str, str]]:
    with resource_path("orders", "board_columns.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["title"], row["type"]) for row in rows if row["board"] == board]


def test_the_stored_file_is_what_the_generator_writes():
    text = resource_path("boards", "orders.json").read_text(encoding="utf-8")
    assert text == board_fixture_text(), "run: python -m core.demo.board_fixture"


def test_two_calls_share_no_mutable_part():
    first = board_fixture()
    for column in first["boards"][0]["columns"]:
        column["settings"].clear()
    assert board_fixture() != first


def test_the_items_board_has_the_84_field_columns_in_order_first_and_the_key_column_last(boards):
    columns = [(column.title, column.type) for column in boards[0].columns]
    assert columns[:84] == field_columns("items")
    assert columns[-1] == ("Record UUID", "text")
    assert boards[0].columns[-1].id == "record_uuid"


def test_the_items_board_has_every_writable_type_and_one_column_of_each_that_the_field_columns_lack(boards):
    types = [column.type for column in boards[0].columns]
    assert writable_types() <= set(types)
    added = types[84:-1]
    assert sorted(added) == sorted(writable_types() - {kind for _, kind in field_columns("items")})


def test_the_subitems_board_has_the_11_field_columns_in_order_and_the_key_column_last(boards):
    columns = [(column.title, column.type) for column in boards[1].columns]
    assert len(columns) == 11 + 1
    assert columns == [*field_columns("subitems"), ("Line UUID", "text")]
    assert boards[1].columns[-1].id == "line_uuid"


def test_column_ids_are_unique_and_of_the_services_characters(boards):
    for board in boards:
        ids = [column.id for column in board.columns]
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,39}", identifier) for identifier in ids)


def test_the_subitems_column_leads_to_the_subitems_board(stored, boards):
    assert boards[0].subitems_board_id == boards[1].id
    assert stored["boards"][1]["subitems_of"] == boards[0].id


def test_labels_keep_to_the_documented_limits(boards):
    for column in (column for board in boards for column in board.columns if column.labels):
        texts = [label.text for label in column.labels]
        ids = [label.id for label in column.labels]
        assert len(set(texts)) == len(texts), column.title
        assert len(set(ids)) == len(ids), column.title
        assert all(texts), column.title
        if column.type == "status":
            assert len(texts) <= STATUS_LABELS
            assert max(map(len, texts)) <= STATUS_LABEL_LENGTH
        else:
            assert len(texts) <= DROPDOWN_LABELS


def test_every_status_and_dropdown_column_has_labels(boards):
    for column in (column for board in boards for column in board.columns):
        assert bool(column.labels) == (column.type in {"status", "dropdown"}), column.title


def test_no_status_label_takes_the_id_of_the_empty_label(boards):
    for column in (column for board in boards for column in board.columns if column.type == "status"):
        assert 5 not in column.label_ids.values(), column.title


def test_the_size_dropdown_has_every_size_of_the_order_list(boards):
    size = boards[1].column("dropdown_size")
    assert size is not None
    assert tuple(label.text for label in size.labels) == size_codes()
    assert len(size_codes()) == 245


def test_mirrors_and_formulas_name_columns_that_exist(boards):
    items, subitems = boards
    for column in items.columns:
        if column.type == "formula":
            named = re.findall(r"\{(\w+)\}", column.settings["formula"])
            assert named, column.title
            assert all(items.column(identifier) for identifier in named), column.title
        if column.type == "mirror":
            (relation,) = column.settings["relation_column"]
            assert items.column(relation) is not None, column.title
            (linked,) = column.settings["displayed_linked_columns"]
            if linked["board_id"] == subitems.id:
                assert all(subitems.column(identifier) for identifier in linked["column_ids"]), column.title


def test_the_user_is_nobody_in_particular(stored):
    assert stored["me"]["name"] == "Practice operator"
    assert stored["me"]["email"].endswith("@example.com")
