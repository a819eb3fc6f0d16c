"""Which control has the keyboard: the page shown gets it whenever nobody else has it any more."""

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QWidget
from shiboken6 import isValid


class PageFocus(QObject):
    """Looks after the focus of one window with pages in a stack.

    A page may say by `first_focus` which of its controls comes first. (A focus proxy would say it too, but
    Qt then takes the page for that one control: Tab would leave out the others.)
    """

    def __init__(self, window: QMainWindow, pages: QStackedWidget) -> None:
        super().__init__(window)
        self._window = window
        self._pages = pages
        self._last: QWidget | None = None
        self._lost = False
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._look)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._moved)

    def give(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """Give the page shown the next key."""
        page = self._pages.currentWidget()
        first = getattr(page, "first_focus", page)
        if first is not None:
            first.setFocus(reason)

    @property
    def is_elsewhere(self) -> bool:
        """Whether a control outside the pages has the focus, such as the navigation."""
        focused = self._window.focusWidget()
        return focused is not None and focused.isVisible() and not self._pages.isAncestorOf(focused)

    @property
    def is_in_page(self) -> bool:
        """Whether a control that is seen in the page shown has the focus."""
        focused = self._window.focusWidget()
        return (
            focused is not None
            and focused is not self._pages.currentWidget()
            and focused.isVisible()
            and self._pages.isAncestorOf(focused)
        )

    def forget(self) -> None:
        """Another page is shown: what had the focus on the one before is of no interest any more."""
        self._last, self._lost = None, False

    def _moved(self, _before: QWidget | None, now: QWidget | None) -> None:
        if now is not None and now.window() is self._window:
            self._lost = self._lost or self._has_gone
            self._last = now if now.isVisible() else None
        self._soon.start()

    def _look(self) -> None:
        """Take the focus back that Qt gave to any next control, because the former one has gone."""
        if not self._window.isActiveWindow() or QApplication.activePopupWidget() is not None:
            return
        lost, self._lost = self._lost or self._has_gone, False
        if lost and not self.is_in_page:
            self._last = None
            self.give()

    @property
    def _has_gone(self) -> bool:
        """Whether the control that had the focus last cannot be used any more."""
        last = self._last
        return last is not None and (not isValid(last) or not last.isVisible() or not last.isEnabled())
