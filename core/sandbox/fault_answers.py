"""What ordered faults make of a request's answer."""

from collections.abc import Callable
from dataclasses import replace

from core.sandbox.bulk_jobs import JobFault
from core.sandbox.errors import Answer, FieldError, refusal
from core.sandbox.faults import OF_A_JOB, Fault, FaultKind
from core.sandbox.limits import REFUSALS, Limits, rate_limit_refusal
from core.sandbox.requests import ReceivedRequest

# Seconds to wait that a refusal names when the fault does not.
DEFAULT_RETRY = {"minute": 60, "concurrency": 1, "complexity": 60, "daily": 3_600, "ip": 10, "field": 15}


def refuse(fault: Fault, limits: Limits, request_id: str) -> Answer | None:
    """Return the answer of a fault that keeps a request from taking effect, None for the other kinds."""
    match fault.kind:
        case FaultKind.RATE_LIMIT:
            wait = DEFAULT_RETRY[fault.limit] if fault.retry_in_seconds is None else fault.retry_in_seconds
            answer = rate_limit_refusal(fault.limit, request_id, wait)
            return answer.with_headers({**limits.headers({fault.limit: wait}), **fault.headers})
        case FaultKind.LOCKED:
            return locked(request_id).with_headers(dict(fault.headers))
        case FaultKind.REFUSE_DOCUMENT:
            return refusal(
                fault.code,
                fault.message,
                request_id,
                status=fault.error_status,
                http_status=200,
                retry_in_seconds=fault.retry_in_seconds,
            )
        case FaultKind.STATUS if not fault.applied:
            return status_answer(fault)
        case _:
            return None


def locked(request_id: str) -> Answer:
    """Return the 423 of a board that another request is writing."""
    return refusal(
        "RESOURCE_LOCKED", "Resource is currently locked, please try again later", request_id, status=423
    )


def status_answer(fault: Fault) -> Answer:
    """Return the answer a STATUS fault asks for."""
    return Answer(fault.status, fault.body.encode(), dict(fault.headers), fault.content_type)


def spoil(answer: Answer, struck: list[Fault]) -> Answer | None:
    """Return what is left of an answer after the faults that follow a request's effect; None: nothing."""
    for fault in struck:
        match fault.kind:
            case FaultKind.DROP_ANSWER:
                return None
            case FaultKind.STATUS if fault.applied:
                return status_answer(fault)
            case FaultKind.MALFORMED_JSON:
                return Answer(200, answer.body[: len(answer.body) // 2], answer.headers)
            case FaultKind.EMPTY_BODY:
                return Answer(200, b"", answer.headers)
            case FaultKind.WRONG_CONTENT_TYPE:
                return Answer(200, answer.body, answer.headers, "text/html; charset=utf-8")
            case _:
                pass
    return answer


def field_faults(request: ReceivedRequest, struck: list[Fault]) -> Callable[[str, str], FieldError | None]:
    """Return the function that resolvers ask whether their field is to fail."""
    aliases = [fault for fault in struck if fault.kind is FaultKind.ALIAS_ERROR]
    subitems = [fault for fault in struck if fault.kind is FaultKind.FIELD_LIMIT]

    def fault_of(field: str, alias: str) -> FieldError | None:
        if field == "subitems" and subitems:
            code, message = REFUSALS["field"]
            return FieldError(
                code,
                message,
                status=429,
                retry_in_seconds=subitems[0].retry_in_seconds or DEFAULT_RETRY["field"],
            )
        for fault in aliases:
            if fault.operation in (None, field) and fault.hits(request, alias):
                return fault.field_error()
        return None

    return fault_of


def job_faults(request: ReceivedRequest, struck: list[Fault]) -> Callable[[str], JobFault]:
    """Return the function that `ingest_items` asks, by alias, what is to go wrong with its job."""

    def fault_of(alias: str) -> JobFault:
        ordered = JobFault()
        for fault in struck:
            if fault.kind in OF_A_JOB and fault.hits(request, alias):
                ordered = _with(ordered, fault)
        return ordered

    return fault_of


def _with(ordered: JobFault, fault: Fault) -> JobFault:
    match fault.kind:
        case FaultKind.JOB_QUEUED:
            return replace(ordered, queued_seconds=fault.seconds)
        case FaultKind.JOB_REJECTED:
            return replace(ordered, is_rejected=True, reason=fault.reason, message=fault.job_message)
        case FaultKind.JOB_FAILED:
            return replace(ordered, fails_after=fault.created, reason=fault.reason, message=fault.job_message)
        case FaultKind.JOB_ROWS_FAILED:
            return replace(ordered, failing_rows=(*ordered.failing_rows, *fault.rows))
        case _:
            return replace(ordered, has_no_report=True)
