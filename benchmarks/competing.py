"""What becomes of a push when another client of the account spends half of its complexity budget.

Three practice boards side by side, each a process of its own, with the limits of plan "pro" (10 million
points a minute), 80 ms a request, 120 ms +- 40 ms a mutation and six writers a board; before each one
DeltaDesk, the headless command, with orders for some minutes. One of them is alone; beside the second a plain
client spends half of the budget evenly, beside the third it spends that half in a burst every minute. The
other client writes to a board of its own, so budget is all that it takes. DeltaDesk may use all that is left.

All figures are the boards' own; "later" is the steady state, after DeltaDesk's first minute. What was free of
a minute is the quota without what the other client spent of it; whole minutes of the budget are counted, from
the second one to the last. A push starves when a minute goes by without a record, or when it uses less than
half of what was free.

    python benchmarks/competing.py [--minutes 4]
    python benchmarks/competing.py --quick

`--quick` has a twentieth of the budget, orders for half a minute, and claims no share: it shows that all of
it runs.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from throughput import MANY_WRITERS, ROOT, TOKEN, WINDOW_SECONDS, deltadesk, environment, fixed_work, machine
from throughput_board import MeasuredBoard, Seen, Settings
from throughput_data import LINES_PER_ORDER, create_orders, write_configuration

HERE = Path(__file__).parent
OWN = "DeltaDesk"
"""The name by which the board knows its calls."""
POINTS_A_RECORD = 10_000
THEIR_SHARE = 0.5
PATTERNS = {"alone": "alone", "steady": "beside an even spender", "burst": "beside a spender in bursts"}
LONGEST_SECONDS = 330.0
"""So long a push may take: one that starves ends the benchmark no later."""
OF_FREE_TARGET = 0.5
THEIR_TARGET = 0.95
"""The other client gets what it wants."""


@dataclass(frozen=True)
class Shared:
    """How one push went beside the other client, by the board's account."""

    pattern: str
    records: int
    missing: int
    seconds: float
    rate: float
    """Records a minute, in the steady state."""
    calls: int
    rejected: int
    """In the whole push."""
    rejected_later: int
    """In the steady state."""
    their_calls: int
    their_rejected: int
    their_rejected_later: int
    their_share: float | None
    """What they spent, of what they wanted to spend."""
    of_free: float | None
    """What was used of what the other client left; None of fewer than three minutes of the budget."""
    idle_minutes: int
    """Minutes of the steady state in which no record was created."""


def main() -> int:
    """Push beside nobody and beside both others, print a table; the last line is one JSON object."""
    given = _arguments()
    quota = Settings().complexity_per_minute // (20 if given.quick else 1)
    noise = [fixed_work()]
    with (
        tempfile.TemporaryDirectory(prefix="competing-") as folder,
        ThreadPoolExecutor(len(PATTERNS)) as legs,
    ):
        pushes = [legs.submit(_push, Path(folder), name, quota, given.minutes) for name in PATTERNS]
        shared = [push.result() for push in pushes]
    noise.append(fixed_work())
    _print(shared, quota, noise)
    print(f"\n{json.dumps(_verdict(shared, quick=given.quick))}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--minutes", type=float, help="for which there are orders; 4 without, 0.5 with --quick"
    )
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    given.minutes = given.minutes or (0.5 if given.quick else 4.0)
    return given


# Pushing


def _push(folder: Path, pattern: str, quota: int, minutes: float) -> Shared:
    """Push to a fresh board, with the other client beside it."""
    place = folder / pattern
    place.mkdir()
    free = quota if pattern == "alone" else quota * (1 - THEIR_SHARE)
    orders = max(1, round(minutes * free / POINTS_A_RECORD / (1 + LINES_PER_ORDER)))
    database = place / "orders.db"
    create_orders(database, orders)
    settings = Settings(writers_per_board=MANY_WRITERS, complexity_per_minute=quota)
    with MeasuredBoard(place, TOKEN, settings) as board:
        write_configuration(place, database, board.url, writers=MANY_WRITERS)
        other = None if pattern == "alone" else _start(_spender(pattern, board.url, quota), place, "other")
        try:
            own = _start(deltadesk(board.url, place, MANY_WRITERS), place, "own")
            _await(own, place)
        finally:
            if other is not None:
                other.kill()
                other.wait()
    return account_of(board.seen, pattern, orders * (1 + LINES_PER_ORDER), quota)


def _spender(pattern: str, url: str, quota: int) -> list[str]:
    return [
        sys.executable,
        str(HERE / "competing_client.py"),
        pattern,
        url,
        str(round(quota * THEIR_SHARE)),
    ]


def _start(command: list[str], place: Path, name: str) -> "subprocess.Popen[bytes]":
    with (place / f"{name}.txt").open("wb") as output:
        return subprocess.Popen(
            command, cwd=ROOT, env=environment(place), stdout=output, stderr=subprocess.STDOUT
        )


def _await(own: "subprocess.Popen[bytes]", place: Path) -> None:
    """Wait for a push to end; end it where it takes too long."""
    try:
        code = own.wait(LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        own.kill()
        own.wait()
        return
    if code:
        log = (place / "own.txt").read_text("utf-8", "replace")
        sys.exit(f"The push in {place.name} failed with {code}:\n{log[-2_000:]}")


# Figures


def account_of(seen: Sequence[Seen], pattern: str, expected: int, quota: int) -> Shared:
    """The figures of one push from the board's account."""
    own = [each for each in seen if each.client == OWN]
    theirs = [each for each in seen if each.client != OWN]
    made = [each for each in own if each.records]
    began, ended = min(each.arrived for each in made), max(each.ended for each in made)
    steady = began + WINDOW_SECONDS
    later = sum(each.records for each in made if each.ended > steady)
    records = sum(each.records for each in made)
    long_enough = ended > steady
    rate = later / (ended - steady) if long_enough else records / (ended - began)
    free, used, wanted, spent = _windows(seen, began, ended, quota)
    minutes = int((ended - steady) // WINDOW_SECONDS) if long_enough else 0
    busy = {int((each.ended - steady) // WINDOW_SECONDS) for each in made}
    return Shared(
        pattern,
        records,
        expected - records,
        ended - began,
        rate * 60,
        len(own),
        sum(each.refused for each in own),
        sum(each.refused for each in own if each.arrived >= steady),
        len(theirs),
        sum(each.refused for each in theirs),
        sum(each.refused for each in theirs if each.arrived >= steady),
        spent / wanted if wanted and theirs else None,
        used / free if free else None,
        len(set(range(minutes)) - busy),
    )


def _windows(
    seen: Sequence[Seen], began: float, ended: float, quota: int
) -> tuple[float, float, float, float]:
    """What was free, what the push used of it, what the other client wanted, and what it spent.

    Points of the budget's whole minutes after the first; zeros where there are fewer than three.
    """
    opened = sorted(each.charged for each in seen if each.opens_window and began <= each.charged <= ended)
    if len(opened) < 3:
        return 0.0, 0.0, 0.0, 0.0
    since, until = opened[1], opened[-1]
    minutes = (until - since) / WINDOW_SECONDS
    within = [each for each in seen if since <= each.charged < until]
    used = sum(each.points for each in within if each.client == OWN)
    spent = sum(each.points for each in within if each.client != OWN)
    return quota * minutes - spent, used, quota * THEIR_SHARE * minutes, spent


# What is told


def _print(shared: Sequence[Shared], quota: int, noise: Sequence[float]) -> None:
    print(f"{quota / 1e6:g} M points a minute, {THEIR_SHARE:.0%} of them for the other client; three at once")
    print(f"{machine(noise)}\n")
    print(
        f"{'':<28}{'records':>9}{'missing':>9}{'seconds':>9}{'records/min':>13}{'calls':>7}{'rejected':>10}"
        f"{'later':>7}{'of what was free':>18}{'idle min':>10}{'their calls':>13}{'rejected':>10}"
        f"{'later':>7}{'of wanted':>11}"
    )
    for each in shared:
        print(
            f"{PATTERNS[each.pattern]:<28}{each.records:>9,}{each.missing:>9,}{each.seconds:>9.1f}"
            f"{each.rate:>13.0f}{each.calls:>7,}{each.rejected:>10,}{each.rejected_later:>7,}"
            f"{_per_cent(each.of_free):>18}{each.idle_minutes:>10}{each.their_calls:>13,}"
            f"{each.their_rejected:>10,}{each.their_rejected_later:>7,}{_per_cent(each.their_share):>11}"
        )


def _per_cent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _verdict(shared: Sequence[Shared], *, quick: bool) -> dict[str, Any]:
    ratios: dict[str, float | int | None] = {}
    at_most: dict[str, float | int] = {}
    at_least: dict[str, float | int] = {}
    alone = next(each.rate for each in shared if each.pattern == "alone")
    for each in shared:
        ratios[f"{each.pattern}_rejected"] = each.rejected_later
        ratios[f"{each.pattern}_missing"] = each.missing
        ratios[f"{each.pattern}_idle_minutes"] = each.idle_minutes
        at_most |= {f"{each.pattern}_{what}": 0 for what in ("rejected", "missing", "idle_minutes")}
        ratios[f"{each.pattern}_of_free"] = None if each.of_free is None else round(each.of_free, 3)
        at_least[f"{each.pattern}_of_free"] = OF_FREE_TARGET
        if each.pattern != "alone":
            ratios[f"{each.pattern}_to_alone"] = round(each.rate / alone, 3)
            ratios[f"{each.pattern}_their_rejected"] = each.their_rejected_later
            ratios[f"{each.pattern}_their_share"] = (
                None if each.their_share is None else round(each.their_share, 3)
            )
            at_least[f"{each.pattern}_their_share"] = THEIR_TARGET
    if quick:
        at_least.clear()
    return {
        "benchmark": "competing",
        "ratios": ratios,
        "targets": {**at_most, **at_least},
        "holds": all((ratios[name] or 0) <= target for name, target in at_most.items())
        and all((ratios[name] or 0) >= target for name, target in at_least.items()),
    }


if __name__ == "__main__":
    sys.exit(main())
