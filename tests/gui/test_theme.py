import re
import tomllib
from dataclasses import fields

import pytest
from PySide6.QtCore import QFile, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPushButton,
    QStyle,
    QStyleOptionButton,
)

from core.resources import resource_path
from gui.theme import (
    Density,
    Scheme,
    Theme,
    Tokens,
    blend,
    current_theme,
    current_tokens,
    fixed_font,
    load_tokens,
    section_font,
    small_font,
    title_font,
)

BACKGROUNDS = ("window", "surface", "raised", "select")
WORDS = ("text", "muted", "accent", "ok", "warn", "error", "unknown", "hold")


def luminance(color: str) -> float:
    """WCAG 2.2, relative luminance."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    ink = QColor(color)
    return 0.2126 * linear(ink.redF()) + 0.7152 * linear(ink.greenF()) + 0.0722 * linear(ink.blueF())


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_that_the_contrast_of_black_on_white_is_21_to_1():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("high_contrast", [False, True])
@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("scheme", Scheme)
def test_that_every_text_token_can_be_read_on_every_background(scheme, word, background, high_contrast):
    tokens = load_tokens(scheme).in_high_contrast() if high_contrast else load_tokens(scheme)
    assert contrast(getattr(tokens, word), getattr(tokens, background)) >= 4.5


@pytest.mark.parametrize("fill", ["accent", "error"])
@pytest.mark.parametrize("scheme", Scheme)
def test_that_words_on_a_fill_can_be_read(scheme, fill):
    tokens = load_tokens(scheme)
    assert contrast(getattr(tokens, f"on_{fill}"), getattr(tokens, fill)) >= 4.5


@pytest.mark.parametrize("background", ["window", "surface", "raised"])
@pytest.mark.parametrize("edge", ["outline", "accent"])
@pytest.mark.parametrize("scheme", Scheme)
def test_that_the_edge_of_a_control_and_its_focus_ring_stand_out(scheme, edge, background):
    tokens = load_tokens(scheme)
    assert contrast(getattr(tokens, edge), getattr(tokens, background)) >= 3


@pytest.mark.parametrize("scheme", Scheme)
def test_that_high_contrast_leaves_no_quiet_grey(scheme):
    tokens = load_tokens(scheme).in_high_contrast()
    assert tokens.muted == tokens.text
    assert contrast(tokens.border, tokens.surface) >= 4.5


def test_that_the_file_names_the_same_tokens_for_both_schemes():
    tables = tomllib.loads(resource_path("theme", "tokens.toml").read_text(encoding="utf-8"))
    names = [field.name for field in fields(Tokens)]
    assert {scheme.value: list(tables[scheme.value]) for scheme in Scheme} == {"light": names, "dark": names}


def test_that_a_word_that_is_no_token_has_no_colour():
    with pytest.raises(AttributeError):
        load_tokens(Scheme.LIGHT).color("mauve")


def test_that_a_blend_lies_between_its_colours():
    assert blend(QColor("#FFFFFF"), QColor("#000000"), 0.0) == QColor("#000000")
    assert blend(QColor("#FFFFFF"), QColor("#000000"), 0.6).name() == "#999999"


def test_that_the_theme_is_found_from_anywhere(theme):
    assert current_theme() is theme
    assert current_tokens() is theme.tokens


def test_that_a_manual_choice_changes_palette_and_style_sheet(theme, qapp, qtbot):
    light_sheet = qapp.styleSheet()
    with qtbot.waitSignal(theme.changed):
        theme.set_choice("dark")
    dark = load_tokens(Scheme.DARK)
    assert theme.scheme is Scheme.DARK
    assert theme.tokens == dark
    assert qapp.palette().color(QPalette.ColorRole.Base) == QColor(dark.surface)
    assert dark.surface in qapp.styleSheet()
    assert dark.surface not in light_sheet


def test_that_the_same_choice_again_repaints_nothing(theme, qtbot):
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_choice("light")
        theme.set_density(Density.COMFORTABLE)


def test_that_the_system_choice_follows_the_system_while_it_runs(theme, qapp):
    theme.set_choice("system")
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.scheme is Scheme.DARK
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert theme.scheme is Scheme.LIGHT


def test_that_a_manual_choice_ignores_the_system(theme, qapp):
    theme.set_choice("light")
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.scheme is Scheme.LIGHT


def test_that_a_choice_nobody_knows_follows_the_system(theme):
    theme.set_choice("sepia")
    assert theme.choice == "system"


def test_that_compact_rows_are_lower(theme, qtbot):
    comfortable = theme.row_height()
    with qtbot.waitSignal(theme.changed):
        theme.set_density(Density.COMPACT)
    assert (comfortable, theme.row_height()) == (28, 22)


def test_that_rows_grow_with_the_font(theme, qapp):
    before = qapp.font()
    large = qapp.font()
    large.setPointSize(22)
    try:
        qapp.setFont(large)
        assert theme.row_height() > 28
    finally:
        qapp.setFont(before)


@pytest.mark.parametrize("kind", [QLineEdit, QPushButton, QComboBox])
def test_that_a_large_font_is_not_cut(theme, qapp, qtbot, kind):
    before = qapp.font()
    large = qapp.font()
    large.setPointSize(22)
    try:
        qapp.setFont(large)
        theme.set_density(Density.COMPACT)
        control = kind()
        qtbot.addWidget(control)
        control.show()
        assert control.minimumSizeHint().height() >= control.fontMetrics().height()
        assert control.minimumHeight() >= control.fontMetrics().height()
    finally:
        qapp.setFont(before)


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_that_every_picture_of_the_style_sheet_exists(theme, qapp, choice):
    theme.set_choice(choice)
    pictures = re.findall(r"url\((.+?)\)", qapp.styleSheet())
    assert pictures
    assert [picture for picture in pictures if not QFile.exists(picture)] == []


@pytest.mark.parametrize("state", [Qt.CheckState.Checked, Qt.CheckState.PartiallyChecked])
@pytest.mark.parametrize("choice", ["light", "dark"])
def test_that_the_mark_of_a_disabled_check_box_can_be_seen(theme, qapp, qtbot, choice, state):
    theme.set_choice(choice)
    box = QCheckBox("All of them")
    qtbot.addWidget(box)
    box.setTristate(True)
    box.setCheckState(state)
    box.setEnabled(False)
    box.ensurePolished()
    box.resize(box.sizeHint())
    option = QStyleOptionButton()
    box.initStyleOption(option)
    place = box.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, box)
    inside = box.grab(place.adjusted(3, 3, -3, -3)).toImage()
    inks = {inside.pixelColor(x, y).name() for x in range(inside.width()) for y in range(inside.height())}
    # Less than the 3 of its colour: a thin line has soft edges.
    assert max(contrast(ink, theme.tokens.raised) for ink in inks) >= 2.5


def test_that_type_sizes_stand_in_their_order(theme):
    body = QApplication.font().pointSizeF()
    sizes = [font().pointSizeF() - body for font in (title_font, section_font, fixed_font, small_font)]
    assert sizes == pytest.approx([4, 1, 0, -1], abs=0.6)
    assert title_font().weight() > QApplication.font().weight()


def test_that_identifiers_stand_in_a_font_of_one_width(theme):
    metrics = QFontMetrics(fixed_font())
    assert metrics.horizontalAdvance("iii") == metrics.horizontalAdvance("WWW")


def test_that_the_theme_stays_one_object(theme):
    assert isinstance(theme, Theme)
    assert theme.parent() is QApplication.instance()


def test_that_an_application_refuses_a_second_theme(qapp, theme):
    with pytest.raises(RuntimeError, match="has a theme already"):
        Theme(qapp)
    assert current_theme() is theme
