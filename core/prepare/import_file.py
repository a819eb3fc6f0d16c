"""Loads an order list from a file into the staging table. Synchronous: callers use a worker thread."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa

from core.errors import ConfigurationError, Problem
from core.orders.database import reading, writing
from core.prepare.import_heading import Column, Heading, headings_among, known_names, read_heading
from core.prepare.import_source import Cells, OrderListFile, Rows, is_empty, letters, look_at, unusable
from core.prepare.import_summary import Findings, ImportProblem, ImportSummary
from core.prepare.import_target import StagingTarget
from core.prepare.import_values import Refusal

ROWS_AT_A_TIME = 500
_PROBLEMS_OF_AN_ERROR = 20
_SHOWN_CHARACTERS = 100
_PLACES_TOLD = 10

Portion = list[tuple[int, list[Any]]]
"""Rows of the file with their numbers, converted; a value for each loaded column."""


def import_order_list(
    engine: sa.Engine,
    staging_table: str,
    path: Path,
    *,
    replace: bool = True,
    key_columns: Sequence[str] = (),
    progress: Callable[[int], None] | None = None,
) -> ImportSummary:
    """Load a CSV or .xlsx file into the staging table, in one transaction.

    With `replace`, what the table held goes. A row with a cell that its column cannot hold is left out whole
    and told; the others are loaded. Its order must not look cancelled: with `key_columns`, one row without a
    key is loaded in the place of all that were left out, and the preparation cancels nothing beside it.

    `progress` gets the number of rows read, in the caller's thread; what it raises ends the import. Raises
    ConfigurationError for a file or a table that cannot be used and for a file without one good row,
    StoreError when the database does not answer. After any exception nothing is changed.
    """
    began = perf_counter()
    with reading(engine) as connection:
        target = StagingTarget(connection, staging_table)
    known = known_names(target)
    file = look_at(path, lambda cells: headings_among(cells, known))
    with file.rows() as rows:
        heading = read_heading(file, rows, target)
    _require_calculated(file, heading)
    loading = _Loading(file, heading)
    names = [column.name for column in heading.columns]
    with writing(engine) as connection, file.rows() as rows:
        replaced = target.clear(connection) if replace else 0
        for portion in loading.portions(rows):
            where = f"rows {portion[0][0]} to {portion[-1][0]} of the file"
            target.store(connection, names, [values for _, values in portion], where)
            if progress is not None:
                progress(loading.read)
        loading.require_rows()
        withheld = bool(loading.rejected and key_columns)
        if withheld:
            target.hold_place(connection, key_columns, loading.rejected)
    return ImportSummary(
        path=str(path),
        form=file.form,
        staging_table=target.qualified,
        rows_read=loading.read,
        rows_loaded=loading.read - loading.rejected,
        rows_rejected=loading.rejected,
        cells_rejected=loading.findings.refused_cells,
        cells_rounded=loading.rounded,
        rows_replaced=replaced,
        cancellations_withheld=withheld,
        columns={column.heading: column.name for column in heading.columns},
        unknown_columns=heading.unknown,
        missing_columns=heading.missing,
        problems=loading.findings.by_row(),
        seconds=perf_counter() - began,
    )


def _require_calculated(file: OrderListFile, heading: Heading) -> None:
    """A formula that no program has calculated has no value: its cell would look empty."""
    places = {column.place for column in heading.columns}
    for row, place in file.uncalculated():
        if row > heading.row and place in places:
            raise unusable(
                file.path,
                f"cell {letters(place)}{row} holds a formula that was never calculated",
                "Open the file in Excel, save it, then import it again.",
            )


class _Loading:
    """The rows of one file on their way into the table."""

    def __init__(self, file: OrderListFile, heading: Heading) -> None:
        self._file = file
        self._heading = heading
        self._last = max(heading.texts)
        self._indexes = {column.place: index for index, column in enumerate(heading.columns)}
        self._wanted = [index for index, column in enumerate(heading.columns) if column.wanted]
        self.findings = Findings()
        self.read = 0
        self.rejected = 0
        self.rounded = 0
        for note in (*file.notes, *heading.notes):
            self.findings.tell(note)

    def portions(self, rows: Rows) -> Iterator[Portion]:
        """The good rows below the heading, some at a time; one may be empty, after many bad rows."""
        portion: Portion = []
        for number, cells in rows:
            if number <= self._heading.row or all(map(is_empty, cells)):
                continue
            self.read += 1
            values = self._row(number, cells)
            if values is None:
                self.rejected += 1
            else:
                portion.append((number, values))
            if len(portion) == ROWS_AT_A_TIME:
                yield portion
                portion = []
        if portion:
            yield portion

    def _row(self, number: int, cells: Cells) -> list[Any] | None:
        """A value for each loaded column; None when the row is left out."""
        columns = self._heading.columns
        values: list[Any] = [None] * len(columns)
        refused: set[int] = set()
        nameless: list[int] = []
        for place, cell in enumerate(cells):
            # Most cells of an order list are empty: they cost no call.
            if cell is None or cell == "" or is_empty(cell):
                continue
            index = self._indexes.get(place)
            if index is None:
                if place not in self._heading.texts:
                    nameless.append(place)
                continue
            try:
                values[index] = self._value(number, columns[index], cell)
            except Refusal as refusal:
                refused.add(index)
                self.findings.tell(_refused(number, columns[index], cell, refusal))
        for index in self._wanted:
            if values[index] is None and index not in refused:
                refused.add(index)
                missing = Refusal("value_missing", "is empty, and the column wants a value", "Fill the cell")
                self.findings.tell(_refused(number, columns[index], None, missing))
        if nameless:
            self._tell_nameless(number, cells, nameless)
        return None if refused or nameless else values

    def _value(self, number: int, column: Column, cell: Any) -> Any:
        converted = column.convert(cell)
        if converted.rounded:
            self.rounded += 1
            self.findings.tell(_rounded(number, column, cell, converted.value))
        return converted.value

    def _tell_nameless(self, number: int, cells: Cells, nameless: Sequence[int]) -> None:
        """A value beyond the headings costs its row; one between them stops the import."""
        where = ", ".join(map(letters, nameless[:_PLACES_TOLD]))
        if nameless[0] < self._last:
            raise unusable(
                self._file.path,
                f"row {number} has values in column {where}, which has no heading in row"
                f" {self._heading.row}; of merged heading cells only the first one has a text",
                "Take merged heading cells apart and give every column its own heading, then import again.",
            )
        self.findings.tell(
            ImportProblem(
                number,
                letters(nameless[0]),
                "",
                _shown(cells[nameless[0]]),
                "beyond_headings",
                "stands beyond the last heading",
                f"Row {number} has values in column {where}, beyond the last heading; the row is left out",
                "Quote a text that has the delimiter in it, or give the column a heading, then import again.",
                rejected=True,
            )
        )

    def require_rows(self) -> None:
        """Raises ConfigurationError when there was no good row."""
        if self.read > self.rejected:
            return
        if not self.read:
            raise unusable(self._file.path, "it has no rows below its heading")
        raise ConfigurationError(
            Problem(
                "import_no_good_row",
                f"None of the {self.read} rows can be loaded",
                str(self._file.path),
                "Correct what follows, then import again.",
            ),
            *(
                Problem(each.code, each.message, f"row {each.row}", each.remedy)
                for each in self.findings.refusals(_PROBLEMS_OF_AN_ERROR)
            ),
        )


def _refused(number: int, column: Column, cell: Any, refusal: Refusal) -> ImportProblem:
    shown = _shown(cell)
    what = f"'{shown}' {refusal.what}" if shown else f"the cell {refusal.what}"
    return ImportProblem(
        number,
        letters(column.place),
        column.heading,
        shown,
        refusal.code,
        refusal.what,
        f"Row {number}, column {letters(column.place)} ({column.heading}): {what}; the row is left out",
        f"{refusal.remedy}, then import again.",
        rejected=True,
    )


def _rounded(number: int, column: Column, cell: Any, stored: Any) -> ImportProblem:
    return ImportProblem(
        number,
        letters(column.place),
        column.heading,
        _shown(cell),
        "value_rounded",
        f"is stored as {stored}",
        f"Row {number}, {letters(column.place)} ({column.heading}): {_shown(cell)} is stored as {stored}",
        "Nothing, unless the digits matter: then widen the column.",
        rejected=False,
    )


def _shown(cell: Any) -> str:
    text = "" if cell is None else str(cell)
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
