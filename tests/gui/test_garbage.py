import gc
import weakref

import pytest

from gui import garbage
from gui.garbage import GarbageKeeper


class Knot:
    """Something that only the cycle collector can take away."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def keeper(qapp):
    was_on = gc.isenabled()
    keeper = GarbageKeeper()
    yield keeper
    keeper.end()
    if not was_on:
        gc.disable()


def knots(count: int = 2_000) -> list[weakref.ref[Knot]]:
    return [weakref.ref(Knot()) for _ in range(count)]


def test_that_the_collector_does_not_start_by_itself(keeper):
    assert not gc.isenabled()


def test_that_young_cycles_are_taken_away_at_the_next_look(keeper):
    left = knots()
    keeper.look()
    assert all(knot() is None for knot in left)


def test_that_what_work_under_way_has_made_is_not_walked_through(keeper):
    left = knots()
    keeper.busy = lambda: True
    keeper.look()
    keeper.busy = lambda: False
    keeper.look()
    assert all(knot() is not None for knot in left)


def test_that_everything_is_walked_through_after_a_while(keeper, monkeypatch):
    left = knots()
    keeper.busy = lambda: True
    keeper.look()
    keeper.busy = lambda: False
    later = garbage.monotonic() + 3600
    monkeypatch.setattr(garbage, "monotonic", lambda: later)
    keeper.look()
    assert all(knot() is None for knot in left)


def test_that_the_collector_starts_by_itself_again_at_the_end(keeper):
    keeper.end()
    assert gc.isenabled()
