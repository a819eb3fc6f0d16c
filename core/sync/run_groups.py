"""The groups of a run: made before its first pass, and made again where somebody removes one meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from core.errors import Problem
from core.monday.documents import Mutation
from core.sync.groups import GroupMaker
from core.sync.plan import (
    Operation,
    Plan,
    PlannedRequest,
    Reference,
    Step,
    TargetKind,
    group_creation,
    narrow,
    seal,
)
from core.sync.sender import RunContext
from core.sync.verdicts import Judged


class RunGroups:
    """Which group each operation goes into.

    `ids` is the run's own table of ids and is kept up to date; `may_touch` says whether the run may send
    anything of an order; `send` carries out a request that creates groups.
    """

    def __init__(
        self,
        plan: Plan,
        context: RunContext,
        ids: dict[Reference, str],
        may_touch: Callable[[str], bool],
        send: Callable[[PlannedRequest], Awaitable[list[Judged]]],
    ) -> None:
        self._plan = plan
        self._ids = ids
        self._may_touch = may_touch
        self._send = send
        self._maker = GroupMaker(plan.board_id, context)
        self._titles = {batch.group_id: batch.group_title for batch in plan.batches if batch.group_id}
        self._removed: set[str] = set()
        """Ids of groups that were removed from the board while the run went on."""
        self._making_again = asyncio.Lock()
        self.allowed = plan.operation_hashes
        """What may be sent: what was planned, but for groups that had to be made again."""

    @property
    def created_count(self) -> int:
        """Groups that this run made."""
        return self._maker.created_count

    async def make(self) -> None:
        """Make the groups that the plan misses, or wait for who makes them."""
        await self._make(self._plan.group_requests)

    async def _make(self, requests: Sequence[PlannedRequest]) -> None:
        for request in requests:
            mine = await self._maker.reserve(self._needed(request.operations))
            await self._make_some(request, mine)
        while fallen := await self._maker.wait_for_others():
            for request in requests:
                mine = [operation for operation in request.operations if operation in fallen]
                await self._make_some(request, mine)
        self._ids.update(
            {Reference(TargetKind.GROUP, title): found for title, found in self._maker.ids.items()}
        )

    async def _make_some(self, request: PlannedRequest, mine: Sequence[Operation]) -> None:
        part = narrow(request, mine)
        if part is not None:
            await self._maker.created(await self._send(part))

    def _needed(self, creations: Sequence[Operation]) -> list[Operation]:
        """Groups of customers of whom this run may send something."""
        needed = {
            batch.group_title
            for batch in self._plan.batches
            if any(self._may_touch(order.key) for order in batch.orders)
        }
        return [operation for operation in creations if operation.key in needed]

    async def make_again(self, customer: str, title: str, removed_id: str) -> None:
        """Make a group that was removed under way; several customers may need it, and other runs."""
        group = Reference(TargetKind.GROUP, title)
        async with self._making_again:
            if title in self._maker.problems or self._ids.get(group, removed_id) != removed_id:
                return  # another customer's orders met it first
            self._removed.add(removed_id)
            if self._maker.removed(title):
                creation = group_creation(self._plan.board_id, title, customer)
                self.allowed |= {creation.hash}
                request = PlannedRequest(
                    f"groups / {title} again", Step.GROUPS, customer, self._plan.board_id, (creation,)
                )
                await self._make([seal(request)])

    def in_present_group(self, operation: Operation) -> Operation:
        """The operation, in the group that took the place of a removed one."""
        arguments = operation.mutation.arguments
        removed_id = arguments.get("group_id")
        if not isinstance(removed_id, str) or removed_id not in self._removed:
            return operation
        group = Reference(TargetKind.GROUP, self._titles[removed_id])
        mutation = Mutation(operation.mutation.field, {**arguments, "group_id": group})
        moved = replace(operation, mutation=mutation)
        self.allowed |= {moved.hash}
        return moved

    def group_of(self, request: PlannedRequest) -> tuple[str, str]:
        """Title and present id of the group that a request creates items in; empty where it creates none."""
        for operation in request.operations:
            group = operation.mutation.arguments.get("group_id")
            if isinstance(group, Reference):
                return group.key, self._ids[group]
            if group is not None:
                return self._titles[group], group
        return "", ""

    def problem(self, reference: Reference) -> Problem | None:
        """Why a group is missing; None when it is there, or nobody has tried."""
        return self._maker.problems.get(reference.key) if reference.kind is TargetKind.GROUP else None
