"""A profile that leads elsewhere by plain keys of the file: another server, token, board, other tables."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from typer.testing import CliRunner

from core.cli.application import application
from core.demo.testing import ITEMS_BOARD
from core.resources import resource_path, shipped_configuration
from core.sandbox.options import SandboxOptions
from core.sandbox.testing import running_board

TOKEN = "another-account-s-token"
BOARD = "8123456789"


@pytest.fixture
def other_board(tmp_path):
    """Another server with another token, whose board has another number."""
    fixture = tmp_path / "boards.json"
    text = resource_path("boards", "orders.json").read_text(encoding="utf-8")
    fixture.write_text(text.replace(ITEMS_BOARD, BOARD), encoding="utf-8")
    options = SandboxOptions(state=tmp_path / "other.db", fixture=fixture, token=TOKEN)
    with running_board(options) as board:
        yield board


@pytest.fixture
def configuration(tmp_path, other_board, demo_orders_database):
    """The shipped configuration with one more profile; its tables have other names."""
    orders = tmp_path / "warehouse.db"
    shutil.copy(demo_orders_database, orders)
    file = tmp_path / "elsewhere.toml"
    profile = f"""
[profiles.elsewhere]
kind = "development"
api_url = "{other_board.url}"
token_source = "env:ELSEWHERE_TOKEN"
board_id = "{BOARD}"
database_url = "sqlite:///{orders.as_posix()}"
headers_table = "HEADERS OF TODAY"
lines_table = "LINES_∆"
mapping = "order_list"
"""
    file.write_text(shipped_configuration().read_text(encoding="utf-8") + profile, encoding="utf-8")
    with closing(sqlite3.connect(orders)) as connection:
        connection.execute('ALTER TABLE ORDER_LIST_DELTA RENAME TO "HEADERS OF TODAY"')
        connection.execute('ALTER TABLE ORDER_LIST_LINES_DELTA RENAME TO "LINES_∆"')
        connection.commit()
    return file


def test_a_profile_with_its_own_server_token_board_and_tables_runs_the_same(
    configuration, other_board, desk, monkeypatch
):
    monkeypatch.setenv("ELSEWHERE_TOKEN", TOKEN)
    arguments = ["run", "--config", str(configuration), "--profile", "elsewhere", "--yes", "--json"]
    result = CliRunner().invoke(application, [*arguments, "--customer", "GREYSON CLOTHIERS"])
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert (report["orders"]["created"], report["lines"]["created"]) == (69, 317)
    items = [item for item in other_board.items(BOARD) if item["parent_id"] is None]
    assert len(items) == 69
    assert desk.board.requests == []
    assert TOKEN not in result.stdout + result.stderr
