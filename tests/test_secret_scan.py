"""The search for tokens that a session left behind can fail, with and without workers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.config.token import PRACTICE_TOKEN
from tests.secret_scan import OWN_FOLDER, SENTINEL, files_with_a_token

ROOT = Path(__file__).parents[1]
WRITES = """
import pytest

@pytest.mark.parametrize("number", range(4))
def test_it_is_written(number, tmp_path, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "deltadesk.log").write_bytes(b"x" * 3_000_000 + {token!r}.encode() + b"x")
    {more}
"""


@pytest.fixture
def session(tmp_path: Path):
    """Runs a session of its own, below a folder that the search of this session leaves out."""
    place = tmp_path / OWN_FOLDER
    place.mkdir()

    def run(token: str, *arguments: str, more: str = "") -> subprocess.CompletedProcess[str]:
        (place / "test_writing.py").write_text(WRITES.format(token=token, more=more), encoding="utf-8")
        return subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-p", "xdist", "-p", "tests.secret_scan"),
                *("-p", "no:cacheprovider"),
                *("-c", "/dev/null", "--rootdir", str(place), "--basetemp", str(place / "kept")),
                *(*arguments, str(place / "test_writing.py")),
            ],
            cwd=ROOT,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.parametrize(("token", "workers"), [(SENTINEL, "0"), (PRACTICE_TOKEN, "2")])
def test_a_session_that_leaves_a_token_in_a_file_fails_and_names_the_file(token, workers, session):
    done = session(token, "-n", workers)
    assert "4 passed" in done.stdout
    assert done.returncode == 1
    assert "A token stands in 4 files" in done.stdout
    assert done.stdout.count("deltadesk.log") == 4


def test_a_session_that_leaves_none_passes(session):
    done = session("nothing secret", "-n", "2")
    assert (done.returncode, "token" in done.stdout) == (0, False)


def test_what_a_worker_that_died_had_written_is_found_too(session):
    done = session(SENTINEL, "-n", "2", more="import os; os._exit(1)")
    assert done.returncode == 1
    assert "A token stands in 4 files" in done.stdout


def test_a_database_s_write_ahead_log_and_folders_inside_are_searched(tmp_path):
    places = [tmp_path / OWN_FOLDER / name for name in ("orders.db-wal", "a/b/c/report.json", "clean.txt")]
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("nothing" if place.name == "clean.txt" else f"<{SENTINEL}>")
    (tmp_path / OWN_FOLDER / "empty").touch()
    (tmp_path / OWN_FOLDER / "link").symlink_to("orders.db-wal")
    (tmp_path / OWN_FOLDER / "gone").symlink_to("nowhere")
    found = files_with_a_token(tmp_path / OWN_FOLDER)
    assert found == [str(places[1]), str(places[0])]


def test_a_test_s_own_file_for_a_token_is_left_alone(tmp_path):
    (tmp_path / OWN_FOLDER).mkdir()
    (tmp_path / OWN_FOLDER / "token").write_text(SENTINEL)
    assert files_with_a_token(tmp_path) == []
