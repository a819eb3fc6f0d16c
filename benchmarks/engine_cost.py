"""What the engine itself costs a record: plan, pack, parse, journal, beside `json.dumps` of the payload.

Orders of the demo, four lines each, go through planner and engine as `deltadesk run --yes` sends them, in
portions: values formatted, requests packed, hashed and checked, journalled before they leave and after,
answers parsed, states written back, in a real SQLite file. The board is a transport in memory that answers at
once with an id for each mutation; what it uses of the processor is taken off, and what it takes to read the
orders from the database stands in a column of its own. Beside it, in the same process, stands `json.dumps` of
the very payload: each record's column values, and its mutation's variables around them, for the API takes
JSON text in JSON.
Each size is a process of its own, so that its memory is too; it is read at the end of its first run, before
the payload is made once more for the comparison. Time is processor time of the whole process.

The ratio of a size holds all of its run, its beginning and its end too: statements put together, the run's
row, the groups, the report. What a record costs is told by two sizes: the difference of their costs, by that
of their records.

    python benchmarks/engine_cost.py [--records 100 1000 10000 100000] [--rounds N]
"""

import argparse
import asyncio
import gc
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from time import process_time, thread_time
from typing import Any, cast
from unittest.mock import patch

import httpx

from benchmarks.many_orders import open_desk, write_orders
from core.clock import SystemClock
from core.garbage import collect_seldom
from core.monday.client import MondayClient
from core.monday.limits import Governor
from core.orders.journal import Journal
from core.orders.model import Selection
from core.orders.store import OrderStore
from core.sync.control import RunControl
from core.sync.engine import Engine
from core.sync.plan import Operation, Plan, Reference
from core.sync.planner import Planner, PlanOptions
from core.threads import use_few_threads
from core.workspace.streaming import OrderStream, PortionSize

COST_TARGET = 10.0
GROWTH_TARGET = 1.1
MEMORY_TARGET_MIB = 64.0
"""Growth of the peak from a tenth of the largest run to all of it: a run that holds no records stays flat."""
RECORDS_A_PROCESS = 20_000
"""Sizes are measured as often as fits into so many, but within these bounds."""
FEWEST_ROUNDS, MOST_ROUNDS = 3, 21
WARM_UP_RECORDS = 500
ROOT = Path(__file__).parents[1]
URL = "http://127.0.0.1:1/v2"
HEADERS = {
    "RateLimit-Policy": '"minuteRate";q=2500;w=60, "concurrency";q=100, "complexityMinute";q=10000000;w=60',
    "RateLimit": '"minuteRate";r=2400;t=60, "concurrency";r=99, "complexityMinute";r=9900000;t=60',
}


def main() -> int:
    """Measure, print a table; the last line is one JSON object."""
    given = _arguments()
    if given.child:
        collect_seldom()  # as the command does
        print(json.dumps(asyncio.run(_child(given.child))))
        return 0
    with tempfile.TemporaryDirectory(prefix="engine-cost-") as folder:
        found = {records: _measured(Path(folder), records, given.rounds) for records in sorted(given.records)}
    _report(found)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, nargs="+", default=[100, 1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, help="of each size; as many as its size allows without it")
    parser.add_argument("--child", nargs="+", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _measured(folder: Path, records: int, rounds: int | None) -> dict[str, Any]:
    """A size's medians: seconds of processor time a record, and the peak of memory."""
    rounds = rounds or min(MOST_ROUNDS, max(FEWEST_ROUNDS, RECORDS_A_PROCESS // records))
    databases = [folder / f"{records}-{number}.db" for number in range(rounds + 1)]
    write_orders(databases[0], min(WARM_UP_RECORDS, records))
    for database in databases[1:]:
        write_orders(database, records)
    # Databases are made out here: their rows must not count as the engine's memory.
    command = [sys.executable, __file__, "--child", *map(str, databases)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
    if done.returncode != 0:
        sys.exit(f"The run failed:\n{done.stderr}")
    for database in databases:
        database.unlink()
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    each = told.pop("rounds")
    medians = {name: statistics.median(round_[name] for round_ in each) for name in each[0]}
    ratios = [(one["plan"] + one["run"]) / one["dumps"] for one in each]
    spread = (min(ratios), max(ratios))
    return {**told, **medians, "ratio": statistics.median(ratios), "spread": spread, "rounds": len(each)}


def _report(found: dict[int, dict[str, Any]]) -> None:
    print(
        f"demo orders with four lines each, SQLite, answers from memory; medians; Python"
        f" {platform.python_version()} on {platform.machine()}, {os.cpu_count()} cores\n"
    )
    print(
        f"{'records':>8}{'rounds':>8}{'load us':>9}{'plan us':>9}{'run us':>9}{'dumps us':>10}{'ratio':>8}"
        f"{'from':>7}{'to':>7}{'peak MiB':>10}   (us of processor time a record)"
    )
    for records, each in found.items():
        load, plan, run, dumps = (
            1e6 * each[name] / each["records"] for name in ("load", "plan", "run", "dumps")
        )
        low, high = each["spread"]
        print(
            f"{records:>8}{each['rounds']:>8}{load:>9.1f}{plan:>9.1f}{run:>9.1f}{dumps:>10.2f}{each['ratio']:>8.2f}"
            f"{low:>7.2f}{high:>7.2f}{each['peak_mib']:>10.0f}"
        )
    ratios, targets = _verdict(found)
    if len(found) > 1:
        small, larger = list(found)[:2]
        print(
            f"\nA run itself, whatever it sends, costs what json.dumps of {_of_a_run(found):.0f} records does"
            f" ({small} records against {larger})."
        )
    print()
    for name, figure in ratios.items():
        print(f"{name:<34}{figure:>8.2f}   at most {targets[name]:g}")
    verdict = {
        "benchmark": "engine_cost",
        "records": list(found),
        "ratios": {name: round(figure, 2) for name, figure in ratios.items()},
        "targets": targets,
        "holds": all(ratios[name] <= target for name, target in targets.items()),
    }
    print(f"\n{json.dumps(verdict)}")


def _verdict(found: dict[int, dict[str, Any]]) -> tuple[dict[str, float], dict[str, float]]:
    """Figures and what they may be at most."""
    sizes = list(found)
    largest = found[sizes[-1]]
    # What a run costs however many records it has is told by itself, below the table.
    ratios = {
        f"a record, from {low} to {high}": _of_further_records(found[low], found[high])
        for low, high in pairwise(sizes)
    }
    targets = dict.fromkeys(ratios, COST_TARGET)
    for records in sizes[:-1][:2]:
        # The fixed costs of a run hide in the small ones: growth is told against two of them.
        name = f"growth since {records} records"
        ratios[name] = _each(largest) / _each(found[records])
        targets[name] = GROWTH_TARGET
    if len(sizes) > 1:
        ratios["memory_growth_mib"] = largest["peak_mib"] - found[sizes[-2]]["peak_mib"]
        targets["memory_growth_mib"] = MEMORY_TARGET_MIB
    return ratios, targets


def _of_further_records(small: dict[str, Any], large: dict[str, Any]) -> float:
    """What each record costs by which one size is larger than another, in units of its `json.dumps`."""
    more: float = large["ratio"] * large["records"] - small["ratio"] * small["records"]
    return more / (large["records"] - small["records"])


def _of_a_run(found: dict[int, dict[str, Any]]) -> float:
    """What a run costs before its first record, in units of the `json.dumps` of one."""
    small, larger = list(found.values())[:2]
    cost: float = small["records"] * (small["ratio"] - _of_further_records(small, larger))
    return cost


def _each(size: dict[str, Any]) -> float:
    """The engine's seconds a record, in units of what `json.dumps` took then: the machine's mood goes out."""
    cost: float = size["ratio"] * size["dumps"] / size["records"]
    return cost


# In the process that is measured


async def _child(databases: Sequence[Path]) -> dict[str, Any]:
    use_few_threads()  # as the command does
    rounds, peaks = [], []
    for database in databases:
        payload = database.with_suffix(".payload")
        shutil.copy(database, payload)
        records, seconds = await _pushed(database)
        # Linux counts in kibibytes.
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        rounds.append({**seconds, "dumps": await _dumped(payload)})
        payload.unlink()
    # Of one run: the first is the warm-up, and a peak holds all that came before it.
    return {"rounds": rounds[1:], "records": records, "peak_mib": peaks[1]}


async def _pushed(database: Path) -> tuple[int, dict[str, float]]:
    """Push everything as `deltadesk run --yes` does; how many records, and seconds of processor time."""
    desk = open_desk(database)
    loading, planning = Stopwatch(desk.store), TimedPlanner
    planning.seconds = 0.0
    board = AnsweringBoard()
    with patch("core.monday.client.open_http", board.open_http):
        client = MondayClient(URL, desk.profile.api_version, "benchmark-token", timeout_seconds=60.0)
    clock = SystemClock()
    engine = Engine(client, Journal(desk.store, "benchmark"), Governor(clock), clock)
    async with client:
        gc.collect()
        began = process_time()
        with patch("core.workspace.streaming.Planner", TimedPlanner):
            stream = await asyncio.to_thread(
                OrderStream, cast(OrderStore, loading), desk.schema, PlanOptions.of(desk.profile), Selection()
            )
        report = await engine.run_portions(stream, RunControl(), lambda _event: None)
        whole = process_time() - began - board.seconds
    desk.store.engine.dispose()
    records = report.orders.synced + report.lines.synced
    if records != stream.head.orders + stream.head.lines:
        sys.exit(f"Not everything arrived: {report}"[:2000])
    ran = whole - loading.seconds - planning.seconds
    return records, {"load": loading.seconds, "plan": planning.seconds, "run": ran}


class Stopwatch:
    """An order store that says how long it took to read, processor time."""

    def __init__(self, store: OrderStore) -> None:
        self._store = store
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Any:
        """The store's own method, timed."""
        method = getattr(self._store, name)

        def timed(*arguments: Any) -> Any:
            began = thread_time()
            try:
                return method(*arguments)
            finally:
                self.seconds += thread_time() - began

        return timed


class TimedPlanner(Planner):
    """A planner that says how long it took, processor time."""

    seconds = 0.0

    def plan(self, *arguments: Any) -> Plan:
        """The plan."""
        began = thread_time()
        try:
            return super().plan(*arguments)
        finally:
            TimedPlanner.seconds += thread_time() - began


class AnsweringBoard:
    """Answers each mutation with an id of its own, at once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        """What answering has cost, processor time."""
        self._last_id = 9_000_000_000

    def open_http(self, _url: str, headers: dict[str, str], **_settings: Any) -> httpx.AsyncClient:
        """Stands in for the connection that the client opens."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer), headers=headers)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        began = thread_time()
        mutations = request.content.count(b") { id }")
        data: dict[str, Any] = {f"a{index}": {"id": str(self._last_id + index)} for index in range(mutations)}
        self._last_id += mutations
        data["complexity"] = {
            "before": 9_910_000,
            "query": 10_000,
            "after": 9_900_000,
            "reset_in_x_seconds": 60,
        }
        answer = httpx.Response(
            200, headers=HEADERS, json={"data": data, "extensions": {"request_id": "from-memory"}}
        )
        self.seconds += thread_time() - began
        return answer


async def _dumped(database: Path) -> float:
    """Seconds that `json.dumps` takes for the payloads, planned once more from an untouched copy."""
    desk = open_desk(database)
    options = PlanOptions.of(desk.profile)
    stream = OrderStream(desk.store, desk.schema, options, Selection(), size=PortionSize(orders=500))
    seconds = 0.0
    while portion := await stream.next():
        operations = (each for request in portion.plan.requests for each in request.operations)
        seconds += _dump([each for each in operations if each.record])
    desk.store.engine.dispose()
    return seconds


def _dump(operations: Sequence[Operation]) -> float:
    dumps = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
    values = [each.record.column_values for each in operations if each.record]
    arguments = [
        {
            name: "9000000000" if isinstance(value, Reference) else value
            for name, value in each.mutation.arguments.items()
        }
        for each in operations
    ]
    gc.collect()
    began = process_time()
    for cells, variables in zip(values, arguments, strict=True):
        variables["column_values"] = dumps(cells)
        dumps(variables)
    return process_time() - began


if __name__ == "__main__":
    sys.exit(main())
