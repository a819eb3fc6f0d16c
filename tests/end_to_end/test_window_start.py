"""The desktop as a process of its own: it starts, ends in one way or another, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

# The installed command, but that somebody closes the window, a signal comes, or the start fails.
_CLOSED = """
def opened(*given):
    desktop = Desktop(*given)
    desktop.profile_opened.connect(desktop.window.close)
    return desktop
"""
_ENDED_BY_A_SIGNAL = """
def opened(*given):
    desktop = Desktop(*given)
    desktop.profile_opened.connect(lambda: os.kill(os.getpid(), signal.SIGKILL))
    return desktop
"""
_FAILS_AT_THE_START = """
def opened(*given):
    Desktop(*given)
    raise OSError("no such display")
"""
_START = """
import os, signal, sys
import gui.app
from gui.desktop import Desktop
{how}
gui.app.Desktop = opened
sys.exit(gui.app.main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("how", "ends_with"),
    [
        pytest.param(_CLOSED, 0, id="closed"),
        pytest.param(
            _ENDED_BY_A_SIGNAL,
            -getattr(signal, "SIGKILL", 0),
            id="ended by a signal",
            marks=pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal"),
        ),
        pytest.param(_FAILS_AT_THE_START, 1, id="fails at the start"),
    ],
)
def test_the_desktop_leaves_no_temporary_file_however_it_ends(
    how: str, ends_with: int, tmp_path: Path, data_home: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", _START.format(how=how), "--demo"],
        env={
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
        },
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == ends_with, done.stderr
    assert (data_home / "logs").is_dir()
    assert [str(path.relative_to(temporary)) for path in temporary.rglob("*")] == []
