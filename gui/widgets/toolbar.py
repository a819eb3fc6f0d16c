"""The row of controls above a table, and the head of a page."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.theme import GROUPS, INSIDE, RELATED
from gui.widgets.labels import muted_label, title_label


class Toolbar(QWidget):
    """One row of controls, 8 px apart. Tab order is the order of adding."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(RELATED)

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Add a control at the right end; `stretch` lets it take the free room."""
        self._row.addWidget(widget, stretch, Qt.AlignmentFlag.AlignVCenter)

    def add_label(self, text: str) -> QLabel:
        """Add second words, such as "412 of 2,318", and return their label."""
        label = muted_label(text)
        self.add(label)
        return label

    def add_stretch(self) -> None:
        """Push what follows to the right edge."""
        self._row.addStretch(1)

    def add_separator(self) -> None:
        """Part two groups by a hairline."""
        line = QFrame()
        line.setProperty("role", "rule")
        line.setFixedWidth(1)
        self._row.addSpacing(INSIDE)
        self._row.addWidget(line)
        self._row.addSpacing(INSIDE)


class PageHeader(QWidget):
    """The title of a page with an optional sentence below, and the page's actions on the right."""

    def __init__(self, title: str, subtitle: str = "") -> None:
        super().__init__()
        self._title = title_label(title)
        self._subtitle = muted_label("")
        self._subtitle.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._subtitle)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(RELATED)
        self._row.addLayout(words, 1)
        self._row.addSpacing(GROUPS)
        self.set_subtitle(subtitle)

    def add(self, widget: QWidget) -> None:
        """Add an action at the right end; the page's main action comes last."""
        self._row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def set_title(self, title: str) -> None:
        """Change the title."""
        self._title.setText(title)

    def set_subtitle(self, subtitle: str) -> None:
        """Change the sentence below the title; an empty one takes no room."""
        self._subtitle.setText(subtitle)
        self._subtitle.setVisible(bool(subtitle))
