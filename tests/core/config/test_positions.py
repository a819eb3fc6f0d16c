"""Where each table and key of a TOML text stands."""

import itertools
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import tomlkit
from hypothesis import assume, given
from hypothesis import strategies as st

from core.config.positions import KeyPath, TableSpan, key_lines, line_of, table_spans
from core.resources import shipped_configuration


def lines(text: str) -> dict[str, int]:
    return {".".join(map(str, path)): line for path, line in key_lines(text).items()}


def test_tables_and_keys_have_the_lines_on_which_they_begin():
    assert lines("a = 1\n\n# note\n[b]\nc = 2 # [d]\n[b.e]\nf = 3\n") == {
        "a": 1,
        "b": 4,
        "b.c": 5,
        "b.e": 6,
        "b.e.f": 7,
    }


def test_tables_of_an_array_are_numbered_from_0_each_with_its_own_nested_tables():
    text = "[[a]]\nx = 1\n[[a.b]]\ny = 1\n[[a.b]]\n[a.c]\nz = 1\n[[a]]\n[[a.b]]\ny = 2\n"
    assert lines(text) == {
        "a": 1,
        "a.0": 1,
        "a.0.x": 2,
        "a.0.b": 3,
        "a.0.b.0": 3,
        "a.0.b.0.y": 4,
        "a.0.b.1": 5,
        "a.0.c": 6,
        "a.0.c.z": 7,
        "a.1": 8,
        "a.1.b": 9,
        "a.1.b.0": 9,
        "a.1.b.0.y": 10,
    }


@pytest.mark.parametrize(
    ("value", "length"),
    [
        ('"""\n[x]\ny = 1\n"""', 4),
        ('"""a \\""" b\n"""', 2),
        ('"""a""\n""""', 2),
        ("'''\n\\'''", 2),
        ("[\n  1, # ]\n  [2,\n 3],\n]", 5),
        ('["]", \'[\',\n"#"]', 2),
        ("{ x = 1, y = { z = '}' } }", 1),
        ('"a # b = [" # "', 1),
        ("2026-11-22 09:30:00", 1),
        ("''", 1),
        ('""', 1),
    ],
)
def test_a_value_of_several_lines_hides_nothing_behind_it(value, length):
    text = f"first = {value}\nsecond = 2\n"
    assert tomllib.loads(text)["second"] == 2
    assert key_lines(text)[("second",)] == length + 1
    assert {path[0] for path in key_lines(text)} == {"first", "second"}


def test_elements_of_arrays_and_keys_of_inline_tables_have_lines_too():
    assert lines('a = [\n  "x",\n  { b = 1, c.d = 2 },\n]\n') == {
        "a": 1,
        "a.0": 2,
        "a.1": 3,
        "a.1.b": 3,
        "a.1.c": 3,
        "a.1.c.d": 3,
    }


def test_keys_are_unquoted_and_dotted_keys_name_their_tables():
    text = '"a.b".\'c"d\' . e = 1\n["\\u2206 x".f]\n\'g]\' = 2\n'
    assert list(key_lines(text)) == [
        ("a.b",),
        ("a.b", 'c"d'),
        ("a.b", 'c"d', "e"),
        ("∆ x",),
        ("∆ x", "f"),
        ("∆ x", "f", "g]"),
    ]


def test_a_key_that_is_missing_is_found_at_the_nearest_table_around_it():
    known = key_lines("[a]\n[[a.b]]\nc = 1\n")
    assert line_of(known, ("a", "b", 0, "c")) == 3
    assert line_of(known, ("a", "b", 0, "missing", 3)) == 2
    assert line_of(known, ("a", "missing")) == 1
    assert line_of(known, ("missing",)) is None


def test_a_table_reaches_to_the_end_of_its_last_value():
    text = "a = 1\n[b]\nc = [\n 1,\n]\n\n# of d\n[d]\n[[e]]\nf = '''\n#\n\n# '''\n# end\n"
    assert table_spans(text) == [
        TableSpan(("b",), 2, 5),
        TableSpan(("d",), 8, 8),
        TableSpan(("e", 0), 9, 13),
    ]


def test_every_key_of_the_shipped_configuration_is_on_its_line():
    text = shipped_configuration().read_text(encoding="utf-8")
    source = text.split("\n")
    known = key_lines(text)
    paths = list(every_path(tomllib.loads(text)))
    assert set(paths) <= set(known)
    for path in paths:
        if isinstance(path[-1], str):
            assert path[-1] in source[known[path] - 1]


# --- Documents that tomlkit writes


def every_path(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in entries:
        yield (*path, key)
        yield from every_path(inner, (*path, key))


SPICE = ("", " ", ".", '"', "'", "]", "[[", "#", "=", "∆", "\\", ",")
texts = st.lists(
    st.sampled_from(("a", "\n", "[x]", "y = 1", '"', "'", '"""', "'''", "\\", "#", "]", "}"))
).map("".join)
scalars = st.one_of(
    st.integers(),
    st.floats(allow_nan=False),
    st.booleans(),
    texts,
    st.just(date(2026, 11, 22)),
    st.just(datetime(2026, 11, 22, 9, 30, tzinfo=UTC)),
)


def written_text(value: str, style: str) -> Any:
    """A string in one of TOML's four notations, or in the usual one where it cannot be written so."""
    try:
        return tomlkit.string(value, multiline=style.endswith("lines"), literal=style.startswith("literal"))
    except ValueError:
        return tomlkit.string(value)


class Writer:
    """Draws a document whose every key holds a mark that occurs nowhere else."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.marks = itertools.count()

    def key(self) -> str:
        return f"k{next(self.marks)}_{self.draw(st.sampled_from(SPICE))}"

    def value(self, depth: int) -> Any:
        kinds = [self.text, lambda _depth: self.draw(scalars), *([self.array, self.inline] if depth else [])]
        return self.draw(st.sampled_from(kinds))(depth)

    def text(self, _depth: int) -> Any:
        style = self.draw(st.sampled_from(("basic", "literal", "basic lines", "literal lines")))
        return written_text(self.draw(texts), style)

    def array(self, depth: int) -> Any:
        array = tomlkit.array()
        array.extend(self.value(depth - 1) for _ in range(self.draw(st.integers(0, 3))))
        return array.multiline(self.draw(st.booleans()))

    def inline(self, depth: int) -> Any:
        table = tomlkit.inline_table()
        table.update({self.key(): self.value(depth - 1) for _ in range(self.draw(st.integers(0, 2)))})
        return table

    def table(self, table: Any, depth: int) -> Any:
        for _ in range(self.draw(st.integers(0, 3))):
            if self.draw(st.booleans()):
                table.add(tomlkit.comment("[no] table = 1"))
            dotted = self.draw(st.booleans())
            table.add(tomlkit.key([self.key(), self.key()]) if dotted else self.key(), self.value(2))
        for _ in range(self.draw(st.integers(0, 2)) if depth else 0):
            inner = self.draw(st.sampled_from((self.tables, self.one_table)))
            table.add(self.key(), inner(depth - 1))
        return table

    def one_table(self, depth: int) -> Any:
        return self.table(tomlkit.table(), depth)

    def tables(self, depth: int) -> Any:
        tables = tomlkit.aot()
        for _ in range(self.draw(st.integers(1, 3))):
            tables.append(self.one_table(depth))
        return tables


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A document that tomlkit wrote."""
    return Writer(draw).table(tomlkit.document(), 2).as_string()


@given(documents())
def test_every_key_stands_where_its_name_is_first_written(text):
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assume(False)
    source = text.split("\n")
    known = key_lines(text)
    paths = list(every_path(parsed))
    assert set(known) == set(paths)
    for path in paths:
        if isinstance(path[-1], str):
            mark = path[-1].partition("_")[0] + "_"
            assert known[path] == next(number for number, line in enumerate(source, 1) if mark in line)
        else:
            assert known[path[:-1]] <= known[path] <= len(source)


@given(documents())
def test_line_ends_of_windows_change_no_line(text):
    assert key_lines(text.replace("\n", "\r\n")) == key_lines(text)
