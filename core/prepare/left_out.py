"""The staging row that stands for rows which an import left out: how it is written, and known again.

It has no key, so no order is cancelled beside it; its last key column says how many rows it stands for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.prepare.statements import SEPARATOR
from core.prepare.summary import StagingProblem

MARK = "ROWS NOT IMPORTED"
_SHORTEST = 4
"""Letters of the mark by which it is known where a narrow column cut it."""


def stand_in_words(rows: int, room: int | None) -> str:
    """What the last key column says; `room` are the characters it holds, None where it holds any text.

    A number that would be cut is left out: cut, it would be another number.
    """
    whole = f"{MARK}: {rows}"
    return whole if room is None or len(whole) <= room else MARK[:room]


@dataclass(frozen=True, slots=True)
class LeftOutRows:
    """The rows of the order list for which stand-ins are in the staging table."""

    imports: int = 0
    """How many imports left rows out: each wrote one stand-in."""
    rows: int | None = 0
    """None where a stand-in has no room for its number."""

    @classmethod
    def of(cls, keys: Iterable[str]) -> "LeftOutRows":
        """Those of the stand-ins among business keys."""
        found = [_rows_of(key.split(SEPARATOR)) for key in keys if is_stand_in(key)]
        known = [rows for rows in found if rows is not None]
        return cls(len(found), sum(known) if len(known) == len(found) else None)

    @property
    def at_least(self) -> int:
        """How many rows are known to be left out."""
        return max(self.rows or 0, self.imports)

    def problem(self) -> StagingProblem:
        """What a preparation says of them; the row is that of no file, and the key that of no order."""
        count = (
            "Some rows were"
            if self.rows is None
            else "1 row was"
            if self.rows == 1
            else f"{self.rows:,} rows were"
        )
        them = "it" if self.rows == 1 else "them"
        s = "" if self.imports == 1 else "s"
        return StagingProblem(
            0,
            f"the last import{s}",
            "",
            "",
            "rows_not_imported",
            f"{count} left out by the last import{s}",
            f"Correct {them} in the file{s}, then import the file{s} again.",
        )


def is_stand_in(key: str) -> bool:
    """Whether a business key, or what there is of one, is that of a stand-in."""
    *others, last = key.split(SEPARATOR)
    if last.startswith(MARK):
        return True
    return not any(others) and len(last) >= _SHORTEST and MARK.startswith(last)


def _rows_of(parts: Sequence[str]) -> int | None:
    number = parts[-1].removeprefix(f"{MARK}: ")
    return int(number) if number.isdecimal() else None
