"""The benchmark of the engine's cost in a small form: what it counts, never how long it took."""

import json

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
            "cost of 20 records",
            "cost of 40 records",
            "growth since 20 records",
            "memory_growth_mib",
        }
    )
    assert all(verdict["ratios"][f"cost of {records} records"] > 0 for records in (20, 40))
