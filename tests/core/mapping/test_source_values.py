"""Source values as text, numbers and dates."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.model import NumberFormat
from core.mapping.source_values import as_text, canonical_number, is_empty, parse_date, parse_number


@pytest.mark.parametrize("value", [None, "", " ", "\t\n", "\u00a0"])
def test_null_and_white_space_are_empty(value):
    assert is_empty(value)


@pytest.mark.parametrize("value", ["0", 0, False, 0.0, " x ", b""])
def test_zero_and_false_are_values(value):
    assert not is_empty(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("  as it is \n", "  as it is \n"),
        (True, "true"),
        (False, "false"),
        (12, "12"),
        (12.5, "12.5"),
        (12.0, "12"),
        (0.1, "0.1"),
        (1e16, "10000000000000000"),
        (1e-7, "0.0000001"),
        (Decimal("12.5000"), "12.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.00"), "0"),
        (datetime(2026, 11, 22, tzinfo=UTC), "2026-11-22"),
        (datetime(2026, 11, 22, 9, 30), "2026-11-22 09:30:00"),  # noqa: DTZ001  as databases return it
        (date(2026, 11, 22), "2026-11-22"),
        (b"caf\xc3\xa9", "café"),
        (b"\xff", "\ufffd"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_a_value_is_written_as_a_person_writes_it(value, text):
    assert as_text(value) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6) | st.integers().map(Decimal))
def test_a_canonical_number_is_the_same_number_in_plain_digits(number):
    text = canonical_number(number)
    assert Decimal(text) == number
    assert set(text) <= set("0123456789.-")
    assert text == "0" or not text.endswith((".", "-"))
    assert not ("." in text and text.endswith("0"))
    assert not text.startswith(("-0", "00")) or text.startswith("-0.")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_keeps_its_value_through_text(number):
    assert float(canonical_number(parse_number(number))) == number


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("12", "12"),
        (" 12.50 ", "12.50"),
        ("-0.5", "-0.5"),
        ("+3", "3"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1.5E+05", "150000"),
        (7, "7"),
        (2.5, "2.5"),
        (Decimal("1.10"), "1.10"),
        ("0e999999", "0"),
    ],
)
def test_a_number_is_read(value, number):
    assert parse_number(value) == Decimal(number)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "abc",
        "1,234.5",
        "1.234,5",
        "1 234",
        "1_000",
        "12 EUR",
        "$5",
        "nan",
        "sNaN",
        "Infinity",
        "1e309",
        "1e-999999",
        "0x10",
        "--1",
        "1\n2",
        True,
        None,
        date(2026, 11, 22),
        float("nan"),
        float("inf"),
        Decimal("NaN"),
    ],
)
def test_what_is_not_a_plain_number_is_none(value):
    assert parse_number(value) is None


FORMATS = get_args(NumberFormat)


@given(st.text(), st.sampled_from(FORMATS))
def test_any_text_is_a_number_or_none(text, number_format):
    number = parse_number(text, number_format)
    assert number is None or len(canonical_number(number)) < 1000 + len(text)


@pytest.mark.parametrize(
    ("text", "number_format", "number"),
    [
        ("1234.5", "1,234.5", "1234.5"),
        ("1,234.5", "1,234.5", "1234.5"),
        ("-1,234,567", "1,234.5", "-1234567"),
        ("1,5", "1.234,5", "1.5"),
        ("1.234", "1.234,5", "1234"),
        (" 1.234.567,89 ", "1.234,5", "1234567.89"),
        (",5", "1.234,5", "0.5"),
        ("1 234,5", "1 234,5", "1234.5"),
        ("1\u00a0234\u00a0567,5", "1 234,5", "1234567.5"),
        ("1\u202f234,5", "1 234,5", "1234.5"),
        ("1234,5", "1234,5", "1234.5"),
        ("1,5E+03", "1234,5", "1500"),
    ],
)
def test_text_is_read_in_the_given_number_format(text, number_format, number):
    assert parse_number(text, number_format) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "number_format"),
    [
        ("1,234", "1234.5"),  # 1234 to one reader, 1.234 to another
        ("1.5", "1.234,5"),
        ("1.2345", "1.234,5"),
        ("1234.567,8", "1.234,5"),
        ("12.34,5", "1.234,5"),
        ("1.234.56,7", "1.234,5"),
        ("1,234,5", "1.234,5"),
        ("1,5", "1,234.5"),
        ("12,34", "1,234.5"),
        ("1,234.567,8", "1,234.5"),
        ("1.5", "1234,5"),
        ("1.234,5", "1234,5"),
        ("1 234,5", "1234,5"),
        ("1 23,5", "1 234,5"),
        ("1 234\u00a0567", "1 234,5"),
        ("1.234,5", "1 234,5"),
        ("1,234.5 EUR", "1,234.5"),
        ("", "1.234,5"),
        (",", "1.234,5"),
    ],
)
def test_text_in_another_number_format_is_none_and_never_another_number(text, number_format):
    assert parse_number(text, number_format) is None


def written(number: Decimal, number_format: str, *, grouped: bool) -> str:
    text = f"{number:,f}" if grouped else f"{number:f}"
    thousands = number_format[1] if len(number_format) > 6 else ""
    return text.translate({ord(","): thousands, ord("."): number_format[-2]})


numbers = st.decimals(-(10**15), 10**15, places=3) | st.integers(-(10**15), 10**15).map(Decimal)


@given(numbers, st.sampled_from(FORMATS), st.booleans())
def test_a_number_is_read_back_from_its_own_format(number, number_format, grouped):
    assert parse_number(written(number, number_format, grouped=grouped), number_format) == number


@pytest.mark.parametrize("number_format", FORMATS)
def test_a_number_format_is_for_text_and_leaves_the_driver_s_numbers_alone(number_format):
    for value in (1.5, Decimal("1.5")):
        assert parse_number(value, number_format) == Decimal("1.5")
    assert parse_number(Decimal("1.234"), number_format) == Decimal("1.234")


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-11-22", date(2026, 11, 22)),
        (" 2026-11-22 ", date(2026, 11, 22)),
        ("2026-11-22 00:00:00", date(2026, 11, 22)),
        ("2026-11-22T00:00:00+02:00", date(2026, 11, 22)),
        ("2026-11-22 09:30:00", datetime(2026, 11, 22, 9, 30)),  # noqa: DTZ001  the source's own time
        ("2026-11-22T09:30:00Z", datetime(2026, 11, 22, 9, 30, tzinfo=UTC)),
        (date(2026, 11, 22), date(2026, 11, 22)),
        (datetime(2026, 11, 22), date(2026, 11, 22)),  # noqa: DTZ001  as databases return it
        (datetime(2026, 11, 22, 9, tzinfo=UTC), datetime(2026, 11, 22, 9, tzinfo=UTC)),
    ],
)
def test_a_date_is_read_and_has_a_time_only_where_the_source_has_one(value, moment):
    found = parse_date(value)
    assert found == moment
    assert type(found) is type(moment)


@pytest.mark.parametrize(
    "value", ["", "31/02/2026", "2026-02-31", "soon", "20261", 20261122, 4.5, None, True]
)
def test_what_is_not_a_date_is_none(value):
    assert parse_date(value) is None


def test_text_is_read_in_the_rule_s_own_format_only():
    assert parse_date("22/11/2026", "%d/%m/%Y") == date(2026, 11, 22)
    assert parse_date("2026-11-22", "%d/%m/%Y") is None
    assert parse_date("22/11/2026", "%q") is None


@given(st.dates())
def test_every_date_is_read_back_from_its_own_text(day):
    assert parse_date(as_text(day)) == day


@given(st.datetimes(timezones=st.none() | st.just(timezone(timedelta(hours=14)))))
def test_every_moment_is_text_that_json_can_hold(moment):
    assert json.loads(json.dumps(as_text(moment))) == as_text(moment)
