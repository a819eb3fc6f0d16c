"""The JSON of every column type, as reference/column-types-reference documents it, and what is refused."""

import json
import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mapping.writers import (
    LONG_TEXT_LIMIT,
    NAME_LIMIT,
    Written,
    clears,
    column_values_text,
    read_only_reason,
    writable_types,
    writer_for,
)
from core.monday.board import READ_ONLY_TYPES

LABELS = {"labels": [{"id": 0, "label": "Working on it"}, {"id": 4, "label": "32"}]}


@pytest.mark.parametrize(
    ("column_type", "value", "written", "shown"),
    [
        ("name", "Order  1001\n", "Order 1001", "Order 1001"),
        ("text", " abc\n", " abc\n", " abc\n"),
        ("text", Decimal("12.50"), "12.5", "12.5"),
        ("long_text", "line1\r\nline2", {"text": "line1\nline2"}, "line1\nline2"),
        ("numbers", "1234.50", "1234.5", "1234.5"),
        ("numbers", -3, "-3", "-3"),
        ("numbers", 1e-7, "0.0000001", "0.0000001"),
        ("status", "Working on it", {"index": 0}, "Working on it"),
        ("dropdown", 32, {"ids": [4]}, "32"),
        ("date", "2026-11-22", {"date": "2026-11-22"}, "2026-11-22"),
        ("date", date(2026, 11, 22), {"date": "2026-11-22"}, "2026-11-22"),
        (
            "date",
            "2026-11-22 09:30:00",
            {"date": "2026-11-22", "time": "09:30:00"},
            "2026-11-22 09:30:00 UTC",
        ),
        (
            "date",
            datetime(2026, 11, 22, 0, 30, tzinfo=timezone(timedelta(hours=2))),
            {"date": "2026-11-21", "time": "22:30:00"},
            "2026-11-21 22:30:00 UTC",
        ),
        (
            "timeline",
            "2026-11-01/2026-11-30",
            {"from": "2026-11-01", "to": "2026-11-30"},
            "2026-11-01 - 2026-11-30",
        ),
        (
            "week",
            date(2026, 11, 18),
            {"week": {"startDate": "2026-11-16", "endDate": "2026-11-22"}},
            "2026-11-16 - 2026-11-22",
        ),
        ("hour", "4:05 PM", {"hour": 16, "minute": 5}, "16:05"),
        ("hour", time(9, 0, 30), {"hour": 9, "minute": 0}, "09:00"),
        ("world_clock", "Europe/Amsterdam", {"timezone": "Europe/Amsterdam"}, "Europe/Amsterdam"),
        ("checkbox", "Yes", {"checked": "true"}, "checked"),
        ("checkbox", True, {"checked": "true"}, "checked"),
        ("checkbox", 0, None, "unchecked"),
        ("checkbox", "N", None, "unchecked"),
        (
            "people",
            "123, team:45, 123",
            {"personsAndTeams": [{"id": 123, "kind": "person"}, {"id": 45, "kind": "team"}]},
            "123, team:45",
        ),
        ("email", " a@b.nl ", {"email": "a@b.nl", "text": "a@b.nl"}, "a@b.nl"),
        ("email", "a@b.nl Our sales", {"email": "a@b.nl", "text": "Our sales"}, "Our sales"),
        (
            "phone",
            "020 794 0800 NL",
            {"phone": "+31207940800", "countryShortName": "NL"},
            "+31207940800",
        ),
        ("link", "https://x.nl", {"url": "https://x.nl", "text": "https://x.nl"}, "https://x.nl"),
        ("link", "https://x.nl  Our portal", {"url": "https://x.nl", "text": "Our portal"}, "Our portal"),
        ("country", "nl", {"countryCode": "NL", "countryName": "Netherlands"}, "Netherlands"),
        ("country", "SRI LANKA", {"countryCode": "LK", "countryName": "Sri Lanka"}, "Sri Lanka"),
        (
            "location",
            "52.370 4.89 Dam 1, Amsterdam",
            {"lat": "52.37", "lng": "4.89", "address": "Dam 1, Amsterdam"},
            "Dam 1, Amsterdam",
        ),
        ("location", "-89.9 180", {"lat": "-89.9", "lng": "180"}, "-89.9 180"),
        ("rating", "4", {"rating": 4}, "4"),
        ("rating", 5.0, {"rating": 5}, "5"),
        ("tags", "295026,295027", {"tag_ids": [295026, 295027]}, "295026, 295027"),
        ("board_relation", 112233, {"item_ids": [112233]}, "112233"),
        ("dependency", "112233, 112233, 5", {"item_ids": ["112233", "5"]}, "112233, 5"),
        ("color_picker", "ff5733", {"color": {"hex": "#FF5733"}}, "#FF5733"),
    ],
)
def test_a_value_is_written_in_the_documented_form(write, column_type, value, written, shown):
    settings = LABELS if column_type in {"status", "dropdown"} else {}
    assert write(column_type, value, settings) == Written(written, shown)


def _types_of(test) -> set[str]:
    (parameters,) = (mark.args[1] for mark in test.pytestmark if mark.name == "parametrize")
    return {parameter[0] for parameter in parameters}


def test_every_writable_type_is_in_the_table_above_and_none_is_read_only():
    assert writable_types() == _types_of(test_a_value_is_written_in_the_documented_form)
    assert not writable_types() & READ_ONLY_TYPES
    assert writer_for("mirror") is None


@pytest.mark.parametrize(
    ("column_type", "value", "code", "message"),
    [
        ("numbers", "1,234.5", "not_a_number", "'1,234.5' is not a number"),
        ("numbers", "n/a", "not_a_number", "'n/a' is not a number"),
        ("numbers", True, "not_a_number", "'true' is not a number"),
        (
            "numbers",
            Decimal("1234567890123.12345"),
            "number_too_precise",
            "1234567890123.12345 has more digits than the board keeps; it would become 1234567890123.1235",
        ),
        ("date", "31/02/2026", "not_a_date", "'31/02/2026' is not a date"),
        ("date", 20261122, "not_a_date", "'20261122' is not a date"),
        ("timeline", "2026-11-22/soon", "not_a_date", "'soon' is not a date"),
        (
            "timeline",
            "2026-11-22/2026-11-21",
            "ends_before_it_begins",
            "The time span ends on 2026-11-21, before it begins on 2026-11-22",
        ),
        ("week", "week 47", "not_a_date", "'week 47' is not a date"),
        ("hour", "24:00", "not_a_time_of_day", "'24:00' is not a time of day"),
        ("hour", "13:00 PM", "not_a_time_of_day", "'13:00 PM' is not a time of day"),
        ("hour", "16", "not_a_time_of_day", "'16' is not a time of day"),
        ("hour", timedelta(days=1), "not_a_time_of_day", "'1 day, 0:00:00' is not a time of day"),
        ("world_clock", "Amsterdam", "not_a_time_zone", "'Amsterdam' is not the name of a time zone"),
        ("checkbox", "maybe", "not_a_boolean", "'maybe' is neither yes nor no for Cell"),
        ("people", "Jane", "not_a_person", "'Jane' is not the id of a person or team"),
        ("people", "12,", "not_a_person", "'' is not the id of a person or team"),
        ("people", "team:", "not_a_person", "'team:' is not the id of a person or team"),
        ("email", "a@b", "not_an_email", "'a@b' is not an e-mail address"),
        ("email", "a@b.nl;c@d.nl", "not_an_email", "'a@b.nl;c@d.nl' is not an e-mail address"),
        ("email", "a b@c.nl", "not_an_email", "'a' is not an e-mail address"),
        ("link", "www.x.nl", "not_a_link", "'www.x.nl' does not begin with http:// or https://"),
        (
            "country",
            "Utopia",
            "not_a_country",
            "'Utopia' is neither the code nor the English name of a country",
        ),
        ("location", "Amsterdam", "not_a_location", "'Amsterdam' does not begin with a place on earth"),
        ("location", "52.37", "not_a_location", "'52.37' does not begin with a place on earth"),
        ("location", "90 0 Pole", "not_a_location", "'90 0 Pole' does not begin with a place on earth"),
        ("location", "0 180.1", "not_a_location", "'0 180.1' does not begin with a place on earth"),
        ("rating", "6", "not_a_rating", "'6' is not a whole number from 1 to 5"),
        ("rating", "0", "not_a_rating", "'0' is not a whole number from 1 to 5"),
        ("rating", "2.5", "not_a_rating", "'2.5' is not a whole number from 1 to 5"),
        ("rating", "good", "not_a_rating", "'good' is not a whole number from 1 to 5"),
        ("tags", "sale", "not_an_id", "'sale' is not the id of a tag"),
        ("board_relation", "1.5", "not_an_id", "'1.5' is not the id of an item"),
        ("dependency", "0", "not_an_id", "'0' is not the id of an item"),
        ("color_picker", "#F53", "not_a_colour", "'#F53' is not a colour"),
    ],
)
def test_a_value_that_the_board_would_refuse_is_refused_in_words(refused, column_type, value, code, message):
    refusal = refused(column_type, value)
    assert (refusal.code, str(refusal)) == (code, message)


@pytest.mark.parametrize(
    ("column_type", "settings", "value", "code"),
    [
        ("people", {"max_people_allowed": "1"}, "1,2", "too_many_people"),
        ("board_relation", {"allowMultipleItems": False}, "1,2", "too_many_items"),
        ("rating", {"limit": 10}, "11", "not_a_rating"),
        ("rating", {"limit": None}, "6", "not_a_rating"),
    ],
)
def test_a_column_s_own_limit_counts(refused, column_type, settings, value, code):
    assert refused(column_type, value, settings).code == code


def test_a_rating_goes_to_the_column_s_own_limit(write):
    assert write("rating", 10, {"limit": 10}).json == {"rating": 10}


@pytest.mark.parametrize("settings", [{}, {"max_people_allowed": "0"}, {"max_people_allowed": "2"}])
def test_a_people_column_without_a_limit_or_within_it_takes_several(write, settings):
    assert len(write("people", "1,2", settings).json["personsAndTeams"]) == 2


# --- Lengths


@pytest.mark.parametrize(("column_type", "limit"), [("name", NAME_LIMIT), ("long_text", LONG_TEXT_LIMIT)])
def test_a_value_may_be_as_long_as_documented_and_no_longer(write, refused, column_type, limit):
    assert write(column_type, "x" * limit).shown == "x" * limit
    refusal = refused(column_type, "x" * (limit + 1))
    assert refusal.code == "too_long"
    assert str(refusal) == f"The value has {limit + 1} characters, the column takes {limit}"


@pytest.mark.parametrize(("column_type", "limit"), [("name", NAME_LIMIT), ("long_text", LONG_TEXT_LIMIT)])
def test_a_long_value_is_cut_to_the_limit_with_a_mark_where_the_rule_says_so(write, column_type, limit):
    cut = write(column_type, "x" * (limit + 9), on_too_long="truncate")
    assert cut.shown == "x" * (limit - 1) + "…"
    assert write(column_type, "x" * limit, on_too_long="truncate").shown == "x" * limit


def test_text_has_no_limit_of_its_own(write):
    assert write("text", "x" * 5000).shown == "x" * 5000


# --- Numbers


def test_a_number_is_read_in_the_rule_s_format(write, refused):
    assert write("numbers", "1.234,5", number_format="1.234,5").json == "1234.5"
    assert write("numbers", Decimal("1234.5"), number_format="1.234,5").json == "1234.5"
    assert "1.234,5" in refused("numbers", "1,234.5", number_format="1.234,5").remedy


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**10), max_value=10**10))
def test_a_number_of_15_digits_is_written_equal_and_without_an_exponent(write, number):
    written = write("numbers", number).json
    assert Decimal(written) == number
    assert "e" not in written.lower()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_float_is_written_so_that_it_reads_back_equal(write, number):
    assert float(write("numbers", number).json) == number


# --- Clearing, and types without a writer


def test_null_clears_every_writable_type_but_the_name():
    assert {kind for kind in writable_types() if not clears(kind)} == {"name"}
    assert not clears("mirror")


@pytest.mark.parametrize(
    "column_type", sorted(READ_ONLY_TYPES | {"file", "doc", "direct_doc", "group", "person"})
)
def test_a_type_that_cannot_be_written_says_why_in_a_sentence_of_its_own(column_type):
    reason = read_only_reason(column_type)
    assert reason is not None
    assert reason.endswith(".")
    assert "does not know" not in reason


def test_a_mirror_column_says_where_its_values_can_be_changed():
    assert read_only_reason("mirror") == "A mirror column shows values of another board; change them there."


def test_a_type_of_a_later_api_is_named_as_unknown():
    assert "'hologram'" in (read_only_reason("hologram") or "")


def test_a_writable_type_has_no_reason_against_it():
    assert {kind: read_only_reason(kind) for kind in writable_types()} == dict.fromkeys(writable_types())


def test_the_page_on_column_types_has_a_row_for_every_type():
    page = Path(__file__).parents[4].joinpath("docs", "column-types.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| ")]
    told = {word for row in rows for word in re.findall(r"`(\w+)`", row)}
    assert writable_types() | READ_ONLY_TYPES - {"unsupported"} <= told


# --- What goes over the wire


@given(st.text())
def test_any_text_arrives_as_it_was_behind_both_layers_of_json(write, text):
    values = {
        "t": write("text", text).json,
        "l": write("long_text", text, on_too_long="truncate").json,
    }
    body = json.dumps({"variables": {"column_values": column_values_text(values)}}).encode()
    arrived = json.loads(json.loads(body)["variables"]["column_values"])
    assert arrived["t"] == text
    assert arrived["l"] == {"text": text.replace("\r\n", "\n")}


@pytest.mark.parametrize("column_type", ["name", "text", "long_text", "dropdown", "link", "location"])
def test_half_a_character_is_refused_before_a_request_breaks_on_it(refused, column_type):
    assert refused(column_type, "https://x.nl \ud83d").code == "broken_character"


def test_the_whole_character_is_written(write):
    assert write("text", "🧵").json.encode() == b"\xf0\x9f\xa7\xb5"


def test_an_answer_cannot_be_changed(write):
    with pytest.raises(AttributeError):
        write("text", "abc").shown = "xyz"


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_day_in_the_calendar_lies_in_the_week_that_is_written_for_it(write, moment):
    day = min(max(moment.date(), date(1, 1, 8)), date(9999, 12, 24))
    for week_start, first in (("monday", 0), ("sunday", 6)):
        week = write("week", day, week_start=week_start).json["week"]
        start, end = date.fromisoformat(week["startDate"]), date.fromisoformat(week["endDate"])
        assert start <= day <= end
        assert (start.weekday(), (end - start).days) == (first, 6)
