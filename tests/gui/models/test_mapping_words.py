import pytest

from core.config.model import ColumnMapping, MappingSet
from gui.models.mapping_words import Change, mapping_changes, policy_words, step_words

TITLES = {"style": "STYLE", "category": "CATEGORY", "size": "Size", "key": "Key"}


def title_of(_side, column):
    return TITLES.get(column, column)


def make_rule(column="style", **changes):
    return ColumnMapping(**{"column": column, "type": "dropdown", "source": column.upper(), **changes})


def make_mapping(*items, **changes):
    values = {"group_name": "{C}", "item_name": "{S}", "subitem_name": "{size}", "items": items}
    return MappingSet(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"type": "text"}, "optional"),
        ({"required": True}, "required, refuse unknown labels"),
        ({"on_unknown_label": "create", "transforms": ("trim",)}, "optional, trim, create unknown labels"),
        ({"type": "long_text", "on_too_long": "truncate"}, "optional, cut when too long"),
        ({"type": "numbers", "on_empty": "clear"}, "optional, clear when empty"),
        ({"type": "date", "date_format": "%d/%m/%Y"}, "optional, date as %d/%m/%Y"),
        ({"type": "text", "default": "EACH", "on_unknown_label": "create"}, "optional, default EACH"),
    ],
)
def test_that_a_policy_tells_what_matters_for_the_type(changes, words):
    assert policy_words(make_rule(**changes)) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"column": "category"}, "map STYLE → CATEGORY"),
        ({"source": None, "template": "{A}_{B}"}, "map {A}_{B} → STYLE"),
        ({"required": True}, "set required to yes for STYLE"),
        ({"on_unknown_label": "create"}, "set unknown labels to create for STYLE"),
        ({"on_empty": "clear"}, "set when empty to clear the cell for STYLE"),
        ({"transforms": ("trim", "upper")}, "set text changes to trim, upper for STYLE"),
    ],
)
def test_that_a_step_is_named_by_what_it_changes(changes, words):
    before = make_rule()
    after = before.model_copy(update=changes)
    assert step_words(before, after, title_of("items", after.column)) == words


def test_that_equal_mappings_have_no_changes():
    mapping = make_mapping(make_rule())
    assert mapping_changes(mapping, make_mapping(make_rule()), title_of) == ()


def test_that_names_and_rules_of_both_sides_are_told():
    before = make_mapping(make_rule(), make_rule("category"), item_key_column="key")
    after = make_mapping(
        make_rule(required=True),
        item_name="{S} {C}",
        subitems=(make_rule("size", source="size_code", required=True),),
    )
    assert mapping_changes(before, after, title_of) == (
        Change("Item name", "{S} → {S} {C}"),
        Change("Items: key column", "Key → none"),
        Change("Items: STYLE", "required: no → yes"),
        Change("Items: CATEGORY", "removed, was from CATEGORY"),
        Change("Subitems: Size", "added, from size_code (required, refuse unknown labels)"),
    )


def test_that_a_rule_moved_to_another_column_is_one_change_not_two():
    before, after = (
        make_mapping(make_rule()),
        make_mapping(make_rule("category", source="STYLE", type="text")),
    )
    assert mapping_changes(before, after, title_of) == (
        Change("Items: CATEGORY", "board column: STYLE → CATEGORY; type: dropdown → text"),
    )


def test_that_a_source_turned_into_a_template_is_told_once():
    before = make_mapping(make_rule())
    after = make_mapping(make_rule(source=None, template="{STYLE}_{PO}"))
    assert mapping_changes(before, after, title_of) == (
        Change("Items: STYLE", "source: STYLE → {STYLE}_{PO}"),
    )
