"""The command in processes of its own, to be killed; and how long a proof takes its time."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from core.sandbox.requests import ReceivedRequest
from core.sandbox.testing import RunningBoard
from tests.faults.narrow_desk import NarrowDesk

# Read here: no setting from outside reaches a test.
SOAK = os.environ.get("DELTADESK_SOAK") == "1"
SEED = int(os.environ.get("DELTADESK_SOAK_SEED", "20261122"))
PATIENCE_SECONDS = 120.0
ROOT = Path(__file__).parents[2]


def start_command(
    desk: NarrowDesk, *arguments: str, output: IO[str] | int = subprocess.PIPE
) -> subprocess.Popen[str]:
    """Start `deltadesk`, hurried as `run_hurried` says; `output` gets all that it says."""
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.faults.run_hurried", *arguments),
            *("--config", str(desk.configuration_file)),
        ],
        cwd=ROOT,
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def ended_at_last(processes: Sequence[subprocess.Popen[str] | None]) -> Iterator[None]:
    """Whatever of these processes, as they are at the end, still runs when a test fails is ended."""
    try:
        yield
    finally:
        for process in processes:
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()


def wait_for_what_arrived(board: RunningBoard) -> None:
    """Wait until the board is through with every request that it has now."""
    arrived: list[ReceivedRequest] = board.requests
    board.wait_until(lambda _: all(request.finished for request in arrived))
