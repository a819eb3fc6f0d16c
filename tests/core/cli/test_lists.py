"""`deltadesk orders` and `deltadesk report`."""

import json
import os
import re
import subprocess
import sys
from contextlib import suppress

import pytest

SMALL = ("--customer", "ATELIER ÉTOILE", "--limit", "3")


def test_pending_orders_are_counted_by_customer(at_desk):
    listed = json.loads(at_desk("orders", "--json").stdout)
    counts = {entry["customer"]: (entry["orders"], entry["lines"]) for entry in listed["customers"]}
    assert counts["GREYSON CLOTHIERS"] == (69, 317)
    assert (listed["orders"], len(counts)) == (469, 9)


def test_what_was_pushed_is_no_longer_pending(at_desk):
    at_desk("run", *SMALL, "--yes")
    listed = json.loads(at_desk("orders", "--json").stdout)
    assert listed["orders"] == 466


def test_the_orders_of_a_customer_come_with_their_state(at_desk):
    at_desk("run", *SMALL, "--yes")
    listed = json.loads(at_desk("orders", "--customer", "ATELIER ÉTOILE", "--json").stdout)
    states = [order["state"] for order in listed["orders"]]
    assert (len(states), states.count("SYNCED"), states.count("NEW")) == (38, 3, 35)
    assert listed["orders"][0]["cells"]["PO NUMBER"]


def test_the_orders_of_several_customers_are_all_listed(at_desk):
    both = ("--customer", "ATELIER ÉTOILE", "--customer", "GREYSON CLOTHIERS")
    listed = json.loads(at_desk("orders", *both, "--json").stdout)
    customers = [order["customer"] for order in listed["orders"]]
    assert (customers.count("ATELIER ÉTOILE"), customers.count("GREYSON CLOTHIERS")) == (38, 69)


def test_the_tables_for_people_hold_every_customer_and_every_order(at_desk):
    customers = at_desk("orders").stdout
    assert "469 pending orders with 2,932 lines of 9 customers" in customers
    orders = at_desk("orders", "--customer", "GREYSON CLOTHIERS").stdout
    assert orders.count("AAG-") >= 69


@pytest.fixture
def on_a_terminal(desk):
    """What `deltadesk` shows at the desk on a terminal of 80 columns, without colours."""

    def run(*arguments: str) -> list[str]:
        here, terminal = os.openpty()
        place = ("--config", str(desk.configuration_file), "--profile", "practice")
        process = subprocess.Popen(
            [sys.executable, "-c", "from core.cli import main; main()", *arguments, *place],
            env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
            stdin=subprocess.DEVNULL,
            stdout=terminal,
        )
        os.close(terminal)
        shown = b""
        with os.fdopen(here, "rb", buffering=0) as screen, suppress(OSError):  # EIO: the last writer is gone
            while some := screen.read(65536):
                shown += some
        assert process.wait(60) == 0
        return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).split("\r\n")

    return run


def test_on_80_columns_orders_are_whole_and_what_has_no_room_is_named(on_a_terminal):
    lines = on_a_terminal("orders", "--customer", "GREYSON CLOTHIERS")
    assert max(map(len, lines[:70])) <= 80
    assert lines[0].split()[0] == "Order"
    assert {line.split()[0][:4] for line in lines[1:70]} == {"AAG-"}
    assert {"Lines", "State", "Message"} <= set(lines[0].split())
    assert next(line for line in lines if "No room here for: " in line).endswith(". All of it: --json")


def test_on_80_columns_each_run_and_each_customer_has_one_line(on_a_terminal, two_runs):
    reports = on_a_terminal("report")
    assert [line.split()[0] for line in reports[1:3]] == [run[:8] for run in two_runs]
    assert max(map(len, reports)) <= 80
    customers = on_a_terminal("orders")
    assert len(customers[1:10]) == customers.index("") - 1 == 9
    assert max(map(len, customers)) <= 80


def test_what_goes_into_a_pipe_has_every_column_and_an_order_a_line(at_desk, desk):
    names = desk.configuration.profiles["practice"].display_columns
    lines = at_desk("orders", "--customer", "GREYSON CLOTHIERS").stdout.splitlines()
    assert all(name in lines[0] for name in names)
    assert len(lines) == 1 + 69
    assert "No room" not in "".join(lines)


@pytest.fixture
def two_runs(at_desk):
    """The ids of two runs, newest first."""
    ids = [json.loads(at_desk("run", *SMALL, "--yes", "--json").stdout)["run_id"] for _ in range(2)]
    return ids[::-1]


def test_recent_runs_are_listed_newest_first(at_desk, two_runs):
    listed = json.loads(at_desk("report", "--json").stdout)
    assert [run["run_id"] for run in listed["runs"]] == two_runs
    assert two_runs[0][:8] in at_desk("report").stdout


def test_a_run_s_report_is_found_by_the_beginning_of_its_id(at_desk, two_runs):
    result = at_desk("report", two_runs[1][:8], "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["run_id"] == two_runs[1]
    assert "ATELIER ÉTOILE" in at_desk("report", two_runs[1]).stdout


def test_a_run_that_nobody_made_is_told_with_what_to_do(at_desk):
    result = at_desk("report", "ffffffff-none")
    assert result.exit_code == 2
    assert "There is no run with this id" in result.stderr
    assert "deltadesk report lists the recent runs" in result.stderr


def test_without_a_run_the_list_says_how_to_make_one(at_desk):
    result = at_desk("report")
    assert (result.exit_code, "deltadesk run" in result.stdout) == (0, True)
