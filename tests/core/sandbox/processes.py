"""Practice boards as processes of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[3]
FIXTURE = Path(__file__).with_name("board.json")
Start = Callable[..., tuple[subprocess.Popen[str], dict[str, Any]]]


@contextmanager
def processes(folder: Path, token: str) -> Iterator[Start]:
    """Give a function that starts a board on the folder's state; it returns the process and what it told."""
    started = []

    def start(*arguments: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "core.sandbox",
                "--state",
                str(folder / "state.db"),
                "--fixture",
                str(FIXTURE),
                *arguments,
            ],
            cwd=REPOSITORY,
            env={**os.environ, "DELTADESK_PRACTICE_TOKEN": token},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process, json.loads(process.stdout.readline())

    try:
        yield start
    finally:
        for process in started:
            process.kill()
            process.communicate()
