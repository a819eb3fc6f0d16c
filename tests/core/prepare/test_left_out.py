"""The row that stands for rows left out says how many, and is known again in its business key."""

import pytest

from core.prepare.left_out import MARK, LeftOutRows, is_stand_in, stand_in_words
from core.prepare.statements import SEPARATOR


def key(last: str, first: str = "") -> str:
    return SEPARATOR.join((first, "", last))


@pytest.mark.parametrize(
    ("room", "words"),
    [(None, f"{MARK}: 12"), (21, f"{MARK}: 12"), (20, MARK), (17, MARK), (9, "ROWS NOT "), (0, "")],
)
def test_a_number_that_would_be_cut_is_left_out(room, words):
    assert stand_in_words(12, room) == words


@pytest.mark.parametrize("last", [f"{MARK}: 12", MARK, "ROWS NOT", "ROWS"])
def test_a_stand_in_is_known_however_narrow_its_column(last):
    assert is_stand_in(key(last))


@pytest.mark.parametrize("row", [key(""), key("ROW"), key("4755"), key("ROWSON"), key("ROWS", "AAG-1"), ""])
def test_another_row_without_a_key_is_no_stand_in(row):
    assert not is_stand_in(row)


@pytest.mark.parametrize(
    ("keys", "rows", "at_least", "message"),
    [
        ([f"{MARK}: 1"], 1, 1, "1 row was left out by the last import"),
        ([f"{MARK}: 1200"], 1200, 1200, "1,200 rows were left out by the last import"),
        ([f"{MARK}: 2", f"{MARK}: 3", "4755"], 5, 5, "5 rows were left out by the last imports"),
        ([f"{MARK}: 2", MARK], None, 2, "Some rows were left out by the last imports"),
    ],
)
def test_the_rows_of_several_imports_are_added_up_where_all_are_known(keys, rows, at_least, message):
    left_out = LeftOutRows.of(key(last) for last in keys)
    assert (left_out.rows, left_out.at_least) == (rows, at_least)
    assert left_out.problem().message == message


def test_where_every_row_was_loaded_none_is_left_out():
    assert LeftOutRows.of([key("4755")]) == LeftOutRows()
    assert LeftOutRows().at_least == 0
