"""What an answer, or the lack of one, says about each operation of a request. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from core.errors import Problem
from core.monday.client import Answer
from core.monday.documents import alias
from core.monday.errors import ApiFault, FaultKind, classify, is_gone
from core.orders.journal import OperationState
from core.sync.plan import Operation, OperationKind

_ARCHIVINGS = frozenset({OperationKind.ARCHIVE_ITEM, OperationKind.ARCHIVE_SUBITEM})


class Verdict(Enum):
    """How one operation came out."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    AGAIN = "again"
    """Certainly not executed, and worth sending once more."""
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True)
class Judged:
    """One operation and how it came out."""

    operation: Operation
    verdict: Verdict
    board_id: str | None = None
    problem: Problem | None = None
    stops: bool = False
    """Nothing else will succeed either."""
    whole: bool = False
    """The verdict is about the request as a whole; nobody looked at this operation by itself."""
    retry_after: float | None = None
    """Seconds, as the board asks, where it is worth sending once more."""

    @property
    def journal_state(self) -> OperationState:
        """The word for it in the journal."""
        return {
            Verdict.CONFIRMED: OperationState.CONFIRMED,
            Verdict.REJECTED: OperationState.REJECTED,
            Verdict.UNKNOWN: OperationState.UNKNOWN,
            Verdict.AGAIN: OperationState.NOT_APPLIED,
            Verdict.NOT_SENT: OperationState.NOT_APPLIED,
        }[self.verdict]


def problem_of(fault: ApiFault, subject: str, request_id: str | None) -> Problem:
    """A fault as an operator reads it."""
    return Problem(fault.code, fault.message, subject, fault.remedy, request_id)


def subject_of(operation: Operation) -> str:
    """Which record, in words."""
    return f"{operation.target.value} {operation.label}"


def judge(answer: Answer, operations: Sequence[Operation]) -> list[Judged]:
    """Judge each alias by its own data and its own error (docs/error-handling: errors carry `path`)."""
    by_alias = {error.alias: error for error in answer.errors}
    judged = []
    for index, operation in enumerate(operations):
        found = answer.data.get(alias(index))
        if isinstance(found, dict) and found.get("id") is not None:
            judged.append(Judged(operation, Verdict.CONFIRMED, str(found["id"])))
            continue
        error = by_alias.get(alias(index))
        if error is None:
            judged.append(Judged(operation, Verdict.UNKNOWN, problem=_no_word(operation, answer.request_id)))
            continue
        fault = classify(error.code, error.message, error.status, error.retry_after)
        if operation.kind in _ARCHIVINGS and is_gone(fault):
            # Archived before, by a request whose answer was lost or by hand: it is as it was to be.
            judged.append(Judged(operation, Verdict.CONFIRMED, str(operation.mutation.arguments["item_id"])))
            continue
        problem = problem_of(fault, subject_of(operation), answer.request_id)
        judged.append(_by_fault(operation, fault, problem))
    return judged


def _by_fault(operation: Operation, fault: ApiFault, problem: Problem) -> Judged:
    match fault.kind:
        case FaultKind.BUDGET | FaultKind.LOCKED:
            return Judged(operation, Verdict.AGAIN, problem=problem, retry_after=fault.retry_after)
        case FaultKind.TRANSIENT:
            return Judged(operation, Verdict.UNKNOWN, problem=problem)
        case FaultKind.DATA | FaultKind.REQUEST:
            return Judged(operation, Verdict.REJECTED, problem=problem)
        case FaultKind.DAILY:
            return Judged(operation, Verdict.NOT_SENT, problem=problem, stops=True)
        case FaultKind.CONFIGURATION | FaultKind.AUTH:
            return Judged(operation, Verdict.REJECTED, problem=problem, stops=True)


def all_alike(
    operations: Sequence[Operation], verdict: Verdict, fault: ApiFault | None, request_id: str | None = None
) -> list[Judged]:
    """The same verdict for every operation of a request."""
    return [
        Judged(
            operation,
            verdict,
            problem=None if fault is None else problem_of(fault, subject_of(operation), request_id),
            whole=True,
        )
        for operation in operations
    ]


def _no_word(operation: Operation, request_id: str | None) -> Problem:
    return Problem(
        "NO_WORD_ABOUT_IT",
        "The answer says nothing about this record",
        subject_of(operation),
        "It is looked up on the board at the next run, before anything is sent again.",
        request_id,
    )
