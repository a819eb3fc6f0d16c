"""How much was used in the last minute, and which limit holds the run back."""

from collections import defaultdict, deque
from dataclasses import dataclass

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


class Pace:
    """What was used in the last minute. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._answers: deque[tuple[float, float]] = deque()
        """When each answer came, and its complexity points."""
        self._busy: dict[str, deque[tuple[float, float]]] = defaultdict(deque)
        """By board: from when to when a request was under way."""

    def sent(self, now: float) -> None:
        """A request leaves."""
        self._began = now if self._began is None else self._began

    def answered(self, board_id: str, sent_at: float, now: float, points: float) -> None:
        """Its answer is here."""
        self._answers.append((now, points))
        self._busy[board_id].append((sent_at, now))
        self._forget(now)

    def nearest(
        self,
        now: float,
        *,
        complexity_quota: int | None,
        minute_quota: int | None,
        writers: int,
    ) -> Binding | None:
        """The limit that is used most; None before the first answer."""
        if self._began is None or not self._answers:
            return None
        self._forget(now)
        seconds = max(1e-6, min(MINUTE, now - self._began))
        busiest = max(
            (
                sum(min(until, now) - max(since, now - seconds) for since, until in spans)
                for spans in self._busy.values()
                if spans
            ),
            default=0.0,
        )
        found = [Binding("writers", min(1.0, busiest / (seconds * writers)))]
        if complexity_quota:
            points = sum(points for _, points in self._answers)
            found.append(Binding("complexity", min(1.0, points / complexity_quota), complexity_quota))
        if minute_quota:
            found.append(Binding("requests", min(1.0, len(self._answers) / minute_quota), minute_quota))
        return max(found, key=lambda each: each.share)

    def _forget(self, now: float) -> None:
        while self._answers and self._answers[0][0] < now - MINUTE:
            self._answers.popleft()
        for spans in self._busy.values():
            while spans and spans[0][1] < now - MINUTE:
                spans.popleft()
