"""Runs that did not come to their end: what they set out to send, and who settled them. Synchronous."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from core.orders import own_tables
from core.orders.database import reading, writing
from core.orders.journal_rows import FindingRow, OperationState, RunScope
from core.orders.model import RecordKind, SyncState
from core.orders.moments import plain
from core.orders.search import ESCAPE, literal_pattern
from core.redaction import redact


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run that is going on, or was interrupted; nobody has resumed or dismissed it."""

    run_id: str
    worker: str
    """Machine and process."""
    started_at: datetime
    ended_early: bool
    """It ended by itself and left something; False: no end of it is known."""
    scope: RunScope
    mapping: str = ""
    """The mapping set that its plan was made with; empty where no version of it was kept."""
    mapping_version: int | None = None
    report: dict[str, Any] | None = None
    """What was kept of it when it was found to be cut off; None where nobody has found that yet."""


@dataclass(frozen=True, slots=True)
class JournalledRecord:
    """The last thing that a run did about one record."""

    target: str
    key: str
    kind: str
    state: OperationState


def open_runs(
    engine: sa.Engine, profile: str, board_id: str, limit: int, run_id: str = "", *, unreported: bool = False
) -> list[OpenRun]:
    """A profile's runs on a board that have left something and are not settled, newest first.

    `run_id` may be the beginning of an id; `unreported` are only those without any report. Raises StoreError.
    """
    run, version = own_tables.run, own_tables.mapping_version
    of_its_plan = (
        version.c.profile == run.c.profile,
        version.c.version == run.c.mapping_version,
        version.c.content_hash == run.c.mapping_hash,
    )
    query = (
        sa.select(
            run.c.run_id,
            run.c.worker,
            run.c.started_at,
            run.c.finished_at,
            run.c.scope,
            run.c.mapping_version,
            sa.select(sa.func.min(version.c.mapping)).where(*of_its_plan).scalar_subquery().label("mapping"),
            # The report of a run that came to its own end may be long, and is not asked for.
            sa.case((run.c.finished_at.is_(None), run.c.report), else_=sa.null()).label("kept"),
        )
        .where(
            run.c.profile == profile,
            run.c.board_id == board_id,
            run.c.scope.is_not(None),
            run.c.settled_by.is_(None),
            run.c.left_at.is_(None),
        )
        .order_by(run.c.started_at.desc(), run.c.run_id)
        .limit(limit)
    )
    if run_id:
        query = query.where(run.c.run_id.like(f"{literal_pattern(run_id)}%", escape=ESCAPE))
    if unreported:
        query = query.where(run.c.finished_at.is_(None), run.c.report.is_(None))
    with reading(engine) as connection:
        return [
            OpenRun(
                row.run_id,
                row.worker,
                row.started_at.replace(tzinfo=UTC),
                row.finished_at is not None,
                scope_from_text(row.scope),
                row.mapping or "",
                row.mapping_version,
                json.loads(row.kept) if row.kept else None,
            )
            for row in connection.execute(query)
        ]


def journalled_records(engine: sa.Engine, run_id: str) -> list[JournalledRecord]:
    """What a run sent for orders and lines, and what it heard; the last request of a record counts."""
    operation, request = own_tables.operation, own_tables.request
    query = (
        sa.select(operation.c.target, operation.c.record_key, operation.c.kind, operation.c.state)
        .join(request, request.c.request_uuid == operation.c.request_uuid)
        .where(request.c.run_id == run_id, operation.c.target.in_(["order", "line"]))
        .order_by(request.c.sent_at)
    )
    with reading(engine) as connection:
        found = {
            (row.target, row.record_key): JournalledRecord(
                row.target, row.record_key, row.kind, OperationState(row.state)
            )
            for row in connection.execute(query)
        }
    return list(found.values())


def findings_since(engine: sa.Engine, at: datetime) -> dict[tuple[str, str], tuple[FindingRow, datetime]]:
    """(record kind, key) -> what was found wrong with a record from this moment on, and when."""
    finding, since = own_tables.finding, plain(at)
    with reading(engine) as connection:
        return {
            (row.record_kind, row.record_key): (
                FindingRow(
                    RecordKind(row.record_kind), row.record_key, row.code, row.message, row.remedy, row.source
                ),
                row.found_at.replace(tzinfo=UTC),
            )
            for row in connection.execute(sa.select(finding).where(finding.c.found_at >= since))
        }


def traffic(engine: sa.Engine, run_id: str) -> tuple[int, datetime | None]:
    """How many calls a run made, as far as they are journalled, and its last sign of life."""
    request = own_tables.request
    last = sa.func.max(request.c.sent_at), sa.func.max(request.c.answered_at)
    query = sa.select(sa.func.sum(request.c.attempts), *last).where(request.c.run_id == run_id)
    with reading(engine) as connection:
        calls, *moments = connection.execute(query).one()
    last_sign = max((moment for moment in moments if moment), default=None)
    return int(calls or 0), last_sign.replace(tzinfo=UTC) if last_sign else None


def keep_report(engine: sa.Engine, run_id: str, report: dict[str, Any]) -> None:
    """Keep what is known of a run that could not report itself; a report of its own stays."""
    run, text = own_tables.run, redact(json.dumps(report, ensure_ascii=False))
    with writing(engine) as connection:
        connection.execute(
            sa.update(run).where(run.c.run_id == run_id, run.c.report.is_(None)).values(report=text)
        )


def settle(connection: sa.Connection, run_id: str, by: str) -> None:
    """Offer a run no more, inside the caller's transaction: `by` sends the rest of it, or undoes it."""
    run = own_tables.run
    connection.execute(sa.update(run).where(run.c.run_id == run_id).values(settled_by=by))


def leave(engine: sa.Engine, run_id: str, at: datetime) -> None:
    """Offer a run no more: a person does not want the rest of it."""
    run, left_at = own_tables.run, plain(at)
    with writing(engine) as connection:
        connection.execute(sa.update(run).where(run.c.run_id == run_id).values(left_at=left_at))


def scope_text(scope: RunScope | None) -> str | None:
    """A scope as the journal keeps it."""
    return None if scope is None else json.dumps(asdict(scope), ensure_ascii=False)


def scope_from_text(text: str) -> RunScope:
    """Read back what `scope_text` wrote."""
    data = json.loads(text)
    return RunScope(
        tuple(data["customers"]),
        tuple(data["order_keys"]),
        tuple(data["line_keys"]),
        tuple(SyncState(state) for state in data["states"]),
    )
