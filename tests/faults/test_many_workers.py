"""Four processes work on one queue and are killed again and again: each order is on the board once.

Every order has another customer than the one before it, so each portion needs most of the groups, and all
workers need them at once. The short form is part of every test run, the long one of `make soak`.
"""

import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.orders import own_tables
from core.sandbox.requests import ReceivedRequest
from tests.database_servers import MariaDbServer
from tests.faults.narrow_desk import NarrowDesk, headers, narrow_desk
from tests.faults.processes import (
    PATIENCE_SECONDS,
    SEED,
    SOAK,
    ended_at_last,
    start_command,
    wait_for_what_arrived,
)

WORKERS = 4
CUSTOMERS = [f"CUSTOMER {number}" for number in range(20)]
LINES_EACH = 2
PORTION = 12
POINTS = ("on its way", "arrived", "answered", "any moment")


class Crew:
    """Workers on one queue, of which one is killed at a time and another takes its place.

    The points are those of `test_kill.py`, seen from the board. A request in the board's hands is known by
    its idempotency key: the journal says which process sent it.
    """

    def __init__(self, desk: NarrowDesk, draw: random.Random) -> None:
        self._desk = desk
        self._draw = draw
        self._processes: list[subprocess.Popen[str]] = []
        self._logs: list[Path] = []
        self._mutations = 0
        self._caught = threading.Event()
        self._sender: int | None = None
        self.points: Counter[str] = Counter()
        """How often a worker was killed, by point."""
        self.unknown_to_the_journal: list[str] = []
        """Requests that left before the journal had them."""
        self.lines_of_work: Counter[str] = Counter()
        """How often a worker was started, by what it was told to do."""

    def work(self, kills: int) -> None:
        """Kill so many workers, then let those that are there come to their end, and one more after them."""
        with ended_at_last(self._processes):
            for slot in range(WORKERS):
                self._start(slot)
            while self.points.total() < kills:
                self._kill_one(self._draw.choice(POINTS))
            self._order("delay", self._watch(0, kills=False))
            for slot in range(WORKERS):
                self._see_out(slot)
            # What the killed had under way may have come free after the others looked for the last time.
            last = self._started("run", "--yes", "--json")
            assert last.wait() == 0, self._logs[-1].read_text(encoding="utf-8")

    def _start(self, slot: int) -> None:
        """Most work on the queue; some are told to push one customer, as two desktops may do at once."""
        share = self._draw.random() < 0.75
        wanted = ["--share", "--portion", str(PORTION)]
        if not share:
            wanted = ["--customer", self._draw.choice(CUSTOMERS)]
        self.lines_of_work[wanted[0]] += 1
        process = self._started("run", "--yes", "--json", *wanted)
        if slot == len(self._processes):
            self._processes.append(process)
        else:
            self._processes[slot] = process

    def _started(self, *arguments: str) -> subprocess.Popen[str]:
        log = self._desk.folder / f"worker_{len(self._logs)}.log"
        self._logs.append(log)
        with log.open("w", encoding="utf-8") as output:
            return start_command(self._desk, *arguments, output=output)

    def _see_out(self, slot: int) -> None:
        """Let a worker come to its end: all it had is done, or somebody else's."""
        # As long as the queue takes; the test's own time limit ends what hangs.
        code = self._processes[slot].wait()
        assert code in {0, 1}, [log.read_text(encoding="utf-8")[-3000:] for log in self._logs]

    def _replace_those_that_ended(self) -> None:
        # Below zero: it has just been killed, and is seen to where that is waited for.
        codes = [process.poll() for process in self._processes]
        ended = [slot for slot, code in enumerate(codes) if code is not None and code >= 0]
        if len(ended) == WORKERS:  # there must be something to be killed over
            for customer in CUSTOMERS:
                self._desk.add_orders(customer, 1, LINES_EACH)
        for slot in ended:
            self._see_out(slot)
            self._start(slot)

    def _kill_one(self, point: str) -> None:
        """Kill one worker at a point, wait until the board is through with it, and start another."""
        self._replace_those_that_ended()
        self._caught.clear()
        self._sender = None
        nth = self._mutations + self._draw.randint(1, 6)
        wanted = point in {"on its way", "arrived"}
        kind = "reset" if point == "on its way" else "delay"
        self._order(kind, self._watch(nth, kills=wanted))
        if wanted:
            self._wait(self._caught.is_set)
            slot = self._slot_of(self._sender)
        elif point == "answered":
            self._wait(lambda: self._mutations >= nth)
            slot = self._kill_some_moment(self._draw.uniform(0, 0.08))
        else:
            slot = self._kill_some_moment(self._draw.uniform(0, 2.0))
        # Until it is reaped it counts as alive: the board ends a dead worker's calls before others look.
        wait_for_what_arrived(self._desk.board)
        if self._processes[slot].wait() < 0:
            self.points[point] += 1
        else:
            self._see_out(slot)
        self._start(slot)

    def _order(self, kind: str, watch: Callable[[ReceivedRequest], bool]) -> None:
        self._desk.board.faults.clear()
        self._desk.board.faults.add(kind, predicate=watch)

    def _kill_some_moment(self, pause: float) -> int:
        slot = self._draw.randrange(WORKERS)
        threading.Event().wait(pause)
        self._processes[slot].kill()
        return slot

    def _wait(self, is_met: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not is_met():
            assert time.monotonic() < end, [log.read_text(encoding="utf-8")[-500:] for log in self._logs]
            self._replace_those_that_ended()
            self._caught.wait(0.005)

    def _watch(self, nth: int, *, kills: bool) -> Callable[[ReceivedRequest], bool]:
        """Looks every mutation up in the journal as it arrives; kills the sender of the nth where told to."""

        def is_the_one(request: ReceivedRequest) -> bool:
            if not request.is_mutation:
                return False
            self._mutations += 1
            process = self._sender_of(request)
            if process is None:
                self.unknown_to_the_journal.append(request.query)
            if not kills or self._mutations < nth or self._sender is not None or process is None:
                return False
            self._sender = process
            self._processes[self._slot_of(process)].kill()
            self._caught.set()
            return True

        return is_the_one

    def _sender_of(self, request: ReceivedRequest) -> int | None:
        query = (
            sa.select(own_tables.run.c.worker)
            .join(own_tables.request, own_tables.request.c.run_id == own_tables.run.c.run_id)
            .where(own_tables.request.c.idempotency_key == request.idempotency_key)
        )
        with self._desk.engine.connect() as connection:
            worker = connection.scalar(query)
        return None if worker is None else int(worker.rpartition(":")[2])

    def _slot_of(self, process: int | None) -> int:
        return next(slot for slot, mine in enumerate(self._processes) if mine.pid == process)


def fill_queue(desk: NarrowDesk, orders_each: int) -> None:
    """As many orders of each customer, theirs in turn."""
    for _ in range(orders_each):
        for customer in CUSTOMERS:
            desk.add_orders(customer, 1, LINES_EACH)


def left_over(desk: NarrowDesk) -> list[str]:
    """What no worker may leave behind: claims, and operations of which nobody knows what became of them."""
    claims = sa.select(sa.func.count()).select_from(own_tables.claim)
    operation = own_tables.operation
    open_ones = sa.select(operation.c.record_key).where(operation.c.state.in_(["SENT", "UNKNOWN"]))
    with desk.engine.connect() as connection:
        count = connection.scalar(claims)
        return [*connection.scalars(open_ones), *[f"{count} claims"] * bool(count)]


def prove(desk: NarrowDesk, *, orders_each: int, kills: int) -> Crew:
    """Have a queue worked off by workers that are killed, and look at what is there in the end."""
    fill_queue(desk, orders_each)
    crew = Crew(desk, random.Random(SEED))
    crew.work(kills)
    assert crew.unknown_to_the_journal == []
    assert desk.differences() == []
    assert left_over(desk) == []
    assert crew.points.total() == kills
    return crew


@pytest.mark.timeout(300)
def test_four_workers_of_which_six_are_killed_put_each_order_of_twenty_customers_on_the_board_once(
    tmp_path: Path,
):
    with narrow_desk(tmp_path, records_per_request=8) as desk:
        prove(desk, orders_each=4, kills=6)


@pytest.mark.skipif(not SOAK, reason="60 kills of four workers take many minutes: make soak")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("database", ["sqlite", "mariadb"])
def test_four_workers_of_which_60_are_killed_put_600_orders_on_the_board_once(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
):
    url = None
    if database == "mariadb":
        server: MariaDbServer = request.getfixturevalue("mariadb")
        url = server.create_database("many_workers")
    with narrow_desk(tmp_path, database_url=url, records_per_request=4) as desk:
        crew = prove(desk, orders_each=30, kills=60)
        orders = len(desk.rows(headers))
    print(f"{database}: {orders} orders, started {dict(crew.lines_of_work)}, killed {dict(crew.points)}")
