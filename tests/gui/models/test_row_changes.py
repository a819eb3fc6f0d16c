from hypothesis import given
from hypothesis import strategies as st

from gui.models.row_changes import Inserted, Removed, row_changes


def carried_out(old: list[str], new: list[str]) -> list[str]:
    rows = list(old)
    for change in row_changes(old, new):
        match change:
            case Removed(first, last):
                del rows[first : last + 1]
            case Inserted(first, last):
                rows[first:first] = new[first : last + 1]
    return rows


keys = st.lists(st.sampled_from("abcdefghij"), unique=True)


@given(keys, keys)
def test_that_the_changes_turn_the_old_rows_into_the_new_ones(old: list[str], new: list[str]) -> None:
    assert carried_out(old, new) == new


@given(keys)
def test_that_equal_lists_need_no_change(rows: list[str]) -> None:
    assert list(row_changes(rows, rows)) == []


def test_that_neighbours_are_removed_and_inserted_in_one_stretch() -> None:
    assert list(row_changes(list("abcde"), list("aexyz"))) == [Removed(1, 3), Inserted(2, 4)]


def test_that_rows_between_removed_ones_stay() -> None:
    assert list(row_changes(list("abcde"), list("bd"))) == [Removed(4, 4), Removed(2, 2), Removed(0, 0)]
