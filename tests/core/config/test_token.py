"""Where the token comes from, what is said when it does not come, and that nobody ever reads it."""

import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

from core.config import token_sources
from core.config.token import PRACTICE_TOKEN, find_token, shown_source
from core.errors import ConfigurationError, Problem
from core.redaction import known_secrets

TOKEN = "tk-51f0c2a9"


def refusal(source: str) -> Problem:
    """The problem that a source without a token ends in; nothing about it shows the token."""
    with pytest.raises(ConfigurationError) as caught:
        find_token([source])
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
    assert find_token(["env:MY_TOKEN"]).token == TOKEN
    assert TOKEN in known_secrets()


def test_an_environment_variable_that_is_not_set_is_named():
    problem = refusal("env:NO_SUCH_TOKEN")
    assert problem.title == "The environment variable NO_SUCH_TOKEN is not set"
    assert problem.remedy == "Set NO_SUCH_TOKEN to the token."


def test_the_practice_board_has_a_token_of_its_own():
    assert find_token(["practice-board"]).token == PRACTICE_TOKEN


@pytest.mark.parametrize(
    "source",
    ["", "env", "env:", "vault:deltadesk", ":x", TOKEN, f"Bearer {TOKEN}", f"env:{TOKEN}", "command: "],
)
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
    assert find_token([f"file:{file}"]).token == TOKEN


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_file_that_others_can_read_is_refused_with_the_command_that_closes_it(mode, file):
    spaced = file.rename(file.with_name("my token"))
    spaced.chmod(mode)
    problem = refusal(f"file:{spaced}")
    assert problem.title == "The token file can be read by others"
    assert problem.remedy == f"Run: chmod 600 '{spaced}'"


def test_a_file_is_found_in_the_home_folder(file, monkeypatch):
    monkeypatch.setenv("HOME", str(file.parent))
    assert find_token(["file:~/token"]).token == TOKEN


@pytest.mark.parametrize(("name", "reason"), [("missing", "No such file"), ("", "is no file")])
def test_a_file_that_cannot_be_read_is_named_with_the_reason(name, reason, tmp_path):
    tmp_path.chmod(0o700)
    assert reason in refusal(f"file:{tmp_path / name}").title


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "is no file" in refusal(f"file:{tmp_path / 'pipe'}").title


def test_a_file_that_does_not_answer_is_given_up(file, monkeypatch):
    """As one in a network folder whose server is gone."""
    released = threading.Event()

    def hang(*_arguments: object) -> int:
        released.wait()
        raise OSError

    monkeypatch.setattr(token_sources, "FILE_SECONDS", 0.1)
    monkeypatch.setattr(token_sources.os, "open", hang)
    try:
        problem = refusal(f"file:{file}")
    finally:
        released.set()
    assert problem.title == "The token file did not answer within 0 s"


def test_a_file_of_another_user_is_refused(file, monkeypatch):
    monkeypatch.setattr(token_sources.os, "geteuid", lambda: file.stat().st_uid + 1)
    monkeypatch.setattr(token_sources, "ROOT", -1)
    assert refusal(f"file:{file}").title == "The token file belongs to another user"


def test_a_link_to_one_s_own_file_is_followed(file):
    link = file.with_name("link")
    link.symlink_to(file)
    assert find_token([f"file:{link}"]).token == TOKEN


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a link to another user")
def test_a_link_that_another_user_has_laid_is_refused(file):
    link = file.with_name("link")
    link.symlink_to(file)
    os.lchown(link, 65534, 65534)
    assert "link that belongs to another user" in refusal(f"file:{link}").title


def test_a_file_too_long_for_a_token_is_read_no_further(file):
    file.write_text("x" * (token_sources.LONGEST_TOKEN * 3))
    assert "is not a token" in refusal(f"file:{file}").title


def test_a_file_in_the_home_folder_of_nobody_is_told():
    assert "home folder is not known" in refusal("file:~nobody-of-this-name/token").title


def test_a_file_that_is_not_text_is_refused(file):
    file.write_bytes(b"\xff" + TOKEN.encode())
    assert refusal(f"file:{file}").title == "The token file is not text"


# --- Command


def test_a_token_is_what_a_command_prints():
    assert find_token([f"command:{sys.executable} -c 'print(\"{TOKEN}\")'"]).token == TOKEN


@pytest.mark.parametrize(
    ("command", "title"),
    [
        (f"{sys.executable} -c 'import sys; print(\"{TOKEN}\"); sys.exit(3)'", "ended with 3"),
        (f"./no-such-program --token {TOKEN}", "cannot be started: No such file or directory"),
        (f"cat '{TOKEN}", "cannot be started: its quotation marks do not match"),
        (f"{sys.executable} -c 'import os; os.write(1, b\"\\xff\")'", "printed something that is not text"),
    ],
)
def test_a_command_that_fails_is_named_without_its_arguments_and_output(command, title):
    problem = refusal(f"command:{command}")
    assert problem.title == f"The token command {title}"
    assert problem.subject == f"token source command:{command.split()[0]} ..."


def test_a_command_that_prints_nothing_is_named_without_its_arguments():
    problem = refusal(f"command:{sys.executable} -c 'pass # {TOKEN}'")
    assert problem.title == "The token source is empty"
    assert problem.subject == f"token source command:{sys.executable} ..."


def test_a_command_that_does_not_end_is_ended(monkeypatch):
    monkeypatch.setattr(token_sources, "COMMAND_SECONDS", 0.2)
    problem = refusal(f"command:{sys.executable} -c 'import time; time.sleep(60)'")
    assert problem.title == "The token command did not end within 0 s"


def test_what_a_command_has_started_is_ended_with_it(monkeypatch, tmp_path):
    """The command itself ends at once; its child holds the output open and would for a minute."""
    monkeypatch.setattr(token_sources, "COMMAND_SECONDS", 2.0)
    noted = tmp_path / "pid"
    child = tmp_path / "child.sh"
    child.write_text(f"sleep 600 & echo $! > {noted}\n")
    problem = refusal(f"command:sh {child}")
    assert "did not end" in problem.title
    pid = int(noted.read_text())
    for _ in range(500):
        if not _runs(pid):
            break
        threading.Event().wait(0.01)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked about does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_command_that_never_ends_printing_is_cut_off():
    assert "The token command ended with" in refusal("command:yes").title


def test_a_command_has_nobody_to_ask():
    waits = "import sys; print(sys.stdin.read() or 'nobody')"
    assert find_token([f'command:{sys.executable} -c "{waits}"']).token == "nobody"


def test_a_command_runs_without_a_shell(tmp_path):
    with pytest.raises(ConfigurationError):
        find_token([f"command:echo {TOKEN} $(touch {tmp_path}/made)"])
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
    assert find_token(["keyring:deltadesk/eu/production"]).token == TOKEN


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

    monkeypatch.setattr(token_sources, "KEYCHAIN_SECONDS", 0.1)
    keychain(hang)
    try:
        problem = refusal("keyring:deltadesk/production")
    finally:
        released.set()
    assert problem.title == "The keychain did not answer within 0 s"
    assert "Unlock it" in problem.remedy


# --- Several sources


def test_the_first_source_that_has_a_token_gives_it_and_is_told(file, keychain, monkeypatch):
    keychain(lambda _service, _user: None)
    monkeypatch.delenv("MY_TOKEN", raising=False)
    found = find_token(["keyring:deltadesk/me", "env:MY_TOKEN", f"file:{file}", "command:touch never"])
    assert (found.token, found.source) == (TOKEN, f"file:{file}")
    assert [problem.subject for problem in found.passed_over] == [
        "token source keyring:deltadesk/me",
        "token source env:MY_TOKEN",
    ]
    assert found.origin == (
        f"file:{file} (keyring:deltadesk/me: The keychain has no such entry; "
        "env:MY_TOKEN: The environment variable MY_TOKEN is not set)"
    )
    assert not Path("never").exists()
    assert TOKEN not in repr(found)


def test_when_all_fail_one_message_lists_each_source_and_why(keychain):
    keychain(lambda _service, _user: None)
    with pytest.raises(ConfigurationError) as caught:
        find_token(["keyring:deltadesk/me", "env:NO_SUCH_TOKEN", f"command:false --secret {TOKEN}"])
    (problem,) = caught.value.problems
    assert problem.title == "None of the 3 token sources has a token"
    assert problem.subject.split("; ") == [
        "keyring:deltadesk/me: The keychain has no such entry",
        "env:NO_SUCH_TOKEN: The environment variable NO_SUCH_TOKEN is not set",
        "command:false ...: The token command ended with 1",
    ]
    assert "keyring set deltadesk me" in problem.remedy
    assert "Set NO_SUCH_TOKEN to the token." in problem.remedy
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


def test_a_hanging_keychain_does_not_keep_the_next_source_from_being_asked(keychain, monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(token_sources, "KEYCHAIN_SECONDS", 0.1)
    monkeypatch.setenv("MY_TOKEN", TOKEN)
    keychain(lambda _service, _user: str(released.wait()))
    try:
        assert find_token(["keyring:deltadesk/me", "env:MY_TOKEN"]).source == "env:MY_TOKEN"
    finally:
        released.set()


def test_a_source_that_is_not_understood_is_told_though_another_one_has_a_token(monkeypatch):
    monkeypatch.setenv("MY_TOKEN", TOKEN)
    with pytest.raises(ConfigurationError, match="not understood"):
        find_token(["env:MY_TOKEN", "vault:deltadesk"])


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("practice-board", "practice-board"),
        ("command:pass", "command:pass"),
        (f"command:pass\tshow {TOKEN}", "command:pass ..."),
        (f"command:KEY={TOKEN} pass", "command:..."),
        (TOKEN, "of the profile"),
    ],
)
def test_a_source_is_shown_without_what_may_be_secret_in_it(source, shown):
    assert shown_source(source) == shown
