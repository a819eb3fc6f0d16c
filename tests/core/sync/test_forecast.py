"""A forecast beside what is left of the day's calls."""

import time
from datetime import UTC, datetime

import pytest

from core.monday.limits import DayCalls
from core.sync.forecast import Forecast, reset_text

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
DAY = DayCalls(10_000, 9_412, 8_412, MIDNIGHT)
UNTOLD = DayCalls(1_000, None, 900, MIDNIGHT)


@pytest.fixture
def local_time(monkeypatch):
    """Set the machine's time zone."""

    def set_zone(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield set_zone
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("calls", "day", "text"),
    [
        (8, DAY, "8 calls; 9,412 of 10,000 are left today"),
        (1, DAY, "1 call; 9,412 of 10,000 are left today"),
        (1_204, None, "1,204 calls; how many are left today is not told"),
        (8, UNTOLD, "8 calls; how many of the day's 1,000 are left is not told"),
    ],
)
def test_the_calls_stand_beside_what_is_left_of_them_today(calls, day, text):
    assert Forecast(calls, 0, 0.0, day).calls_text == text


def test_a_run_that_fits_into_the_day_has_no_warning():
    assert Forecast(8_412, 0, 0.0, DAY).warning == ""
    assert Forecast(8_412, 0, 0.0, None).warning == ""


def test_a_run_that_needs_more_than_it_may_use_says_what_will_happen(local_time):
    local_time("Europe/Berlin")
    assert Forecast(8_413, 0, 0.0, DAY).warning == (
        "The run needs 8,413 calls, and DeltaDesk may make 8,412 more today: 9,412 of 10,000 are left today, "
        "and the profile leaves 1,000 to other integrations (budget_share). It stops cleanly when they are "
        "spent. They come back at 00:00 UTC (01:00 local time); then the rest can be resumed."
    )


def test_what_is_not_planned_yet_is_told_as_an_estimate_and_added_beside_the_same_day():
    both = Forecast(8_000, 10, 1.0, DAY) + Forecast(413, 20, 2.5, about=True)
    assert both == Forecast(8_413, 30, 3.5, DAY, about=True)
    assert both.warning.startswith("The run needs about 8,413 calls, and")


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC", "00:00 UTC"),
        ("America/New_York", "00:00 UTC (19:00 local time)"),
        ("Asia/Kolkata", "00:00 UTC (05:30 local time)"),
    ],
)
def test_the_reset_is_told_in_local_time_too(local_time, zone, text):
    local_time(zone)
    assert reset_text(MIDNIGHT) == text
