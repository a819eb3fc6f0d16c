from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.monday.limits import Binding, DayCalls
from core.sync.events import BudgetRead
from gui.models.run_budget import binding_text, levels

DAY = DayCalls(10_000, 9_412, 8_412, datetime(2026, 11, 24, tzinfo=UTC))
HALF = BudgetRead(4_000_000, 10_000_000, 30.0, 2_000, 2_500, 99, 100, calls_made=14, day=DAY)


def test_that_each_limit_is_a_gauge_with_its_words() -> None:
    assert [(level.name, level.share, level.words) for level in levels(HALF)] == [
        ("Complexity", 0.6, "4.0 M of 10.0 M left"),
        ("Calls a minute", 0.2, "2,000 of 2,500 left"),
        ("At the same time", 0.01, "99 of 100 left"),
        ("Calls today", 0.0588, "9,412 of 10,000 left"),
    ]


@pytest.mark.parametrize(
    ("binding", "marked", "text"),
    [
        (Binding("complexity", 0.97, 10_000_000), 0, "Complexity-bound, 97 % of 10 M a minute"),
        (Binding("requests", 0.6, 2_500), 1, "Request-bound, 60 % of 2,500 a minute"),
        (Binding("writers", 0.93), None, "Writer-bound, the board is busy 93 % of the time"),
    ],
)
def test_that_the_limit_that_binds_is_marked_and_named(binding: Binding, marked: int, text: str) -> None:
    budget = replace(HALF, binding=binding)
    assert [place for place, level in enumerate(levels(budget)) if level.binding] == (
        [] if marked is None else [marked]
    )
    assert binding_text(budget) == f"{text} · 14 calls of this run"


def test_that_no_limit_is_named_while_none_binds() -> None:
    assert not any(level.binding for level in levels(HALF))
    assert binding_text(replace(HALF, calls_made=1)) == "1 call of this run"
    assert binding_text(replace(HALF, calls_made=0)) == ""


def test_that_a_limit_the_board_does_not_tell_has_no_level() -> None:
    for place, unknown in enumerate(
        (
            replace(HALF, complexity_left=None),
            replace(HALF, minute_left=None),
            replace(HALF, concurrency_left=None),
            replace(HALF, day=replace(DAY, left=None)),
        )
    ):
        assert levels(unknown)[place].share is None
        assert levels(unknown)[place].words == "not told"
    assert levels(replace(HALF, day=None))[3].words == "not told"
