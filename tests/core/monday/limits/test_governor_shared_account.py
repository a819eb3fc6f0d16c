"""The complexity budget over many windows, alone and beside other clients, in virtual time."""

import pytest

from core.sandbox.plans import Plan
from tests.core.monday.limits.simulated_account import (
    OTHER,
    Seconds,
    at_the_beginning,
    every_minute,
    push_beside,
    steadily,
)

HALF = 5_000_000
"""Points a minute, of plan "pro"."""
FEW = Plan("small", 10_000, 10_000, 100, 600_000)
"""60 creations a minute."""


@pytest.mark.parametrize("share", [1.0, 0.9])
@pytest.mark.parametrize("writers", [1, 2, 6])
def test_alone_at_least_97_percent_of_the_share_is_used_of_every_window_after_the_first(writers, share):
    pushed = push_beside(writers=writers, share=share)
    assert min(pushed.used()) >= 0.97 * share
    assert max(pushed.used()) <= share
    assert pushed.sustained() >= 0.97 * share
    assert pushed.refused() == 0


def test_one_board_alone_has_its_writers_in_the_first_window_and_uses_every_later_one():
    pushed = push_beside(boards=["subitems"])
    assert min(pushed.used()) >= 0.97
    assert pushed.refused() == 0


@pytest.mark.parametrize("way", [0.005, 0.3])
@pytest.mark.parametrize("mutation", [0.05, 0.12, 0.2])
@pytest.mark.parametrize("writers", [1, 4])
def test_alone_nobody_else_is_seen_whatever_requests_are_under_way_as_a_window_ends(writers, mutation, way):
    pushed = push_beside(writers=writers, seconds=Seconds(mutation=mutation, way=way), records_per_request=70)
    assert pushed.seen_of_others == 0
    assert pushed.refused() == 0


@pytest.mark.parametrize("share", [1.0, 0.9])
@pytest.mark.parametrize("writers", [1, 6])
@pytest.mark.parametrize("every", [2.0, 6.0])
def test_beside_a_client_that_takes_half_in_steady_portions_90_percent_of_the_rest_is_used(
    every, writers, share
):
    pushed = push_beside(steadily(HALF, every), writers=writers, share=share)
    assert pushed.refused() == 0
    assert pushed.of_the_rest() >= 0.9
    assert pushed.sustained(OTHER) >= 0.48


@pytest.mark.parametrize("share", [1.0, 0.9])
@pytest.mark.parametrize("part", [0.3, 0.5, 0.7])
def test_a_client_that_begins_each_window_with_a_burst_is_left_its_part_without_a_refusal(part, share):
    pushed = push_beside(at_the_beginning(round(10_000_000 * part)), share=share)
    assert pushed.refused() == pushed.refused(OTHER) == 0
    assert pushed.of_the_rest() >= 0.85
    assert pushed.used()[-1] >= 0.95 * (share - part)
    assert pushed.sustained(OTHER) == pytest.approx(part, abs=0.01)


@pytest.mark.parametrize("first", [5.0, 30.0, 55.0])
def test_beside_a_client_with_a_burst_at_some_moment_of_each_minute_no_call_is_refused(first):
    pushed = push_beside(every_minute(HALF, first), share=0.9)
    assert pushed.refused() == 0
    assert pushed.sustained() >= 0.34
    assert pushed.sustained(OTHER) >= 0.45


def test_a_client_that_stops_is_forgotten_window_by_window():
    pushed = push_beside(steadily(HALF, until=200), minutes=12)
    used = pushed.used()
    assert pushed.refused() == 0
    assert max(used[1:3]) < 0.6
    assert used[3:] == sorted(used[3:])
    assert used[-1] >= 0.7


@pytest.mark.parametrize(
    "other", [steadily(300_000, 6.0), every_minute(300_000, 30.0)], ids=["evenly", "bursts"]
)
def test_on_an_account_with_few_points_the_other_client_gets_its_half_and_no_call_is_refused(other):
    pushed = push_beside(other, plan=FEW, writers=4, share=0.9)
    assert pushed.refused() == 0
    assert pushed.sustained(OTHER) >= 0.48
    assert pushed.of_the_rest() >= 0.9
