"""Values put into a document that keeps its layout."""

import tomllib

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from core.config.toml_values import plain, replace_keys, update_keys

STEPS = """\
steps = [
    "trim",   # blanks from pasting
    # the colour
    {split = "-", part = 2},
    "upper",
]
"""


def updated(text: str, values: dict[str, object]) -> str:
    document = tomlkit.parse(text)
    update_keys(document, values)
    assert plain(document) == tomllib.loads(document.as_string())
    return document.as_string()


@pytest.mark.parametrize(
    ("steps", "removed", "added"),
    [
        (["trim", {"split": "-", "part": 2}, "upper", "title"], [], ['    "title",']),
        (
            ["trim", {"split": "-", "part": 1}, "upper"],
            ['    {split = "-", part = 2},'],
            ['    {split = "-", part = 1},'],
        ),
        (["trim", {"split": "-", "part": 2}], ['    "upper",'], []),
    ],
)
def test_only_the_elements_that_differ_change_their_lines(steps, removed, added):
    before, after = STEPS.splitlines(), updated(STEPS, {"steps": steps}).splitlines()
    assert [line for line in before if line not in after] == removed
    assert [line for line in after if line not in before] == added


def test_none_takes_a_key_out_and_equal_values_keep_their_bytes():
    text = "a = 1 # one\nb = [ 1,2 ]\nc = {x=1}\n"
    assert updated(text, {"a": 1, "b": [1, 2], "c": {"x": 1}}) == text
    assert updated(text, {"a": None, "z": None}) == "b = [ 1,2 ]\nc = {x=1}\n"


def test_a_value_may_become_one_of_another_type():
    assert tomllib.loads(updated("a = 1\n", {"a": ["x", {"y": 2}]})) == {"a": ["x", {"y": 2}]}
    assert tomllib.loads(updated("a = [1]\n", {"a": "x"})) == {"a": "x"}


def test_replacing_keys_takes_out_the_others():
    document = tomlkit.parse('a = "1"  # one\nb = "2"\n')
    replace_keys(document, {"a": "1", "c": "3"})
    assert document.as_string() == 'a = "1"  # one\nc = "3"\n'


values = st.text(max_size=3) | st.dictionaries(
    st.sampled_from("ab"), st.text(max_size=2) | st.integers(), max_size=2
)
arrays = st.lists(values, max_size=5)


@given(arrays, arrays, st.booleans())
def test_any_array_can_become_any_other(before, after, multiline):
    document = tomlkit.document()
    update_keys(document, {"steps": before})
    document["steps"].multiline(multiline)
    text = updated(document.as_string(), {"steps": after})
    assert tomllib.loads(text) == {"steps": after}
