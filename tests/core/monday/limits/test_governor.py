"""The governor: it believes the server, and invents no waiting of its own."""

from datetime import timedelta

import pytest

from core.monday.limits import BudgetState, DayCalls, Governor, Hold, Ticket
from core.monday.limits.sizing import FIRST_GUESS_PER_OPERATION
from core.monday.rate_headers import Budget, parse_rate_headers
from tests.core.monday.limits.governing import BOARD, admitted, complexity, items


def test_where_nothing_is_known_nothing_is_held_back(governor):
    assert all(isinstance(governor.admit(BOARD, items(100)), Ticket) for _ in range(50))
    assert governor.state == BudgetState()


def test_a_request_waits_for_the_reset_when_the_budget_is_too_small_for_it(governor, clock):
    governor.observe({}, complexity(10 * FIRST_GUESS_PER_OPERATION, reset=40))
    assert governor.admit(BOARD, items(11)) == Hold(40, "waiting for the minute's complexity budget")
    clock.seconds += 39
    assert governor.admit(BOARD, items(11)) == Hold(1, "waiting for the minute's complexity budget")
    clock.seconds += 1
    admitted(governor, 11)


def test_what_left_after_the_last_answers_request_counts_until_an_answer_tells(governor, clock):
    governor.observe({}, complexity(10 * FIRST_GUESS_PER_OPERATION))
    clock.seconds += 1
    first = admitted(governor, 6)
    assert isinstance(governor.admit(BOARD, items(5)), Hold)
    admitted(governor, 4)
    governor.release(first)
    admitted(governor, 5)


def test_what_left_before_the_answered_request_is_in_the_servers_figure_already(governor, clock):
    governor.observe({}, complexity(10 * FIRST_GUESS_PER_OPERATION))
    clock.seconds += 1
    admitted(governor, 6)
    clock.seconds += 1
    second = admitted(governor, 4)
    clock.seconds += 1
    governor.answered(second, {}, complexity(3 * FIRST_GUESS_PER_OPERATION), second.sent_at)
    governor.release(second)
    admitted(governor, 3)


def test_a_held_request_does_not_count_as_under_way(governor):
    governor.observe({}, complexity(10 * FIRST_GUESS_PER_OPERATION))
    assert isinstance(governor.admit(BOARD, items(11)), Hold)
    admitted(governor, 10)


def test_a_dearer_cost_holds_at_once_and_a_cheaper_one_in_time(governor):
    ticket = admitted(governor, 10)
    governor.answered(ticket, {}, complexity(1_000_000, query=300_000), ticket.sent_at)
    governor.release(ticket)
    assert isinstance(governor.admit(BOARD, items(34)), Hold)
    ticket = admitted(governor, 33)
    governor.answered(ticket, {}, complexity(1_000_000, query=330_000), ticket.sent_at)
    governor.release(ticket)
    assert isinstance(governor.admit(BOARD, items(45)), Hold)
    admitted(governor, 40)


def test_each_mutation_has_a_cost_of_its_own(governor):
    ticket = governor.admit(BOARD, ["archive_item"] * 10)
    governor.answered(ticket, {}, complexity(100_000, query=1_000_000), ticket.sent_at)
    governor.release(ticket)
    assert isinstance(governor.admit(BOARD, ["archive_item"] * 2), Hold)
    admitted(governor, 10)


def test_the_header_tells_what_is_left_where_no_complexity_was_asked(governor):
    governor.observe(parse_rate_headers(None, '"complexityMinute";r=15000;t=41'))
    assert governor.admit(BOARD, items(2)) == Hold(41, "waiting for the minute's complexity budget")
    admitted(governor, 1)


def test_the_complexity_field_goes_before_the_header(governor):
    governor.observe(parse_rate_headers(None, '"complexityMinute";r=0;t=41'), complexity(50_000, reset=12))
    assert governor.state.complexity_left == 50_000
    assert governor.state.complexity_reset_seconds == 12
    admitted(governor, 1)


def test_a_rest_without_a_reset_holds_nothing_back(governor):
    governor.observe(parse_rate_headers(None, '"complexityMinute";r=15000'))
    admitted(governor, 50)


def test_of_several_resets_told_in_one_window_the_earliest_holds(governor, clock):
    governor.observe({}, complexity(90_000, reset=30))
    clock.seconds += 0.5
    governor.observe({}, complexity(80_000, reset=30))
    assert governor.state.complexity_reset_seconds == 29.5


def test_a_request_that_costs_more_than_the_whole_budget_is_left_to_the_server_to_judge(governor):
    policy = '"complexityMinute";q=100000;w=60'
    governor.observe(parse_rate_headers(policy, '"complexityMinute";r=100000;t=60'))
    admitted(governor, 50)


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
    governor.observe(parse_rate_headers(policy, state))
    hold = governor.admit(BOARD, items(1))
    assert isinstance(hold, Hold)
    assert hold.seconds == seconds
    assert hold.reason.startswith("waiting for the ")
    clock.seconds += seconds
    admitted(governor, 1)


@pytest.mark.parametrize("state", ['"minuteRate";r=0;t=0', '"concurrency";r=0', '"minuteRate";r=1'])
def test_a_reset_now_or_at_no_known_time_holds_nothing_back(state, governor):
    governor.observe(parse_rate_headers(None, state))
    admitted(governor, 1)


def test_requests_of_a_minute_are_held_before_the_server_refuses_one(governor, clock):
    governor.observe(parse_rate_headers('"minuteRate";q=1000;w=60', '"minuteRate";r=2'))
    clock.seconds += 10
    admitted(governor, 1)
    admitted(governor, 1)
    assert governor.admit(BOARD, items(1)) == Hold(50, "waiting for the minute's request budget")


def test_no_more_requests_leave_at_once_than_the_account_may_have_under_way(governor):
    governor.observe(parse_rate_headers('"concurrency";q=2', None))
    first = admitted(governor, 1)
    admitted(governor, 1)
    hold = governor.admit(BOARD, items(1))
    assert isinstance(hold, Hold)
    assert hold.reason == "waiting for the account's other requests to end"
    governor.release(first)
    admitted(governor, 1)


def test_a_share_of_every_budget_is_left_to_other_integrations(clock):
    governor = Governor(clock, share=0.9)
    policy = '"minuteRate";q=100;w=60, "complexityMinute";q=1000000;w=60, "concurrency";q=40'
    governor.observe(parse_rate_headers(policy, '"complexityMinute";r=200000;t=30, "minuteRate";r=50'))
    assert isinstance(governor.admit(BOARD, items(11)), Hold)
    admitted(governor, 10)
    governor.observe(parse_rate_headers(policy, '"complexityMinute";r=900000;t=30, "minuteRate";r=10'))
    assert isinstance(governor.admit(BOARD, items(1)), Hold)


def test_the_days_calls_end_a_run_before_the_server_refuses_one(governor, clock):
    governor.daily.begin(total=10, used=7, now=clock.now())
    assert governor.state.calls_left_today == 3
    for _ in range(3):
        ticket = admitted(governor, 1)
        governor.daily.spend(1, clock.now())
        governor.answered(ticket, {}, None, ticket.sent_at)
        governor.release(ticket)
    hold = governor.admit(BOARD, items(1))
    assert hold == Hold(12 * 3600, "today's API calls are spent", over=True)
    clock.seconds += 12 * 3600
    admitted(governor, 1)
    assert governor.state.calls_left_today == 10


def test_the_last_calls_of_the_day_leave_one_by_one(governor, clock):
    governor.daily.begin(total=10, used=8, now=clock.now())
    tickets = [admitted(governor, 1), admitted(governor, 1)]
    hold = governor.admit(BOARD, items(1))
    assert isinstance(hold, Hold)
    assert not hold.over
    for ticket in tickets:
        governor.daily.spend(1, clock.now())
        governor.release(ticket)
    hold = governor.admit(BOARD, items(1))
    assert isinstance(hold, Hold)
    assert hold.over


def test_the_day_tells_what_the_account_has_left_and_what_of_it_may_be_used(clock):
    daily = Governor(clock, share=0.9).daily
    assert daily.today(clock.now()) is None
    daily.begin(total=1000, used=None, now=clock.now())
    midnight = clock.now() + timedelta(hours=12)
    assert daily.today(clock.now()) == DayCalls(1000, None, 900, midnight)
    daily.begin(total=1000, used=300, now=clock.now())
    assert daily.today(clock.now()) == DayCalls(1000, 700, 600, midnight)
    daily.begin(total=1000, used=200, now=clock.now())
    assert daily.today(clock.now()) == DayCalls(1000, 700, 600, midnight)


def test_a_block_holds_everything_until_it_ends_and_a_shorter_one_does_not_shorten_it(governor, clock):
    governor.block(30, "the server asked for it")
    governor.block(5, "a shorter one")
    assert governor.admit(BOARD, items(1)) == Hold(30, "the server asked for it")
    clock.seconds += 30
    admitted(governor, 1)


def test_the_state_tells_what_is_left_of_each_budget(governor, clock):
    policy = '"minuteRate";q=1000;w=60, "concurrency";q=40, "complexityMinute";q=10000000;w=60'
    state = '"minuteRate";r=997, "concurrency";r=39, "complexityMinute";r=9988000;t=41'
    governor.observe(parse_rate_headers(policy, state))
    clock.seconds += 40
    assert governor.state == BudgetState(9_988_000, 10_000_000, 1.0, 997, 1000, 39, 40)
    clock.seconds += 40
    assert governor.state.complexity_reset_seconds == 0.0


def test_an_answer_without_headers_leaves_what_is_known(governor):
    governor.observe({"minuteRate": Budget(quota=1000, left=5)})
    governor.observe({})
    assert governor.state.minute_left == 5


def test_a_request_holds_fewer_operations_where_each_takes_longer(governor, clock):
    ticket = admitted(governor, 10)
    clock.seconds += 10
    governor.answered(ticket, {}, complexity(9_000_000, query=100_000), ticket.sent_at)
    assert governor.portion(BOARD, items(150)) == 22
    assert governor.portion("a board that did not answer yet", items(150)) == 22


def test_subitems_are_taken_to_cost_what_items_cost_until_an_answer_tells(governor):
    assert governor.portion(BOARD, items(150)) == 100
    ticket = admitted(governor, 10)
    governor.answered(ticket, {}, complexity(9_000_000, query=500_000), ticket.sent_at)
    assert governor.portion(BOARD, items(150)) == 50
    assert governor.portion(BOARD, ["create_subitem"] * 150) == 50
    assert governor.portion(BOARD, ["archive_item"] * 150) == 100


def test_a_request_takes_at_most_half_of_what_others_leave_of_a_minute(governor, clock):
    policy = '"complexityMinute";q=1000000;w=60'
    ticket = admitted(governor, 10)
    budgets = parse_rate_headers(policy, '"complexityMinute";r=500000;t=60')
    governor.answered(ticket, budgets, complexity(500_000, reset=60, query=100_000), ticket.sent_at)
    governor.release(ticket)
    assert governor.portion(BOARD, items(150)) == 50
    clock.seconds += 60
    admitted(governor, 10)
    assert governor.portion(BOARD, items(150)) == 30


def test_the_header_is_believed_where_it_is_younger_than_the_field_of_the_body(governor, clock):
    policy = '"complexityMinute";q=1000000;w=60'
    ticket = admitted(governor, 10)
    clock.seconds += 10
    budgets = parse_rate_headers(policy, '"complexityMinute";r=300000;t=40')
    governor.answered(ticket, budgets, complexity(900_000, reset=50, query=100_000), ticket.sent_at)
    assert governor.state.complexity_left == 300_000
    assert governor.state.complexity_reset_seconds == 40


def test_calls_that_others_have_under_way_are_left_room(governor, clock):
    ticket = admitted(governor, 1)
    governor.answered(
        ticket, parse_rate_headers('"concurrency";q=6', '"concurrency";r=2'), None, clock.seconds
    )
    governor.release(ticket)
    for _ in range(3):
        ticket = admitted(governor, 1)
    assert isinstance(governor.admit(BOARD, items(1)), Hold)


def test_a_request_stays_below_what_one_may_cost(governor):
    ticket = admitted(governor, 1)
    governor.answered(ticket, {}, complexity(9_000_000, query=100_000), ticket.sent_at)
    assert governor.portion(BOARD, items(100)) == 25


def test_it_tells_how_much_of_a_request_the_rest_of_the_minute_still_takes(governor):
    assert governor.fitting(items(100)) == 100
    governor.observe({}, complexity(25 * FIRST_GUESS_PER_OPERATION + 1))
    assert governor.fitting(items(100)) == 25
    assert governor.fitting(items(20)) == 20


def test_less_than_a_tenth_of_a_request_is_not_worth_a_call(governor):
    governor.observe({}, complexity(9 * FIRST_GUESS_PER_OPERATION))
    assert governor.fitting(items(100)) == 0
    assert governor.fitting(items(90)) == 9


def test_the_binding_limit_is_told_with_its_share(governor, clock):
    policy = parse_rate_headers('"complexityMinute";q=10000000;w=60', '"complexityMinute";r=9000000;t=60')
    assert governor.binding is None
    for _ in range(10):
        ticket = admitted(governor, 100)
        clock.seconds += 3
        governor.answered(ticket, policy, complexity(9_000_000, query=970_000), ticket.sent_at)
        governor.release(ticket)
        clock.seconds += 3
    binding = governor.binding
    assert binding is not None
    assert binding.words == "complexity-bound, 97 % of 10 M a minute"


def test_a_board_that_is_always_busy_is_the_binding_limit(governor, clock):
    for _ in range(5):
        ticket = admitted(governor, 100)
        clock.seconds += 12
        governor.answered(ticket, {}, complexity(9_000_000, query=1_000), ticket.sent_at)
        governor.release(ticket)
    binding = governor.binding
    assert binding is not None
    assert binding.words == "writer-bound, the board is busy 100 % of the time"


def test_answers_that_come_out_of_order_do_not_begin_a_new_minute(governor):
    policy = '"minuteRate";q=40;w=60'
    first, second, _third = (admitted(governor, 1) for _ in range(3))
    for ticket, left in ((second, 1), (first, 2)):
        budgets = parse_rate_headers(policy, f'"minuteRate";r={left}')
        governor.answered(ticket, budgets, None, ticket.sent_at)
        governor.release(ticket)
    admitted(governor, 1)
    assert governor.admit(BOARD, items(1)) == Hold(60, "waiting for the minute's request budget")


def test_a_minute_that_others_used_up_does_not_hold_back_the_next_ones(governor, clock):
    policy = '"minuteRate";q=1000;w=60'
    governor.observe(parse_rate_headers(policy, '"minuteRate";r=0;t=37'))
    clock.seconds += 37
    ticket = admitted(governor, 1)
    governor.answered(ticket, parse_rate_headers(policy, '"minuteRate";r=999'), None, ticket.sent_at)
    governor.release(ticket)
    admitted(governor, 1)
