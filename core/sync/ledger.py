"""Keeps account of every selected record of a run, and says which state each one's row gets. Pure.

An order has its outcome when its item and all its lines have theirs: it is SYNCED only when everything is on
the board, and ERROR, with its item id kept, when the item or any line failed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.errors import Problem
from core.mapping.findings import Finding
from core.orders.journal import FindingRow
from core.orders.model import RecordKind, StateChange, SyncState
from core.sync.events import RecordEnded
from core.sync.outcome import Outcome
from core.sync.plan import Batch, Operation, OperationKind, Plan, PlannedLine, PlannedOrder, TargetKind
from core.sync.report import Counts, CustomerReport, Failure, KeptOrder, Withheld

_OUTCOMES = {
    OperationKind.CREATE_ITEM: Outcome.CREATED,
    OperationKind.CHANGE_ITEM: Outcome.CHANGED,
    OperationKind.ARCHIVE_ITEM: Outcome.ARCHIVED,
    OperationKind.UNDO_ITEM: Outcome.ARCHIVED,
    OperationKind.CREATE_SUBITEM: Outcome.CREATED,
    OperationKind.CHANGE_SUBITEM: Outcome.CHANGED,
    OperationKind.ARCHIVE_SUBITEM: Outcome.ARCHIVED,
}


def outcome_of(kind: OperationKind) -> Outcome:
    """What a confirmed operation of this kind means for its record."""
    return _OUTCOMES[kind]


@dataclass(frozen=True, slots=True)
class Ended:
    """How one record ended, and why when it is not on the board."""

    outcome: Outcome
    problem: Problem | None = None
    source: str = ""
    """The source column to correct, where it is known."""


@dataclass(slots=True)
class _OrderAccount:
    planned: PlannedOrder
    customer: str
    item_id: str | None
    item: Ended | None = None
    lines: dict[str, Ended | None] = field(default_factory=dict)
    final: Ended | None = None
    withheld: Problem | None = None
    """Why this run must not touch the order: another worker has it, or it changed since it was planned."""

    @property
    def undoes(self) -> bool:
        """Whether the item is archived to be made afresh."""
        operation = self.planned.operation
        return operation is not None and operation.kind is OperationKind.UNDO_ITEM


@dataclass(slots=True)
class Settlement:
    """What follows from some outcomes: rows to write and events to tell."""

    states: list[StateChange] = field(default_factory=list)
    findings: list[FindingRow] = field(default_factory=list)
    events: list[RecordEnded] = field(default_factory=list)


class Ledger:
    """The account of one run."""

    def __init__(self, plan: Plan, withheld: Mapping[str, Problem] | None = None) -> None:
        """`withheld` are orders that the run must not touch, by key, and why."""
        self._plan = plan
        self._orders: dict[str, _OrderAccount] = {}
        self._order_of_line: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        self._orphans: dict[str, Ended] = {}
        for batch in plan.batches:
            for order in batch.orders:
                account = _OrderAccount(order, batch.customer, order.item_id)
                account.lines = {line.key: None for line in order.lines}
                account.withheld = order.kept or (withheld or {}).get(order.key)
                self._orders[order.key] = account
                for line in order.lines:
                    self._order_of_line[line.key] = order.key
                    self._labels[line.key] = line.label

    # What happened

    def validate(self, at: datetime) -> Settlement:
        """Account for everything that the plan already knows: findings, and records that need nothing."""
        settled = Settlement()
        for line in self._plan.orphans:
            self._orphans[line.key] = _from_findings(line.findings)
            self._line_ended(settled, line, "", "", self._orphans[line.key], at)
        for account in self._orders.values():
            order = account.planned
            if account.withheld is not None:
                account.item = Ended(Outcome.SKIPPED, account.withheld)
                self._end_lines(account, Ended(Outcome.SKIPPED))
            elif order.blocked:
                account.item = _from_findings(order.findings)
                self._skip_lines(settled, account)
            else:
                if order.operation is None:
                    account.item = Ended(Outcome.SKIPPED)
                for line in order.lines:
                    if any(finding.blocks for finding in line.findings):
                        account.lines[line.key] = _from_findings(line.findings)
                        self._line_ended(
                            settled, line, order.key, account.customer, _from_findings(line.findings), at
                        )
                    elif line.operation is None and not _takes_lines_along(order):
                        self._nothing_to_do(settled, account, line, at)
            self._settle(settled, account, at)
        return settled

    def confirmed(self, operation: Operation, board_id: str, at: datetime) -> Settlement:
        """The board has carried out this operation."""
        settled = Settlement()
        ended = Ended(outcome_of(operation.kind))
        account = self._account(operation)
        if operation.target is TargetKind.ORDER:
            account.item, account.item_id = ended, board_id
            settled.events.append(self._order_event(account, ended, operation.kind))
            if operation.kind in {OperationKind.ARCHIVE_ITEM, OperationKind.UNDO_ITEM}:
                self._archive_lines(settled, account, at)
            if not self._settle(settled, account, at):
                # The item id is kept at once: a run that ends here does not create the item again.
                settled.states.append(
                    StateChange(RecordKind.ORDER, operation.key, SyncState.PENDING, board_id, at=at)
                )
        else:
            account.lines[operation.key] = ended
            settled.states.append(
                StateChange(
                    RecordKind.LINE, operation.key, SyncState.SYNCED, board_id, account.item_id, at=at
                )
            )
            settled.events.append(self._line_event(operation, account, ended, board_id))
            self._settle(settled, account, at)
        return settled

    def ended(self, operation: Operation, ended: Ended, at: datetime) -> Settlement:
        """The operation failed, its outcome is unknown, or it was not started."""
        settled = Settlement()
        account = self._account(operation)
        if operation.target is TargetKind.ORDER:
            account.item = ended
            if ended.outcome is Outcome.NOT_STARTED:
                self._end_lines(account, Ended(Outcome.NOT_STARTED))
            elif account.undoes:
                self._end_lines(account, Ended(Outcome.SKIPPED))
            else:
                self._skip_lines(settled, account)
            self._settle(settled, account, at)
            return settled
        account.lines[operation.key] = ended
        if change := _state_change(RecordKind.LINE, operation.key, ended, at):
            settled.states.append(change)
        settled.findings.extend(_finding_row(RecordKind.LINE, operation.key, ended))
        settled.events.append(self._line_event(operation, account, ended, None))
        self._settle(settled, account, at)
        return settled

    def close(self, at: datetime) -> Settlement:
        """The run is over: whatever has no outcome was not started."""
        settled = Settlement()
        for account in self._orders.values():
            if account.item is None:
                account.item = Ended(Outcome.NOT_STARTED)
            self._end_lines(account, Ended(Outcome.NOT_STARTED))
            self._settle(settled, account, at)
        return settled

    def may_touch(self, order_key: str) -> bool:
        """Whether the order is this run's to send."""
        return self._orders[order_key].withheld is None

    def item_id(self, order_key: str) -> str | None:
        """The order's item id, once it is known."""
        return self._orders[order_key].item_id

    def may_send_lines(self, order_key: str) -> bool:
        """Whether the order's item is confirmed on the board."""
        account = self._orders[order_key]
        return (
            account.withheld is None
            and account.item_id is not None
            and account.item is not None
            and (account.item.outcome.synced or account.item.outcome is Outcome.SKIPPED)
        )

    # The end

    def counts(self) -> tuple[Counts, Counts]:
        """Orders and lines of the whole run."""
        orders: Counter[Outcome] = Counter()
        lines: Counter[Outcome] = Counter(ended.outcome for ended in self._orphans.values())
        for account in self._orders.values():
            self._tally(account, orders, lines)
        return (
            Counts.of(orders, len(self._orders)),
            Counts.of(lines, len(self._order_of_line) + len(self._orphans)),
        )

    def customers(self) -> tuple[CustomerReport, ...]:
        """Each customer's part, in the plan's order; lines without a header last."""
        reports = [self.customer(batch) for batch in self._plan.batches]
        if self._orphans:
            tally = Counter(ended.outcome for ended in self._orphans.values())
            reports.append(CustomerReport("", Counts(), Counts.of(tally, len(self._orphans))))
        return tuple(reports)

    def customer(self, batch: Batch) -> CustomerReport:
        """One customer's part."""
        orders: Counter[Outcome] = Counter()
        lines: Counter[Outcome] = Counter()
        for order in batch.orders:
            self._tally(self._orders[order.key], orders, lines)
        return CustomerReport(
            batch.customer, Counts.of(orders, len(batch.orders)), Counts.of(lines, batch.line_count)
        )

    def failures(self) -> tuple[Failure, ...]:
        """Every record that failed or whose outcome is unknown."""
        return tuple(self._failures())

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

    def _account(self, operation: Operation) -> _OrderAccount:
        return self._orders[operation.order_key or operation.key]

    @staticmethod
    def _tally(account: _OrderAccount, orders: Counter[Outcome], lines: Counter[Outcome]) -> None:
        orders[account.final.outcome if account.final else Outcome.NOT_STARTED] += 1
        for ended in account.lines.values():
            lines[ended.outcome if ended else Outcome.NOT_STARTED] += 1

    def _failures(self) -> Iterator[Failure]:
        bad = {Outcome.FAILED, Outcome.UNKNOWN}
        for account in self._orders.values():
            if account.item is not None and account.item.outcome in bad:
                yield _failure(
                    TargetKind.ORDER,
                    account.planned.key,
                    account.planned.label,
                    account.customer,
                    account.item,
                )
            for key, ended in account.lines.items():
                if ended is not None and ended.outcome in bad:
                    yield _failure(TargetKind.LINE, key, self._labels[key], account.customer, ended)
        for line in self._plan.orphans:
            yield _failure(TargetKind.LINE, line.key, line.label, "", self._orphans[line.key])

    def _end_lines(self, account: _OrderAccount, ended: Ended) -> None:
        for key, known in account.lines.items():
            if known is None:
                account.lines[key] = ended

    def _skip_lines(self, settled: Settlement, account: _OrderAccount) -> None:
        """Lines under an item that is not on the board: their rows stay as they are."""
        for line in account.planned.lines:
            if account.lines[line.key] is None:
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

    def _archive_lines(self, settled: Settlement, account: _OrderAccount, at: datetime) -> None:
        for line in account.planned.lines:
            account.lines[line.key] = Ended(Outcome.ARCHIVED)
            settled.states.append(
                _undone(RecordKind.LINE, line.key, at)
                if account.undoes
                else StateChange(RecordKind.LINE, line.key, SyncState.SYNCED, at=at)
            )

    @staticmethod
    def _nothing_to_do(settled: Settlement, account: _OrderAccount, line: PlannedLine, at: datetime) -> None:
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
        if change := _state_change(RecordKind.LINE, line.key, ended, at):
            settled.states.append(change)
        settled.findings.extend(_finding_row(RecordKind.LINE, line.key, ended))
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

    def _settle(self, settled: Settlement, account: _OrderAccount, at: datetime) -> bool:
        """Give the order its outcome once all its parts have theirs; True when it has one."""
        if account.final is not None:
            return True
        if account.item is None or any(ended is None for ended in account.lines.values()):
            return False
        final = self._final(account)
        account.final = final
        key = account.planned.key
        if account.withheld is not None:
            pass  # not this run's to write
        elif account.undoes:
            # Otherwise the item may still be there: the order stays what it was, not a failure to be sent.
            settled.states.extend([_undone(RecordKind.ORDER, key, at)] if final.outcome.synced else [])
        elif final.outcome.synced or final.outcome is Outcome.SKIPPED:
            settled.states.append(
                StateChange(RecordKind.ORDER, key, SyncState.SYNCED, account.item_id, at=at)
            )
        elif change := _state_change(RecordKind.ORDER, key, final, at, account.item_id):
            settled.states.append(change)
        if not account.undoes:
            settled.findings.extend(_finding_row(RecordKind.ORDER, key, final))
        if final.outcome is not account.item.outcome or not final.outcome.synced:
            settled.events.append(self._order_event(account, final, None))
        return True

    def _final(self, account: _OrderAccount) -> Ended:
        assert account.item is not None
        if not (account.item.outcome.synced or account.item.outcome is Outcome.SKIPPED):
            return account.item
        outcomes = Counter(ended.outcome for ended in account.lines.values() if ended)
        if outcomes[Outcome.FAILED]:
            return Ended(Outcome.FAILED, self._lines_problem(account, outcomes[Outcome.FAILED]))
        if outcomes[Outcome.UNKNOWN]:
            first = next(e for e in account.lines.values() if e and e.outcome is Outcome.UNKNOWN)
            return Ended(Outcome.UNKNOWN, first.problem)
        if outcomes[Outcome.NOT_STARTED]:
            return Ended(Outcome.NOT_STARTED)
        if account.item.outcome is Outcome.SKIPPED and any(outcome.synced for outcome in outcomes):
            return Ended(Outcome.CHANGED)
        return account.item

    def _lines_problem(self, account: _OrderAccount, failed: int) -> Problem:
        first_key, first = next(
            (key, ended) for key, ended in account.lines.items() if ended and ended.outcome is Outcome.FAILED
        )
        reason = first.problem.title if first.problem else "no reason given"
        return Problem(
            "lines_failed",
            f"{failed} of {len(account.lines)} lines failed: {self._labels[first_key]}: {reason}",
            f"order {account.planned.label}",
            first.problem.remedy if first.problem else "Correct the lines, then send again.",
        )

    def _order_event(self, account: _OrderAccount, ended: Ended, kind: OperationKind | None) -> RecordEnded:
        return RecordEnded(
            TargetKind.ORDER,
            account.planned.key,
            account.planned.label,
            account.customer,
            ended.outcome,
            kind,
            account.item_id,
            code=ended.problem.code if ended.problem else "",
            message=ended.problem.title if ended.problem else "",
            remedy=ended.problem.remedy if ended.problem else "",
        )

    @staticmethod
    def _line_event(
        operation: Operation, account: _OrderAccount, ended: Ended, board_id: str | None
    ) -> RecordEnded:
        return RecordEnded(
            TargetKind.LINE,
            operation.key,
            operation.label,
            account.customer,
            ended.outcome,
            operation.kind,
            board_id,
            operation.order_key,
            ended.problem.code if ended.problem else "",
            ended.problem.title if ended.problem else "",
            ended.problem.remedy if ended.problem else "",
        )


def _takes_lines_along(order: PlannedOrder) -> bool:
    """Archiving an item archives its subitems (reference/items)."""
    takers = {OperationKind.ARCHIVE_ITEM, OperationKind.UNDO_ITEM}
    return order.operation is not None and order.operation.kind in takers


def _undone(kind: RecordKind, key: str, at: datetime) -> StateChange:
    return StateChange(kind, key, SyncState.NEW, at=at, afresh=True)


def undone(order_key: str, line_keys: Iterable[str], at: datetime) -> list[StateChange]:
    """The states of an order whose item was archived to be made afresh, and of its lines."""
    lines = [_undone(RecordKind.LINE, key, at) for key in line_keys]
    return [*lines, _undone(RecordKind.ORDER, order_key, at)]


def _from_findings(findings: Iterable[Finding]) -> Ended:
    first = next(finding for finding in findings if finding.blocks)
    return Ended(Outcome.FAILED, first.problem, first.source)


def _state_change(
    kind: RecordKind, key: str, ended: Ended, at: datetime, board_id: str | None = None
) -> StateChange | None:
    """The row's new state; None when the row stays as it is."""
    message = f"{ended.problem.title}. {ended.problem.remedy}" if ended.problem else None
    match ended.outcome:
        case Outcome.FAILED:
            return StateChange(kind, key, SyncState.ERROR, board_id, error=message, at=at)
        case Outcome.UNKNOWN:
            # Not ERROR: nobody knows yet. The journal keeps it from being sent again unasked.
            return StateChange(
                kind, key, SyncState.PENDING, board_id, error=f"Outcome unknown. {message or ''}", at=at
            )
        case _:
            return None


def _finding_row(kind: RecordKind, key: str, ended: Ended) -> Iterator[FindingRow]:
    if ended.outcome is Outcome.FAILED and ended.problem is not None:
        yield FindingRow(
            kind, key, ended.problem.code, ended.problem.title, ended.problem.remedy, ended.source
        )


def _failure(kind: TargetKind, key: str, label: str, customer: str, ended: Ended) -> Failure:
    problem = ended.problem
    return Failure(
        kind,
        key,
        label,
        customer,
        ended.outcome,
        problem.code if problem else "",
        problem.title if problem else "",
        problem.remedy if problem else "",
    )
