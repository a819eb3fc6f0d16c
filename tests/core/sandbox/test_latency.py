"""How long requests take, who waits for whom, and the budgets a benchmark runs with."""

import threading
from dataclasses import replace

import httpx
import pytest

from core.sandbox.__main__ import parser
from core.sandbox.delays import Delays
from core.sandbox.options import Latency
from core.sandbox.testing import running_board
from tests.core.sandbox.processes import processes

CREATE = 'mutation { create_item(board_id: 7000000001, item_name: "A") { id } }'
THREE = (
    'mutation { a: create_item(board_id: 7000000001, item_name: "A") { id }'
    ' b: create_item(board_id: 7000000001, item_name: "B") { id }'
    ' c: create_item(board_id: 7000000001, item_name: "C") { id } }'
)
TOKEN = "process-token"
LONGEST_WAIT = 30.0  # seconds
BENCHMARK = Latency(request_ms=80, mutation_ms=120, jitter_ms=40, seed=7)


class AskedDelays:
    """Notes what is asked for and lets nobody wait."""

    def __init__(self) -> None:
        self.asked: list[str | int] = []
        self.of_requests_asked, self.of_mutations_asked = threading.Semaphore(0), threading.Semaphore(0)

    def of_request(self) -> float:
        self.asked.append("request")
        self.of_requests_asked.release()
        return 0.0

    def of_mutations(self, count: int) -> float:
        self.asked.append(count)
        self.of_mutations_asked.release()
        return 0.0


@pytest.fixture
def start(tmp_path):
    with processes(tmp_path, TOKEN) as started:
        yield started


# What is drawn


def test_that_each_mutation_takes_its_own_time_and_a_request_a_fixed_one() -> None:
    delays = Delays(BENCHMARK)
    singles = [delays.of_mutations(1) for _ in range(1_000)]
    assert all(0.08 <= seconds <= 0.16 for seconds in singles)
    assert min(singles) < 0.082
    assert max(singles) > 0.158
    assert sum(singles) / 1_000 == pytest.approx(0.12, abs=0.003)
    assert [delays.of_request() for _ in range(2)] == [0.08, 0.08]
    assert delays.of_mutations(0) == 0.0


def test_that_many_mutations_take_the_sum_of_their_times() -> None:
    one_by_one, together = Delays(BENCHMARK), Delays(BENCHMARK)
    singles = [one_by_one.of_mutations(1) for _ in range(100)]
    assert together.of_mutations(100) == pytest.approx(sum(singles))
    assert len(set(singles)) == 100


def test_that_a_seed_fixes_the_row_of_times() -> None:
    def row(seed: int) -> list[float]:
        delays = Delays(replace(BENCHMARK, seed=seed))
        return [delays.of_mutations(count) for count in (1, 5, 1)]

    assert row(1) == row(1)
    assert row(1) != row(2)


def test_that_no_time_is_negative() -> None:
    delays = Delays(Latency(mutation_ms=1, jitter_ms=100))
    assert min(delays.of_mutations(1) for _ in range(100)) == 0.0


# Who waits


def test_that_a_request_waits_once_and_its_mutations_each(caller) -> None:
    asked = AskedDelays()
    caller.running.board._delays = asked
    caller.data(THREE)
    caller.data("{ me { id } }")
    assert asked.asked == ["request", 3, "request", 0]


def test_that_a_request_that_is_refused_as_a_whole_takes_no_time(caller) -> None:
    asked = AskedDelays()
    caller.running.board._delays = asked
    caller.ask("{ nonsense }")
    assert asked.asked == []


def test_that_the_requests_own_time_does_not_hold_the_board(caller) -> None:
    asked, released = AskedDelays(), threading.Event()
    caller.running.board._delays = asked
    caller.running.faults.add("delay", until=released)
    first, second = (threading.Thread(target=caller.send, args=(CREATE,)) for _ in range(2))
    first.start()
    assert asked.of_mutations_asked.acquire(timeout=LONGEST_WAIT)  # the first holds the board
    second.start()
    assert all(asked.of_requests_asked.acquire(timeout=LONGEST_WAIT) for _ in range(2))
    assert asked.asked == ["request", 1, "request"]
    released.set()
    first.join()
    second.join()
    assert asked.asked == ["request", 1, "request", 1]


def test_that_a_board_with_two_writers_lets_a_second_pass_the_first(options, caller_of) -> None:
    with running_board(replace(options, writers_per_board=2)) as board:
        caller, released = caller_of(board), threading.Event()
        board.faults.add("delay", until=released)
        first = threading.Thread(target=caller.send, args=(CREATE,))
        first.start()
        board.wait_until(lambda requests: len(requests) == 1)
        caller.data(CREATE)
        assert [request.finished for request in board.requests] == [None, 1]
        released.set()
        first.join()
        assert len(board.items("7000000001")) == 2


def test_that_a_board_without_writers_is_refused(options) -> None:
    with pytest.raises(ValueError, match="at least one writer, not 0"):
        replace(options, writers_per_board=0)


# As a benchmark starts it


def test_that_the_settings_of_a_benchmark_can_be_given(start) -> None:
    _, told = start(
        *("--plan", "pro", "--latency-request-ms", "1", "--latency-mutation-ms", "2"),
        *("--latency-jitter-ms", "1", "--latency-seed", "7", "--writers-per-board", "4"),
        *("--complexity-per-minute", "5000000", "--requests-per-minute", "100"),
        *("--concurrent-requests", "10", "--calls-per-day", "3", "--calls-spent", "2"),
    )
    headers = {"Authorization": TOKEN}
    answers = [httpx.post(told["url"], json={"query": CREATE}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].json()["errors"][0]["extensions"]["code"] == "DAILY_LIMIT_EXCEEDED"
    assert answers[0].headers["RateLimit-Policy"] == (
        '"minuteRate";q=100;w=60, "concurrency";q=10;qu="concurrent-requests",'
        ' "complexityMinute";q=5000000;w=60;qu="content-bytes"'
    )


def test_that_the_plan_pro_has_the_documented_budgets_of_a_personal_token(start) -> None:
    _, told = start("--plan", "pro")
    document = "{ platform_api { daily_limit { base total } } }"
    answer = httpx.post(told["url"], json={"query": document}, headers={"Authorization": TOKEN})
    assert answer.json()["data"]["platform_api"]["daily_limit"] == {"base": 10_000, "total": 10_000}
    assert answer.headers["RateLimit-Policy"] == (
        '"minuteRate";q=2500;w=60, "concurrency";q=100;qu="concurrent-requests",'
        ' "complexityMinute";q=10000000;w=60;qu="content-bytes"'
    )


def test_that_every_setting_says_what_it_is() -> None:
    undescribed = [action.dest for action in parser()._actions if not action.help]
    assert undescribed == []
