"""Rules and names written back: only what changed moves."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.edit import edited_text, save_mapping
from core.config.load import load_configuration
from core.config.model import ColumnMapping, NumberFormat
from core.config.transforms import Lookup, Replace, Round, Split
from core.errors import ConfigurationError
from core.resources import shipped_configuration
from tests.core.config.commented import (
    COMMENTED,
    NEW,
    changes,
    edit,
    parse,
    profile,
    rules,
    with_items,
    words,
)

# --- Nothing changed


@pytest.mark.parametrize(
    "path", sorted(shipped_configuration().parent.glob("*.toml")), ids=lambda path: path.name
)
def test_saving_without_a_change_keeps_every_byte_of_a_shipped_file(path):
    text = path.read_bytes().decode("utf-8")
    for each in load_configuration(path).profiles.values():
        assert edited_text(text, each, each.mapping_set) == text


@pytest.mark.parametrize("name", ["demo", "production"])
def test_saving_without_a_change_keeps_every_byte_even_of_spelt_out_defaults(name):
    each = profile(name=name)
    assert edited_text(COMMENTED, each, each.mapping_set) == COMMENTED


def test_saving_without_a_change_leaves_no_backup(tmp_path):
    path = tmp_path / "orders.toml"
    path.write_text(COMMENTED)
    each = profile()
    assert save_mapping(each, each.mapping_set, path=path, loaded_text=COMMENTED) == COMMENTED
    assert list(tmp_path.iterdir()) == [path]


# --- One change, one line


@pytest.mark.parametrize(
    ("place", "update", "expected"),
    [
        (
            1,
            {"transforms": ("upper",)},
            ['-     "trim",   # blanks from pasting', '+     "upper",   # blanks from pasting'],
        ),
        (1, {"transforms": ("trim", "upper")}, ['+     "upper",']),
        (1, {"transforms": (Split(split="-", part=2), "trim")}, ['+     {split = "-", part = 2},']),
        (1, {"true_words": ("ja", "oui")}, ['+ true_words = ["ja", "oui"]']),
        (2, {"transforms": (Round(decimals=2),)}, ["+ transforms = [{decimals = 2}]"]),
        (
            2,
            {"transforms": (Replace(replace="BLK", by='"'), Lookup(lookup="seasons", otherwise="keep"))},
            ['+ transforms = [{replace = "BLK", with = "\\""}, {lookup = "seasons", otherwise = "keep"}]'],
        ),
        (2, {"number_format": "1.234,5"}, ['+ number_format = "1.234,5"']),
        (2, {"date_only": True}, ["+ date_only = true"]),
        (0, {"column": "key_2"}, ['- column = "po_key"', '+ column = "key_2"']),
        (0, {"source": "UUID"}, ['- source = "record_uuid"   # ours', '+ source = "UUID"   # ours']),
        (0, {"required": False}, ["- required = true"]),
        (
            0,
            {"on_empty": "clear"},
            [
                '- on_empty = "leave"       # spelt out on purpose',
                '+ on_empty = "clear"       # spelt out on purpose',
            ],
        ),
        (1, {"required": True}, ["+ required = true"]),
        (2, {"default": "0"}, ['+ default = "0"']),
        (2, {"source": None, "template": "{PRICE}"}, ['- source = "PRICE"', '+ template = "{PRICE}"']),
    ],
)
def test_one_edit_changes_one_line(place, update, expected):
    items = list(rules())
    items[place] = edit(items[place], **update)
    assert sorted(changes(COMMENTED, with_items(COMMENTED, *items))) == sorted(expected)


def test_an_edited_name_template_changes_one_line_and_keeps_its_comment():
    before = profile()
    edited = edited_text(COMMENTED, before, before.mapping_set.model_copy(update={"group_name": "{BRAND}"}))
    assert changes(COMMENTED, edited) == [
        '- group_name = "{CUSTOMER NAME}"   # a group a customer',
        '+ group_name = "{BRAND}"   # a group a customer',
    ]


def test_a_key_column_can_be_taken_out():
    before = profile()
    edited = edited_text(COMMENTED, before, before.mapping_set.model_copy(update={"item_key_column": None}))
    assert changes(COMMENTED, edited) == ['- item_key_column = "po_key"']


def test_an_edit_in_the_shipped_file_changes_one_line():
    text = shipped_configuration().read_text(encoding="utf-8")
    each = parse(text).profiles["demo"]
    items = list(each.mapping_set.items)
    items[7] = edit(items[7], default="DROP 1")
    edited = edited_text(text, each, each.mapping_set.model_copy(update={"items": tuple(items)}))
    assert changes(text, edited) == ['+ default = "DROP 1"']


# --- Rules added, removed, reordered


def test_a_new_last_rule_stands_behind_the_last_one():
    edited = with_items(COMMENTED, *rules(), NEW)
    assert edited == COMMENTED.replace(
        """type = "numbers"
""",
        """type = "numbers"

[[mappings.orders.items]]
source = "NOTES"
column = "notes"
type = "long_text"
transforms = ["trim"]
on_too_long = "truncate"
""",
    )


def test_a_new_first_rule_stands_before_the_first_one_and_its_comment():
    edited = with_items(COMMENTED, NEW, *rules())
    assert (
        edited.index("# --- What is ordered")
        < edited.index('"NOTES"')
        < edited.index("# The key, first of all.")
    )
    assert all(line.startswith("+") for line in changes(COMMENTED, edited))


def test_a_removed_rule_takes_its_comment_along_and_leaves_the_others():
    key, _, price = rules()
    edited = with_items(COMMENTED, key, price)
    first = COMMENTED.index("# New styles")
    assert edited == COMMENTED[:first] + COMMENTED[COMMENTED.index("# --- Prices") :]


def test_the_heading_above_a_removed_rule_stays():
    key, style, _ = rules()
    edited = with_items(COMMENTED, key, style)
    first = COMMENTED.index("# In USD.")
    assert edited == COMMENTED[:first] + COMMENTED[COMMENTED.index("# --- Lines") :]


def test_a_moved_rule_takes_its_comment_along_and_headings_stay():
    key, style, price = rules()
    edited = with_items(COMMENTED, style, key, price)
    assert sorted(edited.split("\n")) == sorted(COMMENTED.split("\n"))
    order = ["# --- What is ordered", "# New styles", '"STYLE"', "# The key", '"record_uuid"', "# --- Prices"]
    places = [edited.index(mark, edited.index("# --- What")) for mark in order]
    assert places == sorted(places)


def test_rules_can_be_moved_edited_removed_and_added_at_once():
    key, style, price = rules()
    edited = with_items(COMMENTED, edit(price, default="0"), NEW, edit(key, required=False))
    assert style.column not in {rule.column for rule in profile(edited).mapping_set.items}
    assert "# In USD.\n[[mappings.orders.items]]" in edited
    assert "# The key, first of all.\n[[mappings.orders.items]]" in edited
    assert "# New styles" not in edited


def test_all_rules_of_a_list_can_go_and_come_back():
    without = with_items(COMMENTED)
    assert "# --- Prices" in without
    assert with_items(without, *rules())


def test_the_first_subitem_rule_comes_behind_the_items():
    before = profile()
    bare = edited_text(COMMENTED, before, before.mapping_set.model_copy(update={"subitems": ()}))
    assert "subitems" not in bare.replace("[mappings", "")
    again = edited_text(bare, profile(bare), before.mapping_set)
    assert profile(again).mapping_set == before.mapping_set
    assert again.index("[[mappings.orders.subitems]]") > again.rindex("[[mappings.orders.items]]")


def test_two_rules_for_one_source_keep_their_comments():
    twice = edit(rules()[2], column="price_2")
    text = with_items(COMMENTED, *rules(), twice)
    assert changes(text, with_items(text, *rules(), edit(twice, column="price_3"))) == [
        '- column = "price_2"',
        '+ column = "price_3"',
    ]


def test_line_ends_of_windows_are_kept_and_given_to_new_lines():
    text = COMMENTED.replace("\n", "\r\n")
    key, style, price = rules()
    edited = with_items(text, key, edit(style, required=True), price, NEW)
    assert edited.count("\n") == edited.count("\r\n") > text.count("\r\n")


steps = (
    st.sampled_from(["trim", "upper", "lower", "title"])
    | st.builds(Split, split=words, part=st.sampled_from([1, 2, -1]))
    | st.builds(Replace, replace=words, by=st.text(max_size=4))
    | st.builds(Lookup, lookup=st.just("seasons"), otherwise=st.sampled_from(["refuse", "keep"]))
    | st.builds(Round, decimals=st.integers(0, 10))
)
origins = st.sampled_from(
    [{"source": name} for name in ("A", "B", '∆ "quoted"', "[32]", "# no comment")]
    + [{"template": "{A|B} {C}"}, {"template": "\"\"\"'''\\{A}"}]
)
policies = st.sampled_from(
    [{"on_unknown_label": "create"}, {"on_unknown_label": "map", "unknown_label": "OTHER \\ ONE"}, {}]
)


def built(origin: dict[str, str], policy: dict[str, str], **values: object) -> ColumnMapping:
    return ColumnMapping.model_validate({**origin, **policy, **values})


rule_lists = st.lists(
    st.builds(
        built,
        origin=origins,
        policy=policies,
        column=st.sampled_from(["po_key", "style", "price", "notes", "extra"]),
        type=st.sampled_from(["text", "numbers"]),
        transforms=st.lists(steps, max_size=4).map(tuple),
        default=st.none() | st.text(max_size=8),
        number_format=st.sampled_from(get_args(NumberFormat)),
        time_zone=st.none() | st.just("Europe/Amsterdam"),
        date_only=st.booleans(),
        true_words=st.lists(words, max_size=2).map(tuple),
        country=st.none() | st.just("NL"),
        week_start=st.sampled_from(["monday", "sunday"]),
        required=st.booleans(),
        on_empty=st.sampled_from(["leave", "clear"]),
        date_format=st.none() | st.just("%d/%m/%Y"),
    ),
    max_size=6,
).map(tuple)


@given(rule_lists, rule_lists)
def test_any_rules_can_be_written_and_are_read_back_exactly(first, second):
    keep = ("# --- What is ordered", "# --- Prices", "# --- Lines", "# the end", "# the one for training")
    text = with_items(with_items(COMMENTED, *first), *second)
    assert all(heading in text for heading in keep)


# --- Column ids of another board


def test_a_profile_with_its_own_column_ids_writes_back_those_of_the_set():
    production = profile(name="production")
    key, style, price = production.mapping_set.items
    assert (key.column, style.column) == ("po_key_mkx1", "style_mkx1")
    mapping = production.mapping_set.model_copy(update={"items": (key, edit(style, required=True), price)})
    edited = edited_text(COMMENTED, production, mapping)
    assert changes(COMMENTED, edited) == ["+ required = true"]
    assert profile(edited, "production").mapping_set == mapping


# --- Written inline


def test_a_mapping_written_inline_is_refused_with_the_form_to_use():
    inline = (
        "mappings.orders = { group_name = 'g', item_name = 'i', subitem_name = 's', "
        "items = [{ source = 'A', column = 'a', type = 'text' }] }\n"
    ) + COMMENTED[: COMMENTED.index("[mappings.orders]")]
    each = profile(inline)
    assert edited_text(inline, each, each.mapping_set) == inline
    for update in ({"group_name": "x"}, {"items": ()}):
        with pytest.raises(ConfigurationError) as caught:
            edited_text(inline, each, each.mapping_set.model_copy(update=update))
        assert caught.value.problem.code == "configuration_not_editable"
        assert "[[mappings.orders.items]]" in caught.value.problem.remedy
