"""How much was used in the last minute, and which limit holds the run back."""

from collections import defaultdict, deque
from dataclasses import dataclass, field

MINUTE = 60.0
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Binding:
    """The limit that is nearest, and how much of it is used (0 to 1)."""

    limit: str
    """`complexity`, `requests` or `writers`."""
    share: float
    quota: int | None = None

    @property
    def words(self) -> str:
        """For the operator."""
        used = f"{self.share:.0%}".replace("%", " %")
        amount = _amount(self.quota)
        return {
            "complexity": f"complexity-bound, {used} of {amount} a minute",
            "requests": f"request-bound, {used} of {amount} a minute",
            "writers": f"writer-bound, the board is busy {used} of the time",
        }[self.limit]


def _amount(quota: int | None) -> str:
    if quota is None:
        return "the budget"
    return f"{quota / _MILLION:g} M" if quota >= _MILLION else f"{quota:,}"


@dataclass(slots=True)
class _Busy:
    """How long requests were under way to one board. Sums are kept, not made: every answer asks for them."""

    spans: deque[tuple[float, float]] = field(default_factory=deque)
    """From when to when, by their ends."""
    seconds: float = 0.0
    longest: float = 0.0

    def add(self, since: float, until: float) -> None:
        """A request was under way."""
        self.spans.append((since, until))
        self.seconds += until - since
        self.longest = max(self.longest, until - since)

    def forget(self, before: float) -> None:
        """What ended before a moment counts no more."""
        while self.spans and self.spans[0][1] < before:
            since, until = self.spans.popleft()
            self.seconds -= until - since

    def since(self, moment: float) -> float:
        """Seconds from a moment on, several at once counted each; what ended before it is forgotten."""
        earlier = 0.0
        for since, until in self.spans:
            if until - self.longest >= moment:
                break
            earlier += max(0.0, min(until, moment) - since)
        return max(0.0, self.seconds - earlier)


class Pace:
    """What was used in the last minute. Times are monotonic seconds, later in each call than in the last."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._answers: deque[tuple[float, float]] = deque()
        """When each answer came, and its complexity points."""
        self._points = 0.0
        """Of these answers. Whole numbers: their sum is exact."""
        self._busy: dict[str, _Busy] = defaultdict(_Busy)
        """By board."""

    def sent(self, now: float) -> None:
        """A request leaves."""
        self._began = now if self._began is None else self._began

    def answered(self, board_id: str, sent_at: float, now: float, points: float) -> None:
        """Its answer is here."""
        self._answers.append((now, points))
        self._points += points
        self._busy[board_id].add(sent_at, now)
        self._forget(now)

    def nearest(
        self,
        now: float,
        *,
        complexity_quota: int | None,
        minute_quota: int | None,
        writers: int,
    ) -> Binding | None:
        """The limit that is used most; None where no answer came in the last minute."""
        self._forget(now)
        if self._began is None or not self._answers:
            return None
        seconds = max(1e-6, min(MINUTE, now - self._began))
        busiest = max(busy.since(now - seconds) for busy in self._busy.values())
        found = [Binding("writers", min(1.0, busiest / (seconds * writers)))]
        if complexity_quota:
            share = min(1.0, self._points / complexity_quota)
            found.append(Binding("complexity", share, complexity_quota))
        if minute_quota:
            found.append(Binding("requests", min(1.0, len(self._answers) / minute_quota), minute_quota))
        return max(found, key=lambda each: each.share)

    def _forget(self, now: float) -> None:
        while self._answers and self._answers[0][0] < now - MINUTE:
            self._points -= self._answers.popleft()[1]
        for busy in self._busy.values():
            busy.forget(now - MINUTE)
