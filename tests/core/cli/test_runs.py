"""`deltadesk run` and `deltadesk retry`."""

import json
import os
import signal
import subprocess
import sys

import pytest

from core.demo.data_wrong import WRONG_ON_PURPOSE

SMALL = ("--customer", "ATELIER ÉTOILE", "--limit", "3")
REPORT_KEYS = {
    "run_id": str,
    "profile": str,
    "dry_run": bool,
    "orders": dict,
    "lines": dict,
    "customers": list,
    "failures": list,
    "api": dict,
    "seconds": float,
}
COUNT_KEYS = {"selected", "created", "changed", "archived", "failed", "skipped", "unknown", "not_started"}


@pytest.fixture
def start_run(desk):
    """Start `deltadesk run` at the desk as a process of its own."""

    def start(*arguments: str, stdin) -> subprocess.Popen:
        command = [sys.executable, "-c", "from core.cli import main; main()", "run", *arguments]
        return subprocess.Popen(
            [*command, "--config", str(desk.configuration_file), "--profile", "practice"],
            env=os.environ.copy(),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def test_a_run_ends_with_0_and_its_report_has_the_documented_keys(desk, at_desk):
    result = at_desk("run", *SMALL, "--yes", "--json")
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    for key, kind in REPORT_KEYS.items():
        assert isinstance(report[key], kind), key
    assert set(report["orders"]) >= COUNT_KEYS
    assert set(report["orders"]) == set(report["lines"])
    assert (report["orders"]["created"], report["profile"], report["dry_run"]) == (3, "practice", False)
    assert {"calls", "rejected", "complexity"} <= set(report["api"])
    assert len(desk.mutations) == 3
    assert [customer["customer"] for customer in report["customers"]] == ["ATELIER ÉTOILE"]


@pytest.mark.parametrize("arguments", [("--yes",), ("--dry-run",), ("--share", "--portion", "2", "--yes")])
def test_a_report_tells_every_call_that_the_board_counts_those_to_look_first_apart(desk, at_desk, arguments):
    api = json.loads(at_desk("run", *SMALL, *arguments, "--json").stdout)["api"]
    assert api["calls"] == desk.board.board.limits.calls_today == len(desk.board.requests)
    assert api["calls_before"] == api["calls"] - len(desk.mutations)
    assert api["calls_left_today"] == 10_000 - api["calls"]


def test_a_run_with_nothing_to_send_tells_the_calls_that_it_made_to_look(desk, at_desk):
    at_desk("run", "--customer", "ATELIER ÉTOILE", "--yes")
    before = desk.board.board.limits.calls_today
    shown = at_desk("run", "--customer", "ATELIER ÉTOILE", "--yes").stdout
    assert desk.board.board.limits.calls_today - before == 3
    assert "3 API calls, all 3 to look first, 0 refused by a limit" in shown


def test_a_run_with_failures_ends_with_1_and_names_each_and_the_next_one_counts_them(desk, at_desk):
    customers = ("ATELIER ÉTOILE", "LINDEN & LOOM", "SUMMERSALT")
    chosen = [word for customer in customers for word in ("--customer", customer)]
    wrong_keys = {wrong.key for wrong in WRONG_ON_PURPOSE if wrong.customer in customers}
    result = at_desk("run", *chosen, "--yes", "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    failures = {failure["key"]: failure for failure in report["failures"]}
    assert set(failures) == wrong_keys
    for failure in failures.values():
        assert {"kind", "key", "code", "message", "remedy"} <= set(failure)
        assert all(failure[name] for name in ("kind", "key", "code", "message", "remedy"))
    assert report["balanced"]

    # The same again has nothing to send: an alert has been given, and what is still wrong is said.
    desk.board.forget_requests()
    again = at_desk("run", *chosen, "--yes")
    assert again.exit_code == 0
    assert "2 records are in ERROR from earlier runs: deltadesk retry" in again.stdout
    assert desk.mutations == []


def test_the_report_for_people_holds_totals_customers_and_what_to_do(at_desk):
    result = at_desk("run", "--yes", "--customer", "SUMMERSALT")
    assert result.exit_code == 1
    for words in ("Selected", "SUMMERSALT", "Cut & Sew", "What to do:", "API calls", "1 new group"):
        assert words in result.stdout


def test_a_live_run_that_nobody_can_confirm_is_refused_with_2_and_sends_nothing(desk, at_desk):
    result = at_desk("run", *SMALL)
    assert result.exit_code == 2
    assert "must be confirmed" in result.stderr
    assert "--yes" in result.stderr
    assert desk.mutations == []


@pytest.fixture
def answering(start_run):
    """`deltadesk run` with a person at its terminal who gives one answer; returns exit code and errors."""

    def run(answer: str, *arguments: str) -> tuple[int, str]:
        here, terminal = os.openpty()
        try:
            process = start_run(*arguments, stdin=terminal)
            os.write(here, f"{answer}\n".encode())
            _output, errors = process.communicate(timeout=60)
        finally:
            os.close(here)
            os.close(terminal)
        return process.returncode, errors

    return run


@pytest.mark.parametrize(("answer", "code", "sent"), [("n", 2, 0), ("y", 0, 3)])
def test_at_a_terminal_the_push_is_asked_for_with_what_it_will_do(answering, desk, answer, code, sent):
    returned, errors = answering(answer, *SMALL)
    assert returned == code, errors
    assert "Push 3 orders with 3 lines of ATELIER ÉTOILE to the board 'Order list' (Practice)?" in errors
    assert ("Nothing was sent." in errors) == (sent == 0)
    assert len(desk.mutations) == sent


@pytest.mark.parametrize(
    ("chosen", "asked"),
    [
        (("--customer", "ATELIER ÉTOILE"), "Push 38 orders with "),
        (("--customer", "ATELIER ÉTOILE"), " lines of ATELIER ÉTOILE to the board (Practice)?"),
        (SMALL, "Push at most 3 of 38 orders of ATELIER ÉTOILE to the board (Practice)?"),
        ((), "Push 469 orders with 2,9"),
        ((), " of 9 customers (COPPER RIDGE DENIM 34, "),
        ((), ", 4 more)"),
    ],
)
def test_beside_other_workers_the_question_names_customers_and_counts(answering, desk, chosen, asked):
    returned, errors = answering("n", "--share", *chosen)
    assert (returned, "Nothing was sent." in errors) == (2, True)
    assert asked in errors
    assert desk.mutations == []


def test_beside_other_workers_nothing_is_asked_where_nothing_is_pending(desk, at_desk):
    desk.rows("UPDATE ORDER_LIST_DELTA SET sync_state = 'SYNCED'")
    desk.rows("UPDATE ORDER_LIST_LINES_DELTA SET sync_state = 'SYNCED'")
    result = at_desk("run", "--share", "--json")
    assert (result.exit_code, json.loads(result.stdout)["orders"]["selected"]) == (0, 0)


@pytest.mark.parametrize(("size", "portions"), [((), [5]), (("--portion", "2"), [2, 2, 1])])
def test_a_limit_is_what_a_worker_sends_in_all_whatever_it_takes_at_once(desk, at_desk, size, portions):
    some = ("--customer", "ATELIER ÉTOILE", "--limit", "5")
    result = at_desk("run", "--share", *some, *size, "--yes", "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["orders"]["created"] == len(desk.items_by_key()) == 5
    kept = desk.rows("SELECT report FROM deltadesk_run ORDER BY started_at")
    assert [json.loads(row["report"])["orders"]["selected"] for row in kept] == portions


def test_a_portion_without_a_shared_queue_is_refused(desk, at_desk):
    result = at_desk("run", "--portion", "5", "--yes")
    assert result.exit_code == 2
    assert "add --share" in " ".join(result.stderr.replace("│", " ").split())
    assert desk.mutations == []


def test_a_rehearsal_needs_no_confirmation_sends_nothing_and_says_so(desk, at_desk):
    result = at_desk("run", *SMALL, "--dry-run")
    assert result.exit_code == 0
    assert "dry run, nothing was sent" in result.stdout
    assert desk.mutations == []


def test_a_rehearsal_says_how_many_calls_the_run_needs_and_how_many_are_left_today(desk, at_desk):
    shown = at_desk("run", *SMALL, "--dry-run").stdout
    assert "The run needs 3 calls; 9,997 of 10,000 are left today." in shown
    report = json.loads(at_desk("run", *SMALL, "--dry-run", "--json").stdout)
    assert report["forecast"]["calls"] == 3
    assert report["forecast"]["calls_left_today"] == 10_000 - desk.board.board.limits.calls_today
    assert report["records_per_minute"] is None


def test_the_report_tells_pace_and_what_is_left_of_the_days_calls(desk, at_desk):
    report = json.loads(at_desk("run", *SMALL, "--yes", "--json").stdout)
    assert report["records_per_minute"] > 0
    assert report["api"]["calls_left_today"] == 10_000 - desk.board.board.limits.calls_today
    assert report["api"]["calls_a_day"] == 10_000


def test_a_run_that_needs_more_calls_than_are_left_is_warned_of_stops_and_says_when_to_go_on(desk, at_desk):
    desk.board.spend_daily_calls(8_996)
    result = at_desk("run", *SMALL, "--yes")
    assert result.exit_code == 3
    assert "DeltaDesk may make 1 more today" in result.stderr
    assert "The calls that DeltaDesk may make today are spent" in result.stderr
    assert "deltadesk run --resume" in result.stderr
    assert len(desk.mutations) == 1


def test_retry_sends_only_what_was_repaired_and_nothing_twice(desk, at_desk):
    wrong = next(row for row in WRONG_ON_PURPOSE if row.customer == "SUMMERSALT")
    assert at_desk("run", "--yes", "--customer", "SUMMERSALT").exit_code == 1
    desk.rows(
        f'UPDATE ORDER_LIST_DELTA SET "{wrong.column}" = ? WHERE record_uuid = ?', wrong.good_value, wrong.key
    )
    desk.board.forget_requests()
    result = at_desk("retry", "--yes", "--order", wrong.key, "--json")
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert (report["orders"]["selected"], report["orders"]["created"]) == (1, 1)
    assert all(len(found) == 1 for found in desk.items_by_key().values())


def test_retry_of_an_order_that_is_not_in_error_is_refused_with_2(desk, at_desk):
    result = at_desk("retry", "--yes", "--order", "no-such-order")
    assert result.exit_code == 2
    assert "No order in ERROR has the record_uuid 'no-such-order'" in result.stderr
    assert desk.mutations == []


def test_retry_with_nothing_in_error_has_nothing_to_do(desk, at_desk):
    result = at_desk("retry", "--yes", "--json", "--customer", "GREYSON CLOTHIERS")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["orders"]["selected"] == 0
    assert desk.mutations == []


def test_a_run_that_has_to_stop_ends_with_3_and_says_why(desk, at_desk):
    desk.board.faults.add("rate_limit", operation="create_item", limit="daily", times=None)
    result = at_desk("run", *SMALL, "--yes")
    assert result.exit_code == 3
    assert "The run ended early" in result.stderr
    assert "00:00 UTC" in result.stderr


def test_ctrl_c_ends_a_run_between_requests_and_keeps_the_rest_pending(start_run, desk):
    slow = desk.board.faults.add("delay", operation="create_item", seconds=1.0)
    process = start_run(*SMALL, "--yes", stdin=subprocess.DEVNULL)
    desk.board.wait_until(lambda requests: any(slow.fits(request) for request in requests))
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Stopping after the requests under way" in errors
    assert "What was not started stays pending" in output
    assert len(desk.items_by_key()) == 3
    assert len(desk.subitems_by_key()) == 0
    states = {row["sync_state"] for row in desk.rows("SELECT sync_state FROM ORDER_LIST_LINES_DELTA")}
    assert states == {"PENDING"}
