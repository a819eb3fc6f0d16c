"""What the application makes is its user's alone from the first byte, though the umask lets everybody in."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.demo.practice import demo_folder
from core.errors import ExitCode

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows keeps no such modes")


@pytest.fixture
def environment() -> dict[str, str]:
    return {**os.environ, "TOKEN_OF_THE_TEST": "unused-1", "PASSWORD_OF_THE_TEST": "unused-2"}


def command(*arguments: str) -> list[str]:
    """The command, begun with a umask of 0."""
    return [sys.executable, "-m", "tests.faults.run_broken", *arguments]


def open_to_others(folder: Path) -> list[str]:
    """Each file and folder that others may read, write or enter, with its mode."""
    found = []
    for path in sorted([folder, *folder.rglob("*")]):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if mode & 0o077 and not path.is_symlink():
            found.append(f"{mode:o} {path.relative_to(folder)}")
    return found


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_after_a_demo_run_with_its_failures_every_file_is_the_user_s_alone(data_home, environment):
    home = data_home / "new"
    environment["DELTADESK_HOME"] = str(home)
    run = command("run", "--profile", "demo", "--customer", "LINDEN & LOOM", "--yes", "--json")
    done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == ExitCode.RECORDS_FAILED, done.stderr
    assert json.loads(done.stdout)["failures"]
    assert {"deltadesk.log", "orders.db", "board.db", "practice-board.log"} <= names(home)
    assert open_to_others(home) == []


def test_while_a_database_is_open_its_journal_is_the_user_s_alone(data_home, environment):
    process = subprocess.Popen(
        command("sandbox"), cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert json.loads(process.stdout.readline())["url"]
        assert {"board.db", "board.db-wal", "board.db-shm"} <= names(data_home)
        assert open_to_others(demo_folder().root) == []
    finally:
        process.kill()
        process.communicate()


def test_what_the_window_leaves_behind_when_it_crashes_is_the_user_s_alone(data_home, environment):
    environment["QT_QPA_PLATFORM"] = "offscreen"
    home = data_home / "new"
    environment["DELTADESK_HOME"] = str(home)
    done = subprocess.run(command("--window"), cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.returncode < 0, done.stderr
    assert {"crash.txt", "desktop.ini", "deltadesk.log"} <= names(home)
    assert open_to_others(home) == []
