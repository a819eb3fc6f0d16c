"""The groups of a run: made before the first pass, and made again where somebody removes one meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
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
from core.sync.run_context import RunContext
from core.sync.verdicts import Judged

Send = Callable[[PlannedRequest], Awaitable[list[Judged]]]
"""Carries out a request that creates groups."""


class RunGroups:
    """Which group each operation goes into; all plans of a run share it."""

    def __init__(self, board_id: str, context: RunContext) -> None:
        self._board_id = board_id
        self._maker = GroupMaker(board_id, context)
        self._titles: dict[str, str] = {}
        """By id, of the groups that were there before the run."""
        self._removed: set[str] = set()
        """Ids of groups that were removed from the board while the run went on."""
        self._making = asyncio.Lock()
        self.ids: dict[Reference, str] = {}
        """The groups that the run has made or waited for."""
        self.allowed_again: frozenset[str] = frozenset()
        """Operations that may be sent beside what was planned, for a group had to be made again."""

    @property
    def created_count(self) -> int:
        """Groups that this run made."""
        return self._maker.created_count

    async def make(self, plan: Plan, may_touch: Callable[[str], bool], send: Send) -> None:
        """Make the groups that a plan misses, or wait for who makes them.

        `may_touch` says whether the run may send anything of an order. What an earlier plan of the same run
        has made, or could not make, is not asked for again.
        """
        self._titles.update({batch.group_id: batch.group_title for batch in plan.batches if batch.group_id})
        if not plan.group_requests:
            return
        async with self._making:
            needed = self._needed(plan, may_touch)
            await self._make(plan.group_requests, needed, send)

    async def _make(self, requests: Sequence[PlannedRequest], titles: Collection[str], send: Send) -> None:
        for request in requests:
            needed = [operation for operation in request.operations if operation.key in titles]
            await self._make_some(request, await self._maker.reserve(needed), send)
        while fallen := await self._maker.wait_for_others():
            for request in requests:
                mine = [operation for operation in request.operations if operation in fallen]
                await self._make_some(request, mine, send)
        self.ids.update(
            {Reference(TargetKind.GROUP, title): found for title, found in self._maker.ids.items()}
        )

    async def _make_some(self, request: PlannedRequest, mine: Sequence[Operation], send: Send) -> None:
        part = narrow(request, mine)
        if part is not None:
            await self._maker.created(await send(part))

    def _needed(self, plan: Plan, may_touch: Callable[[str], bool]) -> set[str]:
        """Titles of groups of customers of whom this run may send something, and that are open yet."""
        return {
            batch.group_title
            for batch in plan.batches
            if batch.group_title not in self._maker.ids
            and batch.group_title not in self._maker.problems
            and any(may_touch(order.key) for order in batch.orders)
        }

    async def make_again(self, customer: str, title: str, removed_id: str, send: Send) -> None:
        """Make a group that was removed under way; several customers may need it, and other runs."""
        group = Reference(TargetKind.GROUP, title)
        async with self._making:
            if title in self._maker.problems or self.ids.get(group, removed_id) != removed_id:
                return  # another customer's orders met it first
            self._removed.add(removed_id)
            if self._maker.removed(title):
                creation = group_creation(self._board_id, title, customer)
                self.allowed_again |= {creation.hash}
                request = PlannedRequest(
                    f"groups / {title} again", Step.GROUPS, customer, self._board_id, (creation,)
                )
                await self._make([seal(request)], {title}, send)

    @property
    def any_removed(self) -> bool:
        """Whether a group that was there has gone, so that its items need another one."""
        return bool(self._removed)

    def in_present_group(self, operation: Operation) -> Operation:
        """The operation, in the group that took the place of a removed one."""
        arguments = operation.mutation.arguments
        removed_id = arguments.get("group_id")
        if not isinstance(removed_id, str) or removed_id not in self._removed:
            return operation
        group = Reference(TargetKind.GROUP, self._titles[removed_id])
        mutation = Mutation(operation.mutation.field, {**arguments, "group_id": group})
        moved = replace(operation, mutation=mutation)
        self.allowed_again |= {moved.hash}
        return moved

    def group_of(self, request: PlannedRequest) -> tuple[str, str]:
        """Title and present id of the group that a request creates items in; empty where it creates none."""
        for operation in request.operations:
            group = operation.mutation.arguments.get("group_id")
            if isinstance(group, Reference):
                return group.key, self.ids[group]
            if group is not None:
                return self._titles[group], group
        return "", ""

    def problem(self, reference: Reference) -> Problem | None:
        """Why a group is missing; None when it is there, or nobody has tried."""
        return self._maker.problems.get(reference.key) if reference.kind is TargetKind.GROUP else None
