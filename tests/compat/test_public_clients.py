"""Client libraries that nobody here wrote use the practice board like the real API."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.sandbox.options import SandboxOptions
from core.sandbox.testing import RunningBoard, running_board
from tests.compat import environments

HERE = Path(__file__).parent
FIXTURE = HERE.parent / "core" / "sandbox" / "board.json"
BOARD = "7000000001"
COLUMN_COUNT = len(json.loads(FIXTURE.read_text(encoding="utf-8"))["boards"][0]["columns"])
TOKEN = "practice-token"

pytestmark = [pytest.mark.compat, pytest.mark.timeout(900)]


@pytest.fixture
def board(tmp_path: Path) -> Iterator[RunningBoard]:
    with running_board(SandboxOptions(state=tmp_path / "state.db", fixture=FIXTURE, token=TOKEN)) as running:
        yield running


def run_client(command: list[str], board: RunningBoard, **environment: str) -> dict:
    done = subprocess.run(
        [*command, board.url, BOARD],
        env={**os.environ, "PRACTICE_TOKEN": TOKEN, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def assert_on_board(board: RunningBoard, read: dict) -> None:
    assert board.groups(BOARD)[0]["title"] == "GREYSON CLOTHIERS"
    assert board.groups(BOARD)[0]["id"] == read["group_id"]
    (item,) = board.items(BOARD)
    assert (item["id"], item["name"], item["group_id"]) == (read["item_id"], "GRE-10442", read["group_id"])
    values = item["column_values"]
    assert (values["key"], values["qty"], values["state"]["index"]) == ("PO 8812", "12", 1)
    assert (values["season"]["ids"], values["due"]["date"]) == ([1], "2026-11-22")
    (subitem,) = board.subitems(item["id"])
    assert (subitem["id"], subitem["name"]) == (read["subitem_id"], "XL")
    assert subitem["column_values"] == {"size": "XL", "pieces": "12"}
    assert read["names"] == ["GRE-10442"]
    assert read["column_count"] == COLUMN_COUNT
    expected = {"key": "PO 8812", "qty": "12", "state": "Done", "season": "SS26", "due": "2026-11-22"}
    assert {name: read["values"][name] for name in expected} == expected


def test_that_pypi_monday_writes_an_order_and_reads_it_back(board: RunningBoard) -> None:
    python = environments.python_environment("monday", "2.2.1", sys.executable)
    read = run_client([str(python), str(HERE / "clients" / "monday_package.py")], board)
    assert_on_board(board, read)
    assert read["updates"] == ["Sent by the order desk"]


def test_that_pypi_monday_client_writes_an_order_and_reads_it_back(board: RunningBoard) -> None:
    newer = environments.newer_python(3, 12)
    if newer is None:
        pytest.skip("monday-client 0.1.90 needs Python 3.12 or newer, and this machine has none")
    # Its import fails without PyYAML, which it declares as an extra only.
    python = environments.python_environment("monday-client", "0.1.90", newer, extra="[yaml]")
    read = run_client([str(python), str(HERE / "clients" / "monday_client_package.py")], board)
    assert_on_board(board, read)
    assert read["subitem_names"] == ["XL"]


def test_that_the_providers_own_npm_client_writes_an_order_and_reads_it_back(board: RunningBoard) -> None:
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed")
    folder = environments.node_environment("@mondaydotcomorg/api", "14.0.0")
    script = HERE / "clients" / "mondaydotcomorg_api.cjs"
    read = run_client(["node", str(script)], board, NODE_PATH=str(folder / "node_modules"))
    assert_on_board(board, read)
    assert "Practice Operator" in json.dumps(read["me"])
    assert read["group_id"] in json.dumps(read["groups"])
    assert read["item_id"] in json.dumps(read["items"])
