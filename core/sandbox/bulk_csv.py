"""The CSV file of a bulk import: its header, its rows, what belongs to what (docs/importing-items-in-bulk).

A plain file has the columns `name` and column ids. A file with subitems has `name.subitem` and
`<column id of the subitems board>.subitem` too; each of its rows is an item or a line of the item above.

Left open by the provider, and read strictly: a byte-order mark, a header twice, a row with more or fewer
cells than the header, a file without rows or with too many of them, and `.subitem` columns without
`name.subitem` refuse the file; a column of a type that cannot be imported makes every row of its kind
invalid, filled or not; a row without a name in a plain file is invalid; a row that is item and line at once
is the item above for the lines that follow, which are invalid with it.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.sandbox.bulk_cells import IMPORTABLE
from core.sandbox.bulk_jobs import Outcome, Row, RowKind
from core.sandbox.structure import Board, Column

NAME = "name"
SUBITEM = ".subitem"
LEVEL = re.compile(r".+\.l\d+", re.IGNORECASE)
RELATION_COLUMNS = 5  # per import
FIRST_ROW = 2  # the header is row 1


class UploadError(Exception):
    """The file as a whole cannot be imported."""


@dataclass(frozen=True)
class Layout:
    """What the places of a row mean."""

    header: tuple[str, ...]
    line_name: int | None  # the place of `name.subitem`; None: a plain file
    item_columns: Mapping[int, str]  # column id by place
    line_columns: Mapping[int, str]
    item_problem: str | None  # why no item row can be imported
    line_problem: str | None


def read_file(
    file: bytes, board: Board, lines_board: Board | None, rows_per_file: int
) -> tuple[Layout, list[Row]]:
    """Return the header's meaning and the rows; those that cannot be imported have their outcome.

    Raises UploadError when the file as a whole is refused.
    """
    records = _records(file)
    layout = read_header(records[0], board, lines_board)
    if len(records) == 1:
        raise UploadError("The file has no rows")
    if len(records) - 1 > rows_per_file:
        raise UploadError(f"The file has {len(records) - 1} rows; the maximum is {rows_per_file}")
    rows: list[Row] = []
    parent: int | None = None
    for number, record in enumerate(records[1:], start=FIRST_ROW):
        if len(record) != len(layout.header):
            raise UploadError(f"Row {number} has {len(record)} cells; the header has {len(layout.header)}")
        row = _row(number, record, layout, parent)
        if row.kind in (RowKind.ITEM, RowKind.BOTH):
            parent = number
        rows.append(row)
    return layout, rows


def _records(file: bytes) -> list[list[str]]:
    try:
        text = file.decode("utf-8")
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UploadError(f"The file is not CSV in UTF-8: {error}") from None
    if not records:
        raise UploadError("The file is empty")
    return records


def read_header(header: Sequence[str], board: Board, lines_board: Board | None) -> Layout:
    """Return what the places mean. Raises UploadError.

    Ids are exact in a plain file; in one with subitems capital letters make no difference.
    """
    has_lines = any(title.casefold().endswith(SUBITEM) for title in header)
    if (header[0].casefold() if has_lines else header[0]) != NAME:
        raise UploadError(f"The first column is {header[0]!r}, not 'name'")
    titles = [title.casefold() if has_lines else title for title in header]
    if twice := sorted({title for title in titles if titles.count(title) > 1}):
        raise UploadError(f"The column {twice[0]!r} is there twice")
    if leveled := [title for title in header if LEVEL.fullmatch(title)]:
        raise UploadError(f"The column {leveled[0]!r} belongs to a multi-level board")
    if has_lines and NAME + SUBITEM not in titles:
        raise UploadError("The file has columns of subitems and no column 'name.subitem'")
    if has_lines and lines_board is None:
        raise UploadError(f"Board {board.id} has no subitems column")
    items = {place: title for place, title in enumerate(header) if not titles[place].endswith(SUBITEM)}
    lines = {
        place: title[: -len(SUBITEM)] for place, title in enumerate(header) if titles[place].endswith(SUBITEM)
    }
    del items[0]
    line_name = titles.index(NAME + SUBITEM) if has_lines else None
    if line_name is not None:
        del lines[line_name]
    item_columns = {place: _column(title, board, ignore_case=has_lines) for place, title in items.items()}
    if unknown := [items[place] for place, column in item_columns.items() if column is None]:
        raise UploadError(f"Board {board.id} has no column {unknown[0]!r}")
    line_columns = {
        place: _column(title, lines_board, ignore_case=True) if lines_board else None
        for place, title in lines.items()
    }
    columns = [*item_columns.values(), *line_columns.values()]
    if sum(column is not None and column.type == "board_relation" for column in columns) > RELATION_COLUMNS:
        raise UploadError(f"An import has at most {RELATION_COLUMNS} columns that connect boards")
    return Layout(
        header=tuple(header),
        line_name=line_name,
        item_columns={place: column.id for place, column in item_columns.items() if column},
        line_columns={place: column.id for place, column in line_columns.items() if column},
        item_problem=_problem(items, item_columns),
        line_problem=_problem(lines, line_columns),
    )


def _column(title: str, board: Board, *, ignore_case: bool) -> Column | None:
    if (exact := board.columns.get(title)) is not None or not ignore_case:
        return exact
    return next(
        (column for column in board.columns.values() if column.id.casefold() == title.casefold()), None
    )


def _problem(titles: Mapping[int, str], columns: Mapping[int, Column | None]) -> str | None:
    for place, column in columns.items():
        if column is None:
            return f"The subitems board has no column {titles[place]!r}"
        if column.type not in IMPORTABLE:
            return f"Column {column.id!r} of type {column.type} cannot be imported"
    return None


def _row(number: int, record: Sequence[str], layout: Layout, parent: int | None) -> Row:
    name = record[0] if record[0].strip() else ""
    line_name = ""
    if layout.line_name is not None and record[layout.line_name].strip():
        line_name = record[layout.line_name]
    if name and line_name:
        return Row(number, RowKind.BOTH, None, name, {}, Outcome.INVALID, "The row is an item and a subitem")
    if line_name:
        cells = _cells(record, layout.line_columns)
        row = Row(number, RowKind.LINE, parent, line_name, cells)
        if parent is None:
            return _invalid(row, "There is no item row above this subitem")
        return _invalid(row, layout.line_problem) if layout.line_problem else row
    if not name and layout.line_name is not None:
        return Row(number, RowKind.NEITHER, None, "", {}, Outcome.SKIPPED, "The row has no name")
    row = Row(number, RowKind.ITEM, None, name, _cells(record, layout.item_columns))
    return _invalid(row, layout.item_problem) if layout.item_problem else row


def _invalid(row: Row, message: str) -> Row:
    return Row(row.number, row.kind, row.parent, row.name, row.cells, Outcome.INVALID, message)


def _cells(record: Sequence[str], columns: Mapping[int, str]) -> dict[str, str]:
    # The values of the other kind of row are ignored, as documented.
    return {column_id: record[place] for place, column_id in columns.items() if record[place].strip()}
