import pytest
from PySide6.QtCore import QPoint, QPointF, QStringListModel, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from gui.pages.search_combo import SearchCombo


class Entries(QStringListModel):
    """The second entry can't be chosen."""

    def flags(self, index):
        flags = super().flags(index)
        return flags & ~Qt.ItemFlag.ItemIsEnabled if index.row() == 1 else flags


@pytest.fixture
def window(qtbot, theme):
    window = QWidget()
    column = QVBoxLayout(window)
    column.addWidget(
        SearchCombo("Board column", Entries(["CATEGORY", "QTY PACKED", "STYLE", "STYLE NOTE"], window))
    )
    column.addWidget(QLineEdit())
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def combo(window):
    combo = window.findChild(SearchCombo)
    combo.show_choice(0)
    combo.setFocus()
    combo.lineEdit().selectAll()
    combo.picked = []
    combo.chosen.connect(combo.picked.append)
    return combo


def leave(qtbot, combo):
    combo.parentWidget().layout().itemAt(1).widget().setFocus()
    qtbot.waitUntil(lambda: not combo.lineEdit().hasFocus())


def test_that_typing_any_part_narrows_and_enter_takes_the_entry(qtbot, combo):
    qtbot.keyClicks(combo.lineEdit(), "note")
    popup = combo.completer().popup()
    qtbot.waitUntil(popup.isVisible)
    assert [popup.model().index(row, 0).data() for row in range(popup.model().rowCount())] == ["STYLE NOTE"]
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert combo.picked == [3]
    assert combo.currentText() == "STYLE NOTE"


def test_that_a_whole_entry_typed_in_small_letters_is_taken_on_leaving(qtbot, combo):
    qtbot.keyClicks(combo.lineEdit(), "style")
    combo.completer().popup().hide()
    leave(qtbot, combo)
    assert combo.picked == [2]
    assert combo.currentText() == "STYLE"


def test_that_what_is_no_entry_is_put_back_on_leaving(qtbot, combo):
    qtbot.keyClicks(combo.lineEdit(), "nonsense")
    leave(qtbot, combo)
    assert combo.picked == []
    assert combo.currentText() == "CATEGORY"


def test_that_an_entry_that_cannot_be_chosen_is_not_taken(qtbot, combo):
    qtbot.keyClicks(combo.lineEdit(), "QTY PACKED")
    combo.completer().popup().hide()
    leave(qtbot, combo)
    assert combo.picked == []
    assert combo.currentText() == "CATEGORY"


def test_that_a_value_that_is_no_entry_is_shown_and_stays(qtbot, combo):
    combo.show_choice(-1, "GONE")
    assert combo.currentText() == "GONE"
    leave(qtbot, combo)
    assert combo.picked == []
    assert combo.currentText() == "GONE"


def test_that_the_wheel_changes_nothing(combo):
    middle = QPointF(combo.rect().center())
    wheel = QWheelEvent(
        middle,
        QPointF(combo.mapToGlobal(combo.rect().center())),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(combo, wheel)
    assert combo.picked == []
    assert combo.currentText() == "CATEGORY"
    assert not wheel.isAccepted()
