"""What is printed: reports with their ends, and secrets nowhere."""

import json
from datetime import UTC, datetime

import pytest

from core.cli.output import print_error, print_json, print_problem, print_report
from core.errors import ConfigurationError, Problem
from core.redaction import remember_secret
from core.sync.report import ApiUse, Counts, RunReport, Withheld

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = "a-token-that-nobody-may-see"
PROBLEM = Problem("code", f"Refused {SECRET} [bold]", "the [API] :key:", "Do [this].", "request-1")


def make_report(**fields) -> RunReport:
    defaults = {"orders": Counts(), "lines": Counts(), "customers": (), "failures": (), "api": ApiUse()}
    return RunReport("run-1234567", "demo", False, NOON, NOON, seconds=1.0, **{**defaults, **fields})


@pytest.fixture(autouse=True)
def _secret():
    remember_secret(SECRET)


def test_json_is_one_object_with_secrets_masked(capsys):
    print_json({"token": SECRET, "nested": [SECRET], "word": "ÉTOILE"})
    output = capsys.readouterr().out
    assert SECRET not in output
    assert json.loads(output)["word"] == "ÉTOILE"


def test_a_problem_is_shown_word_for_word_but_for_secrets(capsys):
    print_problem(PROBLEM)
    shown = capsys.readouterr().err
    assert SECRET not in shown
    for words in ("[bold]", "the [API] :key:", "What to do: Do [this].", "request request-1"):
        assert words in shown


def test_an_error_tells_all_its_problems_and_in_json_its_exit_code(capsys):
    error = ConfigurationError(PROBLEM, Problem("other", "And this", "there", "Do that."))
    print_error(error, as_json=False)
    shown = capsys.readouterr().err
    assert "Do [this]." in shown
    assert "And this" in shown
    print_error(error, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert ([problem["code"] for problem in told["error"]], told["exit_code"]) == (["code", "other"], 2)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"cancelled": True}, "What was not started stays pending"),
        ({"unresolved": 3}, "3 records are in ERROR from earlier runs: deltadesk retry"),
        ({"unresolved": 1}, "1 record is in ERROR from earlier runs: deltadesk retry"),
        ({"left_alone": 2}, "2 orders or lines were left alone"),
        ({"left_alone": 1}, "1 order or line was left alone: a request with it may"),
        ({"withheld": (Withheld(1, "Another run has it", "Wait."),)}, "1 order was not touched: Another"),
        ({"groups_created": 1}, "1.0 s, 1 new group\n"),
        ({"api": ApiUse(0)}, "\n0 API calls, 0 refused by a limit, 0 points of complexity, "),
        ({"api": ApiUse(1, complexity=1)}, "\n1 API call, 0 refused by a limit, 1 point of complexity, "),
        ({"api": ApiUse(7, calls_before=3)}, "\n7 API calls, 3 of them to look first, 0 refused"),
        ({"api": ApiUse(3, calls_before=3)}, "\n3 API calls, all 3 to look first, 0 refused"),
        ({"api": ApiUse(3, 0, 0, 1, 10_000)}, "1 of today's 10,000 calls is left"),
        ({"dry_run": True}, "dry run, nothing was sent"),
    ],
)
def test_the_end_of_a_report_says_what_is_left_to_do(capsys, fields, words):
    dry = fields.pop("dry_run", False)
    report = make_report(**fields)
    print_report(report if not dry else RunReport(**{**slots_of(report), "dry_run": True}))
    assert words in capsys.readouterr().out


def slots_of(report) -> dict:
    return {name: getattr(report, name) for name in report.__slots__}


def test_a_run_that_had_to_stop_says_why_on_standard_error(capsys):
    print_report(make_report(stopped=PROBLEM))
    shown = capsys.readouterr().err
    assert "The run ended early." in shown
    assert "Do [this]." in shown


def test_totals_that_do_not_balance_are_loud(capsys):
    print_report(make_report(orders=Counts(selected=2, created=1)))
    assert "do not balance" in capsys.readouterr().err
