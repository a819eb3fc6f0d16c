"""The benchmark beside another client: in its short form it runs, and its figures from a known account."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).parents[2]
QUOTA = 1_000


@pytest.fixture
def competing(monkeypatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(REPOSITORY / "benchmarks"))
    return importlib.import_module("competing")


def call(competing: ModuleType, at: float, records: int = 0, *, own: bool = True, **fields):
    """A call of ours, or of the other client, that took five seconds; a record costs 10 points."""
    return competing.Seen(
        at,
        at + 5,
        client=competing.OWN if own else "Competitor",
        items=records,
        charged=at,
        **{"status": 200, "points": 10 * records, **fields},
    )


@pytest.fixture
def minutes(competing):
    """Four minutes of the budget, each opened by the other client, who spends half of it."""
    calls = []
    for minute in range(4):
        start = 60.0 * minute
        calls.append(call(competing, start, own=False, points=250, opens_window=True))
        calls.append(call(competing, start + 30, own=False, points=250))
        calls += [call(competing, start + place, 12) for place in (1, 10, 20, 40)]
    return calls


def figures(competing, seen, expected: int = 192):
    return competing.account_of(seen, "steady", expected, QUOTA)


def test_of_what_the_other_client_left_the_part_that_was_used_is_told(competing, minutes):
    shared = figures(competing, minutes)
    assert (shared.of_free, shared.their_share) == (pytest.approx(0.96), pytest.approx(1.0))
    assert (shared.records, shared.missing, shared.idle_minutes) == (192, 0, 0)
    assert shared.rate == pytest.approx(144 / (225 - 61) * 60)


def test_refusals_of_the_first_minute_are_told_apart_from_later_ones(competing, minutes):
    seen = [
        *minutes,
        call(competing, 50, status=429),
        call(competing, 70, status=429),
        call(competing, 75, status=423),
        call(competing, 55, own=False, status=429),
        call(competing, 80, own=False, status=429),
    ]
    shared = figures(competing, seen)
    assert (shared.rejected, shared.rejected_later) == (3, 2)
    assert (shared.their_rejected, shared.their_rejected_later) == (2, 1)


def test_a_minute_without_a_record_is_idle(competing, minutes):
    seen = [each for each in minutes if not (each.client == competing.OWN and 55 < each.arrived < 118)]
    assert figures(competing, seen).idle_minutes == 1


def test_where_records_are_missing_or_calls_refused_the_target_is_missed(competing, minutes):
    alone = competing.account_of(minutes, "alone", 192, QUOTA)
    steady = figures(competing, minutes)
    assert competing._verdict([alone, steady], quick=False)["holds"] is True
    assert competing._verdict([alone, figures(competing, minutes, 193)], quick=False)["holds"] is False
    used_little = figures(competing, [each for each in minutes if each.arrived % 60 not in {20, 40}], 96)
    assert competing._verdict([alone, used_little], quick=False)["holds"] is False
    refused = figures(competing, [*minutes, call(competing, 70, status=429)])
    assert competing._verdict([alone, refused], quick=False)["holds"] is False


def test_a_push_beside_an_even_spender_and_one_in_bursts_brings_every_record_to_the_board():
    done = subprocess.run(
        [sys.executable, "benchmarks/competing.py", "--quick"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["benchmark"] == "competing"
    assert [told["ratios"][f"{name}_missing"] for name in ("alone", "steady", "burst")] == [0, 0, 0]
    assert told["ratios"]["steady_to_alone"] > 0
