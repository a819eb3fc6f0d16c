"""How often the status of a job is asked for."""

import pytest

from core.sync.bulk.file import polls_of
from core.sync.bulk.pace import LONGEST_SECONDS, UNSURE_SECONDS, JobWatch, Pace
from core.sync.bulk.status import POLL_SECONDS, JobState, JobStatus

ROWS = 9_000


def status(worked: float, rows: int = ROWS, *, counted: bool = True, passed_over: int = 0) -> JobStatus:
    """What the board says of a job that has created so many of its rows."""
    return JobStatus(
        JobState.PROCESSING,
        progress=int(worked * 100 / rows),
        submitted=rows if counted else 0,
        worked=int(worked) if counted else 0,
        passed_over=passed_over,
    )


def waits(
    pace: Pace, speed: float, rows: int = ROWS, *, queued: float = 0.0, counted: bool = True
) -> list[float]:
    """The waits until a board that creates `speed` rows a second is found to have imported them."""
    watch = JobWatch(pace, rows, uploaded_at=1_000.0)
    made = [watch.first_pause()]
    while (worked := (sum(made) - queued) * speed) < rows:
        assert len(made) < 100, "asked for ever"
        made.append(watch.pause_after(status(max(0.0, worked), rows, counted=counted), 1_000.0 + sum(made)))
    watch.completed(1_000.0 + sum(made))
    return made


@pytest.mark.parametrize("rows", [100, 2_000, 2_100, 5_000, 10_000])
@pytest.mark.parametrize("counted", [True, False])
def test_at_the_usual_speed_a_job_is_asked_for_as_often_as_forecast(rows, counted):
    asked = waits(Pace(), 200.0, rows, counted=counted)
    assert len(asked) == polls_of(rows)
    assert sum(asked) <= max(POLL_SECONDS, 1.1 * rows / 200.0) + POLL_SECONDS


@pytest.mark.parametrize(("speed", "questions"), [(1_000, 1), (450, 2), (130, 3), (60, 4), (20, 5), (5, 10)])
def test_a_slow_board_is_asked_seldom(speed, questions):
    asked = waits(Pace(), speed)
    assert len(asked) <= questions
    assert sum(asked) <= max(POLL_SECONDS, 1.2 * ROWS / speed) + POLL_SECONDS


@pytest.mark.parametrize("speed", [450, 200, 130, 60])
def test_a_later_job_of_the_run_is_asked_for_once(speed):
    pace = Pace()
    waits(pace, speed)
    for rows in (ROWS, 6_000, 9_900, ROWS):
        (asked,) = waits(pace, speed, rows)
        assert rows / speed <= asked <= max(POLL_SECONDS, 1.25 * rows / speed)


def test_a_board_that_grows_slower_is_asked_again_and_its_pace_learned_anew():
    pace = Pace()
    waits(pace, 200.0)
    assert len(waits(pace, 100.0)) == 2
    assert len(waits(pace, 100.0)) == 1


def test_a_board_that_grows_faster_shows_so_at_the_end_of_a_job():
    pace = Pace(100.0)
    watch = JobWatch(pace, ROWS, 0.0)
    watch.completed(45.0)
    assert pace.rows_per_second == 200.0


def test_a_short_job_tells_nothing_of_the_pace():
    pace = Pace()
    assert waits(pace, 200.0, rows=50) == [POLL_SECONDS]
    assert pace.rows_per_second is None


def test_a_job_in_the_queue_is_asked_for_ever_less_often():
    asked = waits(Pace(), 200.0, queued=600.0)
    assert min(asked) == POLL_SECONDS
    assert max(asked) <= UNSURE_SECONDS
    assert len(asked) <= 16


def test_time_in_the_queue_is_no_slowness():
    pace = Pace()
    assert len(waits(pace, 100.0, queued=70.0)) > 4
    assert pace.rows_per_second == pytest.approx(100.0)


def test_a_job_that_stands_still_is_looked_at_every_minute():
    watch = JobWatch(Pace(), ROWS, 0.0)
    now, asked = 10.0, []
    for _ in range(12):
        asked.append(watch.pause_after(status(2_000), now))
        now += asked[-1]
    assert max(asked) <= UNSURE_SECONDS
    assert asked[-1] == UNSURE_SECONDS


def test_no_wait_is_shorter_than_the_provider_asks_for_or_longer_than_five_minutes():
    watch = JobWatch(Pace(0.1), ROWS, 0.0)
    assert watch.first_pause() == LONGEST_SECONDS
    assert watch.pause_after(status(1), 300.0) <= UNSURE_SECONDS
    assert watch.pause_after(status(2), 3_000.0) == LONGEST_SECONDS
    assert watch.pause_after(status(8_999), 3_001.0) == POLL_SECONDS


def test_rows_that_the_board_passes_over_are_no_work():
    watch = JobWatch(Pace(), ROWS, 0.0)
    assert watch.pause_after(status(1_000, passed_over=7_000), 10.0) == pytest.approx(11.0)
