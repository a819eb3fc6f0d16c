"""Wherever the token comes from, and whatever the board answers: no file and no output holds it."""

import asyncio
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus

import pytest
import structlog

from core.config.token import find_token
from core.demo.testing import ITEMS_BOARD, HurriedClock
from core.logs import configure_logs
from core.orders.model import Selection
from core.sync.control import RunControl
from core.workspace import Workspace
from tests.faults.narrow_desk import PROFILE, NarrowDesk, narrow_desk
from tests.faults.processes import SOAK
from tests.secret_scan import OWN_FOLDER, SENTINEL

TOKEN = SENTINEL
ROOT = Path(__file__).parents[2]
# A careless server says back what it was sent.
ECHO = {
    "status": 200,
    "content_type": "application/json",
    "body": json.dumps(
        {
            "errors": [
                {
                    "message": f"Bad value (Authorization: {TOKEN})",
                    "path": ["a0"],
                    "extensions": {"code": "ColumnValueException"},
                }
            ]
        }
    ),
}


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    """The one place where the token may stand: outside of everything that the application writes."""
    path = tmp_path / OWN_FOLDER / "token"
    path.parent.mkdir()
    path.write_text(TOKEN, encoding="utf-8")
    path.chmod(0o600)
    return path


def token_source(kind: str, secret_file: Path) -> str:
    sources = {
        "env": "env:DELTADESK_TOKEN",
        "file": f"file:{secret_file}",
        "command": f"command:cat {secret_file}",
        "keyring": "keyring:deltadesk/test",
    }
    return sources[kind]


EVERY = (["check"], ["preview"], ["run", "--yes", "--json"], ["retry", "--yes"], ["report", "--json"])
FEW = (["check"], ["run", "--yes", "--json"])
# What a command writes does not depend on the source: with one source all of them are tried.
COMMANDS = {"env": EVERY, **dict.fromkeys(("file", "command", "keyring"), EVERY if SOAK else FEW)}


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path, secret_file: Path) -> Iterator[NarrowDesk]:
    """Orders, and a board that only the sentinel opens and that says it back once in a while.

    A test names where the token comes from.
    """
    folder = tmp_path / "desk"
    folder.mkdir()
    source = token_source(request.param, secret_file)
    with narrow_desk(folder, token=TOKEN, token_source=source, records_per_request=1) as made:
        made.add_orders("ACME", 3, 2)
        made.board.faults.add("status", operation="create_item", **ECHO)
        made.board.faults.add("status", operation="create_subitem", nth=2, **ECHO)
        yield made


def places_with_the_token(*folders: Path) -> list[str]:
    """Every file that holds the token, databases and their logs included."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert files
    return [str(path) for path in files if TOKEN.encode() in path.read_bytes()]


@pytest.mark.parametrize(("desk", "commands"), COMMANDS.items(), indirect=["desk"], ids=COMMANDS)
def test_no_file_and_no_output_of_the_command_holds_the_token(
    desk: NarrowDesk, commands: tuple[list[str], ...], secret_file: Path, data_home: Path
):
    environment = {
        **os.environ,
        "DELTADESK_TOKEN": TOKEN,
        "KEYCHAIN_OF_THE_TEST": str(secret_file),
        "PYTHON_KEYRING_BACKEND": "tests.faults.keychain.Keychain",
    }
    (data_home / "written").touch()
    outputs = []
    for arguments in commands:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tests.faults.run_hurried", *arguments),
                *("--config", str(desk.configuration_file)),
            ],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {0, 1}, done.stdout + done.stderr
        outputs.append(done.stdout + done.stderr)
    assert desk.board.items(ITEMS_BOARD), "".join(outputs)  # else nothing was proved
    assert "Bad value" in "".join(outputs)
    assert not any(TOKEN in output for output in outputs)
    assert places_with_the_token(desk.folder, data_home) == []


@pytest.mark.parametrize("desk", ["file"], indirect=True)
async def test_no_log_holds_the_token_not_even_that_of_an_error_that_quotes_it(
    desk: NarrowDesk, data_home: Path
):
    configure_logs(data_home / "logs")
    log = structlog.get_logger()
    workspace = await Workspace.open(desk.configuration, PROFILE, clock=HurriedClock(desk.board))
    try:
        plan = await workspace.plan(Selection())
        await workspace.run(plan, RunControl(), lambda event: log.info("event", detail=repr(event)))
        log.info("workspace", client=repr(workspace._client), headers=repr(workspace._client._http.headers))
        error = ValueError(f"refused for {TOKEN}")
        log.error("quoted", exc_info=error)
    finally:
        await workspace.close()
        for handler in list(logging.getLogger("deltadesk").handlers):
            logging.getLogger("deltadesk").removeHandler(handler)
            await asyncio.to_thread(handler.close)
    assert "quoted" in (data_home / "logs" / "deltadesk.log").read_text(encoding="utf-8")
    assert places_with_the_token(desk.folder, data_home) == []


# --- Everything that goes wrong


PASSWORD = f"{SENTINEL}-of-the-database"
BROKEN_DATABASES = {
    "as an address": f"mssql+pyodbc://sa:{PASSWORD}@127.0.0.1:1/ORDERS?driver=ODBC+Driver+18+for+SQL+Server",
    "as an ODBC string": "mariadb+pyodbc:///?odbc_connect="
    + quote_plus(f"DRIVER={{MariaDB Unicode}};SERVER=127.0.0.1;PORT=1;DATABASE=o;UID=sa;PWD={PASSWORD}"),
    "of a dialect that is not there": f"oracle://sa:{PASSWORD}@127.0.0.1:1/ORDERS",
}


@pytest.fixture
def broken(desk: NarrowDesk, secret_file: Path, data_home: Path):
    """Runs a command in which reading customers fails with both secrets in its words."""
    environment = {**os.environ, "TOKEN_OF_THE_TEST": TOKEN, "PASSWORD_OF_THE_TEST": PASSWORD}

    def run(*arguments: str, module: str = "tests.faults.run_broken") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env={**environment, "QT_QPA_PLATFORM": "offscreen"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert TOKEN not in done.stdout + done.stderr  # the password holds it too
        return done

    return run


@pytest.mark.parametrize("desk", ["file"], indirect=True)
def test_an_unexpected_failure_shows_secrets_neither_on_the_terminal_nor_in_the_log(desk, broken, data_home):
    for more in ((), ("--json",)):
        done = broken("orders", "--config", str(desk.configuration_file), *more)
        assert done.returncode == 3
        told = json.loads(done.stdout)["error"][0]["title"] if more else done.stderr
        assert "Something unexpected happened: ValueError: broken with •••" in told
    log = (data_home / "logs" / "deltadesk.log").read_text(encoding="utf-8")
    assert "the driver says •••" in log  # the chain of causes
    assert places_with_the_token(data_home) == []


@pytest.mark.parametrize("desk", ["file"], indirect=True)
@pytest.mark.parametrize("address", BROKEN_DATABASES.values(), ids=BROKEN_DATABASES)
def test_a_database_that_is_away_is_told_without_its_password(address, desk, broken, data_home):
    file = desk.configuration_file
    text = re.sub(r"database_url = .*", lambda _: f'database_url = "{address}"', file.read_text("utf-8"))
    (data_home / "secret").mkdir()
    changed = data_home / "secret" / "changed.toml"
    changed.write_text(text, encoding="utf-8")
    # How a command tells it does not depend on the address.
    commands = (["check"], ["check", "--json"], ["mapping", "check"])
    for arguments in commands if address == BROKEN_DATABASES["as an address"] else commands[:1]:
        assert broken(*arguments, "--config", str(changed)).returncode in {2, 3}
    assert places_with_the_token(data_home / "logs") == []


@pytest.mark.parametrize("desk", ["file"], indirect=True)
def test_a_crash_of_the_window_leaves_no_secret_behind(desk, broken, data_home):
    done = broken("--window")
    assert done.returncode < 0
    crash = (data_home / "logs" / "crash.txt").read_text(encoding="utf-8")
    assert "Segmentation fault" in crash
    assert "a library says •••" in done.stderr
    assert places_with_the_token(data_home) == []


@pytest.mark.parametrize("desk", ["file"], indirect=True)
async def test_nothing_that_a_workspace_holds_shows_a_secret(desk):
    workspace = await Workspace.open(desk.configuration, PROFILE, clock=HurriedClock(desk.board))
    try:
        shown = [repr(each) + str(each) for each in (workspace, *vars(workspace).values())]
        shown += [repr(find_token(workspace.profile.token_sources)), repr(workspace._client._http.headers)]
        shown.append((await workspace.check())[1].detail)
    finally:
        await workspace.close()
    assert f"token from file:{desk.folder.parent / OWN_FOLDER / 'token'} accepted" in shown[-1]
    assert not any(TOKEN in each for each in shown)
