"""What an outcome means for a record's row: its state, and the finding beside it. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from core.mapping.findings import Finding
from core.orders.journal import FindingRow
from core.orders.model import RecordKind, StateChange, SyncState
from core.sync.order_account import Ended
from core.sync.outcome import Outcome


def state_of(
    kind: RecordKind, key: str, ended: Ended, at: datetime, board_id: str | None = None
) -> StateChange | None:
    """The row's new state after a failure or an unknown outcome; None when the row stays as it is."""
    message = f"{ended.problem.title}. {ended.problem.remedy}" if ended.problem else None
    match ended.outcome:
        case Outcome.FAILED:
            return StateChange(kind, key, SyncState.ERROR, board_id, error=message, at=at)
        case Outcome.UNKNOWN:
            # Not ERROR: nobody knows yet. The journal keeps it from being sent again unasked.
            return StateChange(
                kind, key, SyncState.PENDING, board_id, error=f"Outcome unknown. {message or ''}", at=at
            )
        case _:
            return None


def finding_of(kind: RecordKind, key: str, ended: Ended) -> Iterator[FindingRow]:
    """Why a record failed, if it did."""
    if ended.outcome is Outcome.FAILED and ended.problem is not None:
        yield FindingRow(
            kind, key, ended.problem.code, ended.problem.title, ended.problem.remedy, ended.source
        )


def end_by_findings(findings: Iterable[Finding]) -> Ended:
    """The end of a record that a finding forbids to send."""
    first = next(finding for finding in findings if finding.blocks)
    return Ended(Outcome.FAILED, first.problem, first.source)


def as_never_sent(kind: RecordKind, key: str, at: datetime) -> StateChange:
    """The state of a record whose item or subitem was archived to be made afresh."""
    return StateChange(kind, key, SyncState.NEW, at=at, afresh=True)


def undone(order_key: str, line_keys: Iterable[str], at: datetime) -> list[StateChange]:
    """The states of an order whose item was archived to be made afresh, and of its lines."""
    lines = [as_never_sent(RecordKind.LINE, key, at) for key in line_keys]
    return [*lines, as_never_sent(RecordKind.ORDER, order_key, at)]
