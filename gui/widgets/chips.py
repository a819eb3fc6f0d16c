"""Filters in force as chips that can be taken away one by one, wrapping onto new lines."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QLayoutItem, QWidget

from gui.theme import INSIDE, RELATED
from gui.widgets.buttons import icon_button, link_button


class FlowLayout(QLayout):
    """Puts widgets beside each other and goes on in a new line where the room ends."""

    def __init__(self, parent: QWidget | None = None, spacing: int = INSIDE) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)

    def addItem(self, item: QLayoutItem) -> None:
        """Take an item over."""
        self._items.append(item)

    def count(self) -> int:
        """Return how many items are laid out."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item, or None past the end."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Give an item back, or None past the end."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Take no more room than the items need."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Say that a narrower layout is a higher one."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all lines at this width."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        """Place the items."""
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        """Return the size of the widest item: everything else can wrap."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Return the size of the widest item."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        """Place the items line by line and return the height they take."""
        x, y, line = rect.x(), rect.y(), 0
        for item in self._items:
            size = item.sizeHint()
            if x > rect.x() and x + size.width() > rect.right() + 1:
                x, y, line = rect.x(), y + line + self.spacing(), 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self.spacing()
            line = max(line, size.height())
        return y + line - rect.y()


class FilterChip(QFrame):
    """One filter in force. The cross, Delete and Backspace take it away."""

    removed = Signal()

    def __init__(self, text: str, *, removable: bool = True) -> None:
        super().__init__()
        self.setProperty("role", "chip")
        self.setAccessibleName(f"Filter: {text}")
        row = QHBoxLayout(self)
        row.setContentsMargins(RELATED, 1, 2 if removable else RELATED, 1)
        row.setSpacing(INSIDE)
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        row.addWidget(label)
        if removable:
            cross = icon_button("close", f"Remove filter {text}")
            cross.setIconSize(QSize(12, 12))
            cross.clicked.connect(self.removed)
            row.addWidget(cross)
            self.setFocusProxy(cross)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Remove the chip on Delete or Backspace."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.focusProxy():
            self.removed.emit()
        else:
            super().keyPressEvent(event)


class ChipBar(QWidget):
    """The filters in force and, from two on, "Clear all". Takes no room while there are none."""

    removed = Signal(str)
    """The key of the chip whose cross was pressed; the page decides and sets the chips again."""
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = FlowLayout(self)
        self.setAccessibleName("Filters in force")
        self.hide()

    def set_chips(self, chips: Sequence[tuple[str, str]]) -> None:
        """Show these filters, each with its key and its words, in this order."""
        while (item := self._flow.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for key, text in chips:
            chip = FilterChip(text)
            chip.removed.connect(lambda key=key: self.removed.emit(key))
            self._flow.addWidget(chip)
        if len(chips) > 1:
            clear = link_button("Clear all")
            clear.clicked.connect(self.cleared)
            self._flow.addWidget(clear)
        self.setVisible(bool(chips))
