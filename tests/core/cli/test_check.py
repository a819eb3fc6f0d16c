"""`deltadesk check` and every way in which it, and then every other command, can find something wrong."""

import json
import socket

import pytest

from core.cli.check import print_data_check
from core.demo.testing import demo_desk
from core.workspace.data_check import DataCheck, NewLabels


def problem_of(result) -> dict:
    """The first problem in the JSON of a command, whether it is an error or a failed check."""
    told = json.loads(result.stdout)
    if "error" in told:
        return told["error"][0]
    return next(check["problem"] for check in told["checks"] if not check["ok"])


def test_a_sound_profile_passes_every_check(at_desk):
    result = at_desk("check", "--json")
    assert result.exit_code == 0
    checks = json.loads(result.stdout)
    assert checks["ok"]
    assert [check["name"] for check in checks["checks"]] == [
        "database",
        "api",
        "board",
        "subitems",
        "permissions",
        "mapping",
    ]


@pytest.fixture
def dead_address() -> str:
    """An address at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/v2"


@pytest.fixture
def make_wrong(desk, reconfigure, dead_address, monkeypatch, tmp_path):
    """Make one thing of the desk wrong, by name."""

    def token(value: str | None) -> None:
        if value is not None:
            monkeypatch.setenv("DESK_TOKEN", value)
        reconfigure("api_url =", 'token_source = "env:DESK_TOKEN"\napi_url =')

    nowhere = (tmp_path / "nowhere" / "orders.db").as_posix()
    ways = {
        "wrong token": lambda: token("not-the-token-of-this-board"),
        "no token": lambda: token(None),
        "odd token": lambda: token("tökén-with-ümlauts"),
        "api away": lambda: reconfigure(desk.board.url, dead_address),
        "api broken": lambda: desk.board.faults.add("status", status=503, times=None),
        "database away": lambda: reconfigure(desk.orders.as_posix(), nowhere),
        "no such table": lambda: reconfigure("api_url =", 'headers_table = "ORDER_LIST_DELTAS"\napi_url ='),
        "no such source column": lambda: reconfigure('"SMS PRICE USD"', '"SMS PRICE USDD"'),
        "no such board": lambda: reconfigure("api_url =", 'board_id = "999"\napi_url ='),
        "no such board column": lambda: reconfigure(
            "api_url =", 'column_ids = { text_handling = "text_handeling" }\napi_url ='
        ),
    }
    return lambda way: ways[way]()


WAYS = {
    # what is wrong: (exit code, a word of the message, a word of where, a word of what to do)
    "wrong token": (2, "refuses the token", "http://127.0.0.1", "Check the token"),
    "no token": (2, "DESK_TOKEN is not set", "env:DESK_TOKEN", "Set DESK_TOKEN"),
    "odd token": (2, "is not a token", "env:DESK_TOKEN", "Put the token there"),
    "api away": (3, "did not answer", "http://127.0.0.1", "Check the network"),
    "api broken": (3, "503", "http://127.0.0.1", "try later"),
    "database away": (3, "file does not exist", "nowhere/orders.db", "Check database_url"),
    "no such table": (2, "no table 'ORDER_LIST_DELTAS'", "headers_table", "Did you mean 'ORDER_LIST_DELTA'?"),
    "no such source column": (2, "no column 'SMS PRICE USDD'", ".source", "'SMS PRICE USD'?"),
    "no such board": (2, "board does not exist", "board 999", "Check board_id"),
    "no such board column": (2, "no column 'text_handeling'", ".column_ids.text_handling", "'text_handling'"),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_wrong_is_told_with_where_and_what_to_do(at_desk, make_wrong, way):
    code, what, where, remedy = WAYS[way]
    make_wrong(way)
    told = at_desk("check", "--json")
    problem = problem_of(told)
    assert told.exit_code == code
    assert what in problem["title"]
    assert where in problem["subject"]
    assert remedy in problem["remedy"]

    shown = at_desk("check")
    assert shown.exit_code == code
    assert what in shown.stderr
    assert "What to do:" in shown.stderr
    assert "Traceback" not in shown.output


@pytest.mark.parametrize("way", [way for way in WAYS if way != "no such board column"])
@pytest.mark.parametrize("command", ["run", "preview"])
def test_the_commands_that_need_it_end_the_same_way_and_send_nothing(desk, at_desk, make_wrong, way, command):
    code, what, _where, _remedy = WAYS[way]
    make_wrong(way)
    confirmed = ("--yes",) if command == "run" else ()
    result = at_desk(command, *confirmed)
    assert result.exit_code == code
    assert what in result.stderr
    assert "Traceback" not in result.output
    assert desk.mutations == []


def test_a_column_that_the_board_lacks_fails_every_order_of_a_run_and_sends_nothing(
    desk, at_desk, make_wrong
):
    make_wrong("no such board column")
    result = at_desk("run", "--yes", "--json", "--customer", "GREYSON CLOTHIERS")
    assert result.exit_code == 1
    assert {failure["code"] for failure in json.loads(result.stdout)["failures"]} == {"column_not_on_board"}
    assert desk.mutations == []


def test_a_secret_is_in_no_output_and_in_no_file(
    tmp_path_factory, demo_orders_database, invoke, data_home, monkeypatch
):
    secret = "a-very-secret-token-4711"
    folder = tmp_path_factory.mktemp("desk")
    monkeypatch.setenv("DESK_TOKEN", secret)
    toml = 'token_source = "env:DESK_TOKEN"'
    with demo_desk(folder, demo_orders_database, toml=toml, token=secret) as desk:
        place = ("--config", str(desk.configuration_file), "--profile", "practice")
        small = ("--customer", "ATELIER ÉTOILE", "--limit", "2")
        # The board repeats the token in an error, as a careless proxy might.
        desk.board.faults.add(
            "alias_error",
            operation="create_item",
            alias=0,
            code="ColumnValueException",
            message=f"for {secret}",
        )
        commands = [
            ("run", "--yes", *small),
            ("preview", *small, "--json"),
            ("check",),
            ("report", "--json"),
            ("orders", "--customer", "ATELIER ÉTOILE", "--json"),
            ("retry", "--yes", "--json"),
        ]
        for command in commands:
            result = invoke(*command, *place)
            assert result.exit_code in {0, 1}, result.stderr
            assert secret not in result.output
        desk.board.faults.add("status", status=401, body=f"token {secret} is not known", times=None)
        refused = invoke("run", "--yes", *place)
        assert refused.exit_code == 2
        assert secret not in refused.output
    files = [file for root in (data_home, folder) for file in root.rglob("*") if file.is_file()]
    assert len(files) >= 4
    assert (data_home / "logs" / "deltadesk.log") in files
    ours = [file for file in files if not file.name.startswith("board.db")]  # the board was told to say it
    assert [file for file in ours if secret.encode() in file.read_bytes()] == []


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (
            True,
            (
                "1 order and 1 line looked at, 1 line would be refused",
                "1 more line waits for an order",
                "1 label would be created in Style",
            ),
        ),
        (
            False,
            (
                "2 orders and 2 lines looked at, 2 lines would be refused",
                "2 more lines wait for an order",
                "2 labels would be created in Style",
            ),
        ),
    ],
)
def test_a_check_of_values_is_told_in_the_right_number(capsys, one, words):
    count = 1 if one else 2
    labels = (NewLabels("Style", count, ("A",)),)
    print_data_check(DataCheck(count, count, 0, count, count, (), labels))
    shown = capsys.readouterr().out
    assert all(part in shown for part in words)
