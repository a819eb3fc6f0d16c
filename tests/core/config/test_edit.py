"""Edits written back: only what changed moves, and no edit can damage the file."""

import difflib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.edit import edited_text, save_mapping
from core.config.load import load_configuration, parse_configuration
from core.config.model import ColumnMapping, Configuration, MappingSet, Profile
from core.errors import ConfigurationError
from core.resources import shipped_configuration

COMMENTED = """\
default_profile = "demo"   # the one for training

[profiles.demo]
kind = "demo"
api_url = "practice-board"
token_source = "practice-board"
board_id = "7000000001"
database_url = "sqlite:///orders.db"
mapping = "orders"

[profiles.production]
inherits = "demo"
[profiles.production.column_ids]
style = "style_mkx1"
po_key = "po_key_mkx1"

[mappings.orders]
group_name = "{CUSTOMER NAME}"   # a group a customer
item_name = "{STYLE}"
subitem_name = "{size_code}"
item_key_column = "po_key"

# --- What is ordered

# The key, first of all.
[[mappings.orders.items]]
source = "record_uuid"   # ours
column = "po_key"
type = "text"
required = true
on_empty = "leave"       # spelt out on purpose

# New styles come every season,
# so they are made.
[[mappings.orders.items]]
source = "STYLE"
column = "style"
type = "dropdown"
transforms = [
    "trim",   # blanks from pasting
]

# --- Prices

# In USD.
[[mappings.orders.items]]
source = "PRICE"
column = "price"
type = "numbers"

# --- Lines

# The size.
[[mappings.orders.subitems]]
source = "size_code"
column = "size"
type = "dropdown"
# the end
"""

NEW = ColumnMapping(
    source="NOTES", column="notes", type="long_text", on_too_long="truncate", transforms=("trim",)
)


def parse(text: str) -> Configuration:
    return parse_configuration(text, Path("orders.toml"))


def profile(text: str = COMMENTED, name: str = "demo") -> Profile:
    return parse(text).profiles[name]


def with_items(text: str, *items: ColumnMapping) -> str:
    """The text with the demo profile's item rules replaced; checked to give back exactly these."""
    before = profile(text)
    edited = edited_text(text, before, before.mapping_set.model_copy(update={"items": items}))
    assert profile(edited).mapping_set.items == items
    return edited


def changes(before: str, after: str) -> list[str]:
    """The lines that differ, marked by - and +."""
    difference = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in difference if line.startswith(("- ", "+ "))]


def rules() -> tuple[ColumnMapping, ColumnMapping, ColumnMapping]:
    key, style, price = profile().mapping_set.items
    return key, style, price


def edit(rule: ColumnMapping, **update: object) -> ColumnMapping:
    return rule.model_copy(update=update)


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


rule_lists = st.lists(
    st.builds(
        ColumnMapping,
        source=st.sampled_from(["A", "B", '∆ "quoted"', "[32]", "# no comment"]),
        column=st.sampled_from(["po_key", "style", "price", "notes", "extra"]),
        type=st.sampled_from(["text", "numbers"]),
        transforms=st.lists(st.sampled_from(["trim", "upper"]), max_size=2).map(tuple),
        default=st.none() | st.text(max_size=8),
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


# --- The file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "orders.toml"
    path.write_text(COMMENTED, encoding="utf-8")
    return path


def renamed(name: str = "{BRAND}") -> MappingSet:
    return profile().mapping_set.model_copy(update={"group_name": name})


def test_saving_replaces_the_file_keeps_its_mode_and_a_copy_of_the_old_one(path):
    path.chmod(0o640)
    text = save_mapping(profile(), renamed(), path=path, loaded_text=COMMENTED)
    assert path.read_text(encoding="utf-8") == text != COMMENTED
    assert load_configuration(path).profiles["demo"].mapping_set.group_name == "{BRAND}"
    assert path.stat().st_mode & 0o777 == 0o640
    (backup,) = path.parent.glob("orders.toml.*.bak")
    assert backup.read_text(encoding="utf-8") == COMMENTED
    assert set(path.parent.iterdir()) == {path, backup}


def test_saving_through_a_link_changes_the_file_behind_it(path):
    link = path.with_name("link.toml")
    link.symlink_to(path)
    save_mapping(profile(), renamed(), path=link, loaded_text=COMMENTED)
    assert link.is_symlink()
    assert "{BRAND}" in path.read_text(encoding="utf-8")


def test_a_file_changed_on_disk_is_not_touched(path):
    path.write_text(COMMENTED + "# theirs\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        save_mapping(profile(), renamed(), path=path, loaded_text=COMMENTED)
    assert caught.value.problem.code == "configuration_changed_on_disk"
    assert "F5" in caught.value.problem.remedy
    assert path.read_text(encoding="utf-8") == COMMENTED + "# theirs\n"
    assert list(path.parent.iterdir()) == [path]


def test_an_invalid_result_never_replaces_the_file_and_names_it(path):
    with pytest.raises(ConfigurationError) as caught:
        save_mapping(profile(), renamed(""), path=path, loaded_text=COMMENTED)
    assert caught.value.problem.title == "mappings.orders.group_name: expected at least one character"
    assert caught.value.problem.subject == f"{path}, line 18"
    assert list(path.parent.iterdir()) == [path]
    assert path.read_text(encoding="utf-8") == COMMENTED


@pytest.mark.parametrize(
    ("ids", "column"),
    [
        ('price = "style_mkx1"', "price"),  # two columns, one id
        ('price = "po_key"', "price"),  # the id of another column
        ('po_key = "po_key_mkx1"', "style"),  # an id that this profile replaces
    ],
)
def test_column_ids_that_do_not_tell_columns_apart_never_change_the_file(ids, column, path):
    text = COMMENTED.replace('po_key = "po_key_mkx1"', ids)
    path.write_text(text, encoding="utf-8")
    production = profile(text, "production")
    items = (*production.mapping_set.items[:2], edit(production.mapping_set.items[2], column=column))
    mapping = production.mapping_set.model_copy(update={"group_name": "{BRAND}", "items": items})
    with pytest.raises(ConfigurationError) as caught:
        save_mapping(production, mapping, path=path, loaded_text=text)
    assert caught.value.problem.code == "configuration_not_saved"
    assert path.read_text(encoding="utf-8") == text
    assert list(path.parent.iterdir()) == [path]


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


def test_a_folder_that_may_not_be_written_gives_a_message(path, monkeypatch):
    def refused(**_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "mkstemp", refused)
    with pytest.raises(ConfigurationError) as caught:
        save_mapping(profile(), renamed(), path=path, loaded_text=COMMENTED)
    assert caught.value.problem.title == "The configuration could not be saved: Permission denied"
    assert path.read_text(encoding="utf-8") == COMMENTED


def test_a_failure_while_the_copy_is_made_leaves_no_half_file(path, monkeypatch):
    def full(_path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ConfigurationError, match="No space left on device"):
        save_mapping(profile(), renamed(), path=path, loaded_text=COMMENTED)
    assert list(path.parent.iterdir()) == [path]
    assert path.read_text(encoding="utf-8") == COMMENTED
