"""A table with a detail pane under or beside it, as the operator chose; choice and shares are kept."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from gui.preferences import Preferences

_SHARES = (600, 400)


class DetailSplitter(QSplitter):
    """Two widgets; `key` names what is kept of them."""

    def __init__(self, table: QWidget, detail: QWidget, preferences: Preferences, key: str) -> None:
        super().__init__()
        self._preferences = preferences
        self._key = key
        self.setChildrenCollapsible(False)
        self.addWidget(table)
        self.addWidget(detail)
        self.setStretchFactor(0, 3)
        self.setStretchFactor(1, 2)
        self._place(beside=preferences.flag(f"{key}/beside"))
        self.splitterMoved.connect(self._remember)

    @property
    def beside(self) -> bool:
        """Whether the detail stands beside the table instead of under it."""
        return self.orientation() is Qt.Orientation.Horizontal

    def turn(self) -> None:
        """Put the detail beside the table instead of under it, or the other way round."""
        beside = not self.beside
        self._preferences.set(f"{self._key}/beside", beside)
        self._place(beside=beside)

    @property
    def detail_wanted(self) -> bool:
        """Whether the operator wants to see the detail."""
        return self._preferences.flag(f"{self._key}/shown", default=True)

    def want_detail(self, *, wanted: bool) -> None:
        """Keep whether the operator wants to see the detail."""
        self._preferences.set(f"{self._key}/shown", wanted)

    def _place(self, *, beside: bool) -> None:
        orientation = Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical
        self.setOrientation(orientation)
        if self._preferences.restore_state(self._state_key, self):
            # A kept state brings its own orientation, and a damaged one could bring the other.
            self.setOrientation(orientation)
        else:
            self.setSizes(list(_SHARES))

    @property
    def _state_key(self) -> str:
        return f"{self._key}/{'beside' if self.beside else 'under'}"

    def _remember(self, *_moved: int) -> None:
        self._preferences.remember_state(self._state_key, self)
