"""Two boards side by side."""

import pytest

from core.config.model import Profile
from core.monday.board import Board, BoardSchema, Column
from core.workspace.board_diff import (
    DifferenceKind,
    diff_boards,
    expected_ids,
    match_columns,
)

NAME = Column("name", "Name", "name")


def schema(*columns: Column, subitems: tuple[Column, ...] | None = ()) -> BoardSchema:
    below = None if subitems is None else Board("2", "Subitems", (NAME, *subitems))
    return BoardSchema(Board("1", "Orders", (NAME, *columns)), below)


def labelled(*labels: str, column_id: str = "unit", column_type: str = "status") -> Column:
    entries = [{"id": number, "label": label} for number, label in enumerate(labels)]
    return Column(column_id, "UNIT", column_type, {"labels": entries})


def told(left: BoardSchema, right: BoardSchema, **ids: str) -> list[tuple[str, str, str]]:
    found = diff_boards(left, right, ids)
    return [(each.side, each.kind.value, each.title) for each in found.differences]


PRICE = Column("price", "PRICE", "numbers")


def test_equal_boards_are_the_same():
    found = diff_boards(schema(PRICE), schema(PRICE))
    assert found.same
    assert found.left == "Orders (1)"


def test_groups_names_and_the_order_of_columns_are_not_compared():
    other = Column("b", "B", "text")
    assert diff_boards(schema(PRICE, other), schema(other, PRICE)).same


@pytest.mark.parametrize(
    ("right", "kind"),
    [
        ((), DifferenceKind.ONLY_LEFT),
        ((Column("price", "PRICE", "text"),), DifferenceKind.TYPE),
        ((Column("price", "Prices", "numbers"),), DifferenceKind.TITLE),
        ((Column("other", "PRICE", "numbers"),), DifferenceKind.ID),
        ((Column("price", "PRICE", "numbers", archived=True),), DifferenceKind.ONLY_LEFT),
    ],
)
def test_a_column_that_differs_is_told_with_what_differs(right, kind):
    assert told(schema(PRICE), schema(*right)) == [("items", kind.value, "PRICE")]


def test_a_column_of_the_right_board_alone_is_told():
    (found,) = diff_boards(schema(), schema(PRICE)).differences
    assert (found.kind, found.left, found.right) == (DifferenceKind.ONLY_RIGHT, "", "numbers, price")


def test_one_title_with_another_id_and_type_is_one_column_that_differs():
    right = Column("price_text", "price", "text")
    assert [kind for _, kind, _ in told(schema(PRICE), schema(right))] == ["type", "id", "title"]


def test_an_id_that_is_meant_to_differ_is_no_difference():
    right = Column("numeric_mkx1", "PRICE", "numbers")
    assert told(schema(PRICE), schema(right), price="numeric_mkx1") == []


def test_the_id_that_is_meant_goes_before_one_that_is_equal_by_chance():
    right = (Column("price", "OLD PRICE", "numbers"), Column("numeric_mkx1", "PRICE", "numbers"))
    assert told(schema(PRICE), schema(*right), price="numeric_mkx1") == [("items", "only_right", "OLD PRICE")]


def test_the_id_of_a_column_that_no_rule_can_name_does_not_matter():
    left, right = (Column(each, "TOTAL", "mirror") for each in ("lookup_a", "lookup_b"))
    assert diff_boards(schema(left), schema(right)).same


def test_labels_that_one_side_lacks_are_named():
    (found,) = diff_boards(schema(labelled("A", "B", "")), schema(labelled("B", "C"))).differences
    assert found.kind is DifferenceKind.LABELS
    assert found.missing_right == ("A",)
    assert found.missing_left == ("C",)
    assert found.right == "lacks A"


def test_labels_of_different_types_are_not_compared():
    right = labelled("C", column_type="dropdown")
    assert told(schema(labelled("A")), schema(right)) == [("items", "type", "UNIT")]


def test_subitems_are_compared_too():
    assert told(schema(subitems=(PRICE,)), schema()) == [("subitems", "only_left", "PRICE")]


def test_a_board_without_subitems_is_told_once():
    assert told(schema(subitems=(PRICE,)), schema(subitems=None)) == [("subitems", "subitems", "")]
    assert told(schema(subitems=None), schema(subitems=None)) == []


def test_of_several_columns_with_one_title_each_is_matched_once():
    left = (Column("a", "PRICE", "numbers"), Column("b", "PRICE", "numbers"))
    right = (Column("c", "PRICE", "numbers"), Column("d", "PRICE", "numbers"))
    pairs = match_columns(schema(*left).items, schema(*right).items)
    assert [(pair.left.id, pair.right.id) for pair in pairs[1:]] == [("a", "c"), ("b", "d")]


# --- Ids that are meant to differ


def profile(desk, **changes: object) -> Profile:
    return desk.configuration.profiles["practice"].model_copy(update=changes)


def test_profiles_of_one_mapping_say_which_ids_differ(desk):
    left = profile(desk, column_ids={"a": "a1", "b": "b1"})
    right = profile(desk, column_ids={"b": "b2", "c": "c2"})
    assert expected_ids(left, right) == {"a1": "a", "b1": "b2", "c": "c2"}
    assert expected_ids(None, right) == {"b": "b2", "c": "c2"}
    assert expected_ids(None, None) == {}


def test_profiles_of_different_mappings_have_nothing_to_say(desk):
    left = profile(desk, column_ids={"a": "a1"}, mapping="other")
    assert expected_ids(left, profile(desk, column_ids={"a": "a2"})) == {}
