import pytest

from core.config.model import ColumnMapping, MappingSet
from core.config.transforms import Lookup, Replace, Round, Split
from gui.models.mapping_words import (
    Change,
    listed,
    mapping_changes,
    policy_words,
    step_words,
    transform_words,
)

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
        ({"on_unknown_label": "map", "unknown_label": "OTHER"}, "optional, unknown labels as OTHER"),
        ({"type": "long_text", "on_too_long": "truncate"}, "optional, cut when too long"),
        ({"type": "numbers", "on_empty": "clear"}, "optional, clear when empty"),
        ({"type": "date", "date_format": "%d/%m/%Y"}, "optional, date as %d/%m/%Y"),
        ({"type": "text", "default": "EACH", "on_unknown_label": "create"}, "optional, default EACH"),
        ({"type": "numbers", "number_format": "1.234,5"}, "optional, numbers like 1.234,5"),
        ({"type": "text", "number_format": "1.234,5"}, "optional"),
        ({"type": "date", "time_zone": "UTC", "date_only": True}, "optional, times of UTC, day alone"),
        ({"type": "phone", "country": "NL"}, "optional, numbers of NL"),
        ({"type": "week", "week_start": "sunday"}, "optional, weeks from Sunday"),
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
        ({"transforms": ("trim", "upper")}, "set transforms to trim, upper for STYLE"),
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


def test_that_every_step_is_told_in_its_order():
    steps = ("trim", "upper", Split(split="-", part=-2), Replace(replace="A", by="B"))
    rule = make_rule(transforms=(*steps, Lookup(lookup="seasons"), Round(decimals=2)))
    assert transform_words(rule) == (
        "trim, UPPER, part 2 from the end at '-', 'A' → 'B', look up in seasons, round to 2"
    )


def test_that_another_order_of_the_same_rules_is_told():
    first, second = make_rule(), make_rule("category")
    assert mapping_changes(make_mapping(first, second), make_mapping(second, first), title_of) == (
        Change("Items", "the order of the rules"),
    )


def test_that_entries_of_a_look_up_table_that_differ_are_told():
    before = make_mapping(lookups={"kinds": {"A": "1", "B": "2"}, "gone": {}})
    after = make_mapping(lookups={"kinds": {"A": "1", "B": "3"}, "new": {"X": "Y"}})
    assert mapping_changes(before, after, title_of) == (
        Change("Look-up table kinds", "1 entry differs: B"),
        Change("Look-up table gone", "removed"),
        Change("Look-up table new", "added, 1 entry"),
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [((), ""), (("A",), "A"), (("A", "B"), "A and B"), (("A", "B", "C"), "A, B and C")],
)
def test_that_a_list_in_a_sentence_has_one_and(words, sentence):
    assert listed(words) == sentence
