"""The budgets of an account: what the server says is left, less what it cannot know of yet.

A part of each may be left to the account's other integrations: with a share of 0.9 nothing leaves once only a
tenth of the budget remains.
"""

import math
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from core.monday.limits.day import DayCalls, next_midnight
from core.monday.rate_headers import Budget

WINDOW_SECONDS = 60.0
"""Of the minute's budgets where no header tells (docs/rate-limits)."""
_REMEMBERED = 0.9
"""Of what others are expected to use of a window, the part that is still expected after one without it."""
_MOST_EXPECTED = 0.5
"""Of a quota: others that once used it up do not keep this application from working in every later window."""
_NOTICEABLE = 0.02
"""Of a quota: others that use more of it are reckoned with."""
UNTOLD_SECONDS = 1.0
"""Whoever waits for the first answer of a window looks again by then."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A request must wait."""

    seconds: float
    reason: str
    over: bool = False
    """Waiting is no use within a run: the day's calls are spent."""


class WindowBudget:
    """A budget that comes back once a window: complexity points, or requests a minute.

    The server's figure is as old as its answer. What left after that answer's own request may be missing in
    it, so it is taken off until an answer to a later request tells. What others of the account used of one
    window is left to them in the next one, too.
    """

    def __init__(self, reason: str, share: float, *, resets_untold: bool) -> None:
        """`resets_untold`: the server says when the window ends only once nothing is left."""
        self._reason = reason
        self._share = share
        self._resets_untold = resets_untold
        self.quota: int | None = None
        self.left: int | None = None
        self.resets_at: float | None = None
        """Monotonic seconds."""
        self._window = WINDOW_SECONDS
        self._counted_until = 0.0
        self._costs: dict[int, tuple[float, float]] = {}
        """Of requests under way: when each left, and what it costs."""
        self._ours = 0.0
        """What our own answered requests cost in this window."""
        self._others = 0.0
        """What others were seen to use in this window, at least."""
        self._expected = 0.0
        """What others are expected to use in a window."""
        self._windows_seen = 0

    def take(self, ticket: int, cost: float, now: float) -> None:
        """A request that costs so much leaves."""
        self._costs[ticket] = (now, cost)

    def cost_told(self, ticket: int, cost: float) -> None:
        """An answer says what its request has cost."""
        if ticket in self._costs:
            self._costs[ticket] = (self._costs[ticket][0], cost)

    def give(self, ticket: int) -> None:
        """A request has its answer, or will not be tried again."""
        _, cost = self._costs.pop(ticket, (0.0, 0.0))
        self._ours += cost

    def told(
        self,
        left: int | None,
        reset_seconds: float | None,
        policy: Budget,
        now: float,
        sent_at: float,
        *,
        latest: int | None = None,
    ) -> None:
        """Take over what an answer says about the request that left at `sent_at`.

        `left` may be as old as the request, `latest` is as young as the answer, where the server tells both.
        """
        self.quota = policy.quota if policy.quota is not None else self.quota
        self._window = policy.window_seconds or self._window
        if left is None:
            return
        is_new = self._is_new_window(left, reset_seconds, now, sent_at)
        if is_new:
            self._roll()
        elif self.left is not None and sent_at < self._counted_until:
            # An older request's answer: an answer to a later one has told already.
            left = min(left, self.left)
        self._counted_until = max(self._counted_until, sent_at)
        if latest is not None:
            left = min(left, latest + int(self._unseen))
        self.left = left
        if self.quota is not None:
            self._others = max(self._others, self._not_ours - (left if latest is None else latest))
        if reset_seconds is not None:
            # Whole seconds, rounded up: of several answers in one window the earliest end is the nearest.
            ends = now + reset_seconds
            self.resets_at = ends if is_new or self.resets_at is None else min(self.resets_at, ends)
        elif is_new and self._resets_untold:
            self.resets_at = now + self._window

    def _is_new_window(self, left: int, reset_seconds: float | None, now: float, sent_at: float) -> bool:
        if self.resets_at is None or now >= self.resets_at:
            return True
        if reset_seconds is None:
            return self.left is not None and left > self.left
        # The server may have counted from the request's arrival on, and it rounds up.
        return sent_at + reset_seconds > self.resets_at + 1

    def _roll(self) -> None:
        """A new window begins: nothing of it is used yet, but for what is under way."""
        if self.left is not None:
            self._windows_seen += 1
            expected = max(self._others, _REMEMBERED * self._expected)
            self._expected = min(expected, _MOST_EXPECTED * (self.quota or math.inf))
        self.left = self.resets_at = None
        self._ours = self._others = 0.0

    @property
    def _unseen(self) -> float:
        return sum(cost for sent_at, cost in self._costs.values() if sent_at > self._counted_until)

    @property
    def _not_ours(self) -> float:
        """What of the window's quota none of our own requests has used or is about to use."""
        if self.quota is None:
            return math.inf
        return self.quota - self._ours - sum(cost for _, cost in self._costs.values())

    @property
    def _kept(self) -> float:
        """Left to others: their share, and what they are expected to use yet."""
        share = 0.0 if self.quota is None else (1.0 - self._share) * self.quota
        return share + max(0.0, self._expected - self._others)

    @property
    def most_at_once(self) -> float | None:
        """What one request should cost at most, so that two fit in a window; None where nothing tells."""
        if self.quota is None:
            return None
        return max(0.0, self._share * self.quota - self._expected) / 2

    def room(self, now: float) -> float | None:
        """How much may be spent now; None where nothing is known."""
        if self.resets_at is not None and now >= self.resets_at:
            self._roll()
        if self.left is not None and self.resets_at is not None:
            return min(self.left - self._unseen, self._not_ours - self._others) - self._kept
        if self.quota is None or self.left is not None or not self._costs:
            # The first request of a window asks what is left of it.
            return None
        if self._windows_seen == 1 or self._expected > _NOTICEABLE * self.quota:
            # Others may begin the window with all that they held back: what is left is asked first.
            return 0.0
        return self._not_ours - self._kept

    def hold(self, cost: float, now: float) -> Hold | None:
        """How long a request of that cost has to wait."""
        room = self.room(now)
        if room is None or room >= cost:
            return None
        if self.resets_at is None:
            return Hold(UNTOLD_SECONDS, self._reason)
        if self._unspent() and cost > room + 0.5:
            # It will never fit. The server judges it, rather than nobody.
            return None
        return Hold(self.resets_at - now, self._reason)

    def _unspent(self) -> bool:
        return self.quota is not None and self.left is not None and self.left >= self.quota


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
        while self._others and self._others[0][0] < now - WINDOW_SECONDS:
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
