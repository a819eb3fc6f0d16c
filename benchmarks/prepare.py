"""How long does a preparation take, against the bare unpivot that it cannot do without.

Fills a staging table with the order list's 410 columns, 245 of them sizes and six of those filled in each
row. The bare statement is INSERT ... SELECT ... UNION ALL over the sizes, fifty at a time, into a table
without an index, nothing else. A preparation does that and more: keys, hashes, detection, identifiers for
life, headers, lines. Its time is told as a ratio to the bare statement's in the same database; both take
turns. Each preparation is a process of its own, so that its memory is too.

    python benchmarks/prepare.py [--rows 100000] [--rounds 3] [--seed 4755] [--database URL]

Without `--database`, a SQLite file in a temporary folder. With it, an EMPTY database: its tables are dropped
afterwards.
"""

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa

from core.config.model import EngineColumns, StateWords
from core.demo.data_schema import (
    HEADER_ENGINE_COLUMNS,
    LINE_COLUMNS,
    business_columns,
    size_codes,
    source_columns,
)
from core.orders import schema
from core.orders.database import connect, writing
from core.prepare.pipeline import Preparation
from core.prepare.settings import PrepareSettings

STAGING, HEADERS, LINES, BARE, NUMBERS = (
    "BENCH_ORDER_LIST",
    "BENCH_HEADERS",
    "BENCH_LINES",
    "BENCH_BARE",
    "BENCH_N",
)
KEY = ("AAG ORDER NUMBER", "CUSTOMER STYLE", "CUSTOMER COLOUR DESCRIPTION", "PO NUMBER")
SETTINGS = PrepareSettings(
    STAGING, HEADERS, LINES, "CUSTOMER NAME", EngineColumns(), KEY, "UNIT OF MEASURE", "TOTAL QTY"
)
FILLED_SIZES = 6
TERMS = 50
"""SELECTs in one compound statement."""
RATIO_TARGET = 2.0
MEMORY_TARGET_MIB = 32.0
"""Growth of the process from a tenth of the rows to all of them: it must not hold them."""
ROOT = Path(__file__).parents[1]


def main() -> int:
    """Measure, print a table; the last line is one JSON object."""
    given = _arguments()
    if given.child:
        print(json.dumps(_child(sys.stdin.read())))
        return 0
    with tempfile.TemporaryDirectory(prefix="prepare-benchmark-") as folder:
        url = given.database or _sqlite_file(Path(folder))
        engine = connect(url)
        try:
            return _measure(engine, url, given)
        finally:
            _drop_everything(engine)
            engine.dispose()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=4755)
    parser.add_argument("--database", help="address of an EMPTY database; its tables are dropped afterwards")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _sqlite_file(folder: Path) -> str:
    path = folder / "orders.db"
    path.touch()
    return f"sqlite:///{path}"


def _measure(engine: sa.Engine, url: str, given: argparse.Namespace) -> int:
    if present := sa.inspect(engine).get_table_names():
        sys.exit(f"The database is not empty: it has {', '.join(present[:3])}. Give an empty one.")
    _make_tables(engine)
    _fill(engine, max(given.rows // 10, 1), given.seed)
    small = _prepared(url)
    _empty(engine)
    _fill(engine, given.rows, given.seed)
    bare: list[float] = []
    runs: dict[str, list[dict[str, Any]]] = {"first": [], "again": [], "one in a hundred changed": []}
    for number in range(given.rounds):
        bare.append(_bare(engine))
        runs["first"].append(_prepared(url))
        runs["again"].append(_prepared(url))
        _change(engine, number)
        runs["one in a hundred changed"].append(_prepared(url))
        _empty(engine, but=(STAGING, NUMBERS))
    return _report(engine, given, bare, runs, small)


def _report(
    engine: sa.Engine,
    given: argparse.Namespace,
    bare: Sequence[float],
    runs: dict[str, list[dict[str, Any]]],
    small: dict[str, Any],
) -> int:
    base = statistics.median(bare)
    growth = max(run["peak_mib"] for each in runs.values() for run in each) - small["peak_mib"]
    ratios = {name: statistics.median(run["seconds"] for run in each) / base for name, each in runs.items()}
    print(
        f"{engine.dialect.name}, {given.rows} rows of {len(source_columns())} columns;"
        f" median of {given.rounds} rounds; Python {platform.python_version()} on {platform.machine()}\n"
    )
    print(f"{'bare unpivot':<28}{base:>9.2f} s   1.00   each: {' '.join(f'{each:.1f}' for each in bare)}")
    for name, each in runs.items():
        seconds = [run["seconds"] for run in each]
        print(
            f"{name:<28}{statistics.median(seconds):>9.2f} s   {ratios[name]:.2f}"
            f"   each: {' '.join(f'{one:.1f}' for one in seconds)}"
        )
    print(f"{'memory, more than for a tenth':<28}{growth:>8.1f} MiB")
    targets = {**dict.fromkeys(ratios, RATIO_TARGET), "memory_growth_mib": MEMORY_TARGET_MIB}
    found = {**ratios, "memory_growth_mib": growth}
    verdict = {
        "benchmark": "prepare",
        "database": engine.dialect.name,
        "rows": given.rows,
        "ratios": {name: round(figure, 2) for name, figure in found.items()},
        "targets": targets,
        "holds": all(found[name] <= target for name, target in targets.items()),
    }
    print(f"\n{json.dumps(verdict)}")
    return 0


# What is measured


def _bare(engine: sa.Engine) -> float:
    """Seconds of the bare unpivot."""
    key = " || ' ' || ".join(f"TRIM(st.{_quoted(engine, name)})" for name in KEY)
    if engine.dialect.name != "sqlite":
        key = f"CONCAT({', '.join(f'TRIM(st.{_quoted(engine, name)})' for name in KEY)})"
    text_type = {"sqlite": "TEXT", "mssql": "NVARCHAR(100)"}.get(engine.dialect.name, "CHAR")
    _execute(
        engine,
        f"CREATE TABLE {BARE} (prepare_id VARCHAR(36), business_key VARCHAR(600), size_code VARCHAR(100),"
        " qty_text VARCHAR(100), qty INT)",
    )
    began = perf_counter()
    with writing(engine) as connection:
        sizes = iter(size_codes())
        while portion := list(islice(sizes, TERMS)):
            selects = []
            for place, size in enumerate(portion):
                cell = f"st.{_quoted(engine, size)}"
                selects.append(
                    f"SELECT :prepare_id, {key}, :size_{place}, CAST({cell} AS {text_type}), {cell}"
                    f" FROM {STAGING} AS st WHERE {cell} IS NOT NULL"
                )
            labels = {f"size_{place}": size for place, size in enumerate(portion)}
            connection.execute(
                sa.text(f"INSERT INTO {BARE} {' UNION ALL '.join(selects)}"), {"prepare_id": "bare", **labels}
            )
    seconds = perf_counter() - began
    _execute(engine, f"DROP TABLE {BARE}")
    return seconds


def _prepared(url: str) -> dict[str, Any]:
    """Seconds and peak memory of one preparation in a process of its own."""
    command = [sys.executable, __file__, "--child"]
    # Not as an argument: everybody on the machine may read those, and an address may hold a password.
    done = subprocess.run(command, input=url, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode != 0:
        sys.exit(f"The preparation failed:\n{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _child(url: str) -> dict[str, Any]:
    engine = connect(url)
    preparation = Preparation(engine, SETTINGS, StateWords().model_dump())
    began = perf_counter()
    summary = preparation.run()
    seconds = perf_counter() - began
    # Linux counts in kibibytes.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak_mib": peak, "written": summary.orders_written}


# The order list


def _make_tables(engine: sa.Engine) -> None:
    business = [(column.name, column.sql_type) for column in business_columns()]
    _create(engine, STAGING, [(column.name, column.sql_type) for column in source_columns()])
    _create(engine, HEADERS, [*HEADER_ENGINE_COLUMNS, *business])
    _create(engine, LINES, LINE_COLUMNS)
    for table, column in ((HEADERS, "sync_state"), (LINES, "sync_state"), (LINES, "record_uuid")):
        _execute(engine, f"CREATE INDEX IX_{table}_{column} ON {table} ({column})")
    _execute(engine, f"CREATE TABLE {NUMBERS} (n INT NOT NULL)")
    schema.upgrade(engine)


def _create(engine: sa.Engine, table: str, columns: Sequence[tuple[str, str]]) -> None:
    inner = ", ".join(
        f"{_quoted(engine, name)} {_type(engine, name, declared)}" for name, declared in columns
    )
    _execute(engine, f"CREATE TABLE {table} ({inner})")


def _type(engine: sa.Engine, name: str, declared: str) -> str:
    """The declarations are SQL Server's; on MariaDB 410 of them do not fit one row."""
    declared = declared.replace("TEXT", "NVARCHAR(36)").replace("INTEGER", "INT")
    if engine.dialect.name in {"sqlite", "mssql"}:
        return declared
    short = ("_uuid", "_id", "sync_state", "action_type", "size_code")
    if name.endswith(short):
        return declared.replace("NVARCHAR", "VARCHAR")
    return "TEXT" if declared.startswith("NVARCHAR") else declared


def _fill(engine: sa.Engine, rows: int, seed: int) -> None:
    with writing(engine) as connection:
        numbers = sa.table(NUMBERS, sa.column("n"))
        values = iter(range(seed, seed + rows))
        while portion := list(islice(values, 10_000)):
            connection.execute(sa.insert(numbers), [{"n": n} for n in portion])
    names, expressions = _cells()
    staging = sa.table(STAGING, *map(sa.column, names))
    with writing(engine) as connection:
        source: sa.Select[Any] = sa.select(*expressions).select_from(sa.table(NUMBERS))
        connection.execute(sa.insert(staging).from_select(names, source))


def _cells() -> tuple[list[str], list[sa.ColumnElement[Any]]]:
    """The filled columns and what each holds in row n: different, and the same for the same n."""
    sizes = size_codes()
    cells: dict[str, sa.ColumnElement[Any]] = {
        "AAG ORDER NUMBER": _text("AAG-", "n"),
        "CUSTOMER NAME": _text("CUSTOMER ", "n % 40"),
        "CUSTOMER STYLE": _text("ST", "n % 500"),
        "CUSTOMER COLOUR DESCRIPTION": _text("COLOUR ", "n % 17"),
        "PO NUMBER": _text("PO", "n % 5000"),
    }
    for place, size in enumerate(sizes):
        chosen = f"({place} + {len(sizes)} - (n * 79) % {len(sizes)}) % {len(sizes)} < {FILLED_SIZES}"
        cells[size] = sa.literal_column(f"CASE WHEN {chosen} THEN 1 + (n * 31 + {place}) % 200 END")
    texts = [column.name for column in business_columns() if column.sql_type.startswith("NVARCHAR")]
    for place, name in enumerate(texts):
        if place % 3 == 0:
            cells.setdefault(name, _text("value ", f"(n * 17 + {place}) % 1000"))
    return list(cells), list(cells.values())


def _text(prefix: str, number: str) -> sa.ColumnElement[Any]:
    shown = sa.cast(sa.literal_column(f"({number})", sa.Integer()), sa.String(20))
    return sa.literal_column(f"'{prefix}'", sa.String()) + shown


def _change(engine: sa.Engine, number: int) -> None:
    size = _quoted(engine, size_codes()[number])
    _execute(
        engine,
        f"UPDATE {STAGING} SET {size} = COALESCE({size}, 0) + 7 WHERE {_quoted(engine, KEY[0])} LIKE '%07'",
    )


def _empty(engine: sa.Engine, but: Sequence[str] = ()) -> None:
    own = ("deltadesk_order_line", "deltadesk_order")
    for table in {STAGING, HEADERS, LINES, NUMBERS, *own} - set(but):
        _execute(engine, f"DELETE FROM {table}")


def _drop_everything(engine: sa.Engine) -> None:
    ours = {STAGING, HEADERS, LINES, BARE, NUMBERS}
    metadata = sa.MetaData()
    metadata.reflect(engine, only=lambda name, _: name.startswith("deltadesk_") or name in ours)
    metadata.drop_all(engine)


def _quoted(engine: sa.Engine, name: str) -> str:
    return engine.dialect.identifier_preparer.quote_identifier(name)


def _execute(engine: sa.Engine, statement: str) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql(statement)


if __name__ == "__main__":
    sys.exit(main())
