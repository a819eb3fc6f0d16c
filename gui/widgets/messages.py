"""What the application says inside a page: an empty state, a banner that stays until it is dismissed."""

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.theme import EDGE, GROUPS, INSIDE, RELATED
from gui.widgets.buttons import icon_button, plain_button
from gui.widgets.labels import IconLabel, body_label, section_label, set_style_property


class Severity(StrEnum):
    """How much a message matters."""

    INFO = "info"
    OK = "ok"
    WARN = "warn"
    ERROR = "error"


_LOOKS = {  # severity -> icon, tone, the word a screen reader says first
    Severity.INFO: ("info", "accent", "Information"),
    Severity.OK: ("synced", "ok", "Done"),
    Severity.WARN: ("warning", "warn", "Warning"),
    Severity.ERROR: ("error", "error", "Error"),
}


class EmptyState(QWidget):
    """What would be here, and the one thing to do."""

    activated = Signal()
    """The button was pressed."""

    def __init__(self, icon_name: str, title: str, sentence: str, button: str | None = None) -> None:
        super().__init__()
        self._picture = IconLabel(icon_name, "muted", 32)
        self._title = section_label("")
        self._sentence = body_label("")
        self._sentence.setProperty("role", "muted")
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setMinimumWidth(200)
        self._sentence.setMaximumWidth(400)
        self.button = plain_button(button or "")
        self.button.clicked.connect(self.activated)
        self.button.setVisible(button is not None)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        column.setSpacing(RELATED)
        column.addStretch(2)
        middle = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(self._picture, 0, middle)
        column.addWidget(self._title, 0, middle)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._sentence, 8)
        row.addStretch(1)
        column.addLayout(row)
        column.addSpacing(RELATED)
        column.addWidget(self.button, 0, middle)
        column.addStretch(3)
        self.set_words(icon_name, title, sentence)

    def set_words(self, icon_name: str, title: str, sentence: str) -> None:
        """Say something else, for example after a search found nothing."""
        self._picture.set_icon(icon_name, "muted")
        self._title.setText(title)
        self._sentence.setText(sentence)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)


class MessagePanel(QFrame):
    """A banner in the page: icon, title, text, actions. Its words can be selected; it never just goes."""

    closed = Signal()
    """The operator dismissed the panel; it is hidden already."""

    def __init__(self, severity: str, title: str, text: str = "", *, closable: bool = False) -> None:
        super().__init__()
        self.setProperty("role", "message")
        self._picture = IconLabel("info")
        self._title = body_label("")
        bold = self._title.font()
        bold.setBold(True)
        self._title.setFont(bold)
        self._text = body_label("")
        self._close = icon_button("close", "Dismiss")
        self._close.clicked.connect(self._dismiss)
        self._close.setVisible(closable)
        self._actions = QHBoxLayout()
        self._actions.setSpacing(RELATED)
        self._actions.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(INSIDE)
        words.addWidget(self._title)
        words.addWidget(self._text)
        words.addLayout(self._actions)
        row = QHBoxLayout(self)
        row.setContentsMargins(GROUPS - 4, RELATED, RELATED, RELATED)
        row.setSpacing(RELATED)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self.set_message(severity, title, text)

    def set_message(self, severity: str, title: str, text: str = "") -> None:
        """Say something else; the actions stay. Raises `ValueError` for a word that is no severity."""
        icon_name, tone, spoken = _LOOKS[Severity(severity)]
        self._picture.set_icon(icon_name, tone)
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        set_style_property(self, "severity", severity)
        self.setAccessibleName(f"{spoken}: {title}")
        self.setAccessibleDescription(text)

    def words(self) -> str:
        """Return title and text as one would copy them."""
        return "\n".join(part for part in (self._title.text(), self._text.text()) if part)

    def add_action(self, text: str, slot: Callable[[], object]) -> QPushButton:
        """Add a button below the words and return it."""
        button = plain_button(text)
        button.clicked.connect(lambda *_: slot())
        self._actions.insertWidget(self._actions.count() - 1, button)
        return button

    def clear_actions(self) -> None:
        """Take all buttons away."""
        for button in self.findChildren(QPushButton):
            self._actions.removeWidget(button)
            button.hide()
            button.deleteLater()

    def _dismiss(self) -> None:
        self.hide()
        self.closed.emit()


def problem_panel(title: str, subject: str, remedy: str) -> MessagePanel:
    """Make the banner of an error: what happened, to what, what to do."""
    return MessagePanel(Severity.ERROR, title, "\n".join(part for part in (subject, remedy) if part))
