"""The JSON of every column type, as reference/column-types-reference documents it, and what is refused."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.model import ColumnMapping
from core.mapping.writers import (
    LONG_TEXT_LIMIT,
    NAME_LIMIT,
    RefusedValueError,
    Written,
    column_values_text,
    writable_types,
    write_long_text,
    write_numbers,
    write_text,
    writer_for,
)
from core.monday.board import READ_ONLY_TYPES, Column

RULE = ColumnMapping(source="VALUE", column="cell", type="text")
TRUNCATE = RULE.model_copy(update={"on_too_long": "truncate"})
CREATE = RULE.model_copy(update={"on_unknown_label": "create"})
LABELS = (
    {"id": 0, "label": "Working on it", "index": 3},
    {"id": 1, "label": "Done"},
    {"id": 2, "label": "done"},
    {"id": 3, "label": "Stuck", "is_deactivated": True},
    {"id": 4, "label": "32"},
    {"id": 5, "label": None},
)


def write(column_type: str, value: object, rule: ColumnMapping = RULE, **settings: object) -> Written:
    writer = writer_for(column_type)
    assert writer is not None
    return writer(value, Column("cell", "Cell", column_type, settings), rule)


def refused(
    column_type: str, value: object, rule: ColumnMapping = RULE, **settings: object
) -> RefusedValueError:
    with pytest.raises(RefusedValueError) as caught:
        write(column_type, value, rule, **settings)
    assert caught.value.remedy
    return caught.value


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
        ("status", " Done ", {"index": 1}, "Done"),
        ("dropdown", "done", {"ids": [2]}, "done"),
        ("dropdown", 32, {"ids": [4]}, "32"),
        ("date", "2026-11-22", {"date": "2026-11-22"}, "2026-11-22"),
        ("date", date(2026, 11, 22), {"date": "2026-11-22"}, "2026-11-22"),
        (
            "date",
            "2026-11-22 09:30:00",
            {"date": "2026-11-22", "time": "09:30:00"},
            "2026-11-22 09:30:00",
        ),
        (
            "date",
            datetime(2026, 11, 22, 0, 30, tzinfo=timezone(timedelta(hours=2))),
            {"date": "2026-11-21", "time": "22:30:00"},
            "2026-11-21 22:30:00",
        ),
        ("checkbox", "Yes", {"checked": "true"}, "checked"),
        ("checkbox", True, {"checked": "true"}, "checked"),
        ("checkbox", 0, None, "unchecked"),
        ("checkbox", "N", None, "unchecked"),
        ("email", " a@b.nl ", {"email": "a@b.nl", "text": "a@b.nl"}, "a@b.nl"),
        ("link", "https://x.nl", {"url": "https://x.nl", "text": "https://x.nl"}, "https://x.nl"),
        ("rating", "4", {"rating": 4}, "4"),
        ("rating", 5.0, {"rating": 5}, "5"),
    ],
)
def test_a_value_is_written_in_the_documented_form(column_type, value, written, shown):
    settings = {"labels": LABELS} if column_type in {"status", "dropdown"} else {}
    assert write(column_type, value, **settings) == Written(written, shown)


def test_every_writable_type_is_in_the_table_above_and_none_is_read_only():
    (parameters,) = (
        mark.args[1]
        for mark in test_a_value_is_written_in_the_documented_form.pytestmark
        if mark.name == "parametrize"
    )
    assert writable_types() == {parameter[0] for parameter in parameters}
    assert not writable_types() & READ_ONLY_TYPES
    assert writer_for("mirror") is None


@pytest.mark.parametrize(
    ("column_type", "value", "code", "message"),
    [
        ("numbers", "1,234.5", "not_a_number", "'1,234.5' is not a number"),
        ("numbers", "n/a", "not_a_number", "'n/a' is not a number"),
        ("numbers", True, "not_a_number", "'true' is not a number"),
        ("date", "31/02/2026", "not_a_date", "'31/02/2026' is not a date"),
        ("date", 20261122, "not_a_date", "'20261122' is not a date"),
        ("checkbox", "maybe", "not_a_boolean", "'maybe' is neither yes nor no for Cell"),
        ("email", "a@b", "not_an_email", "'a@b' is not an e-mail address"),
        ("email", "a b@c.nl", "not_an_email", "'a b@c.nl' is not an e-mail address"),
        ("link", "www.x.nl", "not_a_link", "'www.x.nl' does not begin with http:// or https://"),
        ("rating", "6", "not_a_rating", "'6' is not a whole number from 1 to 5"),
        ("rating", "0", "not_a_rating", "'0' is not a whole number from 1 to 5"),
        ("rating", "2.5", "not_a_rating", "'2.5' is not a whole number from 1 to 5"),
        ("rating", "good", "not_a_rating", "'good' is not a whole number from 1 to 5"),
    ],
)
def test_a_value_that_the_board_would_refuse_is_refused_with_its_own_words(column_type, value, code, message):
    refusal = refused(column_type, value)
    assert (refusal.code, str(refusal)) == (code, message)


# --- Labels


@pytest.mark.parametrize("column_type", ["status", "dropdown"])
@pytest.mark.parametrize("label", ["DONE", "Stuck", "Cut & Sew", "1"])
def test_a_label_is_matched_by_its_exact_text_and_never_a_deactivated_one(column_type, label):
    refusal = refused(column_type, label, labels=LABELS)
    assert refusal.code == "label_not_on_board"
    assert str(refusal) == f"The board has no label '{label}' in column Cell"
    assert f"Add the label '{label}'" in refusal.remedy


def test_an_unknown_label_is_created_where_the_rule_says_so():
    assert write("status", "Cut & Sew", CREATE, labels=LABELS) == Written(
        {"label": "Cut & Sew"}, "Cut & Sew", creates_label="Cut & Sew"
    )
    assert write("dropdown", "a, b", CREATE, labels=LABELS) == Written(
        {"labels": ["a, b"]}, "a, b", creates_label="a, b"
    )


def test_a_known_label_goes_by_its_id_though_others_are_created():
    assert write("dropdown", "Done", CREATE, labels=LABELS) == Written({"ids": [1]}, "Done")
    assert write("status", "32", CREATE, labels=LABELS) == Written({"index": 4}, "32")


def test_a_status_label_of_more_than_30_characters_is_not_created():
    assert write("status", "x" * 30, CREATE).creates_label == "x" * 30
    assert refused("status", "x" * 31, CREATE).code == "label_too_long"


def test_a_number_is_not_created_as_a_status_label_since_it_would_be_taken_for_an_id():
    assert refused("status", "33", CREATE, labels=LABELS).code == "label_is_a_number"
    assert write("dropdown", "33", CREATE, labels=LABELS).json == {"labels": ["33"]}


# --- Lengths


@pytest.mark.parametrize(("column_type", "limit"), [("name", NAME_LIMIT), ("long_text", LONG_TEXT_LIMIT)])
def test_a_value_may_be_as_long_as_documented_and_no_longer(column_type, limit):
    assert write(column_type, "x" * limit).shown == "x" * limit
    refusal = refused(column_type, "x" * (limit + 1))
    assert refusal.code == "too_long"
    assert str(refusal) == f"The value has {limit + 1} characters, the column takes {limit}"


@pytest.mark.parametrize(("column_type", "limit"), [("name", NAME_LIMIT), ("long_text", LONG_TEXT_LIMIT)])
def test_a_long_value_is_cut_to_the_limit_with_a_mark_where_the_rule_says_so(column_type, limit):
    assert write(column_type, "x" * (limit + 9), TRUNCATE).shown == "x" * (limit - 1) + "…"
    assert write(column_type, "x" * limit, TRUNCATE).shown == "x" * limit


def test_text_has_no_limit_of_its_own():
    assert write("text", "x" * 5000).shown == "x" * 5000


def test_a_rating_goes_to_the_column_s_own_limit():
    assert write("rating", 10, limit=10).json == {"rating": 10}
    assert refused("rating", 11, limit=10).code == "not_a_rating"
    assert refused("rating", 6, limit=None).code == "not_a_rating"


# --- Dates


def test_a_text_date_is_read_in_the_rule_s_format_which_a_refusal_names():
    rule = RULE.model_copy(update={"date_format": "%d/%m/%Y"})
    assert write("date", "22/11/2026", rule).json == {"date": "2026-11-22"}
    assert "%d/%m/%Y" in refused("date", "2026-11-22", rule).remedy


@given(st.datetimes(timezones=st.timezones() | st.just(timezone(timedelta(hours=-14)))))
def test_a_moment_with_a_zone_is_written_in_utc_or_refused_at_the_ends_of_time(moment):
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


# --- What goes over the wire


@given(st.text())
def test_any_text_arrives_as_it_was_behind_both_layers_of_json(text):
    values = {"t": write_text(text, Column("t", "T", "text"), RULE).json}
    values["l"] = write_long_text(text, Column("l", "L", "long_text"), TRUNCATE).json
    body = json.dumps({"variables": {"column_values": column_values_text(values)}}).encode()
    arrived = json.loads(json.loads(body)["variables"]["column_values"])
    assert arrived["t"] == text
    assert arrived["l"] == {"text": text.replace("\r\n", "\n")}


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_a_number_is_written_equal_and_without_an_exponent(number):
    written = write_numbers(number, Column("n", "N", "numbers"), RULE).json
    assert Decimal(written) == number
    assert "e" not in written.lower()
