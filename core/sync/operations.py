"""Operations and the requests that carry them, byte for byte, but for the ids that only the board can give.

Values, each with its hash: what leaves is checked against what was planned.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from core.errors import DeltaDeskError, Next, Problem
from core.mapping.formatting import FormattedRecord, FormattedValue
from core.monday.documents import Mutation, mutation_document
from core.monday.encoding import compact_json
from core.orders.import_jobs import IMPORT_STEP
from core.orders.record_keys import CONTINUATION


class Step(StrEnum):
    """The part of a run that a request belongs to, in this order."""

    GROUPS = "groups"
    ITEMS = "items"
    """Pass 1."""
    SUBITEMS = "subitems"
    """Pass 2."""
    IMPORT = IMPORT_STEP
    """Both passes of a customer's new orders at once, as a file."""


class OperationKind(StrEnum):
    """What one operation does on the board."""

    CREATE_GROUP = "create group"
    CREATE_ITEM = "create item"
    CHANGE_ITEM = "change item"
    ARCHIVE_ITEM = "archive item"
    UNDO_ITEM = "undo item"
    """Archives an item that a run made; its order is to be sent afresh."""
    CREATE_SUBITEM = "create subitem"
    CHANGE_SUBITEM = "change subitem"
    ARCHIVE_SUBITEM = "archive subitem"

    __hash__ = str.__hash__  # looked up for each record; an enumeration's own is Python


class TargetKind(StrEnum):
    """What an operation is about."""

    GROUP = "group"
    ORDER = "order"
    CONTINUATION = CONTINUATION
    """A further item of an order, for the lines that its own item has no room for."""
    LINE = "line"

    __hash__ = str.__hash__  # as above; part of every reference's


@dataclass(frozen=True, slots=True)
class Reference:
    """An id that only the board can give: of a group by its title, or of an item by its key."""

    kind: TargetKind
    key: str

    @property
    def name(self) -> str:
        """How the preview names it."""
        return self.kind + ":" + self.key


def _encode(value: Any) -> Any:
    if isinstance(value, Reference):
        return {"$ref": value.name}
    raise TypeError(f"{type(value).__name__} cannot stand in a request")


def request_body(document: str, variables: Mapping[str, Any]) -> bytes:
    """The bytes of an HTTP request. A reference stands as `{"$ref": "order:<key>"}` until its id is known."""
    return compact_json({"query": document, "variables": variables}, _encode)


def digest(data: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Operation:
    """One mutation for one group, order or line."""

    kind: OperationKind
    target: TargetKind
    key: str
    """Group title, `record_uuid`, `line_uuid`, or `continuation_key` of an order."""
    label: str
    """The record as an operator names it."""
    customer: str
    mutation: Mutation
    order_key: str = ""
    """Of a line or a continuation item: its order."""
    record: FormattedRecord | None = field(default=None, compare=False, repr=False)
    """What the values were formatted to; None where none are written."""

    @cached_property
    def fields(self) -> tuple[FormattedValue, ...]:
        """How each value came about, for the preview; put together when it is asked for."""
        return self.record.values if self.record else ()

    @property
    def hash(self) -> str:
        """SHA-256 over the mutation's name and arguments, references unresolved; of what they are now."""
        return digest(compact_json([self.mutation.field, self.mutation.arguments], _encode))


@dataclass(frozen=True)
class PlannedRequest:
    """One HTTP call: several operations of one step, for one board."""

    key: str
    """Stable inside its plan, e.g. `GREYSON CLOTHIERS / items / 1`; no other request of a run has it."""
    step: Step
    customer: str
    """Empty for the groups of several customers."""
    board_id: str
    """The board it writes; one writer works on a board at a time."""
    operations: tuple[Operation, ...]
    hash: str = ""
    """SHA-256 of the planned body; given when the plan is made and checked before the request leaves."""

    @cached_property
    def _rendered(self) -> tuple[str, dict[str, Any]]:
        return mutation_document([operation.mutation for operation in self.operations])

    @property
    def document(self) -> str:
        """The GraphQL text."""
        return self._rendered[0]

    @property
    def variables(self) -> Mapping[str, Any]:
        """The variables; an id still unknown is a `Reference`."""
        return self._rendered[1]

    @property
    def variables_text(self) -> str:
        """The variables as indented JSON, references by name; for the preview."""
        return json.dumps(self.variables, ensure_ascii=False, indent=2, default=_encode)

    @property
    def body(self) -> bytes:
        """The bytes that will be sent, references unresolved."""
        return request_body(self.document, self.variables)

    @property
    def is_intact(self) -> bool:
        """Whether its hash is that of its operations as they are now, and of what was rendered before."""
        was_rendered = "_rendered" in vars(self)
        try:
            return digest(self.body) == self.hash and (
                not was_rendered or digest(replace(self).body) == self.hash
            )
        except KeyError:  # an argument that its mutation does not take
            return False

    @property
    def calls(self) -> int:
        """Calls of the API that it costs, when all goes well."""
        return 1

    def filled_body(self, ids: Mapping[Reference, str]) -> bytes:
        """The bytes that are sent: each reference replaced by its id. Raises KeyError for an unknown id."""
        variables = {
            name: ids[value] if isinstance(value, Reference) else value
            for name, value in self.variables.items()
        }
        return request_body(self.document, variables)


def group_creation(board_id: str, title: str, customer: str) -> Operation:
    """The operation that makes a customer's group."""
    return Operation(
        OperationKind.CREATE_GROUP,
        TargetKind.GROUP,
        title,
        title,
        customer,
        Mutation("create_group", {"board_id": board_id, "group_name": title}),
    )


def seal(request: PlannedRequest) -> PlannedRequest:
    """The same request with the hash of its body."""
    return replace(request, hash=digest(request.body))


class PlannedHashes:
    """What may be sent of a plan: its requests, and parts of them."""

    def __init__(self, requests: Iterable[PlannedRequest]) -> None:
        """Takes the hashes of the requests now: what is changed later must not change them too."""
        self._requests = {request.hash: request for request in requests}

    @cached_property
    def operations(self) -> frozenset[str]:
        """The hash of every operation; of requests that have changed since they were planned, none.

        Only parts of requests are told by them, and most requests leave whole.
        """
        return frozenset(
            operation.hash
            for planned, request in self._requests.items()
            if request.hash == planned and request.is_intact
            for operation in request.operations
        )

    def strangers(self, request: PlannedRequest, also: Collection[str] = ()) -> Sequence[Operation]:
        """The operations of a request that were not planned; `also` are hashes of others that may be sent."""
        if request.hash in self._requests:
            return ()
        return [
            operation
            for operation in request.operations
            if operation.hash not in self.operations and operation.hash not in also
        ]


def verify(request: PlannedRequest, planned: PlannedHashes, also: Collection[str] = ()) -> None:
    """Refuse a request that is not, byte for byte, what was planned and previewed.

    Raises DeltaDeskError when the body differs from its hash, or when it is neither one of the plan's
    requests nor made of its operations and of those in `also`, by their hashes.
    """
    unplanned = planned.strangers(request, also)
    if unplanned or not request.is_intact:
        label = unplanned[0].label if unplanned else request.key
        error = DeltaDeskError(
            Problem(
                "payload_differs_from_plan",
                "A request is not the one that was planned, so it was not sent",
                f"request {request.key}, {label}",
                "Preview the orders again and start a new run; if it happens again, report it.",
            )
        )
        error.next = Next.STOP
        raise error


def narrow(request: PlannedRequest, keep: Sequence[Operation]) -> PlannedRequest | None:
    """The same request with only the operations in `keep`; None when nothing is left.

    Used when a parent item failed or another worker makes a group: the operations that remain are still, one
    by one, those of the plan.
    """
    if not keep:
        return None
    if len(keep) == len(request.operations):
        return request
    smaller = PlannedRequest(request.key, request.step, request.customer, request.board_id, tuple(keep))
    return seal(smaller)
