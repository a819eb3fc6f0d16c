"""Makes each missing group once, however many customers, runs or machines need it.

`create_group` is not unique by title (reference/groups), so the right to create one is taken in the orders
database first: a unique key decides between workers. Who comes second waits for the first one's id, and takes
its turn over when nothing moved for a while. A group that somebody removes while the run goes on is made
again, once.
"""

import asyncio
from collections.abc import Mapping, Sequence

from core.errors import Problem
from core.orders.group_reservations import GROUP_RESERVATION, Reservation
from core.sync.events import RecordEnded, Waiting
from core.sync.outcome import Outcome
from core.sync.plan import Operation, OperationKind, TargetKind
from core.sync.run_context import RunContext
from core.sync.verdicts import Judged, Verdict

_ASK_AGAIN_SECONDS = 2.0


class GroupMaker:
    """The groups of one run on one board."""

    def __init__(self, board_id: str, context: RunContext) -> None:
        self._board_id = board_id
        self._run_id = context.run_id
        self._api = context.ports.api
        self._journal = context.ports.journal
        self._clock = context.ports.clock
        self._control = context.control
        self._emit = context.emit
        self._tally = context.tally
        self._ids: dict[str, str] = {}
        self._others: dict[str, Operation] = {}
        self._watched: dict[str, tuple[str, float]] = {}
        """Who else makes a group, and since when this run has been seeing that; monotonic seconds."""
        self._removed: set[str] = set()
        """Titles of groups that were removed while the run went on."""
        self._asked_for: set[str] = set()
        """Titles whose creation this run sent."""
        self.problems: dict[str, Problem] = {}
        """Why a group is missing, by title."""
        self.created_count = 0

    async def reserve(self, operations: Sequence[Operation]) -> list[Operation]:
        """The groups that this run is to create; others make or made the rest."""
        mine: list[Operation] = []
        on_board: Mapping[str, str] | None = None
        for operation in operations:
            found = await self._reserve(operation.key)
            if found.group_id is not None:
                # Somebody made it since the plan; it may have been removed by hand since then.
                on_board = on_board if on_board is not None else await self._on_board()
                if operation.key in on_board:
                    self._ids[operation.key] = on_board[operation.key]
                    continue
                await asyncio.to_thread(
                    self._journal.forget_group, self._board_id, operation.key, found.group_id
                )
                found = await self._reserve(operation.key)
            if found.mine:
                mine.append(operation)
            else:
                self._others[operation.key] = operation
        return mine

    def removed(self, title: str) -> bool:
        """Take note that the board has a group no longer; True when it may be made again.

        False the second time: somebody keeps removing it.
        """
        if title in self._removed:
            problem = self._problem(
                title,
                "The group was removed from the board again while the run went on",
                "Find out who removes the group, then send the orders again.",
            )
            self.problems[title] = problem
            return False
        self._removed.add(title)
        self._ids.pop(title, None)
        self._asked_for.discard(title)
        return True

    async def created(self, judged: Sequence[Judged]) -> None:
        """Take over what came of this run's own creations."""
        for each in judged:
            title = each.operation.key
            self._asked_for.add(title)
            if each.verdict is Verdict.CONFIRMED and each.board_id:
                self._ids[title] = each.board_id
                self.created_count += 1
                await asyncio.to_thread(self._journal.group_created, self._board_id, title, each.board_id)
                self._tell(each.operation, Outcome.CREATED, None, each.board_id)
            elif each.verdict is Verdict.UNKNOWN:
                # Perhaps it was made: the board is asked before anybody creates it again.
                self._others[title] = each.operation
            else:
                await self._give_back(title)
                if each.problem is not None:
                    self._fail(each.operation, each.problem.title, each.problem.remedy)

    @property
    def ids(self) -> Mapping[str, str]:
        """Ids by title, as far as they are known."""
        return self._ids

    async def wait_for_others(self) -> list[Operation]:
        """Wait for the groups that other workers make.

        Returns those that fall to this run, because the worker that was to make them has ended.
        """
        fallen: list[Operation] = []
        while self._others and not self._control.stopping:
            on_board = await self._on_board()
            for title in [title for title in self._others if title in on_board]:
                self._ids[title] = on_board[title]
                await asyncio.to_thread(self._journal.group_created, self._board_id, title, on_board[title])
                del self._others[title]
            for title in list(self._others):
                found = await self._reserve(title, self._silent(title))
                if found.group_id is not None:
                    # The other worker made it after the board was asked.
                    self._ids[title] = found.group_id
                    del self._others[title]
                elif not found.mine:
                    self._watch(title, found.holder)
                elif title in self._asked_for:
                    # Sent, not refused, and not there: the next run asks the board before it makes it.
                    operation = self._others.pop(title)
                    await self._give_back(title)
                    self._fail(operation, "The group was not created", "Run again.")
                else:
                    fallen.append(self._others.pop(title))
            if fallen:
                break
            if self._others:
                reason = f"waiting for another worker to make the group {next(iter(self._others))}"
                self._emit(Waiting(reason, _ASK_AGAIN_SECONDS))
                if not await self._control.interruptible(self._clock.sleep(_ASK_AGAIN_SECONDS)):
                    break
        return fallen

    async def _on_board(self) -> Mapping[str, str]:
        self._tally.calls += 1
        return await self._api.group_ids(self._board_id)

    def _watch(self, title: str, holder: str) -> None:
        known = self._watched.get(title)
        if known is None or known[0] != holder:
            self._watched[title] = (holder, self._clock.monotonic())

    def _silent(self, title: str) -> str:
        """Who has been making a group for so long that its turn is over; empty where nobody has."""
        holder, since = self._watched.get(title, ("", 0.0))
        over = self._clock.monotonic() - since >= GROUP_RESERVATION.total_seconds()
        return holder if over else ""

    async def _give_back(self, title: str) -> None:
        await asyncio.to_thread(self._journal.give_group_back, self._board_id, title, self._run_id)

    async def _reserve(self, title: str, silent: str = "") -> Reservation:
        return await asyncio.to_thread(
            self._journal.reserve_group,
            self._board_id,
            title,
            self._run_id,
            self._clock.now(),
            silent=silent,
        )

    @staticmethod
    def _problem(title: str, message: str, remedy: str) -> Problem:
        return Problem("group_not_created", f"{message} (group {title})", f"group {title}", remedy)

    def _fail(self, operation: Operation, message: str, remedy: str) -> None:
        problem = self._problem(operation.key, message, remedy)
        self.problems[operation.key] = problem
        self._tell(operation, Outcome.FAILED, problem, None)

    def _tell(
        self, operation: Operation, outcome: Outcome, problem: Problem | None, group_id: str | None
    ) -> None:
        self._emit(
            RecordEnded(
                TargetKind.GROUP,
                operation.key,
                operation.label,
                operation.customer,
                outcome,
                OperationKind.CREATE_GROUP,
                group_id,
                code=problem.code if problem else "",
                message=problem.title if problem else "",
                remedy=problem.remedy if problem else "",
            )
        )
