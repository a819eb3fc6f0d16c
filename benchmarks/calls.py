"""How many calls of the API a push takes, and whether more records take more calls each.

A customer of the demo goes to a practice board by `deltadesk run`, a process of its own; the board counts
what arrives, the reading of the board included. Growth is counted in the portions of 100 to 100,000 records,
the small ones pushed as well. The last part is a load of 10,000 orders with five lines each, by mutations and
by bulk import: planned calls, for an account may import 19,000 records an hour, and such a load is several
runs.

    python benchmarks/calls.py [--records 100 1000 10000 100000] [--pushed 1000] [--load 60000]
"""

import argparse
import asyncio
import json
import platform
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.many_orders import Shape, open_desk, write_orders
from core.demo.data import create_orders_database
from core.demo.testing import ITEMS_BOARD, PROFILE, SUBITEMS_BOARD, demo_desk
from core.orders.model import Selection
from core.sync.plan import Plan, Step
from core.sync.planner import PlanOptions, make_plan
from core.workspace.streaming import OrderStream

CUSTOMER = "GREYSON CLOTHIERS"
"""69 orders, 317 lines."""
CUSTOMER_TARGET = 10
GROWTH_TARGET = 1.1
MUTATIONS_TARGET = 1_200
"""What bulk import must stay far below."""
BULK_TARGET = 40
LOAD = Shape(lines=5, orders=1_500)
"""A customer's orders and lines fit one file."""
CUSTOMERS_OF_A_RUN = 2
"""More would be beyond the 19,000 records that an account may import in an hour: the load is several runs."""
NOT_IMPORTED = frozenset({"week", "country", "checkbox"})
"""Types of the demo's columns whose values an import does not take: these rules are left out of that load."""
READING_CALLS = 2
"""The board and its subitems board, before each plan."""
ROOT = Path(__file__).parents[1]


def main() -> int:
    """Count, print a table; the last line is one JSON object."""
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="calls-") as name:
        folder = Path(name)
        create_orders_database(folder / "demo.db")
        calls, records = _pushed(folder, folder / "demo.db", "--customer", CUSTOMER)
        print(f"Python {platform.python_version()} on {platform.machine()}\n")
        print(f"{'what':<34}{'records':>9}{'calls':>8}{'a call':>8}   counted by")
        _line(f"deltadesk run, {CUSTOMER}", records, calls, "the practice board")
        planned = {size: _growth(folder, size, given.pushed) for size in sorted(given.records)}
        mutations, imports = large_load(folder, given.load)
    ratios: dict[str, float] = {"customer": calls}
    targets: dict[str, float] = {"customer": CUSTOMER_TARGET}
    largest = max(planned)
    # What is read of the board weighs much in a small push: growth is told against two of them.
    for size in sorted(planned)[:-1][:2]:
        ratios[f"growth since {size} records"] = (planned[largest] / largest) / (planned[size] / size)
        targets[f"growth since {size} records"] = GROWTH_TARGET
    ratios["bulk_import"] = imports
    targets["bulk_import"] = BULK_TARGET
    for name, figure in ratios.items():
        print(f"{name:<34}{figure:>8.2f}   at most {targets[name]:g}")
    verdict = {
        "benchmark": "calls",
        "ratios": {name: round(figure, 2) for name, figure in ratios.items()},
        "by_mutations": mutations,
        "load": given.load,
        "targets": targets,
        "holds": all(ratios[name] <= target for name, target in targets.items()),
    }
    print(f"\n{json.dumps(verdict)}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, nargs="+", default=[100, 1_000, 10_000, 100_000])
    parser.add_argument("--pushed", type=int, default=1_000, help="sizes up to this one are pushed as well")
    parser.add_argument("--load", type=int, default=60_000, help="records of the large load")
    return parser.parse_args()


def _line(what: str, records: int, calls: int, counted_by: str) -> None:
    print(f"{what:<34}{records:>9,}{calls:>8,}{records / calls:>8.1f}   {counted_by}")


def _growth(folder: Path, records: int, pushed: int) -> int:
    """Calls that a push of so many records takes; counted by a board where it is small."""
    database = folder / f"{records}.db"
    write_orders(database, records)
    calls = READING_CALLS + asyncio.run(_calls_in_portions(database))
    _line("planned", records, calls, "the plans of its portions")
    if records <= pushed:
        counted, arrived = _pushed(folder, database)
        _line("deltadesk run", arrived, counted, "the practice board")
    return calls


def _pushed(folder: Path, orders: Path, *arguments: str) -> tuple[int, int]:
    """Push orders by the command; the calls that a practice board of their own received, and its records."""
    with (
        tempfile.TemporaryDirectory(dir=folder) as place,
        demo_desk(Path(place), orders) as desk,
    ):
        command = [sys.executable, "-c", "from core.cli import main; main()", "run", "--yes", "--json"]
        command += ["--config", str(desk.configuration_file), "--profile", PROFILE, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        arrived = len(desk.board.items(ITEMS_BOARD)) + len(desk.board.items(SUBITEMS_BOARD))
        if done.returncode != 0:
            sys.exit(f"The run failed:\n{done.stdout}{done.stderr}")
        return len(desk.board.requests), arrived


async def _calls_in_portions(database: Path) -> int:
    """What the portions cost in which `deltadesk run --yes` sends the orders."""
    desk = open_desk(database)
    stream = OrderStream(desk.store, desk.schema, PlanOptions.of(desk.profile), Selection())
    calls = 0
    while portion := await stream.next():
        calls += portion.plan.forecast.calls
    desk.store.engine.dispose()
    return calls


def _planned(database: Path, selection: Selection | None = None, **changes: Any) -> Plan:
    desk = open_desk(database)
    options = replace(PlanOptions.of(desk.profile), **changes)
    types = {column.id: column.type for column in desk.schema.items.columns}
    if changes.get("bulk_import") == "always":
        rules = tuple(rule for rule in options.mapping.items if types[rule.column] not in NOT_IMPORTED)
        options = replace(options, mapping=options.mapping.model_copy(update={"items": rules}))
    selection = selection or Selection()
    try:
        return make_plan(desk.store.load(selection), desk.schema, options, selection=selection)
    finally:
        desk.store.engine.dispose()


# The large load


def large_load(folder: Path, records: int) -> tuple[int, int]:
    """Planned calls of the large load, board reading included: by mutations, and by bulk import."""
    database = folder / "load.db"
    write_orders(database, records, LOAD)
    plan = _planned(database, bulk_import="never")
    by_mutations = READING_CALLS + plan.forecast.calls
    _line("large load, by mutations", records, by_mutations, "the plan")
    customers = [batch.customer for batch in plan.batches]
    del plan
    by_import = rows = 0
    reasons: set[str] = set()
    for start in range(0, len(customers), CUSTOMERS_OF_A_RUN):
        chosen = Selection(customers=tuple(customers[start : start + CUSTOMERS_OF_A_RUN]))
        plan = _planned(database, chosen, bulk_import="always")
        by_import += READING_CALLS + plan.forecast.calls
        imported = [request for request in plan.requests if request.step is Step.IMPORT]
        rows += sum(len(request.operations) for request in imported)
        if not imported:
            reasons.update(batch.way for batch in plan.batches)
    runs = -(-len(customers) // CUSTOMERS_OF_A_RUN)
    _line(f"large load, by import, {runs} runs", records, by_import, "the plans")
    if rows < records:
        print(f"  of them {rows:,} records by import. {' '.join(sorted(reasons))}")
    return by_mutations, by_import


if __name__ == "__main__":
    sys.exit(main())
