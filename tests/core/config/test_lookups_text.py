"""Lookup tables written back: only what changed moves."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.config.edit import edited_text
from core.config.transforms import Lookup
from core.errors import ConfigurationError
from tests.core.config.commented import COMMENTED, changes, edit, profile, rules, with_mapping, words

lookup_tables = st.dictionaries(
    st.sampled_from(["seasons", "colours", "a b", '"']) | words,
    st.dictionaries(st.sampled_from(["S 26", "W26"]) | st.text(max_size=5), st.text(max_size=5), max_size=4),
    max_size=3,
)


@given(lookup_tables, lookup_tables)
@example({}, {"\x7f": {"\x7f": "\x7f"}})
def test_any_lookup_tables_can_be_written_and_are_read_back_exactly(first, second):
    text = with_mapping(with_mapping(COMMENTED, lookups=first), lookups=second)
    kept = COMMENTED.split("[mappings.orders.lookups.seasons]", maxsplit=1)[0].removesuffix(
        "# Short names of the seasons.\n"
    )
    assert text.startswith(kept)
    assert text.endswith(COMMENTED[COMMENTED.index("# --- What is ordered") :])


# --- Lookup tables


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (
            {"S 26": "SUMMER"},
            ['- "S 26" = "SUMMER 26"   # as on the board', '+ "S 26" = "SUMMER"   # as on the board'],
        ),
        ({"A/B": "AUTUMN"}, ['+ "A/B" = "AUTUMN"']),
        ({"W26": None}, ['- W26 = "WINTER 26"']),
    ],
)
def test_one_edit_of_a_lookup_table_changes_one_line(update, expected):
    seasons = profile().mapping_set.lookups["seasons"] | update
    table = {key: value for key, value in seasons.items() if value is not None}
    edited = with_mapping(COMMENTED, lookups={"seasons": table})
    assert sorted(changes(COMMENTED, edited)) == sorted(expected)


def test_a_new_lookup_table_stands_behind_the_others_and_a_removed_one_takes_its_comment_along():
    seasons = profile().mapping_set.lookups["seasons"]
    edited = with_mapping(COMMENTED, lookups={"seasons": seasons, "colours": {"BLK": "BLACK"}})
    block = '[mappings.orders.lookups.colours]\nBLK = "BLACK"\n\n'
    assert edited == COMMENTED.replace("# --- What is ordered", f"{block}# --- What is ordered")
    first = COMMENTED.index("# Short names")
    rest = COMMENTED[COMMENTED.index("# --- What is ordered") :]
    assert with_mapping(edited, lookups={"colours": {"BLK": "BLACK"}}) == COMMENTED[:first] + block + rest


def test_lookup_tables_of_one_line_each_are_edited_on_their_lines():
    tables = (
        '[mappings.orders.lookups]\nseasons = { W26 = "WINTER 26" }  # ours\ncolours.BLK = "BLACK"\nx = {}\n'
    )
    start, end = COMMENTED.index("# Short names"), COMMENTED.index("\n# --- What is ordered")
    text = COMMENTED[:start] + tables + COMMENTED[end:]
    edited = with_mapping(text, lookups={"seasons": {"W26": "WINTER"}, "colours": {"BLK": "SCHWARZ"}})
    assert changes(text, edited) == [
        '- seasons = { W26 = "WINTER 26" }  # ours',
        '+ seasons = { W26 = "WINTER" }  # ours',
        '- colours.BLK = "BLACK"',
        '+ colours.BLK = "SCHWARZ"',
        "- x = {}",
    ]


@pytest.mark.parametrize("inline", ["lookups = {}", 'lookups.seasons.W26 = "WINTER 26"'])
def test_lookups_inside_the_mapping_s_own_table_are_refused_with_the_form_to_use(inline):
    start, end = COMMENTED.index("# Short names"), COMMENTED.index("\n# --- What is ordered")
    text = COMMENTED[:start] + inline + "\n" + COMMENTED[end:]
    each = profile(text)
    with pytest.raises(ConfigurationError) as caught:
        edited_text(text, each, each.mapping_set.model_copy(update={"lookups": {"seasons": {"a": "b"}}}))
    assert caught.value.problem.code == "configuration_not_editable"
    assert "[mappings.orders.lookups.NAME]" in caught.value.problem.remedy


def test_a_rule_and_the_lookup_table_that_it_names_are_saved_together():
    key, style, price = rules()
    colours = {**profile().mapping_set.lookups, "colours": {"BLK": "BLACK"}}
    items = (key, edit(style, transforms=("trim", Lookup(lookup="colours"))), price)
    edited = with_mapping(COMMENTED, items=items, lookups=colours)
    assert changes(COMMENTED, edited) == [
        "+ [mappings.orders.lookups.colours]",
        '+ BLK = "BLACK"',
        "+ ",
        '+     {lookup = "colours"},',
    ]
