"""Buttons by their weight: one filled button a page, the rest plain; every icon-only button has words."""

from typing import TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QPushButton, QToolButton, QWidget

from gui.icons import set_icon

_Triggered = TypeVar("_Triggered", QAbstractButton, QAction, QPushButton, QToolButton)

_ICON = QSize(16, 16)
_SAID_BEFORE = "tooltip_when_enabled"


def _button(text: str, kind: str, icon_name: str | None, tone: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("kind", kind)
    button.setIconSize(_ICON)
    # Enter belongs to a dialog's default button, which each dialog names itself.
    button.setAutoDefault(False)
    if icon_name:
        set_icon(button, icon_name, tone)
    return button


def primary_button(text: str, icon_name: str | None = None) -> QPushButton:
    """Make the one filled button of a page."""
    return _button(text, "primary", icon_name, "on_accent")


def plain_button(text: str, icon_name: str | None = None) -> QPushButton:
    """Make an ordinary button."""
    return _button(text, "plain", icon_name, "text")


def danger_button(text: str, icon_name: str | None = None) -> QPushButton:
    """Make the filled button of an action that reaches production or can't be undone."""
    return _button(text, "danger", icon_name, "on_error")


def link_button(text: str, icon_name: str | None = None) -> QPushButton:
    """Make a button that reads as a link."""
    button = _button(text, "link", icon_name, "accent")
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button


def icon_button(icon_name: str, text: str, tone: str = "text") -> QToolButton:
    """Make a button that shows only an icon; `text` is its tooltip and its accessible name."""
    button = QToolButton()
    set_icon(button, icon_name, tone)
    button.setIconSize(_ICON)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setToolTip(text)
    button.setAccessibleName(text)
    return button


def with_shortcut(target: _Triggered, keys: QKeySequence | str) -> _Triggered:
    """Give a button or an action its shortcut and say it in the tooltip."""
    sequence = QKeySequence(keys)
    words = target.toolTip() or target.text().replace("&", "")
    target.setShortcut(sequence)
    target.setToolTip(f"{words} ({sequence.toString(QKeySequence.SequenceFormat.NativeText)})")
    return target


def disable_because(widget: QWidget, reason: str) -> None:
    """Disable a control and say why in its tooltip."""
    if widget.isEnabled() or widget.property(_SAID_BEFORE) is None:
        widget.setProperty(_SAID_BEFORE, widget.toolTip())
    widget.setEnabled(False)
    widget.setToolTip(reason)
    widget.setAccessibleDescription(reason)


def enable(widget: QWidget) -> None:
    """Enable a control and give it its own tooltip back."""
    if (before := widget.property(_SAID_BEFORE)) is not None:
        widget.setToolTip(str(before))
        widget.setProperty(_SAID_BEFORE, None)
    widget.setAccessibleDescription("")
    widget.setEnabled(True)
