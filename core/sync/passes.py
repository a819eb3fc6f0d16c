"""The two passes of a plan: each customer's items and, under confirmed items, its subitems.

Customers go side by side; the two passes of one customer never overlap. Where a board has one writer at a
time, the first customer's request goes first, so one customer's pass 2 runs beside the next one's pass 1.
"""

import asyncio
from collections import ChainMap, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.sync.bulk.file import ImportRequest, order_key_of
from core.sync.bulk.job import Importer
from core.sync.ledger import Ledger, Settlement
from core.sync.order_account import Ended
from core.sync.outcome import Outcome
from core.sync.plan import (
    Batch,
    Operation,
    OperationKind,
    Plan,
    PlannedRequest,
    Reference,
    TargetKind,
    seal,
    verify,
)
from core.sync.run_context import RunContext
from core.sync.run_groups import RunGroups
from core.sync.sender import Sender, Settle
from core.sync.settling import Settling
from core.sync.verdicts import Judged, Verdict

_SENT_AGAIN = frozenset({Verdict.AGAIN, Verdict.GROUP_GONE})


@dataclass(frozen=True, slots=True)
class RunParts:
    """What all plans of one run are sent with."""

    context: RunContext
    sender: Sender
    importer: Importer
    groups: RunGroups
    settling: Settling


class Passes:
    """Sends one plan: a run's whole one, or a portion of it."""

    def __init__(self, plan: Plan, ledger: Ledger, parts: RunParts) -> None:
        self._plan = plan
        self._ledger = ledger
        self._sender = parts.sender
        self._importer = parts.importer
        self._groups = parts.groups
        self._settling = parts.settling
        self._clock = parts.context.ports.clock
        self._governor = parts.context.ports.governor
        self._control = parts.context.control
        self._tally = parts.context.tally
        # Ids of groups are the run's, those of items are needed for this plan's lines alone.
        self._item_ids: dict[Reference, str] = {}
        self._ids = ChainMap(self._item_ids, parts.groups.ids)

    async def make_groups(self) -> None:
        """Make the groups that the plan misses, or wait for who makes them."""
        await self._groups.make(self._plan, self._ledger.may_touch, self._send_groups)

    async def _send_groups(self, request: PlannedRequest) -> list[Judged]:
        return await self._send(request, lambda _judged: Settlement())

    async def send_customer(self, batch: Batch, rank: int) -> None:
        """Send one customer's part; of several that wait for a board the lowest rank goes first."""
        await self._pass(batch.item_requests, rank)
        await self._pass(batch.subitem_requests, rank)

    async def _pass(self, requests: Sequence[PlannedRequest], rank: int) -> None:
        """One pass of a customer; its requests go side by side where the profile allows several writers."""
        if self._governor.writers_per_board == 1:
            for request in requests:
                await self._send_ready(request, rank)
            return
        # Archivings make room for what is created under the same item, so they have to be over before.
        first = [request for request in requests if _archives(request)]
        for request in first:
            await self._send_ready(request, rank)
        async with asyncio.TaskGroup() as tasks:
            for request in requests[len(first) :]:
                tasks.create_task(
                    self._settling.stopping_at_failure(self._send_ready(request, rank)), name=request.key
                )

    async def _send_ready(self, request: PlannedRequest, rank: int) -> None:
        """Send the operations whose group or parent is on the board; give the others their outcome."""
        if isinstance(request, ImportRequest):
            await self._import(request, rank)
            return
        part = await self._ready(request, request.operations)
        if part is not None:
            await self._send(part, self._settle, rank)

    async def _import(self, request: ImportRequest, rank: int) -> None:
        """Import the orders that are this run's to send, with their lines."""
        if self._sender.full is not None:
            return  # not started, as the end of the run says of whatever has no outcome
        orders = {order_key_of(operation) for operation in request.operations}
        part = request.of_orders({key for key in orders if self._ledger.may_touch(key)})
        if part is None:
            return
        if isinstance(part.group, Reference) and not self._is_there(part.group):
            for operation in part.operations:
                if operation.target is TargetKind.ORDER:
                    ended = self._no_group(part.group)
                    await self._settling.write(self._ledger.ended(operation, ended, self._clock.now()))
            return
        await self._importer.carry_out(part, self._ids, self._check, self._settle, rank)

    async def _ready(self, request: PlannedRequest, operations: Sequence[Operation]) -> PlannedRequest | None:
        ready: list[Operation] = []
        if self._groups.any_removed:
            operations = [self._groups.in_present_group(operation) for operation in operations]
        for operation in operations:
            if not self._ledger.may_send(operation):
                continue  # its end is accounted for already
            if self._sender.full is not None and operation.kind is OperationKind.CREATE_ITEM:
                continue  # not started, as the end of the run says of whatever has no outcome
            missing = self._missing(operation)
            if missing is None:
                ready.append(operation)
            elif missing.kind is TargetKind.GROUP:
                await self._settling.write(
                    self._ledger.ended(operation, self._no_group(missing), self._clock.now())
                )
        if ready == list(request.operations):
            return request
        return _part_of(request, ready) if ready else None

    def _missing(self, operation: Operation) -> Reference | None:
        """The first id that the operation waits for and that is not there."""
        for value in operation.mutation.arguments.values():
            if isinstance(value, Reference) and not self._is_there(value):
                return value
        return None

    def _is_there(self, reference: Reference) -> bool:
        if reference.kind is TargetKind.GROUP:
            return reference in self._groups.ids and self._groups.problem(reference) is None
        return reference in self._item_ids

    def _no_group(self, reference: Reference) -> Ended:
        problem = self._groups.problem(reference)
        if problem is None or self._control.stopping:
            return Ended(Outcome.NOT_STARTED)
        return Ended(Outcome.FAILED, problem)

    async def _send(self, request: PlannedRequest, settle: Settle, rank: int = 0) -> list[Judged]:
        """Send a request, in portions where it is too long for one call at the board's present speed.

        It is halved where the API refuses it as a whole, and what the API asked to send again is sent again.
        """
        # Each part with the number of times that its operations were sent.
        waiting = deque([(request, 1)])
        judged_all: list[Judged] = []
        refusals_left = _refusals_allowed(len(request.operations))
        while waiting:
            part, times = waiting.popleft()
            async with self._governor.writer(part.board_id, rank):
                # Not before: those ahead of it teach what a request should hold.
                part, rest = self._for_one_call(part)
                if rest is not None:
                    waiting.appendleft((rest, times))
                title, group_id = self._groups.group_of(part)
                sent = await self._sender.send(
                    part,
                    self._ids,
                    self._check,
                    _unless_refused(settle) if refusals_left else settle,
                    times=times,
                )
            if len(sent) < len(part.operations):
                left, unsent = part.operations[: len(sent)], part.operations[len(sent) :]
                waiting.appendleft((_part_of(part, unsent), times))
                part = _part_of(part, left)
            if refusals_left and _refused_whole(sent):
                refusals_left -= 1
                middle = len(part.operations) // 2
                for half in (part.operations[middle:], part.operations[:middle]):
                    waiting.appendleft((_part_of(part, half), times))
                continue
            again = [judged.operation for judged in sent if judged.verdict is Verdict.AGAIN]
            if again:
                waiting.append((_part_of(part, again), times + 1))
            homeless = [judged.operation for judged in sent if judged.verdict is Verdict.GROUP_GONE]
            if homeless:
                await self._groups.make_again(request.customer, title, group_id, self._send_groups)
                if housed := await self._ready(part, homeless):
                    waiting.append((housed, times))
            judged_all.extend(judged for judged in sent if judged.verdict not in _SENT_AGAIN)
        return judged_all

    def _for_one_call(self, request: PlannedRequest) -> tuple[PlannedRequest, PlannedRequest | None]:
        """What one call should hold now, and the rest."""
        operations = request.operations
        size = self._governor.portion(
            request.board_id, [operation.mutation.field for operation in operations]
        )
        if size >= len(operations):
            return request, None
        return _part_of(request, operations[:size]), _part_of(request, operations[size:])

    def _check(self, request: PlannedRequest) -> None:
        """Refuse what was not planned, but for groups that had to be made again. Raises DeltaDeskError."""
        verify(request, self._plan.hashes, self._groups.allowed_again)

    def _settle(self, judged: Sequence[Judged]) -> Settlement:
        """The rows and events that follow from a request's verdicts."""
        now = self._clock.now()
        confirmed = [each.verdict for each in judged].count(Verdict.CONFIRMED)
        self._tally.pace.add(confirmed, self._clock.monotonic())
        settled = Settlement()
        for each in judged:
            self._settle_one(settled, each, now)
        return settled

    def _settle_one(self, settled: Settlement, judged: Judged, now: datetime) -> None:
        operation = judged.operation
        match judged.verdict:
            case Verdict.CONFIRMED:
                board_id = judged.board_id or ""
                if operation.target is not TargetKind.LINE:
                    self._item_ids[Reference(operation.target, operation.key)] = board_id
                self._ledger.confirmed(operation, board_id, now, settled)
            case Verdict.REJECTED:
                self._ledger.ended(operation, Ended(Outcome.FAILED, judged.problem), now, settled)
            case Verdict.UNKNOWN:
                self._ledger.ended(operation, Ended(Outcome.UNKNOWN, judged.problem), now, settled)
            case Verdict.NOT_SENT:
                self._ledger.ended(operation, Ended(Outcome.NOT_STARTED), now, settled)
            case Verdict.AGAIN | Verdict.GROUP_GONE:
                pass


def _archives(request: PlannedRequest) -> bool:
    return any(operation.kind is OperationKind.ARCHIVE_SUBITEM for operation in request.operations)


def _unless_refused(settle: Settle) -> Settle:
    """Settle nothing for a request that is refused as a whole: its halves are sent next."""
    return lambda judged: Settlement() if _refused_whole(judged) else settle(judged)


def _refused_whole(judged: Sequence[Judged]) -> bool:
    """Whether the API refused several operations without looking at them singly."""
    return len(judged) > 1 and all(each.whole and each.verdict is Verdict.REJECTED for each in judged)


def _refusals_allowed(operations: int) -> int:
    """Enough halvings to find a few bad operations; a document refused for another reason costs no more."""
    return 4 * max(1, operations.bit_length())


def _part_of(request: PlannedRequest, operations: Sequence[Operation]) -> PlannedRequest:
    return seal(
        PlannedRequest(request.key, request.step, request.customer, request.board_id, tuple(operations))
    )
