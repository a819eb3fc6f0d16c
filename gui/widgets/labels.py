"""Text in the house's sizes, and small pieces around text: badges, cards, rules."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.icons import icon
from gui.theme import GROUPS, RELATED, fixed_font

_SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    return label


def title_label(text: str) -> QLabel:
    """Make the title of a page."""
    return _label(text, "title")


def section_label(text: str) -> QLabel:
    """Make the title of a section."""
    return _label(text, "section")


def muted_label(text: str) -> QLabel:
    """Make second words at the body's size: units, hints."""
    return _label(text, "muted")


def small_label(text: str) -> QLabel:
    """Make second words one point smaller."""
    return _label(text, "small")


def body_label(text: str) -> QLabel:
    """Make a sentence that wraps and can be selected and copied."""
    label = _label(text, "body")
    label.setWordWrap(True)
    label.setTextInteractionFlags(_SELECTABLE)
    return label


def fixed_label(text: str) -> QLabel:
    """Make an identifier in the fixed font that can be selected and copied."""
    label = _label(text, "fixed")
    label.setFont(fixed_font())
    label.setTextInteractionFlags(_SELECTABLE)
    return label


def set_tone(widget: QWidget, tone: str) -> None:
    """Colour a label by a tone: "text", "accent", "ok", "warn", "error", "unknown" or "hold"."""
    set_style_property(widget, "tone", tone)


def set_style_property(widget: QWidget, name: str, value: str) -> None:
    """Set a property the style sheet reads and let the style look at the widget again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()


def rule() -> QFrame:
    """Make a horizontal hairline."""
    line = QFrame()
    line.setProperty("role", "rule")
    line.setFixedHeight(1)
    return line


def card(content: QWidget | QLayout) -> QFrame:
    """Put a widget or a layout on a surface with a hairline around it."""
    frame = QFrame()
    frame.setProperty("role", "card")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(GROUPS, GROUPS, GROUPS, GROUPS)
    layout.setSpacing(RELATED)
    if isinstance(content, QWidget):
        layout.addWidget(content)
    else:
        layout.addLayout(content)
    return frame


class IconLabel(QWidget):
    """One icon of the family that follows the theme. It is decoration: the words beside it say the same."""

    def __init__(self, icon_name: str, tone: str = "text", side: int = 16) -> None:
        super().__init__()
        self.setFixedSize(QSize(side, side))
        self.set_icon(icon_name, tone)

    def set_icon(self, icon_name: str, tone: str = "text") -> None:
        """Show another icon or another tone."""
        icon(icon_name, tone)
        self._look = (icon_name, tone)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the icon in the colour its tone has now."""
        icon(*self._look).paint(QPainter(self), self.rect())


class Badge(QLabel):
    """A profile's name on its colour: demo quiet, development accented, production filled.

    A kind the badge does not know looks like development: nobody knows it to be harmless.
    """

    KINDS = ("demo", "development", "production")

    def __init__(self, text: str = "", kind: str = "demo") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "badge")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_profile(text, kind)

    @property
    def kind(self) -> str:
        """The kind of profile shown."""
        return str(self.property("kind"))

    def set_profile(self, text: str, kind: str) -> None:
        """Show another profile."""
        self.setText(text)
        self.setAccessibleName(f"Profile {text}" if text else "No profile")
        set_style_property(self, "kind", kind if kind in self.KINDS else "development")
