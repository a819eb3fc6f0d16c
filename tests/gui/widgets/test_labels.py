import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout

from gui.widgets.labels import (
    Badge,
    IconLabel,
    body_label,
    card,
    fixed_label,
    section_label,
    set_style_property,
    set_tone,
    small_label,
    title_label,
)


@pytest.fixture
def shown(qtbot, theme):
    def show(widget):
        qtbot.addWidget(widget)
        widget.show()
        return widget

    return show


def corner_color(widget, x=4):
    return widget.grab().toImage().pixelColor(x, widget.height() // 2).name()


def test_that_sizes_of_words_differ(shown):
    small, body, section, title = (
        shown(make("Orders")).fontInfo().pointSizeF()
        for make in (small_label, body_label, section_label, title_label)
    )
    assert small < body < section < title


@pytest.mark.parametrize("make", [body_label, fixed_label])
def test_that_sentences_and_identifiers_can_be_selected_by_keyboard(shown, make):
    flags = shown(make("AAG-4755-001")).textInteractionFlags()
    assert flags & Qt.TextInteractionFlag.TextSelectableByKeyboard


def test_that_words_from_outside_are_never_read_as_markup(shown):
    label = shown(body_label("<b>Cut & Sew</b>"))
    assert label.textFormat() is Qt.TextFormat.PlainText


@pytest.mark.parametrize(
    ("kind", "fill"), [("demo", "raised"), ("development", "surface"), ("production", "error")]
)
def test_that_a_badge_shows_its_kind_by_its_fill(shown, theme, kind, fill):
    badge = shown(Badge("Profile", kind))
    assert corner_color(badge) == theme.tokens.color(fill).name()
    assert badge.accessibleName() == "Profile Profile"


def test_that_a_badge_of_an_unknown_kind_does_not_look_harmless(shown):
    assert shown(Badge("Staging", "staging")).kind == "development"


def test_that_a_badge_changes_its_look_with_its_profile(shown, theme):
    badge = shown(Badge("Demo", "demo"))
    badge.set_profile("Production", "production")
    assert (badge.text(), badge.kind) == ("Production", "production")
    assert corner_color(badge) == theme.tokens.color("error").name()


def test_that_a_tone_colours_a_label_and_follows_the_theme(shown, theme):
    label = shown(QLabel("Failed"))
    set_tone(label, "error")
    assert label.palette().color(label.foregroundRole()) == theme.tokens.color("error")
    theme.set_choice("dark")
    assert label.palette().color(label.foregroundRole()) == theme.tokens.color("error")


def test_that_the_same_style_property_again_costs_no_repolish(shown):
    label = shown(QLabel())
    set_style_property(label, "tone", "ok")
    set_style_property(label, "tone", "ok")
    assert label.property("tone") == "ok"


def test_that_an_icon_label_is_painted_and_repainted_in_its_tone(shown, theme):
    mark = shown(IconLabel("dot", "ok"))
    assert corner_color(mark, 8) == theme.tokens.color("ok").name()
    mark.set_icon("dot", "error")
    assert corner_color(mark, 8) == theme.tokens.color("error").name()


def test_that_a_card_takes_a_widget_or_a_layout(shown):
    label = QLabel("in")
    assert card(label).isAncestorOf(label)
    layout = QVBoxLayout()
    other = QLabel("too")
    layout.addWidget(other)
    assert shown(card(layout)).isAncestorOf(other)
