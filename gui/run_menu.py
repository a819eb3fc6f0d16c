"""The Run menu: each entry does what a button of a page does, and is there when the button is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractButton

from gui.icons import set_icon
from gui.shell import MainWindow

_TELLING = frozenset({QEvent.Type.EnabledChange, QEvent.Type.ShowToParent, QEvent.Type.HideToParent})
"""Events of a button after which it may have become usable, or not."""


@dataclass(frozen=True, slots=True)
class PushButton:
    """The button by which a page pushes, and what that is called in the menu."""

    words: str
    button: QAbstractButton


class RunMenu(QObject):
    """Preview, Push, Pause or resume, Stop.

    Push is that of the page shown, so the key never pushes what is not seen; other pages have none. The other
    entries work from every page.
    """

    def __init__(
        self,
        window: MainWindow,
        pushes: Mapping[str, PushButton],
        *,
        preview: QAbstractButton,
        pause: QAbstractButton,
        stop: QAbstractButton,
    ) -> None:
        """`pushes` has the button of each page that pushes, by the page's id."""
        super().__init__(window)
        self._window = window
        self._pushes = pushes
        self._stop = stop
        self._buttons: dict[QAction, QAbstractButton] = {}
        self._add("&Preview the checked orders", "Ctrl+P", "preview", preview)
        first = next(iter(pushes.values()))
        self._push = self._add(first.words, "Ctrl+Return", "run", first.button)
        self._add("Pause or &resume", "Ctrl+Shift+P", "pause", pause)
        self._add("&Stop the run…", "Ctrl+.", "stop", stop, self._ask_to_stop)
        for button in {preview, pause, stop, *(push.button for push in pushes.values())}:
            button.installEventFilter(self)
        window.page_changed.connect(self._page_changed)
        self._page_changed(window.current_page)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the buttons."""
        if event.type() in _TELLING:
            self._follow()
        return super().eventFilter(watched, event)

    def _add(
        self,
        text: str,
        keys: str,
        icon_name: str,
        button: QAbstractButton,
        slot: Callable[[], object] | None = None,
    ) -> QAction:
        action = QAction(text, self._window)
        set_icon(action, icon_name)
        action.setShortcut(QKeySequence(keys))
        self._buttons[action] = button
        # The button is looked up when it is needed: Push has several.
        action.triggered.connect(lambda *_: slot() if slot else self._buttons[action].click())
        self._window.add_run_action(action)
        return action

    def _page_changed(self, page_id: str) -> None:
        push = self._pushes.get(page_id)
        if push is not None:
            self._buttons[self._push] = push.button
            self._push.setText(push.words)
        self._follow()

    def _follow(self) -> None:
        for action, button in self._buttons.items():
            action.setEnabled(button.isEnabled() and not button.isHidden())
        if self._window.current_page not in self._pushes:
            self._push.setEnabled(False)

    def _ask_to_stop(self) -> None:
        """Go where the question is asked."""
        self._window.show_page("run")
        self._stop.click()
