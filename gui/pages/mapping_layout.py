"""How the parts of the Mappings page stand: beside each other, or under each other where room is short."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from gui.preferences import Preferences

_NARROW = 760
"""Below this width, in pixels, the form goes under the table."""
_BESIDE, _UNDER = "beside", "under"
_SHARES = {_BESIDE: ((728, 336), (400, 240)), _UNDER: ((300, 130), (340, 250))}


class Workbench(QSplitter):
    """The table, and the form with the columns that are left; the operator's shares are kept."""

    def __init__(self, table: QWidget, form: QWidget, columns: QWidget, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences
        self._place = ""
        self._table = table
        self._side = QSplitter()
        self._side.addWidget(form)
        self._side.addWidget(columns)
        self._side.setChildrenCollapsible(False)
        self.setChildrenCollapsible(False)
        self.addWidget(table)
        self.addWidget(self._side)
        self.setStretchFactor(0, 1)
        self._side.setStretchFactor(0, 1)
        for each in (self, self._side):
            each.splitterMoved.connect(self._remember)
        self._arrange(_BESIDE)

    def give_form_the_room(self, *, all_of_it: bool) -> None:
        """Give the form what the list does not need while it is folded; else the operator's shares."""
        if all_of_it:
            whole = sum(self._side.sizes())
            self._side.setSizes([whole, 0])
        else:
            self._place, place = "", self._place
            self._arrange(place)

    def minimumSizeHint(self) -> QSize:
        """Ask for the width of the wider part alone: below it the parts go under each other."""
        widths = (part.minimumSizeHint().width() for part in (self._table, self._side))
        return QSize(max(widths), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Turn where the room asks for it."""
        super().resizeEvent(event)
        self._arrange(_UNDER if event.size().width() < _NARROW else _BESIDE)

    def _arrange(self, place: str) -> None:
        if place == self._place:
            return
        self._place = place
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        outer, inner = (across, down) if place == _BESIDE else (down, across)
        # From the inside out: the outer shares depend on how wide the inner one can be.
        for number, (each, orientation) in ((1, (self._side, inner)), (0, (self, outer))):
            each.setOrientation(orientation)
            if self._preferences.restore_state(self._key(number), each):
                each.setOrientation(orientation)  # a damaged state could bring the other one
            else:
                each.setSizes(list(_SHARES[place][number]))

    def _key(self, number: int) -> str:
        return f"mappings/{self._place}/{number}"

    def _remember(self, *_moved: int) -> None:
        for number, each in enumerate((self, self._side)):
            self._preferences.remember_state(self._key(number), each)
