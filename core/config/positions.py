"""On which lines of a TOML file each table and key stands: a message points at it, an edit stays within it.

tomllib gives values without positions. This scanner follows only what positions need; it is used on text that
tomllib has parsed already.
"""

import re
import tomllib
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass

KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"[ \t]*")
_BLANK_LINES = re.compile(r"(?:\s|#[^\n]*)*")
_TO_LINE_END = re.compile(r"[^\n]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\n]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:""|")?'  # up to two quotes may stand before the closing three
    r"|'''.*?'''(?:''|')?"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)


@dataclass(slots=True)
class TableSpan:
    """One `[table]` or `[[table]]` of the file."""

    path: KeyPath
    """Its keys; tables of an array are numbered from 0."""
    first: int
    """The header's line, from 1."""
    last: int
    """The line on which the last value under this header ends."""


def key_lines(text: str) -> dict[KeyPath, int]:
    """Line numbers, from 1, of every table and key. Tables and values of an array are numbered from 0."""
    return _Scanner(text).lines


def table_spans(text: str) -> list[TableSpan]:
    """Every table with a header of its own, in the file's order."""
    return _Scanner(text).tables


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int | None:
    """The line of a key, or of the nearest table around it."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None


class _Scanner:
    """Walks once through the text."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self.tables: list[TableSpan] = []
        self._text = text
        self._at = 0
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._array_lengths: Counter[KeyPath] = Counter()
        prefix: KeyPath = ()
        while self._skip(_BLANK_LINES) < len(text):
            if text[self._at] == "[":
                prefix = self._header()
            else:
                self._pair(prefix)
                if self.tables:
                    self.tables[-1].last = self._line()
            self._skip(_TO_LINE_END)

    def _line(self) -> int:
        return bisect_right(self._line_starts, self._at)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        if match := pattern.match(self._text, self._at):
            self._at = match.end()
        return self._at

    def _accept(self, mark: str) -> bool:
        found = self._text.startswith(mark, self._at)
        if found:
            self._at += len(mark)
        return found

    def _header(self) -> KeyPath:
        line = self._line()
        array = self._accept("[[") or not self._accept("[")
        path: KeyPath = ()
        parts = self._dotted_key()
        for index, part in enumerate(parts):
            path = (*path, part)
            self.lines.setdefault(path, line)
            last = index == len(parts) - 1
            if last and array:
                self._array_lengths[path] += 1
            if path in self._array_lengths and (array or not last):
                path = (*path, self._array_lengths[path] - 1)
                self.lines.setdefault(path, line)
        self.tables.append(TableSpan(path, line, line))
        return path

    def _pair(self, prefix: KeyPath) -> None:
        line, path = self._line(), prefix
        for part in self._dotted_key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self._skip(_BLANK)
        if self._accept("="):
            self._value(path)

    def _dotted_key(self) -> list[str]:
        parts: list[str] = []
        while True:
            self._skip(_BLANK)
            start = self._at
            if self._skip(_BARE_KEY) > start:
                parts.append(self._text[start : self._at])
            elif self._skip(_STRING) > start:
                parts.append(_unquoted(self._text[start : self._at]))
            else:
                return parts
            self._skip(_BLANK)
            if not self._accept("."):
                return parts

    def _value(self, path: KeyPath) -> None:
        self._skip(_BLANK)
        start = self._at
        if self._accept("["):
            index = 0
            while self._inside("]"):
                self.lines.setdefault((*path, index), self._line())
                self._value((*path, index))
                index += 1
        elif self._accept("{"):
            while self._inside("}"):
                self._pair(path)
        elif self._skip(_STRING) == start:
            self._skip(_BARE_VALUE)

    def _inside(self, closing: str) -> bool:
        """Go to the next element of an array or inline table; False behind its closing bracket."""
        self._skip(_BLANK_LINES)
        if self._accept(","):
            self._skip(_BLANK_LINES)
        return not self._accept(closing) and self._at < len(self._text)


def _unquoted(key: str) -> str:
    try:
        return str(tomllib.loads(f"key = {key}")["key"])
    except tomllib.TOMLDecodeError:
        return key[1:-1]
