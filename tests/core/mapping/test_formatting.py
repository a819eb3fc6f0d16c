"""A record as the board gets it: names, rules, defaults, and a finding for each refused value."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.model import ColumnMapping, MappingSet
from core.mapping.findings import Severity
from core.mapping.formatting import FormattedRecord, RecordFormatter, mapped_columns
from core.monday.board import Board, Column
from core.orders.model import RecordKind

BOARD = Board(
    "1",
    "Orders",
    (
        Column("cell", "Cell", "text"),
        Column("qty", "Quantity", "numbers"),
        Column("style", "Style", "dropdown", {"labels": [{"id": 1, "label": "MR01"}]}),
        Column("total", "Total", "formula"),
        Column("item_name", "Item", "name"),
        Column("old", "Old", "text", archived=True),
    ),
)


def format_record(
    *rules: ColumnMapping, name: str = "{NAME}", kind: RecordKind = RecordKind.ORDER, **values: object
) -> FormattedRecord:
    formatter = RecordFormatter(kind, rules, name, BOARD)
    return formatter.format("key-1", "AAG-1", {"NAME": "An order", **values})


# --- One rule


def test_a_value_is_shown_with_its_source_and_its_cell(make_rule):
    (value,) = format_record(make_rule(column="qty", type="numbers"), VALUE="12.50").values
    assert (value.origin, value.source_text, value.shown) == ("VALUE", "12.50", "12.5")
    assert (value.column_id, value.column_title, value.column_type) == ("qty", "Quantity", "numbers")
    assert value.written


@pytest.mark.parametrize(
    ("transforms", "text"),
    [
        (["trim"], "two Words"),
        (["upper"], " TWO WORDS "),
        (["lower"], " two words "),
        (["title"], " Two Words "),
        (["trim", "upper"], "TWO WORDS"),
    ],
)
def test_transforms_apply_in_their_order(transforms, text, make_rule):
    assert format_record(make_rule(transforms=transforms), VALUE=" two Words ").column_values == {
        "cell": text
    }


def test_a_default_stands_in_for_an_empty_value_and_is_transformed_like_one(make_rule):
    rule = make_rule(default="each", transforms=["upper"], required=True)
    for empty in (None, "", "  "):
        assert format_record(rule, VALUE=empty).column_values == {"cell": "EACH"}
    assert format_record(rule, VALUE="box").column_values == {"cell": "BOX"}


def test_zero_is_a_value_and_takes_no_default(make_rule):
    rule = make_rule(column="qty", type="numbers", default="5", required=True)
    assert format_record(rule, VALUE=0).column_values == {"qty": "0"}


def test_an_empty_value_leaves_its_cell_alone(make_rule):
    record = format_record(make_rule(), VALUE=None)
    assert record.column_values == {}
    assert not record.findings
    (value,) = record.values
    assert not value.written


def test_an_empty_value_clears_its_cell_with_null_where_the_rule_says_so(make_rule):
    rules = [make_rule(column=column, on_empty="clear") for column in ("cell", "qty", "style")]
    assert format_record(*rules, VALUE=" ").column_values == {"cell": None, "qty": None, "style": None}


def test_a_name_is_never_cleared(make_rule):
    assert format_record(make_rule(column="item_name", on_empty="clear"), VALUE="").column_values == {}


def test_a_required_value_that_is_missing_is_a_finding(make_rule):
    record = format_record(make_rule(required=True), VALUE="  ")
    (finding,) = record.findings
    assert finding.code == "required_value_missing"
    assert finding.message == "VALUE is empty, and Cell requires a value"
    assert finding.remedy == "Fill VALUE, then send again."
    assert record.blocked
    assert record.column_values == {}


def test_a_value_that_transforms_leave_empty_counts_as_empty(make_rule):
    (finding,) = format_record(make_rule(required=True, transforms=["trim"]), VALUE="\u00a0").findings
    assert finding.code == "required_value_missing"


def test_a_template_of_empty_columns_is_an_empty_value(make_rule):
    rule = make_rule(template="{A}_{B}", required=True)
    assert format_record(rule, A="MR01", B="BLUE").column_values == {"cell": "MR01_BLUE"}
    assert [finding.code for finding in format_record(rule, A=None, B=" ").findings] == [
        "required_value_missing"
    ]


def test_the_board_s_own_column_type_decides_how_a_value_is_written(make_rule):
    assert format_record(make_rule(column="style", type="text"), VALUE="MR01").column_values == {
        "style": {"ids": [1]}
    }


def test_a_template_of_one_field_writes_a_number_as_the_source_has_it(make_rule):
    rule = make_rule(template="{A|B}", column="qty", type="numbers", number_format="1.234,5")
    assert format_record(rule, A=None, B=Decimal("1.234")).column_values == {"qty": "1.234"}
    assert format_record(rule, A="1.234", B=7).column_values == {"qty": "1234"}


def test_a_template_of_several_writes_numbers_and_dates_as_the_rule_reads_them(make_rule):
    rule = make_rule(template="{A} {B}", number_format="1.234,5", date_format="%d/%m/%Y")
    record = format_record(rule, A=Decimal("1.5"), B=date(2026, 11, 22))
    assert record.column_values == {"cell": "1,5 22/11/2026"}


def test_text_for_a_number_column_is_read_in_the_rule_s_number_format(make_rule):
    rule = make_rule(column="qty", type="numbers", number_format="1.234,5")
    assert format_record(rule, VALUE="1.234,50").column_values == {"qty": "1234.5"}
    assert format_record(rule, VALUE=Decimal("1.234")).column_values == {"qty": "1.234"}
    (finding,) = format_record(rule, VALUE="1,234.5").findings
    assert finding.code == "not_a_number"
    assert "1.234,5" in finding.remedy


def test_a_value_goes_through_a_lookup_table_of_its_mapping(make_rule):
    mapping = MappingSet(
        group_name="g",
        item_name="{NAME}",
        subitem_name="{NAME}",
        lookups={"styles": {"M1": "MR01"}},
        items=(make_rule(column="style", transforms=[{"lookup": "styles"}]),),
        subitems=(make_rule(transforms=[{"lookup": "styles"}]),),
    )
    items, subitems = RecordFormatter.of_items(mapping, BOARD), RecordFormatter.of_subitems(mapping, BOARD)
    values = {"NAME": "An order", "VALUE": "M1"}
    assert items.format("key-1", "AAG-1", values).column_values == {"style": {"ids": [1]}}
    assert subitems.format("key-1", "AAG-1", values).column_values == {"cell": "MR01"}
    (finding,) = subitems.format("key-2", "AAG-2", {**values, "VALUE": "M2"}).findings
    assert (finding.kind, finding.key, finding.code) == (RecordKind.LINE, "key-2", "not_in_lookup")


def test_equal_values_of_different_types_are_told_apart(make_rule):
    formatter = RecordFormatter(RecordKind.ORDER, [make_rule()], "{NAME}", BOARD)
    values = (1, True, 1.0, "1", Decimal(1), True, 1)
    written = [formatter.format("k", "l", {"NAME": "x", "VALUE": value}).column_values for value in values]
    assert [cell["cell"] for cell in written] == ["1", "true", "1", "1", "1", "true", "1"]


def test_equal_moments_of_two_time_zones_are_told_apart(make_rule):
    formatter = RecordFormatter(RecordKind.ORDER, [make_rule()], "{NAME}", BOARD)
    moment = datetime(2026, 11, 22, 9, tzinfo=UTC)
    values = (moment, moment.astimezone(timezone(timedelta(hours=1))))
    written = [formatter.format("k", "l", {"NAME": "x", "VALUE": value}).column_values for value in values]
    assert written[0] != written[1]


def test_a_value_that_cannot_be_a_key_is_written_too(make_rule):
    formatter = RecordFormatter(RecordKind.ORDER, [make_rule()], "{NAME}", BOARD)
    for _ in range(2):
        record = formatter.format("k", "l", {"NAME": "x", "VALUE": bytearray(b"x")})
        assert record.column_values == {"cell": "bytearray(b'x')"}


@given(st.lists(st.sampled_from([None, "", "1", "x", "1,5", 1, 1.0, True, Decimal("1.0")]), max_size=8))
def test_a_record_is_the_same_whatever_was_formatted_before_it(values):
    rules = [
        ColumnMapping(source="VALUE", column=column, type="text", on_empty="clear")
        for column in ("cell", "qty", "style")
    ]
    formatter = RecordFormatter(RecordKind.ORDER, rules, "{VALUE}", BOARD)
    for value in values:
        alone = RecordFormatter(RecordKind.ORDER, rules, "{VALUE}", BOARD).format("k", "l", {"VALUE": value})
        among = formatter.format("k", "l", {"VALUE": value})
        assert (among.name, among.values, among.findings) == (alone.name, alone.values, alone.findings)
        assert among.column_values == alone.column_values


# --- Findings


@pytest.mark.parametrize(
    ("rule", "code", "title"),
    [
        ({"column": "gone"}, "column_not_on_board", "gone"),
        ({"column": "total"}, "column_not_writable", "Total"),
        ({"column": "old"}, "column_archived", "Old"),
        ({"column": "qty", "transforms": [{"decimals": 1}]}, "not_a_number", "Quantity"),
        ({"transforms": [{"lookup": "gone"}]}, "no_lookup_table", "Cell"),
        ({"column": "style"}, "label_not_on_board", "Style"),
        ({"column": "qty"}, "not_a_number", "Quantity"),
    ],
)
def test_a_refused_value_is_a_finding_that_names_record_rule_source_and_column(rule, code, title, make_rule):
    record = format_record(make_rule(**rule), VALUE="x", kind=RecordKind.LINE)
    (finding,) = record.findings
    assert (finding.code, finding.source, finding.column_title) == (code, "VALUE", title)
    assert (finding.kind, finding.key, finding.label) == (RecordKind.LINE, "key-1", "AAG-1")
    assert finding.severity is Severity.ERROR
    assert finding.problem.subject == "line AAG-1, column VALUE"
    assert finding.problem.remedy == finding.remedy != ""
    assert record.blocked
    assert not record.values[0].written


def test_every_wrong_value_of_a_record_is_told_and_the_good_ones_stay(make_rule):
    record = format_record(
        make_rule(column="qty"), make_rule(column="style"), make_rule(source="NOTE"), VALUE="x", NOTE="kept"
    )
    assert [finding.code for finding in record.findings] == ["not_a_number", "label_not_on_board"]
    assert record.column_values == {"cell": "kept"}


def test_without_a_board_every_rule_says_that_its_column_is_missing(make_rule):
    formatter = RecordFormatter(RecordKind.LINE, [make_rule()], "{NAME}", None)
    (finding,) = formatter.format("key-1", "AAG-1", {"NAME": "x", "VALUE": "y"}).findings
    assert finding.code == "column_not_on_board"


def test_a_label_that_would_be_created_is_told_and_blocks_nothing(make_rule):
    record = format_record(make_rule(column="style", on_unknown_label="create"), VALUE="MR02")
    assert record.creates_labels
    assert record.values[0].creates_label == "MR02"
    assert not record.blocked
    assert not format_record(make_rule(column="style"), VALUE="MR01").creates_labels


# --- Names


@pytest.mark.parametrize(
    ("kind", "name", "code", "message"),
    [
        (RecordKind.ORDER, None, "name_empty", "The item would have no name"),
        (RecordKind.LINE, " ", "name_empty", "The subitem would have no name"),
        (
            RecordKind.ORDER,
            "x" * 256,
            "name_too_long",
            "The item's name has 256 characters, the board takes 255",
        ),
    ],
)
def test_a_name_of_no_or_too_many_characters_is_a_finding_that_names_its_columns(kind, name, code, message):
    record = format_record(kind=kind, NAME=name)
    (finding,) = record.findings
    assert (finding.code, finding.message) == (code, message)
    assert "NAME" in finding.remedy
    assert finding.source == "{NAME}"
    assert record.blocked


def test_a_name_with_half_of_a_character_is_a_finding_and_can_still_be_shown():
    record = format_record(NAME="LINEN \ud83d")
    assert [finding.code for finding in record.findings] == ["broken_character"]
    assert record.name.encode()
    assert record.blocked


def test_a_name_of_255_characters_is_fine():
    assert not format_record(NAME="x" * 255).findings


def test_a_malformed_template_refuses_every_record(make_rule):
    rule = make_rule().model_copy(update={"source": None, "template": "{A"})
    (finding,) = format_record(rule, A="x").findings
    assert finding.code == "template_malformed"
    assert finding.message == "The template of Cell is malformed: expected '}' behind '{A'"
    (finding,) = format_record(name="{NAME").findings
    assert finding.message == "The template of the item's name is malformed: expected '}' behind '{NAME'"
    assert finding.blocks


def test_a_name_that_is_empty_tells_all_stand_ins():
    (finding,) = format_record(name="{A|B} {A}").findings
    assert finding.remedy == "Fill one of A, B, then send again."


# --- Which columns are read


def test_a_mapping_reads_the_columns_of_its_rules_and_names_once_each(make_rule):
    mapping = MappingSet(
        group_name="{CUSTOMER NAME}",
        item_name="{STYLE} {COLOUR}",
        subitem_name="{size_code}",
        items=(make_rule(source="STYLE"), make_rule(template="{STYLE}_{ALT PO|PO}")),
        subitems=(make_rule(source="qty"), make_rule(source="size_code")),
    )
    assert mapped_columns(mapping) == (
        ("CUSTOMER NAME", "STYLE", "COLOUR", "ALT PO", "PO"),
        ("size_code", "qty"),
    )
