"""On which line of a TOML file each key stands, so that a message can point at it.

tomlkit keeps text but no positions; this scanner follows only what positions need: headers, keys, and values that
run over several lines. It is used on files that tomlkit has already parsed.
"""

import re
from collections import Counter

KeyPath = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[|\[)(?P<name>[^\[\]]+)\]{1,2}\s*(#.*)?$")
_KEY = re.compile(
    r"""^\s*(?P<key>(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(dotted)]


def key_lines(text: str) -> dict[KeyPath, int]:
    """Line numbers, from 1, of every table header and key. Tables of an array are numbered from 0."""
    lines: dict[KeyPath, int] = {}
    array_lengths: Counter[KeyPath] = Counter()
    prefix: KeyPath = ()
    open_until = 0
    source = text.split("\n")
    for number, line in enumerate(source, start=1):
        if number <= open_until:
            continue
        if header := _HEADER.match(line):
            prefix = _header_path(_parts(header["name"]), array_lengths, array=header[1] == "[[")
            lines.setdefault(prefix, number)
        elif key := _KEY.match(line):
            path = (*prefix, *_parts(key["key"]))
            lines.setdefault(path, number)
            open_until = _end_of_value(source, number, line[key.end() :])
    return lines


def _header_path(parts: list[str], array_lengths: Counter[KeyPath], *, array: bool) -> KeyPath:
    path: KeyPath = ()
    for index, part in enumerate(parts):
        path = (*path, part)
        last = index == len(parts) - 1
        if last and array:
            array_lengths[path] += 1
        if path in array_lengths and (array or not last):
            path = (*path, array_lengths[path] - 1)
    return path


def _end_of_value(source: list[str], number: int, rest: str) -> int:
    """The last line of the value that begins in `rest` on line `number`."""
    depth, quote, line = 0, "", rest
    while True:
        depth, quote = _scan(line, depth, quote)
        if (depth <= 0 and not quote) or number >= len(source):
            return number
        line = source[number]
        number += 1


def _scan(line: str, depth: int, quote: str) -> tuple[int, str]:
    """Bracket depth and open multi-line quote after a line."""
    position = 0
    while position < len(line):
        if quote:
            end = line.find(quote, position)
            if end < 0:
                return depth, quote if len(quote) == len('"""') else ""
            position, quote = end + len(quote), ""
            continue
        character = line[position]
        if character == "#":
            break
        if character in "\"'":
            triple = character * 3
            quote = triple if line.startswith(triple, position) else character
            position += len(quote)
            if quote == '"':  # a basic string may hold an escaped quote
                closing = re.compile(r'(?:[^"\\]|\\.)*"').match(line, position)
                position, quote = (closing.end(), "") if closing else (len(line), "")
            continue
        depth += (character in "[{") - (character in "]}")
        position += 1
    return depth, quote if len(quote) == len('"""') else ""


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int | None:
    """The line of a key, or of the nearest table around it."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None
