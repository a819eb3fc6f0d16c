"""What the account's other integrations use of a window: seen so far, and expected from experience."""

from dataclasses import dataclass

_FORGOTTEN = 0.5
"""Of what was expected of others, the part that is no longer expected once a whole window went without it."""
_MOST_EXPECTED = 0.55
"""Of a quota: others that use all that they can get do not keep this application from working."""
_TELLING = 0.1
"""Of a window: so long they are watched before their pace is known, and hardly longer until the next look."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What they had used of this window at a moment."""

    at: float
    used: float


class Others:
    """One budget's other users. Times are monotonic seconds, figures are of the budget."""

    def __init__(self) -> None:
        self.seen = 0.0
        """What they have used of this window, at least."""
        self.expected = 0.0
        """What they are expected to use of a whole window."""
        self._first: _Look | None = None
        self._last: _Look | None = None

    def saw(self, used: float, now: float) -> None:
        """They have used at least so much of this window."""
        self.seen = max(self.seen, used)
        self._last = _Look(now, self.seen)
        self._first = self._first or self._last

    def took_for_theirs(self, cost: float) -> None:
        """So much of what was seen turns out to be ours."""
        self.seen = max(0.0, self.seen - cost)
        if self._first is not None:
            # From now on: the pace was ours, too.
            self._first = self._last = _Look(self._first.at, self.seen)

    def unseen(self, window: float) -> float:
        """What they may use of this window beside what they were seen to use.

        If that was all that was expected, still what they use before the next look.
        """
        pace = self._pace(window)
        soon = _TELLING * (self.expected if pace is None else pace * window)
        return max(self.expected - self.seen, soon)

    def window_ended(self, ended_at: float, window: float, quota: float) -> None:
        """Expect of the next window what they used of this one, if they went on at the pace that was seen.

        Nothing is known of a time in which nobody watched: what was expected of it is expected still.
        """
        used, watched = self.seen, 0.0
        if self._last is not None:
            left = max(0.0, ended_at - self._last.at)
            used += (self._pace(window) or 0.0) * left
            watched = max(0.0, 1.0 - left / window)
        remembered = (1.0 - _FORGOTTEN * watched) * self.expected
        self.expected = min(max(used, remembered), _MOST_EXPECTED * quota)
        self.seen = 0.0
        self._first = self._last = None

    def _pace(self, window: float) -> float | None:
        """Between the first look and the last one, a second; None where that was too short to tell."""
        if self._first is None or self._last is None:
            return None
        seconds = self._last.at - self._first.at
        return (self._last.used - self._first.used) / seconds if seconds >= _TELLING * window else None
