"""How far a run is: one bar of two passes, a small bar for a table row, a gauge for a limit.

Colour never stands alone: each of them says the same in words, on screen and to a screen reader.
"""

from dataclasses import dataclass

from PySide6.QtCore import QLocale, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gui.theme import INSIDE, RELATED, current_tokens, tabular_font
from gui.widgets.labels import IconLabel, muted_label, set_tone

BAR_ROLE = int(Qt.ItemDataRole.UserRole) + 100
"""The item data role under which a model hands `PassCounts` to `MiniBarDelegate`."""

_BAR_HEIGHT = 12
_MINI_HEIGHT = 6
_NARROWEST_SHARE = 0.2
_NEARLY_USED_UP = 0.9
_SEEN = 4.0


@dataclass(frozen=True, slots=True)
class PassCounts:
    """How many records one pass has, and how those that ended did."""

    total: int = 0
    done: int = 0
    failed: int = 0
    unknown: int = 0

    @property
    def ended(self) -> int:
        """Records whose outcome is written down, whatever it is."""
        return self.done + self.failed + self.unknown

    def words(self) -> str:
        """Return the counts as a person reads them: "45 of 69 · 2 failed · 1 unknown"."""
        number = QLocale().toString
        parts = [f"{number(self.ended)} of {number(self.total)}"]
        if self.failed:
            parts.append(f"{number(self.failed)} failed")
        if self.unknown:
            parts.append(f"{number(self.unknown)} unknown")
        return " · ".join(parts)


def _widths(room: float, counts: PassCounts) -> tuple[float, float, float]:
    """Return the widths of done, failed and unknown; one failure among thousands is still seen."""
    total = max(1, counts.total)
    failed, unknown = (
        max(_SEEN, room * count / total) if count else 0.0 for count in (counts.failed, counts.unknown)
    )
    return min(room * counts.done / total, room - failed - unknown), failed, unknown


def _paint_counts(painter: QPainter, rect: QRectF, counts: PassCounts) -> None:
    """Fill a rounded bar from the left: done, failed, unknown."""
    tokens = current_tokens()
    shape = QPainterPath()
    shape.addRoundedRect(rect, rect.height() / 2, rect.height() / 2)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(shape, tokens.color("border"))
    painter.setClipPath(shape)
    left = rect.left()
    for width, tone in zip(_widths(rect.width(), counts), ("accent", "error", "unknown"), strict=True):
        painter.fillRect(QRectF(left, rect.top(), width, rect.height()), tokens.color(tone))
        left += width
    painter.restore()


class _Bar(QWidget):
    """Two segments beside each other, as wide as their passes are large."""

    def __init__(self) -> None:
        super().__init__()
        self.items = PassCounts()
        self.subitems = PassCounts()
        self.setMinimumSize(QSize(160, _BAR_HEIGHT))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def first_share(self) -> float:
        """Return the width of the items' segment, 0 to 1, never so narrow that it can't be read."""
        both = self.items.total + self.subitems.total
        share = self.items.total / both if both else 0.5
        return min(1 - _NARROWEST_SHARE, max(_NARROWEST_SHARE, share))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint both segments."""
        painter = QPainter(self)
        room = self.width() - INSIDE
        first = round(room * self.first_share())
        _paint_counts(painter, QRectF(0, 0, first, self.height()), self.items)
        _paint_counts(painter, QRectF(first + INSIDE, 0, room - first, self.height()), self.subitems)


class TwoPassBar(QWidget):
    """One bar for a whole run: items on the left, subitems on the right, each with its words below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar = _Bar()
        self._words = (QLabel(), QLabel())
        below = QHBoxLayout()
        below.setSpacing(INSIDE)
        for words in self._words:
            words.setFont(tabular_font())
            below.addWidget(words)
        below.insertStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(INSIDE)
        column.addWidget(self._bar)
        column.addLayout(below)
        self.setAccessibleName("Progress of the run")
        self.set_counts(PassCounts(), PassCounts())

    def set_counts(self, items: PassCounts, subitems: PassCounts) -> None:
        """Show how far both passes are."""
        self._bar.items, self._bar.subitems = items, subitems
        self._bar.update()
        texts = (f"Items {items.words()}", f"Subitems {subitems.words()}")
        for label, text in zip(self._words, texts, strict=True):
            label.setText(text)
        self.setAccessibleDescription(". ".join(texts))


class MiniBarDelegate(QStyledItemDelegate):
    """Paints `PassCounts` from `BAR_ROLE` as a small bar over the cell's own background.

    The words belong into a cell beside it or into the model's tool tip and accessible text.
    """

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the cell as usual, then the bar in its middle."""
        super().paint(painter, option, index)
        counts = index.data(BAR_ROLE)
        rect = QRectF(option.rect)
        if isinstance(counts, PassCounts) and rect.width() > 4 * RELATED:
            rect.adjust(RELATED, 0, -RELATED, 0)
            rect.setTop(rect.center().y() - _MINI_HEIGHT / 2)
            rect.setHeight(_MINI_HEIGHT)
            _paint_counts(painter, rect, counts)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Ask for room in which a bar can be read."""
        return super().sizeHint(option, index).expandedTo(QSize(120, 0))


class _Level(QWidget):
    """The filled line of a gauge."""

    def __init__(self) -> None:
        super().__init__()
        self.share: float | None = None
        self.setMinimumSize(QSize(80, _MINI_HEIGHT))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def tone(self) -> str:
        """Return the tone of the level: accent, or warn once nearly everything is used."""
        return "warn" if (self.share or 0.0) >= _NEARLY_USED_UP else "accent"

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the line and, on it, the part used."""
        tokens = current_tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        radius = self.height() / 2
        painter.setBrush(tokens.color("border"))
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        if self.share:
            painter.setBrush(tokens.color(self.tone()))
            width = max(float(self.height()), self.width() * min(1.0, self.share))
            painter.drawRoundedRect(QRectF(0, 0, width, self.height()), radius, radius)


_BINDING = " · binding"


class Gauge(QWidget):
    """How much of one limit is used: its name, a line, and the figures in words.

    The binding limit, the one the run waits for, carries an icon and the word.
    """

    def __init__(self, label: str, longest: str = "") -> None:
        """There is always room for figures as long as the `longest`, so that they move nothing."""
        super().__init__()
        self._label = label
        self._binding = False
        self._mark = IconLabel("waiting", "warn")
        self._name = QLabel(label)
        self._words = muted_label("")
        self._words.setFont(tabular_font())
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._words.setText(longest)
        self._words.setMinimumWidth(self._words.minimumSizeHint().width())
        self._level = _Level()
        top = QHBoxLayout()
        top.setSpacing(INSIDE)
        top.addWidget(self._mark)
        top.addWidget(self._name)
        top.addStretch(1)
        top.addWidget(self._words)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(INSIDE)
        column.addLayout(top)
        column.addWidget(self._level)
        self.setAccessibleName(label)
        self.set_level(None, "not known yet")
        self.width_of_binding = self._width_of(binding=True) - self._width_of(binding=False)
        """What that mark takes beside the name, pixels."""

    def _width_of(self, *, binding: bool) -> int:
        self.set_binding(binding)
        column = self.layout()
        assert column is not None
        column.activate()
        return self.minimumSizeHint().width()

    def set_level(self, share: float | None, words: str) -> None:
        """Show the used share of the quota, 0 to 1 (None: not known), and the figures in words."""
        self._level.share = share
        self._level.update()
        self._words.setText(words)
        self._describe()

    @property
    def is_binding(self) -> bool:
        """Whether it is marked as the limit that holds the run back."""
        return self._binding

    def set_binding(self, binding: bool) -> None:  # noqa: FBT001  # a Qt-like setter, called with one value
        """Mark this limit as the one that holds the run back."""
        self._binding = binding
        self._mark.setVisible(binding)
        self._name.setText(self._label + _BINDING if binding else self._label)
        set_tone(self._name, "warn" if binding else "text")
        self._describe()

    def _describe(self) -> None:
        binding = ", this limit binds" if self._binding else ""
        self.setAccessibleDescription(f"{self._words.text()}{binding}")
