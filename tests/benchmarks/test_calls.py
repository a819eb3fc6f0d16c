"""The benchmark of calls in a small form: its figures are counts, so they are checked."""

import json

from benchmarks import calls


def test_that_the_largest_customer_takes_ten_calls_and_more_records_take_no_more_calls_each(
    capsys, monkeypatch
):
    monkeypatch.setattr("sys.argv", ["calls.py", "--records", "100", "500", "--pushed", "0", "--load", "600"])
    assert calls.main() == 0
    printed = capsys.readouterr().out
    verdict = json.loads(printed.splitlines()[-1])
    ratios, targets = verdict["ratios"], verdict["targets"]
    assert ratios["customer"] <= targets["customer"]
    assert ratios["growth since 100 records"] <= targets["growth since 100 records"]
    assert f"{'deltadesk run, GREYSON CLOTHIERS':<34}{386:>9}" in printed


def test_that_a_large_load_takes_fewer_calls_by_bulk_import(tmp_path):
    by_mutations, by_import = calls.large_load(tmp_path, 3_000)
    assert by_import < by_mutations
