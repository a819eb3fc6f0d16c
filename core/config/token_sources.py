"""One reader for each kind of place a token may be in, each with a time limit of its own. They block.

A message names the place and the reason, never what was read and never the arguments of a command.
"""

import os
import shlex
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import keyring

from core.errors import ConfigurationError, Problem

KEYCHAIN_SECONDS = 10.0
"""Keychains hang or wait for a dialog on machines without a desktop."""
FILE_SECONDS = 10.0
"""A network folder whose server is gone answers never."""
COMMAND_SECONDS = 30.0
"""For the command and whatever it starts."""
ROOT = 0
"""May read and replace everything anyway."""
LONGEST_TOKEN = 64 * 1024
"""Bytes; more is a wrong file or a command that never ends printing."""
_END_SECONDS = 5.0
# So that a command can be ended together with the programs that it has started.
if sys.platform == "win32":
    _OWN_GROUP: Mapping[str, Any] = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
else:
    _OWN_GROUP: Mapping[str, Any] = {"start_new_session": True}

T = TypeVar("T")


def problem(shown: str, what: str, remedy: str) -> ConfigurationError:
    """Why one source gave no token; `shown` is the source as it may be shown."""
    return ConfigurationError(Problem("token_missing", what, f"token source {shown}", remedy))


def from_environment(name: str, shown: str) -> str:
    """The environment variable's value."""
    if name not in os.environ:
        raise problem(shown, f"The environment variable {name} is not set", f"Set {name} to the token.")
    return os.environ[name]


def from_keychain(where: str, shown: str) -> str:
    """The entry SERVICE/USER of the system's keychain."""
    service, _, user = where.rpartition("/")
    if not service or not user:
        raise problem(shown, "token_source names no service and user", "Write keyring:SERVICE/USER.")
    try:
        found = _within(KEYCHAIN_SECONDS, lambda: keyring.get_password(service, user))
    except TimeoutError:
        raise problem(
            shown,
            f"The keychain did not answer within {KEYCHAIN_SECONDS:.0f} s",
            "Unlock it, or name another token_source for this machine.",
        ) from None
    except Exception as error:  # each backend raises kinds of its own
        raise problem(
            shown,
            f"The keychain cannot be used: {type(error).__name__}",
            "On a machine without a keychain use env:, file: or command: as token_source.",
        ) from error
    if not found:
        raise problem(
            shown,
            "The keychain has no such entry",
            f"Store it: keyring set {shlex.quote(service)} {shlex.quote(user)}",
        )
    return found


def from_file(name: str, shown: str) -> str:
    """The text of a file that nobody but its owner, who must be this user, can read."""
    try:
        path = Path(name).expanduser()
        return _within(FILE_SECONDS, lambda: _read_private(path, shown)).decode("utf-8")
    except TimeoutError:
        what = f"The token file did not answer within {FILE_SECONDS:.0f} s"
        remedy = "Check the network folder it is in, or name a file on this machine."
    except UnicodeDecodeError:
        what, remedy = "The token file is not text", "Put the token there, alone on one line."
    except (OSError, RuntimeError) as error:  # RuntimeError: `~name` of nobody
        reason = getattr(error, "strerror", None) or "its home folder is not known"
        what, remedy = f"The token file cannot be read: {reason}", "Check the path and its permissions."
    raise problem(shown, what, remedy)


def _read_private(path: Path, shown: str) -> bytes:
    """What an open file holds is checked and read by its descriptor: nobody can exchange it in between."""
    # Without O_NONBLOCK a pipe by this name would wait for somebody to write.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise problem(shown, "The token file is no file but something else", "Name a plain file.")
        if os.name == "posix":  # Windows keeps no such mode and owner
            _require_private(path, status, shown)
        content = b""
        while len(content) <= LONGEST_TOKEN and (part := os.read(descriptor, LONGEST_TOKEN)):
            content += part
    finally:
        os.close(descriptor)
    return content


def _require_private(path: Path, status: os.stat_result, shown: str) -> None:
    trusted = {os.geteuid(), ROOT}
    if status.st_uid not in trusted:
        raise problem(
            shown, "The token file belongs to another user", "Make a file of your own, with your token."
        )
    if path.lstat().st_uid not in trusted:
        raise problem(
            shown,
            "The token file is reached over a link that belongs to another user",
            "Name the file itself.",
        )
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise problem(
            shown, "The token file can be read by others", f"Run: chmod 600 {shlex.quote(str(path))}"
        )


def from_command(command: str, shown: str) -> str:
    """What a command prints; run without a shell, without a terminal to ask at."""
    remedy = "Run it by hand; it must print the token and end with 0."
    try:
        process = subprocess.Popen(  # noqa: S603  the operator's own command
            shlex.split(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **_OWN_GROUP,
        )
    except OSError as error:
        what = f"The token command cannot be started: {error.strerror}"
        raise problem(shown, what, remedy) from None
    except ValueError:
        what = "The token command cannot be started: its quotation marks do not match"
        raise problem(shown, what, remedy) from None
    try:
        printed, code = _output(process)
    except (TimeoutError, subprocess.TimeoutExpired):
        _end(process)
        what = f"The token command did not end within {COMMAND_SECONDS:.0f} s"
        raise problem(shown, what, remedy) from None
    if code:
        raise problem(shown, f"The token command ended with {code}", remedy)
    try:
        return printed.decode("utf-8")
    except UnicodeDecodeError:
        raise problem(shown, "The token command printed something that is not text", remedy) from None


def _output(process: subprocess.Popen[bytes]) -> tuple[bytes, int]:
    """What a process prints, as far as a token can be long, and how it ends. Raises when time is over."""
    deadline = time.monotonic() + COMMAND_SECONDS
    output = process.stdout
    assert output is not None

    def read() -> bytes:
        # The thread closes it: a close from elsewhere would wait for the reading to end.
        with output:
            return output.read(LONGEST_TOKEN + 1)

    printed = _within(COMMAND_SECONDS, read)
    return printed, process.wait(max(0.0, deadline - time.monotonic()))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command with everything that it has started."""
    with suppress(OSError):
        if sys.platform == "win32":
            ending = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
            subprocess.run(ending, capture_output=True, check=False)  # noqa: S603
        else:
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_END_SECONDS)


def _within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` returns or raises; TimeoutError when that takes longer. It is then left to itself."""
    answer: Future[T] = Future()

    def carry_out() -> None:
        try:
            answer.set_result(work())
        except BaseException as error:  # noqa: BLE001  whatever it is, it is raised again below
            answer.set_exception(error)

    threading.Thread(target=carry_out, name="token source", daemon=True).start()
    return answer.result(seconds)
