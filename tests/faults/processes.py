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


def killed_at(desk: NarrowDesk, operation: str, *arguments: str, arrives: bool) -> bool:
    """Kill a command when it sends this operation; False where it ended before.

    `arrives`: the board carries the request out, which otherwise never reaches it.
    """
    desk.board.faults.clear()
    process = start_command(desk, *arguments)

    def kill(request: ReceivedRequest) -> bool:
        if operation not in request.operations:
            return False
        process.kill()
        return True

    desk.board.faults.add("delay" if arrives else "reset", predicate=kill)
    with ended_at_last([process]):
        process.communicate(timeout=PATIENCE_SECONDS)
    wait_for_what_arrived(desk.board)
    desk.board.faults.clear()
    return process.returncode < 0


def wait_for_what_arrived(board: RunningBoard) -> None:
    """Wait until the board is through with every request that it has now."""
    arrived: list[ReceivedRequest] = board.requests
    board.wait_until(lambda _: all(request.finished for request in arrived))
