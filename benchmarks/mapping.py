"""How long it takes to make values for the board out of orders, beside writing the same values as JSON.

The demo's orders, made of several seeds and with keys of their own, go through the rules of the demo's
mapping for the practice board: source value -> steps -> writer -> the API's JSON. Beside it, in the same
rounds, stands `json.dumps` of the very payloads that come out.
"""

import argparse
import gc
import json
import platform
import statistics
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import count, islice
from time import process_time
from typing import Any

from core.config.load import load_configuration
from core.config.model import ColumnMapping, MappingSet
from core.demo.data import demo_orders
from core.demo.data_schema import business_columns
from core.mapping.formatting import RecordFormatter
from core.monday.board import Board, parse_board
from core.orders.model import RecordKind
from core.resources import resource_path, shipped_configuration

RATIO_TARGET = 4.0
"""Of processor time: nothing here waits, and what else the machine does is not the question."""
Order = tuple[str, str, Mapping[str, Any]]
"""Key, label, values."""


def main() -> int:
    """Measure, print a table; the last line is one JSON object."""
    given = _arguments()
    mapping = load_configuration(shipped_configuration()).profiles["demo"].mapping_set
    fixture = json.loads(resource_path("boards", "orders.json").read_text(encoding="utf-8"))
    rules = mapping.items[: given.columns]
    orders = list(islice(_orders(given.seed), given.orders))
    formatting: list[float] = []
    dumping: list[float] = []
    payloads: list[dict[str, Any]] = []
    for _ in range(given.rounds):
        # Nothing is remembered from round to round: the board and the rules are new ones.
        seconds, payloads = _formatted(parse_board(fixture["boards"][0]), mapping, rules, orders)
        formatting.append(seconds)
        dumping.append(_dumped(payloads))
    _report(given, rules, formatting, dumping, sum(map(len, payloads)))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--columns", type=int, default=45)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seed", type=int, default=4755)
    return parser.parse_args()


def _orders(first_seed: int) -> Iterator[Order]:
    """Orders without end, as SQL Server's driver gives them: moments and decimals, no texts of them."""
    decimals = {each.name for each in business_columns() if each.sql_type.startswith("DECIMAL")}
    dates = {each.name for each in business_columns() if each.sql_type.startswith("DATE")}
    for seed in count(first_seed):
        for order in demo_orders(seed=seed):
            values: dict[str, Any] = dict(order.header)
            for name in decimals:
                if values[name] is not None:
                    values[name] = Decimal(str(values[name]))
            for name in dates:
                if values[name] is not None:
                    values[name] = datetime.fromisoformat(values[name])
            for name in ("record_uuid", "AAG ORDER NUMBER", "PO NUMBER"):
                values[name] = f"{values[name]}-{seed}"
            yield values["record_uuid"], values["AAG ORDER NUMBER"], values


def _formatted(
    board: Board, mapping: MappingSet, rules: tuple[ColumnMapping, ...], orders: list[Order]
) -> tuple[float, list[dict[str, Any]]]:
    gc.collect()
    began = process_time()
    formatter = RecordFormatter(RecordKind.ORDER, rules, mapping.item_name, board, mapping.lookups)
    payloads = [formatter.format(*order).column_values for order in orders]
    return process_time() - began, payloads


def _dumped(payloads: list[dict[str, Any]]) -> float:
    gc.collect()
    began = process_time()
    for payload in payloads:
        json.dumps(payload)
    return process_time() - began


def _report(
    given: argparse.Namespace,
    rules: tuple[ColumnMapping, ...],
    formatting: list[float],
    dumping: list[float],
    written: int,
) -> None:
    ratio = statistics.median(one / other for one, other in zip(formatting, dumping, strict=True))
    print(
        f"{given.orders} orders x {len(rules)} columns, {written} values written;"
        f" median of {given.rounds} rounds; Python {platform.python_version()} on {platform.machine()}\n"
    )
    for name, seconds in (("json.dumps", dumping), ("formatting", formatting)):
        each = " ".join(f"{one * 1000:.0f}" for one in seconds)
        print(f"{name:<12}{statistics.median(seconds) * 1000:>7.0f} ms   each: {each}")
    print(f"{'ratio':<12}{ratio:>7.2f}")
    verdict = {
        "benchmark": "mapping",
        "orders": given.orders,
        "columns": len(rules),
        "values": written,
        "ratios": {"formatting": round(ratio, 2)},
        "targets": {"formatting": RATIO_TARGET},
        "holds": ratio <= RATIO_TARGET,
    }
    print(f"\n{json.dumps(verdict)}")


if __name__ == "__main__":
    sys.exit(main())
