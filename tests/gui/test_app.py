"""The application before its window: what is unexpected reaches the log, and nothing secret does."""

import json
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog

from core.logs import configure_logs
from core.redaction import MASK, remember_secret
from gui.app import _log_unexpected

SECRET = "sentinel-7f3a91c2"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The log, with the hooks of the application in their places."""
    for owner, hook in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(owner, hook, getattr(owner, hook))
    remember_secret(SECRET)
    path = configure_logs(tmp_path / "logs")
    assert path is not None
    _log_unexpected()
    yield path
    for handler in list(logging.getLogger("deltadesk").handlers):
        logging.getLogger("deltadesk").removeHandler(handler)
        handler.close()
    structlog.reset_defaults()


def unexpected() -> ValueError:
    """A failure with a cause, both of which quote the secret."""
    error = ValueError(f"refused {SECRET}")
    error.__cause__ = OSError(f"the driver says {SECRET}")
    return error


@pytest.mark.parametrize("hook", ["main", "thread", "destructor"])
def test_that_an_unexpected_failure_is_logged_with_its_causes_and_without_secrets(hook, log):
    error = unexpected()
    args = SimpleNamespace(
        exc_type=ValueError,
        exc_value=error,
        exc_traceback=error.__traceback__,
        thread=None,
        object=None,
        err_msg=None,
    )
    if hook == "main":
        sys.excepthook(ValueError, error, error.__traceback__)
    else:
        (threading.excepthook if hook == "thread" else sys.unraisablehook)(args)
    text = log.read_text(encoding="utf-8")
    told = str(json.loads(text)["exception"])
    assert f"ValueError: refused {MASK}" in told
    assert f"OSError: the driver says {MASK}" in told
    assert SECRET not in text
