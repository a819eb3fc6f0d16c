import pytest

from core.config.model import ColumnMapping
from core.config.transforms import Round
from core.mapping.writers import writable_types
from gui.models.mapping_keys import KEYS_OF_SOME, SOURCE_HINTS, matters


def rule(column_type, **changes):
    return ColumnMapping(column="c", type=column_type, source="S", **changes)


@pytest.mark.parametrize("column_type", sorted(writable_types()))
def test_that_policies_of_every_value_matter_for_every_type(column_type):
    assert all(matters(rule(column_type), key) for key in ("default", "required", "on_empty", "transforms"))


def test_that_every_type_that_is_named_can_be_written():
    named = set().union(*KEYS_OF_SOME.values(), SOURCE_HINTS)
    assert named <= writable_types()


def test_that_every_key_named_is_a_key_of_a_rule():
    assert set(KEYS_OF_SOME) <= set(ColumnMapping.model_fields)


@pytest.mark.parametrize(
    ("column_type", "changes", "key", "expected"),
    [
        ("text", {}, "number_format", False),
        ("text", {"transforms": (Round(decimals=0),)}, "number_format", True),
        ("numbers", {}, "number_format", True),
        ("text", {"required": True}, "on_empty", False),
        ("status", {}, "unknown_label", False),
        ("status", {"on_unknown_label": "map", "unknown_label": "X"}, "unknown_label", True),
        ("phone", {}, "country", True),
        ("country", {}, "country", False),
    ],
)
def test_that_a_key_matters_only_where_it_changes_something(column_type, changes, key, expected):
    assert matters(rule(column_type, **changes), key) is expected
