"""The way onto the clipboard."""

from PySide6.QtGui import QGuiApplication

from core.redaction import redact


def copy_text(text: str) -> None:
    """Put a text on the clipboard, secrets masked: nobody knows where it is pasted."""
    QGuiApplication.clipboard().setText(redact(text))
