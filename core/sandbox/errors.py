"""Errors as the API words them (docs/error-handling): of one field, or of a whole request."""

import json
from dataclasses import dataclass, field
from typing import Any


class FieldError(Exception):
    """One field of a request failed; it becomes null and the other fields keep their result."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 200,
        error_data: dict[str, Any] | list[Any] | None = None,
        retry_in_seconds: int | None = None,
        retry_after_ms: int | None = None,
    ) -> None:
        super().__init__(message)
        self.extensions: dict[str, Any] = {
            "code": code,
            "status_code": status,
            "error_data": {} if error_data is None else error_data,
        }
        if retry_in_seconds is not None:
            self.extensions["retry_in_seconds"] = retry_in_seconds
        if retry_after_ms is not None:  # of bulk import only
            self.extensions["retryAfterMs"] = retry_after_ms


def column_value_error(internal_type: str, message: str, column_id: str) -> FieldError:
    """A value does not fit its column; `internal_type` is the provider's own name of the type."""
    return FieldError(
        "ColumnValueException",
        message,
        error_data={"column_type": internal_type, "column_id": column_id},
    )


def not_found(resource: str, identifier: object) -> FieldError:
    """An item, group, board or column that is not there, or is there no more."""
    return FieldError(
        "ResourceNotFoundException",
        f"{resource.capitalize()} not found",
        error_data={"resource_type": resource, "resource_id": str(identifier)},
    )


def board_not_found(identifier: object) -> FieldError:
    """A board that does not exist or that this user cannot see."""
    return FieldError(
        "InvalidBoardIdException",
        f"Board {identifier} does not exist or is not visible to this user",
        error_data={"board_id": str(identifier)},
    )


def column_not_found(column_id: str) -> FieldError:
    """A column id the board lacks."""
    return FieldError(
        "InvalidColumnIdException",
        f"This column ID doesn't exist for the board: {column_id}",
        error_data={"column_id": column_id},
    )


def invalid_argument(message: str, **error_data: Any) -> FieldError:
    """An argument outside what the API allows."""
    return FieldError("InvalidArgumentException", message, error_data=error_data)


def unauthorized(message: str) -> FieldError:
    """This user may not do this."""
    return FieldError("UserUnauthorizedException", message, status=403)


@dataclass(frozen=True)
class Answer:
    """A finished HTTP answer."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"

    def with_headers(self, headers: dict[str, str]) -> "Answer":
        """Return the same answer with more headers; these win over its own."""
        return Answer(self.status, self.body, {**self.headers, **headers}, self.content_type)


def refusal(
    code: str,
    message: str,
    request_id: str,
    *,
    status: int = 200,
    retry_in_seconds: int | None = None,
    http_status: int | None = None,
) -> Answer:
    """Return the answer to a request that was refused as a whole; it has no `data`.

    `retry_in_seconds` is told twice, as the API does: in the error and in the header Retry-After.
    """
    extensions: dict[str, Any] = {"code": code, "status_code": status}
    headers: dict[str, str] = {}
    if retry_in_seconds is not None:
        extensions["retry_in_seconds"] = retry_in_seconds
        headers["Retry-After"] = str(retry_in_seconds)
    body = {
        "errors": [{"message": message, "extensions": extensions}],
        "extensions": {"request_id": request_id},
    }
    return Answer(http_status or status, json.dumps(body).encode(), headers)
