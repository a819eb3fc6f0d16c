"""What the Orders page shows: the search field, the states, and a chip for each filter in force."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from core.orders.model import OrderFilter, SyncState
from gui.models.order_columns import STATE_WORDS
from gui.preferences import Preferences
from gui.theme import RELATED
from gui.widgets.buttons import plain_button
from gui.widgets.chips import ChipBar
from gui.widgets.labels import muted_label
from gui.widgets.search import SearchField
from gui.widgets.tables import number_text
from gui.widgets.toolbar import Toolbar

OPEN_STATES = (SyncState.NEW, SyncState.PENDING, SyncState.ERROR, SyncState.HELD)
"""What the page shows at first: everything that is not on the board."""

_KEY = "orders/states"
_OPEN_CHIP = "open"
_OPEN_WORDS = "Not on the board yet"


class OrderFilterBar(QWidget):
    """The filter of the Orders page. The states are kept; the text is not."""

    changed = Signal(object)
    """The `OrderFilter` now in force."""

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences
        self._states = self._kept_states()
        self.search = SearchField("Search customers and orders")
        self.search.setMinimumWidth(240)
        self.search.searched.connect(self._tell)
        self._menu = QMenu("Filter", self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.filter_button = plain_button("Filter", "filter")
        self.filter_button.setToolTip("Choose which states are shown")
        self.filter_button.setMenu(self._menu)
        self.toolbar = Toolbar()
        self.toolbar.add(self.search, 1)
        self.toolbar.add(self.filter_button)
        self._last_tool: QPushButton = self.filter_button
        self._chips = ChipBar()
        self._chips.removed.connect(self._remove)
        self._chips.cleared.connect(self.show_everything)
        self._count = muted_label("")
        self._count.setAccessibleName("Orders shown")
        below = QHBoxLayout()
        below.addWidget(self._chips, 1)
        below.addStretch()
        below.addWidget(self._count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(RELATED)
        column.addWidget(self.toolbar)
        column.addLayout(below)
        self._show_chips()

    @property
    def wanted(self) -> OrderFilter:
        """The filter in force."""
        return OrderFilter(self.search.text().strip(), self._states)

    def add_tool(self, button: QPushButton) -> None:
        """Add a button beside the filter's."""
        self.toolbar.add(button)
        # The chips stand below: Tab comes to them after all the tools.
        QWidget.setTabOrder(self._last_tool, button)
        self._last_tool = button

    def set_states(self, states: Sequence[SyncState]) -> None:
        """Show only orders in these states; none or all of them mean every order."""
        chosen = tuple(state for state in SyncState if state in states)
        self._states = () if len(chosen) == len(SyncState) else chosen
        self._preferences.set(_KEY, ",".join(state.value for state in self._states) or "all")
        self._tell()

    def show_everything(self) -> None:
        """Take every filter away."""
        self.search.set_text_silently("")
        self.set_states(())

    def set_counts(self, shown: int, of_all: int) -> None:
        """Say how many of all orders are shown."""
        word = "order" if of_all == 1 else "orders"
        self._count.setText(f"{number_text(shown)} of {number_text(of_all)} {word}")

    def forget_counts(self) -> None:
        """Say nothing: there is no profile whose orders could be counted."""
        self._count.clear()

    def set_busy(self) -> None:
        """Say that orders are being read."""
        self._count.setText("Reading …")

    def set_unread(self) -> None:
        """Say that the orders could not be read."""
        self._count.setText("Not read")

    def _kept_states(self) -> tuple[SyncState, ...]:
        kept = self._preferences.text(_KEY, ",".join(state.value for state in OPEN_STATES))
        known = {state.value: state for state in SyncState}
        return tuple(known[word] for word in kept.split(",") if word in known)

    def _fill_menu(self) -> None:
        self._menu.clear()
        for state, word in STATE_WORDS.items():
            # No icon: it would stand where the check mark is.
            action = self._menu.addAction(word)
            action.setCheckable(True)
            action.setChecked(not self._states or state in self._states)
            action.toggled.connect(lambda shown, each=state: self._toggle(each, shown=shown))
        self._menu.addSeparator()
        self._menu.addAction(_OPEN_WORDS).triggered.connect(lambda: self.set_states(OPEN_STATES))
        self._menu.addAction("Every state").triggered.connect(lambda: self.set_states(()))

    def _toggle(self, state: SyncState, *, shown: bool) -> None:
        states = set(self._states or SyncState)
        states = states | {state} if shown else states - {state}
        self.set_states(tuple(states))

    def _remove(self, key: str) -> None:
        if key == _OPEN_CHIP:
            self.set_states(())
        else:
            self.set_states([state for state in self._states if state.value != key])

    def _tell(self, *_text: object) -> None:
        self._show_chips()
        self.changed.emit(self.wanted)

    def _show_chips(self) -> None:
        if set(self._states) == set(OPEN_STATES):
            self._chips.set_chips([(_OPEN_CHIP, _OPEN_WORDS)])
        else:
            self._chips.set_chips([(state.value, str(STATE_WORDS[state])) for state in self._states])
