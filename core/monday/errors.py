"""The API's failures sorted by what to do about them (docs/error-handling, docs/rate-limits).

Classification order: the error's code, or a message that is one, then the HTTP status, then the error's own
status; only an HTTP status of 500 and above goes before. Codes are compared without case, spaces and
underscores, since their spelling varies.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

from core.redaction import redact


class FaultKind(Enum):
    """What the engine does about a failure."""

    TRANSIENT = "transient"
    """Try the same request again, with the same idempotency key."""
    LOCKED = "locked"
    """The board is held by another process: wait a little and slow down."""
    BUDGET = "budget"
    """A rate limit refused the call; it was not processed. Wait for as long as the server says."""
    DAILY = "daily"
    """The day's calls are spent: nothing more today."""
    CONFIGURATION = "configuration"
    """Board, column, permission or plan must change: the run stops."""
    AUTH = "auth"
    """The token is missing, wrong or revoked: the run stops at once."""
    DATA = "data"
    """This record's values are refused; the others go on."""
    REQUEST = "request"
    """The API refuses the document as a whole, nothing in it was executed; a part of it may pass."""


@dataclass(frozen=True, slots=True)
class ApiFault:
    """One failure: of a whole call, or of one alias."""

    kind: FaultKind
    code: str
    """The API's code, or our word for a transport fault."""
    message: str
    """The API's own sentence."""
    remedy: str
    retry_after: float | None = None
    """Seconds, as the server asks."""
    may_have_applied: bool = False
    """Whether the mutations may have taken effect although no proper answer came."""


@dataclass(frozen=True, slots=True)
class GraphError:
    """One entry of an answer's `errors`."""

    message: str
    alias: str | None
    """`path[0]`; None when the error concerns the whole document."""
    code: str
    status: int | None
    retry_after: float | None
    data: Any = None


_FIX_VALUE = "Correct the value in Failures, then send again."
_FIX_BOARD = "Compare the mapping with the board (deltadesk check), correct it, then run again."
_WAIT = "Nothing to do: the request is sent again by itself."

_CODES: Mapping[str, tuple[FaultKind, str]] = {
    "columnvalueexception": (FaultKind.DATA, _FIX_VALUE),
    "correctedvalueexception": (FaultKind.DATA, _FIX_VALUE),
    "itemnametoolongexception": (
        FaultKind.DATA,
        "Shorten the item's name to 255 characters, then send again.",
    ),
    "datavalidationserror": (FaultKind.DATA, "Fill what the board requires, then send again."),
    "jsonparseexception": (FaultKind.DATA, _FIX_VALUE),
    "invaliduseridexception": (FaultKind.DATA, "Choose a person who has access to the board."),
    "invalidargumentexception": (FaultKind.DATA, _FIX_VALUE),
    "invalidinput": (FaultKind.DATA, _FIX_VALUE),
    "resourcenotfoundexception": (
        FaultKind.DATA,
        "The item or group is no longer on the board; check there, then send again.",
    ),
    "recordinvalidexception": (FaultKind.DATA, _FIX_VALUE),
    "itemslimitationexception": (
        FaultKind.CONFIGURATION,
        "The board is full: archive items on the board or name another board, then run again.",
    ),
    "invalidcolumnidexception": (FaultKind.CONFIGURATION, _FIX_BOARD),
    "invalidboardidexception": (
        FaultKind.CONFIGURATION,
        "Check board_id in the profile, and that the token's user may see the board.",
    ),
    "createboardexception": (FaultKind.CONFIGURATION, _FIX_BOARD),
    "invalidversionexception": (FaultKind.CONFIGURATION, "Set api_version to a quarter such as 2026-10."),
    "missingrequiredpermissions": (FaultKind.CONFIGURATION, "Use a token that may write to boards."),
    "unauthorizedfieldortype": (
        FaultKind.CONFIGURATION,
        "Use a token with the scope that the message names.",
    ),
    "userunauthorizedexception": (
        FaultKind.CONFIGURATION,
        "Ask the board's owner to let the token's user edit the board.",
    ),
    "unauthorized": (FaultKind.AUTH, "Check the token, or make a new one on the board's site."),
    "notauthenticated": (FaultKind.AUTH, "Check the token, or make a new one on the board's site."),
    "useraccessdenied": (FaultKind.AUTH, "The token's user must be active, confirmed and not view-only."),
    "youripisrestricted": (FaultKind.AUTH, "Ask the account's administrator to allow this network."),
    "deletelastgroupexception": (FaultKind.DATA, "A board keeps at least one group."),
    "idempotencyconflict": (FaultKind.TRANSIENT, _WAIT),
    "revisionmismatch": (FaultKind.TRANSIENT, _WAIT),
    "apitemporarilyblocked": (FaultKind.BUDGET, "The board's provider paused its API; wait."),
    "complexitybudgetexhausted": (FaultKind.BUDGET, _WAIT),
    "complexityexception": (FaultKind.BUDGET, _WAIT),
    "maxconcurrencyexceeded": (FaultKind.BUDGET, _WAIT),
    "concurrencylimitexceeded": (FaultKind.BUDGET, _WAIT),
    "ratelimitexceeded": (FaultKind.BUDGET, _WAIT),
    "minutelimitrateexceeded": (FaultKind.BUDGET, _WAIT),
    "ipratelimitexceeded": (FaultKind.BUDGET, _WAIT),
    "fieldlimitexceeded": (FaultKind.BUDGET, _WAIT),
    "fieldminuteratelimitexceeded": (FaultKind.BUDGET, _WAIT),
    "dailylimitexceeded": (FaultKind.DAILY, "The day's API calls are spent; run again after 00:00 UTC."),
    "requestmaxcomplexityexceeded": (FaultKind.REQUEST, "The request is split and sent again by itself."),
    "undefinedfield": (FaultKind.CONFIGURATION, "Check api_version in the profile."),
    "graphqlvalidationfailed": (FaultKind.CONFIGURATION, "Check api_version in the profile."),
    "badrequest": (
        FaultKind.CONFIGURATION,
        "Report this: the application made a request the API does not read.",
    ),
    "internalservererror": (
        FaultKind.TRANSIENT,
        "If it repeats, the board's site may have a fault: try later.",
    ),
}

_BY_STATUS: Mapping[int, tuple[FaultKind, str]] = {
    400: (FaultKind.CONFIGURATION, "Report this: the application made a request the API does not read."),
    401: (FaultKind.AUTH, "Check the token, or make a new one on the board's site."),
    403: (FaultKind.CONFIGURATION, "Ask the board's owner to let the token's user edit the board."),
    404: (FaultKind.CONFIGURATION, "Check api_url in the profile."),
    409: (FaultKind.TRANSIENT, _WAIT),
    422: (FaultKind.DATA, _FIX_VALUE),
    423: (FaultKind.LOCKED, _WAIT),
    429: (FaultKind.BUDGET, _WAIT),
}

_BEFORE_EXECUTION = frozenset({FaultKind.AUTH, FaultKind.BUDGET, FaultKind.DAILY, FaultKind.LOCKED})


def _normal(code: str) -> str:
    return "".join(character for character in code.lower() if character.isalnum())


def classify(
    code: str, message: str, status: int | None, retry_after: float | None, *, http_status: int = 200
) -> ApiFault:
    """Sort one failure. `status` is the API's own view inside the answer, `http_status` the transport's."""
    known = _CODES.get(_normal(code)) or _CODES.get(_normal(re.split("[,:]", message, maxsplit=1)[0]))
    if known is None and re.search(r"\blocked\b", message, re.IGNORECASE):
        known = (FaultKind.LOCKED, _WAIT)
    if http_status >= HTTPStatus.INTERNAL_SERVER_ERROR and (
        known is None or known[0] not in _BEFORE_EXECUTION
    ):
        # Whatever it says of one field, others may have been carried out.
        known = _by_status(http_status)
    unknown = (FaultKind.REQUEST, "Report this message; the API's documentation does not name it.")
    kind, remedy = known or _by_status(http_status) or _by_status(status) or unknown
    return ApiFault(
        kind,
        code or f"HTTP_{http_status}",
        message,
        remedy,
        retry_after,
        may_have_applied=kind is FaultKind.TRANSIENT,
    )


def is_gone(fault: ApiFault) -> bool:
    """Whether the API says that the item, subitem or group named in the call is not on the board."""
    return _normal(fault.code) == "resourcenotfoundexception"


def is_full(fault: ApiFault) -> bool:
    """Whether the API says that a board, or an item, takes no more items or subitems."""
    return _normal(fault.code) == "itemslimitationexception"


def is_unknown_column(fault: ApiFault) -> bool:
    """Whether the API says that the board has no column of an id in the call."""
    return _normal(fault.code) == "invalidcolumnidexception"


def _by_status(status: int | None) -> tuple[FaultKind, str] | None:
    if status is not None and status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return FaultKind.TRANSIENT, "If it repeats, the board's site may have a fault: try later."
    return None if status is None else _BY_STATUS.get(status)


def parse_errors(body: Mapping[str, Any]) -> tuple[GraphError, ...]:
    """The errors of an answer in today's shape, and in the older ones that some refusals still use.

    Lenient: an entry of a shape that nobody documented becomes an error with what can be read of it.
    """
    entries = body.get("errors") or ()
    found = [_parse_entry(entry) for entry in (entries if isinstance(entries, list | tuple) else (entries,))]
    flat = str(body.get("error_code") or "")
    flat_message = str(body.get("error_message") or "")
    if (flat or flat_message) and not any(error.code for error in found):
        # The flat shape of before 2025-01: beside it, `errors` holds texts at most.
        message = flat_message or (found[0].message if found else "")
        return (
            GraphError(
                redact(message),
                None,
                flat,
                _whole(body.get("status_code")),
                _number(_mapping(body.get("error_data")).get("retry_in_seconds")),
                body.get("error_data"),
            ),
        )
    return tuple(found)


def _parse_entry(entry: Any) -> GraphError:
    if not isinstance(entry, Mapping):
        return GraphError(redact(str(entry)), None, "", None, None)
    extensions = _mapping(entry.get("extensions"))
    data = extensions.get("error_data")
    path = entry.get("path")
    milliseconds = _number(extensions.get("retryAfterMs"))
    told = (
        _number(extensions.get("retry_in_seconds")),
        _number(_mapping(data).get("retry_in_seconds")),
        None if milliseconds is None else milliseconds / 1000,
    )
    return GraphError(
        message=redact(str(entry.get("message") or "")),
        alias=str(path[0]) if isinstance(path, list) and path else None,
        code=str(extensions.get("code") or ""),
        status=_whole(extensions.get("status_code")),
        retry_after=next((seconds for seconds in told if seconds is not None), None),
        data=data,
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else int(number)
