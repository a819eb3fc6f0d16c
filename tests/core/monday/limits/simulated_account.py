"""An account whose budgets are the practice board's own, and clients that push to it in virtual time.

No time passes in earnest: where everybody waits, it is at once the moment for which somebody waits.
"""

import asyncio
import random
import selectors
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from core.monday.limits import Governor, Hold
from core.monday.rate_headers import Budget, parse_rate_headers
from core.sandbox.limits import Limits
from core.sandbox.plans import PLANS, Plan

WINDOW_SECONDS = 60.0
POINTS_EACH = 10_011
"""Of a creation that asks back an id."""
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class _SkippingSelector(selectors.DefaultSelector):
    """Reports what is ready now, and lets the time pass for which it should have waited."""

    skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for nothing but time. Raises RuntimeError where nobody would ever wake."""
        if timeout is None:
            raise RuntimeError("everybody waits for somebody else")
        self.skipped += max(0.0, timeout)
        return super().select(0)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only while everybody waits, and then at once."""

    def __init__(self) -> None:
        self._skipping = _SkippingSelector()
        super().__init__(self._skipping)

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._skipping.skipped


class LoopClock:
    """The time of the loop that runs."""

    def monotonic(self) -> float:
        """Seconds since the loop was made."""
        return asyncio.get_running_loop().time()

    def now(self) -> datetime:
        """Aware, UTC."""
        return START + timedelta(seconds=self.monotonic())


class RefusedError(Exception):
    """A call was refused for a budget."""

    def __init__(self, seconds: float, budgets: Mapping[str, Budget]) -> None:
        super().__init__(f"retry in {seconds} seconds")
        self.seconds = seconds
        self.budgets = budgets


@dataclass(frozen=True)
class Seconds:
    """How long everything takes."""

    request: float = 0.08
    mutation: float = 0.12
    jitter: float = 0.04
    """A mutation takes so much more or less."""
    way: float = 0.01
    """Between a client and the account, there and back each."""


@dataclass
class Window:
    """What was used of one window of the complexity budget."""

    opened_at: float
    points: dict[str, int] = field(default_factory=dict)
    """By client."""
    refused: dict[str, int] = field(default_factory=dict)
    """Calls, by client."""


class Account:
    """One account and its boards: it charges, refuses, waits and answers as the practice board does."""

    def __init__(self, plan: Plan, writers_per_board: int, seconds: Seconds) -> None:
        self.plan = plan
        self._seconds = seconds
        self._limits = Limits(plan, LoopClock())
        self._boards: dict[str, asyncio.Semaphore] = {}
        self._writers = writers_per_board
        self._random = random.Random(1)
        self.windows: list[Window] = []

    async def call(
        self, client: str, board_id: str, mutations: int
    ) -> tuple[Mapping[str, Budget], dict[str, int]]:
        """Carry out so many creations: what headers and body tell. Raises RefusedError."""
        await asyncio.sleep(self._seconds.way)
        points = mutations * POINTS_EACH
        before = self._charge(client, points)
        try:
            await asyncio.sleep(self._seconds.request)
            reset = self._limits.complexity_reset
            async with self._boards.setdefault(board_id, asyncio.Semaphore(self._writers)):
                await asyncio.sleep(sum(self._mutation_seconds() for _ in range(mutations)))
            self._limits.settle(points, points)
            budgets = self._budgets()
        finally:
            self._limits.leave()
        await asyncio.sleep(self._seconds.way)
        after = before - points
        return budgets, {"before": before, "query": points, "after": after, "reset_in_x_seconds": reset}

    def _mutation_seconds(self) -> float:
        jitter = self._seconds.jitter
        return self._seconds.mutation + self._random.uniform(-jitter, jitter)

    def _charge(self, client: str, points: int) -> int:
        """Count a call in; returns what was left before it."""
        refused = self._limits.admit("")
        if refused is None:
            before = self._limits.complexity_left
            refused = self._limits.charge(points, "")
            if refused is None:
                if before == self.plan.complexity_per_minute:
                    self.windows.append(Window(asyncio.get_running_loop().time()))
                used = self.windows[-1].points
                used[client] = used.get(client, 0) + points
                return before
            self._limits.leave()
        if self.windows:
            calls = self.windows[-1].refused
            calls[client] = calls.get(client, 0) + 1
        raise RefusedError(float(refused.headers["Retry-After"]), self._budgets())

    def _budgets(self) -> Mapping[str, Budget]:
        headers = self._limits.headers()
        return parse_rate_headers(headers["RateLimit-Policy"], headers["RateLimit"])

    @property
    def seconds_to_reset(self) -> float:
        """Until the present window of the complexity budget ends."""
        if not self.windows:
            return 0.0
        return self.windows[-1].opened_at + WINDOW_SECONDS - asyncio.get_running_loop().time()

    async def spend(self, client: str, points: int) -> None:
        """Use so much at once, as soon as the account allows it."""
        while True:
            try:
                self._charge(client, points)
            except RefusedError as refusal:
                await asyncio.sleep(refusal.seconds)
            else:
                self._limits.leave()
                return


OURS, OTHER = "ours", "other"
BOARDS = ("items", "subitems")


async def _write(pushed: "Pushed", board_id: str, records: int) -> None:
    governor = pushed.governor
    while True:
        async with governor.writer(board_id):
            names = ("create_item",) * records
            await _send(pushed, board_id, names[: governor.portion(board_id, names)])


async def _send(pushed: "Pushed", board_id: str, whole: tuple[str, ...]) -> None:
    """Send as much of it as the budgets allow, as `core.sync.sender` does."""
    account, governor, clock = pushed.account, pushed.governor, LoopClock()
    names = whole
    while isinstance(ticket := governor.admit(board_id, names), Hold):
        if 0 < (fitting := governor.fitting(names)) < len(names):
            names = whole[:fitting]
        else:
            names = whole
            await asyncio.sleep(ticket.seconds)
    try:
        while True:
            left_at = clock.monotonic()
            try:
                budgets, complexity = await account.call(OURS, board_id, len(names))
            except RefusedError as refusal:
                governor.observe(refusal.budgets, sent_at=left_at)
                governor.refused(ticket, slow_down=True, sent_at=left_at)
                governor.block(refusal.seconds, "asked to")
                await asyncio.sleep(refusal.seconds)
            else:
                governor.answered(ticket, budgets, complexity, left_at)
                pushed.seen_of_others = max(pushed.seen_of_others, governor._complexity._others.seen)
                return
    finally:
        governor.release(ticket)


Other = Callable[[Account], Awaitable[None]]
"""Another client of the account: it works until it is cancelled."""


@dataclass
class Pushed:
    """How it went to push beside the others."""

    account: Account
    governor: Governor
    share: float
    seen_of_others: float = 0.0
    """The most points that the governor took for theirs in one window."""

    def used(self, client: str = OURS) -> list[float]:
        """The part of the budget that a client used in each whole window after the first."""
        quota = self.account.plan.complexity_per_minute
        return [window.points.get(client, 0) / quota for window in self.account.windows[1:-1]]

    def sustained(self, client: str = OURS) -> float:
        """The part of the budget that a client used from the second window to the last whole one."""
        windows = self.account.windows
        return sum(self.used(client)) / ((windows[-1].opened_at - windows[1].opened_at) / WINDOW_SECONDS)

    def of_the_rest(self) -> float:
        """The part that was used of what others left of the share."""
        return self.sustained() / (self.share - self.sustained(OTHER))

    def refused(self, client: str = OURS) -> int:
        """Calls after the first window."""
        return sum(window.refused.get(client, 0) for window in self.account.windows[1:])


def push_beside(
    *others: Other,
    plan: Plan = PLANS["pro"],
    writers: int = 6,
    share: float = 1.0,
    minutes: float = 10,
    records_per_request: int = 100,
    seconds: Seconds = Seconds(),
    boards: Sequence[str] = BOARDS,
) -> Pushed:
    """Create without end on these boards, as a run does, for so long."""

    async def work() -> Pushed:
        governor = Governor(LoopClock(), writers_per_board=writers, share=share)
        pushed = Pushed(Account(plan, writers, seconds), governor, share)
        beside = [asyncio.ensure_future(other(pushed.account)) for other in others]
        with suppress(TimeoutError):
            async with asyncio.timeout(60 * minutes):
                # As runs do, it makes a group first, whose answer tells the quotas.
                await _send(pushed, boards[0], ("create_group",))
                async with asyncio.TaskGroup() as tasks:
                    for board_id in [*boards] * writers:
                        tasks.create_task(_write(pushed, board_id, records_per_request))
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        return pushed

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work())


def steadily(points_a_minute: int, every: float = 2.0, *, until: float = float("inf")) -> Other:
    """A client that uses so much in equal portions, until it stops."""

    async def work(account: Account) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(every / 3)
        due = loop.time()
        while loop.time() < until:
            await account.spend(OTHER, round(points_a_minute * every / 60))
            due += every
            await asyncio.sleep(max(0.0, due - loop.time()))

    return work


def at_the_beginning(points: int, calls: int = 10) -> Other:
    """A client that uses so much as soon as each window begins."""

    async def work(account: Account) -> None:
        await asyncio.sleep(0.5)
        while True:
            for _ in range(calls):
                await account.spend(OTHER, points // calls)
                await asyncio.sleep(0.05)
            await asyncio.sleep(max(0.0, account.seconds_to_reset) + 0.001)

    return work


def every_minute(points: int, first: float, calls: int = 10) -> Other:
    """A client that uses so much at one moment of each minute; what is refused follows."""

    async def work(account: Account) -> None:
        loop = asyncio.get_running_loop()
        due = first
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            for _ in range(calls):
                await account.spend(OTHER, points // calls)
            due += WINDOW_SECONDS

    return work
