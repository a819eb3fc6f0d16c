"""A column of widgets that scrolls where the window is lower than what they need at least."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from gui.theme import RELATED


class ScrollColumn(QScrollArea):
    """Fill `column`: it takes the whole height where that is enough, and never less than its least one."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        content = _Content()
        self.column = QVBoxLayout(content)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(RELATED)
        self.setWidget(content)


class HighEnough(QWidget):
    """Asks a splitter, which looks at least sizes alone, for the least height at the width that it has."""

    def minimumSizeHint(self) -> QSize:
        """Return the least size of the layout, with what wraps at this width."""
        least, layout = super().minimumSizeHint(), self.layout()
        if layout is None or not layout.hasHeightForWidth():
            return least
        return least.expandedTo(QSize(0, layout.minimumHeightForWidth(self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask again: at another width it wraps elsewhere."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()


class _Content(QWidget):
    def heightForWidth(self, width: int) -> int:
        """Return the least height: by the one it prefers the area would scroll long before it has to."""
        layout = self.layout()
        return layout.minimumHeightForWidth(width) if layout is not None else -1
