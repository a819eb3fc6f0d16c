"""How fast a run goes, and how long it still takes once that can be said. Pure: the caller gives the time."""

from collections import deque

WINDOW_SECONDS = 60.0
"""The pace is that of the last minute, so one quick or slow request does not swing it."""
TOLD_AFTER_SECONDS = 5.0
FORECAST_AFTER_SHARE = 0.05
STEADY_RATIO = 2.0
"""A forecast is told while the paces of the last minute and of the whole run differ by less than this."""


class Pace:
    """Records a minute, and the seconds left. Time spent paused does not count.

    Times are seconds of any clock that never goes back; `ended` counts the records that have an outcome.
    """

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()
        self._idle = 0.0
        self._paused_at: float | None = None

    def record(self, ended: int, now: float) -> None:
        """Note how many records have ended by `now`."""
        at = self._active(now)
        self._samples.append((at, ended))
        # The first sample stays: the pace of the whole run is measured from it.
        while len(self._samples) > 3 and at - self._samples[2][0] >= WINDOW_SECONDS:
            del self._samples[1]

    def pause(self, now: float) -> None:
        """From now on time does not count."""
        if self._paused_at is None:
            self._paused_at = now

    def resume(self, now: float) -> None:
        """Time counts again."""
        if self._paused_at is not None:
            self._idle += now - self._paused_at
            self._paused_at = None

    def per_minute(self, now: float) -> float | None:
        """Records a minute over the last minute; None in the first seconds and before the first record."""
        if len(self._samples) < 2:
            return None
        whole_minute = self._active(now) - self._samples[1][0] >= WINDOW_SECONDS
        return self._rate(self._samples[1 if whole_minute else 0], now)

    def seconds_left(self, total: int, now: float) -> float | None:
        """Seconds until `total` records have ended; None until that is worth saying."""
        if len(self._samples) < 2 or self._paused_at is not None:
            return None
        ended = self._samples[-1][1]
        if ended - self._samples[0][1] < FORECAST_AFTER_SHARE * total:
            return None
        recent, whole = self.per_minute(now), self._rate(self._samples[0], now)
        if not recent or not whole or not 1 / STEADY_RATIO <= recent / whole <= STEADY_RATIO:
            return None
        return (total - ended) * 60.0 / recent

    def _active(self, now: float) -> float:
        return (self._paused_at if self._paused_at is not None else now) - self._idle

    def _rate(self, since: tuple[float, int], now: float) -> float | None:
        seconds = self._active(now) - since[0]
        ended = self._samples[-1][1] - since[1]
        return ended * 60.0 / seconds if seconds >= TOLD_AFTER_SECONDS and ended else None
