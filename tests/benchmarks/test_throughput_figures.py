"""The figures of the throughput benchmark, from accounts whose answer is known."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def throughput(monkeypatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("throughput")


@pytest.fixture
def seen(throughput):
    """Note a request: when it arrived and ended, and what else a test is about."""

    def make(arrived: float, ended: float, **fields):
        return throughput.Seen(arrived, ended, status=200, **fields)

    return make


def test_the_slower_boards_time_after_the_first_minute_is_told_in_its_parts(throughput, seen):
    account = [seen(0, 10, items=50, charged=0.2, held_from=0.5, held_until=10, drawn_seconds=9)]
    account += [
        seen(
            start,
            start + 9.5,
            subitems=80,
            charged=start + 0.2,
            held_from=start + 0.5,
            held_until=start + 9.5,
            drawn_seconds=8,
        )
        for start in range(10, 170, 10)
    ]
    parts = throughput._parts_of_slower_board(account, 0.0)
    assert parts.held == pytest.approx(0.9, abs=0.01)
    assert parts.latency == pytest.approx(0.8, abs=0.01)
    assert parts.request == pytest.approx(0.03, abs=0.001)
    assert parts.reading == pytest.approx(0.02, abs=0.001)
    assert parts.between == pytest.approx(0.05, abs=0.01)


def test_the_complexity_share_is_what_whole_minutes_after_the_first_spent(throughput, seen):
    account = [seen(0, 1, charged=0, points=1, opens_window=True)]
    for start, spent in ((60, 900), (120, 800), (180, 5)):
        account.append(seen(start, start + 1, charged=start, points=spent - 1, opens_window=True))
        account.append(seen(start + 30, start + 31, charged=start + 30, points=1))
    assert throughput._complexity_share(account, 1_000) == pytest.approx(0.85)


def test_a_minute_that_begins_late_lowers_the_share(throughput, seen):
    account = [
        seen(start, start + 1, charged=start, points=1_000, opens_window=True) for start in (0, 60, 123)
    ]
    assert throughput._complexity_share(account, 1_000) == pytest.approx(60 / 63)


def test_fewer_than_three_minutes_have_no_complexity_share(throughput, seen):
    account = [seen(start, start + 1, points=1_000, opens_window=True) for start in (0, 60)]
    assert throughput._complexity_share(account, 1_000) is None


def test_a_rate_leaves_the_first_minute_out_where_there_is_a_second_one(throughput, seen):
    account = [seen(0, 30, items=500), seen(30, 90, items=100), seen(90, 120, subitems=100)]
    assert throughput._rate(account, 0.0, 120.0) == pytest.approx(200)
    assert throughput._rate(account[:1], 0.0, 30.0) == pytest.approx(1_000)


def test_a_rate_of_records_that_came_early_is_that_of_the_whole_time(throughput, seen):
    assert throughput._rate([seen(0, 30, items=300)], 0.0, 120.0) == pytest.approx(150)


@pytest.mark.parametrize(("status", "refused"), [(200, False), (423, True), (429, True), (0, False)])
def test_a_request_that_was_turned_away_unread_counts_as_rejected(throughput, status, refused):
    assert throughput.Seen(0.0, status=status).refused is refused
