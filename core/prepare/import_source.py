"""Reads the rows of an order list: CSV as Excel and other programs write it, and Excel itself."""

import csv
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from core.errors import ConfigurationError, Problem
from core.prepare.import_summary import ImportProblem

DELIMITERS = {"','": ",", "';'": ";", "tab": "\t"}
HEADING_ROWS = 20
"""The heading is looked for in so many rows that are not empty: titles may stand above it."""
_EXCEL = {".xlsx", ".xlsm"}
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:</(?:\w+:)?c>|<(?:\w+:)?v\s*/>|<(?:\w+:)?v></)"
)
"""In a sheet's XML, a cell with a formula and no value."""
_REFERENCE = re.compile(rb"""\br=["']([A-Z]+)(\d+)["']""")
_BLOCK = 1 << 20
_SHEET = "Excel, sheet "
_DAMAGED = (
    ParseError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
)
"""What comes out of a workbook that is not as it should be."""
_REMEDY = "Save the order list again, as .xlsx or as CSV in UTF-8, then import that file."

Cells = Sequence[Any]
Rows = Iterator[tuple[int, Cells]]
"""Row number as the file's own program shows it, and the cells from column A on."""
Score = Callable[[Cells], int]
"""How many cells of a row are headings that the staging table knows."""


@dataclass(frozen=True, slots=True)
class OrderListFile:
    """A file that has been looked at; `rows` reads it from the beginning."""

    path: Path
    form: str
    """What was found, for the summary: `CSV, utf-8, delimiter ';'` or `Excel, sheet Orders`."""
    rows: Callable[[], AbstractContextManager[Rows]]
    epoch: datetime | None = None
    """Day 0 of the serial dates, of an Excel file."""
    uncalculated: Callable[[], Iterable[tuple[int, int]]] = tuple
    """Row number and place of each formula that no program has calculated, of an Excel file."""
    notes: tuple[ImportProblem, ...] = ()


def look_at(path: Path, score: Score) -> OrderListFile:
    """Find out how a file is to be read; `score` tells which delimiter, or which sheet, makes sense.

    Raises ConfigurationError for one that cannot be read.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(4)
    except OSError as error:
        raise _unreadable(path, error) from error
    if not beginning:
        raise unusable(path, "it is empty")
    if path.suffix.lower() in _EXCEL or beginning == b"PK\x03\x04":
        return _look_at_excel(path, score)
    if beginning == b"\xd0\xcf\x11\xe0":
        raise unusable(
            path, "it is an Excel file of the old form, or has a password", "Save it as .xlsx without one."
        )
    return _look_at_csv(path, score)


def unusable(path: Path, what: str, remedy: str = _REMEDY) -> ConfigurationError:
    """What is raised for a file of which nothing can be imported."""
    return ConfigurationError(
        Problem("import_file_unusable", f"The order list cannot be imported: {what}", str(path), remedy)
    )


def _unreadable(path: Path, error: OSError) -> ConfigurationError:
    return unusable(
        path,
        error.strerror or str(error),
        "Check the path, and close the file in the program that has it open, then import again.",
    )


def first_rows(rows: Rows) -> list[tuple[int, Cells]]:
    """The rows in which the heading is looked for."""
    return list(_filled(rows))


def _filled(rows: Rows) -> Rows:
    filled = ((number, cells) for number, cells in rows if any(not is_empty(cell) for cell in cells))
    return islice(filled, HEADING_ROWS)


def is_empty(cell: Any) -> bool:
    """Whether a cell holds nothing, or only spaces."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _scored(candidates: Iterable[OrderListFile], score: Score) -> list[tuple[int, OrderListFile]]:
    """The candidates that make sense, the best one first."""
    scored = [(_best_score(candidate, score), candidate) for candidate in candidates]
    return sorted(scored, key=lambda pair: pair[0], reverse=True)


def _best_score(candidate: OrderListFile, score: Score) -> int:
    found = 0
    # A wrong delimiter may break the quotation; where the right one does, loading says so.
    with suppress(ConfigurationError), candidate.rows() as rows:
        for _, cells in _filled(rows):
            found = max(found, score(cells))
    return found


# CSV


def _look_at_csv(path: Path, score: Score) -> OrderListFile:
    encoding = _encoding(path)
    candidates = [
        OrderListFile(
            path,
            f"CSV, {encoding}, delimiter {name}",
            partial(_csv_rows, path, encoding, delimiter),
        )
        for name, delimiter in DELIMITERS.items()
    ]
    return _scored(candidates, score)[0][1]


@contextmanager
def _csv_rows(path: Path, encoding: str, delimiter: str) -> Iterator[Rows]:
    try:
        file = path.open(encoding=encoding, newline="")
    except OSError as error:
        raise _unreadable(path, error) from error
    with file:
        yield _read_csv(path, csv.reader(file, delimiter=delimiter, strict=True))


def _read_csv(path: Path, reader: Any) -> Rows:
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except OSError as error:
        raise _unreadable(path, error) from error
    except (csv.Error, UnicodeError) as error:
        raise unusable(
            path,
            f"the row that begins in line {line} is broken ({error})",
            "Check its quotation marks, or import the Excel file.",
        ) from error


def _encoding(path: Path) -> str:
    """UTF-8 where every line is; else the code page that Excel writes. A mixture of both cannot be used."""
    with path.open("rb") as file:
        beginning = file.read(3)
        if beginning[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            return "utf-16"
        file.seek(0)
        broken: tuple[int, bytes, UnicodeDecodeError] | None = None
        beyond_ascii = False
        for number, line in enumerate(file, start=1):
            try:
                beyond_ascii |= not line.decode("utf-8-sig" if number == 1 else "utf-8").isascii()
            except UnicodeDecodeError as error:
                broken = broken or (number, line, error)
    if broken is None:
        return "utf-8-sig"
    # A file with proper UTF-8 elsewhere is no code page: reading it as one would spoil the other letters.
    if beyond_ascii or beginning == b"\xef\xbb\xbf":
        raise _undecodable(path, broken[0], broken[2])
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("cp1252")
            except UnicodeDecodeError as error:
                raise _undecodable(path, number, error) from error
    return "cp1252"


def _undecodable(path: Path, line: int, error: UnicodeDecodeError) -> ConfigurationError:
    byte = error.object[error.start]
    return unusable(
        path,
        f"line {line}, byte {error.start + 1} (0x{byte:02X}) is neither UTF-8 nor Windows-1252",
        "Save the file as 'CSV UTF-8', then import it again.",
    )


# Excel


def _look_at_excel(path: Path, score: Score) -> OrderListFile:
    with _workbook(path) as workbook:
        sheets = [sheet.title for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
        epoch = workbook.epoch
    candidates = [
        OrderListFile(
            path,
            f"{_SHEET}{sheet}",
            partial(_excel_rows, path, sheet),
            epoch,
            partial(_uncalculated, path, sheet),
        )
        for sheet in sheets
    ]
    if not candidates:
        raise unusable(path, "it has no sheet with rows")
    (most, best), *others = _scored(candidates, score)
    also = [other.form for found, other in others if most and found == most]
    return replace(best, notes=tuple(_not_taken(best.form, form) for form in also))


def _not_taken(taken: str, form: str) -> ImportProblem:
    sheet, left = taken.removeprefix(_SHEET), form.removeprefix(_SHEET)
    reason = f"the sheet '{left}' has the same headings; only '{sheet}' was imported"
    return ImportProblem(
        0,
        "",
        "",
        left,
        "sheet_left_out",
        reason,
        reason[0].upper() + reason[1:],
        "Delete or hide the sheet that is not meant, or bring all rows onto one sheet, then import again.",
        rejected=False,
    )


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    # It warns of styles and extensions, which an import does not read.
    warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
    except PermissionError as error:
        raise _unreadable(path, error) from error
    except (InvalidFileException, *_DAMAGED, OSError) as error:
        raise unusable(path, f"it is no Excel file that can be opened ({error})") from error
    try:
        yield workbook
    finally:
        workbook.close()


@contextmanager
def _excel_rows(path: Path, sheet: str) -> Iterator[Rows]:
    with _workbook(path) as workbook:
        worksheet = workbook[sheet]
        # Some programs write a wrong size of the sheet; the rows themselves are right.
        worksheet.reset_dimensions()
        rows = worksheet.iter_rows(values_only=True)
        try:
            yield _read_excel(path, sheet, rows)
        finally:
            rows.close()  # the file stays open as long as its rows may be read


def _read_excel(path: Path, sheet: str, rows: Iterator[Cells]) -> Rows:
    try:
        yield from enumerate(rows, start=1)
    except (*_DAMAGED, OSError) as error:
        raise _damaged(path, sheet, error) from error


def _damaged(path: Path, sheet: str, error: Exception) -> ConfigurationError:
    return unusable(path, f"its sheet {sheet} is damaged ({error})")


def _uncalculated(path: Path, sheet: str) -> Iterator[tuple[int, int]]:
    """The formulas without a value, found in the XML: the reader tells them from empty texts only there."""
    rest = b""
    try:
        with _workbook(path) as workbook, workbook[sheet]._get_source() as xml:  # noqa: SLF001  no public way
            while block := xml.read(_BLOCK):
                whole, _, rest = (rest + block).rpartition(b"row>")
                yield from _without_value(whole)
            yield from _without_value(rest)
    except (*_DAMAGED, OSError) as error:
        raise _damaged(path, sheet, error) from error


def _without_value(xml: bytes) -> Iterator[tuple[int, int]]:
    for found in _FORMULA.finditer(xml):
        attributes = found[1]
        # A formula whose result is the empty text has a type and no value.
        if (reference := _REFERENCE.search(attributes)) and not re.search(
            rb"""\bt=["']str["']""", attributes
        ):
            yield int(reference[2]), place_of(reference[1].decode())


def place_of(name: str) -> int:
    """The place of a column by its letters: A is 0, AA is 26."""
    place = 0
    for letter in name:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def letters(place: int) -> str:
    """The letters of a column: 0 is A, 26 is AA."""
    name = ""
    place += 1
    while place:
        place, digit = divmod(place - 1, 26)
        name = chr(ord("A") + digit) + name
    return name
