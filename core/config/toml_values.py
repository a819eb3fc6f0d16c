"""Values put into a tomlkit document: arrays stay arrays and keep the comments inside."""

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.items import Array, InlineTable

LINE_LENGTH = 110
"""A longer array is written with a line for each element."""


def toml_value(value: Any) -> Any:
    """The value as tomlkit writes it on one line: sequences as arrays, mappings as inline tables."""
    if isinstance(value, Mapping):
        table: InlineTable = tomlkit.inline_table()
        table.update({key: toml_value(inner) for key, inner in value.items()})
        return table
    if isinstance(value, Sequence) and not isinstance(value, str):
        array: Array = tomlkit.array()
        array.extend([toml_value(inner) for inner in value])
        return array.multiline(len(array.as_string()) > LINE_LENGTH)
    return value


def update_keys(table: Any, values: Mapping[str, Any]) -> None:
    """Set each key whose value differs; None takes the key out."""
    for key, value in values.items():
        if value is None:
            table.pop(key, None)
        elif key not in table or not (_same(table[key], value) or _elements_edited(table[key], value)):
            table[key] = toml_value(value)


def replace_keys(table: Any, values: Mapping[str, Any]) -> None:
    """As `update_keys`, and every other key goes."""
    update_keys(table, {**dict.fromkeys(table), **values})


def plain(value: Any) -> Any:
    """The value without what tomlkit knows of its layout, and with lists for all sequences."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(inner) for inner in value]
    return value


def _same(held: Any, value: Any) -> bool:
    return bool(plain(held) == plain(value))


def _elements_edited(array: Any, wanted: Any) -> bool:
    """Change only the elements that differ; False for what is no array or could not be edited in place."""
    if not isinstance(array, Array):
        return False
    old, new = plain(array), plain(wanted)
    matcher = difflib.SequenceMatcher(None, list(map(repr, old)), list(map(repr, new)), autojunk=False)
    for _, first, last, from_, to in reversed(matcher.get_opcodes()):
        if last - first == to - from_:
            for place, value in zip(range(first, last), new[from_:to], strict=True):
                if old[place] != value:
                    array[place] = toml_value(value)
            continue
        del array[first:last]
        for value in reversed(new[from_:to]):
            array.insert(first, toml_value(value))
    try:
        return bool(tomllib.loads(f"array = {array.as_string()}")["array"] == new)
    except tomllib.TOMLDecodeError:
        return False
