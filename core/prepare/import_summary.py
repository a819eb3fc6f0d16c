"""What an import of an order list found and did."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

MOST_REFUSALS = 10_000
"""So many rejected cells are told one by one; the counts are whole."""
MOST_NOTES = 1000
"""So many other findings, which must not crowd out the rejected cells."""


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """A finding on one cell, one row or one column of the file."""

    row: int
    """The row as the file's own program numbers it; the line of a CSV file."""
    letter: str
    """The column's letters, `A` the first one; empty for a finding on a whole row or the whole file."""
    column: str
    """Its heading."""
    value: str
    code: str
    reason: str
    """Why, without saying where: for a table that has row and column beside it."""
    message: str
    """The whole sentence: where, what, and what became of the row."""
    remedy: str
    rejected: bool
    """The row was left out for it."""


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What was read and loaded."""

    path: str
    form: str
    """`CSV, utf-8-sig, delimiter ';'` or `Excel, sheet Orders`."""
    staging_table: str
    rows_read: int
    """Rows below the heading that are not empty."""
    rows_loaded: int
    rows_rejected: int
    """Left out whole, each for one or more cells."""
    cells_rejected: int
    cells_rounded: int
    """Stored with fewer digits behind the point."""
    rows_replaced: int
    """Rows that the staging table held before."""
    cancellations_withheld: bool
    """Rows were left out and a row without a key stands for them: while it is there, a preparation cancels
    no order."""
    columns: Mapping[str, str]
    """Heading -> staging column, of the columns that were loaded."""
    unknown_columns: tuple[str, ...]
    """Headings that the staging table does not have: left out."""
    missing_columns: tuple[str, ...]
    """Staging columns that the file does not have: left empty."""
    problems: tuple[ImportProblem, ...]
    """By row. At most `MOST_REFUSALS` rejected cells and `MOST_NOTES` others."""
    seconds: float

    def missing_words(self, most: int = 5) -> str:
        """The first columns that the file does not have, by name; empty where it has them all."""
        named = ", ".join(self.missing_columns[:most])
        return f"{named}, …" if len(self.missing_columns) > most else named

    @property
    def refusals(self) -> tuple[ImportProblem, ...]:
        """The cells for which rows were left out."""
        return tuple(problem for problem in self.problems if problem.rejected)

    @property
    def notes(self) -> tuple[ImportProblem, ...]:
        """Findings that cost no row."""
        return tuple(problem for problem in self.problems if not problem.rejected)

    def to_json(self) -> dict[str, Any]:
        """One JSON object."""
        return asdict(self)


class Findings:
    """Collects findings while a file is read, in bounded memory."""

    def __init__(self) -> None:
        self._refusals: list[ImportProblem] = []
        self._notes: list[ImportProblem] = []
        self.refused_cells = 0

    def tell(self, problem: ImportProblem) -> None:
        """Keep a finding, as long as there is room for its sort."""
        if problem.rejected:
            self.refused_cells += 1
        kept, most = (self._refusals, MOST_REFUSALS) if problem.rejected else (self._notes, MOST_NOTES)
        if len(kept) < most:
            kept.append(problem)

    def refusals(self, most: int) -> list[ImportProblem]:
        """The first rejected cells."""
        return self._refusals[:most]

    def by_row(self) -> tuple[ImportProblem, ...]:
        """All that were kept."""
        return tuple(sorted((*self._notes, *self._refusals), key=lambda problem: problem.row))
