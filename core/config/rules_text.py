"""A list of rules written back into the text it was read from: what did not change keeps its very bytes.

Each `[[...]]` table is a block of lines: the comments directly above its header, the header, and its keys. A
changed rule is edited inside its block, a removed one takes its block along, a moved one takes it to its new
place. Everything between the blocks, headings and blank lines, stays where it is.
"""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import tomlkit

from core.config.model import ColumnMapping
from core.config.positions import KeyPath, TableSpan
from core.config.toml_values import plain, toml_value, update_keys

_ORDER = ("source", "template", "column", "type")


def rule_table(rule: ColumnMapping) -> dict[str, Any]:
    """A rule as the file holds it: only what differs from the defaults, in the usual order."""
    values: dict[str, Any] = plain(rule.model_dump(by_alias=True, exclude_defaults=True))
    first = {key: values.pop(key) for key in _ORDER if key in values}
    return first | values


@dataclass(slots=True)
class TextEdit:
    """Line edits of one text, collected first and applied together. Lines are numbered from 1."""

    lines: list[str]
    """Without their line feeds."""
    newline: str = "\n"
    _removed: set[int] = field(default_factory=set)
    _replaced: dict[int, list[str]] = field(default_factory=dict)
    _added: dict[int, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> "TextEdit":
        """Begin to edit a text; new lines end as its first line does."""
        return cls(text.split("\n"), "\r\n" if "\r\n" in text else "\n")

    def text(self) -> str:
        """The text with all edits made."""
        edited: list[str] = list(self._added.get(0, ()))
        for number, line in enumerate(self.lines, start=1):
            edited.extend(self._replaced.get(number, () if number in self._removed else (line,)))
            edited.extend(self._added.get(number, ()))
        return "\n".join(edited)

    def block(self, first: int, last: int) -> str:
        """Some lines, with plain line feeds."""
        return "\n".join(line.removesuffix("\r") for line in self.lines[first - 1 : last])

    def replace(self, first: int, last: int, block: str) -> None:
        """Put a block in the place of some lines."""
        if block != self.block(first, last):
            self._removed.update(range(first, last + 1))
            self._replaced[first] = self._ended(block.split("\n"))

    def remove(self, first: int, last: int) -> None:
        """Take out some lines, and the blank lines behind them where blank lines stand before them too."""
        self._removed.update(range(first, last + 1))
        while first > 1 and self._blank(first - 1) and last < len(self.lines) and self._blank(last + 1):
            last += 1
            self._removed.add(last)

    def add_behind(self, line: int, block: str) -> None:
        """Add a block behind a line and whatever was added there before, a blank line between them."""
        self._added.setdefault(line, []).extend(self._ended(["", *block.split("\n")]))

    def add_before(self, line: int, block: str) -> None:
        """Add a block before a line and behind whatever was added there before, a blank line between them."""
        self._added.setdefault(line - 1, []).extend(self._ended([*block.split("\n"), ""]))

    def comments_above(self, line: int) -> int:
        """The first line of the comments that stand directly above a line; the line itself without any."""
        while line > 1 and self.lines[line - 2].lstrip().startswith("#"):
            line -= 1
        return line

    def _blank(self, line: int) -> bool:
        return not self.lines[line - 1].strip()

    def _ended(self, lines: Iterable[str]) -> list[str]:
        carriage = self.newline.removesuffix("\n")
        return [line + carriage for line in lines]


def edit_table(block: str, path: KeyPath, change: Callable[[Any], None]) -> str:
    """The block of one table with its keys changed; comments and layout of the others stay."""
    document = tomlkit.parse(block + "\n")
    table: Any = document
    for part in path:
        table = table[0 if isinstance(part, int) else part]
    change(table)
    return document.as_string().removesuffix("\n")


def write_rules(
    edit: TextEdit,
    where: KeyPath,
    spans: Sequence[TableSpan],
    before: Sequence[ColumnMapping],
    after: Sequence[ColumnMapping],
    *,
    behind: int,
) -> None:
    """Turn the rules `before`, which stand on `spans`, into those `after`.

    `where` is the path of their list. Where no old rule keeps its place, new ones go behind line `behind`.
    """
    old_index = match_rules(before, after)
    staying = _staying(old_index)
    firsts = [edit.comments_above(span.first) for span in spans]
    for place, span in enumerate(spans):
        if place not in staying:
            edit.remove(firsts[place], span.last)
    first_staying = next((index for index in old_index if index in staying), None)
    previous: int | None = None
    for rule, index in zip(after, old_index, strict=True):
        if index is None:
            values = {key: toml_value(value) for key, value in rule_table(rule).items()}
            block = f"[[{dotted(where)}]]\n{tomlkit.dumps(values)}".rstrip("\n")
        else:
            block = edit.block(firsts[index], spans[index].last)
            if before[index] != rule:
                change = _rule_change(before[index], rule)
                block = edit_table(block, (*where, 0), change)
        if index in staying and index is not None:
            edit.replace(firsts[index], spans[index].last, block)
            previous = index
        elif previous is not None:
            edit.add_behind(spans[previous].last, block)
        elif first_staying is not None:
            edit.add_before(firsts[first_staying], block)
        else:
            edit.add_behind(behind, block)


def match_rules(before: Sequence[ColumnMapping], after: Sequence[ColumnMapping]) -> list[int | None]:
    """For each new rule the old one that it was: with the same board column, else with the same source."""
    found: dict[int, int] = {}
    free = list(range(len(before)))
    for same in (_same_column, _same_origin):
        for place, rule in enumerate(after):
            if place not in found and (like := [old for old in free if same(before[old], rule)]):
                found[place] = like[0]
                free.remove(like[0])
    return [found.get(place) for place in range(len(after))]


def _same_column(old: ColumnMapping, new: ColumnMapping) -> bool:
    return old.column == new.column


def _same_origin(old: ColumnMapping, new: ColumnMapping) -> bool:
    return old.origin == new.origin


def _staying(old_index: Sequence[int | None]) -> frozenset[int]:
    """Old rules that keep their place: those whose order among each other did not change."""
    kept = [index for index in old_index if index is not None]
    matcher = difflib.SequenceMatcher(None, sorted(kept), kept, autojunk=False)
    return frozenset(
        kept[match.b + offset] for match in matcher.get_matching_blocks() for offset in range(match.size)
    )


def _rule_change(old: ColumnMapping, new: ColumnMapping) -> Callable[[Any], None]:
    def change(table: Any) -> None:
        wanted = rule_table(new)
        # A default that the file spells out stays; only a key whose value changed to its default goes.
        for key in [key for key in table if key not in wanted and getattr(old, key) != getattr(new, key)]:
            table.remove(key)
        update_keys(table, wanted)

    return change


def _quoted(key: str) -> str:
    # JSON's escapes are TOML's; JSON alone takes a raw DEL.
    return json.dumps(key, ensure_ascii=False).replace("\x7f", "\\u007f")


def dotted(path: KeyPath) -> str:
    """The path as a table's header has it."""
    parts = map(str, path)
    return ".".join(part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else _quoted(part) for part in parts)
