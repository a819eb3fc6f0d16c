"""The governor: how much of each budget is left, and how long a request must wait for it.

It believes the server: the `RateLimit` headers and the `complexity` field of each answer (docs/rate-limits,
reference/complexity). There are no sleep constants; where nothing is known, nothing is held back.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from core.monday.rate_headers import Budget

FIRST_GUESS_PER_OPERATION = 10_000
"""Complexity points of one creation (docs/development-best-practices) until an answer tells."""

_SPENT = {
    "minuteRate": "waiting for the minute's request budget",
    "complexityMinute": "waiting for the minute's complexity budget",
    "concurrency": "waiting for the account's other requests to end",
}


class MonotonicClock(Protocol):
    """Seconds that only grow."""

    def monotonic(self) -> float:
        """Seconds since some moment in the past."""
        ...


@dataclass(frozen=True, slots=True)
class Hold:
    """A request must wait."""

    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class BudgetState:
    """What is left, as far as the server told; None where it did not."""

    complexity_left: int | None = None
    complexity_quota: int | None = None
    complexity_reset_seconds: float | None = None
    minute_left: int | None = None
    minute_quota: int | None = None
    concurrency_left: int | None = None
    concurrency_quota: int | None = None


class Governor:
    """One account's budgets, and one writer at a time for each board.

    The provider advises against parallel writes on one board (docs/development-best-practices).
    """

    def __init__(self, clock: MonotonicClock) -> None:
        self._clock = clock
        self._writers: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._blocked_until = 0.0
        self._blocked_reason = ""
        self._complexity_left: int | None = None
        self._complexity_resets_at: float | None = None
        self._budgets: Mapping[str, Budget] = {}
        self._per_operation = float(FIRST_GUESS_PER_OPERATION)
        self._under_way = 0
        """Operations admitted whose answers have not come: their cost is not in the server's figures yet."""

    def writer(self, board_id: str) -> asyncio.Lock:
        """The lock that a request to this board holds while it is under way; first come, first served."""
        return self._writers[board_id]

    def admit(self, operations: int) -> Hold | None:
        """Let a request of so many operations leave: None, and `release` must follow. Or how long to wait."""
        hold = self._hold(operations)
        if hold is None:
            self._under_way += operations
        return hold

    def _hold(self, operations: int) -> Hold | None:
        now = self._clock.monotonic()
        if now < self._blocked_until:
            return Hold(self._blocked_until - now, self._blocked_reason)
        if self._complexity_left is None or self._complexity_resets_at is None:
            return None
        if now >= self._complexity_resets_at:
            self._complexity_left = None
            return None
        if self._complexity_left < self._per_operation * (operations + self._under_way):
            return Hold(self._complexity_resets_at - now, "waiting for the minute's complexity budget")
        return None

    def release(self, operations: int) -> None:
        """An admitted request has its answer, or will not be tried again."""
        self._under_way -= operations

    def block(self, seconds: float, reason: str) -> None:
        """Let nothing leave for so long: the server asked for it."""
        until = self._clock.monotonic() + seconds
        if until > self._blocked_until:
            self._blocked_until, self._blocked_reason = until, reason

    def observe(
        self, budgets: Mapping[str, Budget], complexity: Mapping[str, Any] | None, operations: int
    ) -> None:
        """Learn from an answer: what is left, when it resets, and what an operation costs."""
        self._budgets = budgets or self._budgets
        now = self._clock.monotonic()
        told = budgets.get("complexityMinute")
        if told is not None and told.left is not None:
            self._complexity_left = told.left
            if told.reset_seconds is not None:
                self._complexity_resets_at = now + told.reset_seconds
        if complexity:
            if complexity.get("after") is not None:
                self._complexity_left = int(complexity["after"])
            if complexity.get("reset_in_x_seconds") is not None:
                self._complexity_resets_at = now + float(complexity["reset_in_x_seconds"])
            cost = complexity.get("query")
            if cost and operations:
                # The dearest seen: too careful costs seconds, too bold costs a refused call.
                self._per_operation = max(self._per_operation, float(cost) / operations)
        for name, words in _SPENT.items():
            self._wait_for_reset(budgets.get(name), words)

    def _wait_for_reset(self, budget: Budget | None, reason: str) -> None:
        """With nothing left, nothing leaves until the reset, or for a window (docs/rate-limits)."""
        if budget is None or budget.left != 0:
            return
        seconds = budget.window_seconds if budget.reset_seconds is None else budget.reset_seconds
        if seconds is not None:
            self.block(seconds, reason)

    @property
    def state(self) -> BudgetState:
        """What is left now."""
        resets = self._complexity_resets_at
        minute = self._budgets.get("minuteRate", Budget())
        concurrency = self._budgets.get("concurrency", Budget())
        return BudgetState(
            complexity_left=self._complexity_left,
            complexity_quota=self._budgets.get("complexityMinute", Budget()).quota,
            complexity_reset_seconds=None if resets is None else max(0.0, resets - self._clock.monotonic()),
            minute_left=minute.left,
            minute_quota=minute.quota,
            concurrency_left=concurrency.left,
            concurrency_quota=concurrency.quota,
        )
