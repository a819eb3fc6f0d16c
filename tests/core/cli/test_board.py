"""`deltadesk board`: boards found, shown, compared and completed."""

import json

import httpx
import pytest

from core.demo.testing import ITEMS_BOARD, SUBITEMS_BOARD


@pytest.fixture
def bare_board(desk) -> str:
    """The id of a new board beside the demo's, with nothing but its name column."""
    document = 'mutation { create_board(board_name: "Orders 2027", board_kind: public, empty: true) { id } }'
    answer = httpx.post(
        desk.board.url, json={"query": document}, headers={"Authorization": desk.board.token}
    ).json()
    return str(answer["data"]["create_board"]["id"])


@pytest.fixture
def at_board(desk, invoke, bare_board):
    """Call a command of `deltadesk board`; beside the desk's own there is a production profile."""
    text = desk.configuration_file.read_text(encoding="utf-8")
    lines = [
        "[profiles.new]",
        'inherits = "practice"',
        'kind = "production"',
        'title = "New board"',
        f'board_id = "{bare_board}"',
        'database_url = "sqlite:///nowhere/orders.db"',
    ]
    desk.configuration_file.write_text("\n".join([text, *lines, ""]), encoding="utf-8")

    def call(command: str, *arguments: str, profile: str = "practice"):
        place = ("--config", str(desk.configuration_file), "--profile", profile)
        return invoke("board", command, *arguments, *place)

    return call


# --- list and columns


def test_boards_are_listed_with_the_profile_s_own_marked(at_board, bare_board):
    shown = at_board("list")
    assert shown.exit_code == 0
    assert "this profile's board" in shown.stdout
    assert "Orders 2027" in shown.stdout
    assert SUBITEMS_BOARD not in shown.stdout
    told = json.loads(at_board("list", "--search", "2027", "--json").stdout)
    assert told["boards"] == [
        {
            "id": bare_board,
            "name": "Orders 2027",
            "workspace": "Main workspace",
            "url": told["boards"][0]["url"],
            "of_profile": False,
        }
    ]


def test_a_search_without_result_says_so(at_board):
    shown = at_board("list", "--search", "nothing like it")
    assert shown.exit_code == 0
    assert "matches 'nothing like it'" in shown.stdout


def test_columns_are_shown_with_what_can_be_mapped(at_board):
    told = json.loads(at_board("columns", "--json").stdout)
    assert (told["id"], told["subitems_board_id"]) == (ITEMS_BOARD, SUBITEMS_BOARD)
    by_id = {column["id"]: column for column in told["items"]}
    assert by_id["dropdown_customer"]["writable"]
    assert "GREYSON CLOTHIERS" in by_id["dropdown_customer"]["labels"]
    assert not by_id["lookup_qty_ordered"]["writable"]
    assert "dropdown_size" in {column["id"] for column in told["subitems"]}
    shown = at_board("columns", "order list")
    assert shown.exit_code == 0
    assert "no, read-only" in shown.stdout


def test_a_board_without_subitems_says_so(at_board):
    assert "no subitems" in at_board("columns", "new").stdout


def test_a_board_that_is_not_there_is_told_with_what_to_do(at_board):
    refused = at_board("columns", "Odrers 2026")
    assert refused.exit_code == 2
    assert "No board is called 'Odrers 2026'" in refused.stderr
    assert "deltadesk board list" in refused.stderr
    unknown = at_board("columns", "123")
    assert unknown.exit_code == 2
    assert "does not exist" in unknown.stderr


# --- diff


def test_boards_that_are_the_same_end_with_0(at_board):
    same = at_board("diff", "practice", ITEMS_BOARD)
    assert same.exit_code == 0
    assert "Groups were not compared" in same.stdout


def test_boards_that_differ_end_with_1_and_say_how(at_board):
    shown = at_board("diff", "practice", "new")
    assert shown.exit_code == 1
    assert "missing on the right" in shown.stdout
    told = at_board("diff", "new", "practice", "--json")
    assert told.exit_code == 1
    differences = json.loads(told.stdout)["differences"]
    assert {
        "board": "items",
        "kind": "only_right",
        "title": "PO NUMBER",
        "left": "",
        "right": "text, text_po_number",
        "labels_missing_left": [],
        "labels_missing_right": [],
    } in differences


# --- setup


def test_a_dry_run_says_what_would_be_made_and_makes_nothing(desk, at_board, bare_board):
    shown = at_board("setup", "--like", "practice", "--dry-run", profile="new")
    assert shown.exit_code == 0
    assert "PO NUMBER" in shown.stdout
    assert "by hand" in shown.stdout
    told = json.loads(at_board("setup", "--like", "practice", "--dry-run", "--json", profile="new").stdout)
    assert {
        "board": "items",
        "title": "PO NUMBER",
        "type": "text",
        "id": "text_po_number",
        "labels": [],
        "settings": {},
        "note": "",
    } in told["create"]
    assert "QTY ORDERED" in {each["title"] for each in told["by_hand"]}
    assert [request for request in desk.mutations if "create_column" in str(request.fields)] == []
    assert len(json.loads(at_board("columns", bare_board, "--json").stdout)["items"]) == 1


def test_a_production_board_is_not_changed_unasked(desk, at_board, bare_board):
    refused = at_board("setup", "--like", "practice", profile="new")
    assert refused.exit_code == 2
    assert "--dry-run" in refused.stderr
    assert len(json.loads(at_board("columns", bare_board, "--json").stdout)["items"]) == 1


def test_a_production_board_is_brought_to_the_development_board_s_structure(desk, at_board):
    planned = json.loads(at_board("setup", "--like", "practice", "--dry-run", "--json", profile="new").stdout)
    made = at_board("setup", "--like", "practice", "--yes", "--json", profile="new")
    assert made.exit_code == 0
    report = json.loads(made.stdout)
    assert report["complete"]
    assert [(each["board"], each["title"], each["type"]) for each in report["made"]] == [
        (each["board"], each["title"], each["type"]) for each in planned["create"]
    ]
    text = desk.configuration_file.read_text(encoding="utf-8")
    block = "\n".join(["[profiles.new.column_ids]", *report["column_ids"], ""])
    desk.configuration_file.write_text(f"{text}\n{block}", encoding="utf-8")

    again = at_board("setup", "--like", "practice", "--yes", profile="new")
    assert again.exit_code == 0
    assert "lacks no column" in again.stdout
    kinds = {
        each["kind"]
        for each in json.loads(at_board("diff", "practice", "new", "--json").stdout)["differences"]
        if each["title"] not in {by_hand["title"] for by_hand in planned["by_hand"]}
    }
    # Beside what a person adds: ids that no rule names, and the columns a new subitems board brings along.
    assert kinds <= {"id", "only_right"}


def test_the_ids_to_paste_are_printed(at_board):
    shown = at_board("setup", "--yes", profile="new")
    assert shown.exit_code == 0
    assert "[profiles.new.column_ids]" in shown.stdout
    assert "columns are on the board now" in shown.stdout


def test_a_board_that_is_complete_is_told_as_such(desk, at_board):
    done = at_board("setup", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["create"] == []
    assert desk.mutations == [
        request for request in desk.mutations if "create_board" in [root.name for root in request.fields]
    ]


def test_a_refused_column_ends_with_1_and_what_to_do(desk, at_board):
    desk.board.faults.add(
        "alias_error",
        operation="create_dropdown_column",
        code="InvalidArgumentException",
        message="not this one",
        times=None,
    )
    shown = at_board("setup", "--yes", profile="new")
    assert shown.exit_code == 1
    assert "not this one" in shown.stderr
    assert "by hand" in shown.stderr


def test_a_setup_that_has_to_stop_ends_with_3(desk, at_board):
    desk.board.faults.add(
        "status",
        operation="create_column",
        status=429,
        body='{"errors":[{"message":"DAILY_LIMIT_EXCEEDED","extensions":{"code":"DAILY_LIMIT_EXCEEDED"}}]}',
        content_type="application/json",
        times=None,
    )
    shown = at_board("setup", "--yes", profile="new")
    assert shown.exit_code == 3
    assert "Not made:" in shown.stderr
    assert "deltadesk board setup again" in shown.stderr


# --- suggest


def test_suggestions_name_source_column_and_reason(desk, at_board):
    text = desk.configuration_file.read_text(encoding="utf-8")
    rule = """[[mappings.order_list.items]]
source = "PATTERN ID"
column = "text_pattern_id"
type = "text"
"""
    assert rule in text
    desk.configuration_file.write_text(text.replace(rule, ""), encoding="utf-8")
    told = json.loads(at_board("suggest", "--json").stdout)
    (pattern,) = [each for each in told["items"]["suggestions"] if each["source"] == "PATTERN ID"]
    assert pattern["column_id"] == "text_pattern_id"
    assert pattern["acceptable"]
    assert "FOB (AUD)" in {each["title"] for each in told["items"]["proposed_columns"]}
    shown = at_board("suggest")
    assert shown.exit_code == 0
    assert "the titles are the same" in shown.stdout
    assert "have no counterpart on the board" in shown.stdout


def test_nothing_to_suggest_is_said(at_board, desk, bare_board):
    text = desk.configuration_file.read_text(encoding="utf-8")
    lines = ["[profiles.empty]", 'inherits = "practice"', f'board_id = "{bare_board}"', ""]
    desk.configuration_file.write_text("\n".join([text, *lines]), encoding="utf-8")
    shown = at_board("suggest", profile="empty")
    assert shown.exit_code == 0
    assert "No board column without a rule" in shown.stdout
