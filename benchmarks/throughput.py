"""How near does a push come to the limit that binds it, and how do other ways of pushing compare.

Pushes 1,000 orders with 4,000 lines of nine customers to a practice board that takes 80 ms a request and
120 ms +- 40 ms a mutation, with the budgets of plan "pro" and a personal token. DeltaDesk is the headless
command with a SQLite database, all of the account's budget its own. The board says what it was asked; no
client's figure is used.

With one writer a board, the limit is the serial time of the mutations of the slower board: its share is the
time that they held this board, which is their latency and the practice board's own work on them. Beside it
are told the latency alone, and where the rest went: the time of each request by itself, the practice board's
reading of it, and what DeltaDesk let pass between an answer and its next request to that board. With six
writers, the limit is the complexity budget of 10 million points a minute: its share is what was charged to
it. Both are counted after the first minute; the first to the last answer of the slower board, the second to
the beginning of the last minute, which the run may leave unused.

The others send the same values, each to a fresh board, for a bounded time: the PyPI package `monday` in a
loop, `monday-client` with asyncio.gather, five records a call with a pause of two seconds, and a naive gather
of single mutations with retry. Those that have one call under way at a time need no board with several
writers. Their rate is that after the first minute, or of the whole time where that is shorter; of one that
gives records up and ends early, it is that of the whole time. DeltaDesk's is that of the whole push, its
beginning and its end included.

    python benchmarks/throughput.py [--orders 1000] [--rival-seconds 120] [--only NAME ...] [--writers 1 6]
    python benchmarks/throughput.py --quick

`--quick` sends a few hundred records at a tenth of the latency and measures no complexity: it shows that all
of it runs.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

from throughput_board import ITEMS_BOARD, MeasuredBoard, Seen, Settings
from throughput_data import PROFILE, TOKEN_VARIABLE, create_orders, write_configuration

from tests.compat import environments

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent
TOKEN = "throughput-token"
WINDOW_SECONDS = 60.0
MANY_WRITERS = 6
TARGET_SHARE = 0.95
QUICK_ORDERS, QUICK_RIVAL_SECONDS = 60, 6.0
QUICK = Settings(request_ms=8, mutation_ms=12, jitter_ms=4)


@dataclass(frozen=True)
class Parts:
    """Where the time of the slower board went after the first minute, each as a part of it."""

    held: float
    """By mutations: their latency, and the practice board's own work on them."""
    latency: float
    """Of the mutations alone."""
    request: float
    """What each request takes by itself."""
    reading: float
    """The practice board's own work before it charges a request: no client's, and no provider's."""
    between: float
    """From an answer to the arrival of the next request."""


@dataclass(frozen=True)
class Pushed:
    """How one way of pushing went, by the board's account."""

    name: str
    writers: int
    records: int
    missing: int
    """What it ended without, of its own accord."""
    seconds: float
    rate: float
    """Records a minute."""
    calls: int
    rejected: int
    limit: str = ""
    share: float | None = None
    """Of the limit that binds, sustained after the first minute."""
    parts: Parts | None = None
    """Of the slower board's time."""


Command = Callable[[str, Path, int], list[str]]
"""From the board's address, a folder and the number of writers to a process that pushes."""


def main() -> int:
    """Push in every way, print a table; the last line is one JSON object."""
    given = _arguments()
    settings = QUICK if given.quick else Settings()
    noise = [fixed_work()]
    pushed: list[Pushed] = []
    with tempfile.TemporaryDirectory(prefix="throughput-") as folder:
        bench = Bench(Path(folder), given.orders, given.rival_seconds, settings)
        for name, writers in _legs(given.only, given.writers):
            pushed.append(bench.push(name, writers))
            noise.append(fixed_work())
            print(_row(pushed[-1]), file=sys.stderr, flush=True)
    _print(pushed, given.orders, settings, noise)
    print(f"\n{json.dumps(_verdict(pushed, quick=given.quick))}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--orders", type=int, help="with four lines each; 1,000 without, 60 with --quick")
    parser.add_argument("--rival-seconds", type=float, help="how long each of the others may push")
    parser.add_argument("--only", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument(
        "--writers", nargs="+", type=int, choices=(1, MANY_WRITERS), default=(1, MANY_WRITERS)
    )
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    given.orders = given.orders or (QUICK_ORDERS if given.quick else 1_000)
    given.rival_seconds = given.rival_seconds or (QUICK_RIVAL_SECONDS if given.quick else 120.0)
    return given


def _legs(names: Sequence[str], allowed: Sequence[int]) -> list[tuple[str, int]]:
    return [(name, writers) for name in names for writers in WAYS[name].writers if writers in allowed]


# The ways


@dataclass(frozen=True)
class Way:
    """One way of pushing."""

    words: str
    command: Command
    writers: tuple[int, ...] = (1, MANY_WRITERS)


def deltadesk(_url: str, folder: Path, _writers: int) -> list[str]:
    """The headless command, pushing all of the folder's orders."""
    start = "from core.cli import main; main()"
    options = ["--config", str(folder / "throughput.toml"), "--profile", PROFILE, "--yes", "--json"]
    return [sys.executable, "-c", start, "run", *options]


def _plain(way: str) -> Command:
    def command(url: str, folder: Path, _writers: int) -> list[str]:
        script = str(HERE / "throughput_plain.py")
        return [sys.executable, script, way, url, ITEMS_BOARD, str(folder / "records.json")]

    return command


def _monday(url: str, folder: Path, _writers: int) -> list[str]:
    python = environments.python_environment("monday", "2.2.1", sys.executable)
    script = str(HERE / "throughput_monday.py")
    return [str(python), script, url, ITEMS_BOARD, str(folder / "records.json")]


def _monday_client(url: str, folder: Path, _writers: int) -> list[str]:
    newer = environments.newer_python(3, 12)
    if newer is None:
        sys.exit("monday-client needs Python 3.12 or newer, which this machine lacks; leave it out by --only")
    python = environments.python_environment("monday-client", "0.1.90", newer, extra="[yaml]")
    script = str(HERE / "throughput_monday_client.py")
    return [str(python), script, url, ITEMS_BOARD, str(folder / "records.json")]


WAYS = {
    "deltadesk": Way("DeltaDesk", deltadesk),
    "monday": Way("monday 2.2.1, loop", _monday, (1,)),
    "monday_client": Way("monday-client 0.1.90, gather", _monday_client),
    "fives": Way("5 a call, 2 s pause", _plain("fives"), (1,)),
    "gather": Way("single mutations, gather", _plain("gather")),
}


# Pushing


class Bench:
    """Pushes the same orders, each time to a fresh board."""

    def __init__(self, folder: Path, orders: int, rival_seconds: float, settings: Settings) -> None:
        self._folder = folder
        self._orders = orders
        self._rival_seconds = rival_seconds
        self._settings = settings
        self._database = folder / "orders.db"
        create_orders(self._database, orders)
        self._records = self._plan()

    @property
    def _expected(self) -> int:
        return sum(1 + len(order["lines"]) for order in json.loads(self._records.read_text("utf-8")))

    def _plan(self) -> Path:
        """What DeltaDesk would send, for the others to send."""
        place = self._fresh("plan")
        file = place / "records.json"
        with MeasuredBoard(place, TOKEN, replace(self._settings, request_ms=0)) as board:
            configuration = write_configuration(place, self._database, board.url, writers=1)
            command = [sys.executable, str(HERE / "throughput_data.py"), str(configuration), str(file)]
            subprocess.run(command, cwd=ROOT, env=environment(place), check=True)
        return file

    def push(self, name: str, writers: int) -> Pushed:
        """Push in one way to a board with so many writers."""
        way, place = WAYS[name], self._fresh(f"{name}-{writers}")
        settings = replace(self._settings, writers_per_board=writers)
        own = name == "deltadesk"
        with MeasuredBoard(place, TOKEN, settings) as board:
            if own:
                database = place / "orders.db"
                database.write_bytes(self._database.read_bytes())
                write_configuration(place, database, board.url, writers=writers)
            else:
                (place / "records.json").write_bytes(self._records.read_bytes())
            command = way.command(board.url, place, writers)
            ended = self._carry_out(command, place, None if own else self._rival_seconds)
        seen = board.seen
        records = sum(each.records for each in seen)
        began = min(each.arrived for each in seen if each.records)
        seconds = max(each.ended for each in seen if each.records) - began
        limit, share, parts = "", None, None
        if own and writers == 1:
            limit = "the slower board"
            parts = _parts_of_slower_board(seen, began)
            share = parts.held
        elif own:
            limit, share = "complexity", _complexity_share(seen, settings.complexity_per_minute)
        missing = self._expected - records if ended else 0
        if missing and not own:
            seconds = max(seconds, self._rival_seconds)  # it gave up, and the rest of its time is idle
        return Pushed(
            way.words,
            writers,
            records,
            missing,
            seconds,
            records / seconds * 60 if own else _rate(seen, began, seconds),
            len(seen),
            sum(each.refused for each in seen),
            limit,
            share,
            parts,
        )

    def _fresh(self, name: str) -> Path:
        place = self._folder / name
        place.mkdir()
        return place

    def _carry_out(self, command: list[str], place: Path, seconds: float | None) -> bool:
        """Run a process, for so long at most; whether it ended of itself."""
        log = place / "log.txt"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment(place), stdout=output, stderr=subprocess.STDOUT
            )
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                return False
        if code:
            sys.exit(f"{command[1:3]} failed with {code}:\n{log.read_text('utf-8', 'replace')[-2_000:]}")
        return True


def environment(place: Path) -> dict[str, str]:
    """The variables of a process that pushes, its home in this folder."""
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    return {**os.environ, TOKEN_VARIABLE: TOKEN, "DELTADESK_HOME": str(place), "PYTHONPATH": paths}


# Figures


def _rate(seen: Sequence[Seen], began: float, seconds: float) -> float:
    """Records a minute after the first minute, or of the whole time where there is no second one."""
    last = max(each.ended for each in seen if each.records) - began
    if min(last, seconds) <= 1.5 * WINDOW_SECONDS:
        return sum(each.records for each in seen) / max(seconds, 1e-3) * 60
    later = sum(each.records for each in seen if each.ended > began + WINDOW_SECONDS)
    return later / (seconds - WINDOW_SECONDS) * 60


def _parts_of_slower_board(seen: Sequence[Seen], began: float) -> Parts:
    on_items = [each for each in seen if each.items]
    on_subitems = [each for each in seen if each.subitems]
    slower = max(on_items, on_subitems, key=lambda board: sum(each.drawn_seconds for each in board))
    slower.sort(key=lambda each: each.held_from)
    until = max(each.ended for each in slower)
    is_long = until > began + 2 * WINDOW_SECONDS
    since = began + WINDOW_SECONDS if is_long else min(each.arrived for each in slower)

    def part(spans: Iterable[tuple[float, float]]) -> float:
        return sum(max(0.0, end - max(since, start)) for start, end in spans) / (until - since)

    return Parts(
        held=part((each.held_from, each.held_until) for each in slower),
        latency=part((each.held_from, each.held_from + each.drawn_seconds) for each in slower),
        request=part((each.charged, each.held_from) for each in slower),
        reading=part((each.arrived, each.charged) for each in slower),
        between=part((before.ended, after.arrived) for before, after in pairwise(slower)),
    )


def _complexity_share(seen: Sequence[Seen], quota: int) -> float | None:
    """What was spent of the budget from the second minute to the last whole one; None of fewer than three."""
    opened = sorted(each.charged for each in seen if each.opens_window and each.points)
    if len(opened) < 3:
        return None
    since, until = opened[1], opened[-1]
    spent = sum(each.points for each in seen if since <= each.charged < until)
    return spent / quota / ((until - since) / WINDOW_SECONDS)


def fixed_work() -> float:
    """Milliseconds of a loop that is always the same: how much the machine's other work disturbs."""
    times = []
    for _ in range(5):
        began = perf_counter()
        sum(number * number for number in range(200_000))
        times.append((perf_counter() - began) * 1_000)
    return statistics.median(times)


def machine(noise: Sequence[float]) -> str:
    """The machine in words, and how much it was disturbed: by the milliseconds of a fixed loop."""
    spread = (max(noise) - min(noise)) / statistics.median(noise)
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; machine noise:"
        f" a fixed loop took {min(noise):.1f} to {max(noise):.1f} ms, a spread of {spread:.0%}"
    )


def _row(each: Pushed) -> str:
    share = "" if each.share is None else f"{each.share:.1%} of {each.limit}"
    if (parts := each.parts) is not None:
        share += (
            f" (latency alone {parts.latency:.1%}; lost: {parts.request:.1%} to each request's own time,"
            f" {parts.reading:.1%} to the board's reading, {parts.between:.1%} between requests)"
        )
    return (
        f"{each.name:<30}{each.writers:>8}{each.records:>9,}{each.missing:>9,}{each.seconds:>9.1f}"
        f"{each.rate:>13.0f}{each.calls:>8,}{each.rejected:>10,}  {share}"
    )


def _print(pushed: Sequence[Pushed], orders: int, settings: Settings, noise: Sequence[float]) -> None:
    print(
        f"{orders:,} orders with four lines each; {settings.request_ms:g} ms a request,"
        f" {settings.mutation_ms:g} +- {settings.jitter_ms:g} ms a mutation;"
        f" {settings.complexity_per_minute / 1e6:g} M points a minute"
    )
    print(f"{machine(noise)}\n")
    print(
        f"{'':<30}{'writers':>8}{'records':>9}{'missing':>9}{'seconds':>9}{'records/min':>13}{'calls':>8}"
        f"{'rejected':>10}  share of the limit"
    )
    for each in pushed:
        print(_row(each))


def _verdict(pushed: Sequence[Pushed], *, quick: bool) -> dict[str, Any]:
    by_leg = {(each.name, each.writers): each for each in pushed}
    ratios: dict[str, float | int | None] = {}
    targets: dict[str, float | int] = {}
    own = {writers: by_leg.get((WAYS["deltadesk"].words, writers)) for writers in (1, MANY_WRITERS)}
    for writers, name in ((1, "deltadesk_one_writer_of_limit"), (MANY_WRITERS, "deltadesk_many_of_limit")):
        if (mine := own[writers]) is not None:
            ratios[name] = None if mine.share is None else round(mine.share, 3)
            if mine.parts is not None:
                ratios["deltadesk_one_writer_latency_of_time"] = round(mine.parts.latency, 3)
                ratios["deltadesk_one_writer_between_requests"] = round(mine.parts.between, 4)
            if not quick:
                targets[name] = TARGET_SHARE
    mine = [each for each in own.values() if each is not None]
    if mine:
        ratios["rejected"] = sum(each.rejected for each in mine)
        ratios["missing"] = sum(each.missing for each in mine)
        targets |= {"rejected": 0, "missing": 0}
    for name, way in WAYS.items():
        for writers in way.writers if name != "deltadesk" else ():
            rival, ours = by_leg.get((way.words, writers)), own[writers]
            if rival is not None and ours is not None and rival.rate:
                suffix = "_many_writers" if writers > 1 else ""
                ratios[f"deltadesk_to_{name}{suffix}"] = round(ours.rate / rival.rate, 2)
    at_least = {name for name in targets if name.endswith("of_limit")}
    return {
        "benchmark": "throughput",
        "ratios": ratios,
        "targets": targets,
        "holds": all(
            (ratios[name] or 0) >= target if name in at_least else ratios[name] <= target  # type: ignore[operator]
            for name, target in targets.items()
        ),
    }


if __name__ == "__main__":
    sys.exit(main())
