import pytest

from gui.models.durations import about_left_text, clock_text, duration_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00"), (-3, "00:00"), (0.1, "00:01"), (37, "00:37"), (61, "01:01"), (3725, "1:02:05")],
)
def test_that_a_count_down_is_rounded_up(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.42, "0.4 s"), (48, "48 s"), (72, "1 min 12 s"), (3900, "1 h 05 min")]
)
def test_that_a_duration_names_its_units(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1, "about 5 s left"),
        (41, "about 45 s left"),
        (61, "about 2 min left"),
        (3700, "about 1 h 02 min left"),
    ],
)
def test_that_a_forecast_is_coarse(seconds: float, text: str) -> None:
    assert about_left_text(seconds) == text
