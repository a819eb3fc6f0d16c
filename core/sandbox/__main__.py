"""`python -m core.sandbox`: start a practice board of its own."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from core.sandbox.fixture import FixtureError
from core.sandbox.options import Latency, SandboxOptions
from core.sandbox.plans import PLANS
from core.sandbox.server import run

TOKEN_VARIABLE = "DELTADESK_PRACTICE_TOKEN"  # noqa: S105 - the name of a variable, not a token


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    words = argparse.ArgumentParser(prog="python -m core.sandbox", description=__doc__)
    words.add_argument("--state", type=Path, required=True, help="the SQLite file that keeps the boards")
    words.add_argument("--fixture", type=Path, required=True, help="the boards a new state file starts with")
    words.add_argument("--host", default="127.0.0.1", help="a loopback address")
    words.add_argument("--port", type=int, default=0, help="0 takes a free one")
    words.add_argument("--plan", choices=list(PLANS), default="pro")
    words.add_argument("--latency-request-ms", type=float, default=0.0)
    words.add_argument("--latency-mutation-ms", type=float, default=0.0)
    words.add_argument("--latency-jitter-ms", type=float, default=0.0)
    words.add_argument("--stop-with-stdin", action="store_true", help="end when standard input ends")
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the server and return the exit code once it has ended."""
    given = parser().parse_args(arguments)
    latency = Latency(given.latency_request_ms, given.latency_mutation_ms, given.latency_jitter_ms)
    try:
        options = SandboxOptions(
            state=given.state,
            fixture=given.fixture,
            token=os.environ.get(TOKEN_VARIABLE, ""),
            host=given.host,
            port=given.port,
            plan=given.plan,
            latency=latency,
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
    sys.exit(main())
