"""Days, moments and spans: formats, time zones and the ends of the calendar."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mapping.writers import RefusedValueError

AMSTERDAM = {"time_zone": "Europe/Amsterdam"}


def test_a_text_date_is_read_in_the_rule_s_format_which_a_refusal_names(write, refused):
    keys = {"date_format": "%d/%m/%Y"}
    assert write("date", "22/11/2026", **keys).json == {"date": "2026-11-22"}
    assert "%d/%m/%Y" in refused("date", "2026-11-22", **keys).remedy


@given(st.datetimes(timezones=st.timezones() | st.just(timezone(timedelta(hours=-14)))))
def test_a_moment_with_a_zone_is_written_in_utc_or_refused_at_the_ends_of_time(write, moment):
    try:
        written = write("date", moment).json
    except RefusedValueError as refusal:
        assert refusal.code == "not_a_date"  # noqa: PT017  either ending is right
        assert moment.year in {1, 9999}
        return
    if "time" in written:
        back = datetime.fromisoformat(f"{written['date']} {written['time']}+00:00")
        assert back == moment.astimezone(UTC).replace(microsecond=0)
    else:
        assert written == {"date": moment.date().isoformat()}


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2026-11-22 09:30", {"date": "2026-11-22", "time": "08:30:00"}),
        ("2026-07-01 01:30", {"date": "2026-06-30", "time": "23:30:00"}),
        ("2026-10-25 02:30", {"date": "2026-10-25", "time": "00:30:00"}),  # twice: the first, in summer time
        ("2026-11-22 09:30+05:00", {"date": "2026-11-22", "time": "04:30:00"}),
        ("2026-11-22 00:00", {"date": "2026-11-22"}),
    ],
)
def test_a_time_without_a_zone_is_of_the_rule_s_zone(write, local, utc):
    assert write("date", local, **AMSTERDAM).json == utc


def test_a_time_that_the_clocks_jumped_over_is_refused(refused):
    refusal = refused("date", "2026-03-29 02:30", **AMSTERDAM)
    assert refusal.code == "time_does_not_exist"
    assert "Europe/Amsterdam" in str(refusal)


def test_a_rule_for_days_drops_the_time_and_shifts_nothing(write):
    moment = datetime(2026, 11, 22, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert write("date", moment, date_only=True).json == {"date": "2026-11-22"}
    assert write("date", "2026-11-22 09:30", date_only=True).json == {"date": "2026-11-22"}


# --- Spans


@pytest.mark.parametrize(
    "value",
    ["2026-11-01", "2026-11-01/", "/2026-11-01", " 2026-11-01 / 2026-11-01 ", date(2026, 11, 1)],
)
def test_one_date_of_a_span_is_both_its_ends(write, value):
    assert write("timeline", value).json == {"from": "2026-11-01", "to": "2026-11-01"}


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("01/11/2026/30/11/2026", "2026-11-01", "2026-11-30"),
        ("01/11/2026 / 30/11/2026", "2026-11-01", "2026-11-30"),
        ("01/11/2026", "2026-11-01", "2026-11-01"),
        ("01/11/2026/", "2026-11-01", "2026-11-01"),
        ("/30/11/2026", "2026-11-30", "2026-11-30"),
    ],
)
def test_a_span_is_cut_between_its_dates_though_they_have_slashes_themselves(write, value, first, last):
    assert write("timeline", value, date_format="%d/%m/%Y").json == {"from": first, "to": last}


def test_a_span_holds_days_whatever_the_time_of_day(write):
    span = write("timeline", "2026-11-01 23:30/2026-11-30 01:00", **AMSTERDAM).json
    assert span == {"from": "2026-11-01", "to": "2026-11-30"}


@pytest.mark.parametrize("value", ["2026-11-01/2026-11-30/2026-12-01", "/", "2026-11-01 2026-11-30"])
def test_what_is_neither_one_date_nor_two_is_refused(refused, value):
    assert refused("timeline", value).code == "not_a_date"


# --- Weeks and hours


@pytest.mark.parametrize(("week_start", "first"), [("monday", "2026-11-16"), ("sunday", "2026-11-22")])
def test_a_week_starts_on_the_account_s_first_day(write, week_start, first):
    assert write("week", "2026-11-22", week_start=week_start).json["week"]["startDate"] == first


@pytest.mark.parametrize("day", ["0001-01-03", "9999-12-31"])
def test_a_week_that_leaves_the_calendar_is_refused(refused, day):
    assert refused("week", day, week_start="sunday").code == "not_a_date"


@pytest.mark.parametrize(
    ("value", "hour", "minute"),
    [
        ("16:05", 16, 5),
        ("16:05:59", 16, 5),
        ("4:05pm", 16, 5),
        ("4 p.m.", 16, 0),
        ("12:00 AM", 0, 0),
        ("12:30 PM", 12, 30),
        (datetime(2026, 11, 22, 7, 45), 7, 45),  # noqa: DTZ001  sources hold local times
        (timedelta(hours=23, minutes=59), 23, 59),
    ],
)
def test_an_hour_is_read_from_text_and_from_time_values(write, value, hour, minute):
    assert write("hour", value).json == {"hour": hour, "minute": minute}
