"""`python -m core.sandbox`: start a practice board of its own."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.sandbox.fixture import FixtureError
from core.sandbox.options import BulkSettings, Latency, SandboxOptions
from core.sandbox.plans import PLANS
from core.sandbox.server import run

TOKEN_VARIABLE = "DELTADESK_PRACTICE_TOKEN"  # noqa: S105 - the name of a variable, not a token


LIMITS = ("calls_per_day", "requests_per_minute", "concurrent_requests", "complexity_per_minute")
BULK_SETTINGS = ("rows_per_second", "items_per_hour", "starts_per_hour")


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _given(given: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(given, name)) is not None}


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    words = argparse.ArgumentParser(prog="python -m core.sandbox", description=__doc__)
    words.add_argument("--state", type=Path, required=True, help="the SQLite file that keeps the boards")
    words.add_argument("--fixture", type=Path, required=True, help="the boards a new state file starts with")
    words.add_argument("--host", default="127.0.0.1", help="a loopback address")
    words.add_argument("--port", type=int, default=0, help="0 takes a free one")
    words.add_argument("--plan", choices=list(PLANS), default="pro", help="the plan whose limits hold")
    for name in LIMITS:
        words.add_argument(_flag(name), type=int, help=f"{_words(name)}, instead of the plan's own")
    words.add_argument(
        "--calls-spent", type=float, default=0.0, help="calls of today that others made before"
    )
    words.add_argument("--latency-request-ms", type=float, default=0.0, help="time that each request takes")
    words.add_argument("--latency-mutation-ms", type=float, default=0.0, help="time that each mutation takes")
    words.add_argument(
        "--latency-jitter-ms", type=float, default=0.0, help="by which a mutation takes longer or shorter"
    )
    words.add_argument("--latency-seed", type=int, default=0, help="the same seed draws the same times")
    words.add_argument(
        "--writers-per-board", type=int, default=1, help="requests that write one board at the same time"
    )
    for name in BULK_SETTINGS:
        default = getattr(BulkSettings(), name)
        words.add_argument(
            _flag(f"bulk_{name}"),
            dest=name,
            type=type(default),
            help=f"{_words(name)} of bulk import, instead of {default}",
        )
    words.add_argument("--stop-with-stdin", action="store_true", help="end when standard input ends")
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the server and return the exit code once it has ended."""
    given = parser().parse_args(arguments)
    latency = Latency(
        given.latency_request_ms, given.latency_mutation_ms, given.latency_jitter_ms, given.latency_seed
    )
    try:
        options = SandboxOptions(
            state=given.state,
            fixture=given.fixture,
            token=os.environ.get(TOKEN_VARIABLE, ""),
            host=given.host,
            port=given.port,
            plan=given.plan,
            limits=replace(PLANS[given.plan], **_given(given, LIMITS)),
            latency=latency,
            writers_per_board=given.writers_per_board,
            calls_spent=given.calls_spent,
            bulk=BulkSettings(**_given(given, BULK_SETTINGS)),
            stop_with_stdin=given.stop_with_stdin,
        )
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        run(options)
    except (FixtureError, OSError) as error:
        sys.stderr.write(f"The practice board cannot start: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    os.umask(0o077)  # the state holds what was sent
    sys.exit(main())
