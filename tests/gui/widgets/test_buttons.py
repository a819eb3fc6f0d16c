import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLabel

from gui.widgets.buttons import (
    danger_button,
    disable_because,
    enable,
    icon_button,
    link_button,
    plain_button,
    primary_button,
    with_shortcut,
)
from gui.widgets.toolbar import PageHeader, Toolbar


@pytest.mark.parametrize(
    ("make", "fill"), [(primary_button, "accent"), (danger_button, "error"), (plain_button, "surface")]
)
def test_that_the_weight_of_a_button_shows_in_its_fill(qtbot, theme, make, fill):
    button = make("Push 69 orders", "play")
    qtbot.addWidget(button)
    button.show()
    pixel = button.grab().toImage().pixelColor(6, button.height() // 2)
    assert pixel.name() == theme.tokens.color(fill).name()


def test_that_no_button_answers_enter_by_chance(qtbot, theme):
    for make in (primary_button, danger_button, plain_button, link_button):
        button = make("Push")
        qtbot.addWidget(button)
        assert not button.autoDefault()


def test_that_a_button_is_at_least_24_pixels_high(qtbot, theme):
    for button in (plain_button("Push"), icon_button("copy", "Copy")):
        qtbot.addWidget(button)
        button.show()
        assert button.sizeHint().height() >= 24


def test_that_an_icon_button_says_its_name(qtbot, theme):
    button = icon_button("copy", "Copy the order number")
    qtbot.addWidget(button)
    assert button.accessibleName() == button.toolTip() == "Copy the order number"


def test_that_a_shortcut_shows_in_the_tooltip(qtbot, theme):
    button = with_shortcut(plain_button("&Preview"), "Ctrl+P")
    qtbot.addWidget(button)
    assert button.toolTip() == "Preview (Ctrl+P)"
    assert with_shortcut(QAction("Stop"), "Esc").toolTip() == "Stop (Esc)"


def test_that_a_disabled_control_says_why_and_gets_its_words_back(qtbot, theme):
    button = with_shortcut(plain_button("Push"), "Ctrl+Return")
    qtbot.addWidget(button)
    own = button.toolTip()
    disable_because(button, "Select an order first.")
    disable_because(button, "The board cannot be reached.")
    assert not button.isEnabled()
    assert button.toolTip() == button.accessibleDescription() == "The board cannot be reached."
    enable(button)
    assert button.isEnabled()
    assert (button.toolTip(), button.accessibleDescription()) == (own, "")


def test_that_enabling_what_was_never_disabled_keeps_its_tooltip(qtbot, theme):
    button = icon_button("copy", "Copy")
    qtbot.addWidget(button)
    enable(button)
    assert button.toolTip() == "Copy"


def test_that_a_toolbar_keeps_the_order_of_adding(qtbot, theme):
    toolbar = Toolbar()
    qtbot.addWidget(toolbar)
    first, second = plain_button("Filter"), plain_button("Columns")
    toolbar.add(first)
    count = toolbar.add_label("412 of 2,318")
    toolbar.add_separator()
    toolbar.add_stretch()
    toolbar.add(second)
    toolbar.resize(600, 40)
    toolbar.show()
    assert first.x() < count.x() < second.x()
    assert second.geometry().right() == toolbar.width() - 1


def test_that_an_empty_subtitle_takes_no_room(qtbot, theme):
    header = PageHeader("Orders", "412 orders wait.")
    qtbot.addWidget(header)
    header.add(plain_button("Push"))
    header.show()
    tall = header.sizeHint().height()
    header.set_subtitle("")
    QApplication.processEvents()
    assert header.sizeHint().height() < tall
    header.set_title("Failures")
    assert "Failures" in [label.text() for label in header.findChildren(QLabel)]
