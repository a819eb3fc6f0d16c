"""The report of a run that was cut off before it could write one: what its journal knows."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

from core.config.model import Profile
from core.errors import Problem
from core.orders import interrupted_runs
from core.orders.interrupted_runs import JournalledRecord, OpenRun
from core.orders.journal import FindingRow, OperationState
from core.orders.journal_rows import RunScope
from core.orders.model import FailedRecord, RecordKind
from core.orders.store import OrderStore
from core.sync.ledger import outcome_of
from core.sync.outcome import Outcome
from core.sync.plan import OperationKind, TargetKind
from core.sync.report import ApiUse, Counts, CustomerReport, Failure, RunReport

RUN_INTERRUPTED = "run_interrupted"
"""The code of the problem that ended such a run."""

Findings = Mapping[tuple[str, str], tuple[FindingRow, datetime]]
"""(record kind, key) -> what is wrong with the record, and when that was found."""


def account(store: OrderStore, run: OpenRun, profile: Profile, unfinished: Collection[str]) -> RunReport:
    """What is known of a run that was cut off, as of now. Synchronous. Raises StoreError.

    Records that it sent have the outcome that was heard, records that it put into ERROR have failed. The
    `unfinished` orders, by key, are not synced, though the item of one may be there. Lines that the run did
    not come to are not counted: they were never journalled. It ends with its last sign of life.

    Ask before anybody finds out what became of its requests, and before others send its rest.
    """
    engine, scope = store.engine, run.scope
    in_scope = frozenset(scope.order_keys)
    findings = interrupted_runs.findings_since(engine, run.started_at)
    failed = _failed(store, scope, findings)
    ends: dict[RecordKind, dict[str, Outcome]] = {RecordKind.ORDER: {}, RecordKind.LINE: {}}
    for record in interrupted_runs.journalled_records(engine, run.run_id):
        ends[RecordKind(record.target)][record.key] = _outcome(record)
    orders, lines = ends[RecordKind.ORDER], ends[RecordKind.LINE]
    lines.update((record.key, Outcome.FAILED) for record in failed if record.kind is RecordKind.LINE)
    for kind, key in findings:
        if kind == RecordKind.ORDER and key in in_scope:
            orders[key] = Outcome.FAILED
    for key, outcome in orders.items():
        if outcome.synced and key in unfinished:
            orders[key] = Outcome.NOT_STARTED
    counts = _counts(orders, len(scope.order_keys)), _counts(lines)
    calls, heard = interrupted_runs.traffic(engine, run.run_id)
    found = [findings[record.kind, record.key][1] for record in failed]
    ended = max([run.started_at, *found, *([heard] if heard else [])])
    return RunReport(
        run.run_id,
        profile.name,
        dry_run=False,
        started_at=run.started_at,
        finished_at=ended,
        orders=counts[0],
        lines=counts[1],
        # How the counts divide among several is not journalled.
        customers=(CustomerReport(scope.customers[0], *counts),) if _is_of_one_customer(scope) else (),
        failures=tuple(_failure(record, findings) for record in failed),
        api=ApiUse(calls),
        seconds=round((ended - run.started_at).total_seconds(), 3),
        stopped=Problem(
            RUN_INTERRUPTED,
            "The run was interrupted",
            f"worker {run.worker}",
            "What it left is offered to be resumed, until a run has sent it or a person dismisses it.",
        ),
        mapping=run.mapping or profile.mapping,
        mapping_version=run.mapping_version,
    )


def _failed(store: OrderStore, scope: RunScope, findings: Findings) -> list[FailedRecord]:
    """The records of the run in ERROR, by customer, that it put there."""
    orders, lines = frozenset(scope.order_keys), frozenset(scope.line_keys)
    if not findings:
        return []
    return [
        record
        for record in store.failed()
        if (record.kind, record.key) in findings and (record.order_key in orders or record.key in lines)
    ]


def _failure(record: FailedRecord, findings: Findings) -> Failure:
    why, _ = findings[record.kind, record.key]
    return Failure(
        TargetKind(record.kind),
        record.key,
        record.label,
        record.customer,
        Outcome.FAILED,
        why.code,
        why.message,
        why.remedy,
    )


def _counts(ends: Mapping[str, Outcome], at_least: int = 0) -> Counts:
    outcomes = Counter(ends.values())
    outcomes[Outcome.NOT_STARTED] += max(0, at_least - outcomes.total())
    return Counts.of(outcomes, outcomes.total())


def _is_of_one_customer(scope: RunScope) -> bool:
    return len(scope.customers) == 1 and not scope.line_keys


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
