"""The governor: it believes the server, and invents no waiting of its own."""

import asyncio

import pytest

from core.monday.limits import FIRST_GUESS_PER_OPERATION, BudgetState, Governor, Hold
from core.monday.rate_headers import Budget, parse_rate_headers


class Clock:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def governor(clock: Clock) -> Governor:
    return Governor(clock)


def complexity(after: int, *, reset: float = 40, query: int = 0) -> dict[str, float]:
    return {"before": after + query, "query": query, "after": after, "reset_in_x_seconds": reset}


def test_where_nothing_is_known_nothing_is_held_back(governor):
    assert [governor.admit(100) for _ in range(50)] == [None] * 50
    assert governor.state == BudgetState()


def test_a_request_waits_for_the_reset_when_the_budget_is_too_small_for_it(governor, clock):
    governor.observe({}, complexity(10 * FIRST_GUESS_PER_OPERATION, reset=40), 0)
    assert governor.admit(11) == Hold(40, "waiting for the minute's complexity budget")
    assert governor.admit(10) is None
    clock.seconds += 39
    governor.release(10)
    assert governor.admit(11) == Hold(1, "waiting for the minute's complexity budget")
    clock.seconds += 1
    assert governor.admit(11) is None


def test_operations_under_way_count_until_their_answers_come(governor):
    governor.observe({}, complexity(10 * FIRST_GUESS_PER_OPERATION), 0)
    assert governor.admit(6) is None
    assert governor.admit(5) is not None
    assert governor.admit(4) is None
    governor.release(6)
    assert governor.admit(5) is None


def test_a_held_request_does_not_count_as_under_way(governor):
    governor.observe({}, complexity(10 * FIRST_GUESS_PER_OPERATION), 0)
    assert governor.admit(11) is not None
    assert governor.admit(10) is None


def test_the_dearest_operation_seen_is_expected_of_the_next_one(governor):
    governor.observe({}, complexity(1_000_000, query=300_000), 10)
    assert governor.admit(34) is not None
    assert governor.admit(33) is None
    governor.release(33)
    governor.observe({}, complexity(1_000_000, query=1_000), 10)
    assert governor.admit(34) is not None


def test_the_header_tells_what_is_left_where_no_complexity_was_asked(governor):
    governor.observe(parse_rate_headers(None, '"complexityMinute";r=15000;t=41'), None, 0)
    assert governor.admit(2) == Hold(41, "waiting for the minute's complexity budget")
    assert governor.admit(1) is None


def test_the_complexity_field_goes_before_the_header(governor):
    governor.observe(parse_rate_headers(None, '"complexityMinute";r=0;t=41'), complexity(50_000, reset=12), 1)
    assert governor.state.complexity_left == 50_000
    assert governor.state.complexity_reset_seconds == 12


def test_a_rest_without_a_reset_holds_nothing_back(governor):
    governor.observe(parse_rate_headers(None, '"complexityMinute";r=15000'), None, 0)
    assert governor.admit(50) is None


@pytest.mark.parametrize(
    ("policy", "state", "seconds"),
    [
        (None, '"minuteRate";r=0;t=17', 17),
        ('"minuteRate";q=1000;w=60', '"minuteRate";r=0', 60),
        (None, '"complexityMinute";r=0;t=9', 9),
        ('"complexityMinute";q=1;w=60', '"complexityMinute";r=0', 60),
        (None, '"concurrency";r=0;t=3', 3),
    ],
)
def test_with_nothing_left_all_requests_wait_for_the_reset_or_a_window(
    policy, state, seconds, governor, clock
):
    governor.observe(parse_rate_headers(policy, state), None, 0)
    hold = governor.admit(1)
    assert hold is not None
    assert hold.seconds == seconds
    assert hold.reason.startswith("waiting for the ")
    clock.seconds += seconds
    assert governor.admit(1) is None


@pytest.mark.parametrize("state", ['"minuteRate";r=0;t=0', '"concurrency";r=0', '"minuteRate";r=1'])
def test_a_reset_now_or_at_no_known_time_holds_nothing_back(state, governor):
    governor.observe(parse_rate_headers(None, state), None, 0)
    assert governor.admit(1) is None


def test_a_block_holds_everything_until_it_ends_and_a_shorter_one_does_not_shorten_it(governor, clock):
    governor.block(30, "the server asked for it")
    governor.block(5, "a shorter one")
    assert governor.admit(1) == Hold(30, "the server asked for it")
    clock.seconds += 30
    assert governor.admit(1) is None


def test_the_state_tells_what_is_left_of_each_budget(governor, clock):
    policy = '"minuteRate";q=1000;w=60, "concurrency";q=40, "complexityMinute";q=10000000;w=60'
    state = '"minuteRate";r=997, "concurrency";r=39, "complexityMinute";r=9988000;t=41'
    governor.observe(parse_rate_headers(policy, state), None, 0)
    clock.seconds += 40
    assert governor.state == BudgetState(9_988_000, 10_000_000, 1.0, 997, 1000, 39, 40)
    clock.seconds += 40
    assert governor.state.complexity_reset_seconds == 0.0


def test_an_answer_without_headers_leaves_what_is_known(governor):
    governor.observe({"minuteRate": Budget(quota=1000, left=5)}, None, 0)
    governor.observe({}, None, 0)
    assert governor.state.minute_left == 5


@pytest.mark.timeout(20)
async def test_one_board_has_one_writer_at_a_time_first_come_first_served(governor):
    order: list[str] = []

    async def write(name: str, board: str) -> None:
        async with governor.writer(board):
            order.append(f"{name} begins")
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    await asyncio.gather(write("a", "items"), write("b", "items"), write("c", "subitems"))
    assert order.index("a ends") < order.index("b begins")
    assert order.index("c begins") < order.index("a ends")
