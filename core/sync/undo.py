"""What an undo of a run does: which of the items that it made are archived, and which stay and why. Pure.

The result is a plan like any other, of archivings; one engine carries it out.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.config.mapping_text import mapping_hash
from core.errors import Problem
from core.monday.board import BoardSchema
from core.orders.journal import OperationState
from core.orders.model import ActionType, Order, Selection, SyncState
from core.orders.run_records import PastRun, SentOperation
from core.sync.board_items import BoardItem
from core.sync.estimate import forecast_of
from core.sync.item_operations import continuation_archivings, own_archiving
from core.sync.line_operations import line_label
from core.sync.plan import (
    Batch,
    Operation,
    OperationKind,
    Plan,
    PlannedLine,
    PlannedOrder,
    PlannedRequest,
    Step,
    narrow,
)
from core.sync.planner import PlanOptions, stamp_of
from core.sync.report import KeptOrder
from core.sync.requests import RequestKeys, requests_of
from core.sync.run_work import MadeItem, RunWork
from core.sync.unchanged import changes, subitem_changes

EVERY_STATE = tuple(SyncState)
_NOT_WANTED = "Nothing, where the item is to stay. Where it is not, cancel the order where it comes from."
_SAY_AGAIN = "Say undo again in a few minutes."


@dataclass(frozen=True)
class Situation:
    """What is known when an undo is planned."""

    orders: Mapping[str, Order]
    """By key, with all their lines."""
    items: Mapping[str, BoardItem]
    """By id, as the board has them now."""
    others: Sequence[SentOperation]
    """What runs beside those that are undone sent for these orders and their lines."""
    undecided: Collection[str] = field(default=frozenset())
    """Orders and lines of which nobody can tell yet whether a request has arrived."""


@dataclass(frozen=True)
class UndoPlan(Plan):
    """A plan of archivings."""

    runs: tuple[PastRun, ...] = ()
    """The runs that it undoes, oldest first: several where one was interrupted and others resumed it. The
    last is the one that `undoes` names."""


def plan_undo(work: RunWork, situation: Situation, schema: BoardSchema, options: PlanOptions) -> UndoPlan:
    """Plan the archiving of what the run made and nobody changed since; the rest is kept, with its reason."""
    return _UndoPlanner(work, situation, schema).plan(options)


def without(plan: Plan, kept: Mapping[str, Problem]) -> Plan:
    """The same undo without some of its orders, by key, which are kept for the given reasons."""
    if not kept:
        return plan
    batches = []
    for batch in plan.batches:
        orders = tuple(
            replace(order, operation=None, continuations=(), kept=kept[order.key])
            if order.key in kept
            else order
            for order in batch.orders
        )
        first, last = (_without(requests, kept) for requests in (batch.item_requests, batch.subitem_requests))
        batches.append(replace(batch, orders=orders, item_requests=first, subitem_requests=last))
    rest = [request for batch in batches for request in batch.requests]
    return replace(plan, batches=tuple(batches), forecast=forecast_of(rest, plan.forecast.day))


def _without(requests: Sequence[PlannedRequest], kept: Collection[str]) -> tuple[PlannedRequest, ...]:
    parts = (
        narrow(request, [each for each in request.operations if (each.order_key or each.key) not in kept])
        for request in requests
    )
    return tuple(part for part in parts if part is not None)


def archived_orders(plan: Plan) -> list[PlannedOrder]:
    """The orders of an undo whose items are archived."""
    return [order for batch in plan.batches for order in batch.orders if order.operation is not None]


def archived_items(plan: Plan) -> int:
    """How many items an undo archives: an order may have several."""
    return sum(1 + len(order.continuations) for order in archived_orders(plan))


def kept_orders(plan: Plan) -> list[KeptOrder]:
    """The orders of an undo that are left as they are, and why."""
    return [
        KeptOrder.of(order.key, order.label, batch.customer, order.kept)
        for batch in plan.batches
        for order in batch.orders
        if order.kept is not None
    ]


class _UndoPlanner:
    def __init__(self, work: RunWork, situation: Situation, schema: BoardSchema) -> None:
        self._work = work
        self._situation = situation
        self._schema = schema
        self._keys = RequestKeys()
        self._order_of_line = {
            line.key: order.key for order in situation.orders.values() for line in order.lines
        }
        self._others: dict[str, list[SentOperation]] = {}
        for operation in situation.others:
            self._others.setdefault(self._order_key(operation.record_key), []).append(operation)
        self._changes: dict[str, list[SentOperation]] = {}
        for operation in work.changes:
            self._changes.setdefault(self._order_key(operation.record_key), []).append(operation)
        self._undecided = {self._order_key(key) for key in situation.undecided}

    def plan(self, options: PlanOptions) -> UndoPlan:
        by_customer: dict[str, list[PlannedOrder]] = {}
        undone_before = 0
        seen: set[str] = set()
        for made in self._work.made:
            seen.add(made.order_key)
            if self._is_undone(made):
                undone_before += 1
            else:
                customer, order = self._planned(made)
                by_customer.setdefault(customer, []).append(order)
        for customer, order in self._not_made(seen):
            by_customer.setdefault(customer, []).append(order)
        batches = tuple(
            self._batch(customer, orders, options.records_per_request)
            for customer, orders in by_customer.items()
        )
        keys = tuple(order.key for batch in batches for order in batch.orders)
        return UndoPlan(
            profile=options.profile,
            board_id=self._schema.items.id,
            board_name=self._schema.items.name,
            mapping_hash=mapping_hash(options.mapping),
            selection=Selection(order_keys=keys, states=EVERY_STATE),
            batches=batches,
            forecast=forecast_of([request for batch in batches for request in batch.requests], options.day),
            subitems_board_id=self._schema.subitems.id if self._schema.subitems else None,
            item_key_column=options.mapping.item_key_column,
            subitem_key_column=options.mapping.subitem_key_column,
            undoes=self._work.run.run_id,
            undone_before=undone_before,
            calls_before=options.calls_before,
            runs=self._work.runs,
        )

    def _batch(self, customer: str, orders: Sequence[PlannedOrder], size: int) -> Batch:
        """Items on which orders continue go first, and such an order's own item in a pass of its own.

        Where one of them stays, the order stays what it is, with its own item to be found again.
        """
        first: list[Operation] = []
        last: list[Operation] = []
        for order in orders:
            if order.operation is not None:
                first.extend(order.continuations)
                (last if order.continuations else first).append(order.operation)
        passes = [
            requests_of(Step.ITEMS, customer, self._schema.items.id, operations, size, self._keys)
            for operations in (first, last)
        ]
        return Batch(customer, customer, None, tuple(orders), passes[0], passes[1])

    def _planned(self, made: MadeItem) -> tuple[str, PlannedOrder]:
        key = made.order_key
        order = self._situation.orders.get(key)
        if order is None:
            kept = _problem(
                "order_not_in_table",
                "The order is no longer in the orders table",
                made.item.name,
                _NOT_WANTED,
            )
            return "", PlannedOrder(key, made.item.name, ActionType.INSERT, None, None, kept=kept)
        problem = self._why_kept(made, order)
        kind = OperationKind.UNDO_ITEM
        operation = None if problem else own_archiving(kind, order, made.item.board_id)
        lines = tuple(
            PlannedLine(line.key, line_label(order, line), None)
            for line in order.lines
            if line.state is not SyncState.HELD
        )
        return order.customer, PlannedOrder(
            key,
            order.label,
            order.action,
            order.item_id,
            operation,
            lines,
            stamp=stamp_of(order),
            kept=problem,
            continuations=() if problem else continuation_archivings(kind, order),
        )

    def _not_made(self, seen: Collection[str]) -> Iterator[tuple[str, PlannedOrder]]:
        """Orders that the run touched without having made their items, each once, and why they are kept."""
        reasons: dict[str, tuple[str, str, str]] = {
            **dict.fromkeys(
                (self._order_key(key) for key in self._work.changed_keys),
                (
                    "not_made_by_run",
                    "The run changed an item that it had not made, and a change cannot be taken back",
                    "Correct the order where it comes from; the next run changes the item again.",
                ),
            ),
            **dict.fromkeys(
                self._work.unreadable,
                (
                    "sent_unreadable",
                    "The journal does not tell any more what the run sent for it",
                    _NOT_WANTED,
                ),
            ),
            **dict.fromkeys(
                self._work.unknown,
                ("outcome_unknown", "Nobody can tell yet whether its item was made", _SAY_AGAIN),
            ),
        }
        for key, (code, title, remedy) in reasons.items():
            order = self._situation.orders.get(key)
            if key in seen or order is None:
                continue
            kept = _problem(code, title, order.label, remedy)
            yield (
                order.customer,
                PlannedOrder(
                    key, order.label, order.action, order.item_id, None, stamp=stamp_of(order), kept=kept
                ),
            )

    def _why_kept(self, made: MadeItem, order: Order) -> Problem | None:
        if order.key in self._undecided:
            return _problem(
                "outcome_unknown",
                "Nobody can tell yet what became of a request for it",
                order.label,
                _SAY_AGAIN,
            )
        if (later := self._changed_later(made)) is not None:
            return _problem(
                "changed_by_later_run", f"Run {later[:8]} changed it later", order.label, _NOT_WANTED
            )
        if order.item_id != made.item.board_id:
            return _problem(
                "other_item", "The order belongs to another item by now", order.label, _NOT_WANTED
            )
        if order.action is ActionType.DELETE:
            return _problem(
                "order_cancelled",
                "The order is cancelled",
                order.label,
                "Nothing: the next run archives its item, and the order is not sent again.",
            )
        if order.state is SyncState.HELD:
            return _problem(
                "order_held", "The order is held", order.label, "Release it, then say undo again."
            )
        return self._changed_by_hand(made, order)

    def _changed_by_hand(self, made: MadeItem, order: Order) -> Problem | None:
        found_changes: list[str] = []
        for one in made.all:
            found = self._situation.items.get(one.item.board_id)
            if found is not None and found.active:
                found_changes += [
                    *changes(one.item, found, self._schema.items, one.group_id),
                    *subitem_changes(one.subitems, found.subitems, self._schema.subitems),
                ]
            elif not self._was_being_undone(one):
                return _problem(
                    "gone_from_board",
                    "Archived or deleted by hand on the board",
                    order.label,
                    "Nothing, where that is meant. Restore it on the board, then say undo again, to have it"
                    " sent afresh.",
                )
            # Else it is our own archiving, whose answer may be lost: it is sent again, to be confirmed.
        if not found_changes:
            return None
        return _problem(
            "changed_by_hand",
            f"Changed by hand on the board: {_some(found_changes)}",
            order.label,
            "Nothing, where the change is to stay. Take it back on the board, then say undo again.",
        )

    def _is_undone(self, made: MadeItem) -> bool:
        return any(
            operation.kind == OperationKind.UNDO_ITEM.value
            and operation.state is OperationState.CONFIRMED
            and operation.board_id == made.item.board_id
            for operation in self._others.get(made.order_key, ())
        )

    def _was_being_undone(self, made: MadeItem) -> bool:
        return any(
            operation.kind == OperationKind.UNDO_ITEM.value
            and operation.key == made.operation.key
            and operation.sent_at >= made.operation.sent_at
            for operation in self._others.get(made.order_key, ())
        )

    def _changed_later(self, made: MadeItem) -> str | None:
        """The run that did something to the order or its lines after the item was made.

        A run that resumed the one that made it may have added to it; what it changed keeps the order too, for
        somebody had changed the order in between.
        """
        beside = (
            operation
            for operation in self._others.get(made.order_key, ())
            if operation.kind != OperationKind.UNDO_ITEM.value and operation.may_have_applied
        )
        return next(
            (
                operation.run_id
                for operation in (*beside, *self._changes.get(made.order_key, ()))
                if operation.sent_at >= made.operation.sent_at
            ),
            None,
        )

    def _order_key(self, key: str) -> str:
        return self._order_of_line.get(key, key)


def _problem(code: str, title: str, label: str, remedy: str) -> Problem:
    return Problem(code, title, f"order {label}", remedy)


def _some(names: Sequence[str], most: int = 4) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
