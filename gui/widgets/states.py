"""The states of a record as every page shows them: an icon and a word in the state's tone."""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from gui.icons import icon
from gui.theme import INSIDE, current_tokens
from gui.widgets.labels import IconLabel, set_tone


class State(StrEnum):
    """The word for each state of an order or an order line."""

    NEW = "New"
    PENDING = "Pending"
    WAITING = "Waiting for parent"
    SENDING = "Sending"
    SYNCED = "Synced"
    FAILED = "Failed"
    UNKNOWN = "Outcome unknown"
    HELD = "Held"
    CANCELLED = "Cancelled"


@dataclass(frozen=True, slots=True)
class _Look:
    icon_name: str
    tone: str


_LOOKS = {
    State.NEW: _Look("new", "text"),
    State.PENDING: _Look("pending", "muted"),
    State.WAITING: _Look("waiting", "muted"),
    State.SENDING: _Look("sending", "accent"),
    State.SYNCED: _Look("synced", "ok"),
    State.FAILED: _Look("failed", "error"),
    State.UNKNOWN: _Look("unknown", "unknown"),
    State.HELD: _Look("hold", "hold"),
    State.CANCELLED: _Look("cancelled", "muted"),
}


def _look(state: str) -> _Look:
    return _LOOKS[State(state)]


def state_icon(state: str) -> QIcon:
    """Return the icon of a state, in its tone. Raises `ValueError` for a word that is no state."""
    return icon(_look(state).icon_name, _look(state).tone)


def state_tone(state: str) -> str:
    """Return the tone of a state. Raises `ValueError` for a word that is no state."""
    return _look(state).tone


def state_color(state: str) -> QColor:
    """Return the colour a state has now. Raises `ValueError` for a word that is no state."""
    return current_tokens().color(_look(state).tone)


class StateLabel(QWidget):
    """A state's icon and word, with an optional detail behind them: "Failed · label 'Cut & Sew'"."""

    def __init__(self, state: str = State.NEW) -> None:
        super().__init__()
        self._picture = IconLabel(_look(state).icon_name)
        self._word = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(INSIDE)
        row.addWidget(self._picture)
        row.addWidget(self._word, 1)
        self.set_state(state)

    def set_state(self, state: str, detail: str = "") -> None:
        """Show another state. Raises `ValueError` for a word that is no state."""
        words = f"{State(state)} · {detail}" if detail else str(State(state))
        self._picture.set_icon(_look(state).icon_name, _look(state).tone)
        self._word.setText(words)
        set_tone(self._word, state_tone(state))
        self.setAccessibleName(words)
