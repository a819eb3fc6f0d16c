"""A practice board as a process of its own, which keeps account of what it was asked.

As `python -m core.sandbox`, with one thing more: when its standard input ends it writes one JSON object with
every request, so that calls, refusals and records are the board's own figures and no client's.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any, Self

ROOT = Path(__file__).parents[1]
ITEMS_BOARD, SUBITEMS_BOARD = "7000000001", "7000000002"
REFUSED_STATUS = (423, 429)
"""The board is locked, or a budget is spent."""


@dataclass
class Seen:
    """One request to the API. Times are seconds since the board listens."""

    arrived: float
    ended: float = 0.0
    status: int = 0
    """0: the client was gone before the answer."""
    client: str = ""
    """As it calls itself."""
    items: int = 0
    subitems: int = 0
    """Created by it."""
    failed: int = 0
    """Mutations that the board looked at and refused."""
    charged: float = 0.0
    """When its complexity was taken off the budget: the board has read it by then."""
    held_from: float = 0.0
    held_until: float = 0.0
    """When its mutations held the board: their latency, and the practice board's own work on them."""
    drawn_seconds: float = 0.0
    """Their latency alone."""
    points: int = 0
    """Complexity."""
    opens_window: bool = False
    """The first one of a minute of the complexity budget."""

    @property
    def refused(self) -> bool:
        """Whether it was turned away unread."""
        return self.status in REFUSED_STATUS

    @property
    def records(self) -> int:
        """Items and subitems created."""
        return self.items + self.subitems


@dataclass(frozen=True)
class Settings:
    """What a practice board is started with; milliseconds."""

    request_ms: float = 80.0
    mutation_ms: float = 120.0
    jitter_ms: float = 40.0
    seed: int = 1
    writers_per_board: int = 1
    complexity_per_minute: int = 10_000_000


class MeasuredBoard:
    """The parent's side: starts the process, and reads its account at the end."""

    def __init__(self, folder: Path, token: str, settings: Settings) -> None:
        """Raises RuntimeError when it does not start."""
        told = json.dumps({"folder": str(folder), **asdict(settings)})
        log = folder / "board.log"
        with log.open("wb") as errors:  # clients that are ended in the middle of a call leave traces there
            self._process = subprocess.Popen(
                [sys.executable, __file__, told],
                cwd=ROOT,
                env={**os.environ, "DELTADESK_PRACTICE_TOKEN": token},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"The practice board did not start:\n{log.read_text('utf-8')[-2_000:]}")
        self.url: str = json.loads(line)["url"]
        self.seen: list[Seen] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        out, _error = self._process.communicate()
        if out:
            self.seen = [Seen(**each) for each in json.loads(out.splitlines()[-1])]


# The process


def _serve(told: dict[str, Any]) -> None:
    """Serve until standard input ends, then write the account."""
    from core.resources import resource_path
    from core.sandbox.complexity import cost
    from core.sandbox.delays import Delays
    from core.sandbox.errors import Answer
    from core.sandbox.limits import Limits
    from core.sandbox.locks import BoardLocks
    from core.sandbox.options import Latency, SandboxOptions
    from core.sandbox.plans import PLANS
    from core.sandbox.requests import ReceivedRequest
    from core.sandbox.server import bind, make_server, root_url
    from core.sandbox.service import PracticeBoard

    current: ContextVar[Seen] = ContextVar("current")
    began = monotonic()

    class NotedDelays(Delays):
        """Notes with each request how long its mutations take."""

        def of_mutations(self, count: int) -> float:
            seconds = super().of_mutations(count)
            current.get().drawn_seconds = seconds
            return seconds

    class NotedLocks(BoardLocks):
        """Notes when each request holds its board."""

        @asynccontextmanager
        async def hold(self, board_ids: Iterable[str]) -> AsyncIterator[None]:
            note = current.get()
            async with super().hold(board_ids):
                note.held_from = monotonic() - began
                yield
                note.held_until = monotonic() - began

    class NotedLimits(Limits):
        """Notes which request opens a minute."""

        def charge(self, points: int, request_id: str) -> Answer | None:
            note = current.get()
            note.charged = monotonic() - began
            note.opens_window = self.complexity_left == self.plan.complexity_per_minute
            return super().charge(points, request_id)

    class AccountingBoard(PracticeBoard):
        """Notes every request."""

        def __init__(self, options: SandboxOptions, page_url: str) -> None:
            super().__init__(options, page_url)
            self._delays = NotedDelays(options.latency)
            self._locks = NotedLocks(options.writers_per_board)
            self.limits = NotedLimits(options.plan_limits, options.clock)
            self.seen: list[Seen] = []

        async def answer(self, request: ReceivedRequest, token: str | None) -> Answer | None:
            note = Seen(monotonic() - began, client=request.headers.get("user-agent", ""))
            self.seen.append(note)
            current.set(note)
            answer = await super().answer(request, token)
            note.ended = monotonic() - began
            if answer is not None:
                note.status = answer.status
                if answer.status == 200:
                    _count(note, request, json.loads(answer.body).get("data") or {}, cost)
            return answer

    settings = {name: told[name] for name in Settings.__dataclass_fields__}
    plan = replace(PLANS["pro"], complexity_per_minute=settings["complexity_per_minute"])
    options = SandboxOptions(
        state=Path(told["folder"]) / "board.db",
        fixture=resource_path("boards", "orders.json"),
        token=os.environ["DELTADESK_PRACTICE_TOKEN"],
        plan="pro",
        limits=plan,
        latency=Latency(
            settings["request_ms"], settings["mutation_ms"], settings["jitter_ms"], settings["seed"]
        ),
        writers_per_board=settings["writers_per_board"],
    )
    listener = bind(options)
    board = AccountingBoard(options, root_url(options, listener))
    board.open()
    server = make_server(board, lambda: print(json.dumps({"url": f"{board.page_url}v2"}), flush=True))

    def stop_at_end_of_input() -> None:
        while os.read(0, 4_096):
            pass
        server.should_exit = True

    threading.Thread(target=stop_at_end_of_input, daemon=True).start()
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
        board.close()
    print(json.dumps([asdict(each) for each in board.seen]))


def _count(note: Seen, request: Any, data: dict[str, Any], cost: Any) -> None:
    note.points = cost(request, data)
    for root in request.fields if request.is_mutation else ():
        if data.get(root.alias) is None:
            note.failed += 1
        elif root.name == "create_item":
            note.items += 1
        elif root.name == "create_subitem":
            note.subitems += 1


if __name__ == "__main__":
    os.umask(0o077)
    _serve(json.loads(sys.argv[1]))
