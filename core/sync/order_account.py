"""The account of one order in a run: how item and lines ended, and what that makes of the order. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from core.errors import Problem
from core.sync.events import RecordEnded
from core.sync.outcome import Outcome
from core.sync.plan import Operation, OperationKind, PlannedOrder, Reference, TargetKind
from core.sync.report import Failure


@dataclass(frozen=True, slots=True)
class Ended:
    """How one record ended, and why when it is not on the board."""

    outcome: Outcome
    problem: Problem | None = None
    source: str = ""
    """The source column to correct, where it is known."""


@dataclass(slots=True)
class OrderAccount:
    """One order with its lines."""

    planned: PlannedOrder
    customer: str
    item_id: str | None
    item: Ended | None = None
    lines: dict[str, Ended | None] = field(default_factory=dict)
    final: Ended | None = None
    withheld: Problem | None = None
    """Why this run must not touch the order: another worker has it, or it changed since it was planned."""
    continuations: dict[str, Ended | None] = field(default_factory=dict)
    """How the operations on its continuation items ended, by their keys."""
    continuation_ids: dict[str, str] = field(default_factory=dict)
    _above: dict[str, str | Reference] | None = None
    """Line -> the continuation item above it; made when it is first asked for."""

    @property
    def undoes(self) -> bool:
        """Whether the item is archived to be made afresh."""
        operation = self.planned.operation
        return operation is not None and operation.kind is OperationKind.UNDO_ITEM

    @property
    def all_ended(self) -> bool:
        """Whether the items and every line have ended."""
        if self.item is None:
            return False
        # From the last line on: while a request is settled, that is where the open ones are.
        for ended in reversed(self.lines.values()):
            if ended is None:
                return False
        return None not in self.continuations.values()

    @property
    def items_synced(self) -> bool:
        """Whether everything was done with the order's items that there was to do."""
        parts = (self.item, *self.continuations.values())
        return all(ended is not None and ended.outcome.synced for ended in parts)

    @property
    def may_send_lines(self) -> bool:
        """Whether the order's item is confirmed on the board."""
        return (
            self.item_id is not None
            and self.item is not None
            and (self.item.outcome.synced or self.item.outcome is Outcome.SKIPPED)
        )

    def above(self, line_key: str) -> str | Reference | None:
        """The continuation item that a line hangs under; None: the order's own item."""
        if self._above is None:
            self._above = {
                line.key: line.continuation for line in self.planned.lines if line.continuation is not None
            }
        return self._above.get(line_key)

    def id_of(self, above: str | Reference | None) -> str | None:
        """The id of what `above` says a line hangs under."""
        if isinstance(above, Reference):
            return self.continuation_ids.get(above.key)
        return above or self.item_id

    def end_continuations(self, ended: Ended) -> None:
        """Give every continuation item that has not ended the same end."""
        for key, known in self.continuations.items():
            if known is None:
                self.continuations[key] = ended

    def label_of(self, line_key: str) -> str:
        """One of the order's lines as an operator names it."""
        return next(line.label for line in self.planned.lines if line.key == line_key)

    def end_lines(self, ended: Ended) -> None:
        """Give every line that has not ended the same end."""
        for key, known in self.lines.items():
            if known is None:
                self.lines[key] = ended

    def tally(self, orders: Counter[Outcome], lines: Counter[Outcome]) -> None:
        """Count the order and its lines in; what has not ended was not started."""
        orders[self.final.outcome if self.final else Outcome.NOT_STARTED] += 1
        for ended in self.lines.values():
            lines[ended.outcome if ended else Outcome.NOT_STARTED] += 1

    def failures(self) -> Iterator[Failure]:
        """The order's items, as one, and each of its lines that failed or whose outcome is unknown."""
        bad = {Outcome.FAILED, Outcome.UNKNOWN}
        order = self.planned
        items = (self.item, *self.continuations.values())
        worst = next((ended for ended in items if ended is not None and ended.outcome in bad), None)
        if worst is not None:
            yield failure_of(TargetKind.ORDER, order.key, order.label, self.customer, worst)
        for line in order.lines:
            ended = self.lines[line.key]
            if ended is not None and ended.outcome in bad:
                yield failure_of(TargetKind.LINE, line.key, line.label, self.customer, ended)

    def conclusion(self) -> Ended:
        """What the ends of the item and of the lines make of the order; all of them are known."""
        assert self.item is not None
        if self._is_all_synced or not (self.item.outcome.synced or self.item.outcome is Outcome.SKIPPED):
            return self.item
        outcomes = Counter(ended.outcome for ended in self.lines.values() if ended)
        failed_item = next(self._continuations_with(Outcome.FAILED), None)
        if failed_item is not None or outcomes[Outcome.FAILED]:
            return failed_item or Ended(Outcome.FAILED, self._lines_problem(outcomes[Outcome.FAILED]))
        outcomes.update(ended.outcome for ended in self.continuations.values() if ended)
        if outcomes[Outcome.UNKNOWN]:
            of_lines = (e for e in self.lines.values() if e and e.outcome is Outcome.UNKNOWN)
            first = next(chain(self._continuations_with(Outcome.UNKNOWN), of_lines))
            return Ended(Outcome.UNKNOWN, first.problem)
        if outcomes[Outcome.NOT_STARTED]:
            return Ended(Outcome.NOT_STARTED)
        if self.item.outcome is Outcome.SKIPPED and any(outcome.synced for outcome in outcomes):
            return next(self._continuations_with(Outcome.ARCHIVED), Ended(Outcome.CHANGED))
        return self.item

    @property
    def _is_all_synced(self) -> bool:
        """Whether the order has no items but its own, and nothing went wrong: the usual end."""
        assert self.item is not None
        if self.continuations or not self.item.outcome.synced:
            return False
        return all(ended is not None and ended.outcome.synced for ended in self.lines.values())

    def _continuations_with(self, outcome: Outcome) -> Iterator[Ended]:
        return (ended for ended in self.continuations.values() if ended and ended.outcome is outcome)

    def _lines_problem(self, failed: int) -> Problem:
        first_key, first = next(
            (key, ended) for key, ended in self.lines.items() if ended and ended.outcome is Outcome.FAILED
        )
        reason = first.problem.title if first.problem else "no reason given"
        return Problem(
            "lines_failed",
            f"{failed} of {len(self.lines)} lines failed: {self.label_of(first_key)}: {reason}",
            f"order {self.planned.label}",
            first.problem.remedy if first.problem else "Correct the lines, then send again.",
        )

    def order_event(self, ended: Ended, kind: OperationKind | None) -> RecordEnded:
        """What is told of the order."""
        return RecordEnded(
            TargetKind.ORDER,
            self.planned.key,
            self.planned.label,
            self.customer,
            ended.outcome,
            kind,
            self.item_id,
            code=ended.problem.code if ended.problem else "",
            message=ended.problem.title if ended.problem else "",
            remedy=ended.problem.remedy if ended.problem else "",
        )

    def line_event(self, operation: Operation, ended: Ended, board_id: str | None) -> RecordEnded:
        """What is told of a line that was to be sent."""
        return RecordEnded(
            TargetKind.LINE,
            operation.key,
            operation.label,
            self.customer,
            ended.outcome,
            operation.kind,
            board_id,
            operation.order_key,
            ended.problem.code if ended.problem else "",
            ended.problem.title if ended.problem else "",
            ended.problem.remedy if ended.problem else "",
        )


def failure_of(kind: TargetKind, key: str, label: str, customer: str, ended: Ended) -> Failure:
    """How the report tells of a record that ended so."""
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
