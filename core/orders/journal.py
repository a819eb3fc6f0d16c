"""The write-ahead record of every request and operation, and of who makes which group. Synchronous.

A request's operations are committed before it leaves, and each alias's outcome together with the states of
its records in one transaction afterwards. After a crash nothing was sent, or its fate can be asked.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from core.errors import StoreError
from core.orders import own_tables
from core.orders.database import reading, writing
from core.orders.model import RecordKind, StateChange
from core.orders.store import OrderStore
from core.redaction import redact

_CODE_LENGTH = 100
"""Characters of the columns for codes and ids that the board makes up."""
GROUP_RESERVATION = timedelta(minutes=2)
"""After this long without an id, another worker may make the group: twice the API's limit for one call."""


class OperationState(StrEnum):
    """Where one journalled operation stands."""

    SENT = "SENT"
    """On its way: after a crash its outcome is unknown."""
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"
    NOT_APPLIED = "NOT_APPLIED"
    """The request certainly had no effect: refused as a whole, or never left."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """The beginning of a run."""

    run_id: str
    profile: str
    board_id: str
    dry_run: bool
    plan_hash: str
    mapping_hash: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class OperationRow:
    """One operation of a request that is about to leave."""

    target: str
    key: str
    kind: str


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request that is about to leave."""

    request_uuid: str
    run_id: str
    request_key: str
    step: str
    idempotency_key: str
    planned_hash: str
    body: str
    operations: tuple[OperationRow, ...]


@dataclass(frozen=True, slots=True)
class OperationOutcome:
    """What the answer said about one alias."""

    index: int
    state: OperationState
    board_id: str | None = None
    code: str = ""
    message: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """Why a record is in ERROR, in a form that the Failures page can group and mend."""

    kind: RecordKind
    key: str
    code: str
    message: str
    remedy: str
    source: str = ""
    """The source column to correct, where it is known."""


@dataclass(frozen=True, slots=True)
class UnresolvedOperation:
    """An operation that was sent and never got an outcome."""

    request_uuid: str
    index: int
    target: str
    key: str
    kind: str
    worker: str
    """Machine and process of its run."""
    sent_at: datetime
    run_finished: bool


@dataclass(frozen=True, slots=True)
class Exchange:
    """The last request that concerned a record, and its answer; secrets removed."""

    request: str
    answer: str
    request_id: str | None


def _plain(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


class Journal:
    """The application's own tables of one orders database."""

    def __init__(self, store: OrderStore, worker: str) -> None:
        self._store = store
        self._engine = store.engine
        self._worker = worker

    # Runs

    def begin_run(self, row: RunRow) -> None:
        """Record that a run starts."""
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
                    started_at=_plain(row.started_at),
                )
            )

    def end_run(self, run_id: str, finished_at: datetime, report: dict[str, Any]) -> None:
        """Keep the report of a run."""
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(own_tables.run)
                .where(own_tables.run.c.run_id == run_id)
                .values(
                    finished_at=_plain(finished_at), report=redact(json.dumps(report, ensure_ascii=False))
                )
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
            query = query.where(run.c.run_id.startswith(run_id, autoescape=True))
        with reading(self._engine) as connection:
            return [json.loads(report) for report in connection.scalars(query)]

    # Requests

    def sending(self, row: RequestRow, at: datetime) -> None:
        """Commit that this request is about to leave, with all its operations."""
        with writing(self._engine) as connection:
            connection.execute(
                sa.insert(own_tables.request).values(
                    request_uuid=row.request_uuid,
                    run_id=row.run_id,
                    request_key=row.request_key[:400],
                    step=row.step,
                    idempotency_key=row.idempotency_key,
                    planned_hash=row.planned_hash,
                    state=OperationState.SENT.value,
                    attempts=1,
                    sent_at=_plain(at),
                    body=redact(row.body),
                )
            )
            connection.execute(
                sa.insert(own_tables.operation),
                [
                    {
                        "request_uuid": row.request_uuid,
                        "alias_index": index,
                        "run_id": row.run_id,
                        "target": operation.target,
                        "record_key": operation.key,
                        "kind": operation.kind,
                        "state": OperationState.SENT.value,
                    }
                    for index, operation in enumerate(row.operations)
                ],
            )

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
        worst = next(
            (o.state for o in outcomes if o.state is OperationState.UNKNOWN), OperationState.CONFIRMED
        )
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(own_tables.request)
                .where(own_tables.request.c.request_uuid == request_uuid)
                .values(
                    state=worst.value,
                    answered_at=_plain(at),
                    attempts=attempts,
                    http_status=http_status,
                    board_request_id=None if board_request_id is None else board_request_id[:_CODE_LENGTH],
                    answer=redact(answer) or None,
                )
            )
            self._write_outcomes(connection, request_uuid, outcomes)
            self._store.apply(connection, states)
            self._write_findings(connection, states, findings, at)

    def record_states(
        self, at: datetime, states: Sequence[StateChange], findings: Sequence[FindingRow] = ()
    ) -> None:
        """Write states that follow from no answer: validation, or the end of an order."""
        with writing(self._engine) as connection:
            self._store.apply(connection, states)
            self._write_findings(connection, states, findings, at)

    def _write_outcomes(
        self, connection: sa.Connection, request_uuid: str, outcomes: Sequence[OperationOutcome]
    ) -> None:
        operation = own_tables.operation
        if not outcomes:
            return
        connection.execute(
            sa.update(operation)
            .where(
                operation.c.request_uuid == request_uuid,
                operation.c.alias_index == sa.bindparam("at_index"),
            )
            .values(
                state=sa.bindparam("new_state"),
                board_id=sa.bindparam("new_id"),
                code=sa.bindparam("new_code"),
                message=sa.bindparam("new_message"),
                remedy=sa.bindparam("new_remedy"),
            ),
            [
                {
                    "at_index": outcome.index,
                    "new_state": outcome.state.value,
                    "new_id": outcome.board_id,
                    "new_code": outcome.code[:_CODE_LENGTH] or None,
                    "new_message": redact(outcome.message) or None,
                    "new_remedy": outcome.remedy or None,
                }
                for outcome in outcomes
            ],
        )

    @staticmethod
    def _write_findings(
        connection: sa.Connection,
        states: Sequence[StateChange],
        findings: Sequence[FindingRow],
        at: datetime,
    ) -> None:
        """The latest finding of each record; a record that moved on has none."""
        table = own_tables.finding
        concerned = {(change.kind.value, change.key) for change in states}
        latest = {(row.kind.value, row.key): row for row in reversed(findings)}
        concerned |= set(latest)
        if concerned:
            connection.execute(
                sa.delete(table).where(
                    table.c.record_kind == sa.bindparam("kind"), table.c.record_key == sa.bindparam("key")
                ),
                [{"kind": kind, "key": key} for kind, key in concerned],
            )
        if latest:
            connection.execute(
                sa.insert(table),
                [
                    {
                        "record_kind": row.kind.value,
                        "record_key": row.key,
                        "code": row.code[:_CODE_LENGTH],
                        "message": redact(row.message),
                        "remedy": row.remedy,
                        "source": row.source[:255],
                        "found_at": _plain(at),
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
                run.c.finished_at.is_not(None).label("run_finished"),
            )
            .join(request, request.c.request_uuid == operation.c.request_uuid)
            .join(run, run.c.run_id == operation.c.run_id)
            .where(
                run.c.board_id == board_id,
                operation.c.state.in_([OperationState.SENT.value, OperationState.UNKNOWN.value]),
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
                    bool(row.run_finished),
                )
                for row in connection.execute(query)
            ]

    def last_exchange(self, target: str, key: str) -> Exchange | None:
        """The last request that carried this record, None when nothing was sent for it."""
        operation, request = own_tables.operation, own_tables.request
        query = (
            sa.select(request.c.body, request.c.answer, request.c.board_request_id)
            .join(operation, operation.c.request_uuid == request.c.request_uuid)
            .where(operation.c.target == target, operation.c.record_key == key)
            .order_by(request.c.sent_at.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return Exchange(redact(row[0]), redact(row[1] or ""), row[2]) if row else None

    # Groups

    def reserve_group(self, board_id: str, title: str, run_id: str, at: datetime) -> str | bool:
        """Ask to be the one who creates a group.

        The id when it is known; True when this run may create it; False while another worker is doing so. The
        unique key of the table decides between workers, whatever machine they are on.
        """
        group = own_tables.group
        mine = (group.c.board_id == board_id, group.c.title == title)
        try:
            with writing(self._engine) as connection:
                connection.execute(
                    sa.insert(group).values(
                        board_id=board_id, title=title, owner=run_id, reserved_at=_plain(at)
                    )
                )
        except StoreError as error:
            if not isinstance(error.__cause__, exc.IntegrityError):
                raise
        else:
            return True
        with writing(self._engine) as connection:
            row = connection.execute(sa.select(group.c.group_id, group.c.owner).where(*mine)).one_or_none()
            if row is None:
                return False
            if row.group_id is not None:
                return str(row.group_id)
            if row.owner == run_id:
                return True
            stale = _plain(at - GROUP_RESERVATION)
            taken = connection.execute(
                sa.update(group)
                .where(*mine, group.c.group_id.is_(None), group.c.reserved_at < stale)
                .values(owner=run_id, reserved_at=_plain(at))
            )
            return taken.rowcount == 1

    def group_created(self, board_id: str, title: str, group_id: str) -> None:
        """Remember a group's id."""
        group = own_tables.group
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(group)
                .where(group.c.board_id == board_id, group.c.title == title)
                .values(group_id=group_id)
            )

    def forget_group(self, board_id: str, title: str) -> None:
        """Give a title free again: its creation failed, or the group is gone from the board."""
        group = own_tables.group
        with writing(self._engine) as connection:
            connection.execute(sa.delete(group).where(group.c.board_id == board_id, group.c.title == title))


def new_uuid() -> str:
    """A fresh identifier for a run, a request or an idempotency key."""
    return str(uuid.uuid4())
