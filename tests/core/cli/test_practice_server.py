"""`deltadesk sandbox`."""

import json
import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest


def test_it_serves_until_ctrl_c(tmp_path, data_home):
    command = [sys.executable, "-c", "from core.cli import main; main()", "sandbox"]
    process = subprocess.Popen(
        [*command, "--state", str(tmp_path / "board.db")],
        env=os.environ.copy(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    address = json.loads(process.stdout.readline())
    answer = httpx.post(
        address["url"], json={"query": "{ me { id } }"}, headers={"Authorization": "practice-board-token"}
    )
    process.send_signal(signal.SIGINT)
    _output, errors = process.communicate(timeout=30)
    assert answer.is_success
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert str(tmp_path / "board.db") in errors


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_that_is_taken_is_told_without_a_traceback(invoke, tmp_path, taken_port):
    result = invoke("sandbox", "--state", str(tmp_path / "board.db"), "--port", str(taken_port))
    assert result.exit_code == 2
    assert "did not start" in result.stderr
    assert "What to do:" in result.stderr


@pytest.mark.parametrize("arguments", [("--plan", "nonsense"), ("--port", "99999999")])
def test_options_that_cannot_be_are_told_without_a_traceback(invoke, tmp_path, arguments):
    result = invoke("sandbox", "--state", str(tmp_path / "board.db"), *arguments)
    assert result.exit_code == 2
    assert "did not start" in result.stderr


def test_a_folder_that_cannot_be_made_is_told_without_a_traceback(invoke, tmp_path):
    (tmp_path / "file").write_text("in the way")
    result = invoke("sandbox", "--state", str(tmp_path / "file" / "board.db"))
    assert result.exit_code == 2
