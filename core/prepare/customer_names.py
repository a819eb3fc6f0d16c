"""The file that says which names in the source mean the same customer."""

import csv
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from core.errors import ConfigurationError, Problem
from core.prepare.structure import LONGEST_CUSTOMER


def read_customer_names(path: Path) -> Iterator[tuple[str, str]]:
    """Pairs (name in the source, canonical name) of a CSV file with these two columns and a heading.

    A name in the source is matched whatever its case, so each stands there once. Raises ConfigurationError
    with the line for a file that is not of this form.
    """
    seen: dict[str, int] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            next(rows, None)
            for row in rows:
                line = rows.line_num
                if not any(cell.strip() for cell in row):
                    continue
                source, canonical = _names(path, line, row)
                if (earlier := seen.setdefault(source.casefold(), line)) != line:
                    raise _unusable(path, f"line {line} names '{source}', as line {earlier} does")
                yield source, canonical
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise _unusable(path, f"it is not UTF-8 at byte {error.start + 1}") from error
    except csv.Error as error:
        raise _unusable(path, str(error)) from error


def _names(path: Path, line: int, row: list[str]) -> tuple[str, str]:
    names = [cell.strip() for cell in row]
    if len(names) != 2 or not all(names):  # noqa: PLR2004  the two columns
        raise _unusable(path, f"line {line} does not hold two names")
    for name in names:
        if len(name) > LONGEST_CUSTOMER:
            raise _unusable(
                path, f"a name in line {line} has {len(name)} characters, {LONGEST_CUSTOMER} is the limit"
            )
    return names[0], names[1]


def _unusable(path: Path, what: str) -> ConfigurationError:
    return ConfigurationError(
        Problem(
            "customer_names_invalid",
            f"The file of customer names cannot be used: {what}",
            str(path),
            "Write two columns, the source's name and the canonical one, as UTF-8 CSV with a heading.",
        )
    )


def store_customer_names(connection: sa.Connection, names: list[tuple[str, str]]) -> None:
    """Replace the stored names. Upper case is made by the database, which compares with its own later."""
    connection.execute(sa.text("DELETE FROM deltadesk_customer_name"))
    if names:
        connection.execute(
            sa.text(
                "INSERT INTO deltadesk_customer_name (source_name, canonical_name)"
                " VALUES (UPPER(:source), :canonical)"
            ),
            [{"source": source, "canonical": canonical} for source, canonical in names],
        )
