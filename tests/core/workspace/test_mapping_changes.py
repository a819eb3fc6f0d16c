"""What differs between two versions, in words."""

from core.config.model import ColumnMapping, MappingSet
from core.config.transforms import Lookup
from core.workspace.mapping_changes import mapping_changes

STYLE = ColumnMapping(column="style", type="dropdown", source="STYLE")
NOTES = ColumnMapping(column="notes", type="long_text", source="NOTES")
BEFORE = MappingSet(
    group_name="{CUSTOMER}", item_name="{STYLE}", subitem_name="{SIZE}", items=(STYLE, NOTES), lookups={}
)


def changes(**update) -> tuple[str, ...]:
    return mapping_changes(BEFORE, BEFORE.model_copy(update=update))


def test_equal_mappings_have_no_change():
    assert mapping_changes(BEFORE, BEFORE) == ()


def test_a_changed_name_is_told_with_both_texts():
    assert changes(item_name="{STYLE} {NUMBER}") == ("item_name: '{STYLE}' -> '{STYLE} {NUMBER}'",)


def test_a_key_column_that_is_named_or_no_longer_named_is_told():
    assert changes(item_key_column="uuid") == ("item_key_column = 'uuid' (was not set)",)
    named = BEFORE.model_copy(update={"item_key_column": "uuid"})
    assert mapping_changes(named, BEFORE) == ("item_key_column is no longer set (was 'uuid')",)


def test_rules_that_come_and_go_are_told_with_source_and_column():
    added = ColumnMapping(column="size", type="text", source="SIZE")
    assert changes(items=(STYLE,)) == ("items: the rule NOTES -> notes removed",)
    assert changes(subitems=(added,)) == ("subitems: the rule SIZE -> size added (text)",)


def test_a_changed_rule_is_told_setting_by_setting():
    changed = STYLE.model_copy(
        update={"required": True, "transforms": ("trim", Lookup(lookup="styles")), "default": "NONE"}
    )
    assert changes(items=(changed, NOTES)) == (
        "items: style: transforms: none -> 'trim', {lookup = 'styles', otherwise = 'refuse'}",
        "items: style: default = 'NONE' (was not set)",
        "items: style: required: false -> true",
    )


def test_another_order_of_the_same_rules_is_told():
    assert changes(items=(NOTES, STYLE)) == ("items: the order of the rules changed",)


def test_lookup_tables_are_told_value_by_value():
    one = BEFORE.model_copy(update={"lookups": {"colours": {"BLK": "Black", "WHT": "White"}}})
    other = BEFORE.model_copy(update={"lookups": {"colours": {"BLK": "BLACK"}, "sizes": {"S": "Small"}}})
    assert mapping_changes(one, other) == (
        "lookup table colours: BLK: 'Black' -> 'BLACK'",
        "lookup table colours: WHT is no longer set (was 'White')",
        "lookup table sizes added, with 1 values",
    )
    assert mapping_changes(one, BEFORE) == ("lookup table colours removed",)


def test_a_long_value_is_cut():
    (change,) = changes(item_name="x" * 500)
    assert change.endswith("…")
    assert len(change) < 120
