"""Python's cycle collector, kept on the UI thread.

It runs in whatever thread happens to allocate. In a worker thread it may then delete a Qt object that lives
on the UI thread, which ends the process. So its automatic start is switched off, and a timer asks on the UI
thread instead.
"""

import gc
from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

_INTERVAL_MS = 1000
_LONGEST_WAIT_SECONDS = 600.0


class GarbageKeeper(QObject):
    """Collects on its own thread, generation by generation, when the usual thresholds are passed.

    A walk through everything holds the window up for some frames. So what is old is set aside (frozen) and
    walked through only while the operator looks at another program, or after ten minutes without that.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.busy: Callable[[], bool] = lambda: False
        """Says whether work goes on that makes many objects to stay, such as a plan."""
        self._thresholds = gc.get_threshold()
        self._whole_at = monotonic()
        gc.collect()
        gc.freeze()
        gc.disable()
        self._timer = QTimer(self, interval=_INTERVAL_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect the oldest young generation that is due, if any; everything when it disturbs nobody."""
        if self.busy():
            gc.freeze()
            return
        if self._may_take_time():
            self._whole_at = monotonic()
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            return
        young = zip(gc.get_count()[:-1], self._thresholds[:-1], strict=True)
        due = [generation for generation, (count, threshold) in enumerate(young) if count > threshold]
        if due:
            gc.collect(due[-1])

    def end(self) -> None:
        """Let the collector start by itself again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def _may_take_time(self) -> bool:
        waited = monotonic() - self._whole_at
        away = QGuiApplication.applicationState() is not Qt.ApplicationState.ApplicationActive
        return waited > _LONGEST_WAIT_SECONDS or (away and waited > _LONGEST_WAIT_SECONDS / 10)
