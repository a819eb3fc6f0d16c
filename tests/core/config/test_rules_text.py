"""Rules as text, and which old rule a new one was."""

import tomllib

import pytest
import tomlkit

from core.config.model import ColumnMapping
from core.config.rules_text import TextEdit, match_rules, rule_table
from core.config.toml_values import toml_value


def rule(source: str, column: str, **more: object) -> ColumnMapping:
    return ColumnMapping.model_validate({"source": source, "column": column, "type": "text", **more})


def test_a_rule_is_written_with_source_column_and_type_first_and_without_defaults():
    table = rule_table(rule("A", "a", on_empty="clear", transforms=["trim"], required=False))
    assert table == {
        "source": "A",
        "column": "a",
        "type": "text",
        "transforms": ["trim"],
        "on_empty": "clear",
    }
    assert list(table)[:3] == ["source", "column", "type"]
    template = ColumnMapping(template="{A}", column="a", type="text")
    assert list(rule_table(template)) == ["template", "column", "type"]


@pytest.mark.parametrize(
    ("after", "was"),
    [
        ([("A", "a"), ("B", "b")], [0, 1]),
        ([("B", "b"), ("A", "a")], [1, 0]),
        ([("A", "x"), ("B", "b")], [0, 1]),  # another column for the same source
        ([("X", "a"), ("B", "b")], [0, 1]),  # another source for the same column
        ([("B", "a"), ("A", "b")], [0, 1]),  # the column decides first
        ([("X", "x"), ("A", "a")], [None, 0]),
        ([("A", "a"), ("A", "a")], [0, None]),
        ([], []),
    ],
)
def test_a_rule_is_recognised_by_its_column_and_else_by_its_source(after, was):
    before = [rule("A", "a"), rule("B", "b")]
    assert match_rules(before, [rule(*each) for each in after]) == was


def test_a_text_without_edits_keeps_every_byte():
    text = "a\r\nb\n\n\nc"
    assert TextEdit.of(text).text() == text


def test_line_edits_of_one_text_do_not_shift_each_other():
    edit = TextEdit.of("one\n\ntwo\n\nthree\n")
    edit.remove(3, 3)
    edit.replace(5, 5, "THREE\nand more")
    edit.add_behind(1, "first")
    edit.add_behind(1, "second")
    edit.add_before(1, "head")
    assert edit.text() == "head\n\none\n\nfirst\n\nsecond\n\nTHREE\nand more\n"


def written(each: ColumnMapping) -> str:
    return tomlkit.dumps({key: toml_value(value) for key, value in rule_table(each).items()})


def test_steps_are_written_as_words_and_small_tables_in_one_array():
    steps = ["trim", {"split": "-", "part": 2}, {"replace": "BLK", "with": "B"}, {"lookup": "x"}]
    assert written(rule("A", "a", transforms=steps)).splitlines()[3:] == [
        'transforms = ["trim", {split = "-", part = 2}, {replace = "BLK", with = "B"}, {lookup = "x"}]'
    ]


def test_a_long_list_of_steps_has_a_line_for_each():
    steps = [{"replace": "A LONG COLOUR NAME", "with": f"A LONGER COLOUR NAME {n}"} for n in range(3)]
    assert written(rule("A", "a", transforms=steps)).splitlines()[3:] == [
        "transforms = [",
        *(f'    {{replace = "A LONG COLOUR NAME", with = "A LONGER COLOUR NAME {n}"}},' for n in range(3)),
        "]",
    ]


def test_every_key_is_written_as_the_file_takes_it():
    more = {
        "default": "x",
        "on_too_long": "truncate",
        "on_unknown_label": "map",
        "unknown_label": "OTHER",
        "number_format": "1 234,5",
        "date_format": "%d/%m/%Y",
        "time_zone": "Europe/Amsterdam",
        "date_only": True,
        "true_words": ["ja"],
        "false_words": ["nee"],
        "country": "NL",
        "week_start": "sunday",
        "required": True,
        "on_empty": "clear",
        "transforms": [{"lookup": "x", "otherwise": "keep"}, {"decimals": 0}],
    }
    assert set(more) == set(ColumnMapping.model_fields) - {"source", "template", "column", "type"}
    each = rule("A", "a", **more)
    assert rule_table(each) == {"source": "A", "column": "a", "type": "text", **more}
    assert ColumnMapping.model_validate(tomllib.loads(written(each))) == each
