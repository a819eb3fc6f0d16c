"""What one run did on the board, and others did to the same records, by the journal. Synchronous."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from core.errors import ConfigurationError, Problem
from core.orders import own_tables
from core.orders.database import reading
from core.orders.journal_rows import OperationState
from core.orders.record_keys import record_key
from core.orders.search import ESCAPE, literal_pattern
from core.orders.source import chunks


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run that was begun."""

    run_id: str
    board_id: str
    dry_run: bool
    worker: str
    started_at: datetime
    finished: bool


@dataclass(frozen=True, slots=True)
class SentOperation:
    """One operation that left, and where it stands."""

    run_id: str
    request_uuid: str
    index: int
    """Its place in its request."""
    target: str
    key: str
    kind: str
    state: OperationState
    board_id: str | None
    """What the board has made or changed; None where that is not known."""
    sent_at: datetime

    @property
    def record_key(self) -> str:
        """Of the group, order or line that it belongs to: a continuation item belongs to its order."""
        return record_key(self.target, self.key)

    @property
    def may_have_applied(self) -> bool:
        """Whether the board has carried it out, or may have."""
        return self.state not in {OperationState.REJECTED, OperationState.NOT_APPLIED}


def find_run(engine: sa.Engine, run_id: str) -> PastRun:
    """The run with this id, or the one whose id begins so. Raises ConfigurationError, or StoreError."""
    run = own_tables.run
    query = sa.select(run).where(run.c.run_id.like(f"{literal_pattern(run_id)}%", escape=ESCAPE)).limit(2)
    with reading(engine) as connection:
        rows = connection.execute(query).mappings().all()
    if len(rows) != 1 or not run_id:
        raise run_not_found(run_id, several=bool(rows))
    row = rows[0]
    return PastRun(
        row["run_id"],
        row["board_id"],
        bool(row["dry_run"]),
        row["worker"],
        row["started_at"].replace(tzinfo=UTC),
        row["finished_at"] is not None,
    )


def run_not_found(run_id: str, *, several: bool) -> ConfigurationError:
    """The error for an id, or the beginning of one, that names no run or several."""
    return ConfigurationError(
        Problem(
            "run_not_found",
            "Several runs begin with this id" if several else "There is no run with this id",
            f"run {run_id}",
            "deltadesk report lists the recent runs.",
        )
    )


def operations_of(engine: sa.Engine, run_id: str) -> list[SentOperation]:
    """Every operation that the run sent, oldest first. Raises StoreError."""
    query = _sent_operations().where(own_tables.operation.c.run_id == run_id)
    with reading(engine) as connection:
        return [_sent(row) for row in connection.execute(query)]


def operations_of_others(engine: sa.Engine, run_id: str, keys: Sequence[str]) -> list[SentOperation]:
    """What other runs sent for these orders and lines. Raises StoreError."""
    operation = own_tables.operation
    found: list[SentOperation] = []
    with reading(engine) as connection:
        for chunk in chunks(keys):
            query = _sent_operations().where(operation.c.record_key.in_(chunk), operation.c.run_id != run_id)
            found.extend(_sent(row) for row in connection.execute(query))
    return found


def bodies_of(engine: sa.Engine, run_id: str) -> dict[str, str]:
    """Request -> its body as it was sent, secrets removed. Raises StoreError."""
    request = own_tables.request
    query = sa.select(request.c.request_uuid, request.c.body).where(request.c.run_id == run_id)
    with reading(engine) as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def _sent_operations() -> sa.Select[Any]:
    operation, request = own_tables.operation, own_tables.request
    return (
        sa.select(
            operation.c.run_id,
            operation.c.request_uuid,
            operation.c.alias_index,
            operation.c.target,
            operation.c.record_key,
            operation.c.kind,
            operation.c.state,
            operation.c.board_id,
            request.c.sent_at,
        )
        .join(request, request.c.request_uuid == operation.c.request_uuid)
        .order_by(request.c.sent_at, operation.c.request_uuid, operation.c.alias_index)
    )


def _sent(row: sa.Row[Any]) -> SentOperation:
    return SentOperation(
        row.run_id,
        row.request_uuid,
        row.alias_index,
        row.target,
        row.record_key,
        row.kind,
        OperationState(row.state),
        row.board_id,
        row.sent_at.replace(tzinfo=UTC),
    )
