"""What sample values look like."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.mapping.value_kinds import fit_of, guess_type
from core.monday.board import Column

GOOD_AND_BAD = {
    "board_relation": ("8000000001, 8000000002", "Order 17"),
    "checkbox": ("Yes", "maybe"),
    "date": ("2026-11-22", "20261122"),
    "email": ("sales@example.com Sales", "sales at example"),
    "hour": ("4:05 PM", "16.05"),
    "link": ("https://example.com/a Portal", "example.com"),
    "location": ("52.37 4.89 Amsterdam", "Amsterdam"),
    "numbers": ("-12.5", "12,5"),
    "people": ("123, team:7", "Ann"),
    "phone": ("+31 20 123 45 67 NL", "call me"),
    "rating": ("4", "4.5"),
    "tags": ("1,2", "red"),
    "timeline": ("2026-11-01/2026-11-30", "2026-11-01"),
    "week": ("2026-11-22", "week 47"),
}


@pytest.mark.parametrize("column_type", GOOD_AND_BAD)
def test_a_type_takes_values_of_its_form(column_type):
    good, bad = GOOD_AND_BAD[column_type]
    column = Column("c", "C", column_type)
    assert fit_of([good], column).share == 1.0
    assert fit_of([bad], column).share == 0.0
    assert fit_of([good, bad], column).share == 0.5


@pytest.mark.parametrize("column_type", ["text", "long_text", "country"])
def test_a_type_that_takes_any_text_says_nothing_of_its_values(column_type):
    fit = fit_of(["anything", 1], Column("c", "C", column_type))
    assert (fit.share, fit.words) == (1.0, "")


def test_labels_are_compared_without_letter_case_and_blanks():
    settings = {"labels": [{"id": 1, "label": "EACH"}, {"id": 2, "label": "OLD", "is_deactivated": True}]}
    fit = fit_of([" each ", "OLD"], Column("c", "C", "status", settings))
    assert fit.decides
    assert fit.words == "1 of 2 sample values are labels of the column"


@pytest.mark.parametrize(
    ("values", "column_type"),
    [
        ([], "text"),
        ([True, False], "checkbox"),
        ([date(2026, 11, 22), "2026-11-23"], "date"),
        ([datetime(2026, 11, 22, 16, 5, tzinfo=UTC)], "date"),
        (["1.5", Decimal("2.25"), 3], "numbers"),
        (["007", "008"], "text"),
        (["123456789012345678"], "text"),
        (["a@example.com", "b@example.com"], "email"),
        (["https://example.com"], "link"),
        (["2026-11-01/2026-11-30"], "timeline"),
        (["x" * 200], "long_text"),
        (["two\nlines"], "long_text"),
        (["S", "M", "S", "M"], "dropdown"),
        (["S", "M", "L"], "text"),
    ],
)
def test_a_type_is_guessed_from_values(values, column_type):
    assert guess_type(values)[0] == column_type
