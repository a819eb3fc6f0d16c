"""Profiles and rules as values, and docs/configuration.md, which tells each of their keys."""

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from core.config.load import parse_configuration
from core.config.model import ColumnMapping, Limits, MappingSet, NumberFormat, Profile, ProfileKind
from core.config.transforms import STEPS, TextChange

DOCUMENTATION = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")
PROFILE = """\
default_profile = "demo"
[profiles.demo]
kind = "demo"
api_url = "practice-board"
token_source = "practice-board"
board_id = "7000000001"
database_url = "sqlite:///orders.db"
mapping = "order_list"
[mappings.order_list]
group_name = "{CUSTOMER NAME}"
item_name = "{AAG ORDER NUMBER}"
subitem_name = "{size_code}"
"""


def make_profile(**update: object) -> Profile:
    values: dict[str, object] = {
        "name": "demo",
        "kind": "demo",
        "api_url": "practice-board",
        "token_source": "practice-board",
        "board_id": "7000000001",
        "database_url": "sqlite:///orders.db",
        "mapping": "orders",
        "mapping_set": MappingSet(group_name="g", item_name="i", subitem_name="s"),
    }
    return Profile.model_validate(values | update)


def test_a_profile_never_changes():
    with pytest.raises(ValidationError, match="frozen"):
        make_profile().board_id = "2"


def test_the_badge_is_the_title_or_the_profile_s_name():
    assert make_profile().badge == "Demo"
    assert make_profile(title="Training").badge == "Training"


def test_only_the_practice_board_s_word_means_the_practice_board():
    assert make_profile().uses_practice_board
    assert not make_profile(api_url="https://api.monday.com/v2").uses_practice_board


def test_the_api_version_is_the_one_that_the_documents_are_written_for():
    assert make_profile().api_version == "2026-10"


def test_a_rule_reads_exactly_one_column_or_template():
    assert ColumnMapping(source="A", column="a", type="text").origin == "A"
    assert ColumnMapping(template="{A} {B}", column="a", type="text").origin == "{A} {B}"
    with pytest.raises(ValidationError, match="exactly one"):
        ColumnMapping(column="a", type="text")


def test_the_longest_time_for_a_request_stays_below_the_life_of_its_idempotency_key():
    with pytest.raises(ValidationError, match="less than 1800"):
        Limits(retry_total_seconds=1800)
    assert Limits().retry_total_seconds < 1800


def test_profile_kinds_are_written_as_the_file_has_them():
    assert [f"{kind}" for kind in ProfileKind] == ["demo", "development", "production"]


# --- docs/configuration.md


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("## `[profiles.NAME]`", set(Profile.model_fields) - {"name", "mapping_set"}),
        ("## `[mappings.NAME]`", set(MappingSet.model_fields)),
        ("### `[[mappings.NAME.items]]` and `[[mappings.NAME.subitems]]`", set(ColumnMapping.model_fields)),
    ],
)
def test_the_section_of_a_table_tells_each_of_its_keys(heading, keys):
    section = re.split(
        r"^#{2,3} ",
        DOCUMENTATION[DOCUMENTATION.index(heading) + len(heading) :],
        maxsplit=1,
        flags=re.MULTILINE,
    )[0]
    told = {
        key
        for row in section.splitlines()
        if row.startswith("|")
        for key in re.findall(r"`(\w+)`", row.split("|")[1])
    }
    assert keys <= told


def test_every_step_and_number_format_is_told():
    section = DOCUMENTATION[
        DOCUMENTATION.index("### Steps") : DOCUMENTATION.index("### `[mappings.NAME.lookups.TABLE]`")
    ]
    assert all(f'"{word}"' in section for word in get_args(TextChange))
    assert all(f"`{{{key} = " in section for key in STEPS)
    assert all(f"| `{number_format}` |" in section for number_format in get_args(NumberFormat))


def test_the_examples_of_the_mapping_are_read_as_they_stand():
    examples = re.findall(r"```toml\n(.*?)```", DOCUMENTATION, re.DOTALL)
    rules = [example for example in examples if "order_list" in example]
    mapping = parse_configuration(PROFILE + "\n".join(rules), Path("docs")).profiles["demo"].mapping_set
    assert [len(rule.transforms) for rule in mapping.items] == [2, 3, 1]
    assert "TBC" in mapping.lookups["seasons"]
