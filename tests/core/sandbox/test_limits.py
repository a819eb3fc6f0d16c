"""The limits of a plan, and how they are refused."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.sandbox.clock import StoppedClock
from core.sandbox.limits import Limits
from core.sandbox.plans import PLANS, Plan
from core.sandbox.testing import running_board

TINY = Plan(
    "tiny", calls_per_day=5, requests_per_minute=3, concurrent_requests=2, complexity_per_minute=25_000
)
CREATE = 'mutation { create_item(board_id: 7000000001, item_name: "A") { id } }'


@pytest.fixture
def serve(options, caller_of):
    """Serve a board with limits of the test's own."""

    def with_limits(**limits):
        return running_board(replace(options, limits=replace(PLANS["pro"], **limits)))

    return with_limits


def test_that_the_minute_limit_refuses_until_60_seconds_after_the_first_call(serve, caller_of) -> None:
    with serve(requests_per_minute=2) as board:
        caller = caller_of(board)
        assert caller.send("{ me { id } }").headers["RateLimit"].startswith('"minuteRate";r=1, ')
        board.advance(20)
        caller.send("{ me { id } }")
        refused = caller.send("{ me { id } }")
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "40"
        assert '"minuteRate";r=0;t=40' in refused.headers["RateLimit"]
        (error,) = refused.json()["errors"]
        assert error["extensions"]["retry_in_seconds"] == 40
        assert error["message"].startswith("Minute limit rate exceeded")
        board.advance(40)
        assert caller.send("{ me { id } }").status_code == 200


def test_that_a_running_request_counts_against_concurrency(serve, caller_of) -> None:
    with serve(concurrent_requests=1) as board:
        caller, released = caller_of(board), threading.Event()
        board.faults.add("delay", until=released)
        first = threading.Thread(target=caller.send, args=("{ me { id } }",))
        first.start()
        board.wait_until(lambda requests: len(requests) == 1)
        refused = caller.send("{ me { id } }")
        released.set()
        first.join()
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
        assert refused.json()["errors"][0]["extensions"]["code"] == "maxConcurrencyExceeded"
        assert caller.send("{ me { id } }").headers["RateLimit"].split(", ")[1] == '"concurrency";r=0'


def test_that_the_daily_limit_holds_until_midnight_utc(serve, caller_of) -> None:
    with serve(calls_per_day=2) as board:
        caller = caller_of(board)
        board.spend_daily_calls(1)
        assert caller.send("{ me { id } }").status_code == 200
        refused = caller.send("{ me { id } }")
        assert refused.status_code == 429
        assert refused.json()["errors"][0]["extensions"]["code"] == "DAILY_LIMIT_EXCEEDED"
        assert refused.headers["Retry-After"] == str(12 * 3_600)
        board.advance(12 * 3_600)
        assert caller.send("{ me { id } }").status_code == 200


def test_that_the_account_tells_the_calls_of_today_this_one_included(serve, caller_of) -> None:
    document = (
        "{ platform_api { daily_limit { total } daily_analytics { last_updated by_day { day usage } } } }"
    )

    def told(board) -> dict:
        return caller_of(board).send(document).json()["data"]["platform_api"]

    with serve(calls_per_day=100) as board:
        caller_of(board).send("{ me { id } }")
        board.spend_daily_calls(40)
        first = told(board)
        assert first["daily_limit"] == {"total": 100}
        (today,) = first["daily_analytics"]["by_day"]
        assert today == {"day": first["daily_analytics"]["last_updated"][:10], "usage": 42}
        board.advance(12 * 3_600)
        (tomorrow,) = told(board)["daily_analytics"]["by_day"]
        assert tomorrow["usage"] == 1
        assert tomorrow["day"] > today["day"]


def test_that_refused_requests_and_questions_for_complexity_cost_a_tenth_of_a_call() -> None:
    limits = Limits(replace(TINY, requests_per_minute=1), StoppedClock(datetime(2026, 11, 22, tzinfo=UTC)))
    assert limits.admit("id", is_cheap=True) is None
    assert limits.admit("id") is not None
    assert limits.daily_use() == {"day": "2026-11-22", "tenths": 2}


def test_that_the_days_calls_survive_a_restart_on_the_same_day(options, caller_of) -> None:
    tight = replace(options, limits=replace(PLANS["pro"], calls_per_day=1))
    with running_board(tight) as board:
        assert caller_of(board).send("{ me { id } }").status_code == 200
    with running_board(tight) as board:
        assert caller_of(board).send("{ me { id } }").status_code == 429


def test_that_the_complexity_budget_empties_and_comes_back(serve, caller_of) -> None:
    with serve(complexity_per_minute=15_000) as board:
        caller = caller_of(board)
        paid = caller.send(CREATE)
        assert '"complexityMinute";r=4989;t=60' in paid.headers["RateLimit"]
        refused = caller.send(CREATE)
        assert refused.status_code == 429
        assert refused.json()["errors"][0]["extensions"] == {
            "code": "COMPLEXITY_BUDGET_EXHAUSTED",
            "status_code": 429,
            "retry_in_seconds": 60,
        }
        assert "data" not in refused.json()
        assert len(board.items("7000000001")) == 1
        board.advance(60)
        assert caller.send(CREATE).status_code == 200


def test_that_one_query_may_not_exceed_its_own_maximum(serve, caller_of) -> None:
    with serve(complexity_per_query=15_000) as board:
        document = CREATE.replace("create_item", "a: create_item")[:-2]
        answer = caller_of(board).send(
            document + document.replace("mutation {", "").replace("a:", "b:") + "}"
        )
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "REQUEST_MAX_COMPLEXITY_EXCEEDED"
        assert "Retry-After" not in answer.headers
        assert board.items("7000000001") == []


def test_that_complexity_can_be_asked_for_in_any_request(caller) -> None:
    answer = caller.data("{ complexity { query before after reset_in_x_seconds } me { id } }")["complexity"]
    assert answer["before"] == 10_000_000
    assert answer["after"] == answer["before"] - answer["query"]
    assert answer["query"] == 11


def test_that_what_a_list_did_not_return_and_what_failed_is_given_back(caller) -> None:
    full = caller.send("{ boards(ids: [7000000001]) { items_page(limit: 500) { items { id name } } } }")
    assert int(full.headers["RateLimit"].split("r=")[-1].split(";")[0]) > 9_999_900
    caller.running.advance(60)
    failed = caller.send('mutation { create_item(board_id: 7000000001, item_name: "") { id } }')
    assert '"complexityMinute";r=9999000;t=60' in failed.headers["RateLimit"]


@pytest.mark.parametrize(
    ("plan", "policy"),
    [
        (
            "free",
            (
                '"minuteRate";q=1000;w=60, "concurrency";q=40;qu="concurrent-requests",'
                ' "complexityMinute";q=1000000;w=60;qu="content-bytes"'
            ),
        ),
        (
            "enterprise",
            (
                '"minuteRate";q=5000;w=60, "concurrency";q=250;qu="concurrent-requests",'
                ' "complexityMinute";q=10000000;w=60;qu="content-bytes"'
            ),
        ),
    ],
)
def test_that_a_plans_limits_are_told_in_the_policy_header(plan, policy) -> None:
    limits = Limits(PLANS[plan], StoppedClock(datetime(2026, 11, 22, tzinfo=UTC)))
    assert limits.headers()["RateLimit-Policy"] == policy
