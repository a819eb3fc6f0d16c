"""Ctrl+C: how a command ends that a person stops, and what it says under `--json`."""

import asyncio
import json
import os
import signal
import subprocess
import sys

import pytest
import typer

from core.cli.context import run_command

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")

SMALL = ("--customer", "ATELIER ÉTOILE", "--limit", "3")


@pytest.mark.parametrize("as_json", [False, True])
def test_a_run_that_is_interrupted_twice_ends_at_once_with_3(desk, as_json):
    slow = desk.board.faults.add("delay", operation="create_item", seconds=60.0)
    place = ("--config", str(desk.configuration_file), "--profile", "practice")
    words = ("run", *SMALL, "--yes", *place, *(["--json"] if as_json else []))
    process = subprocess.Popen(
        [sys.executable, "-c", "from core.cli import main; main()", *words],
        env=os.environ.copy(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    desk.board.wait_until(lambda requests: any(slow.fits(request) for request in requests))
    try:
        process.send_signal(signal.SIGINT)
        asked = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=50)
    finally:
        process.kill()
        process.communicate()

    assert "Press Ctrl+C again to end at once" in asked
    assert process.returncode == 3
    if as_json:
        told = json.loads(output)
        assert (told["exit_code"], told["error"][0]["code"]) == (3, "interrupted")
        assert "deltadesk run --resume" in told["error"][0]["remedy"]
    else:
        assert "Nothing is lost" in errors
        assert output == ""


@pytest.mark.parametrize(
    ("error", "code", "word"), [(KeyboardInterrupt, 3, "interrupted"), (typer.Abort, 2, "not_confirmed")]
)
def test_a_command_that_is_ended_by_hand_says_so_in_json(capsys, data_home, error, code, word):
    async def work():
        await asyncio.sleep(0)
        raise error

    with pytest.raises(typer.Exit) as caught:
        run_command(work(), as_json=True)
    assert caught.value.exit_code == code
    told = json.loads(capsys.readouterr().out)
    assert (told["exit_code"], told["error"][0]["code"]) == (code, word)
