"""`deltadesk demo` as a newcomer runs it: a process, then further commands on what it left behind."""

import json
import sys
from pathlib import Path

import pytest

from core.cli.demo import desktop_command
from core.demo.data_wrong import WRONG_ON_PURPOSE


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def demo(home, deltadesk):
    """The outcome of a first `deltadesk demo`."""
    return deltadesk(home, "demo")


@pytest.fixture
def after_the_demo(demo, home, invoke, monkeypatch):
    """Call a further command, in this process, with the demo's data folder."""
    monkeypatch.setenv("DELTADESK_HOME", str(home))
    return invoke


def test_the_demo_ends_with_0_and_shows_what_is_on_the_board(demo):
    assert demo.returncode == 0, demo.stderr
    assert "GREYSON CLOTHIERS: 69 items and 317 subitems on the board" in demo.stdout
    assert "Fresh demo data" in demo.stdout


def test_the_demo_names_each_row_that_is_wrong_on_purpose(demo):
    for wrong in WRONG_ON_PURPOSE:
        assert f"{wrong.order_number}  {wrong.problem}" in demo.stdout


def test_the_demo_gives_each_failed_row_a_remedy(demo):
    assert demo.stdout.count("What to do:") == len(WRONG_ON_PURPOSE)


def test_the_practice_board_ends_with_the_command(demo, home):
    assert not (home / "demo" / "practice-board.json").exists()


def test_going_on_with_the_demo_s_data_finds_everything_as_it_was(after_the_demo):
    again = after_the_demo("demo", "--keep", "--json")
    assert again.exit_code == 0, again.stderr
    report = json.loads(again.stdout)
    assert report["demo"] == {
        "customer": "GREYSON CLOTHIERS",
        "items_on_board": 69,
        "subitems_on_board": 317,
        "only_the_wrong_rows_failed": True,
    }
    assert (report["orders"]["selected"], report["api"]["calls"] - report["api"]["calls_before"]) == (0, 0)


def test_a_run_after_the_demo_ends_with_0_and_counts_the_rows_that_are_still_wrong(after_the_demo):
    run = after_the_demo("run", "--profile", "demo", "--yes", "--json")
    assert run.exit_code == 0, run.stderr
    report = json.loads(run.stdout)
    assert report["unresolved"] == len(WRONG_ON_PURPOSE)
    assert report["orders"]["selected"] == 0


def test_a_run_after_the_demo_for_a_customer_without_wrong_rows_ends_with_0(after_the_demo):
    run = after_the_demo("run", "--profile", "demo", "--yes", "--customer", "GREYSON CLOTHIERS")
    assert run.exit_code == 0, run.stderr


def test_the_log_tells_of_the_run_in_json_lines_without_the_token(demo, home):
    lines = (home / "logs" / "deltadesk.log").read_text(encoding="utf-8").splitlines()
    assert {"RunStarted", "RunFinished"} <= {json.loads(line)["event"] for line in lines}
    assert "practice-board-token" not in "\n".join(lines)


def test_check_on_the_demo_finds_nothing_wrong(after_the_demo):
    check = after_the_demo("check", "--profile", "demo")
    assert check.exit_code == 0, check.stdout + check.stderr
    assert "✕" not in check.stdout


# In this process


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """A virtual environment's folder of programs, none of them on PATH, in the current folder."""
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    program = programs / ("deltadesk-desktop.exe" if sys.platform == "win32" else "deltadesk-desktop")
    program.touch(mode=0o700)
    monkeypatch.setattr(sys, "executable", str(programs / "python"))
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.chdir(tmp_path)
    return program


def test_the_desktop_is_named_by_its_place_where_the_shell_does_not_find_it(
    environment, monkeypatch, tmp_path
):
    found = Path(desktop_command())
    assert found.with_suffix("") == Path(".venv", "bin", "deltadesk-desktop")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert Path(desktop_command()).with_suffix("") == environment.with_suffix("")


def test_the_desktop_is_named_by_its_name_where_the_shell_finds_it(environment, monkeypatch):
    monkeypatch.setenv("PATH", str(environment.parent))
    assert desktop_command() == "deltadesk-desktop"


def test_a_desktop_that_is_nowhere_is_named_by_its_name(environment):
    environment.unlink()
    assert desktop_command() == "deltadesk-desktop"


def test_the_demo_refuses_a_profile_that_leads_to_another_board(desk, invoke):
    text = desk.configuration_file.read_text(encoding="utf-8")
    elsewhere = text.replace('api_url = "practice-board"', f'api_url = "{desk.board.url}"', 1)
    desk.configuration_file.write_text(elsewhere, encoding="utf-8")
    result = invoke("demo", "--config", str(desk.configuration_file))
    assert result.exit_code == 2
    assert "no longer leads from the demo's orders to the practice board" in result.stderr
    assert desk.board.requests == []


def test_the_demo_refuses_a_profile_that_leads_from_other_orders(desk, invoke):
    text = desk.configuration_file.read_text(encoding="utf-8")
    elsewhere = text.replace("sqlite:///{data}/demo/orders.db", f"sqlite:///{desk.orders.as_posix()}", 1)
    desk.configuration_file.write_text(elsewhere, encoding="utf-8")
    result = invoke("demo", "--config", str(desk.configuration_file), "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"][0]["code"] == "demo_profile_changed"
    states = {row["sync_state"] for row in desk.rows("SELECT sync_state FROM ORDER_LIST_DELTA")}
    assert states == {"NEW"}


def test_the_demo_needs_no_configuration_of_one_s_own(tmp_path, after_the_demo, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert after_the_demo("demo", "--keep", "--json").exit_code == 0
