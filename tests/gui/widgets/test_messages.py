import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton

from gui.widgets.messages import EmptyState, MessagePanel, Severity, problem_panel


@pytest.fixture
def shown(qtbot, theme):
    def show(widget):
        qtbot.addWidget(widget)
        widget.show()
        return widget

    return show


def test_that_an_empty_state_offers_the_one_thing_to_do(qtbot, shown):
    empty = shown(EmptyState("orders", "No orders wait", "New orders appear here.", "Reload"))
    with qtbot.waitSignal(empty.activated):
        empty.button.click()
    assert (empty.accessibleName(), empty.accessibleDescription()) == (
        "No orders wait",
        "New orders appear here.",
    )


def test_that_an_empty_state_without_an_action_has_no_button(shown):
    assert not shown(EmptyState("orders", "No orders wait", "New orders appear here.")).button.isVisible()


def test_that_an_empty_state_can_say_something_else(shown):
    empty = shown(EmptyState("orders", "No orders wait", "New orders appear here."))
    empty.set_words("search", "Nothing found", "No order has SMS-9 in it.")
    assert "Nothing found" in [label.text() for label in empty.findChildren(QLabel)]


@pytest.mark.parametrize("severity", Severity)
def test_that_severity_shows_at_the_edge_and_is_spoken(shown, theme, severity):
    panel = shown(MessagePanel(severity, "Title", "Text"))
    tone = {"info": "accent"}.get(severity, str(severity))
    edge = panel.grab().toImage().pixelColor(1, panel.height() // 2)
    assert edge.name() == theme.tokens.color(tone).name()
    assert panel.accessibleName().endswith(": Title")


def test_that_the_words_of_a_panel_can_be_selected(shown):
    panel = shown(MessagePanel("error", "The board has no label 'Cut & Sew'", "Add the label."))
    for label in (panel._title, panel._text):
        assert label.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    assert panel.words() == "The board has no label 'Cut & Sew'\nAdd the label."


def test_that_only_the_operator_dismisses_a_panel(qtbot, shown):
    panel = shown(MessagePanel("warn", "3 orders have findings", closable=True))
    with qtbot.waitSignal(panel.closed):
        panel.findChild(QToolButton).click()
    assert not panel.isVisible()


def test_that_a_panel_without_a_text_takes_one_line(shown):
    assert not shown(MessagePanel("info", "A newer mapping is on disk"))._text.isVisible()


def test_that_an_action_calls_its_slot_and_can_be_taken_away(shown):
    panel = shown(problem_panel("The board has no label", "order 1", "Add the label."))
    pressed: list[str] = []
    panel.add_action("Open Mappings", lambda: pressed.append("mappings")).click()
    assert pressed == ["mappings"]
    panel.clear_actions()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert panel.findChildren(QPushButton) == []


def test_that_a_word_that_is_no_severity_is_refused(theme):
    with pytest.raises(ValueError, match="fatal"):
        MessagePanel("fatal", "Title")
