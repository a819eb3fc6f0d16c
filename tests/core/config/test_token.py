"""Where the token comes from, what is said when it does not come, and that nobody ever reads it."""

import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

from core.config import token
from core.config.token import PRACTICE_TOKEN, read_token
from core.errors import ConfigurationError, Problem
from core.redaction import known_secrets

TOKEN = "tk-51f0c2a9"


def refusal(source: str) -> Problem:
    """The problem that a source without a token ends in; nothing about it shows the token."""
    with pytest.raises(ConfigurationError) as caught:
        read_token(source)
    error = caught.value
    told = "".join(traceback.format_exception(error)) + repr(error) + str(error) + repr(error.problems)
    assert TOKEN not in told
    assert error.problem.code == "token_missing"
    assert error.problem.remedy
    return error.problem


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    path.chmod(0o600)
    return path


# --- Environment and practice board


def test_a_token_is_read_from_an_environment_variable_and_remembered_as_a_secret(monkeypatch):
    monkeypatch.setenv("MY_TOKEN", f" {TOKEN}\n")
    assert read_token("env:MY_TOKEN") == TOKEN
    assert TOKEN in known_secrets()


def test_an_environment_variable_that_is_not_set_is_named():
    problem = refusal("env:NO_SUCH_TOKEN")
    assert problem.title == "The environment variable NO_SUCH_TOKEN is not set"
    assert problem.remedy == "Set NO_SUCH_TOKEN to the token."


def test_the_practice_board_has_a_token_of_its_own():
    assert read_token("practice-board") == PRACTICE_TOKEN


@pytest.mark.parametrize("source", ["", "env", "env:", "vault:deltadesk", ":x", TOKEN, f"Bearer {TOKEN}"])
def test_a_source_that_is_not_understood_is_answered_with_the_four_forms_and_not_shown(source):
    problem = refusal(source)
    assert problem.remedy == "Write env:NAME, keyring:SERVICE/USER, file:PATH or command:COMMAND."


@pytest.mark.parametrize("value", ["", " \n"])
def test_an_empty_token_is_refused(value, monkeypatch):
    monkeypatch.setenv("MY_TOKEN", value)
    assert refusal("env:MY_TOKEN").title == "The token source is empty"


@pytest.mark.parametrize(
    "value", [f"{TOKEN}\nmore", f"Bearer {TOKEN}", f"{TOKEN}\x00", f"∆{TOKEN}", f"{TOKEN}\u2028x"]
)
def test_what_no_header_can_carry_is_no_token(value, file):
    file.write_text(value, encoding="utf-8")
    assert "is not a token" in refusal(f"file:{file}").title


# --- File


def test_a_token_is_read_from_a_file_that_only_its_owner_can_read(file):
    assert read_token(f"file:{file}") == TOKEN


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_file_that_others_can_read_is_refused_with_the_command_that_closes_it(mode, file):
    spaced = file.rename(file.with_name("my token"))
    spaced.chmod(mode)
    problem = refusal(f"file:{spaced}")
    assert problem.title == "The token file can be read by others"
    assert problem.remedy == f"Run: chmod 600 '{spaced}'"


def test_a_file_is_found_in_the_home_folder(file, monkeypatch):
    monkeypatch.setenv("HOME", str(file.parent))
    assert read_token("file:~/token") == TOKEN


@pytest.mark.parametrize(("name", "reason"), [("missing", "No such file"), ("", "Is a directory")])
def test_a_file_that_cannot_be_read_is_named_with_the_reason(name, reason, tmp_path):
    tmp_path.chmod(0o700)
    assert reason in refusal(f"file:{tmp_path / name}").title


def test_a_file_that_is_not_text_is_refused(file):
    file.write_bytes(b"\xff" + TOKEN.encode())
    assert refusal(f"file:{file}").title == "The token file is not text"


# --- Command


def test_a_token_is_what_a_command_prints():
    assert read_token(f"command:{sys.executable} -c 'print(\"{TOKEN}\")'") == TOKEN


@pytest.mark.parametrize(
    ("command", "title"),
    [
        (f"{sys.executable} -c 'import sys; print(\"{TOKEN}\"); sys.exit(3)'", "CalledProcessError"),
        (f"./no-such-program --token {TOKEN}", "FileNotFoundError"),
        (f"cat '{TOKEN}", "ValueError"),
        (f"{sys.executable} -c 'import os; os.write(1, b\"\\xff\")'", "UnicodeDecodeError"),
    ],
)
def test_a_command_that_fails_is_named_without_its_arguments_and_output(command, title):
    problem = refusal(f"command:{command}")
    assert problem.title == f"The token command failed: {title}"
    assert problem.subject == f"token source command:{command.split()[0]} ..."


def test_a_command_that_prints_nothing_is_named_without_its_arguments():
    problem = refusal(f"command:{sys.executable} -c 'pass # {TOKEN}'")
    assert problem.title == "The token source is empty"
    assert problem.subject == f"token source command:{sys.executable} ..."


def test_a_command_that_does_not_end_is_given_up(monkeypatch):
    monkeypatch.setattr(token, "COMMAND_SECONDS", 0.2)
    problem = refusal(f"command:{sys.executable} -c 'import time; time.sleep(60)'")
    assert problem.title == "The token command failed: TimeoutExpired"


def test_a_command_runs_without_a_shell(tmp_path):
    with pytest.raises(ConfigurationError):
        read_token(f"command:echo {TOKEN} $(touch {tmp_path}/made)")
    assert list(tmp_path.iterdir()) == []


# --- Keychain


class Keychain(keyring.backend.KeyringBackend):
    """A keychain that answers as a test tells it."""

    priority = 1  # type: ignore[assignment]

    def __init__(self, answer: Callable[[str, str], str | None]) -> None:
        super().__init__()
        self.answer = answer

    def get_password(self, service: str, username: str) -> str | None:
        return self.answer(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


@pytest.fixture
def keychain() -> Iterator[Callable[[Callable[[str, str], str | None]], None]]:
    """Put a keychain in the place of the system's."""
    before = keyring.get_keyring()
    yield lambda answer: keyring.set_keyring(Keychain(answer))
    keyring.set_keyring(before)


def test_a_token_is_read_from_the_keychain_by_service_and_user(keychain):
    keychain(lambda service, user: TOKEN if (service, user) == ("deltadesk/eu", "production") else None)
    assert read_token("keyring:deltadesk/eu/production") == TOKEN


@pytest.mark.parametrize("found", [None, ""])
def test_a_keychain_without_the_entry_says_how_to_store_it(found, keychain):
    keychain(lambda _service, _user: found)
    problem = refusal("keyring:deltadesk/production")
    assert problem.title == "The keychain has no such entry"
    assert problem.remedy == "Store it: keyring set deltadesk production"


@pytest.mark.parametrize("where", ["deltadesk", "/production", "deltadesk/"])
def test_a_keychain_source_without_service_or_user_is_answered_with_the_form(where):
    assert refusal(f"keyring:{where}").remedy == "Write keyring:SERVICE/USER."


class BackendError(Exception):
    """A kind of its own, as backends raise them."""


@pytest.mark.parametrize(
    "failure",
    [
        keyring.errors.NoKeyringError("none"),
        keyring.errors.KeyringLocked("locked"),
        BackendError(),
        OSError(),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_a_machine_without_a_usable_keychain_is_told_of_the_other_sources(failure, keychain):
    def fail(_service: str, _user: str) -> str | None:
        raise failure

    keychain(fail)
    problem = refusal("keyring:deltadesk/production")
    assert problem.title == f"The keychain cannot be used: {type(failure).__name__}"
    assert "env:, file: or command:" in problem.remedy


def test_a_keychain_that_hangs_is_given_up(keychain, monkeypatch):
    released = threading.Event()

    def hang(_service: str, _user: str) -> str | None:
        released.wait()
        return None

    monkeypatch.setattr(token, "KEYCHAIN_SECONDS", 0.1)
    keychain(hang)
    try:
        problem = refusal("keyring:deltadesk/production")
    finally:
        released.set()
    assert problem.title == "The keychain did not answer within 0 s"
    assert "Unlock it" in problem.remedy
