"""A request as the practice board received it, and the log of them that tests read."""

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    parse,
)


@dataclass(frozen=True)
class RootField:
    """One field at the root of an operation."""

    alias: str  # the key of its result
    name: str
    node: FieldNode


@dataclass
class ReceivedRequest:
    """One request: what came in, and, once it ended, how it was answered."""

    method: str
    path: str
    headers: Mapping[str, str]  # lower-case names; never the token
    body: bytes
    query: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    transfer: str | None = None  # "upload" or "report": a file of a bulk import, not a call of the API
    document: DocumentNode | None = None  # None: the text does not parse
    syntax_error: GraphQLError | None = None
    operation: OperationDefinitionNode | None = None
    fields: tuple[RootField, ...] = ()
    started: int = 0  # place in the order of arrivals, from 1
    finished: int | None = None  # place in the order of endings, from 1
    status: int | None = None  # None: still running, or the connection was dropped

    @property
    def operations(self) -> frozenset[str]:
        """The names of the root fields; of a file transfer its kind."""
        if self.transfer is not None:
            return frozenset({self.transfer})
        return frozenset(root.name for root in self.fields)

    @property
    def idempotency_key(self) -> str | None:
        """The Idempotency-Key header, None when absent or empty."""
        return self.headers.get("idempotency-key") or None

    @property
    def is_mutation(self) -> bool:
        """Whether the operation to run is a mutation."""
        return self.operation is not None and self.operation.operation is OperationType.MUTATION

    def read_body(self) -> str | None:
        """Fill in query, variables and operation name; return what is wrong with the body, if anything."""
        if not self.headers.get("content-type", "").startswith("application/json"):
            return "the body must be application/json"
        try:
            body = json.loads(self.body)
        except ValueError:
            return "the body is not JSON"
        if not isinstance(body, dict) or not isinstance(body.get("query"), str) or not body["query"].strip():
            return "the body needs a query"
        variables = body.get("variables")
        if not isinstance(variables, dict | None):
            return "variables must be an object"
        self.query, self.variables = body["query"], variables or {}
        self.operation_name = body.get("operationName") or None
        return None

    def read_document(self) -> None:
        """Parse the query text and pick the operation to run."""
        try:
            self.document = parse(self.query)
        except GraphQLError as error:
            self.syntax_error = error
            return
        operations = [node for node in self.document.definitions if isinstance(node, OperationDefinitionNode)]
        named = [node for node in operations if node.name and node.name.value == self.operation_name]
        chosen = named or (operations if len(operations) == 1 and self.operation_name is None else [])
        if chosen:
            self.operation = chosen[0]
            self.fields = tuple(_root_fields(chosen[0].selection_set, fragments(self.document)))


def fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """Return the document's fragments by name."""
    return {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }


def _root_fields(
    selections: SelectionSetNode, known: Mapping[str, FragmentDefinitionNode]
) -> list[RootField]:
    fields = []
    for node in selections.selections:
        if isinstance(node, FieldNode):
            fields.append(RootField((node.alias or node.name).value, node.name.value, node))
        elif isinstance(node, FragmentSpreadNode):
            fragment = known.get(node.name.value)
            # A fragment that spreads itself is refused by validation, later; here it must only not recurse.
            if fragment:
                rest = {name: value for name, value in known.items() if name != node.name.value}
                fields += _root_fields(fragment.selection_set, rest)
        elif (inner := getattr(node, "selection_set", None)) is not None:
            fields += _root_fields(inner, known)
    return fields


_LOOK_AGAIN_SECONDS = 0.05


class RequestLog:
    """The last requests, oldest first. Safe to read from another thread."""

    def __init__(self, keep: int) -> None:
        self._changed = threading.Condition()
        self._kept: deque[ReceivedRequest] = deque(maxlen=keep)
        self._arrivals = 0
        self._endings = 0

    def arrived(self, request: ReceivedRequest) -> None:
        """Number a request and remember it."""
        with self._changed:
            self._arrivals += 1
            request.started = self._arrivals
            self._kept.append(request)
            self._changed.notify_all()

    def ended(self, request: ReceivedRequest, status: int | None) -> None:
        """Note how a request ended; None when the connection was dropped."""
        with self._changed:
            self._endings += 1
            request.finished = self._endings
            request.status = status
            self._changed.notify_all()

    def all(self) -> list[ReceivedRequest]:
        """Return the remembered requests in the order they arrived."""
        with self._changed:
            return list(self._kept)

    def wait_until(self, is_met: Callable[[list[ReceivedRequest]], bool], seconds: float) -> None:
        """Wait until the remembered requests meet a condition. Raises TimeoutError after `seconds`."""
        end = monotonic() + seconds
        with self._changed:
            while not is_met(list(self._kept)):
                # Looked at again by itself too: a request is parsed some time after it arrived.
                self._changed.wait(_LOOK_AGAIN_SECONDS)
                if monotonic() > end:
                    raise TimeoutError(f"The requests did not meet the condition within {seconds} seconds")

    def clear(self) -> None:
        """Forget the requests; numbering goes on."""
        with self._changed:
            self._kept.clear()
