import pytest
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.widgets.page_stack import PageStack

WORDS = "Words that are wrapped where the page is narrow. " * 20


class Measured(QLabel):
    """A wrapped text that counts how often it is set to find its height."""

    def __init__(self) -> None:
        super().__init__(WORDS)
        self.setWordWrap(True)
        self.times = 0

    def heightForWidth(self, width: int) -> int:
        self.times += 1
        return super().heightForWidth(width)


class Window(QMainWindow):
    """Words above a page with a button above a view with a wrapped text, built as the desktop's pages are."""

    def __init__(self, kind: type[QStackedWidget]) -> None:
        super().__init__()
        self.text = Measured()
        self.view = QWidget()
        column = QVBoxLayout(self.view)
        row = QHBoxLayout()
        row.addWidget(QLabel("Cost"))
        row.addWidget(self.text, 1)
        column.addLayout(row)
        column.addStretch(1)
        self.button = QPushButton("Pause")
        page = self._above(self.button, kind(), self.view)
        self.words = QLabel("Words")
        self.setCentralWidget(self._above(self.words, kind(), page))

    @staticmethod
    def _above(head: QWidget, stack: QStackedWidget, content: QWidget) -> QWidget:
        stack.addWidget(content)
        both = QWidget()
        row = QHBoxLayout()
        row.addWidget(head)
        row.addWidget(QPushButton("Stop"))
        column = QVBoxLayout(both)
        column.addLayout(row)
        column.addWidget(stack, 1)
        return both


def shown(kind: type[QStackedWidget], qtbot, width: int = 600) -> Window:
    window = Window(kind)
    qtbot.addWidget(window)
    window.resize(width, 600)
    window.show()
    qtbot.waitExposed(window)
    QApplication.processEvents()
    return window


@pytest.mark.parametrize(("kind", "measured"), [(PageStack, False), (QStackedWidget, True)])
def test_that_a_change_beside_the_stack_sets_no_text_in_it_anew(qtbot, theme, kind, measured):
    window = shown(kind, qtbot)
    window.text.times = 0
    for change in (window.button.hide, window.button.show, lambda: window.words.setText("Other words")):
        change()
        QApplication.processEvents()
    assert bool(window.text.times) == measured


@pytest.mark.parametrize("width", [300, 600, 1200])
def test_that_what_is_in_it_has_the_room_it_has_in_an_ordinary_stack(qtbot, theme, width):
    ordinary, ours = (shown(kind, qtbot, width) for kind in (QStackedWidget, PageStack))
    assert ours.view.geometry() == ordinary.view.geometry()
    assert ours.text.geometry() == ordinary.text.geometry()
    assert ours.minimumSizeHint() == ordinary.minimumSizeHint()
