"""Logs as JSON lines in the data folder, secrets masked before anything is written."""

import json
import logging
import logging.handlers
import os
from contextlib import suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import structlog

from core.redaction import redact

LOG_BYTES = 5_000_000
LOG_FILES = 5


def configure_logs(folder: Path | None = None) -> Path | None:
    """Write logs to `deltadesk.log` in the folder, rotated; without a folder, warnings to standard error.

    Warnings of libraries go the same way. Folder and files are readable by their owner alone. Raises OSError
    when they cannot be made.
    """
    handler: logging.Handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    path = None
    if folder is not None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(PermissionError):  # an older one, which somebody else has made
            folder.chmod(0o700)
        path = folder / "deltadesk.log"
        handler = _PrivateFiles(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
    handler.setFormatter(_OneLine())
    root = logging.getLogger("deltadesk")
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    everything = logging.getLogger()
    if not any(isinstance(present, _Others) for present in everything.handlers):
        everything.addHandler(_Others(logging.WARNING))
    root.setLevel(logging.INFO)
    root.propagate = False
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=_logger,
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    return path


def _logger(*_names: Any) -> logging.Logger:
    return logging.getLogger("deltadesk")


def open_private(path: str | Path) -> TextIOWrapper:
    """Open a text file to write at its end; a new one is readable by its owner alone, whatever the umask."""
    return open(path, "a", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600))


class _PrivateFiles(logging.handlers.RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        return open_private(self.baseFilename)


class _Others(logging.Handler):
    """Brings warnings of libraries, such as asyncio's of a task that nobody awaited, to our own handlers."""

    def emit(self, record: logging.LogRecord) -> None:
        for handler in logging.getLogger("deltadesk").handlers:
            handler.handle(record)


class _OneLine(logging.Formatter):
    """The finished line with secrets masked: the last step, so that nothing slips past in a nested value.

    A traceback is in our own lines already; logging's habit is to add it once more below, unmasked.
    """

    def format(self, record: logging.LogRecord) -> str:
        return redact(record.getMessage() if record.name == "deltadesk" else self._foreign(record))

    def _foreign(self, record: logging.LogRecord) -> str:
        """A library's line in the form of our own."""
        line = {
            "event": record.getMessage(),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
