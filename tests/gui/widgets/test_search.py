import pytest
from PySide6.QtCore import Qt

from gui.widgets.search import SearchField


@pytest.fixture
def field(qtbot, theme):
    field = SearchField("Search orders")
    qtbot.addWidget(field)
    field.show()
    return field


@pytest.fixture
def searches(field):
    texts: list[str] = []
    field.searched.connect(texts.append)
    return texts


def test_that_typing_is_reported_once_it_settles(qtbot, field, searches):
    qtbot.keyClicks(field, "SMS-104")
    assert searches == []
    qtbot.waitUntil(lambda: bool(searches))
    assert searches == ["SMS-104"]


def test_that_enter_reports_at_once_and_only_once(qtbot, field, searches):
    qtbot.keyClicks(field, " PO 8812 ")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert searches == ["PO 8812"]
    with qtbot.assertNotEmitted(field.searched, wait=250):
        qtbot.keyClick(field, Qt.Key.Key_Return)


def test_that_clearing_reports_at_once(qtbot, field, searches):
    qtbot.keyClicks(field, "SMS")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    field.clear()
    assert searches == ["SMS", ""]


def test_that_a_remembered_text_is_not_a_new_search(qtbot, field, searches):
    with qtbot.assertNotEmitted(field.searched, wait=250):
        field.set_text_silently("SMS-104")
    assert field.text() == "SMS-104"
    field.clear()
    assert searches == [""]


def test_that_the_field_has_a_name_and_a_clear_button(field):
    assert field.accessibleName() == "Search orders"
    assert field.isClearButtonEnabled()
