from dataclasses import replace

from core.sync.events import BudgetRead
from gui.models.run_budget import binding_text, levels

HALF = BudgetRead(4_000_000, 10_000_000, 30.0, 2_000, 2_500, 99, 100, calls_made=14)


def test_that_each_limit_is_a_gauge_with_its_words() -> None:
    shown = levels(HALF)
    assert [(level.name, level.share, level.words) for level in shown] == [
        ("Complexity", 0.6, "4.0 M of 10.0 M left"),
        ("Calls a minute", 0.2, "2,000 of 2,500 left"),
        ("At the same time", 0.01, "99 of 100 left"),
        ("Calls of this run", None, "14"),
    ]


def test_that_the_nearest_limit_binds_and_is_named() -> None:
    shown = levels(HALF)
    assert [level.binding for level in shown] == [True, False, False, False]
    assert binding_text(shown) == "Complexity is the nearest limit: 60% used."


def test_that_of_two_equally_near_limits_one_binds() -> None:
    shown = levels(replace(HALF, minute_left=1_000))
    assert sum(level.binding for level in shown) == 1


def test_that_no_limit_binds_while_little_is_used() -> None:
    shown = levels(replace(HALF, complexity_left=9_000_000))
    assert not any(level.binding for level in shown)
    assert binding_text(shown) == ""


def test_that_a_limit_the_board_does_not_tell_has_no_level() -> None:
    shown = levels(replace(HALF, concurrency_left=None))
    assert shown[2].share is None
    assert shown[2].words == "not told"
