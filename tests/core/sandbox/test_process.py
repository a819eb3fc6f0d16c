"""The practice board as a process of its own."""

import signal
import sys

import httpx
import pytest

from core.sandbox.__main__ import main
from core.sandbox.fixture import FixtureError
from core.sandbox.options import SandboxOptions
from core.sandbox.testing import running_board
from tests.core.sandbox.processes import FIXTURE, processes

TOKEN = "process-token"
CREATE = 'mutation { create_item(board_id: 7000000001, item_name: "A") { id } }'


@pytest.fixture
def start(tmp_path):
    with processes(tmp_path, TOKEN) as started:
        yield started


def ask(url: str, query: str) -> dict:
    return httpx.post(url, json={"query": query}, headers={"Authorization": TOKEN}, timeout=30).json()


def test_that_it_announces_itself_and_ends_with_its_parents_pipe(start) -> None:
    process, told = start("--stop-with-stdin")
    assert told["pid"] == process.pid
    assert told["url"] == told["page"] + "v2"
    assert ask(told["url"], "{ me { name } }")["data"]["me"]["name"] == "Practice Operator"
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to handle")
def test_that_sigterm_ends_it_and_the_state_survives(start) -> None:
    process, told = start("--stop-with-stdin", "--plan", "free")
    ask(told["url"], CREATE)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)
    assert process.returncode == 0
    assert process.stderr.read() == ""
    _, told = start()
    read = ask(told["url"], "{ boards(ids: [7000000001]) { items_count items_page { items { name } } } }")
    assert read["data"]["boards"] == [{"items_count": 1, "items_page": {"items": [{"name": "A"}]}}]


def test_that_a_killed_server_keeps_what_it_answered(start) -> None:
    process, told = start()
    ask(told["url"], CREATE)
    process.kill()
    process.wait(timeout=30)
    _, told = start()
    read = ask(told["url"], "{ boards(ids: [7000000001]) { items_count } }")
    assert read["data"]["boards"] == [{"items_count": 1}]


@pytest.mark.parametrize(
    ("token", "host", "message"),
    [
        ("", "127.0.0.1", "DELTADESK_PRACTICE_TOKEN"),
        ("t", "0.0.0.0", "loopback"),
        ("t", "example.invalid", "loopback"),
    ],
)
def test_that_it_refuses_to_start_without_a_token_or_off_loopback(
    monkeypatch, capsys, token, host, message
) -> None:
    monkeypatch.setenv("DELTADESK_PRACTICE_TOKEN", token)
    assert main(["--state", "unused.db", "--fixture", str(FIXTURE), "--host", host]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("fixture", "message"),
    [
        (None, "No such file"),
        ("{", "cannot be read"),
        ("{}", "lacks 'account'"),
        (
            (
                '{"account": {"id": 1, "name": "A", "slug": "a"}, "me": {}, "boards": [{"id": 1, "name": "B",'
                ' "columns": [{"id": "x", "title": "X", "type": "colour"}], "groups": []}]}'
            ),
            "unknown type: colour",
        ),
    ],
)
def test_that_a_board_without_a_usable_fixture_does_not_start(
    tmp_path, monkeypatch, capsys, fixture, message
) -> None:
    path = tmp_path / "fixture.json"
    if fixture is not None:
        path.write_text(fixture, encoding="utf-8")
    monkeypatch.setenv("DELTADESK_PRACTICE_TOKEN", TOKEN)
    assert main(["--state", str(tmp_path / "state.db"), "--fixture", str(path)]) == 1
    told = capsys.readouterr().err
    assert told.startswith("The practice board cannot start: ")
    assert message in told
    options = SandboxOptions(state=tmp_path / "other.db", fixture=path, token=TOKEN)
    with pytest.raises((FixtureError, FileNotFoundError)), running_board(options):
        pass


def test_that_options_never_show_the_token(tmp_path) -> None:
    options = SandboxOptions(state=tmp_path / "state.db", fixture=FIXTURE, token=TOKEN)
    assert TOKEN not in repr(options)


def test_that_an_unknown_plan_is_refused(tmp_path) -> None:
    with pytest.raises(ValueError, match="Unknown plan"):
        SandboxOptions(state=tmp_path / "state.db", fixture=FIXTURE, token=TOKEN, plan="platinum")
