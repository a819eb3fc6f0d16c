"""The command in this process, on a desk of its own, and a real `deltadesk` process where that matters."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from core.cli.application import application
from core.demo.testing import DemoDesk

Invoke = Callable[..., Result]


@pytest.fixture(autouse=True)
def _logs_closed() -> Iterator[None]:
    """A command leaves its log open until its process ends; here the process goes on."""
    yield
    log = logging.getLogger("deltadesk")
    for handler in list(log.handlers):
        log.removeHandler(handler)
        handler.close()
    structlog.reset_defaults()


@pytest.fixture
def invoke() -> Invoke:
    """Call `deltadesk` in this process; nobody is at its standard input."""

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(application, list(arguments))

    return call


@pytest.fixture
def at_desk(desk: DemoDesk, invoke: Invoke) -> Invoke:
    """Call a command of `deltadesk` with the desk's configuration and profile."""

    def call(command: str, *arguments: str) -> Result:
        place = ("--config", str(desk.configuration_file), "--profile", "practice")
        return invoke(command, *arguments, *place)

    return call


@pytest.fixture
def reconfigure(desk: DemoDesk) -> Callable[[str, str], None]:
    """Replace the last occurrence of a passage in the desk's configuration: its own profile is at the end."""

    def replace(old: str, new: str) -> None:
        text = desk.configuration_file.read_text(encoding="utf-8")
        before, found, after = text.rpartition(old)
        assert found, f"the configuration does not hold {old!r}"
        desk.configuration_file.write_text(before + new + after, encoding="utf-8")

    return replace


@pytest.fixture(scope="session")
def deltadesk() -> Callable[..., subprocess.CompletedProcess]:
    """Run `deltadesk` as a process of its own with the given data folder."""

    def run(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        settings = {name: value for name, value in os.environ.items() if not name.startswith("DELTADESK_")}
        return subprocess.run(
            [sys.executable, "-c", "from core.cli import main; main()", *arguments],
            env={**settings, "DELTADESK_HOME": str(home), "COLUMNS": "200", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
