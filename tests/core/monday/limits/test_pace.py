"""What the last minute used, told at every answer from sums that are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.monday.limits.pace import MINUTE, Pace

QUOTA = 1_000_000
REQUESTS = st.lists(
    st.tuples(
        st.sampled_from(["items", "subitems"]),
        st.floats(0, 20),  # seconds since the answer before
        st.floats(0, 45),  # seconds under way
        st.integers(0, 50_000),  # points
    ),
    min_size=1,
    max_size=60,
)


def share(pace, now, **limits):
    writers = limits.pop("writers", 1)
    quotas = {"complexity_quota": None, "minute_quota": None, **limits}
    return pace.nearest(now, writers=writers, **quotas)


def test_where_no_answer_came_nothing_is_told():
    pace = Pace()
    assert share(pace, 1.0) is None
    pace.sent(1.0)
    assert share(pace, 2.0) is None


def test_the_nearest_limit_is_the_one_that_is_used_most():
    pace = Pace()
    pace.sent(0.0)
    pace.answered("items", 0.0, 1.0, 900_000)
    found = share(pace, 10.0, complexity_quota=QUOTA, minute_quota=100)
    assert (found.limit, found.share, found.quota) == ("complexity", 0.9, QUOTA)
    assert found.words == "complexity-bound, 90 % of 1 M a minute"
    assert share(pace, 10.0, complexity_quota=QUOTA, minute_quota=1).limit == "requests"
    assert share(pace, 10.0).share == pytest.approx(0.1)


def test_the_boards_busiest_counts_by_what_its_writers_could_do():
    pace = Pace()
    pace.sent(0.0)
    for board, seconds in (("items", 4.0), ("subitems", 8.0)):
        pace.answered(board, 2.0, 2.0 + seconds, 0)
    assert share(pace, 10.0).share == pytest.approx(0.8)
    assert share(pace, 10.0, writers=4).share == pytest.approx(0.2)


@given(REQUESTS, st.floats(0, 90))
def test_sums_that_are_kept_are_those_of_the_last_minute(requests, silence):
    pace, now, began, told = Pace(), 1_000.0, 1_000.0, []
    pace.sent(began)
    for board, pause, seconds, points in requests:
        now += pause
        since = max(began, now - seconds)
        told.append((board, since, now, points))
        pace.answered(board, since, now, points)
    now += silence
    edge = max(began, now - MINUTE)
    recent = [each for each in told if each[2] >= now - MINUTE]
    busy = {
        board: sum(until - max(since, edge) for of, since, until, _ in recent if of == board)
        for board in ("items", "subitems")
    }
    found = share(pace, now)
    if not recent:
        assert found is None
        return
    assert found.share == pytest.approx(min(1.0, max(busy.values()) / max(1e-6, now - edge)), abs=1e-6)
    points = sum(each[3] for each in recent)
    by_points = share(pace, now, complexity_quota=QUOTA, writers=1_000_000)
    assert by_points.share == pytest.approx(min(1.0, points / QUOTA), abs=1e-3)
