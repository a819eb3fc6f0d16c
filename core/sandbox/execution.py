"""Runs a GraphQL document and words its answer as the API does (docs/error-handling)."""

import json
import logging
import re
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema, execute_sync, validate

from core.sandbox.errors import FieldError
from core.sandbox.requests import ReceivedRequest
from core.sandbox.session import Session
from core.sandbox.versions import added_later

log = logging.getLogger(__name__)
UNDEFINED_FIELD = re.compile(r"Cannot query field ['\"](\w+)['\"] on type ['\"](\w+)['\"]")
INTERNAL = {"code": "INTERNAL_SERVER_ERROR", "status_code": 500, "error_data": {}}


def check(request: ReceivedRequest, schema: GraphQLSchema, version: str) -> list[dict[str, Any]]:
    """Return why a document cannot run at all, worded as the API does; an empty list when it can.

    A field that came with a later version is as unknown as one that never was (docs/api-versioning).
    """
    if request.syntax_error is not None:
        message = f"Parse error on {request.syntax_error.message}"
        return [_error(request.syntax_error, {"code": "ParseError", "status_code": 200}, message)]
    document: DocumentNode | None = request.document
    assert document is not None
    if errors := validate(schema, document):
        return [_error(error, _validation_extensions(error)) for error in errors]
    if missing := [root for root in request.fields if added_later(root.name, version)]:
        type_name = "Mutation" if request.is_mutation else "Query"
        unknown = [
            GraphQLError(f"Cannot query field '{root.name}' on type '{type_name}'.", root.node)
            for root in missing
        ]
        return [_error(error, _validation_extensions(error)) for error in unknown]
    if request.operation is None:
        message = "Name the operation to run" if request.operation_name is None else "Unknown operation name"
        return [
            {"message": message, "extensions": {"code": "OPERATION_RESOLUTION_FAILURE", "status_code": 200}}
        ]
    return []


def execute(request: ReceivedRequest, schema: GraphQLSchema, session: Session) -> dict[str, Any]:
    """Run a checked document inside an open transaction; a failed field is null and listed in `errors`.

    The mutations of one request run one after the other in text order, each undone alone when it fails.
    """
    assert request.document is not None
    result = execute_sync(
        schema,
        request.document,
        context_value=session,
        variable_values=request.variables,
        operation_name=request.operation_name,
    )
    assert isinstance(result, ExecutionResult)
    answer: dict[str, Any] = {}
    if result.data is not None or not _is_refused(result):
        answer["data"] = result.data
    if result.errors:
        answer["errors"] = [_field_error(error) for error in result.errors]
    return answer


def encode(answer: dict[str, Any], request_id: str) -> bytes:
    """Return the answer's JSON with the request id that support asks for."""
    return json.dumps({**answer, "extensions": {"request_id": request_id}}, ensure_ascii=False).encode()


def _is_refused(result: ExecutionResult) -> bool:
    # Variables that do not fit their types refuse the request before any field is reached.
    return bool(result.errors) and all(error.path is None for error in result.errors or ())


def _error(error: GraphQLError, extensions: dict[str, Any], message: str | None = None) -> dict[str, Any]:
    entry: dict[str, Any] = {"message": message or error.message}
    if error.locations:
        entry["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path is not None:
        entry["path"] = list(error.path)
    entry["extensions"] = extensions
    return entry


def _validation_extensions(error: GraphQLError) -> dict[str, Any]:
    if found := UNDEFINED_FIELD.search(error.message):
        return {
            "code": "undefinedField",
            "status_code": 200,
            "typeName": found.group(2),
            "fieldName": found.group(1),
        }
    return {"code": "GRAPHQL_VALIDATION_FAILED", "status_code": 200}


def _field_error(error: GraphQLError) -> dict[str, Any]:
    original = error.original_error
    if isinstance(original, FieldError):
        return _error(error, original.extensions)
    if error.path is None or original is None:
        return _error(error, {"code": "GRAPHQL_VALIDATION_FAILED", "status_code": 200})
    log.error("A resolver of the practice board failed", exc_info=original)
    return _error(error, INTERNAL, "Internal server error")
