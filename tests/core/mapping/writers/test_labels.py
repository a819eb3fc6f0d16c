"""Which label a value becomes, and what happens to one that the board does not have."""

import pytest

from core.mapping.writers import Written

LABELS = {
    "labels": [
        {"id": 0, "label": "Working on it", "index": 3},
        {"id": 1, "label": "Done"},
        {"id": 2, "label": "done"},
        {"id": 3, "label": "Stuck", "is_deactivated": True},
        {"id": 4, "label": "32"},
        {"id": 5, "label": None},
        {"id": 6, "label": "Red, blue"},
    ]
}
CREATE = {"on_unknown_label": "create"}
BOTH = pytest.mark.parametrize("column_type", ["status", "dropdown"])


def many(count: int) -> dict[str, object]:
    """Settings of a column with so many labels; none has the id of the empty one."""
    return {"labels": [{"id": 100 + number, "label": f"L{number}"} for number in range(count)]}


@BOTH
@pytest.mark.parametrize("label", ["DONE", "Cut & Sew", "1"])
def test_a_label_is_matched_by_its_exact_text(refused, column_type, label):
    refusal = refused(column_type, label, LABELS)
    assert refusal.code == "label_not_on_board"
    assert str(refusal) == f"The board has no label '{label}' in column Cell"
    assert f"Add the label '{label}'" in refusal.remedy


def test_a_label_goes_by_its_id_whatever_stands_in_its_text(write):
    assert write("status", " Done ", LABELS) == Written({"index": 1}, "Done")
    assert write("dropdown", "Red, blue", LABELS) == Written({"ids": [6]}, "Red, blue")


@BOTH
@pytest.mark.parametrize("keys", [{}, CREATE])
def test_a_deactivated_label_is_neither_chosen_nor_made_a_second_time(refused, column_type, keys):
    refusal = refused(column_type, "Stuck", LABELS, **keys)
    assert refusal.code == "label_deactivated"
    assert "Activate the label 'Stuck'" in refusal.remedy


def test_an_unknown_label_is_created_where_the_rule_says_so(write):
    assert write("status", "Cut & Sew", LABELS, **CREATE) == Written(
        {"label": "Cut & Sew"}, "Cut & Sew", creates_label="Cut & Sew"
    )
    assert write("dropdown", "a, b", LABELS, **CREATE) == Written(
        {"labels": ["a, b"]}, "a, b", creates_label="a, b"
    )


def test_a_known_label_goes_by_its_id_though_others_are_created(write):
    assert write("dropdown", "Done", LABELS, **CREATE) == Written({"ids": [1]}, "Done")
    assert write("status", "32", LABELS, **CREATE) == Written({"index": 4}, "32")


def test_an_unknown_or_deactivated_label_becomes_the_rule_s_stand_in(write):
    keys = {"on_unknown_label": "map", "unknown_label": "done"}
    assert write("status", "Cut & Sew", LABELS, **keys) == Written({"index": 2}, "done")
    assert write("dropdown", "Stuck", LABELS, **keys) == Written({"ids": [2]}, "done")
    assert write("dropdown", "Done", LABELS, **keys) == Written({"ids": [1]}, "Done")


@BOTH
@pytest.mark.parametrize("stand_in", ["Other", "Stuck"])
def test_a_stand_in_that_the_board_does_not_offer_is_refused(refused, column_type, stand_in):
    keys = {"on_unknown_label": "map", "unknown_label": stand_in}
    refusal = refused(column_type, "Cut & Sew", LABELS, **keys)
    assert refusal.code == "stand_in_not_on_board"
    assert f"'{stand_in}'" in str(refusal)


def test_a_status_label_of_more_than_30_characters_is_not_created(write, refused):
    assert write("status", "x" * 30, **CREATE).creates_label == "x" * 30
    assert refused("status", "x" * 31, **CREATE).code == "label_too_long"


def test_a_number_is_not_created_as_a_status_label_since_it_would_be_taken_for_an_id(write, refused):
    assert refused("status", "33", LABELS, **CREATE).code == "label_is_a_number"
    assert write("dropdown", "33", LABELS, **CREATE).json == {"labels": ["33"]}


@pytest.mark.parametrize(("column_type", "limit"), [("status", 39), ("dropdown", 500)])
def test_no_label_is_created_in_a_column_that_is_full(write, refused, column_type, limit):
    assert write(column_type, "new", many(limit - 1), **CREATE).creates_label == "new"
    refusal = refused(column_type, "new", many(limit), **CREATE)
    assert refusal.code == "no_room_for_label"
    assert f"{limit} are the most" in str(refusal)
    assert write(column_type, "L3", many(limit), **CREATE).creates_label is None


def test_the_empty_status_takes_no_room_from_the_others_since_its_colour_is_kept_for_it(write, refused):
    empty = {"id": 5, "label": None}
    nearly = {"labels": [*many(38)["labels"], empty]}
    assert write("status", "new", nearly, **CREATE).creates_label == "new"
    assert refused("status", "new", {"labels": [*many(39)["labels"], empty]}, **CREATE)
