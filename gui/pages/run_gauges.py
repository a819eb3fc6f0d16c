"""What is left of the board's limits, while a run goes on."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from core.sync.events import BudgetRead
from gui.models.run_budget import binding_text, levels
from gui.theme import EDGE, RELATED
from gui.widgets.labels import muted_label, rule
from gui.widgets.progress import Gauge

_UNKNOWN = BudgetRead(None, None, None, None, None, None, None, calls_made=0)
_LONGEST = "88.8 M of 88.8 M left"
_NARROW = 2
"""Gauges beside each other where there is no room for all."""


class RunGauges(QWidget):
    """Complexity, calls a minute, concurrency and calls of the day; the limit that binds named in words."""

    def __init__(self) -> None:
        super().__init__()
        self.sentence = muted_label("")
        self.gauges = [Gauge(level.name, _LONGEST) for level in levels(_UNKNOWN)]
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(EDGE)
        self._grid.setVerticalSpacing(RELATED)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(RELATED)
        column.addWidget(rule())
        column.addLayout(self._grid)
        column.addWidget(self.sentence)
        self._beside = 0
        self._arrange(len(self.gauges))
        self.forget()

    def set_budget(self, budget: BudgetRead) -> None:
        """Show what the board's last answer said."""
        shown = levels(budget)
        for gauge, level in zip(self.gauges, shown, strict=True):
            gauge.set_level(level.share, level.words)
            gauge.set_binding(level.binding)
        # Empty, it keeps its line: else the first answer would move everything below.
        self.sentence.setText(binding_text(budget))

    def forget(self) -> None:
        """Show that nothing is known yet."""
        self.set_budget(_UNKNOWN)

    def minimumSizeHint(self) -> QSize:
        """Ask only for the room of two gauges beside each other."""
        widest = max(gauge.minimumSizeHint().width() for gauge in self.gauges)
        needed = _NARROW * widest + (_NARROW - 1) * EDGE + self._room_for_binding()
        return QSize(needed, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put all gauges on one line where they fit."""
        super().resizeEvent(event)
        gaps = (len(self.gauges) - 1) * EDGE
        needed = sum(gauge.minimumSizeHint().width() for gauge in self.gauges) + gaps
        fits = self.width() >= needed + self._room_for_binding()
        self._arrange(len(self.gauges) if fits else _NARROW)

    def _room_for_binding(self) -> int:
        """For the one limit that may bind later: that word must not move everything below to another line."""
        if any(gauge.is_binding for gauge in self.gauges):
            return 0
        return max(gauge.width_of_binding for gauge in self.gauges)

    def _arrange(self, beside: int) -> None:
        if beside == self._beside:
            return
        self._beside = beside
        for place, gauge in enumerate(self.gauges):
            self._grid.addWidget(gauge, place // beside, place % beside)
        for column in range(len(self.gauges)):
            self._grid.setColumnStretch(column, 1 if column < beside else 0)
