import pytest

from gui.models.run_pace import Pace


def test_that_no_pace_is_told_in_the_first_seconds() -> None:
    pace = Pace()
    pace.record(0, 0.0)
    pace.record(50, 4.0)
    assert pace.per_minute(4.0) is None


def test_that_the_pace_is_that_of_the_last_minute() -> None:
    pace = Pace()
    pace.record(0, 0.0)
    for second in range(1, 301):
        pace.record(10 * min(second, 240) + max(0, second - 240), float(second))
    assert pace.per_minute(300.0) == pytest.approx(60.0, rel=0.2)


def test_that_the_pace_falls_while_nothing_ends() -> None:
    pace = Pace()
    pace.record(0, 0.0)
    pace.record(60, 10.0)
    assert pace.per_minute(10.0) == pytest.approx(360.0)
    assert pace.per_minute(20.0) == pytest.approx(180.0)


def test_that_paused_time_does_not_count() -> None:
    pace = Pace()
    pace.record(0, 0.0)
    pace.record(60, 10.0)
    pace.pause(10.0)
    pace.pause(15.0)
    pace.resume(70.0)
    assert pace.per_minute(70.0) == pytest.approx(360.0)


def test_that_no_forecast_is_told_before_a_twentieth_is_done() -> None:
    pace = Pace()
    pace.record(0, 0.0)
    pace.record(4, 10.0)
    assert pace.seconds_left(100, 10.0) is None
    pace.record(5, 12.0)
    assert pace.seconds_left(100, 12.0) == pytest.approx(228.0)
