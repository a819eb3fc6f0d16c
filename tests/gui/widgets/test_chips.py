import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton

from gui.widgets.chips import ChipBar, FilterChip


@pytest.fixture
def bar(qtbot, theme):
    bar = ChipBar()
    qtbot.addWidget(bar)
    return bar


CHIPS = [("state", "Pending"), ("season", "Season SS26"), ("findings", "has findings")]


def chips(bar):
    return [chip for chip in bar.findChildren(FilterChip) if not chip.isHidden()]


def test_that_a_bar_without_filters_takes_no_room(bar):
    assert bar.isHidden()
    bar.set_chips(CHIPS)
    assert not bar.isHidden()
    bar.set_chips([])
    assert bar.isHidden()


def test_that_the_cross_of_a_chip_reports_its_key(qtbot, bar):
    bar.set_chips(CHIPS)
    with qtbot.waitSignal(bar.removed) as removed:
        chips(bar)[1].findChild(QToolButton).click()
    assert removed.args == ["season"]


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_that_a_chip_goes_by_keyboard(qtbot, bar, key):
    bar.set_chips(CHIPS)
    bar.show()
    cross = chips(bar)[0].findChild(QToolButton)
    with qtbot.waitSignal(bar.removed) as removed:
        qtbot.keyClick(cross, key)
    assert removed.args == ["state"]


def test_that_a_chip_that_stays_has_no_cross(qtbot, theme):
    chip = FilterChip("Pending", removable=False)
    qtbot.addWidget(chip)
    assert chip.findChild(QToolButton) is None
    with qtbot.assertNotEmitted(chip.removed):
        qtbot.keyClick(chip, Qt.Key.Key_Delete)


def test_that_the_cross_says_what_it_removes(bar):
    bar.set_chips(CHIPS)
    assert chips(bar)[0].accessibleName() == "Filter: Pending"
    assert chips(bar)[0].findChild(QToolButton).accessibleName() == "Remove filter Pending"


def test_that_two_filters_can_be_cleared_together(qtbot, bar):
    bar.set_chips(CHIPS[:1])
    assert bar.findChildren(QPushButton) == []
    bar.set_chips(CHIPS)
    with qtbot.waitSignal(bar.cleared):
        bar.findChild(QPushButton).click()


def test_that_a_chip_may_be_replaced_from_its_own_signal(qtbot, bar):
    bar.set_chips(CHIPS)
    bar.removed.connect(lambda key: bar.set_chips([chip for chip in CHIPS if chip[0] != key]))
    chips(bar)[0].findChild(QToolButton).click()
    QApplication.processEvents()
    assert [chip.accessibleName() for chip in chips(bar)] == ["Filter: Season SS26", "Filter: has findings"]


def test_that_chips_wrap_where_the_room_ends(bar):
    bar.set_chips(CHIPS)
    bar.resize(1000, 100)
    bar.show()
    one_line = bar.layout().heightForWidth(1000)
    assert bar.layout().heightForWidth(chips(bar)[1].width() + 20) > 2 * one_line
    bar.resize(180, 200)
    QApplication.processEvents()
    assert chips(bar)[0].y() < chips(bar)[1].y() < chips(bar)[2].y()
