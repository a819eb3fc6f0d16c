"""Reads what a preparation found and did, while its work tables are still filled."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from core.prepare.left_out import LeftOutRows, is_stand_in
from core.prepare.settings import PrepareSettings
from core.prepare.statements import LONGEST_KEY, SEPARATOR, render_refused_values
from core.prepare.structure import Structure
from core.prepare.summary import CustomerPrepared, PrepareSummary, StagingProblem

MOST_PROBLEMS = 1000
"""So many left-out rows of each sort are told one by one; the counts are whole."""
_SHOWN_CHARACTERS = 100
_WRITTEN = ("NEW", "CHANGED", "CANCELLED", "REVIVED")

_staged = sa.table(
    "deltadesk_staged",
    *(
        sa.column(name)
        for name in ("staging_row", "business_key", "customer", "record_uuid", "kind", "problem")
    ),
)
_staged_line = sa.table(
    "deltadesk_staged_line",
    *(sa.column(name) for name in ("staging_row", "size_code", "qty_text", "qty")),
)
_line = sa.table(
    "deltadesk_order_line", *(sa.column(name) for name in ("record_uuid", "action", "prepare_id"))
)


def read_summary(
    connection: sa.Connection, settings: PrepareSettings, structure: Structure, prepare_id: str
) -> PrepareSummary:
    """Counts and problems of the preparation that is going on in this transaction."""
    kinds: dict[str, int] = dict(
        connection.execute(
            sa.select(_staged.c.kind, sa.func.count())
            .where(_staged.c.kind.is_not(None))
            .group_by(_staged.c.kind)
        ).all()
    )
    lines: dict[str, int] = dict(
        connection.execute(
            sa.select(_line.c.action, sa.func.count())
            .where(_line.c.prepare_id == prepare_id)
            .group_by(_line.c.action)
        ).all()
    )
    rows, refused = connection.execute(
        sa.select(sa.func.count(), sa.func.count(_staged.c.problem)).where(_staged.c.staging_row > 0)
    ).one()
    left_out = _left_out(connection)
    return PrepareSummary(
        prepare_id=prepare_id,
        dry_run=False,
        staging_rows=rows - left_out.imports,
        new=kinds.get("NEW", 0),
        changed=kinds.get("CHANGED", 0),
        unchanged=kinds.get("UNCHANGED", 0) + kinds.get("EMPTY", 0),
        cancelled=kinds.get("CANCELLED", 0),
        revived=kinds.get("REVIVED", 0),
        claimed=kinds.get("CLAIMED", 0),
        withheld=kinds.get("WITHHELD", 0),
        refused=refused - left_out.imports + left_out.at_least,
        lines_inserted=lines.get("INSERT", 0),
        lines_updated=lines.get("UPDATE", 0),
        lines_deleted=lines.get("DELETE", 0),
        seconds=0.0,
        customers=_customers(connection, prepare_id),
        problems=tuple(_problems(connection, settings, structure, left_out)),
    )


def _customers(connection: sa.Connection, prepare_id: str) -> dict[str, CustomerPrepared]:
    touched = (
        sa.select(_line.c.record_uuid, sa.func.count().label("lines"))
        .where(_line.c.prepare_id == prepare_id)
        .group_by(_line.c.record_uuid)
        .subquery()
    )
    rows = connection.execute(
        sa.select(_staged.c.customer, sa.func.count(), sa.func.sum(touched.c.lines))
        .select_from(_staged.outerjoin(touched, touched.c.record_uuid == _staged.c.record_uuid))
        .where(_staged.c.kind.in_(_WRITTEN))
        .group_by(_staged.c.customer)
    ).all()
    return {
        str(name or ""): CustomerPrepared(orders, int(lines or 0))
        for name, orders, lines in sorted(rows, key=lambda row: str(row[0] or "").casefold())
    }


def _left_out(connection: sa.Connection) -> LeftOutRows:
    keys = connection.execute(
        sa.select(_staged.c.business_key).where(
            _staged.c.problem == "key_missing", _staged.c.business_key.like("%ROWS%")
        )
    )
    return LeftOutRows.of(keys.scalars())


def _problems(
    connection: sa.Connection, settings: PrepareSettings, structure: Structure, left_out: LeftOutRows
) -> Iterator[StagingProblem]:
    keys = ", ".join(settings.key_columns)
    if left_out.imports:
        yield left_out.problem()
    rows = connection.execute(
        sa.select(_staged.c.staging_row, _staged.c.business_key, _staged.c.customer, _staged.c.problem)
        .where(_staged.c.problem.in_(("key_missing", "key_too_long", "customer_too_long")))
        .order_by(_staged.c.staging_row)
        .limit(MOST_PROBLEMS)
    ).all()
    only_left_out = True
    for row, key, customer, problem in rows:
        if problem == "customer_too_long":
            yield _customer_too_long(row, key, settings.customer_column, customer, structure.longest_customer)
        elif not is_stand_in(key):
            only_left_out = False
            yield _no_key(row, key, settings.key_columns, problem, known=bool(left_out.imports))
    yield from _twins(connection, keys)
    yield from _bad_quantities(connection)
    yield from _refused_values(connection, settings, structure)
    yield from _withheld(connection, keys, only_left_out=only_left_out)


def _no_key(row: int, key: str, columns: Sequence[str], problem: str, *, known: bool) -> StagingProblem:
    """`known` says that what imports left out is known, so that this row stands for nothing of it."""
    if problem == "key_missing":
        parts = key.split(SEPARATOR)
        concerned = ", ".join(column for column, part in zip(columns, parts, strict=True) if not part)
        message = f"Row {row} has no key without {concerned}"
        remedy = f"Fill {concerned} in the order list, then prepare again."
        if not known and not any(parts):
            # A lone key column, or one that takes no text, cannot say that the row is no row of the list.
            remedy += (
                " If the last import left rows out, this row stands for them: correct them in the file,"
                " then import the file again."
            )
    else:
        concerned = ", ".join(columns)
        message = f"Row {row} has a key of more than {LONGEST_KEY} characters"
        remedy = f"Shorten {concerned} in the order list, then prepare again."
    return StagingProblem(row, _shown(key), concerned, "", problem, message, remedy)


def _customer_too_long(row: int, key: str, column: str, customer: str, longest: int) -> StagingProblem:
    return StagingProblem(
        row,
        _shown(key),
        column,
        _cut(customer),
        "customer_too_long",
        f"Row {row} has a customer's name of more than {longest} characters",
        "Shorten the name in the order list, or in the file of customer names, then prepare again.",
    )


def _twins(connection: sa.Connection, keys: str) -> Iterator[StagingProblem]:
    rows = connection.execute(
        sa.select(
            _staged.c.staging_row,
            _staged.c.business_key,
            sa.func.min(_staged.c.staging_row).over(partition_by=_staged.c.business_key),
            sa.func.max(_staged.c.staging_row).over(partition_by=_staged.c.business_key),
        )
        .where(_staged.c.problem == "key_twice")
        .order_by(_staged.c.staging_row)
        .limit(MOST_PROBLEMS)
    )
    for row, key, first, last in rows:
        other = last if row == first else first
        yield StagingProblem(
            row,
            _shown(key),
            keys,
            _shown(key),
            "key_twice",
            f"Row {row} has the same key as row {other}",
            "Keep one of the rows in the order list, then prepare again.",
        )


def _bad_quantities(connection: sa.Connection) -> Iterator[StagingProblem]:
    cells = connection.execute(
        sa.select(
            _staged.c.staging_row, _staged.c.business_key, _staged_line.c.size_code, _staged_line.c.qty_text
        )
        .join(_staged_line, _staged_line.c.staging_row == _staged.c.staging_row)
        .where(_staged.c.problem == "bad_quantity", _staged_line.c.qty.is_(None))
        .order_by(_staged.c.staging_row, _staged_line.c.size_code)
        .limit(MOST_PROBLEMS)
    )
    for row, key, size, value in cells:
        yield StagingProblem(
            row,
            _shown(key),
            size,
            value,
            "bad_quantity",
            f"Row {row}, column {size}: '{value}' is not a whole quantity",
            "Write a whole number, or leave the cell empty, then prepare again.",
        )


def _refused_values(
    connection: sa.Connection, settings: PrepareSettings, structure: Structure
) -> Iterator[StagingProblem]:
    concerned = sa.select(_staged.c.staging_row).where(
        _staged.c.problem.in_(("value_too_long", "value_missing"))
    )
    if connection.scalar(concerned.limit(1)) is None:
        return
    for column, limit, statement in render_refused_values(connection.dialect, settings, structure):
        with connection.execute(statement.bound({})) as cells:
            for row, key, value in cells.fetchmany(MOST_PROBLEMS):
                yield _refused_value(row, key, column, value, limit)


def _refused_value(row: int, key: str, column: str, value: str | None, limit: int | None) -> StagingProblem:
    if limit is None:
        code, what = "value_missing", "is empty, and the headers table wants a value"
        remedy = "Fill the cell in the order list, then prepare again."
    else:
        code, what = (
            "value_too_long",
            f"has more than {limit} characters, which the headers table does not hold",
        )
        remedy = "Shorten the text, or widen the column of the headers table, then prepare again."
    message = f"Row {row}, column {column}: the value {what}"
    return StagingProblem(row, _shown(key), column, _cut(value), code, message, remedy)


def _withheld(connection: sa.Connection, keys: str, *, only_left_out: bool) -> Iterator[StagingProblem]:
    """`only_left_out` says that every row without a key in the staging table stands for others."""
    if only_left_out:
        may_be_it = "a row that the import left out may be it"
        remedy = (
            "Correct the rows that were left out, then import the file again: only then can it be cancelled."
        )
    else:
        may_be_it = "a row without a usable key may be it"
        remedy = f"Correct {keys} in the rows reported, then prepare again: only then can it be cancelled."
    orders = connection.execute(
        sa.select(_staged.c.business_key)
        .where(_staged.c.kind == "WITHHELD")
        .order_by(_staged.c.business_key)
        .limit(MOST_PROBLEMS)
    )
    for key in orders.scalars():
        yield StagingProblem(
            0,
            _shown(key),
            keys,
            "",
            "cancellation_withheld",
            f"The order {_shown(key)} is not in the order list; {may_be_it}",
            remedy,
        )


def _shown(key: Any) -> str:
    return _cut((key or "").replace(SEPARATOR, " / "))


def _cut(text: str | None) -> str:
    text = text or ""
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
