"""What an answer, or the lack of one, says about each operation of a request. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import NamedTuple

from core.errors import Problem
from core.mapping.formatting import FormattedValue
from core.monday.client import Answer
from core.monday.documents import alias
from core.monday.errors import ApiFault, FaultKind, GraphError, classify, is_full, is_gone, is_unknown_column
from core.orders.journal import OperationOutcome, OperationState
from core.sync.plan import Operation, OperationKind

_ARCHIVINGS = frozenset({OperationKind.ARCHIVE_ITEM, OperationKind.UNDO_ITEM, OperationKind.ARCHIVE_SUBITEM})
_RESTORE = (
    "Restore it on the board, from the archive or the recycle bin, then send the order again; where it is not"
    " to be there any more, hold the order."
)


class Verdict(Enum):
    """How one operation came out."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    AGAIN = "again"
    """Certainly not executed, and worth sending once more."""
    GROUP_GONE = "group gone"
    """Not executed, because the item's group is no longer on the board; worth sending once it is there."""
    NOT_SENT = "not sent"

    __hash__ = object.__hash__  # looked up for each record; an enumeration's own is Python


_JOURNAL_STATES = {
    Verdict.CONFIRMED: OperationState.CONFIRMED,
    Verdict.REJECTED: OperationState.REJECTED,
    Verdict.UNKNOWN: OperationState.UNKNOWN,
    Verdict.AGAIN: OperationState.NOT_APPLIED,
    Verdict.GROUP_GONE: OperationState.NOT_APPLIED,
    Verdict.NOT_SENT: OperationState.NOT_APPLIED,
}


class Judged(NamedTuple):
    """One operation and how it came out."""

    operation: Operation
    verdict: Verdict
    board_id: str | None = None
    problem: Problem | None = None
    stops: bool = False
    """Nothing else will succeed either."""
    full: bool = False
    """No other item will be created either; what needs no room on the items board still succeeds."""
    whole: bool = False
    """The verdict is about the request as a whole; nobody looked at this operation by itself."""
    retry_after: float | None = None
    """Seconds, as the board asks, where it is worth sending once more."""

    @property
    def journal_state(self) -> OperationState:
        """The word for it in the journal."""
        return _JOURNAL_STATES[self.verdict]


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
        name = alias(index)
        found = answer.data.get(name)
        if isinstance(found, dict) and found.get("id") is not None:
            judged.append(Judged(operation, Verdict.CONFIRMED, str(found["id"])))
            continue
        error = by_alias.get(name)
        if error is None:
            judged.append(Judged(operation, Verdict.UNKNOWN, problem=_no_word(operation, answer.request_id)))
            continue
        fault = classify(error.code, error.message, error.status, error.retry_after)
        if operation.kind in _ARCHIVINGS and is_gone(fault):
            # Archived before, by a request whose answer was lost or by hand: it is as it was to be.
            judged.append(Judged(operation, Verdict.CONFIRMED, str(operation.mutation.arguments["item_id"])))
            continue
        if is_unknown_column(fault):
            fault = with_rule(fault, [operation], f"{error.message} {error.data}")
        elif is_gone(fault):
            fault = _what_is_gone(fault, operation)
        elif is_full(fault):
            fault = _what_is_full(fault, operation, error)
        problem = problem_of(fault, subject_of(operation), answer.request_id)
        judged.append(_by_fault(operation, fault, problem))
    return judged


def with_rule(fault: ApiFault, operations: Sequence[Operation], told: str) -> ApiFault:
    """The refusal of a column, with the rule that writes to it; `told` is where the API names the column.

    The same fault where that cannot be told.
    """
    words = set(re.findall(r"\w+", told))
    value = next((value for value in _values(operations) if value.column_id in words), None)
    if value is None:
        return fault
    return replace(
        fault,
        message=f"The board has no column {value.column_id} ('{value.column_title}') any more, to which the"
        f" rule for '{value.origin}' writes",
    )


def _values(operations: Sequence[Operation]) -> Iterator[FormattedValue]:
    for operation in operations:
        yield from operation.fields


def _what_is_gone(fault: ApiFault, operation: Operation) -> ApiFault:
    match operation.kind:
        case OperationKind.CREATE_SUBITEM:
            missing = "The order's item is no longer on the board, so the line has no place"
        case OperationKind.CHANGE_ITEM:
            missing = "The order's item is no longer on the board"
        case OperationKind.CHANGE_SUBITEM:
            missing = "The line's subitem is no longer on the board"
        case _:
            return fault
    return replace(fault, message=missing, remedy=_RESTORE)


def _what_is_full(fault: ApiFault, operation: Operation, error: GraphError) -> ApiFault:
    """A full board is every order's trouble; a full item, e.g. with subitems made by hand, only its own.

    The API has one code for both (docs/error-handling), so what it names beside the code decides.
    """
    names_board = isinstance(error.data, Mapping) and "board_id" in error.data
    if operation.kind is not OperationKind.CREATE_SUBITEM or names_board:
        return replace(fault, message=f"The board is full: {fault.message}")
    return replace(
        fault,
        kind=FaultKind.DATA,
        message=f"The order's item takes no more subitems: {fault.message}",
        remedy="Archive subitems of this item that were made by hand, or divide the order in the source, then"
        " send it again. If the account allows fewer subitems, lower subitem_limit of the profile.",
    )


def _by_fault(operation: Operation, fault: ApiFault, problem: Problem) -> Judged:
    if operation.kind is OperationKind.CREATE_ITEM and is_gone(fault):
        # Of what the call names, the board is read before each run: it is the group.
        return Judged(operation, Verdict.GROUP_GONE, problem=problem)
    if operation.kind is OperationKind.CREATE_ITEM and is_full(fault):
        return Judged(operation, Verdict.NOT_SENT, problem=problem, full=True)
    match fault.kind:
        case FaultKind.BUDGET | FaultKind.LOCKED:
            return Judged(operation, Verdict.AGAIN, problem=problem, retry_after=fault.retry_after)
        case FaultKind.TRANSIENT:
            return Judged(operation, Verdict.UNKNOWN, problem=problem)
        case FaultKind.DATA | FaultKind.REQUEST:
            return Judged(operation, Verdict.REJECTED, problem=problem)
        case FaultKind.DAILY | FaultKind.CONFIGURATION | FaultKind.AUTH:
            # Not the record's fault: it stays pending, and the next run sends it.
            return Judged(operation, Verdict.NOT_SENT, problem=problem, stops=True)


def journal_outcomes(judged: Sequence[Judged]) -> list[OperationOutcome]:
    """The verdicts of a whole request, as the journal keeps them."""
    return [
        OperationOutcome(
            index,
            each.journal_state,
            each.board_id,
            each.problem.code if each.problem else "",
            each.problem.title if each.problem else "",
            each.problem.remedy if each.problem else "",
        )
        for index, each in enumerate(judged)
    ]


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
