"""The search field above a table."""

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.icons import set_icon

_SETTLED_MS = 200


class SearchField(QLineEdit):
    """A field that reports what was typed once the typing settles, and at once on Enter or when cleared."""

    searched = Signal(str)
    """The text without outer spaces; never twice the same text in a row."""

    def __init__(self, placeholder: str = "Search", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reported = ""
        self._timer = QTimer(self, interval=_SETTLED_MS, singleShot=True)
        self._timer.timeout.connect(self._report)
        self.setProperty("search", "true")
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setClearButtonEnabled(True)
        looking_glass = QAction(self)
        set_icon(looking_glass, "search", "muted")
        self.addAction(looking_glass, QLineEdit.ActionPosition.LeadingPosition)
        self.textChanged.connect(self._typed)
        self.returnPressed.connect(self._report)

    def set_text_silently(self, text: str) -> None:
        """Show a text the page already searches for, such as one it remembered."""
        with QSignalBlocker(self):
            self.setText(text)
        self._timer.stop()
        self._reported = text.strip()

    def _typed(self, text: str) -> None:
        if text:
            self._timer.start()
        else:
            self._report()

    def _report(self) -> None:
        self._timer.stop()
        text = self.text().strip()
        if text != self._reported:
            self._reported = text
            self.searched.emit(text)
