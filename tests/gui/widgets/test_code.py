import json

import pytest
from PySide6.QtGui import QTextBlock
from PySide6.QtWidgets import QApplication

from gui.widgets.code import COLOURED_UP_TO, CodeView

DOCUMENT = """mutation Pass1($board: ID!) {
  # one request
  o0: create_item(board_id: $board, item_name: "SMS-10442") { id }
}"""


@pytest.fixture
def view(qtbot, theme):
    kept = []  # blocks of a document die with its view

    def make(language="graphql"):
        view = CodeView(language, "Document of request 1")
        kept.append(view)
        qtbot.addWidget(view)
        view.resize(600, 300)
        view.show()
        return view

    return make


def coloured(qtbot, view, text):
    view.set_code(text)
    qtbot.waitUntil(lambda: not view.busy)
    return view


def tones(block: QTextBlock) -> dict[str, str]:
    """Coloured words of one line and their colours."""
    units = block.text().encode("utf-16-le")
    return {
        units[2 * each.start : 2 * (each.start + each.length)].decode("utf-16-le"): each.format.foreground()
        .color()
        .name()
        for each in block.layout().formats()
    }


def lines(view: CodeView) -> list[QTextBlock]:
    document = view.document()
    return [document.findBlockByNumber(number) for number in range(document.blockCount())]


def test_that_a_document_is_coloured_by_its_grammar(qtbot, view, theme):
    first, comment, call, _end = lines(coloured(qtbot, view(), DOCUMENT))
    assert tones(first)["mutation"] == theme.tokens.color("accent").name()
    assert tones(first)["$board"] == theme.tokens.color("warn").name()
    assert theme.tokens.color("muted").name() in tones(comment).values()
    assert tones(call)['"SMS-10442"'] == theme.tokens.color("ok").name()


def test_that_keys_and_values_of_json_differ(qtbot, view, theme):
    _open, row, _close = lines(coloured(qtbot, view("json"), '{\n  "qty": 120\n}'))
    assert tones(row)['"qty"'] == theme.tokens.color("accent").name()
    assert tones(row)["120"] == theme.tokens.color("warn").name()


def test_that_colours_stay_in_place_behind_characters_of_two_units(qtbot, view, theme):
    (row,) = lines(coloured(qtbot, view("json"), '{"\U0001f45f ∆": 120}'))
    assert tones(row)["120"] == theme.tokens.color("warn").name()


def test_that_a_value_over_several_lines_is_coloured_on_each(qtbot, view, theme):
    shown = lines(coloured(qtbot, view("json"), "{\n/* one\ntwo */\n}"))
    muted = theme.tokens.color("muted").name()
    assert [tones(line) for line in shown[1:3]] == [{"/* one": muted}, {"two */": muted}]


def test_that_the_text_is_there_before_its_colours(qtbot, view):
    opened = view("json")
    text = json.dumps({f"v{n}": n for n in range(5000)}, indent=2)
    opened.set_code(text)
    assert opened.busy
    assert opened.toPlainText().startswith('{\n  "v0": 0')
    assert tones(lines(opened)[100]) == {}
    qtbot.waitUntil(lambda: not opened.busy, timeout=20_000)
    assert opened.toPlainText() == text
    assert tones(lines(opened)[4000])


def test_that_a_new_text_ends_the_colouring_of_the_old(qtbot, view):
    opened = view("json")
    opened.set_code(json.dumps({f"v{n}": n for n in range(5000)}, indent=2))
    coloured(qtbot, opened, "{}")
    assert opened.toPlainText() == "{}"


def test_that_a_text_over_the_limit_stays_plain(qtbot, view):
    opened = view("json")
    text = "[\n" + "1,\n" * (COLOURED_UP_TO // 3) + "1]"
    coloured(qtbot, opened, text)
    assert opened.toPlainText() == text
    assert tones(lines(opened)[1]) == {}


def test_that_an_overlong_line_stays_plain_and_the_next_is_coloured(qtbot, view):
    long, short = lines(coloured(qtbot, view("json"), "[" + "1," * 4000 + '1,\n"x"]'))
    assert tones(long) == {}
    assert '"x"' in tones(short)


def test_that_plain_text_and_emptiness_have_no_colours(view):
    opened = view("text")
    opened.set_code("HTTP 200")
    assert not opened.busy
    other = view("json")
    other.set_code("")
    assert not other.busy


def test_that_colours_follow_the_theme(qtbot, view, theme):
    opened = coloured(qtbot, view(), DOCUMENT)
    theme.set_choice("dark")
    qtbot.waitUntil(lambda: not opened.busy)
    assert tones(lines(opened)[0])["mutation"] == theme.tokens.color("accent").name()


def test_that_copy_takes_the_text_as_it_was_given(qtbot, view):
    opened = view("text")
    opened.set_code("one\r\ntwo")
    opened.copy_button.click()
    assert QApplication.clipboard().text() == "one\r\ntwo"
    assert opened.code() == "one\r\ntwo"
    assert opened.copy_button.accessibleName() == "Copy all: Document of request 1"


def test_that_the_text_is_read_only_and_tab_leaves_it(view):
    opened = view()
    assert opened.isReadOnly()
    assert opened.tabChangesFocus()
