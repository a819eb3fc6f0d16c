"""Keeps account of every selected record of a run, and says which state each one's row gets. Pure.

An order has its outcome when its item and all its lines have theirs: it is SYNCED only when everything is on
the board, and ERROR, with its item id kept, when the item or any line failed.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.errors import Problem
from core.orders.journal import FindingRow
from core.orders.model import RecordKind, StateChange, SyncState
from core.orders.record_keys import order_and_number
from core.sync.events import RecordEnded
from core.sync.order_account import Ended, OrderAccount, failure_of
from core.sync.outcome import Outcome
from core.sync.plan import (
    Batch,
    Operation,
    OperationKind,
    Plan,
    PlannedLine,
    PlannedOrder,
    Reference,
    TargetKind,
)
from core.sync.record_states import as_never_sent, end_by_findings, finding_of, state_of
from core.sync.report import Counts, CustomerReport, Failure, KeptOrder, Withheld

_CONFIRMED = {
    OperationKind.CREATE_ITEM: Ended(Outcome.CREATED),
    OperationKind.CHANGE_ITEM: Ended(Outcome.CHANGED),
    OperationKind.ARCHIVE_ITEM: Ended(Outcome.ARCHIVED),
    OperationKind.UNDO_ITEM: Ended(Outcome.ARCHIVED),
    OperationKind.CREATE_SUBITEM: Ended(Outcome.CREATED),
    OperationKind.CHANGE_SUBITEM: Ended(Outcome.CHANGED),
    OperationKind.ARCHIVE_SUBITEM: Ended(Outcome.ARCHIVED),
}
_TAKES_LINES_ALONG = frozenset({OperationKind.ARCHIVE_ITEM, OperationKind.UNDO_ITEM})


def outcome_of(kind: OperationKind) -> Outcome:
    """What a confirmed operation of this kind means for its record."""
    return _CONFIRMED[kind].outcome


@dataclass(slots=True)
class Settlement:
    """What follows from some outcomes: rows to write and events to tell."""

    states: list[StateChange] = field(default_factory=list)
    findings: list[FindingRow] = field(default_factory=list)
    events: list[RecordEnded] = field(default_factory=list)


class Ledger:
    """The account of one plan: a run's whole one, or a portion of it."""

    def __init__(self, plan: Plan, withheld: Mapping[str, Problem] | None = None) -> None:
        """`withheld` are orders that the run must not touch, by key, and why."""
        self._plan = plan
        self._orders: dict[str, OrderAccount] = {}
        self._orphans: dict[str, Ended] = {}
        for batch in plan.batches:
            for order in batch.orders:
                account = OrderAccount(order, batch.customer, order.item_id)
                account.lines = {line.key: None for line in order.lines}
                account.continuations = {operation.key: None for operation in order.continuations}
                account.withheld = order.kept or (withheld or {}).get(order.key)
                self._orders[order.key] = account

    # What happened

    def validate(self, at: datetime) -> Settlement:
        """Account for everything that the plan already knows: findings, and records that need nothing."""
        settled = Settlement()
        for line in self._plan.orphans:
            self._orphans[line.key] = end_by_findings(line.findings)
            self._line_ended(settled, line, "", "", self._orphans[line.key], at)
        for account in self._orders.values():
            order = account.planned
            if account.withheld is not None:
                account.item = Ended(Outcome.SKIPPED, account.withheld)
                account.end_continuations(Ended(Outcome.SKIPPED))
                account.end_lines(Ended(Outcome.SKIPPED))
            elif order.blocked:
                account.item = end_by_findings(order.findings)
                self._skip_lines(settled, account)
            else:
                if order.operation is None:
                    account.item = Ended(Outcome.SKIPPED)
                for line in order.lines:
                    if any(finding.blocks for finding in line.findings):
                        account.lines[line.key] = end_by_findings(line.findings)
                        self._line_ended(
                            settled, line, order.key, account.customer, end_by_findings(line.findings), at
                        )
                    elif line.operation is None and not _takes_lines_along(order):
                        self._nothing_to_do(settled, account, line, at)
            self._settle(settled, account, at)
        return settled

    def confirmed(
        self, operation: Operation, board_id: str, at: datetime, settled: Settlement | None = None
    ) -> Settlement:
        """The board has carried out this operation. What follows is added to `settled`, where it is given."""
        settled = Settlement() if settled is None else settled
        ended = _CONFIRMED[operation.kind]
        account = self._account(operation)
        if operation.target is TargetKind.ORDER:
            account.item, account.item_id = ended, board_id
            settled.events.append(account.order_event(ended, operation.kind))
            if operation.kind in _TAKES_LINES_ALONG and account.items_synced:
                self._archive_lines(settled, account, at)
            if not self._settle(settled, account, at):
                # The item id is kept at once: a run that ends here does not create the item again.
                settled.states.append(
                    StateChange(RecordKind.ORDER, operation.key, SyncState.PENDING, board_id, at=at)
                )
        elif operation.target is TargetKind.CONTINUATION:
            self._continuation_confirmed(settled, account, operation, board_id, at)
        else:
            account.lines[operation.key] = ended
            above = account.above(operation.key)
            settled.states.append(
                StateChange(
                    RecordKind.LINE,
                    operation.key,
                    SyncState.SYNCED,
                    board_id,
                    account.id_of(above),
                    at=at,
                    continues=above is not None,
                )
            )
            settled.events.append(account.line_event(operation, ended, board_id))
            self._settle(settled, account, at)
        return settled

    def ended(
        self, operation: Operation, ended: Ended, at: datetime, settled: Settlement | None = None
    ) -> Settlement:
        """The operation failed, its outcome is unknown, or was not started; `settled` as above."""
        settled = Settlement() if settled is None else settled
        account = self._account(operation)
        if operation.target is TargetKind.ORDER:
            account.item = ended
            is_left = ended.outcome is Outcome.NOT_STARTED
            account.end_continuations(Ended(Outcome.NOT_STARTED if is_left else Outcome.SKIPPED))
            if is_left:
                account.end_lines(Ended(Outcome.NOT_STARTED))
            elif account.undoes:
                account.end_lines(Ended(Outcome.SKIPPED))
            else:
                self._skip_lines(settled, account)
            self._settle(settled, account, at)
            return settled
        if operation.target is TargetKind.CONTINUATION:
            self._continuation_ended(settled, account, operation, ended)
            self._settle(settled, account, at)
            return settled
        account.lines[operation.key] = ended
        if change := state_of(RecordKind.LINE, operation.key, ended, at):
            settled.states.append(change)
        settled.findings.extend(finding_of(RecordKind.LINE, operation.key, ended))
        settled.events.append(account.line_event(operation, ended, None))
        self._settle(settled, account, at)
        return settled

    def close(self, at: datetime) -> Settlement:
        """The run is over: whatever has no outcome was not started."""
        settled = Settlement()
        for account in self._orders.values():
            if account.item is None:
                account.item = Ended(Outcome.NOT_STARTED)
            account.end_continuations(Ended(Outcome.NOT_STARTED))
            account.end_lines(Ended(Outcome.NOT_STARTED))
            self._settle(settled, account, at)
        return settled

    def may_send(self, operation: Operation) -> bool:
        """Whether it is this run's to send: its record has no outcome yet, and what it rests on is there."""
        account = self._account(operation)
        if account.withheld is not None:
            return False
        if operation.target is TargetKind.LINE:
            return account.lines[operation.key] is None and account.may_send_lines
        if operation.target is TargetKind.CONTINUATION:
            return account.continuations[operation.key] is None
        return account.item is None

    def may_touch(self, order_key: str) -> bool:
        """Whether the order is this run's to send."""
        return self._orders[order_key].withheld is None

    def item_id(self, order_key: str) -> str | None:
        """The order's item id, once it is known."""
        return self._orders[order_key].item_id

    # The end

    def counts(self) -> tuple[Counts, Counts]:
        """Orders and lines of the whole plan, lines without a header included."""
        orders: Counter[Outcome] = Counter()
        lines: Counter[Outcome] = Counter(ended.outcome for ended in self._orphans.values())
        for account in self._orders.values():
            account.tally(orders, lines)
        return Counts.of(orders, len(self._orders)), Counts.of(lines, self._plan.line_count)

    def customers(self) -> tuple[CustomerReport, ...]:
        """Each customer's part, in the plan's order."""
        return tuple(self.customer(batch) for batch in self._plan.batches)

    def without_header(self) -> Counts:
        """The lines without a header."""
        return Counts.of(Counter(ended.outcome for ended in self._orphans.values()), len(self._orphans))

    def customer(self, batch: Batch) -> CustomerReport:
        """One customer's part."""
        orders: Counter[Outcome] = Counter()
        lines: Counter[Outcome] = Counter()
        for order in batch.orders:
            self._orders[order.key].tally(orders, lines)
        return CustomerReport(
            batch.customer, Counts.of(orders, len(batch.orders)), Counts.of(lines, batch.line_count)
        )

    def failures(self) -> tuple[Failure, ...]:
        """Every record that failed or whose outcome is unknown; not the lines without a header."""
        return tuple(failure for account in self._orders.values() for failure in account.failures())

    def failures_without_header(self) -> tuple[Failure, ...]:
        """Every line without a header."""
        return tuple(
            failure_of(TargetKind.LINE, line.key, line.label, "", self._orphans[line.key])
            for line in self._plan.orphans
            if line.key in self._orphans
        )

    def withheld(self) -> tuple[Withheld, ...]:
        """How many orders the run was not to touch, for each reason."""
        reasons = Counter(
            (account.withheld.title, account.withheld.remedy)
            for account in self._orders.values()
            if account.withheld is not None
        )
        return tuple(Withheld(orders, title, remedy) for (title, remedy), orders in reasons.items())

    def kept(self) -> tuple[KeptOrder, ...]:
        """Every order that the run was not to touch, and why."""
        return tuple(
            KeptOrder.of(account.planned.key, account.planned.label, account.customer, account.withheld)
            for account in self._orders.values()
            if account.withheld is not None
        )

    # Pieces

    def _account(self, operation: Operation) -> OrderAccount:
        return self._orders[operation.order_key or operation.key]

    def _continuation_confirmed(
        self, settled: Settlement, account: OrderAccount, operation: Operation, board_id: str, at: datetime
    ) -> None:
        account.continuations[operation.key] = _CONFIRMED[operation.kind]
        account.continuation_ids[operation.key] = board_id
        is_archived = operation.kind in _TAKES_LINES_ALONG
        if operation.kind is not OperationKind.CHANGE_ITEM:
            order_key, number = order_and_number(operation.key)
            settled.states.append(
                StateChange(
                    RecordKind.ORDER,
                    order_key,
                    SyncState.PENDING,
                    None if is_archived else board_id,
                    at=at,
                    continuation=number,
                )
            )
        if is_archived and account.items_synced:
            self._archive_lines(settled, account, at)
        self._settle(settled, account, at)

    def _continuation_ended(
        self, settled: Settlement, account: OrderAccount, operation: Operation, ended: Ended
    ) -> None:
        """What rests on the item ends with it: its lines, and of an order that is taken back everything."""
        account.continuations[operation.key] = ended
        is_left = ended.outcome is Outcome.NOT_STARTED
        alike = Ended(Outcome.NOT_STARTED if is_left else Outcome.SKIPPED)
        if account.undoes:
            account.item = account.item or alike
            account.end_lines(alike)
            return
        mine = Reference(TargetKind.CONTINUATION, operation.key)
        takes_all = operation.kind in _TAKES_LINES_ALONG
        below = [key for key in account.lines if takes_all or account.above(key) == mine]
        if is_left:
            account.lines.update({key: alike for key in below if account.lines[key] is None})
        else:
            self._skip_lines(settled, account, set(below))

    def _skip_lines(
        self, settled: Settlement, account: OrderAccount, only: Collection[str] | None = None
    ) -> None:
        """Lines under an item that is not on the board: their rows stay as they are."""
        for line in account.planned.lines:
            if account.lines[line.key] is None and (only is None or line.key in only):
                account.lines[line.key] = Ended(Outcome.SKIPPED)
                settled.events.append(
                    RecordEnded(
                        TargetKind.LINE,
                        line.key,
                        line.label,
                        account.customer,
                        Outcome.SKIPPED,
                        order_key=account.planned.key,
                        code="waiting_for_parent",
                        message="Waiting for parent: the order's item is not on the board",
                    )
                )

    def _archive_lines(self, settled: Settlement, account: OrderAccount, at: datetime) -> None:
        for line in account.planned.lines:
            account.lines[line.key] = Ended(Outcome.ARCHIVED)
            settled.states.append(
                as_never_sent(RecordKind.LINE, line.key, at)
                if account.undoes
                else StateChange(RecordKind.LINE, line.key, SyncState.SYNCED, at=at)
            )

    @staticmethod
    def _nothing_to_do(settled: Settlement, account: OrderAccount, line: PlannedLine, at: datetime) -> None:
        account.lines[line.key] = Ended(Outcome.SKIPPED)
        settled.states.append(StateChange(RecordKind.LINE, line.key, SyncState.SYNCED, at=at))

    def _line_ended(
        self,
        settled: Settlement,
        line: PlannedLine,
        order_key: str,
        customer: str,
        ended: Ended,
        at: datetime,
    ) -> None:
        if change := state_of(RecordKind.LINE, line.key, ended, at):
            settled.states.append(change)
        settled.findings.extend(finding_of(RecordKind.LINE, line.key, ended))
        problem = ended.problem
        settled.events.append(
            RecordEnded(
                TargetKind.LINE,
                line.key,
                line.label,
                customer,
                ended.outcome,
                order_key=order_key,
                code=problem.code if problem else "",
                message=problem.title if problem else "",
                remedy=problem.remedy if problem else "",
            )
        )

    def _settle(self, settled: Settlement, account: OrderAccount, at: datetime) -> bool:
        """Give the order its outcome once all its parts have theirs; True when it has one."""
        if account.final is not None:
            return True
        if account.item is None or not account.all_ended:
            return False
        final = account.conclusion()
        account.final = final
        key = account.planned.key
        if account.withheld is not None:
            pass  # not this run's to write
        elif account.undoes:
            # Otherwise the item may still be there: the order stays what it was, not a failure to be sent.
            settled.states.extend([as_never_sent(RecordKind.ORDER, key, at)] if final.outcome.synced else [])
        elif final.outcome.synced or final.outcome is Outcome.SKIPPED:
            settled.states.append(
                StateChange(RecordKind.ORDER, key, SyncState.SYNCED, account.item_id, at=at)
            )
        elif change := state_of(RecordKind.ORDER, key, final, at, account.item_id):
            settled.states.append(change)
        if not account.undoes:
            settled.findings.extend(finding_of(RecordKind.ORDER, key, final))
        if final.outcome is not account.item.outcome or not final.outcome.synced:
            settled.events.append(account.order_event(final, None))
        return True


def _takes_lines_along(order: PlannedOrder) -> bool:
    """Archiving an item archives its subitems (reference/items)."""
    return order.operation is not None and order.operation.kind in _TAKES_LINES_ALONG
