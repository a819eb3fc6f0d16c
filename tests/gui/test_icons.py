import re
from collections import Counter

import pytest
from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QColor, QIcon
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QComboBox

from core.resources import resource_path
from gui.icons import add_icon_item, column_type_icon, icon, icon_names, ink_again, set_icon
from gui.svg import tinted_svg
from gui.widgets.buttons import plain_button
from gui.widgets.search import SearchField

PAGES = {"orders", "preview", "run", "failures", "mappings", "history", "monitor", "settings"}
ACTIONS = {
    *(
        "search",
        "filter",
        "columns",
        "copy",
        "play",
        "pause",
        "stop",
        "retry",
        "edit",
        "save",
        "undo",
        "redo",
    ),
    *("close", "chevron-right", "chevron-down", "check", "check-partial", "link-out", "arrow-right"),
}
STATES = {
    *(
        "warning",
        "error",
        "info",
        "unknown",
        "hold",
        "new",
        "pending",
        "waiting",
        "sending",
        "synced",
        "failed",
    ),
    *("cancelled", "database", "board", "budget"),
}
COLUMN_TYPES = {
    *(
        "text",
        "long_text",
        "numbers",
        "status",
        "dropdown",
        "date",
        "mirror",
        "formula",
        "relation",
        "item_id",
    ),
    *("subtasks", "name", "other"),
}
PROMISED = PAGES | ACTIONS | STATES | {f"type-{name}" for name in COLUMN_TYPES}


def ink(picture: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal) -> str:
    """The colour of most of the fully covered pixels."""
    image = picture.pixmap(QSize(64, 64), mode).toImage()
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return Counter(pixel.name() for pixel in pixels if pixel.alpha() == 255).most_common(1)[0][0]


def test_that_every_promised_icon_is_drawn():
    assert set(icon_names()) >= PROMISED


@pytest.mark.parametrize("name", icon_names())
def test_that_a_drawing_keeps_to_the_family(name):
    drawing = resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")
    assert QSvgRenderer(QByteArray(drawing.encode())).isValid()
    assert 'viewBox="0 0 16 16"' in drawing
    assert 'stroke-width="1.5"' in drawing
    assert set(re.findall(r'(?:stroke|fill)="(\S+?)"', drawing)) <= {"none", "currentColor"}


@pytest.mark.parametrize("name", icon_names())
def test_that_an_icon_shows_in_its_tone(theme, name):
    assert ink(icon(name, "error")) == theme.tokens.color("error").name()


def test_that_an_icon_follows_a_change_of_theme(theme):
    light = ink(icon("orders", "accent"))
    theme.set_choice("dark")
    assert ink(icon("orders", "accent")) == theme.tokens.color("accent").name() != light


def test_that_what_was_given_an_icon_follows_a_change_of_theme(theme, qtbot):
    button, field, combo = plain_button("Save", "save"), SearchField(), QComboBox()
    for widget in (button, field, combo):
        qtbot.addWidget(widget)
    add_icon_item(combo, "type-text", "muted", "Customer", "text_customer")
    theme.set_choice("dark")
    ink_again()
    inks = [ink(button.icon()), ink(field.actions()[0].icon()), ink(combo.itemIcon(0))]
    assert inks == [theme.tokens.color(tone).name() for tone in ("text", "muted", "muted")]


def test_that_an_icon_taken_away_stays_away(theme, qtbot):
    button = plain_button("Save", "save")
    qtbot.addWidget(button)
    set_icon(button, None)
    ink_again()
    assert button.icon().isNull()


def test_that_a_disabled_icon_is_fainter(theme):
    faint = QColor(ink(icon("stop"), QIcon.Mode.Disabled))
    assert faint.lightness() > QColor(ink(icon("stop"))).lightness()


def test_that_an_icon_in_a_selected_row_keeps_its_ink(theme):
    assert ink(icon("stop"), QIcon.Mode.Selected) == ink(icon("stop"))


def test_that_an_icon_has_all_pixels_of_a_dense_screen(theme):
    picture = icon("orders").pixmap(QSize(16, 16), 2.0)
    assert (picture.width(), picture.height(), picture.devicePixelRatio()) == (32, 32, 2.0)


def test_that_an_unknown_icon_is_refused_where_it_is_asked_for():
    with pytest.raises(FileNotFoundError):
        icon("unicorn")


def test_that_a_tint_replaces_every_ink():
    assert b"currentColor" not in tinted_svg("orders", "#123456")
    assert b"#123456" in tinted_svg("orders", "#123456")


@pytest.mark.parametrize(("alias", "own"), [("board_relation", "relation"), ("vote", "other")])
def test_that_a_column_type_without_a_drawing_borrows_one(theme, alias, own):
    borrowed = column_type_icon(alias).pixmap(QSize(32, 32)).toImage()
    assert borrowed == icon(f"type-{own}", "muted").pixmap(QSize(32, 32)).toImage()
