"""Names filled from templates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mapping.template import render, template_columns

NAME = "{STYLE} {COLOUR} {ORDER}"


def test_a_template_names_its_columns_in_order_with_repetitions():
    assert template_columns("{B}-{A} {B}") == ("B", "A", "B")
    assert template_columns("no column") == ()


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"STYLE": "MR01", "COLOUR": "BLUE", "ORDER": "AAG-1"}, "MR01 BLUE AAG-1"),
        ({"STYLE": "MR01", "COLOUR": None, "ORDER": "AAG-1"}, "MR01 AAG-1"),
        ({"STYLE": "MR01", "COLOUR": "  ", "ORDER": None}, "MR01"),
        ({"STYLE": " MR01\n", "COLOUR": "SKY\tBLUE", "ORDER": 12.50}, "MR01 SKY BLUE 12.5"),
        ({}, ""),
        ({"STYLE": "", "COLOUR": " ", "ORDER": None}, ""),
    ],
)
def test_empty_values_leave_no_gap_and_line_breaks_become_spaces(values, name):
    assert render(NAME, values) == name


def test_what_stands_between_the_columns_names_nothing_by_itself():
    assert render("{STYLE}_{COLOUR}", {"STYLE": None, "COLOUR": " "}) == ""
    assert render("{STYLE}_{COLOUR}", {"STYLE": "MR01", "COLOUR": None}) == "MR01_"
    assert render("Order {ORDER}", {}) == ""
    assert render("Orders", {}) == "Orders"


def test_a_value_that_looks_like_a_column_is_not_filled_again():
    assert render("{A}", {"A": "{B}", "B": "x"}) == "{B}"


@pytest.mark.parametrize("column", ["CUSTOMER'S", 'ALIAS "B"', "100%", "∆", "[32]", "EX WORKS (USD)", "A/B"])
def test_a_column_may_have_any_name_but_braces(column):
    assert template_columns(f"{{{column}}}") == (column,)
    assert render(f"{{{column}}}!", {column: "x"}) == "x!"


@given(st.lists(st.none() | st.text() | st.integers(), min_size=3, max_size=3))
def test_a_name_is_one_line_without_blanks_at_its_ends(values):
    name = render(NAME, dict(zip(template_columns(NAME), values, strict=True)))
    assert name == " ".join(name.split())
