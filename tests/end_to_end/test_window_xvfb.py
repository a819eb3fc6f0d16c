"""The main job once on a real X display, in a process of its own, drawn at each step.

The pictures go to the test's folder, or to the folder that the environment variable WINDOW_PICTURES names.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("window_driver.py")
STEPS = (
    "opened",
    "filtered",
    "checked",
    "preview",
    "running",
    "run-ended",
    "failures",
    "corrected",
    "sent-again",
    "synced",
)

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")


@pytest.fixture
def display() -> Iterator[str]:
    """An X server on a free display number, which it chooses itself."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        assert number, "Xvfb ended before it had a display"
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where the driver draws."""
    folder = Path(os.environ.get("WINDOW_PICTURES") or tmp_path / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_the_main_job_is_done_by_mouse_and_keyboard_on_an_x_display(
    display: str, pictures: Path, data_home: Path
) -> None:
    environment = {
        **os.environ,
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "DELTADESK_HOME": str(data_home),
        "LC_ALL": "C.UTF-8",
        "PYTHONFAULTHANDLER": "1",
    }
    done = subprocess.run(
        [sys.executable, str(DRIVER), str(pictures)],
        env=environment,
        cwd=data_home,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["platform"] == "xcb"
    assert seen["customers_found"] == ["LINDEN & LOOM"]
    assert seen["first_run"]["lines_failed"] == 1
    assert "The board has no label 'XX-SMALL' in column Size" in seen["problem"]
    assert seen["failures_left"] == 0
    assert seen["state_in_table"] == "Synced"
    assert "XXS" in seen["on_board"]
    drawn = sorted(pictures.glob("*.png"))
    assert [file.stem.split("-", 1)[1] for file in drawn] == list(STEPS)
    assert len({file.read_bytes() for file in drawn}) == len(STEPS)
