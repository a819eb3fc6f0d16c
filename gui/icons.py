"""Icons of one family, inked in a tone of the theme in force.

An icon draws itself when it is painted and takes the colour then, so it follows a change of theme without
being set again, and it is drawn at the screen's own resolution.
"""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui.svg import icon_names, tinted_svg
from gui.theme import blend, current_tokens

__all__ = ["column_type_icon", "icon", "icon_names"]

# The board's own names of a column type that share a drawing.
_TYPE_ALIASES = {"board_relation": "relation", "lookup": "mirror", "color": "status", "numeric": "numbers"}


@lru_cache(maxsize=1024)
def _drawn(name: str, color: str, width: int, height: int) -> QPixmap:
    """Return the drawing in device pixels, centred in the given size."""
    pixmap = QPixmap(width, height)
    pixmap.fill(Qt.GlobalColor.transparent)
    side = min(width, height)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(tinted_svg(name, color))).render(
        painter, QRectF((width - side) / 2, (height - side) / 2, side, side)
    )
    painter.end()
    return pixmap


class _ThemedEngine(QIconEngine):
    """Paints one drawing in the colour its tone has at that moment."""

    def __init__(self, name: str, tone: str) -> None:
        super().__init__()
        self._name = name
        self._tone = tone

    def _color(self, mode: QIcon.Mode) -> str:
        tokens = current_tokens()
        ink = tokens.color(self._tone)
        if mode is QIcon.Mode.Disabled:
            ink = blend(tokens.color("muted"), tokens.color("surface"), 0.6)
        return ink.name()

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        scale = painter.device().devicePixelRatioF()
        painter.drawPixmap(rect, self.scaledPixmap(rect.size(), mode, state, scale))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State, scale: float) -> QPixmap:
        width, height = max(1, round(size.width() * scale)), max(1, round(size.height() * scale))
        pixmap = QPixmap(_drawn(self._name, self._color(mode), width, height))
        pixmap.setDevicePixelRatio(scale)
        return pixmap

    def clone(self) -> QIconEngine:
        return _ThemedEngine(self._name, self._tone)


def icon(name: str, tone: str = "text") -> QIcon:
    """Return the icon `name` in a tone of the theme. Raises `FileNotFoundError` for an unknown name."""
    tinted_svg(name, "#000000")
    return QIcon(_ThemedEngine(name, tone))


def column_type_icon(column_type: str, tone: str = "muted") -> QIcon:
    """Return the icon of a board column's type; the three dots of "other" for a type without its own."""
    name = f"type-{_TYPE_ALIASES.get(column_type, column_type)}"
    return icon(name if name in icon_names() else "type-other", tone)
