"""A rule's steps: each one, their order, what they leave of numbers and dates, and what they refuse."""

from datetime import date, datetime
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.model import ColumnMapping, NumberFormat
from core.mapping.source_values import as_text, parse_number
from core.mapping.transforms import compile_transforms, text_writer
from core.mapping.writers import RefusedValueError

LOOKUPS = {"seasons": {"SS26": "SUMMER 26", "NONE": "", "1,5": "half"}}


def make_rule(*transforms: object, **more: object) -> ColumnMapping:
    values = {"source": "VALUE", "column": "cell", "type": "text", "transforms": transforms}
    return ColumnMapping.model_validate(values | more)


def apply(value: object, *transforms: object, **more: object) -> object:
    """Apply steps to a value; `more` are other keys of their rule."""
    steps = compile_transforms(make_rule(*transforms, **more), LOOKUPS)
    assert steps is not None
    return steps(value)


def test_a_rule_without_steps_has_none_to_apply():
    assert compile_transforms(make_rule(), LOOKUPS) is None


# --- Split


@pytest.mark.parametrize(
    ("part", "left"),
    [(1, "MR01"), (2, " NAVY"), (3, "XL"), (-1, "XL"), (-3, "MR01"), (4, None), (-4, None)],
)
def test_split_keeps_the_part_that_is_counted_from_either_end(part, left):
    assert apply("MR01- NAVY-XL", {"split": "-", "part": part}) == left


def test_split_keeps_the_first_part_where_none_is_named_and_all_of_a_text_without_the_mark():
    assert apply("A / B", {"split": " / "}) == "A"
    assert apply("A B", {"split": " / "}) == "A B"
    assert apply("A B", {"split": " / ", "part": 2}) is None


@given(st.lists(st.text(st.characters(exclude_characters="|")), min_size=1, max_size=5), st.data())
def test_each_part_of_a_joined_text_is_found_from_both_ends(parts, data):
    place = data.draw(st.integers(0, len(parts) - 1))
    text, wanted = "|".join(parts), parts[place]
    if text.strip():
        assert apply(text, {"split": "|", "part": place + 1}) == wanted
        assert apply(text, {"split": "|", "part": place - len(parts)}) == wanted


# --- Replace


def test_replace_changes_every_place_and_minds_letter_case():
    assert apply("BLK/BLK/blk", {"replace": "BLK", "with": "BLACK"}) == "BLACK/BLACK/blk"
    assert apply("A-B", {"replace": "-", "with": ""}) == "AB"


@given(st.text(min_size=1), st.text(min_size=1, max_size=3), st.text(max_size=3))
def test_replace_leaves_nothing_to_replace_unless_it_is_in_the_new_text(text, old, new):
    left = apply(text, {"replace": old, "with": new})
    if text.strip() and old not in new and not set(old) & set(new):
        assert left == new.join(text.split(old))


# --- Lookup


def test_lookup_translates_the_whole_value():
    assert apply("SS26", {"lookup": "seasons"}) == "SUMMER 26"
    assert apply(" SS26 ", "trim", {"lookup": "seasons"}, "title") == "Summer 26"


def test_a_value_that_the_lookup_table_lacks_is_refused_with_value_table_and_remedy():
    with pytest.raises(RefusedValueError) as caught:
        apply("SS27", {"lookup": "seasons"})
    assert caught.value.code == "not_in_lookup"
    assert str(caught.value) == "The lookup table seasons has no entry for 'SS27'"
    assert (
        caught.value.remedy == "Add 'SS27' to the table in Mappings, or correct the value, then send again."
    )


def test_a_value_that_the_lookup_table_lacks_is_kept_where_the_step_says_so():
    assert apply("SS27", {"lookup": "seasons", "otherwise": "keep"}) == "SS27"


def test_a_lookup_table_that_is_not_there_is_named():
    with pytest.raises(RefusedValueError, match="There is no lookup table colours") as caught:
        apply("BLK", {"lookup": "colours", "otherwise": "keep"})
    assert caught.value.code == "no_lookup_table"


# --- Round and numbers


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [
        ("2.345", 2, "2.35"),
        ("-2.345", 2, "-2.35"),
        (2.5, 0, "3"),
        (Decimal("-2.5"), 0, "-3"),
        (0.1 + 0.2, 10, "0.3"),
        ("1e300", 10, "1" + "0" * 300),
        (7, 2, "7.00"),
    ],
)
def test_round_rounds_halves_away_from_zero(value, decimals, rounded):
    assert apply(value, {"decimals": decimals}) == Decimal(rounded)


def test_round_reads_text_in_the_rule_s_number_format():
    assert apply(" 1.234,567 ", {"decimals": 2}, number_format="1.234,5") == Decimal("1234.57")


@pytest.mark.parametrize("value", ["12 EUR", "1,234.5", "nan", date(2026, 11, 22), True])
def test_what_is_no_number_cannot_be_rounded(value):
    with pytest.raises(RefusedValueError) as caught:
        apply(value, {"decimals": 2})
    assert caught.value.code == "not_a_number"
    assert str(caught.value) == f"'{as_text(value)}' is not a number, so it cannot be rounded"


@given(
    st.decimals(-(10**12), 10**12, places=4),
    st.sampled_from(get_args(NumberFormat)),
    st.sampled_from([["trim"], ["upper", "title"], [{"replace": "x", "with": "y"}], [{"split": "/"}]]),
)
def test_no_step_makes_another_number_of_a_number(number, number_format, transforms):
    rule = make_rule(*transforms, number_format=number_format)
    steps = compile_transforms(rule, {})
    assert steps is not None
    assert parse_number(steps(number), number_format) == number
    assert parse_number(text_writer(rule)(number), number_format) == number


def test_a_number_is_looked_up_as_the_rule_writes_numbers():
    assert apply(Decimal("1.50"), {"lookup": "seasons"}, number_format="1.234,5") == "half"


# --- Values that are no text


@pytest.mark.parametrize(
    "value",
    [7, 1.5, Decimal("1.50"), date(2026, 11, 22), datetime(2026, 11, 22, 9, 30)],  # noqa: DTZ001  as read
)
def test_letter_case_leaves_numbers_and_dates_what_they_are(value):
    assert apply(value, "trim", "upper", "lower", "title") is value


def test_a_date_is_split_as_the_rule_writes_dates():
    assert apply(date(2026, 11, 22), {"split": "-"}) == "2026"
    assert apply(date(2026, 11, 22), {"split": "/"}, date_format="%d/%m/%Y") == "22"


# --- Empty values and order


@pytest.mark.parametrize("empty", [None, "", " \u00a0"])
def test_an_empty_value_passes_no_step(empty):
    assert apply(empty, {"lookup": "seasons"}, {"decimals": 2}) is None


def test_a_step_that_leaves_nothing_ends_the_others():
    assert apply("NONE", {"lookup": "seasons"}, {"decimals": 2}) is None
    assert apply("A", {"split": "-", "part": 2}, {"lookup": "seasons"}) is None


def test_steps_apply_in_their_order():
    assert apply("a-b", {"replace": "b", "with": "C"}, "upper", {"split": "-", "part": 2}) == "C"
    assert apply("a-b", "upper", {"replace": "b", "with": "C"}) == "A-B"
