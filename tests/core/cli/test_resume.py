"""`deltadesk run --resume`."""

import asyncio
import json
import os
import shutil
import subprocess
import sys

import pytest

from core.demo.testing import demo_desk
from tests.prepared_files import copy_board

CUSTOMER = "ATELIER ÉTOILE"
SMALL = ("--customer", CUSTOMER, "--limit", "3")


@pytest.fixture(scope="module")
def after_a_kill(tmp_path_factory, demo_orders_database):
    """The files of a desk at which a run of three orders was killed while the board held its items."""
    folder = tmp_path_factory.mktemp("killed")
    copy_board(folder / "board.db")
    with demo_desk(folder, demo_orders_database) as desk:
        _kill_a_run(desk)
    return folder


def _kill_a_run(desk):
    slow = desk.board.faults.add("delay", operation="create_item", seconds=1.0)
    place = ("--config", str(desk.configuration_file), "--profile", "practice")
    command = [sys.executable, "-c", "from core.cli import main; main()", "run", *SMALL, "--yes", *place]
    environment = {**os.environ, "DELTADESK_HOME": str(desk.folder)}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    desk.board.wait_until(lambda requests: any(slow.fits(request) for request in requests))
    process.kill()
    process.communicate()
    desk.board.wait_until(lambda requests: all(request.finished for request in requests))
    # Into the file itself goes what the killed process left beside it.
    desk.rows("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.fixture
def desk(request, tmp_path, demo_orders_database):
    """A desk; for a test that asks for `killed` too, that of the killed run."""
    orders = demo_orders_database
    if "killed" in request.fixturenames:
        folder = request.getfixturevalue("after_a_kill")
        orders = folder / "orders.db"
        shutil.copy(folder / "board.db", tmp_path / "board.db")
    else:
        copy_board(tmp_path / "board.db")
    with demo_desk(tmp_path, orders) as made:
        yield made


@pytest.fixture
def killed(desk):
    """The id of the run that was killed."""
    return desk.rows("SELECT run_id FROM deltadesk_run")[0]["run_id"]


def test_without_an_interrupted_run_it_says_so_and_ends_with_0(at_desk):
    result = at_desk("run", "--resume")
    assert result.exit_code == 0
    assert "there is nothing to resume" in result.stdout


def test_without_an_interrupted_run_json_says_so_too(at_desk):
    result = at_desk("run", "--resume", "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["run_id"] is None
    assert "nothing to resume" in answer["message"]


def test_a_killed_run_is_resumed_with_its_own_orders_and_only_once(killed, desk, at_desk):
    result = at_desk("run", "--resume", "--yes", "--json")
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["resumes"] == killed
    assert (report["orders"]["selected"], report["orders"]["synced"]) == (3, 3)
    assert sorted(len(found) for found in desk.items_by_key().values()) == [1, 1, 1]
    assert "nothing to resume" in at_desk("run", "--resume").stdout


def test_the_account_of_a_killed_run_stays_as_it_was_before_somebody_resumed_it(killed, desk, at_desk):
    async def account():
        async with desk.opened() as workspace:
            return (await workspace.interrupted_runs())[0].report.to_json()

    before = asyncio.run(account())
    assert (before["orders"]["unknown"], before["orders"]["synced"], before["mapping_version"]) == (3, 0, 1)
    at_desk("run", "--resume", "--yes")
    assert json.loads(at_desk("report", killed, "--json").stdout) == before


def test_the_run_is_named_by_the_beginning_of_its_id_and_told_before_it_is_resumed(killed, at_desk):
    result = at_desk("run", "--resume", killed[:8], "--yes")
    assert result.exit_code == 0, result.stderr
    assert f"Run {killed[:8]} of " in result.stderr
    assert f"3 of 3 orders of {CUSTOMER} are not finished. Nothing is sent twice." in result.stderr


def test_the_list_of_reports_says_which_run_can_be_resumed_and_how(killed, at_desk):
    assert f"deltadesk run --resume {killed[:8]}" in at_desk("report").stdout
    assert json.loads(at_desk("report", "--json").stdout) == {"runs": []}
    at_desk("run", "--resume", "--yes")
    listed = at_desk("report").stdout
    assert "--resume" not in listed
    assert killed[:8] in listed


def test_a_rehearsal_sends_nothing_and_leaves_the_run_to_be_resumed(killed, desk, at_desk):
    assert at_desk("run", "--resume", "--dry-run").exit_code == 0
    assert desk.mutations == []
    assert json.loads(at_desk("run", "--resume", "--yes", "--json").stdout)["resumes"] == killed


def test_a_resumption_that_nobody_can_confirm_is_refused_with_2_and_stays_offered(killed, desk, at_desk):
    result = at_desk("run", "--resume")
    assert result.exit_code == 2
    assert "must be confirmed" in result.stderr
    assert desk.mutations == []
    assert killed[:8] in at_desk("run", "--resume", "--dry-run").stderr


def test_beside_other_workers_the_rest_goes_portion_by_portion(killed, desk, at_desk):
    result = at_desk("run", "--resume", "--share", "--portion", "2", "--yes", "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["orders"]["synced"] == 3
    assert sorted(len(found) for found in desk.items_by_key().values()) == [1, 1, 1]
    assert desk.rows("SELECT settled_by FROM deltadesk_run WHERE run_id = ?", killed)[0]["settled_by"]


def test_beside_other_workers_one_may_take_a_part_of_the_rest_and_what_it_leaves_is_offered(
    killed, desk, at_desk
):
    some = ("run", "--resume", killed, "--share", "--limit", "2", "--yes", "--json")
    synced = [json.loads(at_desk(*some).stdout)["orders"]["synced"] for _ in range(2)]
    assert synced == [2, 1]
    assert sorted(len(found) for found in desk.items_by_key().values()) == [1, 1, 1]
    assert "nothing to resume" in at_desk("run", "--resume").stdout


def test_an_id_of_no_interrupted_run_is_told_with_2(at_desk):
    result = at_desk("run", "--resume", "3f2a", "--yes")
    assert result.exit_code == 2
    assert "There is nothing to resume of a run with this id" in result.stderr
    assert "run 3f2a" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("3f2a",), "add --resume"),
        (("--resume", "--customer", CUSTOMER), "taken up as a whole"),
        (("--resume", "--limit", "5"), "add --share"),
    ],
)
def test_options_that_say_something_else_are_refused(at_desk, arguments, words):
    result = at_desk("run", *arguments, "--yes")
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.replace("│", " ").split())
