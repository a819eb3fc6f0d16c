"""The parts of the status bar: flat buttons that shorten their words before they push the window wider."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from gui.icons import set_icon
from gui.theme import GROUPS, INSIDE, RELATED

_ICONS = {"ok": "synced", "warn": "warning", "error": "error", "unknown": "unknown", "hold": "hold"}
_ICON_SIDE = 14
_NEVER_CUT = 15


class StatusPart(QToolButton):
    """One part: an icon for its state, its words, shortened with an ellipsis where the room is narrow."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._full = ""
        self.setProperty("kind", "status")
        self.setIconSize(QSize(_ICON_SIDE, _ICON_SIDE))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_words(self, text: str, tone: str, tooltip: str) -> None:
        """Show other words; no words, no part."""
        self._full = text
        picture = _ICONS.get(tone)
        set_icon(self, picture, tone)
        self.setToolButtonStyle(
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon if picture else Qt.ToolButtonStyle.ToolButtonTextOnly
        )
        self.setToolTip(tooltip or text)
        self.setAccessibleName(f"{self._name}: {text}")
        self.setVisible(bool(text))
        self._fit()
        self.updateGeometry()

    def words(self) -> str:
        """Return the words before any shortening."""
        return self._full

    def sizeHint(self) -> QSize:
        """Return the room for all words."""
        hint = super().sizeHint()
        return QSize(
            self._surroundings() + self.fontMetrics().horizontalAdvance(self._full) + 2, hint.height()
        )

    def minimumSizeHint(self) -> QSize:
        """Return the room below which words are cut no further: short ones are never cut."""
        few = self.fontMetrics().averageCharWidth() * _NEVER_CUT
        return QSize(min(self._surroundings() + few, self.sizeHint().width()), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten or lengthen the words to the room there is."""
        super().resizeEvent(event)
        self._fit()

    def _surroundings(self) -> int:
        return 2 * RELATED + 2 + (0 if self.icon().isNull() else _ICON_SIDE + INSIDE)

    def _fit(self) -> None:
        room = self.width() - self._surroundings()
        fitting = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, room)
        if fitting != self.text():
            self.setText(fitting)


class StatusStrip(QWidget):
    """All parts in one row; the last one stands at the right edge."""

    clicked = Signal(str)
    """The name of the part pressed."""

    def __init__(self, names: dict[str, str]) -> None:
        super().__init__()
        self._parts = {part: StatusPart(spoken) for part, spoken in names.items()}
        row = QHBoxLayout(self)
        row.setContentsMargins(INSIDE, 0, GROUPS, 0)
        row.setSpacing(INSIDE)
        for part, button in self._parts.items():
            button.clicked.connect(lambda *_, part=part: self.clicked.emit(part))
            if part == list(names)[-1]:
                row.addStretch(1)
            row.addWidget(button)

    def come_last(self) -> None:
        """Let Tab come here after all else in the window, also after what was added later."""
        for button in self._parts.values():
            if (last := self.window().previousInFocusChain()) is not None:
                QWidget.setTabOrder(last, button)

    def set_status(self, part: str, text: str, tone: str, tooltip: str) -> None:
        """Show one part's words. Raises `KeyError` for a part that is none."""
        self._parts[part].set_words(text, tone, tooltip)

    def part(self, name: str) -> StatusPart:
        """Return one part. Raises `KeyError` for a part that is none."""
        return self._parts[name]
