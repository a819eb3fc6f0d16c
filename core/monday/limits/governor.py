"""The governor: a request leaves only when every budget of the account and a writer of its board allow it.

It believes the server: the `RateLimit` headers, the `complexity` field of each answer, and every delay that
is asked for (docs/rate-limits, reference/complexity). There are no sleep constants; where nothing is known,
nothing is held back.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, count, takewhile
from typing import Any, Protocol

from core.monday.limits.budgets import ConcurrencyBudget, DailyBudget
from core.monday.limits.hold import Hold
from core.monday.limits.pace import Binding, Pace
from core.monday.limits.readings import told, told_by_header
from core.monday.limits.sizing import CostBook, LatencyBook, portion
from core.monday.limits.state import BudgetState
from core.monday.limits.windows import UNTOLD_SECONDS, WindowBudget
from core.monday.limits.writers import Writers
from core.monday.rate_headers import Budget

WAIT_FOR_COMPLEXITY = "waiting for the minute's complexity budget"
_SPENT = {
    "minuteRate": "waiting for the minute's request budget",
    "complexityMinute": WAIT_FOR_COMPLEXITY,
    "concurrency": "waiting for the account's other requests to end",
}
_LONGEST_WAIT_FOR_A_PLACE = 1.0
"""Seconds. Whoever waits for the end of one of our own requests looks again by then."""

_WORTH_A_CALL = 0.1
"""The part of a request that must fit into the rest of a window, so that it leaves by itself."""
_ASKING_OPERATIONS = 10
"""The most that a request holds which asks what is left of a new minute: others wait for its answer."""


class GovernorClock(Protocol):
    """What the governor needs of time."""

    def monotonic(self) -> float:
        """Seconds since some moment in the past; they only grow."""
        ...

    def now(self) -> datetime:
        """Aware, UTC: the day's calls come back at midnight."""
        ...


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request that may leave. It counts as under way until `release`."""

    number: int
    board_id: str
    names: tuple[str, ...]
    """Its mutations, e.g. `create_item`."""
    sent_at: float
    """Monotonic seconds."""


class Governor:
    """One account's budgets, and the writers of each board."""

    def __init__(self, clock: GovernorClock, *, writers_per_board: int = 1, share: float = 1.0) -> None:
        """`share` (0 to 1) of each budget is used; the rest is left to the account's other integrations."""
        self._clock = clock
        self.writers_per_board = writers_per_board
        """The most that may write one board at once."""
        self._writers: defaultdict[str, Writers] = defaultdict(lambda: Writers(writers_per_board))
        self._blocked_until = 0.0
        self._blocked_reason = ""
        self._complexity = WindowBudget(WAIT_FOR_COMPLEXITY, share, resets_untold=False)
        self._minute = WindowBudget(_SPENT["minuteRate"], share, resets_untold=True)
        self._concurrency = ConcurrencyBudget(share)
        self.daily = DailyBudget(share)
        self._costs = CostBook()
        self._latencies = LatencyBook()
        self._pace = Pace()
        self._numbers = count(1)
        self._under_way: dict[int, Ticket] = {}

    def writer(self, board_id: str, rank: int = 0) -> AbstractAsyncContextManager[None]:
        """The place that a request to this board holds while it is under way.

        The lowest rank comes first, then who asked first.
        """
        return self._writers[board_id].writing(rank)

    def portion(self, board_id: str, names: Sequence[str]) -> int:
        """How many of these mutations, from the first, one request should hold now: 1 to 100."""
        return portion(
            self._latencies.of(board_id),
            self._costs.each(names),
            most_points=self._complexity.most_at_once,
        )

    def admit(self, board_id: str, names: Sequence[str]) -> Ticket | Hold:
        """Let a request with these mutations leave: a ticket, which must be released. Or how long to wait."""
        now = self._clock.monotonic()
        cost = self._costs.of(names)
        hold = self._hold(names, cost, now)
        if hold is not None:
            return hold
        ticket = Ticket(next(self._numbers), board_id, tuple(names), now)
        self._under_way[ticket.number] = ticket
        self._complexity.take(ticket.number, cost, now)
        self._minute.take(ticket.number, 1, now)
        self._pace.sent(now)
        return ticket

    def _hold(self, names: Sequence[str], cost: float, now: float) -> Hold | None:
        if now < self._blocked_until:
            return Hold(self._blocked_until - now, self._blocked_reason)
        if len(names) > _ASKING_OPERATIONS and self._complexity.asks(now):
            return Hold(UNTOLD_SECONDS, WAIT_FOR_COMPLEXITY)
        for hold in (
            self.daily.hold(self._clock.now()),
            self._complexity.hold(cost, now),
            self._minute.hold(1, now),
        ):
            if hold is not None:
                return hold
        # Those under way may not have left yet, and so not be counted among the day's calls.
        calls_left = self.daily.left(self._clock.now())
        is_last = calls_left is not None and calls_left <= len(self._under_way)
        if is_last or not self._concurrency.allows(len(self._under_way), now):
            return Hold(_LONGEST_WAIT_FOR_A_PLACE, _SPENT["concurrency"])
        return None

    def fitting(self, names: Sequence[str]) -> int:
        """How many of these mutations, from the first, what is left of the minute's complexity still takes.

        0 where that is less than a tenth of them: too little to be worth one of the day's calls. Only a few
        while nobody knows what others have used of a new minute: their answer tells.
        """
        now = self._clock.monotonic()
        room = self._complexity.room(now)
        if room is None:
            return len(names)
        costs = accumulate(self._costs.each(names))
        number = sum(1 for _ in takewhile(lambda cost: cost <= room, costs))
        if self._complexity.asks(now):
            return min(number, _ASKING_OPERATIONS)
        return number if number >= _WORTH_A_CALL * len(names) else 0

    def release(self, ticket: Ticket) -> None:
        """An admitted request has its answer, or will not be tried again."""
        self._under_way.pop(ticket.number, None)
        self._complexity.give(ticket.number)
        self._minute.give(ticket.number)

    def block(self, seconds: float, reason: str) -> None:
        """Let nothing leave for so long: the server asked for it."""
        until = self._clock.monotonic() + seconds
        if until > self._blocked_until:
            self._blocked_until, self._blocked_reason = until, reason

    def answered(
        self,
        ticket: Ticket,
        budgets: Mapping[str, Budget],
        complexity: Mapping[str, Any] | None,
        sent_at: float,
    ) -> None:
        """Learn from an answer to the attempt that left at `sent_at`: what is left, and what it has cost."""
        now = self._clock.monotonic()
        points = float((complexity or {}).get("query") or 0)
        if points and ticket.names:
            self._costs.learn(ticket.names, points)
            for number, other in self._under_way.items():
                self._complexity.costs(number, self._costs.of(other.names))
        if points:
            self._complexity.costs(ticket.number, points)
        self._complexity.told(told(_complexity(budgets), complexity, sent_at, now), now, ticket.number)
        self._minute.told(told_by_header(_minute(budgets), now), now, ticket.number)
        self._take_over(budgets, complexity, now)
        self._pace.answered(ticket.board_id, sent_at, now, points)
        if ticket.names:
            operations = len(ticket.names)
            self._latencies.learn(ticket.board_id, now - sent_at, operations)
            self._writers[ticket.board_id].answered((now - sent_at) / operations, operations, sent_at, now)

    def refused(self, ticket: Ticket, *, slow_down: bool, sent_at: float | None = None) -> None:
        """The server refused a request unread: its attempt that left at `sent_at`, the first one by default.

        `slow_down`: there are too many at once (423, 429).
        """
        self._complexity.refused(ticket.number)
        if slow_down:
            left_at = ticket.sent_at if sent_at is None else sent_at
            self._writers[ticket.board_id].slow_down(left_at, self._clock.monotonic())

    def observe(
        self,
        budgets: Mapping[str, Budget],
        complexity: Mapping[str, Any] | None = None,
        sent_at: float | None = None,
    ) -> None:
        """Learn from any answer what is left and when it resets.

        Where it tells what its call has cost, this is a call of ours that nobody admitted.
        """
        now = self._clock.monotonic()
        asked = now if sent_at is None else sent_at
        points = float((complexity or {}).get("query") or 0)
        of_complexity = told(_complexity(budgets), complexity, asked, now)
        of_minute = told_by_header(_minute(budgets), now)
        if points:
            self._complexity.spent(points, of_complexity, asked, now)
            self._minute.spent(1, of_minute, asked, now)
        else:
            self._complexity.told(of_complexity, now)
            self._minute.told(of_minute, now)
        self._take_over(budgets, complexity, now)

    def _take_over(
        self, budgets: Mapping[str, Budget], complexity: Mapping[str, Any] | None, now: float
    ) -> None:
        self._concurrency.told(budgets.get("concurrency", Budget()), len(self._under_way), now)
        body_tells = (complexity or {}).get("after") is not None
        for name, words in _SPENT.items():
            if not (name == "complexityMinute" and body_tells):
                self._wait_for_reset(budgets.get(name), words)

    def _wait_for_reset(self, budget: Budget | None, reason: str) -> None:
        """With nothing left, nothing leaves until the reset, or for a window (docs/rate-limits)."""
        if budget is None or budget.left != 0:
            return
        seconds = budget.window_seconds if budget.reset_seconds is None else budget.reset_seconds
        if seconds is not None:
            self.block(seconds, reason)

    @property
    def binding(self) -> Binding | None:
        """The limit that held the last minute back most; None where no answer came in it."""
        return self._pace.nearest(
            self._clock.monotonic(),
            complexity_quota=self._complexity.quota,
            minute_quota=self._minute.quota,
            writers=max((each.limit for each in self._writers.values()), default=1),
        )

    @property
    def state(self) -> BudgetState:
        """What is left now."""
        now = self._clock.monotonic()
        resets = self._complexity.resets_at
        return BudgetState(
            complexity_left=self._complexity.left,
            complexity_quota=self._complexity.quota,
            complexity_reset_seconds=None if resets is None else max(0.0, resets - now),
            minute_left=self._minute.left,
            minute_quota=self._minute.quota,
            concurrency_left=self._concurrency.left,
            concurrency_quota=self._concurrency.quota,
            calls_left_today=self.daily.left(self._clock.now()),
            calls_a_day=self.daily.total,
        )


def _complexity(budgets: Mapping[str, Budget]) -> Budget:
    return budgets.get("complexityMinute", Budget())


def _minute(budgets: Mapping[str, Budget]) -> Budget:
    return budgets.get("minuteRate", Budget())
