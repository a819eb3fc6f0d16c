"""The benchmark of the engine's cost in a small form: what it counts, never how long it took."""

import json

import pytest

from benchmarks import engine_cost


def test_that_each_size_is_measured_and_the_verdict_names_every_target(capsys, monkeypatch):
    arguments = ["engine_cost.py", "--records", "20", "40", "--rounds", "1"]
    monkeypatch.setattr("sys.argv", arguments)
    assert engine_cost.main() == 0
    verdict = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert verdict["benchmark"] == "engine_cost"
    assert (
        verdict["ratios"].keys()
        == verdict["targets"].keys()
        == {
            "a record, from 20 to 40",
            "growth since 20 records",
            "memory_growth_mib",
        }
    )
    assert verdict["ratios"]["growth since 20 records"] > 0


def test_that_a_record_costs_what_the_larger_run_costs_more():
    sizes = {
        100: {"records": 100, "ratio": 30.0, "dumps": 0.001, "peak_mib": 90.0},
        1_100: {"records": 1_100, "ratio": 12.0, "dumps": 0.011, "peak_mib": 100.0},
    }
    ratios, targets = engine_cost._verdict(sizes)
    assert ratios["a record, from 100 to 1100"] == pytest.approx((1_100 * 12 - 100 * 30) / 1_000)
    assert engine_cost._of_a_run(sizes) == pytest.approx(100 * 30 - 100 * 10.2)
    assert targets["a record, from 100 to 1100"] == 10
