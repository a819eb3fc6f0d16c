"""The order tree, or why there is nothing to show and the one thing to do."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget

from core.orders.model import OrderFilter
from gui.pages.order_tree_view import OrderTreeView
from gui.widgets.messages import EmptyState


class OrderStack(QStackedWidget):
    """Shows the tree or an empty state."""

    reload_wanted = Signal()
    everything_wanted = Signal()
    """Every filter is to be taken away."""

    def __init__(self, tree: OrderTreeView) -> None:
        super().__init__()
        self._tree = tree
        self.empty = EmptyState("orders", "", "", "")
        self.empty.activated.connect(self._activated)
        self._filtered = False
        self.addWidget(tree)
        self.addWidget(self.empty)
        self.show_no_profile()

    @property
    def tree_shown(self) -> bool:
        """Whether there are orders to look at."""
        return self.currentWidget() is self._tree

    def show_tree(self) -> None:
        """There are orders."""
        self.setCurrentWidget(self._tree)

    def show_no_profile(self) -> None:
        """Say that there is no database to read from."""
        self._say("orders", "No profile is open", "Open a profile to see its orders.", None)

    def explain(self, wanted: OrderFilter, *, anything: bool) -> None:
        """Say why no order is shown: the filter, or there is none."""
        self._filtered = anything and wanted != OrderFilter()
        if self._filtered:
            sentence = "Other orders are there, but none of them matches the search and the states chosen."
            self._say("filter", "No order matches", sentence, "Show every order")
        else:
            sentence = "New and changed orders appear here once they are in the delta tables."
            self._say("orders", "No orders", sentence, "Reload")

    def _say(self, icon_name: str, title: str, sentence: str, button: str | None) -> None:
        self.empty.set_words(icon_name, title, sentence)
        self.empty.button.setText(button or "")
        self.empty.button.setVisible(button is not None)
        self.setCurrentWidget(self.empty)

    def _activated(self) -> None:
        (self.everything_wanted if self._filtered else self.reload_wanted).emit()
