"""Any order of events leads to no record that is there twice, or SYNCED and absent, or sent twice unasked.

Planning, journal, claims, engine and client are the real ones, on a SQLite file; the practice board is asked
without a network between. A worker dies at any commit and before or after any request.
"""

import asyncio
import contextvars
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
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
from core.sandbox.service import PracticeBoard
from core.sandbox.testing import RunningBoard
from core.sync.control import RunControl
from core.workspace import Workspace, workspace
from core.workspace.board_structure import client_for
from core.workspace.stores import open_store
from tests.faults.narrow_desk import PROFILE, WIDE_LIMITS, NarrowDesk, headers, write_desk

# Read here: no setting from outside reaches a test.
SOAK = os.environ.get("DELTADESK_SOAK") == "1"
URL = "http://127.0.0.1:9/v2"
FATES = ("fine", "never arrives", "lost", "lost and forgotten", "one unknown", "one refused", "429")
LATER = (5.0, 70.0, 1_100.0, 2_000.0)


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

    def step(self) -> None:
        """Another moment at which it may die."""
        if self.steps_left is not None and not self.dead:
            self.steps_left -= 1
            self.dead = self.steps_left < 0
        if self.dead:
            raise Crash


acting: contextvars.ContextVar[Worker] = contextvars.ContextVar("acting")


class Wire(httpx.AsyncBaseTransport):
    """Carries requests to the board, loses some on the way, and watches what is sent twice."""

    def __init__(self, board: PracticeBoard) -> None:
        self._board = board
        self.open: set[str] = set()
        """Keys and titles whose creation left, and of which nobody has heard or asked since."""
        self.unasked: list[str] = []
        """Those that left once more all the same."""

    def forget(self) -> None:
        """Begin to watch anew."""
        self.open.clear()
        self.unasked.clear()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request, or lose it."""
        worker = acting.get()
        worker.step()
        received = ReceivedRequest(
            "POST", urlsplit(str(request.url)).path, dict(request.headers), request.content
        )
        created = _created(request.content)
        fate = worker.fates.pop() if worker.fates and b"mutation" in request.content[:20] else "fine"
        if fate == "never arrives":
            raise httpx.ConnectError("refused", request=request)
        self.unasked += sorted(self.open & set(created.values()))
        self.open |= set(created.values())
        self._order(fate)
        answer = await self._board.answer(received, request.headers["authorization"])
        self._board.faults.clear()
        worker.step()
        if answer is None or fate.startswith("lost"):
            raise httpx.ReadError("lost", request=request)
        self._heard(request.content, created, json.loads(answer.body))
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body, request=request)

    def _order(self, fate: str) -> None:
        faults = self._board.faults
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
        self.clock = HurriedClock(running)
        self.desk: NarrowDesk = write_desk(folder, running)
        self.configuration = self.desk.configuration
        self.profile = profile_of(self.configuration, PROFILE)
        self.text = read_text(Path(self.configuration.path))
        self.store = open_store(self.profile, self.text, self.configuration.path)
        self.client = client_for(self.profile, PRACTICE_TOKEN, None)
        self.wire = Wire(self.practice)
        self.client._http._transport = self.wire

        @sa.event.listens_for(self.store.engine, "commit")
        def _before_commit(_connection: sa.Connection) -> None:
            acting.get().step()

        @sa.event.listens_for(self.store.engine, "begin")
        def _at_begin(_connection: sa.Connection) -> None:
            if acting.get().dead:
                raise Crash

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
        """What the end of a lease does."""
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
some_fates = st.lists(st.sampled_from(FATES), min_size=3, max_size=9)
some_life = st.integers(0, 40) | st.none()


class Queue(RuleBasedStateMachine):
    """Orders of one customer, and workers that come and go."""

    @initialize()
    def begin(self) -> None:
        """A customer that nobody knows yet."""
        self.world = worlds[0]
        self.world.wire.forget()
        self.customer = f"CUSTOMER {next(numbers)}"

    def _work(self, *workers: Worker, selection: Selection | None = None) -> None:
        wanted = selection or Selection(customers=(self.customer,))

        async def side_by_side() -> None:
            await asyncio.gather(*(self.world.work(worker, wanted) for worker in workers))

        self.world.loop.run_until_complete(side_by_side())

    def _worker(self, fates: list[str], life: int | None) -> Worker:
        return Worker(f"machine-{next(numbers)}:1", list(fates), life)

    @rule(fates=some_fates, life=some_life)
    def one_worker_runs(self, fates: list[str], life: int | None) -> None:
        """On an order that came in, and what is left of others: to its end, or to its death."""
        self.world.desk.add_orders(self.customer, 1, 2)
        self._work(self._worker(fates, life))

    @rule(fates=some_fates, life=some_life, other_life=some_life)
    def two_workers_run(self, fates: list[str], life: int | None, other_life: int | None) -> None:
        """On the same orders at the same time."""
        self.world.desk.add_orders(self.customer, 2, 1)
        self._work(self._worker(fates, life), self._worker([], other_life))

    @rule(fates=some_fates)
    def failed_records_are_retried(self, fates: list[str]) -> None:
        """As `deltadesk retry` does."""
        failed = Selection(customers=(self.customer,), states=(SyncState.ERROR,))
        self._work(self._worker(fates, None), selection=failed)

    @rule()
    def the_leases_of_the_dead_end(self) -> None:
        """Their orders are free."""
        self.world.give_back_claims_of_the_dead()

    @rule(seconds=st.sampled_from(LATER))
    def time_passes(self, seconds: float) -> None:
        """For the workers and for the board."""
        self.world.loop.run_until_complete(self.world.clock.sleep(seconds))

    @rule(value=st.sampled_from(["second", "third"]))
    def a_synced_order_changes(self, value: str) -> None:
        """In the customer's own list."""
        synced = [r for r in self.world.desk.rows(headers, [self.customer]) if r["sync_state"] == "SYNCED"]
        if synced:
            self.world.desk.change(headers, "UPDATE", [synced[0]["record_uuid"]], alternative=value)

    @invariant()
    def nothing_was_sent_twice_without_a_look_up_between(self) -> None:
        assert self.world.wire.unasked == []

    @invariant()
    def nothing_is_there_twice_and_what_is_synced_is_there(self) -> None:
        wrong = [
            line
            for line in self.world.desk.differences([self.customer])
            if not (": there 0 times" in line or ": state " in line or "the row names None" in line)
            and "text_customer_alt_po" not in line
        ]
        assert wrong == []
        assert self.world.desk.absent_though_synced([self.customer]) == []

    def teardown(self) -> None:
        """In the end, with nobody dying and nothing lost, all of it is on the board once."""
        if not hasattr(self, "customer"):
            return
        self.world.give_back_claims_of_the_dead()
        self.time_passes(LATER[-1])
        self.failed_records_are_retried([])
        self.one_worker_runs([], None)
        assert self.world.desk.differences([self.customer]) == []
        self.nothing_was_sent_twice_without_a_look_up_between()


@pytest.mark.timeout(3600 if SOAK else 180)
def test_no_order_of_events_loses_or_doubles_a_record():
    with made_world() as world:
        worlds.append(world)
        try:
            Queue.TestCase.settings = settings(
                max_examples=150 if SOAK else 40,
                stateful_step_count=12 if SOAK else 6,
                suppress_health_check=list(HealthCheck),
                deadline=None,
                derandomize=not SOAK,
                phases=[Phase.generate],  # shrinking a story of real databases takes minutes
                database=None,
            )
            Queue.TestCase().runTest()
        finally:
            worlds.clear()
