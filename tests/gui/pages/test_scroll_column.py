from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit

from gui.pages.scroll_column import ScrollColumn
from gui.widgets.labels import body_label


def make_column(qtbot, width: int, height: int) -> tuple[ScrollColumn, QLabel, QPlainTextEdit]:
    area, words, table = ScrollColumn(), body_label("many words " * 40), QPlainTextEdit()
    table.setMinimumHeight(100)
    area.column.addWidget(words)
    area.column.addWidget(table, 1)
    qtbot.addWidget(area)
    area.resize(width, height)
    area.show()
    QApplication.processEvents()
    return area, words, table


def test_that_what_has_no_room_is_reached_by_scrolling(qtbot, theme) -> None:
    area, words, table = make_column(qtbot, 300, 120)
    assert words.height() >= words.heightForWidth(words.width())
    assert table.height() == 100
    assert area.verticalScrollBar().maximum() > 0
    assert area.horizontalScrollBar().maximum() == 0


def test_that_nothing_scrolls_while_the_least_heights_fit(qtbot, theme) -> None:
    area, words, table = make_column(qtbot, 600, 260)
    # By its hint the text field wants more than it has.
    assert area.height() < words.height() + table.sizeHint().height()
    assert area.verticalScrollBar().maximum() == 0
    assert table.geometry().bottom() == area.viewport().height() - 1


def test_that_the_column_follows_words_that_grow(qtbot, theme) -> None:
    area, words, _table = make_column(qtbot, 300, 400)
    assert area.verticalScrollBar().maximum() == 0
    words.setText("many words " * 100)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    assert words.height() >= words.heightForWidth(words.width())
