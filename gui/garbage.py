"""Python's cycle collector, kept on the UI thread.

It runs in whatever thread happens to allocate. In a worker thread it may then delete a Qt object that lives
on the UI thread, which ends the process. So its automatic start is switched off, and a timer asks on the UI
thread instead.
"""

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS = 1000


class GarbageKeeper(QObject):
    """Collects on its own thread, generation by generation, when the usual thresholds are passed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        gc.collect()
        # What the start has made stays for good; later collections need not walk through it.
        gc.freeze()
        gc.disable()
        self._timer = QTimer(self, interval=_INTERVAL_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect the oldest generation that is due, if any."""
        due = [
            generation
            for generation, (count, threshold) in enumerate(
                zip(gc.get_count(), self._thresholds, strict=True)
            )
            if count > threshold
        ]
        if due:
            gc.collect(due[-1])

    def end(self) -> None:
        """Let the collector start by itself again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
