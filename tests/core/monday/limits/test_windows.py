"""What belongs to which minute of the complexity budget, and what is left to others in the next one."""

from core.monday.limits import Governor, Hold, Ticket
from core.monday.rate_headers import parse_rate_headers
from tests.core.monday.limits.governing import BOARD, admitted, complexity, items

POLICY = '"complexityMinute";q=1000000;w=60'


def answer_to(governor: Governor, ticket: Ticket, left: int, reset: int = 60) -> None:
    """An answer whose headers and body tell the same."""
    points = 10_000 * len(ticket.names)
    budgets = parse_rate_headers(POLICY, f'"complexityMinute";r={left};t={reset}')
    governor.answered(ticket, budgets, complexity(left, reset=reset, query=points), ticket.sent_at)
    governor.release(ticket)


def test_what_others_used_of_a_minute_is_left_to_them_in_the_next(governor, clock):
    answer_to(governor, admitted(governor, 10), left=500_000)
    clock.seconds += 60
    first = admitted(governor, 10)
    assert isinstance(governor.admit(BOARD, items(51)), Hold)
    answer_to(governor, first, left=900_000)
    assert isinstance(governor.admit(BOARD, items(51)), Hold)
    admitted(governor, 50)


def test_a_request_that_was_charged_to_the_last_minute_takes_nothing_of_the_new_one(governor, clock):
    answer_to(governor, admitted(governor, 10), left=900_000, reset=10)
    late = admitted(governor, 60)
    clock.seconds += 12
    budgets = parse_rate_headers(POLICY, '"complexityMinute";r=1000000;t=60')
    governor.answered(late, budgets, complexity(300_000, reset=10, query=600_000), late.sent_at)
    governor.release(late)
    admitted(governor, 100)


def test_what_left_before_a_minute_began_and_was_charged_to_it_is_not_taken_for_another_client(
    governor, clock
):
    answer_to(governor, admitted(governor, 10), left=900_000, reset=10)
    slow = admitted(governor, 30)
    clock.seconds += 11
    answer_to(governor, admitted(governor, 10), left=600_000)
    assert governor.fitting(items(90)) == 60
    answer_to(governor, slow, left=600_000, reset=60)
    clock.seconds += 60
    admitted(governor, 100)


def test_after_a_minute_that_ran_out_a_small_request_asks_what_is_left_and_the_others_wait(governor, clock):
    answer_to(governor, admitted(governor, 80), left=200_000, reset=10)
    assert isinstance(governor.admit(BOARD, items(30)), Hold)
    clock.seconds += 10
    assert isinstance(governor.admit(BOARD, items(30)), Hold)
    assert governor.fitting(items(30)) == 10
    asking = admitted(governor, 10)
    assert governor.admit(BOARD, items(1)) == Hold(1, "waiting for the minute's complexity budget")
    assert governor.fitting(items(30)) == 0
    answer_to(governor, asking, left=500_000)
    admitted(governor, 50)


def test_nobody_waits_long_for_a_request_that_asks(governor, clock):
    answer_to(governor, admitted(governor, 80), left=200_000, reset=10)
    assert isinstance(governor.admit(BOARD, items(30)), Hold)
    clock.seconds += 10
    admitted(governor, 10)
    clock.seconds += 5
    admitted(governor, 30)


def test_a_request_without_an_answer_is_not_taken_for_another_client(governor, clock):
    answer_to(governor, admitted(governor, 10), left=900_000)
    governor.release(admitted(governor, 40))
    answer_to(governor, admitted(governor, 10), left=400_000)
    clock.seconds += 60
    admitted(governor, 100)
