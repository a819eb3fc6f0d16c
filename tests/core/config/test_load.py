"""The configuration file, read: what a profile gets, and every kind of fault with its line and key."""

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config.load import (
    data_folder,
    expand,
    find_configuration,
    load_configuration,
    parse_configuration,
    profile_of,
    read_text,
    with_column_ids,
)
from core.config.model import ColumnMapping, Limits, MappingSet, Profile, ProfileKind
from core.errors import ConfigurationError, ExitCode, Problem
from core.resources import shipped_configuration

SMALL = """\
default_profile = "demo"
[profiles.demo]
kind = "demo"
api_url = "practice-board"
token_source = "practice-board"
board_id = "7000000001"
database_url = "sqlite:///{data}/orders.db"
mapping = "orders"
[mappings.orders]
group_name = "{CUSTOMER NAME}"
item_name = "{AAG ORDER NUMBER}"
subitem_name = "{size_code}"
[[mappings.orders.items]]
source = "PO NUMBER"
column = "text_po"
type = "text"
"""
"""As the fixture `small`, for tests whose examples Hypothesis makes."""


def parse(text):
    return parse_configuration(text, Path("orders.toml"))


# --- The shipped file


def test_the_shipped_configuration_has_a_demo_a_development_and_a_production_profile():
    configuration = load_configuration(shipped_configuration())
    assert list(configuration.profiles) == ["demo", "development", "production"]
    assert [profile.kind for profile in configuration.profiles.values()] == list(ProfileKind)
    assert configuration.default_profile == "demo"


def test_the_shipped_mapping_writes_each_column_once_and_both_keys_always():
    for profile in load_configuration(shipped_configuration()).profiles.values():
        mapping = profile.mapping_set
        for rules, key in (
            (mapping.items, mapping.item_key_column),
            (mapping.subitems, mapping.subitem_key_column),
        ):
            columns = [rule.column for rule in rules]
            assert sorted(set(columns)) == sorted(columns)
            assert key in [rule.column for rule in rules if rule.required]


def test_the_shipped_file_names_no_secret_and_only_demo_uses_the_practice_board():
    profiles = load_configuration(shipped_configuration()).profiles
    assert [name for name, profile in profiles.items() if profile.uses_practice_board] == ["demo"]
    assert all("PWD" not in profile.database_url.upper() for profile in profiles.values())


# --- Inheritance, column ids, addresses


def test_a_profile_has_its_own_keys_and_those_it_inherits(small):
    profile = parse(
        small
        + """
[profiles.test]
inherits = "demo"
kind = "development"
board_id = "42"
"""
    ).profiles["test"]
    assert (profile.name, profile.kind, profile.board_id) == ("test", ProfileKind.DEVELOPMENT, "42")
    assert (profile.api_url, profile.mapping_set.group_name) == ("practice-board", "{CUSTOMER NAME}")


def test_nested_tables_are_inherited_key_by_key(small):
    profiles = parse(
        small
        + """
[profiles.demo.limits]
attempts = 3
records_per_request = 10
[profiles.demo.state_words]
HELD = "ON HOLD"
[profiles.test]
inherits = "demo"
[profiles.test.limits]
attempts = 9
"""
    ).profiles
    assert profiles["test"].limits.attempts == 9
    assert profiles["test"].limits.records_per_request == 10
    assert profiles["test"].state_words.HELD == "ON HOLD"
    assert profiles["demo"].limits.attempts == 3


def test_a_title_is_not_inherited_so_that_two_badges_differ(small):
    text = small.replace('kind = "demo"', 'kind = "demo"\ntitle = "Practice"')
    profiles = parse(
        text + '[profiles.test]\ninherits = "demo"\n[profiles.third]\ninherits = "test"\n'
    ).profiles
    assert [profile.badge for profile in profiles.values()] == ["Practice", "Test", "Third"]


def test_column_ids_stand_for_the_ids_of_the_profile_s_own_board(small):
    text = small.replace(
        'subitem_name = "{size_code}"', 'subitem_name = "{size_code}"\nitem_key_column = "text_po"'
    )
    profiles = parse(
        text
        + """
[profiles.test]
inherits = "demo"
[profiles.test.column_ids]
text_po = "text_mkx1"
"""
    ).profiles
    assert profiles["demo"].mapping_set.items[0].column == "text_po"
    assert profiles["test"].mapping_set.items[0].column == "text_mkx1"
    assert profiles["test"].mapping_set.item_key_column == "text_mkx1"


def test_column_ids_reach_subitems_and_their_key_column():
    rule = ColumnMapping(source="size_code", column="size", type="dropdown")
    mapping = MappingSet(
        group_name="g", item_name="i", subitem_name="s", subitem_key_column="key", subitems=(rule,)
    )
    renamed = with_column_ids(mapping, {"size": "size_2", "key": "key_2"})
    assert (renamed.subitems[0].column, renamed.subitem_key_column) == ("size_2", "key_2")
    assert with_column_ids(mapping, {}) is mapping


def test_data_in_an_address_is_the_data_folder(data_home):
    assert expand("sqlite:///{data}/demo/orders.db") == f"sqlite:///{data_home.as_posix()}/demo/orders.db"
    assert expand("mssql+pyodbc://server/ORDERS") == "mssql+pyodbc://server/ORDERS"


def test_without_deltadesk_home_the_system_says_where_data_goes(monkeypatch, data_home):
    assert data_folder() == data_home
    monkeypatch.delenv("DELTADESK_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(data_home / "data"))
    assert data_folder().name == "DeltaDesk"


# --- Which file


def test_the_named_file_goes_before_the_environment_and_both_before_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("configs").mkdir()
    in_folder = Path("configs", "sync_order_list.toml")
    in_folder.write_text("")
    assert find_configuration() == in_folder
    monkeypatch.setenv("DELTADESK_CONFIG", "elsewhere.toml")
    assert find_configuration() == Path("elsewhere.toml")
    assert find_configuration(Path("named.toml")) == Path("named.toml")


def test_an_empty_deltadesk_config_counts_as_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("configs").mkdir()
    Path("configs", "sync_order_list.toml").write_text("")
    monkeypatch.setenv("DELTADESK_CONFIG", "")
    assert find_configuration() == Path("configs", "sync_order_list.toml")


def test_without_any_file_the_message_names_the_places_and_the_option(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    with pytest.raises(ConfigurationError) as caught:
        find_configuration()
    assert caught.value.problem.code == "configuration_missing"
    assert "sync_order_list.toml" in caught.value.problem.subject
    assert "--config" in caught.value.problem.remedy
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.toml", "does not exist"),
        ("folder", "is a folder"),
        ("latin", "is not UTF-8 text (byte 12)"),
        ("latin/file.toml", "cannot be read: Not a directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(name, reason, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin").write_bytes(b'title = "Caf\xe9"')
    path = tmp_path / name
    with pytest.raises(ConfigurationError) as caught:
        read_text(path)
    assert caught.value.problem.title == f"The configuration {reason}"
    assert caught.value.problem.subject == str(path)


@pytest.mark.skipif(os.access("/", os.W_OK), reason="permissions do not bind this user")
def test_a_file_without_read_permission_says_so(tmp_path):
    path = tmp_path / "orders.toml"
    path.write_text("")
    path.chmod(0)
    with pytest.raises(ConfigurationError, match="may not be read"):
        read_text(path)


def test_line_ends_are_read_as_they_are(tmp_path):
    path = tmp_path / "orders.toml"
    path.write_bytes(b"a = 1\r\nb = 2\n")
    assert read_text(path) == "a = 1\r\nb = 2\n"


# --- Profiles by name


def test_without_a_name_the_default_profile_is_taken(small):
    assert profile_of(parse(small), None).name == "demo"
    assert profile_of(parse(small), "demo").name == "demo"


def test_an_unknown_profile_is_answered_with_a_near_name_and_all_names(small):
    with pytest.raises(ConfigurationError) as caught:
        profile_of(parse(small), "dmeo")
    assert caught.value.problem.remedy == "Did you mean 'demo'? The file has: demo."


# --- Faults


@pytest.mark.parametrize(
    ("before", "after", "line", "what"),
    [
        (
            'kind = "demo"',
            'kind = "demo"\nkindd = "x"',
            5,
            "profiles.demo.kindd: unknown key; did you mean 'kind'?",
        ),
        ('mapping = "orders"', 'mapping = "orders"\ninherit = "x"', 10, "did you mean 'inherits'?"),
        ('mapping = "orders"', 'mapping = "orders"\nname = "x"', 10, "profiles.demo.name: unknown key"),
        ('mapping = "orders"', 'mapping = "orders"\nzzz = 1', 10, "unknown key; expected one of kind, title"),
        (
            'mapping = "orders"',
            'mapping = "orders"\n[profiles.demo.limits]\nattemps = 3',
            11,
            "profiles.demo.limits.attemps: unknown key; did you mean 'attempts'?",
        ),
        (
            'mapping = "orders"',
            'mapping = "orders"\n[profiles.demo.prepare]\nstagin_table = "x"',
            11,
            "profiles.demo.prepare.stagin_table: unknown key; did you mean 'staging_table'?",
        ),
        (
            'mapping = "orders"',
            'mapping = "orders"\ncolumns = { zzzz = "x" }',
            10,
            "profiles.demo.columns.zzzz: unknown key; expected one of record_uuid, line_uuid",
        ),
        (
            'type = "text"',
            'type = "text"\ndefalt = "x"',
            20,
            "mappings.orders.items.0.defalt: unknown key; did you",
        ),
        (
            "default_profile =",
            "defaultprofile =",
            1,
            "defaultprofile: unknown key; did you mean 'default_profile'?",
        ),
        ('board_id = "7000000001"\n', "", 3, "profiles.demo.board_id: expected this key, it is missing"),
        ('column = "text_po"\n', "", 16, "mappings.orders.items.0.column: expected this key, it is missing"),
        (
            'kind = "demo"',
            "kind = 3",
            4,
            "profiles.demo.kind: expected 'demo', 'development' or 'production', found 3",
        ),
        ('kind = "demo"', 'kind = "prod"', 4, "expected 'demo', 'development' or 'production', found 'prod'"),
        ('board_id = "7000000001"', "board_id = 7000000001", 7, "expected text, found 7000000001"),
        (
            'board_id = "7000000001"',
            'board_id = "orders"',
            7,
            "expected digits only: the number in the board's",
        ),
        ('board_id = "7000000001"', 'board_id = "\u0661\u0662"', 7, "expected digits only"),
        (
            'mapping = "orders"',
            'mapping = "orders"\napi_version = "2026"',
            10,
            "expected a version such as 2026-10",
        ),
        ('mapping = "orders"', 'mapping = "order"', 9, "expected a table [mappings.order], there is none"),
        ('mapping = "orders"', "mapping = 3", 9, "profiles.demo.mapping: expected text, found 3"),
        (
            'mapping = "orders"',
            'mapping = "orders"\ncolumn_ids = { a = 3 }',
            10,
            "column_ids.a: expected text, found 3",
        ),
        (
            'mapping = "orders"',
            'mapping = "orders"\nlimits = 3',
            10,
            "profiles.demo.limits: expected a table",
        ),
        (
            'mapping = "orders"',
            'mapping = "orders"\n[profiles.demo.limits]\nattempts = "6"',
            11,
            "profiles.demo.limits.attempts: expected a whole number, found '6'",
        ),
        (
            'mapping = "orders"',
            'mapping = "orders"\n[profiles.demo.limits]\nrecords_per_request = 101',
            11,
            "expected less than or equal to 100, found 101",
        ),
        (
            'mapping = "orders"',
            'mapping = "orders"\n[profiles.demo.limits]\nretry_total_seconds = 1800',
            11,
            "expected less than 1800, found 1800",
        ),
        (
            'type = "text"',
            'type = "text"\nrequired = "yes"',
            20,
            "required: expected true or false, found 'yes'",
        ),
        (
            'type = "text"',
            'type = "text"\ntransforms = "trim"',
            20,
            "transforms: expected a list, found 'trim'",
        ),
        (
            'type = "text"',
            'type = "text"\ntransforms = [\n  "trim",\n  "shout",\n]',
            22,
            '{replace = "BLK", with = "BLACK"}, {lookup = "seasons"} or {decimals = 2}, found \'shout\'',
        ),
        (
            'type = "text"',
            'type = "text"\non_empty = "keep"',
            20,
            "expected 'leave' or 'clear', found 'keep'",
        ),
        (
            'column = "text_po"',
            'column = ""',
            18,
            "mappings.orders.items.0.column: expected at least one character",
        ),
        (
            'type = "text"',
            'type = "text"\ntemplate = "{PO NUMBER}"',
            16,
            "mappings.orders.items.0: expected exactly one of the keys 'source' and 'template'",
        ),
        ('source = "PO NUMBER"\n', "", 16, "expected exactly one of the keys 'source' and 'template'"),
        (
            'default_profile = "demo"',
            'default_profile = "prod"',
            1,
            "expected one of the profiles demo, found 'prod'",
        ),
        ('default_profile = "demo"', 'default_profile = ["demo"]', 1, "expected one of the profiles demo"),
        (
            'mapping = "orders"',
            'mapping = "orders"\ninherits = "base"',
            10,
            "name of another profile, found 'base'",
        ),
        (
            'mapping = "orders"',
            'mapping = "orders"\ninherits = ["base"]',
            10,
            "expected the name of another profile",
        ),
        (
            'mapping = "orders"',
            'mapping = "orders"\ninherits = "demo"',
            10,
            "inherits from itself: demo -> demo",
        ),
    ],
)
def test_a_fault_is_told_with_its_line_its_key_and_what_was_expected(
    before, after, line, what, small, faults_of
):
    assert before in small
    found = faults_of(small.replace(before, after, 1))
    assert [number for number, title in found if what in title] == [line]


@pytest.mark.parametrize("text", ["", "profiles = 3\n", "[profiles]\n", "profiles = []\n"])
def test_a_file_without_profiles_says_that_one_is_expected(text, faults_of):
    assert any("profiles: expected" in title for _, title in faults_of(text))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[profiles]\ndemo = 3\n", "profiles.demo: expected a table, found int"),
        ("mappings = 3\n[profiles.x]\n", "mappings: expected a table, found int"),
        ("[profiles.x]\n[mappings]\norders = 3\n", "mappings.orders: expected a table, found int"),
    ],
)
def test_a_value_where_a_table_belongs_is_told(text, key, faults_of):
    assert key in [title for _, title in faults_of(text)]


def test_a_table_over_an_inherited_value_is_told_and_breaks_nothing(small, faults_of):
    text = small.replace('kind = "demo"', 'kind = "demo"\nlimits = 3')
    found = faults_of(text + '[profiles.test]\ninherits = "demo"\n[profiles.test.limits]\nattempts = 3\n')
    assert found == [(5, "profiles.demo.limits: expected a table, found 3")]


def test_orders_may_continue_on_further_items_only_where_these_are_found_again_by_a_key(small, faults_of):
    text = small + '[profiles.demo.limits]\nbeyond_subitem_limit = "continue"\n'
    ((line, title),) = faults_of(text + '[profiles.test]\ninherits = "demo"\n')
    assert text.splitlines()[line - 1] == 'beyond_subitem_limit = "continue"'
    assert title.startswith(
        "profiles.demo.limits.beyond_subitem_limit: expected 'refuse', or an item_key_column"
    )
    keyed = text.replace("group_name", 'item_key_column = "text_po"\ngroup_name', 1)
    assert parse(keyed).profiles["demo"].limits.beyond_subitem_limit == "continue"


def test_an_inherited_fault_is_told_once_where_it_stands(small, faults_of):
    text = small.replace('board_id = "7000000001"', 'board_id = "x"').replace(
        'mapping = "orders"', 'mapping = "no"'
    )
    text += "[profiles.demo.limits]\nattempts = 0\n"
    text += '[profiles.a]\ninherits = "demo"\n[profiles.b]\ninherits = "a"\n'
    assert [(line, title.split(":")[0]) for line, title in faults_of(text)] == [
        (7, "profiles.demo.board_id"),
        (9, "profiles.demo.mapping"),
        (21, "profiles.demo.limits.attempts"),
    ]


def test_a_circle_of_inheritance_is_told_of_each_member_and_not_of_who_leans_on_it(small, faults_of):
    circle = '[profiles.a]\ninherits = "b"\n[profiles.b]\ninherits = "a"\n[profiles.c]\ninherits = "a"\n'
    assert faults_of(small + circle) == [
        (21, "profiles.a.inherits: inherits from itself: a -> b -> a"),
        (23, "profiles.b.inherits: inherits from itself: b -> a -> b"),
    ]


def test_several_faults_are_told_at_once_in_the_order_of_their_lines(small, faults_of):
    text = (
        small.replace('default_profile = "demo"', 'default_profile = "prod"')
        .replace('kind = "demo"', 'kind = "toy"')
        .replace('board_id = "7000000001"', 'board_id = "x"')
        .replace('column = "text_po"', "column = 5")
        .replace('type = "text"', 'type = "text"\nrequired = 1')
        + "[extra]\n"
    )
    assert [(line, title.split(":")[0]) for line, title in faults_of(text)] == [
        (1, "default_profile"),
        (4, "profiles.demo.kind"),
        (7, "profiles.demo.board_id"),
        (18, "mappings.orders.items.0.column"),
        (20, "mappings.orders.items.0.required"),
        (21, "extra"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a = 1\nb = \n", 2, "Invalid value"),
        ("a = 1\n[table\n", 2, "Expected ']'"),
        ('a = "open\nb = 1\n', 1, "Illegal character"),
        ("a = 1\nb = 2\na = 3\n", 3, "Cannot overwrite a value"),
        ("[a]\nb = 1\n[a]\n", 3, "Cannot declare"),
        ("a = 2026-02-31\n", 1, "Invalid date"),
        ("a = [1,\n2\n", 3, "Unclosed array"),
        ("\ufeffa = 1\n", 1, "Invalid statement"),
    ],
)
def test_malformed_toml_is_told_with_its_line(text, line, what, faults_of):
    ((found_line, title),) = faults_of(text)
    assert found_line == line
    assert title.startswith("The file is not valid TOML: ")
    assert what in title
    assert "(at line" not in title


@settings(max_examples=200)
@given(st.text(st.sampled_from("ab=[]{}\"'.,#\n -:1\\"), max_size=60))
def test_any_text_gives_a_configuration_error_and_nothing_else(text):
    with pytest.raises(ConfigurationError):
        parse(text)


leaf = st.booleans() | st.integers(-3, 3) | st.floats(0, 9) | st.sampled_from(["demo", "x", "", "2026-10"])
anything = st.recursive(
    leaf, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("a"), inner, max_size=1)
)
KEYS: dict[tuple[str | int, ...], tuple[str, ...]] = {
    (): ("default_profile", "profiles", "mappings"),
    ("profiles", "demo"): (*Profile.model_fields, "inherits"),
    ("profiles", "demo", "limits"): tuple(Limits.model_fields),
    ("mappings", "orders"): tuple(MappingSet.model_fields),
    ("mappings", "orders", "items", 0): tuple(ColumnMapping.model_fields),
}
places = st.sampled_from([(table, key) for table, keys in KEYS.items() for key in keys])


@given(places, anything)
def test_any_value_for_any_key_gives_a_configuration_or_says_what_is_wrong(where, value):
    table, key = where
    document: Any = tomllib.loads(SMALL + "[profiles.demo.limits]\n")
    place = document
    for part in table:
        place = place[part]
    place[key] = value
    problems: tuple[Problem, ...] = ()
    try:
        assert parse(tomlkit.dumps(document)).profiles
    except ConfigurationError as error:
        problems = tuple(error.problems)
    assert {problem.code for problem in problems} <= {"configuration_invalid"}


def test_a_password_in_a_refused_value_is_not_shown(small, faults_of):
    text = small.replace('kind = "demo"', 'kind = "mssql://sa:hunter2@host/db"')
    ((_, title),) = faults_of(text)
    assert "hunter2" not in title
