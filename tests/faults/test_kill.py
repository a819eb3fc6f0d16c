"""A run is killed again and again, at points that only the seed knows, until all is on the board: each once.

The short form is part of every test run. `make soak` kills 200 times, on SQLite and on MariaDB.
"""

import random
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from core.sandbox.requests import ReceivedRequest
from tests.database_servers import MariaDbServer
from tests.faults.narrow_desk import NarrowDesk, narrow_desk
from tests.faults.processes import PATIENCE_SECONDS, SEED, SOAK, start_command, wait_for_what_arrived

CUSTOMERS = 6
ORDERS = 300
LINES_EACH = 4
POINTS = ("on its way", "arrived", "answered", "starting")


class Killer:
    """Runs the command and ends it at a point that it draws.

    It watches from the board's side, so that no product code takes part. "on its way": the request left, and
    never arrives. "arrived": the board carries it out when the sender is dead. "answered": some milliseconds
    after an answer, which is while it is read, committed, or the next request leaves. "starting": anywhere
    between the start of the process, its migrations and its first requests.
    """

    def __init__(self, desk: NarrowDesk, draw: random.Random, requests_at_most: int) -> None:
        self._desk = desk
        self._draw = draw
        self._requests_at_most = requests_at_most
        self._process: subprocess.Popen[str]
        self.points: Counter[str] = Counter()
        """How often the command was killed, by point."""

    def run(self, *, killing: bool) -> tuple[int, str]:
        """Run the command to its end; returns its exit code, below zero when killed, and what it said."""
        board = self._desk.board
        board.faults.clear()
        board.forget_requests()
        point = self._draw.choice(POINTS) if killing else ""
        nth = self._draw.randint(1, self._requests_at_most)
        if point in {"on its way", "arrived"}:
            kind = "reset" if point == "on its way" else "delay"
            board.faults.add(kind, predicate=self._kill_at(nth))
        self._process = start_command(self._desk, "run", "--yes", "--json")
        watch = threading.Thread(target=self._watch, args=(point, nth))
        watch.start()
        said, _ = self._process.communicate(timeout=PATIENCE_SECONDS)
        watch.join()
        wait_for_what_arrived(board)
        if self._process.returncode < 0:
            self.points[point] += 1
        return self._process.returncode, said

    def _kill_at(self, nth: int) -> Callable[[ReceivedRequest], bool]:
        """Kills when the board has the nth mutation in its hands."""
        seen = 0

        def is_the_one(request: ReceivedRequest) -> bool:
            nonlocal seen
            seen += request.is_mutation
            if seen != nth or not request.is_mutation:
                return False
            self._process.kill()
            return True

        return is_the_one

    def _watch(self, point: str, nth: int) -> None:
        if point == "answered":
            pause = self._draw.uniform(0, 0.08)
            while self._process.poll() is None and self._answered() < nth:
                threading.Event().wait(0.002)
        elif point == "starting":
            pause = self._draw.uniform(0.2, 2.5)
        else:
            return
        try:
            self._process.wait(pause)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _answered(self) -> int:
        requests: Sequence[ReceivedRequest] = self._desk.board.requests
        return sum(1 for request in requests if request.is_mutation and request.finished)


def kill_until_done(desk: NarrowDesk, *, kills: int, requests_at_most: int) -> Counter[str]:
    """Kill so many runs, each taking up where the last one was killed, then let one come to its end."""
    killer = Killer(desk, random.Random(SEED), requests_at_most)
    for customer in range(CUSTOMERS):
        desk.add_orders(f"CUSTOMER {customer}", ORDERS // CUSTOMERS, LINES_EACH)
    more = 0
    while killer.points.total() < kills:
        code, said = killer.run(killing=True)
        assert code <= 0, said
        if code == 0:  # it came to its end before the point that was drawn: it needs more to do
            more += 1
            desk.add_orders(f"LATE CUSTOMER {more}", 10, LINES_EACH)
    code, said = killer.run(killing=False)
    assert code == 0, said
    return killer.points


@pytest.mark.timeout(300)
def test_a_run_that_is_killed_eight_times_has_everything_on_the_board_once(tmp_path: Path):
    with narrow_desk(tmp_path, records_per_request=25) as desk:
        points = kill_until_done(desk, kills=8, requests_at_most=8)
        assert desk.differences() == []
    assert points.total() == 8


@pytest.mark.skipif(not SOAK, reason="200 kills take many minutes: make soak")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("database", ["sqlite", "mariadb"])
def test_a_run_that_is_killed_200_times_has_everything_on_the_board_once(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
):
    url = None
    if database == "mariadb":
        server: MariaDbServer = request.getfixturevalue("mariadb")
        url = server.create_database("killed")
    with narrow_desk(tmp_path, database_url=url, records_per_request=4) as desk:
        points = kill_until_done(desk, kills=200, requests_at_most=3)
        assert desk.differences() == []
    print(f"{database}: killed {dict(points)}")
