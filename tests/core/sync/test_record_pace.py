"""Records that a run confirms a minute."""

from core.sync.record_pace import RecordPace


def test_the_first_seconds_tell_no_pace():
    pace = RecordPace()
    assert pace.per_minute(100.0) is None
    pace.begin(100.0)
    pace.add(50, 102.0)
    assert pace.per_minute(104.9) is None
    assert pace.per_minute(105.0) == 600.0


def test_the_first_minute_is_counted_from_the_first_request_on():
    pace = RecordPace()
    pace.begin(100.0)
    pace.begin(120.0)
    pace.add(100, 110.0)
    pace.add(100, 130.0)
    assert pace.per_minute(130.0) == 400.0


def test_later_only_the_last_minute_counts():
    pace = RecordPace()
    pace.begin(0.0)
    for second in range(10, 121, 10):
        pace.add(100, float(second))
    assert pace.per_minute(120.0) == 600.0
    assert pace.per_minute(200.0) == 0.0
