from core.config.model import ColumnMapping, MappingSet
from core.mapping.findings import Severity
from core.monday.board import Board, BoardSchema, Column
from core.orders.model import ActionType, Order, OrderLine, SyncState
from core.workspace.mapping import check_mapping, preview_mapping
from gui.models.mapping_draft import empty_rule, with_rules
from gui.models.mapping_findings import (
    NameSamples,
    all_findings,
    checked_mapping,
    form_findings,
    new_errors,
    with_name_rules,
)

SOURCES = (("record_uuid", "CUSTOMER", "STYLE"), ("line_uuid", "size"))
SCHEMA = BoardSchema(
    Board("1", "Orders", (Column("name", "Name", "name"), Column("key", "Key", "text"))),
    Board("2", "Subitems", (Column("name", "Name", "name"), Column("key", "Key", "text"))),
)
MAPPING = MappingSet(
    group_name="{CUSTOMER}",
    item_name="{STYLE} {CUSTOMER}",
    subitem_name="{size}",
    item_key_column="key",
    subitem_key_column="key",
    items=(ColumnMapping(column="key", type="text", source="record_uuid"),),
    subitems=(ColumnMapping(column="key", type="text", source="line_uuid"),),
)
ORDER = Order(
    "o1",
    "ACME",
    "AAG-1",
    {"record_uuid": "o1", "CUSTOMER": "ACME", "STYLE": "Parka"},
    SyncState.NEW,
    ActionType.INSERT,
    lines=(OrderLine("l1", "o1", {"line_uuid": "l1", "size": "XL"}, SyncState.NEW, ActionType.INSERT),),
)


def tried(mapping, order=ORDER):
    preview = preview_mapping(with_name_rules(mapping), SCHEMA, order)
    return checked_mapping(mapping, preview, check_mapping(mapping, SCHEMA))


def test_that_names_of_the_sample_order_are_known_and_no_rules():
    checked = tried(MAPPING)
    assert checked.names == NameSamples("ACME", "Parka ACME", "XL")
    assert [value.column_id for value in checked.values["items"]] == ["key"]
    assert [value.shown for value in checked.values["subitems"]] == ["l1"]


def test_that_an_order_without_lines_leaves_the_subitem_name_empty():
    without_lines = Order("o1", "ACME", "AAG-1", ORDER.values, SyncState.NEW, ActionType.INSERT)
    checked = tried(MAPPING, without_lines)
    assert checked.names == NameSamples("ACME", "Parka ACME", "")
    assert checked.values["subitems"] == ()


def test_that_a_value_is_found_by_the_board_column_of_its_rule():
    checked = tried(MAPPING)
    assert {column: value.shown for column, value in checked.values_of("items").items()} == {"key": "o1"}
    twice = tried(with_rules(MAPPING, "items", [*MAPPING.items, MAPPING.items[0]]))
    assert list(twice.values_of("items")) == ["key"]


def test_that_a_sound_mapping_has_no_findings():
    assert form_findings(MAPPING, SOURCES) == ()


def test_that_missing_names_sources_and_columns_are_errors_at_their_place():
    rules = (*MAPPING.items, empty_rule(), MAPPING.items[0].model_copy(update={"source": "GONE"}))
    mapping = with_rules(MAPPING, "items", rules).model_copy(
        update={"item_name": " ", "group_name": "{NOPE}"}
    )
    findings = form_findings(mapping, SOURCES)
    assert [(finding.index, finding.code) for finding in findings] == [
        (None, "source_not_in_table"),
        (None, "name_missing"),
        (1, "source_missing"),
        (1, "column_missing"),
        (2, "source_not_in_table"),
    ]
    assert "'NOPE'" in findings[0].message
    assert "headers table has no column 'GONE'" in findings[-1].message


def test_that_every_column_of_a_template_must_be_in_the_lines_table():
    rule = MAPPING.subitems[0].model_copy(update={"source": None, "template": "{size}/{CUSTOMER}"})
    findings = form_findings(with_rules(MAPPING, "subitems", [rule]), SOURCES)
    assert [(finding.board, finding.message) for finding in findings] == [
        ("subitems", "The lines table has no column 'CUSTOMER'")
    ]


def test_that_the_board_says_nothing_to_a_rule_that_has_no_column_yet():
    mapping = with_rules(MAPPING, "items", [*MAPPING.items, empty_rule()])
    on_board = check_mapping(mapping, SCHEMA)
    assert any(finding.code == "column_not_on_board" for finding in on_board)
    both = all_findings(form_findings(mapping, SOURCES), on_board, mapping)
    assert {finding.code for finding in both} == {"source_missing", "column_missing"}


def test_that_only_errors_the_saved_mapping_did_not_have_stand_against_a_save():
    gone = ColumnMapping(column="gone", type="text", source="STYLE")
    saved = with_rules(MAPPING, "items", [*MAPPING.items, gone])
    before = check_mapping(saved, SCHEMA)
    edited = with_rules(saved, "items", [*saved.items, gone.model_copy(update={"column": "lost"})])
    after = check_mapping(edited, SCHEMA)
    assert {finding.severity for finding in after} == {Severity.ERROR}
    fresh = new_errors(after, edited, before, saved)
    assert ["lost" in finding.message for finding in fresh] == [True]
    assert new_errors(before, saved, before, saved) == ()
