"""A budget that comes back once a window: complexity points, or requests a minute.

Each of our requests belongs to one window, the one that was open when it arrived. What the quota holds beyond
ours and beyond what the server says is left is what others have used: by this difference they are known, and
nobody is taken for another where it may have been one of us. What others were seen to use of one window is
left to them in the next one.
"""

import math
from dataclasses import dataclass

from core.monday.limits.hold import Hold
from core.monday.limits.others import Others
from core.monday.limits.readings import Reading, Span, Told

WINDOW_SECONDS = 60.0
"""Where no header tells (docs/rate-limits)."""
_BLUR = 2.0
"""Seconds by which a window's end may be known too late: whole seconds are told, and a call has a way."""
ASKING_SECONDS = 5.0
"""So long, at most, others wait for the request that asks what is left of a new window."""
UNTOLD_SECONDS = 1.0
"""Whoever waits for the answer of the request that asks looks again by then."""
_NO_TICKET = -1


@dataclass(slots=True)
class _Request:
    """One of ours that is under way."""

    left_at: float
    cost: float


class WindowBudget:
    """One budget, as the server tells it and as this application uses it. Times are monotonic seconds."""

    def __init__(self, reason: str, share: float, *, resets_untold: bool) -> None:
        """`share` (0 to 1) of the quota is used, the rest is left to others.

        `resets_untold`: the server says when the window ends only once nothing is left.
        """
        self._reason = reason
        self._share = share
        self._resets_untold = resets_untold
        self.quota: int | None = None
        self._window = WINDOW_SECONDS
        self._requests: dict[int, _Request] = {}
        self._others = Others()
        self._asks = False
        """The last window held us back, so whoever waits will begin this one: what is left is asked first."""
        self._held = False
        # This window. It is not open before something is told of it.
        self.left: int | None = None
        self.resets_at: float | None = None
        self._began = -math.inf
        """When, at the latest; the window before has ended by then."""
        self._read_at = -math.inf
        self._ours = 0.0
        """What our answered requests have cost."""
        self._lost = 0.0
        """What our requests may have cost that got no answer."""
        self._whole: float | None = None
        """The quota; where it is not told, what was left and ours together at the latest reading."""

    # Requests

    def take(self, ticket: int, cost: float, now: float) -> None:
        """A request that costs so much leaves."""
        self._requests[ticket] = _Request(now, cost)

    def costs(self, ticket: int, cost: float) -> None:
        """It is known better what a request costs that is under way."""
        if ticket in self._requests:
            self._requests[ticket].cost = cost

    def refused(self, ticket: int) -> None:
        """The server charged nothing for a request. It will leave again in one window or another."""
        if ticket in self._requests:
            self._requests[ticket].left_at = math.inf

    def give(self, ticket: int) -> None:
        """A request will not be tried again. Where it had no answer it may have been charged."""
        request = self._requests.pop(ticket, None)
        if request is not None and self._is_of_this_window(request) and math.isfinite(request.left_at):
            self._lost += request.cost

    def _is_of_this_window(self, request: _Request) -> bool:
        return request.left_at >= self._began - _BLUR

    @property
    def _under_way(self) -> list[_Request]:
        return [request for request in self._requests.values() if self._is_of_this_window(request)]

    # Answers

    def told(self, told: Told, now: float, ticket: int | None = None) -> None:
        """Take over what an answer tells, of the request with that ticket where it has one."""
        self.quota = told.quota if told.quota is not None else self.quota
        self._window = told.window_seconds or self._window
        self._roll_if_over(now)
        reading = told.reading
        if reading is not None and reading.ends is not None and self._is_over(reading.ends):
            reading = None
        if reading is not None:
            self._roll_if_new(reading, now)
        if ticket is not None:
            self._settle(ticket, told.charged)
        if reading is not None and reading.at >= self._read_at:
            self._read(reading)

    def spent(self, cost: float, told: Told, sent_at: float, now: float) -> None:
        """Take over an answer to a call of ours that was not admitted as a request."""
        self.take(_NO_TICKET, cost, sent_at)
        self.told(told, now, _NO_TICKET)

    def _is_over(self, ends: Span) -> bool:
        """Whether that is the end of a window before this one."""
        return ends.first <= self._began or ends.last <= self._began + _BLUR

    def _roll_if_new(self, reading: Reading, now: float) -> None:
        if self.left is None:
            return
        ends = reading.ends
        if ends is not None and self.resets_at is not None and not self._resets_untold:
            if ends.first > self.resets_at + 1:
                self._roll(max(self._began, ends.last - self._window))
        elif reading.left > self.left + sum(request.cost for request in self._under_way):
            # More than the answers to requests under way can differ where they come out of order.
            self._roll(self._read_at if math.isfinite(self._read_at) else now)

    def _settle(self, ticket: int, charged: Span | None) -> None:
        """Count an answered request where it was charged."""
        request = self._requests.pop(ticket, None)
        if request is None:
            return
        was_counted = self._is_of_this_window(request)
        if was_counted if charged is None else charged.first > self._began:
            self._ours += request.cost
            if not was_counted:
                self._others.took_for_theirs(request.cost)

    def _read(self, reading: Reading) -> None:
        self.left = reading.left
        self._read_at = reading.at
        if reading.ends is not None:
            # Of several answers in one window the earliest end is the nearest.
            self.resets_at = min(reading.ends.last, self.resets_at or math.inf)
            self._began = max(self._began, self.resets_at - self._window)
        elif self._resets_untold and self.resets_at is None:
            self.resets_at = reading.at + self._window
        under_way = sum(request.cost for request in self._under_way if request.left_at <= reading.at)
        if self.quota is not None:
            self._whole = self.quota
            # What failed costs less than was charged, and is given back (changelog, 2025-09-04).
            self._ours = min(self._ours, max(0.0, self.quota - reading.left))
            self._others.saw(self.quota - reading.left - self._ours - self._lost - under_way, reading.at)
        else:
            self._whole = reading.left + self._ours + under_way

    # Windows

    def _roll_if_over(self, now: float) -> None:
        if self.resets_at is not None and now >= self.resets_at:
            self._roll(self.resets_at)

    def _roll(self, began: float) -> None:
        """A new window begins: nothing of it is used yet, but for what is under way."""
        if self.left is not None:
            ended_at = began if self.resets_at is None else self.resets_at
            self._others.window_ended(ended_at, self._window, self.quota or math.inf)
        self._asks, self._held = self._held, False
        self.left = self.resets_at = None
        self._began = began
        self._read_at = -math.inf
        self._ours = self._lost = 0.0
        self._whole = self.quota

    # What may leave

    @property
    def most_at_once(self) -> float | None:
        """What one request should cost at most, so that two fit in a window; None where nothing tells."""
        if self.quota is None:
            return None
        return max(0.0, self._share * self.quota - self._others.expected) / 2

    def asks(self, now: float) -> bool:
        """Whether little should leave now: its answer tells what others have used of a new window."""
        self._roll_if_over(now)
        is_unread = self.left is None and self.quota is not None
        return self._asks and is_unread and now < self._began + ASKING_SECONDS

    def room(self, now: float) -> float | None:
        """How much may be spent now; None where nothing is known."""
        if self.asks(now) and self._has_asked():
            return 0.0
        if self._whole is None or (self.left is not None and self.resets_at is None):
            return None
        ours = self._ours + sum(request.cost for request in self._under_way)
        return self._whole - ours - self._others.seen - self._kept

    def _has_asked(self) -> bool:
        return any(request.left_at >= self._began for request in self._requests.values())

    @property
    def _kept(self) -> float:
        """Left to others: their share, and what they are expected to use yet."""
        share = 0.0 if self.quota is None else (1.0 - self._share) * self.quota
        return share + self._others.unseen(self._window)

    def hold(self, cost: float, now: float) -> Hold | None:
        """How long a request of that cost has to wait."""
        room = self.room(now)
        if room is None or room >= cost:
            return None
        if self.resets_at is None:
            # Nothing under way would tell more: the request asks.
            return Hold(UNTOLD_SECONDS, self._reason) if self._under_way else None
        if self._is_unused() and cost > room + 0.5:
            # It will never fit. The server judges it, rather than nobody.
            return None
        self._held = True
        return Hold(self.resets_at - now, self._reason)

    def _is_unused(self) -> bool:
        return self.quota is not None and self.left is not None and self.left >= self.quota
