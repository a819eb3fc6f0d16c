"""The write-ahead record of every run, request and operation. Synchronous.

A request's operations are committed before it leaves, and each alias's outcome together with the states of
its records in one transaction afterwards. After a crash nothing was sent, or its fate can be asked.
"""

import json
import uuid
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from core.orders import group_reservations, import_jobs, interrupted_runs, own_tables
from core.orders.database import in_one_transaction, reading, writing
from core.orders.group_reservations import Reservation
from core.orders.import_jobs import IMPORT_STEP, JobNote
from core.orders.journal_rows import (
    OPEN_STATES,
    Exchange,
    FindingRow,
    OperationOutcome,
    OperationRow,
    OperationState,
    RequestRow,
    RunRow,
    UnresolvedOperation,
)
from core.orders.many_rows import ManyRows
from core.orders.model import RecordKind, StateChange
from core.orders.moments import plain
from core.orders.request_writer import CODE_LENGTH, RequestWriter
from core.orders.search import ESCAPE, literal_pattern
from core.orders.store import OrderStore
from core.redaction import redact

__all__ = [
    "Exchange",
    "FindingRow",
    "Journal",
    "OperationOutcome",
    "OperationRow",
    "OperationState",
    "RequestRow",
    "RunRow",
    "UnresolvedOperation",
    "new_uuid",
]

# Made once: to put a statement together costs more than to carry it out for some rows.
_ADD_FINDINGS = sa.insert(own_tables.finding)
_ANY_FINDING = sa.select(own_tables.finding.c.record_kind).limit(1)
_FORGET_FINDING = sa.delete(own_tables.finding).where(
    own_tables.finding.c.record_kind == sa.bindparam("of_kind"),
    own_tables.finding.c.record_key == sa.bindparam("of_key"),
)


class Journal:
    """The application's own tables of one orders database."""

    def __init__(self, store: OrderStore, worker: str) -> None:
        self._store = store
        self._engine = store.engine
        self._worker = worker
        dialect = store.engine.dialect
        self._requests = RequestWriter(dialect)
        self._forget_findings = ManyRows(dialect, _FORGET_FINDING, ("of_kind", "of_key"))

    # Runs

    def begin_run(self, row: RunRow) -> None:
        """Record that a run starts; the run that it settles is not resumed any more."""
        with writing(self._engine) as connection:
            connection.execute(
                sa.insert(own_tables.run).values(
                    run_id=row.run_id,
                    profile=row.profile,
                    board_id=row.board_id,
                    dry_run=row.dry_run,
                    worker=self._worker,
                    plan_hash=row.plan_hash,
                    mapping_hash=row.mapping_hash,
                    started_at=plain(row.started_at),
                    mapping_version=row.mapping_version,
                    scope=interrupted_runs.scope_text(row.scope),
                )
            )
            if row.settles is not None:
                interrupted_runs.settle(connection, row.settles, row.run_id)

    def end_run(
        self,
        run_id: str,
        finished_at: datetime,
        report: dict[str, Any],
        *,
        plan_hash: str = "",
        resumable: bool = False,
    ) -> None:
        """Keep the report of a run; what it set out to send only where it left something to be resumed.

        `plan_hash`: where the plan was not known yet when the run began; empty leaves what is there.
        """
        told = redact(json.dumps(report, ensure_ascii=False))
        values: dict[str, Any] = {"finished_at": plain(finished_at), "report": told}
        if plan_hash:
            values["plan_hash"] = plan_hash
        if not resumable:
            values["scope"] = None
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(own_tables.run).where(own_tables.run.c.run_id == run_id).values(values)
            )

    def reports(self, limit: int, run_id: str | None = None) -> list[dict[str, Any]]:
        """Reports of finished runs, newest first."""
        run = own_tables.run
        query = (
            sa.select(run.c.report)
            .where(run.c.report.is_not(None))
            .order_by(run.c.started_at.desc(), run.c.run_id)
            .limit(limit)
        )
        if run_id is not None:
            query = query.where(run.c.run_id.like(f"{literal_pattern(run_id)}%", escape=ESCAPE))
        with reading(self._engine) as connection:
            return [json.loads(report) for report in connection.scalars(query)]

    # Requests

    def sending(self, row: RequestRow, at: datetime) -> None:
        """Commit that this request is about to leave, with all its operations."""
        with writing(self._engine) as connection:
            self._requests.add(connection, row, at)

    def answered(
        self,
        request_uuid: str,
        at: datetime,
        outcomes: Sequence[OperationOutcome],
        *,
        attempts: int = 1,
        http_status: int | None = None,
        board_request_id: str | None = None,
        answer: str = "",
        states: Sequence[StateChange] = (),
        findings: Sequence[FindingRow] = (),
    ) -> None:
        """Commit each alias's outcome together with the states that follow from it."""

        def write(connection: sa.Connection) -> None:
            self._requests.end(
                connection,
                request_uuid,
                at,
                outcomes,
                attempts=attempts,
                http_status=http_status,
                board_request_id=board_request_id,
                answer=answer,
            )
            self._store.apply(connection, states)
            self._write_findings(connection, states, findings, at, request_uuid)

        # What the board did is known here alone: a deadlock with another worker must not lose it. After a
        # power cut the board is asked, as it is where the answer itself was lost.
        in_one_transaction(self._engine, write, may_be_lost=True)

    def record_states(
        self, at: datetime, states: Sequence[StateChange], findings: Sequence[FindingRow] = ()
    ) -> None:
        """Write states that follow from no answer: validation, or the end of an order."""

        def write(connection: sa.Connection) -> None:
            self._store.apply(connection, states)
            self._write_findings(connection, states, findings, at)

        in_one_transaction(self._engine, write)

    def _write_findings(
        self,
        connection: sa.Connection,
        states: Sequence[StateChange],
        findings: Sequence[FindingRow],
        at: datetime,
        request_uuid: str | None = None,
    ) -> None:
        """The latest finding of each record; a record that moved on has none."""
        latest = {(row.kind, row.key): row for row in reversed(findings)}
        # Only who has a record's claim writes its finding: one that is not there now does not come meanwhile.
        if (states or latest) and connection.execute(_ANY_FINDING).first() is not None:
            concerned = {(change.kind, change.key) for change in states} | latest.keys()
            self._forget_findings.execute(connection, [(kind.value, key) for kind, key in concerned])
        if latest:
            connection.execute(
                _ADD_FINDINGS,
                [
                    {
                        "record_kind": row.kind.value,
                        "record_key": row.key,
                        "code": row.code[:CODE_LENGTH],
                        "message": redact(row.message),
                        "remedy": row.remedy,
                        "source": row.source[:255],
                        "found_at": plain(at),
                        "request_uuid": request_uuid,
                    }
                    for row in latest.values()
                ],
            )

    def finding(self, kind: RecordKind, key: str) -> FindingRow | None:
        """Why a record is in ERROR, None when the application did not put it there."""
        table = own_tables.finding
        query = sa.select(table).where(table.c.record_kind == kind.value, table.c.record_key == key)
        with reading(self._engine) as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        return FindingRow(kind, key, row["code"], row["message"], row["remedy"], row["source"])

    def finding_codes(self) -> dict[tuple[str, str], str]:
        """(record kind, key) -> code, of every finding."""
        table = own_tables.finding
        with reading(self._engine) as connection:
            rows = connection.execute(sa.select(table.c.record_kind, table.c.record_key, table.c.code))
            return {(kind, key): code for kind, key, code in rows}

    # Questions

    def is_open(self, request_uuid: str) -> bool:
        """Whether nobody has found out yet what became of a request under way."""
        operation = own_tables.operation
        query = (
            sa.select(operation.c.alias_index)
            .where(operation.c.request_uuid == request_uuid, operation.c.state != OperationState.SENT.value)
            .limit(1)
        )
        with reading(self._engine) as connection:
            return connection.execute(query).one_or_none() is None

    def unresolved(self, board_id: str) -> list[UnresolvedOperation]:
        """Operations on this board that were sent and have no outcome: after a crash or a lost answer."""
        operation, request, run = own_tables.operation, own_tables.request, own_tables.run
        query = (
            sa.select(
                operation.c.request_uuid,
                operation.c.alias_index,
                operation.c.target,
                operation.c.record_key,
                operation.c.kind,
                run.c.worker,
                request.c.sent_at,
                run.c.finished_at,
                request.c.answered_at,
                request.c.step,
            )
            .join(request, request.c.request_uuid == operation.c.request_uuid)
            .join(run, run.c.run_id == request.c.run_id)
            .where(
                run.c.board_id == board_id,
                request.c.state.in_(OPEN_STATES),
                operation.c.state.in_(OPEN_STATES),
            )
        )
        with reading(self._engine) as connection:
            return [
                UnresolvedOperation(
                    row.request_uuid,
                    row.alias_index,
                    row.target,
                    row.record_key,
                    row.kind,
                    row.worker,
                    row.sent_at.replace(tzinfo=UTC),
                    row.finished_at is not None,
                    row.answered_at.replace(tzinfo=UTC) if row.answered_at else None,
                    row.step == IMPORT_STEP,
                )
                for row in connection.execute(query)
            ]

    def exchange_of(self, kind: RecordKind, key: str) -> Exchange | None:
        """The request by whose answer a record failed; else the last one that carried it.

        None when nothing was sent for it.
        """
        operation, request, finding = own_tables.operation, own_tables.request, own_tables.finding
        exchange = sa.select(request.c.body, request.c.answer, request.c.board_request_id)
        of_failure = exchange.join(finding, finding.c.request_uuid == request.c.request_uuid).where(
            finding.c.record_kind == kind.value, finding.c.record_key == key
        )
        # All operations are looked at for it, see docs/decisions/0013: few records fail by no answer.
        last = (
            exchange.join(operation, operation.c.request_uuid == request.c.request_uuid)
            .where(operation.c.target == kind.value, operation.c.record_key == key)
            .order_by(request.c.sent_at.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            row = connection.execute(of_failure).one_or_none() or connection.execute(last).one_or_none()
        return Exchange(redact(row[0]), redact(row[1] or ""), row[2]) if row else None

    # Bulk imports

    def import_job(self, request_uuid: str) -> JobNote | None:
        """The job of a request that is an import; None where its start was not heard of."""
        return import_jobs.find(self._engine, request_uuid)

    def advance_import(self, request_uuid: str, known: JobNote | None, note: JobNote) -> bool:
        """Take a step with a job: see `import_jobs.advance`."""
        return import_jobs.advance(self._engine, request_uuid, known, note)

    # Groups

    def reserve_group(
        self, board_id: str, title: str, run_id: str, at: datetime, *, silent: str = ""
    ) -> Reservation:
        """Ask to be the one who creates a group: see `group_reservations.reserve`."""
        return group_reservations.reserve(self._engine, board_id, title, run_id, at, silent=silent)

    def hold_groups(self, board_id: str, titles: Collection[str], run_id: str, at: datetime) -> bool:
        """Show a sign of life for groups that a run is about to create; False when it lost one of them."""
        return group_reservations.hold(self._engine, board_id, titles, run_id, at)

    def group_created(self, board_id: str, title: str, group_id: str) -> None:
        """Remember a group's id."""
        group_reservations.remember(self._engine, board_id, title, group_id)

    def give_group_back(self, board_id: str, title: str, run_id: str) -> None:
        """Give a title free that a run has reserved: the creation failed."""
        group_reservations.give_back(self._engine, board_id, title, run_id)

    def forget_group(self, board_id: str, title: str, group_id: str) -> None:
        """Give a title free again whose group is gone from the board."""
        group_reservations.forget(self._engine, board_id, title, group_id)


def new_uuid() -> str:
    """A fresh identifier for a run, a request or an idempotency key."""
    return str(uuid.uuid4())
