"""Orders, mapping and board structure in; a plan out. Pure: no clock, no I/O, no randomness."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.config.mapping_text import mapping_hash
from core.config.model import BeyondSubitemLimit, BulkImport, MappingSet, Profile
from core.mapping.findings import Finding
from core.mapping.formatting import FormattedRecord, RecordFormatter
from core.mapping.template import render
from core.mapping.writers import NAME_LIMIT
from core.monday.board import BoardSchema
from core.monday.encoding import compact_json
from core.monday.limits import DayCalls
from core.orders.model import (
    ActionType,
    LoadedOrders,
    Order,
    OrderLine,
    RecordKind,
    Selection,
    SyncState,
)
from core.sync.bulk.choice import BulkChooser, Terms
from core.sync.estimate import Outlook, forecast_of
from core.sync.item_operations import ItemOperations, continuation_archivings, own_archiving
from core.sync.line_operations import LineOperations, line_label, orphan
from core.sync.plan import (
    Batch,
    Operation,
    OperationKind,
    Plan,
    PlannedLine,
    PlannedOrder,
    PlannedRequest,
    Reference,
    Step,
    TargetKind,
    group_creation,
)
from core.sync.requests import RequestKeys, requests_of
from core.sync.room import Room, SubitemPlaces


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What a plan depends on besides orders and board."""

    profile: str
    mapping: MappingSet
    records_per_request: int = 100
    subitem_limit: int = 100
    """Subitems that an item of the board takes."""
    bulk_import: BulkImport = "never"
    api_version: str = "2026-10"
    day: DayCalls | None = None
    """The account's calls of the day, for the forecast."""
    beyond_subitem_limit: BeyondSubitemLimit = "refuse"
    """What becomes of an order with more lines than an item takes."""
    calls_before: int = 0
    """Calls that were made to look before the plan."""

    @classmethod
    def of(cls, profile: Profile) -> "PlanOptions":
        """What a profile says."""
        limits = profile.limits
        return cls(
            profile.name,
            profile.mapping_set,
            limits.records_per_request,
            limits.subitem_limit,
            profile.bulk_import,
            profile.api_version,
            beyond_subitem_limit=limits.beyond_subitem_limit,
        )


def stamp_of(order: Order) -> str:
    """SHA-256 over everything of an order that a plan depends on: states, ids, mapped values, open lines."""
    parts = [
        (order.state, order.action, order.item_id, order.values),
        *((each.number, each.item_id) for each in order.continuations),
        *((line.key, line.state, line.action, line.subitem_id, line.values) for line in order.lines),
    ]
    return hashlib.sha256(compact_json(parts, repr)).hexdigest()


def make_plan(
    loaded: LoadedOrders,
    schema: BoardSchema,
    options: PlanOptions,
    *,
    selection: Selection | None = None,
    left_alone: int = 0,
) -> Plan:
    """Plan every loaded order: by customer in order of arrival, first pass 1, then pass 2.

    `selection` is what the orders were loaded by, `left_alone` how many of it were left out.
    """
    return Planner(schema, options).plan(loaded, selection or Selection(), left_alone)


def planned_orders(
    loaded: LoadedOrders, schema: BoardSchema, options: PlanOptions, room: Room | None = None
) -> Iterator[tuple[Order, PlannedOrder]]:
    """Each order beside what `make_plan` does with it and its lines, without any request being made of it.

    `room` is what earlier portions of the same orders left.
    """
    planner = Planner(schema, options, room)
    yield from zip(loaded.orders, planner.orders(loaded), strict=True)


def orphan_findings(lines: Iterable[OrderLine]) -> Iterator[Finding]:
    """What `make_plan` finds about lines without a header."""
    for line in lines:
        yield from orphan(line).findings


class Planner:
    """Plans orders, all at once or in portions one after the other.

    Portions share what is left on the board, what may be imported in an hour, each customer's group, and the
    keys of requests.
    """

    def __init__(self, schema: BoardSchema, options: PlanOptions, room: Room | None = None) -> None:
        self._schema = schema
        self._options = options
        self._room = room or Room(schema)
        terms = Terms(options.bulk_import, options.api_version, options.records_per_request)
        self._keys = RequestKeys()
        self._bulk = BulkChooser(schema, options.mapping, terms, self._keys)
        self._items = RecordFormatter.of_items(options.mapping, schema.items)
        self._item_operations = ItemOperations(options.mapping, schema.items)
        subitems = RecordFormatter.of_subitems(options.mapping, schema.subitems)
        self._line_operations = LineOperations(subitems, schema.subitems)
        self._groups: dict[str, tuple[str, str | None]] = {}

    def plan(self, loaded: LoadedOrders, selection: Selection, left_alone: int = 0) -> Plan:
        """Plan every loaded order, as `make_plan` does."""
        by_customer: dict[str, list[Order]] = {}
        for order in loaded.orders:
            by_customer.setdefault(order.customer, []).append(order)
        batches = tuple(self._batch(customer, orders) for customer, orders in by_customer.items())
        groups = self._group_requests(batches)
        orphans = tuple(orphan(line) for line in loaded.orphans)
        requests = [*groups, *(request for batch in batches for request in batch.requests)]
        return Plan(
            profile=self._options.profile,
            board_id=self._schema.items.id,
            board_name=self._schema.items.name,
            mapping_hash=mapping_hash(self._options.mapping),
            selection=selection,
            left_alone=left_alone,
            group_requests=groups,
            batches=batches,
            orphans=orphans,
            forecast=forecast_of(requests, self._options.day),
            subitems_board_id=self._schema.subitems.id if self._schema.subitems else None,
            item_key_column=self._options.mapping.item_key_column,
            subitem_key_column=self._options.mapping.subitem_key_column,
            calls_before=self._options.calls_before,
        )

    def orders(self, loaded: LoadedOrders) -> Iterator[PlannedOrder]:
        """What `plan` does with each order, without any request being made of it."""
        for order in loaded.orders:
            title, known = self._group(order)
            yield self._with_room(order, self._order(order, known or Reference(TargetKind.GROUP, title)))

    @property
    def outlook(self) -> Outlook:
        """What the portions that follow depend on, besides their orders."""
        return Outlook(
            self._options.records_per_request,
            lambda customer: self._schema.items.group(customer) is not None,
            self._bulk.expected,
        )

    def _group(self, order: Order) -> tuple[str, str | None]:
        """Title of the group of a customer's orders, by the first one, and its id where the board has it."""
        if order.customer not in self._groups:
            title = render(self._options.mapping.group_name, order.values)[:NAME_LIMIT] or order.customer
            known = self._schema.items.group(title)
            self._groups[order.customer] = title, known.id if known else None
        return self._groups[order.customer]

    def _batch(self, customer: str, orders: Sequence[Order]) -> Batch:
        title, known = self._group(orders[0])
        group: str | Reference = known or Reference(TargetKind.GROUP, title)
        planned = tuple(self._with_room(order, self._order(order, group)) for order in orders)
        choice = self._bulk.choose(customer, group, planned)
        mutated = [order for order in planned if order.key not in choice.order_keys]
        item_operations = [
            operation
            for order in mutated
            for operation in (order.operation, *order.continuations)
            if operation is not None
        ]
        line_operations = [
            line.operation for order in mutated if not order.blocked for line in order.lines if line.operation
        ]
        # What is archived makes room under its item for what is created.
        line_operations.sort(key=lambda operation: operation.kind is not OperationKind.ARCHIVE_SUBITEM)
        subitems_board = self._schema.subitems
        return Batch(
            customer=customer,
            group_title=title,
            group_id=known,
            orders=planned,
            item_requests=choice.requests
            + self._requests(Step.ITEMS, customer, self._schema.items.id, item_operations),
            subitem_requests=self._requests(
                Step.SUBITEMS, customer, subitems_board.id if subitems_board else "", line_operations
            ),
            way=choice.reason,
        )

    def _order(self, order: Order, group: str | Reference) -> PlannedOrder:
        if order.action is ActionType.DELETE:
            return self._archived(order)
        record = self._items.format(order.key, order.label, order.values)
        places = SubitemPlaces(order, self._options.subitem_limit)
        findings = (
            *record.findings,
            *self._no_subitems_board(order),
            *self._without_place(order, record, places),
        )
        blocked = any(finding.blocks for finding in findings)
        operation = None if blocked else self._item_operations.own(order, record, group)
        lines = tuple(self._line_operations.planned(order, line, places) for line in order.lines)
        continuations = () if blocked else self._item_operations.continuations(order, record, group, places)
        return PlannedOrder(
            order.key,
            order.label,
            order.action,
            order.item_id,
            operation,
            lines,
            tuple(findings),
            stamp_of(order),
            continuations=continuations,
        )

    def _with_room(self, order: Order, planned: PlannedOrder) -> PlannedOrder:
        warnings = tuple(self._room.take(order, planned))
        return replace(planned, findings=planned.findings + warnings) if warnings else planned

    def _archived(self, order: Order) -> PlannedOrder:
        """A cancelled order: archiving its items takes their subitems along (reference/items)."""
        operation = None
        if order.item_id is not None and order.state is not SyncState.SYNCED:
            operation = own_archiving(OperationKind.ARCHIVE_ITEM, order, order.item_id)
        lines = tuple(PlannedLine(line.key, line_label(order, line), None) for line in order.lines)
        return PlannedOrder(
            order.key,
            order.label,
            order.action,
            order.item_id,
            operation,
            lines,
            stamp=stamp_of(order),
            continuations=continuation_archivings(OperationKind.ARCHIVE_ITEM, order),
        )

    def _without_place(
        self, order: Order, record: FormattedRecord, places: SubitemPlaces
    ) -> Iterator[Finding]:
        """What forbids sending an order whose items, as far as they are there, do not take all its lines."""
        if places.suffice:
            return
        if self._options.beyond_subitem_limit == "refuse":
            yield places.refusal(self._options.profile)
        elif not self._item_operations.can_continue(order, record):
            yield places.unfindable()

    def _no_subitems_board(self, order: Order) -> Iterator[Finding]:
        if order.lines and self._schema.subitems is None:
            yield Finding(
                RecordKind.ORDER,
                order.key,
                order.label,
                "no_subitems_board",
                "The board has no subitems column, so the order's lines have no place",
                "Add a subitems column to the board (a first subitem made by hand does it).",
            )

    def _requests(
        self, step: Step, customer: str, board_id: str, operations: Sequence[Operation]
    ) -> tuple[PlannedRequest, ...]:
        size = self._options.records_per_request
        return requests_of(step, customer, board_id, operations, size, self._keys)

    def _group_requests(self, batches: Iterable[Batch]) -> tuple[PlannedRequest, ...]:
        """One creation per missing title, however many customers share it."""
        missing: dict[str, Batch] = {}
        for batch in batches:
            if batch.group_id is None and any(
                operation.kind is OperationKind.CREATE_ITEM
                for request in batch.item_requests
                for operation in request.operations
            ):
                missing.setdefault(batch.group_title, batch)
        operations = [
            group_creation(self._schema.items.id, title, batch.customer) for title, batch in missing.items()
        ]
        return self._requests(Step.GROUPS, "", self._schema.items.id, operations)
