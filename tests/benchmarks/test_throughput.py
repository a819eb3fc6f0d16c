"""The throughput benchmark in its short form: every way of pushing reaches the board and is counted there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


def run_benchmark(*arguments: str) -> dict:
    done = subprocess.run(
        [sys.executable, "benchmarks/throughput.py", "--quick", "--orders", "20", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )
    if "which this machine lacks" in done.stderr:
        pytest.skip(done.stderr.splitlines()[-1])
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_that_a_push_brings_every_record_to_the_board_without_a_refusal_beside_pushes_without_a_library():
    told = run_benchmark("--only", "deltadesk", "fives", "gather", "--rival-seconds", "3")
    assert told["benchmark"] == "throughput"
    assert told["holds"] is True
    ratios = told["ratios"]
    assert (ratios["rejected"], ratios["missing"]) == (0, 0)
    assert 0 < ratios["deltadesk_one_writer_of_limit"] <= 1
    assert ratios["deltadesk_many_of_limit"] is None  # of fewer than three minutes
    assert {"deltadesk_to_fives", "deltadesk_to_gather", "deltadesk_to_gather_many_writers"} <= set(ratios)


@pytest.mark.compat
@pytest.mark.timeout(900)  # an environment is made when there is none
@pytest.mark.parametrize("client", ["monday", "monday_client"])
def test_that_a_public_client_pushes_the_same_records(client: str):
    told = run_benchmark("--only", "deltadesk", client, "--writers", "1", "--rival-seconds", "5")
    assert told["ratios"][f"deltadesk_to_{client}"] > 0
