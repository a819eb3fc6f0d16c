"""The account's budgets that no window brings back: calls under way at once, and calls a day.

A part of each may be left to the account's other integrations: with a share of 0.9 nothing leaves once only a
tenth of the budget remains.
"""

from collections import deque
from datetime import UTC, datetime

from core.monday.limits.day import DayCalls, next_midnight
from core.monday.limits.hold import Hold
from core.monday.rate_headers import Budget

_REMEMBERED_SECONDS = 60.0
"""So long what others had under way at once is left room."""


class ConcurrencyBudget:
    """Requests under way at once, of the whole account."""

    def __init__(self, share: float) -> None:
        self._share = share
        self.quota: int | None = None
        self.left: int | None = None
        self._others: deque[tuple[float, int]] = deque()
        """When others were seen to have how many under way, in the last minute."""

    def told(self, budget: Budget, under_way: int, now: float) -> None:
        """Take over what an answer says while so many of ours, its own included, are under way."""
        self.quota = budget.quota if budget.quota is not None else self.quota
        self.left = budget.left if budget.left is not None else self.left
        if self.quota is not None and budget.left is not None:
            self._others.append((now, max(0, self.quota - budget.left - max(1, under_way))))

    def allows(self, under_way: int, now: float) -> bool:
        """Whether one more may leave beside those under way: one always may, to ask."""
        if self.quota is None or under_way == 0:
            return True
        while self._others and self._others[0][0] < now - _REMEMBERED_SECONDS:
            self._others.popleft()
        others = max((number for _, number in self._others), default=0)
        return under_way + others < int(self.quota * self._share)


class DailyBudget:
    """Calls a day, of the whole account, until 00:00 UTC (docs/rate-limits). No answer tells them.

    `begin` takes what was asked of the API; beside that each call is counted, whoever made it: look-ups and
    readings of the board as well as requests that were admitted (`MondayClient.on_call`).
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self.total: int | None = None
        self._used = 0.0
        self._used_told = False
        self._day: object = None

    def begin(self, total: int, used: float | None, now: datetime) -> None:
        """Take over the account's limit and what is used of it today; None: the API does not tell that."""
        self._roll(now)
        self.total = total
        self._used_told = self._used_told or used is not None
        self._used = max(self._used, used or 0.0)

    def spend(self, calls: float, now: datetime) -> None:
        """Count what left."""
        self._roll(now)
        self._used += calls

    def left(self, now: datetime) -> int | None:
        """Calls that this application may still make today; None where the limit is not known."""
        self._roll(now)
        return None if self.total is None else max(0, int(self.total * self._share - self._used + 1e-6))

    def today(self, now: datetime) -> DayCalls | None:
        """What is left of the day; None where the limit is not known."""
        usable = self.left(now)
        if self.total is None or usable is None:
            return None
        left = max(0, int(self.total - self._used + 1e-6)) if self._used_told else None
        return DayCalls(self.total, left, usable, next_midnight(now))

    def hold(self, now: datetime) -> Hold | None:
        """Nothing leaves today once the budget's share is used."""
        if self.left(now) != 0:
            return None
        seconds = (next_midnight(now) - now).total_seconds()
        return Hold(seconds, "today's API calls are spent", over=True)

    def _roll(self, now: datetime) -> None:
        today = now.astimezone(UTC).date()
        if today != self._day:
            self._day, self._used = today, 0.0
