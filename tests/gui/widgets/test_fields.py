from PySide6.QtWidgets import QLineEdit

from gui.widgets.fields import number_field, set_invalid


def edge(field):
    return field.grab().toImage().pixelColor(field.width() // 2, 0).name()


def test_that_a_number_field_says_name_unit_and_bounds(qtbot, theme):
    field = number_field("Orders per request", 1, 25_000, value=12_000, unit="orders")
    qtbot.addWidget(field)
    assert field.accessibleName() == "Orders per request"
    assert field.text() == "12,000 orders"
    field.setValue(99_999)
    assert field.value() == 25_000


def test_that_a_wrong_field_shows_it_and_says_why(qtbot, theme):
    field = QLineEdit("abc")
    qtbot.addWidget(field)
    field.show()
    set_invalid(field, "A board id is a number.")
    assert edge(field) == theme.tokens.color("error").name()
    assert field.toolTip() == field.accessibleDescription() == "A board id is a number."
    set_invalid(field, "")
    assert edge(field) == theme.tokens.color("outline").name()
    assert field.toolTip() == ""
