"""Fails a session that leaves a token in a file: data, logs, reports, configurations, crash files.

Looked for are the practice board's token, which every test that pushes uses, in this process and in those
that it starts, and `SENTINEL`, which tests of secrets use. Every file below the session's temporary folder is
searched once its tests are over: under xdist by the worker that made it, what is left by the controller.
"""

import mmap
import os
import stat
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from core.config.token import PRACTICE_TOKEN

SENTINEL = "sentinel-7f3a91c2-not-to-be-written"
OWN_FOLDER = "secret"
"""The name of a folder in which a token may stand: a test's own file for it, which no application writes."""
_SEARCHED = tuple(token.encode() for token in (SENTINEL, PRACTICE_TOKEN))
_OUTPUT = "files_with_a_token"
_found = pytest.StashKey[list[str]]()
_searched_by_workers = pytest.StashKey[set[str]]()


def files_with_a_token(folder: Path, left_out: Collection[str] = ()) -> list[str]:
    """Every plain file below the folder that holds a token; `left_out` are folders right inside it."""
    found = []
    for place, folders, names in os.walk(folder):
        at_top = Path(place) == folder
        folders[:] = [name for name in folders if name != OWN_FOLDER and not (at_top and name in left_out)]
        found += [str(path) for name in names if _holds_a_token(path := Path(place, name))]
    return sorted(found)


def _holds_a_token(path: Path) -> bool:
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size == 0:
            return False
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            return any(content.find(token) >= 0 for token in _SEARCHED)
    except (FileNotFoundError, PermissionError, ValueError):  # gone, closed by a test, emptied
        return False


def _temporary_folder(config: pytest.Config) -> Path | None:
    """Where the session's tests kept their files; None when none did."""
    factory: Any = getattr(config, "_tmp_path_factory", None)
    return getattr(factory, "_basetemp", None)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker of xdist has found. The folder of one that died is still to do."""
    output = getattr(node, "workeroutput", None)
    if output and _OUTPUT in output:
        node.config.stash.setdefault(_found, []).extend(output[_OUTPUT])
        node.config.stash.setdefault(_searched_by_workers, set()).add(f"popen-{node.gateway.id}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Search, and fail the session when there is something to find."""
    config = session.config
    folder = _temporary_folder(config)
    found = config.stash.setdefault(_found, [])
    if folder is not None:
        found += files_with_a_token(folder, config.stash.get(_searched_by_workers, set()))
    if hasattr(config, "workeroutput"):
        config.workeroutput[_OUTPUT] = found
    elif found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the files."""
    found = config.stash.get(_found, [])
    if found:
        terminalreporter.section("a token was written", red=True, bold=True)
        terminalreporter.write_line(f"A token stands in {len(found)} files that the tests left behind:")
        for path in found:
            terminalreporter.write_line(path)
