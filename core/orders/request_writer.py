"""A request in the journal: written before it leaves, and ended by what its answer says. Synchronous."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from core.orders import own_tables
from core.orders.journal_rows import OPEN_STATES, OperationOutcome, OperationState, RequestRow
from core.orders.many_rows import ManyRows
from core.orders.moments import plain
from core.redaction import redact

CODE_LENGTH = 100
"""Characters of the columns for codes and ids that the board makes up."""
_KEY_LENGTH = 400

_operation, _request = own_tables.operation, own_tables.request
# Made once: to put a statement together costs more than to carry it out for some rows.
_ADD_REQUEST = sa.insert(_request)
_ADD_OPERATIONS = sa.insert(_operation)
_END_OPERATIONS = sa.update(_operation).where(
    _operation.c.request_uuid == sa.bindparam("of_request"),
    _operation.c.alias_index == sa.bindparam("at_index"),
)
_HAS_OPEN = sa.exists().where(
    _operation.c.request_uuid == _request.c.request_uuid,
    sa.or_(*(_operation.c.state == state for state in OPEN_STATES)),
)
_END_REQUEST = (
    sa.update(_request)
    .where(_request.c.request_uuid == sa.bindparam("of_request"))
    .values(
        state=sa.case((_HAS_OPEN, OperationState.UNKNOWN.value), else_=OperationState.CONFIRMED.value),
    )
)
"""After its operations: they are found by what their request is (docs/decisions/0013)."""


class RequestWriter:
    """Writes requests and their operations inside the caller's transaction, for one database."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self._add_request = ManyRows(
            dialect,
            _ADD_REQUEST,
            (
                "request_uuid",
                "run_id",
                "request_key",
                "step",
                "idempotency_key",
                "planned_hash",
                "state",
                "attempts",
                "sent_at",
                "body",
            ),
        )
        self._add_operations = ManyRows(
            dialect,
            _ADD_OPERATIONS,
            ("alias_index", "target", "record_key", "kind"),
            ("request_uuid", "state"),
        )
        self._end_operations = ManyRows(
            dialect,
            _END_OPERATIONS,
            ("at_index", "state", "board_id", "code", "message", "remedy"),
            ("of_request",),
        )
        self._end_request = ManyRows(
            dialect,
            _END_REQUEST,
            ("of_request", "answered_at", "attempts", "http_status", "board_request_id", "answer"),
        )

    def add(self, connection: sa.Connection, row: RequestRow, at: datetime) -> None:
        """Write a request that is about to leave, with all its operations."""
        sent = OperationState.SENT.value
        self._add_request.execute(
            connection,
            [
                (
                    row.request_uuid,
                    row.run_id,
                    row.request_key[:_KEY_LENGTH],
                    row.step,
                    row.idempotency_key,
                    row.planned_hash,
                    sent,
                    1,
                    plain(at),
                    redact(row.body),
                )
            ],
        )
        self._add_operations.execute(
            connection,
            [
                (index, operation.target, operation.key, operation.kind)
                for index, operation in enumerate(row.operations)
            ],
            {"request_uuid": row.request_uuid, "state": sent},
        )

    def end(
        self,
        connection: sa.Connection,
        request_uuid: str,
        at: datetime,
        outcomes: Sequence[OperationOutcome],
        *,
        attempts: int,
        http_status: int | None,
        board_request_id: str | None,
        answer: str,
    ) -> None:
        """Write each alias's outcome, and what became of the request by them."""
        if outcomes:
            self._end_operations.execute(
                connection,
                [
                    (
                        outcome.index,
                        outcome.state.value,
                        outcome.board_id,
                        outcome.code[:CODE_LENGTH] or None,
                        (outcome.message and redact(outcome.message)) or None,
                        outcome.remedy or None,
                    )
                    for outcome in outcomes
                ],
                {"of_request": request_uuid},
            )
        told_id = board_request_id and board_request_id[:CODE_LENGTH]
        self._end_request.execute(
            connection,
            [(request_uuid, plain(at), attempts, http_status, told_id, redact(answer) or None)],
        )
