"""Any order of events leads to no record that is there twice, or SYNCED and absent, or sent twice unasked.

Planning, journal, claims, engine and client are the real ones, on a SQLite file; the practice board is asked
without a network between. A worker dies at any commit and before or after any request. A request that nobody
waits for any more may still be carried out within the minute that the API takes at most.
"""

import asyncio
import contextvars
import json
import random
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from core.config.load import profile_of, read_text
from core.config.token import PRACTICE_TOKEN
from core.demo.testing import HurriedClock
from core.orders import own_tables
from core.orders.model import Selection, SyncState
from core.resources import resource_path
from core.sandbox.clock import ShiftedClock
from core.sandbox.options import SandboxOptions
from core.sandbox.requests import ReceivedRequest
from core.sandbox.service import Answer, PracticeBoard
from core.sandbox.testing import RunningBoard
from core.sync.control import RunControl
from core.workspace import Workspace, workspace
from core.workspace.board_structure import client_for
from core.workspace.stores import open_store
from tests.faults.narrow_desk import PROFILE, WIDE_LIMITS, NarrowDesk, headers, lines, write_desk
from tests.faults.processes import SOAK

URL = "http://127.0.0.1:9/v2"
FATES = (
    "fine",
    "never arrives",
    "lost",
    "lost and forgotten",
    "late",
    "late, its sender dies",
    "one unknown",
    "one refused",
    "429",
)
EVENTS = (
    "the dead were on another machine",
    "an order changes",
    "a line changes",
    "an order is cancelled",
    *(5.0, 70.0, 1_100.0, 2_000.0),
)
"""What happens between two runs; a figure: so many seconds pass.

The claims of the dead of the same machine are free at once, those of another machine keep their leases.
"""
LATE_SECONDS = (2.0, 20.0, 58.0)
"""How long after its sender gave up on it a late request is carried out, in turn."""
SEARCH_LAG_SECONDS = 10.0
CREATIONS = {"create_group", "create_item", "create_subitem"}


class Crash(BaseException):
    """The process is gone: nothing of it runs any more."""


@dataclass
class Worker:
    """One process: its name, what will happen to its requests, and how long it has to live."""

    name: str
    fates: list[str] = field(default_factory=list)
    steps_left: int | None = None
    """Commits, and moments before and after a request; None: it lives on."""
    dead: bool = False

    def step(self, *, last: bool = False) -> None:
        """Another moment at which it may die, or does."""
        if last:
            self.steps_left = 0
        if self.steps_left is not None and not self.dead:
            self.steps_left -= 1
            self.dead = self.steps_left < 0
        if self.dead:
            raise Crash


acting: contextvars.ContextVar[Worker] = contextvars.ContextVar("acting")


class LateClock(HurriedClock):
    """A hurried clock under which the board executes what is due."""

    what_is_due: Callable[[float], Awaitable[None]]

    async def sleep(self, seconds: float) -> None:
        """Be later at once; the board has executed by then what is due."""
        await self.what_is_due(self.monotonic() + seconds)
        await super().sleep(seconds)


class Wire(httpx.AsyncBaseTransport):
    """Carries requests to the board, loses some on the way, and watches what must never be seen there."""

    def __init__(self, board: PracticeBoard, clock: LateClock, journalled: Callable[[str], bool]) -> None:
        """`journalled` tells whether the journal has a request with this idempotency key."""
        self._board = board
        self._clock = clock
        clock.what_is_due = self.carry_out_what_is_late
        self._journalled = journalled
        self._one_at_a_time = asyncio.Lock()
        self._late: list[tuple[float, ReceivedRequest, str]] = []
        self._delays = cycle(LATE_SECONDS)
        self._bodies: dict[str, bytes] = {}
        self.lagging = False
        """Whether the board's search does not see what is younger than some seconds."""
        self.open: set[str] = set()
        """Keys and titles whose creation left, and for which nobody has asked since."""
        self.violations: list[str] = []
        """What left again unasked, or without the journal's knowledge, or with another request's key."""

    def forget(self) -> None:
        """Begin to watch anew."""
        self.open.clear()
        self.violations.clear()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request, or lose it."""
        worker = acting.get()
        worker.step()
        received = ReceivedRequest(
            "POST", urlsplit(str(request.url)).path, dict(request.headers), request.content
        )
        created = _created(request.content)
        is_mutation = b"mutation" in request.content[:20]
        fate = worker.fates.pop() if worker.fates and is_mutation else "fine"
        if fate == "never arrives":
            raise httpx.ConnectError("refused", request=request)
        if is_mutation:
            self._watch(request.headers["idempotency-key"], request.content)
        self.violations += [f"sent again unasked: {key}" for key in sorted(self.open & set(created.values()))]
        self.open |= set(created.values())
        token = request.headers["authorization"]
        if fate == "lost and forgotten" and any(late[1].body == request.content for late in self._late):
            fate = "lost"  # a key that is forgotten while its call is still under way: beyond the promise
        if fate.startswith("late") and set(_fields(request.content)) <= CREATIONS:
            self._late.append((self._clock.monotonic() + next(self._delays), received, token))
            worker.step(last=fate != "late")
            raise httpx.ReadTimeout("no answer yet", request=request)
        answer = await self._answer(received, token, fate)
        worker.step()
        if answer is None or fate.startswith(("lost", "late")):
            raise httpx.ReadError("lost", request=request)
        self._heard(request.content, created, json.loads(answer.body))
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body, request=request)

    async def carry_out_what_is_late(self, now: float) -> None:
        """Let the board execute what it got long ago."""
        due = [late for late in self._late if late[0] <= now]
        self._late = [late for late in self._late if late[0] > now]
        for _, received, token in due:
            await self._answer(received, token, "fine")

    async def _answer(self, received: ReceivedRequest, token: str, fate: str) -> Answer | None:
        async with self._one_at_a_time:  # a fate is this request's alone
            self._order(fate)
            try:
                return await self._board.answer(received, token)
            finally:
                self._board.faults.clear()

    def _watch(self, key: str, body: bytes) -> None:
        if not self._journalled(key):
            self.violations.append(f"not in the journal: {body!r}")
        if self._bodies.setdefault(key, body) != body:
            self.violations.append(f"the key of another request: {body!r}")

    def _order(self, fate: str) -> None:
        faults = self._board.faults
        if self.lagging:
            faults.add("index_lag", seconds=SEARCH_LAG_SECONDS)
        if fate == "lost and forgotten":
            faults.add("evict_idempotency")
        elif fate == "one unknown":
            faults.add("alias_error", alias="a0", code="INTERNAL_SERVER_ERROR")
        elif fate == "one refused":
            faults.add("alias_error", alias="a0", code="ColumnValueException")
        elif fate == "429":
            faults.add("rate_limit")

    def _heard(self, sent: bytes, created: dict[str, str], answer: dict[str, Any]) -> None:
        """Take note of what the worker knows now."""
        body = json.loads(sent)
        if body["query"].startswith("query ByKey"):
            self.open -= set(body["variables"]["columns"][0]["column_values"])
        if "groups" in body["query"]:
            groups = {key for key in self.open if key.startswith("CUSTOMER")}
            self.open -= groups
        unknown = {
            error["path"][0]
            for error in answer.get("errors") or ()
            if error.get("path") and error["extensions"].get("code") == "INTERNAL_SERVER_ERROR"
        }
        done = answer.get("data") or {}
        for alias, key in created.items():
            if alias not in unknown and done.get(alias) is None:
                self.open.discard(key)  # refused in plain words


def _fields(content: bytes) -> list[str]:
    """What a mutation does, alias by alias."""
    return re.findall(r"a\d+: (\w+)\(", json.loads(content)["query"])


def _created(content: bytes) -> dict[str, str]:
    """The key of each record and title of each group that a request creates, by its alias."""
    body = json.loads(content)
    if not body["query"].startswith("mutation"):
        return {}
    found: dict[str, str] = {}
    for alias, arguments in re.findall(r"(a\d+): create_\w+\((.*)\)", body["query"]):
        names = dict(pair.split(": $") for pair in arguments.split(", "))
        if "group_name" in names:
            found[alias] = body["variables"][names["group_name"]]
        else:
            values = json.loads(body["variables"][names["column_values"]])
            found[alias] = values.get("line_uuid") or values["record_uuid"]
    return found


class World:
    """One database and one board for all examples; each example has a customer of its own."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        options = SandboxOptions(
            state=folder / "board.db",
            fixture=resource_path("boards", "orders.json"),
            token=PRACTICE_TOKEN,
            limits=WIDE_LIMITS,
            clock=ShiftedClock(),
        )
        self.practice = PracticeBoard(options, URL)
        self.practice.open()
        running = RunningBoard(URL, URL, PRACTICE_TOKEN, self.practice)
        self.clock = LateClock(running)
        self.desk: NarrowDesk = write_desk(folder, running)
        self.configuration = self.desk.configuration
        self.profile = profile_of(self.configuration, PROFILE)
        self.text = read_text(Path(self.configuration.path))
        self.store = open_store(self.profile, self.text, self.configuration.path)
        self.client = client_for(self.profile, PRACTICE_TOKEN, None)
        self.wire = Wire(self.practice, self.clock, self._is_journalled)
        self.client._http._transport = self.wire

        @sa.event.listens_for(self.store.engine, "commit")
        def _before_commit(_connection: sa.Connection) -> None:
            acting.get().step()

        @sa.event.listens_for(self.store.engine, "begin")
        def _at_begin(_connection: sa.Connection) -> None:
            if acting.get().dead:
                raise Crash

    def _is_journalled(self, idempotency_key: str) -> bool:
        request = own_tables.request
        query = sa.select(request.c.request_uuid).where(request.c.idempotency_key == idempotency_key)
        with self.desk.engine.connect() as connection:  # sees what is committed
            return connection.scalar(query) is not None

    def close(self) -> None:
        """Close everything."""
        self.loop.run_until_complete(self.client.close())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        self.store.engine.dispose()
        self.desk.engine.dispose()
        self.practice.close()

    async def work(self, worker: Worker, selection: Selection) -> None:
        """Plan and run as a process of its own does; a crash is its end."""
        acting.set(worker)
        process = Workspace(self.configuration, self.profile, self.store, self.client, self.text, self.clock)
        try:
            plan = await process.plan(selection)
            await process.run(plan, RunControl(), lambda _event: None)
        except BaseException:
            if not worker.dead:
                raise

    def give_back_claims_of_the_dead(self) -> None:
        """What the end of a lease does, and the next worker on the same machine."""
        with self.desk.engine.begin() as connection:
            connection.execute(sa.delete(own_tables.claim))


@contextmanager
def made_world() -> Iterator[World]:
    """A world in a folder of its own, whose workers are named by who acts and not by this process."""
    named = workspace.worker_name
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        workspace.worker_name = lambda: acting.get().name
        try:
            yield world
        finally:
            workspace.worker_name = named
            world.close()


worlds: list[World] = []
numbers = count(1)
# Drawn evenly: left to itself, the library prefers the first, which is the least of them.
some_fates = st.integers(0, 10**9).map(lambda seed: random.Random(seed).choices(FATES, k=6))
some_life = st.none() | st.integers(0, 60)
some_events = st.lists(st.sampled_from(EVENTS), max_size=3)


class Queue(RuleBasedStateMachine):
    """Orders of one customer, and workers that come and go. Each step: what happens, then a run."""

    @initialize(lagging=st.booleans())
    def begin(self, lagging: bool) -> None:
        """A customer that nobody knows yet, and a board whose search may lag."""
        self.world = worlds[0]
        self.world.wire.forget()
        self.world.wire.lagging = lagging
        self.customer = f"CUSTOMER {next(numbers)}"

    @rule(events=some_events, fates=some_fates, life=some_life)
    def one_worker_runs(self, events: list[str | float], fates: list[str], life: int | None) -> None:
        """On an order that came in, and what is left of others: to its end, or to its death."""
        self._happen(events)
        self.world.desk.add_orders(self.customer, 1, 2)
        self._work(self._worker(fates, life))

    @rule(events=some_events, fates=some_fates, life=some_life, other_life=some_life)
    def two_workers_run(
        self, events: list[str | float], fates: list[str], life: int | None, other_life: int | None
    ) -> None:
        """On the same orders at the same time."""
        self._happen(events)
        self.world.desk.add_orders(self.customer, 2, 1)
        self._work(self._worker(fates, life), self._worker([], other_life))

    @rule(events=some_events, fates=some_fates)
    def failed_records_are_retried(self, events: list[str | float], fates: list[str]) -> None:
        """As `deltadesk retry` does."""
        self._happen(events)
        failed = Selection(customers=(self.customer,), states=(SyncState.ERROR,))
        self._work(self._worker(fates, None), selection=failed)

    def _work(self, *workers: Worker, selection: Selection | None = None) -> None:
        wanted = selection or Selection(customers=(self.customer,))

        async def side_by_side() -> None:
            await asyncio.gather(*(self.world.work(worker, wanted) for worker in workers))

        self.world.loop.run_until_complete(side_by_side())

    def _worker(self, fates: list[str], life: int | None) -> Worker:
        return Worker(f"machine-{next(numbers)}:1", list(fates), life)

    def _happen(self, events: list[str | float]) -> None:
        desk = self.world.desk
        if "the dead were on another machine" not in events:
            self.world.give_back_claims_of_the_dead()
        for event in events:
            match event:
                case float():
                    self.world.loop.run_until_complete(self.world.clock.sleep(event))
                case "an order changes":
                    desk.change(
                        headers, "UPDATE", self._sent(headers), alternative=f"changed {next(numbers)}"
                    )
                case "a line changes":
                    desk.change(lines, "UPDATE", self._sent(lines), qty=next(numbers))
                case "an order is cancelled":
                    desk.change(headers, "DELETE", self._sent(headers))

    def _sent(self, table: sa.Table) -> list[str]:
        """The first of the customer's records that are on the board, if there is one."""
        key = table.primary_key.columns.keys()[0]
        rows = self.world.desk.rows(table, [self.customer])
        return [row[key] for row in rows if row["sync_state"] == "SYNCED" and row["action_type"] != "DELETE"][
            :1
        ]

    @invariant()
    def nothing_is_sent_again_unasked_or_unknown_to_the_journal_or_with_the_key_of_another(self) -> None:
        assert self.world.wire.violations == []

    @invariant()
    def nothing_is_there_twice_and_what_is_synced_is_there_as_its_row_says(self) -> None:
        assert self.world.desk.contradictions([self.customer]) == []

    def teardown(self) -> None:
        """In the end, with nobody dying and nothing lost, all of it is on the board once."""
        if not hasattr(self, "customer"):
            return
        self.failed_records_are_retried([EVENTS[-1]], [])
        self.one_worker_runs([], [], None)
        assert self.world.desk.differences([self.customer]) == []
        assert self.world.wire.violations == []


@pytest.mark.timeout(3600 if SOAK else 180)
def test_no_order_of_events_loses_or_doubles_a_record():
    with made_world() as world:
        worlds.append(world)
        try:
            Queue.TestCase.settings = settings(
                max_examples=150 if SOAK else 25,
                stateful_step_count=10 if SOAK else 4,
                suppress_health_check=list(HealthCheck),
                deadline=None,
                derandomize=not SOAK,
                phases=[Phase.generate],  # shrinking a story of real databases takes minutes
                database=None,
            )
            Queue.TestCase().runTest()
        finally:
            worlds.clear()
