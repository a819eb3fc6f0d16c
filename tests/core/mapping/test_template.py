"""Names and values filled from templates."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mapping.template import Template, render, template_columns

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


# --- Stand-ins

PO = "{CUSTOMER ALT PO|PO NUMBER}"


def test_every_stand_in_is_a_column_that_the_template_names():
    assert template_columns("{A|B C} {A}-{D|A|B C}") == ("A", "B C", "A", "D", "A", "B C")


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"CUSTOMER ALT PO": "ALT-1", "PO NUMBER": "PO-1"}, "ALT-1"),
        ({"CUSTOMER ALT PO": None, "PO NUMBER": "PO-1"}, "PO-1"),
        ({"CUSTOMER ALT PO": " \t", "PO NUMBER": "PO-1"}, "PO-1"),
        ({"PO NUMBER": "PO-1"}, "PO-1"),
        ({"CUSTOMER ALT PO": 0, "PO NUMBER": "PO-1"}, "0"),
        ({"CUSTOMER ALT PO": "", "PO NUMBER": None}, ""),
    ],
)
def test_a_field_is_the_first_of_its_columns_that_is_not_empty(values, name):
    assert render(PO, values) == name
    assert render(f"Order {PO}", values) == (f"Order {name}" if name else "")


@given(st.lists(st.none() | st.text() | st.integers(), min_size=2, max_size=2))
def test_a_stand_in_counts_exactly_where_the_column_alone_would_leave_nothing(values):
    first, second = (render("{A}", {"A": value}) for value in values)
    assert render("{A|B}", {"A": values[0], "B": values[1]}) == (first or second)


# --- Values for a column


@pytest.mark.parametrize("value", [Decimal("1.50"), 7, date(2026, 11, 22), False])
def test_a_template_of_one_field_alone_keeps_a_value_s_type(value):
    assert Template("{A|B}").value({"A": "", "B": value}) is value


def test_a_template_of_one_field_alone_gives_text_on_one_line_and_none_for_nothing():
    assert Template("{A}").value({"A": " a\n b "}) == "a b"
    assert Template("{A}").value({"A": " "}) is None


def test_a_template_of_more_is_text_of_values_as_the_caller_writes_them():
    span = Template("{START}/{END}")
    values = {"START": date(2026, 11, 1), "END": date(2026, 11, 30)}
    assert span.value(values) == "2026-11-01/2026-11-30"
    assert span.value(values, lambda value: f"{value:%d.%m.%Y}") == "01.11.2026/30.11.2026"
    assert span.value({"START": None, "END": " "}) == ""


@given(st.text(st.sampled_from("{}|A ")))
def test_a_malformed_template_is_filled_as_far_as_it_goes(template):
    filled = Template(template).text({"A": "x"})
    assert filled == " ".join(filled.split())
