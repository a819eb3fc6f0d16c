"""Profiles and rules as values."""

import pytest
from pydantic import ValidationError

from core.config.model import ColumnMapping, Limits, MappingSet, Profile, ProfileKind


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
