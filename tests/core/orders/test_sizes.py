"""The order of sizes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.orders.sizes import size_key


@pytest.mark.parametrize(
    "sizes",
    [
        ["XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL", "4XL"],
        ["28", "30", "32", "32x30", "32x34", "34"],
        ["2T", "3T", "4T"],
        ["0-3M", "3-6M", "6-12M", "12-18M"],
        ["3/6 MTHS", "6/12 MTHS", "12/18 MTHS"],
        ["S(6-8)", "M(8-10)", "L(10-12)"],
        ["06/XS", "08/S", "10/M", "12/L"],
        ["AB/S", "CD/M", "D/L", "ONE SIZE"],
        ["L", "1X", "2X", "3X"],
    ],
)
def test_that_sizes_are_listed_as_a_person_lists_them(sizes: list[str]) -> None:
    shuffled = sizes[::-1]
    assert sorted(shuffled, key=size_key) == sizes


@given(st.lists(st.text(max_size=20)))
def test_that_any_text_has_its_place(sizes: list[str]) -> None:
    once = sorted(sizes, key=size_key)
    assert all(size_key(one) <= size_key(next_one) for one, next_one in pairwise(once))
