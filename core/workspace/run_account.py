"""The report of a run that was cut off before it could write one: what its journal knows."""

from collections import Counter
from collections.abc import Collection

import sqlalchemy as sa

from core.errors import Problem
from core.orders import interrupted_runs
from core.orders.interrupted_runs import JournalledRecord, OpenRun
from core.orders.journal import OperationState
from core.sync.ledger import outcome_of
from core.sync.outcome import Outcome
from core.sync.plan import OperationKind
from core.sync.report import ApiUse, Counts, CustomerReport, RunReport

RUN_INTERRUPTED = "run_interrupted"
"""The code of the problem that ended such a run."""


def account(engine: sa.Engine, run: OpenRun, profile: str, unfinished: Collection[str]) -> RunReport:
    """What is known of a run that was cut off. Synchronous. Raises StoreError.

    Records that it sent have the outcome that was heard. The `unfinished` orders, by key, are not synced,
    though the item of one may be there. Lines that the run did not come to are not counted: they were never
    journalled.
    """
    outcomes: dict[str, Counter[Outcome]] = {"order": Counter(), "line": Counter()}
    for record in interrupted_runs.journalled_records(engine, run.run_id):
        outcome = _outcome(record)
        if outcome.synced and record.target == "order" and record.key in unfinished:
            outcome = Outcome.NOT_STARTED
        outcomes[record.target][outcome] += 1
    orders, lines = outcomes["order"], outcomes["line"]
    orders[Outcome.NOT_STARTED] += max(0, len(run.scope.order_keys) - orders.total())
    counted = Counts.of(orders, orders.total()), Counts.of(lines, lines.total())
    calls, last = interrupted_runs.traffic(engine, run.run_id)
    ended = last or run.started_at
    customers = run.scope.customers
    return RunReport(
        run.run_id,
        profile,
        dry_run=False,
        started_at=run.started_at,
        finished_at=ended,
        orders=counted[0],
        lines=counted[1],
        # How the counts divide among several is not journalled.
        customers=(CustomerReport(customers[0], *counted),) if len(customers) == 1 else (),
        failures=(),
        api=ApiUse(calls),
        seconds=max(0.0, (ended - run.started_at).total_seconds()),
        stopped=Problem(
            RUN_INTERRUPTED,
            "The run was interrupted",
            f"worker {run.worker}",
            "What it left is offered to be resumed, until a run has sent it or a person dismisses it.",
        ),
    )


def _outcome(record: JournalledRecord) -> Outcome:
    match record.state:
        case OperationState.CONFIRMED:
            return outcome_of(OperationKind(record.kind))
        case OperationState.REJECTED:
            return Outcome.FAILED
        case OperationState.NOT_APPLIED:
            return Outcome.NOT_STARTED
        case OperationState.SENT | OperationState.UNKNOWN:
            return Outcome.UNKNOWN
