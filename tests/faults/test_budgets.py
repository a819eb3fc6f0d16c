"""The account's budgets under pressure: shared with another client, nearly spent, or tighter than expected.

The other client sends real requests to the same practice board. Time is the test's own: it passes while a
request is on its way and while a run waits, and whatever the other one does in that time happens then.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from core.config.token import PRACTICE_TOKEN
from core.demo.testing import ITEMS_BOARD
from core.errors import ExitCode
from core.monday.client import CallFailedError, MondayClient
from core.monday.errors import FaultKind
from core.monday.limits import Governor, Ticket
from core.monday.limits.windows import WINDOW_SECONDS
from core.orders.model import Selection
from core.resources import resource_path
from core.sandbox.complexity import cost
from core.sandbox.options import Latency, SandboxOptions
from core.sandbox.plans import Plan
from core.sandbox.requests import ReceivedRequest
from core.sandbox.testing import RunningBoard, running_board
from core.sync.control import RunControl
from core.sync.events import RequestAnswered, RunEvent
from core.sync.report import RunReport
from core.workspace import Workspace
from tests.faults.narrow_desk import WIDE_LIMITS, NarrowDesk, lines, write_desk

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
REQUEST_SECONDS = 1.0
"""Of the test's time, that pass between a request's departure and its arrival."""


class SharedClock:
    """The time of the run and of the board; what is `due` happens as it passes."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self.due: Callable[[float], None] = lambda _until: None
        self.busy: set[Any] = set()
        """Tasks with a request about to leave or on its way: nobody sleeps the time away under them."""
        self.seconds_of: Callable[[bytes], float] = lambda _body: REQUEST_SECONDS
        """How long a call is on its way."""
        self.refused_at: list[float] = []
        """When calls of the run were refused for a budget, or a locked board."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return START + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        """Be later, once no call is under way."""
        end = self._seconds + seconds
        await asyncio.sleep(0)
        while self.busy - {asyncio.current_task()}:
            await asyncio.sleep(0.001)
        self.pass_until(end)

    def pass_until(self, end: float) -> None:
        """Let others do what they do until then."""
        self.due(end)
        self.move_to(end)

    def move_to(self, moment: float) -> None:
        """Be there, if it is not over yet."""
        self._seconds = max(self._seconds, moment)


class OtherClient:
    """Another integration of the account: a batch of calls again and again, as time passes."""

    def __init__(
        self, board: RunningBoard, clock: SharedClock, *, every: float, calls: int, mutations: int = 0
    ) -> None:
        """`every` so many seconds so many calls, each a question or so many changes of an item of its own."""
        self._url = board.url
        self._clock = clock
        self._every = every
        self._calls = calls
        self._next = every / 2
        self._http = httpx.Client(headers={"Authorization": PRACTICE_TOKEN})
        self._owed = 0
        self._not_before = 0.0
        self.answered = 0
        self._body = "{ me { id } }"
        self._item = ""
        if mutations:
            made = self._ask(
                f'mutation {{ create_item(board_id: {ITEMS_BOARD}, item_name: "Theirs") {{ id }} }}'
            )
            self._item = made.json()["data"]["create_item"]["id"]
            change = f"change_multiple_column_values(board_id: {ITEMS_BOARD}, item_id: {self._item}"
            fields = [f'a{place}: {change}, column_values: "{{}}") {{ id }}' for place in range(mutations)]
            self._body = f"mutation {{ {' '.join(fields)} }}"

    def act(self, until: float) -> None:
        """Send what is due by then; what is refused follows when the board says."""
        while (
            moment := max(self._next if not self._owed else 0.0, self._not_before)
        ) <= until or self._next <= until:
            self._clock.move_to(min(moment, self._next))
            if self._next <= self._clock.monotonic():
                self._owed += self._calls
                self._next += self._every
            while self._owed and self._clock.monotonic() >= self._not_before:
                answer = self._ask(self._body)
                if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                    self._not_before = self._clock.monotonic() + float(answer.headers["Retry-After"])
                else:
                    self._owed -= 1
                    self.answered += 1

    def leave(self) -> None:
        """Take its item away and go."""
        self._clock.move_to(self._clock.monotonic() + 2 * WINDOW_SECONDS)
        if self._item:
            self._ask(f"mutation {{ archive_item(item_id: {self._item}) {{ id }} }}")
        self._http.close()

    def _ask(self, query: str) -> httpx.Response:
        return self._http.post(self._url, json={"query": query})


@contextmanager
def desk_before(
    folder: Path, *, writers: int = 1, records_per_request: int = 100, **options: Any
) -> Iterator[NarrowDesk]:
    """A desk before a practice board with these options."""
    settings = SandboxOptions(
        **{
            "state": folder / "board.db",
            "fixture": resource_path("boards", "orders.json"),
            "token": PRACTICE_TOKEN,
            "limits": WIDE_LIMITS,
            **options,
        }
    )
    with running_board(settings) as board:
        desk = write_desk(folder, board, records_per_request=records_per_request)
        file = desk.configuration_file
        text = file.read_text(encoding="utf-8")
        file.write_text(
            text.replace("limits = {", f"limits = {{ writers_per_board = {writers},"), encoding="utf-8"
        )
        try:
            yield desk
        finally:
            desk.engine.dispose()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SharedClock:
    """A clock that knows of every call of the run."""
    made = SharedClock()
    execute, admit, release = MondayClient.execute, Governor.admit, Governor.release
    admitted: set[Any] = set()

    def admit_and_note(self: Governor, *arguments: Any) -> Any:
        found = admit(self, *arguments)
        if isinstance(found, Ticket):
            admitted.add(asyncio.current_task())
            made.busy.add(asyncio.current_task())
        return found

    def release_and_note(self: Governor, ticket: Ticket) -> None:
        release(self, ticket)
        admitted.discard(asyncio.current_task())
        made.busy.discard(asyncio.current_task())

    async def execute_in_time(self: MondayClient, body: bytes, **arguments: Any) -> Any:
        task = asyncio.current_task()
        made.busy.add(task)
        made.pass_until(made.monotonic() + made.seconds_of(body))
        try:
            answer = await execute(self, body, **arguments)
        except CallFailedError as failure:
            made.busy.discard(task)
            if failure.fault.kind in {FaultKind.BUDGET, FaultKind.DAILY, FaultKind.LOCKED}:
                made.refused_at.append(made.monotonic())
            raise
        if task not in admitted:
            made.busy.discard(task)
        return answer

    monkeypatch.setattr(Governor, "admit", admit_and_note)
    monkeypatch.setattr(Governor, "release", release_and_note)
    monkeypatch.setattr(MondayClient, "execute", execute_in_time)
    return made


async def push(
    desk: NarrowDesk, clock: Any = None, emit: Callable[[RunEvent], None] = lambda _event: None
) -> RunReport:
    workspace = await Workspace.open(desk.configuration, clock=clock)
    try:
        return await workspace.run(await workspace.plan(Selection()), RunControl(), emit)
    finally:
        await workspace.close()


def ours(desk: NarrowDesk) -> list[ReceivedRequest]:
    return [request for request in desk.board.requests if request.headers.get("user-agent") == "DeltaDesk"]


def refused(desk: NarrowDesk) -> list[int | None]:
    """The statuses with which the board refused requests of the run."""
    return [request.status for request in ours(desk) if request.status in {423, 429}]


def add_orders_without_lines(desk: NarrowDesk, orders: int) -> None:
    desk.add_orders("ACME", orders, 1)
    with desk.engine.begin() as connection:
        connection.execute(sa.delete(lines))


def operations_of(request: ReceivedRequest) -> int:
    return sum(root.name != "complexity" for root in request.fields) if request.is_mutation else 0


# Beside another client


async def push_beside(
    desk: NarrowDesk, clock: SharedClock, other: OtherClient
) -> tuple[RunReport, list[int]]:
    """Run beside the other client; returns, too, the windows of a minute in which the run got answers."""
    clock.due = other.act
    windows: list[int] = []

    def note(event: RunEvent) -> None:
        if isinstance(event, RequestAnswered):
            windows.append(int(clock.monotonic() // WINDOW_SECONDS))

    report = await push(desk, clock, note)
    clock.due = lambda _until: None
    other.leave()
    return report, windows


COMPLEXITY = Plan("small", 10_000, 10_000, 100, 600_000)
"""60 creations a minute."""


@pytest.mark.parametrize("writers", [1, 4])
@pytest.mark.parametrize(
    "pattern",
    [{"every": 6, "calls": 1, "mutations": 3}, {"every": 60, "calls": 10, "mutations": 3}],
    ids=["evenly", "in bursts"],
)
async def test_beside_a_client_that_uses_half_of_the_complexity_no_call_is_refused_and_no_minute_is_idle(
    tmp_path, clock, pattern, writers
):
    options = {"limits": COMPLEXITY, "clock": clock, "writers_per_board": 4}
    with desk_before(tmp_path, writers=writers, **options) as desk:
        for customer in ("ACME", "BERG", "CALA"):
            desk.add_orders(customer, 15, 2)
        other = OtherClient(desk.board, clock, **pattern)
        report, windows = await push_beside(desk, clock, other)
        assert report.exit_code is ExitCode.SYNCED
        assert len(clock.refused_at) == len(refused(desk))
        assert [moment for moment in clock.refused_at if moment >= WINDOW_SECONDS] == []
        assert desk.differences() == []
        assert windows[-1] >= 3
        assert set(windows) == set(range(windows[0], windows[-1] + 1))


MINUTE = Plan("few calls a minute", 10_000, 40, 100, 100_000_000)


@pytest.mark.parametrize(
    "pattern", [{"every": 3, "calls": 1}, {"every": 60, "calls": 20}], ids=["evenly", "in bursts"]
)
async def test_beside_a_client_that_uses_half_of_a_minutes_calls_none_is_refused_and_no_minute_is_idle(
    tmp_path, clock, pattern
):
    with desk_before(tmp_path, records_per_request=1, limits=MINUTE, clock=clock) as desk:
        for customer in ("ACME", "BERG"):
            desk.add_orders(customer, 15, 2)
        other = OtherClient(desk.board, clock, **pattern)
        report, windows = await push_beside(desk, clock, other)
        assert report.exit_code is ExitCode.SYNCED
        assert len(clock.refused_at) == len(refused(desk))
        assert [moment for moment in clock.refused_at if moment >= WINDOW_SECONDS] == []
        assert desk.differences() == []
        assert windows[-1] >= 3
        assert set(windows) == set(range(windows[0], windows[-1] + 1))


async def test_beside_a_client_that_has_half_of_all_calls_under_way_none_is_refused(tmp_path):
    limits = Plan("few at once", 10_000, 10_000, 6, 100_000_000)
    options = {"limits": limits, "writers_per_board": 8, "latency": Latency(mutation_ms=20)}
    with desk_before(tmp_path, writers=8, records_per_request=1, **options) as desk:
        add_orders_without_lines(desk, 40)
        desk.board.faults.add("delay", operation="me", seconds=0.05, times=None)
        with calling_without_pause(desk.board, 3):
            report = await push(desk)
        assert report.exit_code is ExitCode.SYNCED
        assert refused(desk) == []
        assert desk.differences() == []


@contextmanager
def calling_without_pause(board: RunningBoard, clients: int) -> Iterator[None]:
    """So many clients that ask, one call after the other."""
    ended = threading.Event()

    def ask() -> None:
        with httpx.Client(headers={"Authorization": PRACTICE_TOKEN}) as http:
            while not ended.is_set():
                http.post(board.url, json={"query": "{ me { id } }"})

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


# The day's calls


DAY = Plan("few calls a day", 40, 10_000, 100, 100_000_000)
NEXT_DAY = 16 * 3_600.0
"""Seconds from the start; then all calls are back."""


@pytest.fixture
def scarce(tmp_path: Path, clock: SharedClock) -> Iterator[NarrowDesk]:
    """40 calls a day, 10 of which are spent; what is to be sent takes 31."""
    with desk_before(tmp_path, records_per_request=1, limits=DAY, clock=clock, calls_spent=10) as desk:
        desk.add_orders("ACME", 15, 1)
        yield desk


async def test_a_run_ends_before_the_days_calls_are_spent_and_goes_on_the_next_day(scarce, clock):
    first = await push(scarce, clock)
    assert refused(scarce) == []
    assert len(ours(scarce)) <= 0.9 * DAY.calls_per_day - 10
    assert first.stopped is not None
    assert first.stopped.code == "daily_budget_spent"
    assert "00:00 UTC" in first.stopped.remedy
    assert first.orders.failed + first.lines.failed + first.orders.unknown + first.lines.unknown == 0
    assert first.orders.synced + first.orders.not_started == 15
    assert scarce.contradictions(["ACME"]) == []
    clock.move_to(NEXT_DAY)
    assert (await push(scarce, clock)).exit_code is ExitCode.SYNCED
    assert refused(scarce) == []
    assert scarce.differences() == []


async def test_where_others_spend_the_rest_of_the_day_the_first_refusal_ends_the_run(scarce, clock):
    spent: list[RunEvent] = []

    def spend(event: RunEvent) -> None:
        if isinstance(event, RequestAnswered) and not spent:
            spent.append(event)
            scarce.board.spend_daily_calls(DAY.calls_per_day)

    first = await push(scarce, clock, spend)
    assert len(refused(scarce)) == 1
    assert first.stopped is not None
    assert "00:00 UTC" in first.stopped.remedy
    assert first.orders.failed + first.lines.failed + first.orders.unknown + first.lines.unknown == 0
    assert scarce.contradictions(["ACME"]) == []
    clock.move_to(NEXT_DAY)
    assert (await push(scarce, clock)).exit_code is ExitCode.SYNCED
    assert scarce.differences() == []


# More writers than the board takes


BEARABLE = 3
"""Requests under way at once that the board takes well."""


@pytest.mark.parametrize(
    ("fault", "refusals"),
    [
        ({"kind": "locked"}, 12),
        ({"kind": "rate_limit", "limit": "ip", "retry_in_seconds": 1}, 12),
    ],
    ids=["locked", "refused"],
)
async def test_the_number_of_writers_settles_below_what_the_board_takes(tmp_path, fault, refusals):
    options = {"writers_per_board": 8, "latency": Latency(mutation_ms=25)}
    with desk_before(tmp_path, writers=8, records_per_request=1, **options) as desk:
        add_orders_without_lines(desk, 70)
        seen: list[int] = []

        def is_one_too_many(request: ReceivedRequest) -> bool:
            beside = sum(
                "create_item" in each.operations for each in desk.board.requests if not each.finished
            )
            seen.append(beside)
            return seen[-1] > BEARABLE

        desk.board.faults.add(operation="create_item", predicate=is_one_too_many, times=None, **fault)
        report = await push(desk)
        assert report.exit_code is ExitCode.SYNCED
        assert desk.differences() == []
        assert len(refused(desk)) <= refusals
        assert max(seen) > 1
        later = seen[len(seen) // 2 :]
        assert sum(number > BEARABLE for number in later) <= len(later) / 5


# The size of a request


async def test_a_board_that_takes_2_seconds_a_mutation_gets_one_request_of_more_than_30_seconds_and_no_more(
    tmp_path, clock
):
    with desk_before(tmp_path, clock=clock) as desk:
        desk.add_orders("ACME", 40, 2)
        clock.seconds_of = lambda body: 0.1 + 2 * body.count(b": create_")
        report = await push(desk, clock)
        assert report.exit_code is ExitCode.SYNCED
        assert desk.differences() == []
        sizes = [operations_of(request) for request in ours(desk)]
        assert sum(2 * size > 30 for size in sizes) <= 1
        assert len(sizes) <= 25


async def test_mutations_of_300000_points_are_refused_for_their_number_until_one_answer_tells_their_cost(
    tmp_path, clock
):
    dear = {"create_item": 300_000, "create_subitem": 300_000}
    with desk_before(tmp_path, clock=clock, mutation_cost=dear) as desk:
        desk.add_orders("ACME", 40, 2)
        report = await push(desk, clock)
        assert report.exit_code is ExitCode.SYNCED
        assert desk.differences() == []
        mutations = [request for request in ours(desk) if request.is_mutation]
        costs = [cost(request, mutations=dear) for request in mutations]
        too_dear = [points > WIDE_LIMITS.complexity_per_query for points in costs]
        assert sum(too_dear) <= 3
        assert not any(too_dear[len(too_dear) // 2 :])
