"""Work on the window that may wait a moment, one piece a turn of the event loop.

Between two pieces the window paints what the first one changed, and takes clicks. Done at once, they would
hold it up for the sum of them and of their painting.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

Piece = Callable[[], object]


class Turns(QObject):
    """Pieces in the order in which they came."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pieces: deque[Piece] = deque()
        self._timer = QTimer(self, interval=0, singleShot=True)
        self._timer.timeout.connect(self._take)

    @property
    def waiting(self) -> int:
        """How many pieces are not done yet."""
        return len(self._pieces)

    def add(self, *pieces: Piece) -> None:
        """Do these too, after what waits already; returns at once."""
        self._pieces.extend(pieces)
        self._timer.start()

    def finish(self) -> None:
        """Do everything that waits now, at once."""
        while self._pieces:
            self._pieces.popleft()()

    async def over(self) -> None:
        """Return once everything that waits now is done, also where a piece failed."""
        reached = asyncio.Event()
        self.add(reached.set)
        await reached.wait()

    def _take(self) -> None:
        if self._pieces:
            # Before the piece: one that fails keeps the others from nothing.
            self._timer.start()
            self._pieces.popleft()()
