"""Icons of one family, inked in a tone of the theme in force.

An icon is a set of ready pictures, so it keeps the colour it was made with. A model asks for it anew with
every painting; whoever keeps one gives it by `set_icon`, and `ink_again` renews all of those when the theme
changes. (An icon engine of Python's own would follow by itself, but its owner is not settled between Qt and
Python: it was freed twice as soon as the last window was gone.)
"""

from functools import lru_cache
from typing import Protocol

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox

from gui.svg import icon_names, tinted_svg
from gui.theme import Tokens, blend, current_tokens

__all__ = [
    "add_icon_item",
    "column_type_icon",
    "column_type_icon_name",
    "icon",
    "icon_names",
    "ink_again",
    "set_icon",
]

# The board's own names of a column type that share a drawing.
_TYPE_ALIASES = {"board_relation": "relation", "lookup": "mirror", "color": "status", "numeric": "numbers"}

# Sides in device pixels: 16 at 100, 150, 200 and 400 %. Qt scales the next larger one down.
_SIDES = (16, 24, 32, 64)
_PROPERTY = "themed_icon"
_ITEM_ROLE = Qt.ItemDataRole.UserRole + 900


class _TakesIcon(Protocol):
    def setIcon(self, icon: QIcon, /) -> None: ...

    def setProperty(self, name: str, value: object, /) -> bool: ...


def _inked(name: str, ink: str, faint_ink: str) -> QIcon:
    """Return the drawing in one colour, and in a fainter one where it is disabled."""
    drawn = QIcon()
    for modes, color in (
        ((QIcon.Mode.Normal, QIcon.Mode.Selected), ink),
        ((QIcon.Mode.Disabled,), faint_ink),
    ):
        renderer = QSvgRenderer(QByteArray(tinted_svg(name, color)))
        for side in _SIDES:
            pixmap = QPixmap(side, side)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            renderer.render(painter, QRectF(0, 0, side, side))
            painter.end()
            # Without one of its own, Qt would tint the icon of a selected row.
            for mode in modes:
                drawn.addPixmap(pixmap, mode)
    return drawn


def icon(name: str, tone: str = "text") -> QIcon:
    """Return the icon `name` in a tone of the theme. Raises `FileNotFoundError` for an unknown name."""
    return _toned(name, tone, current_tokens())


@lru_cache(maxsize=1024)
def _toned(name: str, tone: str, tokens: Tokens) -> QIcon:
    faint = blend(tokens.color("muted"), tokens.color("surface"), 0.6)
    return _inked(name, tokens.color(tone).name(), faint.name())


def set_icon(target: _TakesIcon, name: str | None, tone: str = "text") -> None:
    """Give a button, an action or a window an icon that follows the theme; None takes it away.

    Raises `FileNotFoundError` for an unknown name.
    """
    target.setIcon(icon(name, tone) if name else QIcon())
    target.setProperty(_PROPERTY, f"{name} {tone}" if name else None)


def add_icon_item(combo: QComboBox, name: str, tone: str, text: str, data: object) -> None:
    """Add an entry with an icon that follows the theme."""
    combo.addItem(icon(name, tone), text, data)
    combo.setItemData(combo.count() - 1, f"{name} {tone}", _ITEM_ROLE)


def ink_again() -> None:
    """Draw every icon that was given by `set_icon` or `add_icon_item` in the colours in force now."""
    for widget in QApplication.allWidgets():
        if isinstance(widget, QAbstractButton):
            _ink_one(widget)
        elif isinstance(widget, QComboBox):
            _ink_items(widget)
        for action in widget.actions():
            _ink_one(action)


def _ink_one(target: QAbstractButton | QAction) -> None:
    if (words := _kept_words(target)) is not None:
        target.setIcon(icon(*words))


def _ink_items(combo: QComboBox) -> None:
    for row in range(combo.count()):
        if isinstance(words := combo.itemData(row, _ITEM_ROLE), str):
            combo.setItemIcon(row, icon(*words.split(" ")))


def _kept_words(target: QObject) -> tuple[str, str] | None:
    words = target.property(_PROPERTY)
    if not isinstance(words, str):
        return None
    name, tone = words.split(" ")
    return name, tone


def column_type_icon_name(column_type: str) -> str:
    """Return the name of the icon of a board column's type; "type-other" for a type without its own."""
    name = f"type-{_TYPE_ALIASES.get(column_type, column_type)}"
    return name if name in icon_names() else "type-other"


def column_type_icon(column_type: str, tone: str = "muted") -> QIcon:
    """Return the icon of a board column's type; the three dots of "other" for a type without its own."""
    return icon(column_type_icon_name(column_type), tone)
