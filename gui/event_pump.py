"""Carries what happens in a run to the widgets, at most twenty times a second."""

from collections import deque
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

INTERVAL_MS = 50
"""Often enough for figures that a person reads; each delivery paints several tables."""
LARGEST_DELIVERY = 500


class EventPump(QObject):
    """Gathers events and delivers them together, so that a fast run costs the window few updates."""

    arrived = Signal(list)
    """Events, oldest first, never empty, at most `LARGEST_DELIVERY`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[Any] = deque()
        self._timer = QTimer(self, interval=INTERVAL_MS, singleShot=True)
        self._timer.timeout.connect(self._deliver)

    @property
    def waiting(self) -> int:
        """How many events are not delivered yet."""
        return len(self._waiting)

    def publish(self, event: object) -> None:
        """Take an event; returns at once. From the UI thread only: the asyncio loop runs there."""
        self._waiting.append(event)
        if not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        """Deliver everything that waits now: at the end of a run, before its totals are shown."""
        self._timer.stop()
        while self._waiting:
            self._deliver_one()

    def _deliver(self) -> None:
        if self._waiting:
            self._deliver_one()
        if self._waiting and not self._timer.isActive():
            self._timer.start()

    def _deliver_one(self) -> None:
        count = min(LARGEST_DELIVERY, len(self._waiting))
        self.arrived.emit([self._waiting.popleft() for _ in range(count)])
