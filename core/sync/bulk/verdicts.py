"""What the end of an import's job says about each of its rows. Pure."""

from collections.abc import Mapping, Sequence

from core.errors import Problem
from core.sync.bulk.file import FIRST_ROW, ImportRequest, order_key_of
from core.sync.bulk.reading import RecordKey
from core.sync.bulk.status import JobState, JobStatus
from core.sync.plan import Operation, TargetKind
from core.sync.verdicts import Judged, Verdict, subject_of

_ACCESS = "Check that the token's user may edit the board, then run again."
_REMEDIES: Mapping[str, str] = {
    "INVALID_UPLOAD": "Run `deltadesk check`; if nothing is found, push with --no-bulk.",
    "FILE_TOO_LARGE": "Push with --no-bulk, or fewer orders at once (--limit).",
    "ACCOUNT_CAPACITY_EXCEEDED": "Run again in an hour, or at once with --no-bulk, which costs more calls.",
    "BOARD_CAPACITY_EXCEEDED": "Archive on the board what is done, then run again.",
    "PERMISSION_DENIED": _ACCESS,
    "AUTHORIZATION_FAILED": _ACCESS,
}
_RUN_AGAIN = "Run again: what the board has is known, and only the rest is sent."


def judge_rows(
    request: ImportRequest,
    status: JobStatus,
    found: Mapping[RecordKey, str],
    refused: Mapping[int, str],
    *,
    whole: bool,
) -> list[Judged]:
    """Judge each row of an ended job: by what was found on the board, then by the job's report.

    `whole` says that all was found that the job created: what is missing is certainly not there.
    """
    judged: list[Judged] = []
    refused_orders: set[str] = set()
    for row, operation in enumerate(request.operations, start=FIRST_ROW):
        one = _judge(operation, status, found, refused.get(row), whole=whole)
        if one.verdict is Verdict.REJECTED and operation.target is TargetKind.ORDER:
            refused_orders.add(operation.key)
        elif one.verdict is Verdict.REJECTED and order_key_of(operation) in refused_orders:
            # It waits for its order, which says what is wrong.
            one = Judged(operation, Verdict.NOT_SENT)
        judged.append(one)
    return judged


def to_settle(judged: Sequence[Judged]) -> list[Judged]:
    """Without the lines of refused orders: those have their account with their order."""
    refused = {each.operation.key for each in judged if each.verdict is Verdict.REJECTED}
    return [each for each in judged if each.operation.order_key not in refused]


def problem_of_job(status: JobStatus, request: ImportRequest) -> Problem | None:
    """Why a job did not come to its end, in words; None where it did."""
    if status.state is JobState.COMPLETED:
        return None
    title = {
        JobState.REJECTED: "The board refused the import: nothing was created",
        JobState.FAILED: "The import broke off on the board's side",
    }.get(status.state, "The import has not ended")
    why = status.message or status.reason
    return Problem(
        status.reason or status.state.value,
        f"{title}: {why}" if why else title,
        subject_of_job(request),
        _REMEDIES.get(status.reason, _RUN_AGAIN),
    )


def subject_of_job(request: ImportRequest) -> str:
    """Which import, in words."""
    return f"import of {len(request.operations):,} records of {request.customer or 'no customer'}"


def _judge(
    operation: Operation,
    status: JobStatus,
    found: Mapping[RecordKey, str],
    refusal: str | None,
    *,
    whole: bool,
) -> Judged:
    board_id = found.get((operation.target, operation.key))
    subject = subject_of(operation)
    if board_id is not None:
        return Judged(operation, Verdict.CONFIRMED, board_id)
    if refusal is not None:
        problem = Problem(
            "IMPORT_ROW_REFUSED",
            f"The board did not import it: {refusal}",
            subject,
            "Correct the value, then send again.",
        )
        return Judged(operation, Verdict.REJECTED, problem=problem)
    if not whole:
        problem = Problem(
            "IMPORT_NOT_FOUND_YET",
            "The import has ended, and the board does not show this record yet",
            subject,
            "It is looked up on the board at the next run, before anything is sent again.",
        )
        return Judged(operation, Verdict.UNKNOWN, problem=problem)
    if status.state is not JobState.COMPLETED:
        return Judged(operation, Verdict.NOT_SENT)
    problem = Problem(
        "NOT_IMPORTED",
        "The board did not import it and gives no reason",
        subject,
        "Send it again with --no-bulk: then the board says why.",
    )
    return Judged(operation, Verdict.REJECTED, problem=problem)
