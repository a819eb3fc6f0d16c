"""The API token from the source that the profile names. It is never written anywhere.

Sources: `env:NAME`, `keyring:SERVICE/USER`, `file:PATH` (readable by its owner alone), `command:COMMAND`, and
`practice-board` for the local practice board.
"""

import os
import shlex
import stat
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import keyring

from core.config.model import PRACTICE_BOARD
from core.errors import ConfigurationError, Problem
from core.redaction import remember_secret

KEYCHAIN_SECONDS = 10.0
"""Keychains hang or wait for a dialog on machines without a desktop."""
COMMAND_SECONDS = 30.0
PRACTICE_TOKEN = "practice-board-token"  # noqa: S105  it opens nothing but that board


def read_token(source: str) -> str:
    """The token. Raises ConfigurationError with a remedy when there is none. May block."""
    if source == PRACTICE_BOARD:
        return PRACTICE_TOKEN
    scheme, separator, rest = source.partition(":")
    reader = _READERS.get(scheme) if separator and rest else None
    if reader is None:
        # The source is not shown: somebody may have put the token itself there.
        raise _problem(
            "of the profile",
            "token_source is not understood",
            "Write env:NAME, keyring:SERVICE/USER, file:PATH or command:COMMAND.",
        )
    token = reader(rest).strip()
    if not token:
        raise _problem(_shown(source), "The token source is empty", "Put the token there, then try again.")
    remember_secret(token)
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise _problem(
            _shown(source),
            "What the token source holds is not a token: it has blanks, line breaks or special characters",
            "Put the token there, alone on one line, then try again.",
        )
    return token


def _shown(source: str) -> str:
    """The source without the arguments of a command, which may be secret."""
    scheme, _, rest = source.partition(":")
    return f"command:{rest.split(' ', 1)[0]} ..." if scheme == "command" else source


def _problem(source: str, what: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(Problem("token_missing", what, f"token source {source}", remedy))


def _from_environment(name: str) -> str:
    if name not in os.environ:
        raise _problem(
            f"env:{name}", f"The environment variable {name} is not set", f"Set {name} to the token."
        )
    return os.environ[name]


def _from_keyring(where: str) -> str:
    service, _, user = where.rpartition("/")
    source = f"keyring:{where}"
    if not service or not user:
        raise _problem(source, "token_source names no service and user", "Write keyring:SERVICE/USER.")
    found: list[str | None] = []
    failed: list[Exception] = []

    def ask() -> None:
        try:
            found.append(keyring.get_password(service, user))
        except Exception as error:  # noqa: BLE001  each backend raises kinds of its own
            failed.append(error)

    asking = threading.Thread(target=ask, name="keychain", daemon=True)
    asking.start()
    asking.join(KEYCHAIN_SECONDS)
    if asking.is_alive():
        raise _problem(
            source,
            f"The keychain did not answer within {KEYCHAIN_SECONDS:.0f} s",
            "Unlock it, or name another token_source for this machine.",
        )
    if failed:
        raise _problem(
            source,
            f"The keychain cannot be used: {type(failed[0]).__name__}",
            "On a machine without a keychain use env:, file: or command: as token_source.",
        ) from failed[0]
    if not found or not found[0]:
        raise _problem(source, "The keychain has no such entry", f"Store it: keyring set {service} {user}")
    return found[0]


def _from_file(name: str) -> str:
    path = Path(name).expanduser()
    try:
        mode = path.stat().st_mode
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise _problem(
                f"file:{name}", "The token file can be read by others", f"Run: chmod 600 {shlex.quote(name)}"
            )
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise _problem(
            f"file:{name}", "The token file is not text", "Put the token there, alone on one line."
        ) from None
    except OSError as error:
        raise _problem(
            f"file:{name}",
            f"The token file cannot be read: {error.strerror}",
            "Check the path and its permissions.",
        ) from error


def _from_command(command: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603  the operator's own command, run without a shell
            shlex.split(command), capture_output=True, text=True, timeout=COMMAND_SECONDS, check=True
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise _problem(
            _shown(f"command:{command}"),
            f"The token command failed: {type(error).__name__}",
            "Run it by hand; it must print the token and end with 0.",
        ) from None
    return done.stdout


_READERS: dict[str, Callable[[str], str]] = {
    "env": _from_environment,
    "keyring": _from_keyring,
    "file": _from_file,
    "command": _from_command,
}
