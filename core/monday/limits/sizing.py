"""How many operations one request should hold."""

from collections import Counter
from collections.abc import Sequence

FIRST_GUESS_PER_OPERATION = 10_000
"""Complexity points of one creation (docs/development-best-practices) until an answer tells."""
REQUEST_SECONDS = 20.0
"""What a request may take: a third of the 60 s after which the API ends a call (docs/error-handling)."""
REQUEST_COMPLEXITY = 2_500_000
"""Points of one request: half of what the API allows (docs/rate-limits)."""
MOST_OPERATIONS = 100
_LIKE = {"create_subitem": "create_item"}
"""What is taken for a kind that no answer has told of."""
_CALL_SECONDS = 1.0
"""What a call may take by itself, however few operations it holds: a network's way and the API's reading."""
_FULL_LESSON = 10
"""Operations of a request whose time a slow network hardly blurs any more."""
_LEARNING = 0.3
"""How much one answer moves a measured figure when it goes down; up it goes at once."""


class CostBook:
    """What each mutation costs in complexity points, learned from the answers."""

    def __init__(self) -> None:
        self._points: dict[str, float] = {}

    def of(self, names: Sequence[str]) -> float:
        """Points of a request with these mutations."""
        return sum(number * self._guess(name) for name, number in Counter(names).items())

    def each(self, names: Sequence[str]) -> list[float]:
        """Points of each of these mutations."""
        guesses = {name: self._guess(name) for name in set(names)}
        return [guesses[name] for name in names]

    def _guess(self, name: str) -> float:
        like = self._points.get(_LIKE.get(name, ""), FIRST_GUESS_PER_OPERATION)
        return self._points.get(name, like)

    def learn(self, names: Sequence[str], points: float) -> None:
        """An answer says what a request has cost. The dearer figure holds at once, the cheaper in time."""
        guessed = self.of(names)
        if not guessed:
            return
        guesses = {name: self._guess(name) for name in dict.fromkeys(names)}
        for name, guess in guesses.items():
            before = self._points.get(name)
            now = guess * points / guessed
            if before is None or now >= before:
                self._points[name] = now
            else:
                self._points[name] = before + _LEARNING * (now - before)


class LatencyBook:
    """How long one operation takes on each board, seconds."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    def of(self, board_id: str) -> float | None:
        """Seconds an operation; until the board's first answer as on the slowest other one, if any."""
        return self._seconds.get(board_id, max(self._seconds.values(), default=None))

    def learn(self, board_id: str, seconds: float, operations: int) -> None:
        """An answer tells how long so many operations took together."""
        each = max(0.0, seconds - _CALL_SECONDS) / operations
        before = self._seconds.get(board_id)
        if before is None:
            self._seconds[board_id] = each
            return
        # The time of the request itself weighs most where it holds few operations.
        weight = min(1.0, operations / _FULL_LESSON) * (1.0 if each > before else _LEARNING)
        self._seconds[board_id] = before + weight * (each - before)


def portion(seconds_each: float | None, points: Sequence[float], *, most_points: float | None) -> int:
    """How many of the first operations make one request: 1 to 100.

    So few that it ends well before the API's time-out at the measured speed, and stays well below what a
    request may cost and what the minute's budget allows at once.
    """
    by_time = MOST_OPERATIONS if not seconds_each else int(REQUEST_SECONDS / seconds_each)
    by_cost = REQUEST_COMPLEXITY if most_points is None else min(REQUEST_COMPLEXITY, most_points)
    number, sum_of_points = 0, 0.0
    for each in points[: min(by_time, MOST_OPERATIONS)]:
        sum_of_points += each
        if sum_of_points > by_cost:
            break
        number += 1
    return max(1, number)
