"""Finds the heading of an order list and matches it with the columns of the staging table."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import ConfigurationError, Problem
from core.prepare.import_source import Cells, OrderListFile, Rows, first_rows, is_empty, letters, unusable
from core.prepare.import_summary import ImportProblem
from core.prepare.import_target import StagingTarget
from core.prepare.import_values import Converter, converter


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file that is loaded."""

    place: int
    heading: str
    name: str
    convert: Converter
    wanted: bool
    """The table takes no empty value."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of one file, matched."""

    row: int
    texts: Mapping[int, str]
    """Every heading by its place."""
    columns: tuple[Column, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    notes: tuple[ImportProblem, ...]


def known_names(target: StagingTarget) -> dict[str, str]:
    """The table's columns by what a heading is compared with."""
    return {_folded(name): name for name in (*target.names, *target.generated)}


def headings_among(cells: Cells, known: Mapping[str, str]) -> int:
    """How many cells are names of columns. Numbers do not count: sizes and quantities look the same."""
    return sum(not is_empty(cell) and _is_word(cell) and _folded(cell) in known for cell in cells)


def read_heading(file: OrderListFile, rows: Rows, target: StagingTarget) -> Heading:
    """Find the heading and match it. Raises ConfigurationError when there is none, or one column twice."""
    known = known_names(target)
    candidates = first_rows(rows)
    if not candidates:
        raise unusable(file.path, "it has no rows")
    scores = [headings_among(cells, known) for _, cells in candidates]
    if not max(scores):
        raise _no_heading(file, target, candidates[0])
    row, cells = candidates[scores.index(max(scores))]
    texts = {place: str(cell).strip() for place, cell in enumerate(cells) if not is_empty(cell)}
    return _Matching(file, target, row, texts).heading(known)


class _Matching:
    def __init__(
        self, file: OrderListFile, target: StagingTarget, row: int, texts: Mapping[int, str]
    ) -> None:
        self._file = file
        self._target = target
        self._row = row
        self._texts = texts
        self._used: dict[str, int] = {}
        self._twice: list[Problem] = []
        self._left_out: dict[int, str | None] = {}
        """Place -> the generated column that the heading names, None for an unknown heading."""

    def heading(self, known: Mapping[str, str]) -> Heading:
        columns = [column for place in self._texts if (column := self._column(place, known))]
        if self._twice:
            raise ConfigurationError(*self._twice)
        self._require_wanted()
        missing = tuple(name for name in self._target.names if name not in self._used)
        return Heading(
            self._row,
            self._texts,
            tuple(columns),
            tuple(self._texts[place] for place, name in self._left_out.items() if name is None),
            missing,
            tuple(
                self._unknown(place, missing) if name is None else self._generated(place, name)
                for place, name in self._left_out.items()
            ),
        )

    def _column(self, place: int, known: Mapping[str, str]) -> Column | None:
        heading = self._texts[place]
        name = heading if heading in self._target.types else known.get(_folded(heading))
        if name is None or name in self._target.generated:
            self._left_out[place] = name
            return None
        if (first := self._used.setdefault(name, place)) != place:
            self._twice.append(self._found_twice(name, first, place))
            return None
        convert = converter(self._target.types[name], self._file.epoch)
        return Column(place, heading, name, convert, name in self._target.not_null)

    def _require_wanted(self) -> None:
        absent = [name for name in self._target.required if name not in self._used]
        if absent:
            raise unusable(
                self._file.path,
                f"the table {self._target.qualified} wants a value for {', '.join(absent)}",
                "Add a column with this heading to the file, then import again.",
            )

    def _found_twice(self, name: str, first: int, second: int) -> Problem:
        headings = (
            f"{letters(first)} ('{self._texts[first]}') and {letters(second)} ('{self._texts[second]}')"
        )
        return Problem(
            "heading_twice",
            f"Columns {headings} are both '{name}'",
            f"{self._file.path}, row {self._row}",
            "Remove one of the columns, or give it another heading, then import again.",
        )

    def _unknown(self, place: int, missing: Sequence[str]) -> ImportProblem:
        folded = {_folded(name): name for name in missing}
        near = difflib.get_close_matches(_folded(self._texts[place]), folded, n=1)
        hint = f"Did you mean '{folded[near[0]]}'? " if near else ""
        return self._note(
            place,
            "column_unknown",
            f"the table {self._target.qualified} has no column '{self._texts[place]}'",
            f"{hint}Correct the heading where the column is needed.",
        )

    def _generated(self, place: int, name: str) -> ImportProblem:
        return self._note(
            place,
            "column_generated",
            f"the database fills '{name}' by itself",
            "Nothing: the column is not needed in the file.",
        )

    def _note(self, place: int, code: str, reason: str, remedy: str) -> ImportProblem:
        heading = self._texts[place]
        whole = f"Column {letters(place)} is left out: {reason}"
        return ImportProblem(
            self._row, letters(place), heading, heading, code, reason, whole, remedy, rejected=False
        )


def _no_heading(file: OrderListFile, target: StagingTarget, first: tuple[int, Cells]) -> ConfigurationError:
    number, cells = first
    shown = ", ".join(f"'{str(cell).strip()[:40]}'" for cell in cells if not is_empty(cell))[:200]
    return unusable(
        file.path,
        f"no row has headings that the table {target.qualified} knows; row {number} has {shown}",
        "Give every column a heading such as"
        f" '{target.names[0]}'; merged heading cells have to be taken apart first.",
    )


def _is_word(cell: Any) -> bool:
    return isinstance(cell, str) and any(map(str.isalpha, cell))


def _folded(heading: Any) -> str:
    """The heading without what people type differently: case, and how much space."""
    return " ".join(str(heading).split()).casefold()
