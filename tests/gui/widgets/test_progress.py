import pytest
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QTableView

from gui.widgets.progress import BAR_ROLE, Gauge, MiniBarDelegate, PassCounts, TwoPassBar


def colors(widget):
    image = widget.grab().toImage()
    middle = image.height() // 2
    return [image.pixelColor(x, middle).name() for x in range(image.width())]


def test_that_counts_are_said_with_their_failures(theme):
    assert PassCounts(1069, 45, 2, 1).words() == "48 of 1,069 · 2 failed · 1 unknown"
    assert PassCounts(69, 69).words() == "69 of 69"


def test_that_an_unknown_outcome_counts_as_ended_but_not_as_done():
    counts = PassCounts(10, 3, 2, 1)
    assert (counts.ended, counts.done) == (6, 3)


@pytest.fixture
def bar(qtbot, theme):
    bar = TwoPassBar()
    qtbot.addWidget(bar)
    bar.resize(600, 60)
    bar.show()
    return bar


def test_that_the_bar_says_both_passes_to_a_screen_reader(bar):
    bar.set_counts(PassCounts(69, 45, 2), PassCounts(317, 12))
    assert bar.accessibleDescription() == "Items 47 of 69 · 2 failed. Subitems 12 of 317"


def test_that_done_failed_and_unknown_have_their_own_colours(bar, theme):
    bar.set_counts(PassCounts(100, 50, 25, 25), PassCounts(100, 50))
    seen = colors(bar._bar)
    for tone in ("accent", "error", "unknown", "border"):
        assert theme.tokens.color(tone).name() in seen


def test_that_one_failure_among_thousands_is_seen(bar, theme):
    bar.set_counts(PassCounts(5000, 4999, 1), PassCounts(20000))
    assert theme.tokens.color("error").name() in colors(bar._bar)


@pytest.mark.parametrize(("items", "subitems"), [(1, 9999), (9999, 1), (0, 0)])
def test_that_neither_pass_becomes_too_narrow_to_read(bar, items, subitems):
    bar.set_counts(PassCounts(items), PassCounts(subitems))
    assert 0.2 <= bar._bar.first_share() <= 0.8


def test_that_the_segments_do_not_move_while_a_run_goes_on(bar):
    bar.set_counts(PassCounts(69), PassCounts(317))
    before = bar._bar.first_share()
    bar.set_counts(PassCounts(69, 69), PassCounts(317, 200, 10))
    assert bar._bar.first_share() == before


def test_that_a_row_shows_its_counts_as_a_small_bar(qtbot, theme):
    model = QStandardItemModel(1, 1)
    item = QStandardItem()
    item.setData(PassCounts(4, 2, 1), BAR_ROLE)
    model.setItem(0, 0, item)
    view = QTableView()
    qtbot.addWidget(view)
    view.setModel(model)
    view.setItemDelegate(MiniBarDelegate(view))
    view.setColumnWidth(0, 200)
    view.show()
    rect = view.visualRect(model.index(0, 0))
    image = view.viewport().grab().toImage()
    seen = {image.pixelColor(x, rect.center().y()).name() for x in range(rect.left(), rect.right())}
    assert {theme.tokens.color(tone).name() for tone in ("accent", "error", "border")} <= seen


@pytest.fixture
def gauge(qtbot, theme):
    gauge = Gauge("Complexity")
    qtbot.addWidget(gauge)
    gauge.resize(300, 40)
    gauge.show()
    return gauge


def test_that_a_level_nobody_knows_is_said(gauge, theme):
    assert gauge.accessibleDescription() == "not known yet"
    assert theme.tokens.color("accent").name() not in colors(gauge._level)


def test_that_a_gauge_fills_by_the_share_used(gauge, theme):
    gauge.set_level(0.5, "5 M of 10 M points this minute")
    filled = colors(gauge._level).count(theme.tokens.color("accent").name())
    assert filled == pytest.approx(gauge._level.width() / 2, abs=4)


def test_that_a_nearly_used_up_limit_warns(gauge, theme):
    gauge.set_level(0.97, "9,700 of 10,000")
    assert theme.tokens.color("warn").name() in colors(gauge._level)


def test_that_the_binding_limit_is_named_in_words(gauge):
    gauge.set_level(1.0, "waiting for the minute budget, 00:37")
    gauge.set_binding(True)
    assert gauge._name.text() == "Complexity · binding"
    assert gauge.accessibleDescription() == "waiting for the minute budget, 00:37, this limit binds"
    gauge.set_binding(False)
    assert gauge._name.text() == "Complexity"
