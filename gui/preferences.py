"""What the desktop remembers between two starts: sizes, places, choices. No secret is ever written here."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHeaderView, QSplitter, QWidget

_VISIBLE_ENOUGH = 64


class Preferences:
    """A thin layer over an INI file at a given path. A value that can't be read counts as not there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)

    def text(self, key: str, default: str = "") -> str:
        """Return a text."""
        value = self._settings.value(key)
        return value if isinstance(value, str) else default

    def number(self, key: str, default: int = 0) -> int:
        """Return a whole number."""
        try:
            return int(self.text(key))
        except ValueError:
            return default

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return yes or no."""
        return {"true": True, "false": False}.get(self.text(key), default)

    def set(self, key: str, value: str | float | bool) -> None:  # noqa: FBT001  # a value like any other
        """Keep a value."""
        self._settings.setValue(key, str(value).lower() if isinstance(value, bool) else str(value))

    def remember_window(self, key: str, window: QWidget) -> None:
        """Keep a window's size and place."""
        self._settings.setValue(f"{key}/geometry", window.saveGeometry())

    def restore_window(self, key: str, window: QWidget) -> bool:
        """Give a window its size and place back, where a screen still shows it. False: nothing was kept."""
        kept = self._settings.value(f"{key}/geometry")
        restored = isinstance(kept, QByteArray) and window.restoreGeometry(kept)
        _move_into_view(window)
        return restored

    def remember_state(self, key: str, widget: QHeaderView | QSplitter) -> None:
        """Keep the columns of a header or the shares of a splitter."""
        self._settings.setValue(f"{key}/state", widget.saveState())

    def restore_state(self, key: str, widget: QHeaderView | QSplitter) -> bool:
        """Give a header or a splitter its state back. False: nothing was kept."""
        kept = self._settings.value(f"{key}/state")
        return isinstance(kept, QByteArray) and widget.restoreState(kept)

    def forget(self, key: str) -> None:
        """Drop a key and everything below it."""
        self._settings.remove(key)

    def sync(self) -> None:
        """Write the file now."""
        self._settings.sync()


def _move_into_view(window: QWidget) -> None:
    """Bring a window back that a screen now gone would have shown."""
    if window.isMaximized() or window.isFullScreen():
        return
    place = window.geometry()
    title = QRect(place.x(), place.y(), place.width(), _VISIBLE_ENOUGH)
    for screen in QGuiApplication.screens():
        seen = screen.availableGeometry().intersected(title)
        if seen.width() >= _VISIBLE_ENOUGH and seen.height() >= _VISIBLE_ENOUGH // 2:
            return
    room = QGuiApplication.primaryScreen().availableGeometry()
    size = place.size().boundedTo(room.size())
    place = QRect(room.topLeft(), size)
    place.moveCenter(room.center())
    window.setGeometry(place)
