"""The time of the practice board: the real one, or one that tests move."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; every limit, cache and time stamp of the practice board asks it."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)


class ShiftedClock:
    """The machine's time plus what a test has advanced it by."""

    def __init__(self) -> None:
        self._shift = 0.0

    def now(self) -> datetime:
        """Return the shifted moment, aware, in UTC."""
        return datetime.fromtimestamp(time.time() + self._shift, UTC)

    def advance(self, seconds: float) -> None:
        """Move the time forward by `seconds`."""
        self._shift += seconds


class StoppedClock:
    """Stands still until a test advances it."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC).timestamp()

    def now(self) -> datetime:
        """Return the moment it stands at, aware, in UTC."""
        return datetime.fromtimestamp(self._now, UTC)

    def advance(self, seconds: float) -> None:
        """Move the time forward by `seconds`."""
        self._now += seconds


def iso(moment: datetime) -> str:
    """Return the moment as the API writes it: seconds, in UTC, with a Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
