"""`deltadesk undo`."""

import json
from types import SimpleNamespace

import pytest
import typer

from core.cli import undo
from core.demo.testing import ITEMS_BOARD

SMALL = ("--customer", "ATELIER ÉTOILE", "--limit", "3")


@pytest.fixture
def run_id(desk, at_desk) -> str:
    """A run that has made three items."""
    result = at_desk("run", *SMALL, "--yes", "--json")
    assert result.exit_code == 0, result.stderr
    desk.board.forget_requests()
    return json.loads(result.stdout)["run_id"]


@pytest.fixture
def kept_item(desk, run_id) -> str:
    """One of the three, renamed by hand."""
    item = desk.board.items(ITEMS_BOARD)[0]["id"]
    desk.board.board.read(
        lambda session: session.store.run("UPDATE item SET name = 'Renamed' WHERE id = ?", (int(item),))
    ).result()
    return item


def test_a_dry_run_lists_what_is_archived_and_what_is_kept_and_why_and_sends_nothing(
    desk, at_desk, run_id, kept_item
):
    result = at_desk("undo", run_id[:8], "--dry-run")
    assert result.exit_code == 1
    assert f"Undo of run {run_id[:8]}" in result.stdout
    assert "2 items with " in result.stdout
    assert "Changed by hand on the board: its name" in result.stdout
    assert "What to do:" in result.stdout
    listed = json.loads(at_desk("undo", run_id, "--dry-run", "--json").stdout)
    assert (listed["kind"], listed["undoes"], listed["requests"]) == ("undo", run_id, 1)
    assert (len(listed["archive"]), [order["code"] for order in listed["kept"]]) == (2, ["changed_by_hand"])
    assert kept_item not in [order["item_id"] for order in listed["archive"]]
    assert desk.mutations == []


def test_an_undo_is_reported_like_a_run_and_names_the_run_that_it_undid(desk, at_desk, run_id):
    result = at_desk("undo", run_id, "--yes", "--json")
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert (report["kind"], report["undoes"], report["orders"]["archived"]) == ("undo", run_id, 3)
    assert desk.board.items(ITEMS_BOARD) == []
    shown = at_desk("report", report["run_id"])
    assert f"Undo {report['run_id'][:8]} of run {run_id[:8]}" in shown.stdout
    assert " undo " in at_desk("report").stdout


def test_the_report_of_an_undo_names_each_order_that_it_kept(at_desk, run_id, kept_item):
    result = at_desk("undo", run_id, "--yes")
    assert result.exit_code == 1
    assert "Kept" in result.stdout
    assert "Changed by hand on the board: its name" in result.stdout


def test_a_second_undo_finds_everything_undone_and_ends_with_0(desk, at_desk, run_id):
    at_desk("undo", run_id, "--yes")
    desk.board.forget_requests()
    result = at_desk("undo", run_id)
    assert result.exit_code == 0, result.stderr
    assert desk.mutations == []
    assert "Archived by an earlier undo: 3 items" in at_desk("undo", run_id, "--dry-run").stdout


def test_an_undo_that_nobody_can_confirm_is_refused_with_2_and_archives_nothing(desk, at_desk, run_id):
    result = at_desk("undo", run_id)
    assert result.exit_code == 2
    assert "An undo must be confirmed" in result.stderr
    assert desk.mutations == []


@pytest.mark.parametrize(("answer", "archived"), [(False, 0), (True, 3)])
def test_the_question_says_how_much_and_where_and_no_leaves_everything(
    desk, at_desk, run_id, monkeypatch, answer, archived
):
    asked = []

    def confirm(question: str, **_options: object) -> bool:
        asked.append(question)
        return answer

    monkeypatch.setattr(undo, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    monkeypatch.setattr(typer, "confirm", confirm)
    result = at_desk("undo", run_id)
    assert result.exit_code == (0 if answer else 2)
    assert asked[0].startswith("Archive 3 items with ")
    assert " of the board '" in asked[0]
    assert len(desk.board.items(ITEMS_BOARD)) == 3 - archived


def test_an_unknown_run_is_refused_with_2_and_says_where_the_runs_are_listed(at_desk):
    result = at_desk("undo", "no-such-run", "--dry-run")
    assert result.exit_code == 2
    assert "deltadesk report lists the recent runs" in result.stderr


def test_the_report_and_the_list_say_that_a_run_was_undone_by_which_run_and_when(at_desk, run_id):
    undo_id = json.loads(at_desk("undo", run_id, "--yes", "--json").stdout)["run_id"]
    shown = at_desk("report", run_id).stdout
    assert f"Undone by run {undo_id[:8]} of 20" in shown
    assert "all 3 items are archived" in shown
    assert " undone " in at_desk("report").stdout
    told = json.loads(at_desk("report", run_id, "--json").stdout)["undone"]
    assert (told["made"], told["archived"], told["left"]) == (3, 3, 0)
    assert [by["run_id"] for by in told["by"]] == [undo_id]


def test_the_report_of_a_run_undone_in_part_counts_what_is_left_and_names_the_command_that_says_why(
    at_desk, run_id, kept_item
):
    at_desk("undo", run_id, "--yes")
    shown = at_desk("report", run_id).stdout
    assert "Undone in part by run " in shown
    assert "2 of 3 items are archived" in shown
    assert f"1 item not archived; why: deltadesk undo {run_id[:8]} --dry-run" in shown
    assert " partly " in at_desk("report").stdout


@pytest.fixture
def resumed(desk, at_desk) -> tuple[str, str]:
    """A run that made items only, and the run that resumed it."""
    desk.board.faults.add("rate_limit", operation="create_subitem", limit="daily", times=None)
    first = json.loads(at_desk("run", *SMALL, "--yes", "--json").stdout)["run_id"]
    desk.board.faults.clear()
    last = json.loads(at_desk("run", "--resume", "--yes", "--json").stdout)["run_id"]
    desk.board.forget_requests()
    return first, last


@pytest.mark.parametrize("named", [0, 1])
def test_an_undo_of_a_run_that_was_resumed_says_that_both_are_undone_whichever_is_named(
    desk, at_desk, resumed, named
):
    first, last = (run_id[:8] for run_id in resumed)
    result = at_desk("undo", resumed[named], "--dry-run")
    assert f"Undo of runs {first} and {last} on board" in result.stdout
    assert f"Run {first} was interrupted, and run {last} resumed it" in result.stderr
    assert desk.mutations == []
    done = at_desk("undo", resumed[named], "--yes")
    assert done.exit_code == 0, done.stderr
    assert f" of runs {first} and {last}" in done.stdout
    assert "undone together" in done.stderr
    assert desk.board.items(ITEMS_BOARD) == []


def test_in_json_the_runs_of_an_undo_are_told_too(at_desk, resumed):
    first, last = resumed
    listed = json.loads(at_desk("undo", first, "--dry-run", "--json").stdout)
    assert (listed["undoes"], listed["undoes_also"]) == (last, [first])
    report = json.loads(at_desk("undo", first, "--yes", "--json").stdout)
    assert (report["undoes"], report["undoes_also"]) == (last, [first])


def test_the_report_of_an_undone_run_that_ended_early_does_not_ask_for_more(at_desk, resumed):
    at_desk("undo", resumed[0], "--yes")
    shown = at_desk("report", resumed[0])
    assert f"Undone together with run {resumed[1][:8]}" in shown.stdout
    assert "The run ended early." in shown.stderr
    assert "What to do" not in shown.stderr
