"""Order lists as files, for imports."""

from pathlib import Path

from openpyxl import Workbook

from tests.core.prepare.desk import KEY

HEADINGS = [*KEY, "CUSTOMER NAME", "EX FACTORY DATE", "CUSTOMER PRICE", "NOTES", "XS", "32x34", "TOTAL QTY"]
ROW = ["AAG-1", "GMK4001", "MALTESE BLUE", "4755", "GREYSON", "2027-02-26", "12.5", "as agreed", "3", "", "3"]


def write_csv(path: Path, *rows, delimiter=",", encoding="utf-8", headings=HEADINGS):
    lines = [
        delimiter.join(f'"{cell}"' if delimiter in str(cell) else str(cell) for cell in row)
        for row in (headings, *rows)
    ]
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    return path


def write_excel(path: Path, *rows, headings=HEADINGS, sheet="Orders"):
    workbook = Workbook()
    workbook.active.title = sheet
    for row in (headings, *rows):
        workbook.active.append(row)
    workbook.save(path)
    return path


def row_of(**cells):
    """A good row with some other cells."""
    return [cells.get(heading, cell) for heading, cell in zip(HEADINGS, ROW, strict=True)]
