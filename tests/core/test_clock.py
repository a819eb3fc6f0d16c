"""The real time, as the engine asks for it."""

from datetime import UTC

from core.clock import SystemClock


def test_now_is_aware_and_in_utc():
    assert SystemClock().now().tzinfo is UTC


def test_monotonic_seconds_never_go_back():
    clock = SystemClock()
    readings = [clock.monotonic() for _ in range(100)]
    assert readings == sorted(readings)


async def test_sleeping_gives_way():
    assert await SystemClock().sleep(0) is None
