"""How many records a run confirms a minute."""

from collections import deque

MINUTE = 60.0
TOLD_AFTER_SECONDS = 5.0
"""A pace of the first seconds says nothing."""


class RecordPace:
    """Records that the board has confirmed in the last minute. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._confirmed: deque[tuple[float, int]] = deque()
        self._records = 0
        """Their sum."""

    def begin(self, now: float) -> None:
        """The first request leaves; later ones change nothing."""
        self._began = now if self._began is None else self._began

    def add(self, records: int, now: float) -> None:
        """So many records are confirmed."""
        self._confirmed.append((now, records))
        self._records += records
        self._forget(now)

    def per_minute(self, now: float) -> float | None:
        """Of the last minute, or of the time since the first request; None in the first seconds."""
        seconds = 0.0 if self._began is None else min(MINUTE, now - self._began)
        if seconds < TOLD_AFTER_SECONDS:
            return None
        self._forget(now)
        return self._records * MINUTE / seconds

    def _forget(self, now: float) -> None:
        while self._confirmed and self._confirmed[0][0] <= now - MINUTE:
            self._records -= self._confirmed.popleft()[1]
