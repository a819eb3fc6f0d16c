from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtWidgets import QWidget

from core.monday.limits import Binding, DayCalls
from core.sync.events import BudgetRead
from gui.pages.run_gauges import RunGauges
from tests.gui.pages.layouts import narrow_labels

LONG = BudgetRead(
    58_700_000,
    60_000_000,
    30.0,
    2_486,
    2_500,
    99,
    100,
    3,
    day=DayCalls(10_000, 9_986, 8_986, datetime(2026, 11, 24, tzinfo=UTC)),
    binding=Binding("complexity", 0.9, 60_000_000),
)

UNKNOWN = BudgetRead(None, None, None, None, None, None, None, 0)


@pytest.fixture
def window(qtbot, theme):
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1400, 200)
    return made


@pytest.fixture
def gauges(qtbot, window):
    """In a window, as narrow as leaves them beside each other."""
    made = RunGauges()
    made.setParent(window)
    window.show()
    qtbot.waitExposed(window)
    width = next(width for width in range(200, 1400) if lines_at(made, width) == 1)
    assert lines_at(made, width - 1) == 2
    made.resize(width, made.sizeHint().height())
    return made


def lines(gauges):
    """How many gauges stand below each other."""
    gauges.layout().activate()
    return len({gauge.y() for gauge in gauges.gauges})


def lines_at(gauges, width):
    gauges.resize(width, 200)
    return lines(gauges)


@pytest.mark.parametrize("budget", [LONG, replace(LONG, binding=None), UNKNOWN])
def test_that_figures_and_the_word_for_the_limit_that_binds_find_their_room_and_move_nothing(
    qtbot, gauges, budget
):
    height = gauges.sizeHint().height()
    gauges.set_budget(budget)
    qtbot.wait(20)
    assert (lines(gauges), narrow_labels(gauges), gauges.sizeHint().height()) == (1, [], height)


def test_that_at_their_narrowest_two_stand_beside_each_other_and_nothing_is_cut(qtbot, gauges):
    gauges.resize(gauges.minimumSizeHint().width(), gauges.height())
    gauges.set_budget(LONG)
    qtbot.wait(20)
    assert (lines(gauges), narrow_labels(gauges)) == (2, [])
