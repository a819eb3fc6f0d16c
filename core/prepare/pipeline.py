"""Runs a preparation: one transaction, whole or absent. Synchronous: callers use a worker thread."""

import csv
import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa

from core.errors import ConfigurationError, Problem
from core.orders.database import reading, writing
from core.prepare.settings import PrepareSettings, Structure, read_structure
from core.prepare.statements import LONGEST_KEY, Statement, quoted, render_statements
from core.prepare.summary import CustomerPrepared, PrepareSummary, StagingProblem

MOST_PROBLEMS = 1000
"""So many left-out rows are told one by one; the counts are whole."""


class _DryRun(Exception):  # noqa: N818  not an error: it takes the transaction back
    pass


class Preparation:
    """Prepares the delta tables of one database from its staging table."""

    def __init__(self, engine: sa.Engine, settings: PrepareSettings, words: Mapping[str, str]) -> None:
        """`words` are the stored state words NEW, PENDING and HELD. Raises ConfigurationError for missing columns."""
        self._engine = engine
        self._settings = settings
        self._words = words
        with reading(engine) as connection:
            self._structure = read_structure(sa.inspect(connection), settings)

    @property
    def structure(self) -> Structure:
        """The columns it reads and writes."""
        return self._structure

    def run(
        self,
        *,
        dry_run: bool = False,
        customer_names: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> PrepareSummary:
        """Prepare everything that the staging table holds.

        A dry run does the same work and takes it back; its summary holds the SQL. Raises ConfigurationError for an
        empty staging table (every order would be cancelled), StoreError when the database does not answer; in both
        cases nothing is changed.
        """
        began = perf_counter()
        prepare_id = str(uuid.uuid4())
        statements = list(render_statements(self._engine.dialect, self._settings, self._structure))
        values = self._values(prepare_id, now())
        summary: PrepareSummary | None = None
        names = list(read_customer_names(customer_names)) if customer_names else None
        try:
            with writing(self._engine) as connection:
                self._register_functions(connection)
                self._refuse_empty(connection)
                if names is not None:
                    _store_names(connection, names)
                for statement in statements:
                    connection.execute(_bound(statement, values))
                summary = self._summary(connection, prepare_id, dry_run=dry_run, statements=statements)
                _clean(connection, prepare_id)
                if dry_run:
                    raise _DryRun
        except _DryRun:
            pass
        assert summary is not None
        return replace(summary, seconds=perf_counter() - began)

    def _values(self, prepare_id: str, now: datetime) -> dict[str, Any]:
        return {
            "prepare_id": prepare_id,
            "now": now.astimezone(UTC).replace(tzinfo=None),
            "new": self._words["NEW"],
            "pending": self._words["PENDING"],
            "held": self._words["HELD"],
            "insert": "INSERT",
            "update": "UPDATE",
            "delete": "DELETE",
        }

    def _register_functions(self, connection: sa.Connection) -> None:
        """SQLite has no SHA-256 of its own; the others do."""
        if self._engine.dialect.name == "sqlite":
            driver: Any = connection.connection.dbapi_connection
            driver.create_function("deltadesk_sha256", 1, _sha256, deterministic=True)

    def _refuse_empty(self, connection: sa.Connection) -> None:
        table = quoted(self._engine.dialect, self._settings.staging_table)
        if connection.scalar(sa.text(f"SELECT COUNT(*) FROM {table}")) == 0:  # noqa: S608  a quoted name
            raise ConfigurationError(
                Problem(
                    "staging_empty",
                    "The staging table is empty, so every order would be cancelled",
                    f"table {self._settings.staging_table}",
                    "Load the order list first (deltadesk import FILE), then prepare.",
                )
            )

    # What was done

    def _summary(
        self, connection: sa.Connection, prepare_id: str, *, dry_run: bool, statements: list[Statement]
    ) -> PrepareSummary:
        mine = {"prepare_id": prepare_id}
        kinds: dict[str, int] = _pairs(
            connection.execute(
                sa.text(
                    "SELECT kind, COUNT(*) FROM deltadesk_staged"
                    " WHERE prepare_id = :prepare_id AND problem IS NULL GROUP BY kind"
                ),
                mine,
            )
        )
        lines: dict[str, int] = _pairs(
            connection.execute(
                sa.text(
                    "SELECT action, COUNT(*) FROM deltadesk_order_line"
                    " WHERE prepare_id = :prepare_id GROUP BY action"
                ),
                mine,
            )
        )
        counts = connection.execute(
            sa.text(
                "SELECT COUNT(*), SUM(CASE WHEN problem IS NOT NULL THEN 1 ELSE 0 END) FROM deltadesk_staged"
                " WHERE prepare_id = :prepare_id AND staging_row > 0"
            ),
            mine,
        ).one()
        return PrepareSummary(
            prepare_id=prepare_id,
            dry_run=dry_run,
            staging_rows=int(counts[0]),
            new=kinds.get("NEW", 0),
            changed=kinds.get("CHANGED", 0),
            unchanged=kinds.get("UNCHANGED", 0) + kinds.get("EMPTY", 0),
            cancelled=kinds.get("CANCELLED", 0),
            revived=kinds.get("REVIVED", 0),
            claimed=kinds.get("CLAIMED", 0),
            refused=int(counts[1] or 0),
            lines_inserted=lines.get("INSERT", 0),
            lines_updated=lines.get("UPDATE", 0),
            lines_deleted=lines.get("DELETE", 0),
            seconds=0.0,
            customers=self._customers(connection, mine),
            problems=tuple(self._problems(connection, mine)),
            statements=tuple(statement.sql for statement in statements) if dry_run else (),
        )

    @staticmethod
    def _customers(connection: sa.Connection, mine: Mapping[str, str]) -> dict[str, CustomerPrepared]:
        orders = connection.execute(
            sa.text(
                "SELECT customer, COUNT(*) FROM deltadesk_staged WHERE prepare_id = :prepare_id"
                " AND kind IN ('NEW', 'CHANGED', 'CANCELLED', 'REVIVED') GROUP BY customer"
            ),
            mine,
        ).all()
        lines: dict[str, int] = _pairs(
            connection.execute(
                sa.text(
                    "SELECT s.customer, COUNT(*) FROM deltadesk_staged AS s JOIN deltadesk_order_line AS l"
                    " ON l.record_uuid = s.record_uuid AND l.prepare_id = :prepare_id"
                    " WHERE s.prepare_id = :prepare_id GROUP BY s.customer"
                ),
                mine,
            )
        )
        return {
            str(name or ""): CustomerPrepared(count, lines.get(name, 0))
            for name, count in sorted(orders, key=lambda row: str(row[0] or ""))
        }

    def _problems(self, connection: sa.Connection, mine: Mapping[str, str]) -> Iterator[StagingProblem]:
        keys = ", ".join(self._settings.key_columns)
        rows = connection.execute(
            sa.text(
                "SELECT staging_row, business_key, problem FROM deltadesk_staged"
                " WHERE prepare_id = :prepare_id AND problem IN ('key_missing', 'key_twice') ORDER BY staging_row"
            ),
            mine,
        )
        for row, key, problem in rows.fetchmany(MOST_PROBLEMS):
            if problem == "key_missing":
                yield StagingProblem(
                    row,
                    "",
                    keys,
                    "",
                    problem,
                    f"Row {row} has an empty key, or one of more than {LONGEST_KEY} characters",
                    f"Fill {keys} in the order list, then prepare again.",
                )
            else:
                yield StagingProblem(
                    row,
                    _shown(key),
                    keys,
                    _shown(key),
                    problem,
                    f"Row {row} has the same key as another row",
                    "Keep one of the rows in the order list, then prepare again.",
                )
        cells = connection.execute(
            sa.text(
                "SELECT s.staging_row, l.business_key, l.size_code, l.qty_text FROM deltadesk_staged_line AS l"
                " JOIN deltadesk_staged AS s ON s.prepare_id = :prepare_id AND s.business_key = l.business_key"
                " WHERE l.prepare_id = :prepare_id AND l.qty IS NULL ORDER BY s.staging_row, l.size_code"
            ),
            mine,
        )
        for row, key, size, value in cells.fetchmany(MOST_PROBLEMS):
            yield StagingProblem(
                row,
                _shown(key),
                size,
                value,
                "bad_quantity",
                f"Row {row}, column {size}: '{value}' is not a whole quantity",
                "Write a whole number, or leave the cell empty, then prepare again.",
            )


def read_customer_names(path: Path) -> Iterator[tuple[str, str]]:
    """Pairs (name in the source, canonical name) of a CSV file with these two columns and a heading.

    Raises ConfigurationError with the line for a file that is not of this form.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            next(rows, None)
            for line, row in enumerate(rows, start=2):
                if not row:
                    continue
                if len(row) != 2 or not all(cell.strip() for cell in row):  # noqa: PLR2004  the two columns
                    raise _bad_names(path, f"line {line} does not hold two names")
                yield row[0].strip(), row[1].strip()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _bad_names(path, str(error)) from error


def _bad_names(path: Path, what: str) -> ConfigurationError:
    return ConfigurationError(
        Problem(
            "customer_names_invalid",
            f"The file of customer names cannot be used: {what}",
            str(path),
            "Write two columns, the source's name and the canonical one, as UTF-8 CSV with a heading.",
        )
    )


def _store_names(connection: sa.Connection, names: list[tuple[str, str]]) -> None:
    connection.execute(sa.text("DELETE FROM deltadesk_customer_name"))
    latest = dict(names)
    if latest:
        connection.execute(
            sa.text(
                "INSERT INTO deltadesk_customer_name (source_name, canonical_name) VALUES (:source, :canonical)"
            ),
            [{"source": source, "canonical": canonical} for source, canonical in latest.items()],
        )


def _bound(statement: Statement, values: Mapping[str, Any]) -> sa.TextClause:
    clause = sa.text(statement.sql)
    wanted = {**values, **statement.values}
    names = clause._bindparams  # noqa: SLF001  the names that the text uses; SQLAlchemy has no public list of them
    return clause.bindparams(**{name: wanted[name] for name in names})


def _clean(connection: sa.Connection, prepare_id: str) -> None:
    for table in ("deltadesk_staged_line", "deltadesk_staged"):
        connection.execute(
            sa.text(f"DELETE FROM {table} WHERE prepare_id = :prepare_id"),  # noqa: S608  our own table's name
            {"prepare_id": prepare_id},
        )


def _pairs(rows: Iterable[Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in rows}


def _shown(key: str | None) -> str:
    return (key or "").replace("\x1f", " / ")


def _sha256(text: str | None) -> str:
    return hashlib.sha256((text or "").encode()).hexdigest()
