"""Logs as JSON lines in the data folder, secrets masked before anything is written."""

import logging
import logging.handlers
from pathlib import Path
from typing import Any

import structlog

from core.redaction import redact

LOG_BYTES = 5_000_000
LOG_FILES = 5


def configure_logs(folder: Path | None = None) -> Path | None:
    """Write logs to `deltadesk.log` in the folder, rotated; without a folder, warnings to standard error.

    Raises OSError when the folder or the file cannot be made.
    """
    handler: logging.Handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    path = None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "deltadesk.log"
        handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8"
        )
    handler.setFormatter(_OneLine())
    root = logging.getLogger("deltadesk")
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
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


class _OneLine(logging.Formatter):
    """The finished line with secrets masked: the last step, so that nothing slips past in a nested value.

    A traceback is in the line already; logging's own habit is to add it once more below, unmasked.
    """

    def format(self, record: logging.LogRecord) -> str:
        return redact(record.getMessage())
