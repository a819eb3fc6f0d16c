"""What stands in the place of a page while no profile is open."""

from enum import Enum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.theme import EDGE, GROUPS
from gui.widgets.messages import EmptyState
from gui.widgets.toolbar import PageHeader

NO_PROFILE = "No profile is open"
OPEN_CONFIGURATION = "Open configuration…"


class ProfileState(Enum):
    """Whether there is a profile whose orders the pages can show."""

    OPEN = "open"
    OPENING = "opening"
    NONE = "none"


class ClosedPage(QWidget):
    """A page's title, that no profile is open, and the one thing to do about it."""

    open_wanted = Signal()
    """The operator wants to choose a configuration."""

    def __init__(self) -> None:
        super().__init__()
        self._header = PageHeader("")
        self._state = EmptyState("open", "", "", OPEN_CONFIGURATION)
        self._state.activated.connect(self.open_wanted)
        self.button = self._state.button
        page = QVBoxLayout(self)
        page.setContentsMargins(EDGE, GROUPS, EDGE, GROUPS)
        page.setSpacing(GROUPS)
        page.addWidget(self._header)
        page.addWidget(self._state, 1)
        self.set_state(ProfileState.NONE)

    def set_title(self, title: str) -> None:
        """Stand in for the page of this title."""
        self._header.set_title(title)

    def set_state(self, state: ProfileState) -> None:
        """Say that a profile is being opened, or that none is open."""
        if state is ProfileState.OPENING:
            self._state.set_words("open", "Opening …", "The database and the board are being asked.")
        else:
            words = "Open a configuration, or choose another profile in Settings."
            self._state.set_words("open", NO_PROFILE, words)
        self.button.setVisible(state is not ProfileState.OPENING)

    @property
    def first_focus(self) -> QWidget:
        """The button where there is one."""
        return self if self.button.isHidden() else self.button
