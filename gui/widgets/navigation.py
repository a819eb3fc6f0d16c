"""The list of pages on the left of the window, with badges for what needs a person."""

from PySide6.QtCore import (
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from gui.icons import icon
from gui.theme import GROUPS, INSIDE, RELATED, current_tokens

_PAGE_ID = int(Qt.ItemDataRole.UserRole)
_COUNT = _PAGE_ID + 1
_ICON_NAME = _PAGE_ID + 2
_ICON_SIDE = 16


def _badge_text(count: int) -> str:
    return QLocale().toString(count) if count < 1000 else "999+"


class _EntryDelegate(QStyledItemDelegate):
    """Paints an entry: icon, words, badge; the keyboard's place has a ring that differs from selection."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one entry."""
        tokens = current_tokens()
        state = option.state
        row = QRectF(option.rect).adjusted(RELATED, 1, -RELATED, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(tokens.color("select" if selected else "raised"))
            painter.drawRoundedRect(row, 6, 6)
        if state & QStyle.StateFlag.State_HasFocus and option.widget.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(tokens.color("accent"), 2))
            painter.drawRoundedRect(row.adjusted(1, 1, -1, -1), 5, 5)
        picture = QRect(0, 0, _ICON_SIDE, _ICON_SIDE)
        picture.moveCenter(QPointF(row.left() + RELATED + _ICON_SIDE / 2, row.center().y()).toPoint())
        icon(str(index.data(_ICON_NAME))).paint(painter, picture)
        words = row.adjusted(RELATED + _ICON_SIDE + RELATED, 0, -RELATED, 0)
        font = QFont(option.font)
        font.setWeight(QFont.Weight.DemiBold if selected else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(tokens.color("text"))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, str(index.data()))
        self._paint_badge(painter, words, int(index.data(_COUNT) or 0))
        painter.restore()

    def _paint_badge(self, painter: QPainter, room: QRectF, count: int) -> None:
        if not count:
            return
        tokens = current_tokens()
        text = _badge_text(count)
        metrics = QFontMetrics(painter.font())
        height = metrics.height() + 1
        width = max(height, metrics.horizontalAdvance(text) + 2 * INSIDE + 4)
        pill = QRectF(room.right() - width + INSIDE, room.center().y() - height / 2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.color("error"))
        painter.drawRoundedRect(pill, height / 2, height / 2)
        painter.setPen(tokens.color("on_error"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return a row of 32 px, higher where the font needs it."""
        font = QFont(option.font)
        font.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetrics(font)
        words = metrics.horizontalAdvance(str(index.data()))
        badge = metrics.horizontalAdvance("999+") + GROUPS
        return QSize(2 * GROUPS + _ICON_SIDE + RELATED + words + badge, max(34, metrics.height() + 14))


class NavigationList(QListWidget):
    """One entry a page; choosing one by mouse or keyboard reports it."""

    chosen = Signal(str)
    """The page's id, also when the choice came from `choose`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("navigation")
        self.setAccessibleName("Pages")
        self.setItemDelegate(_EntryDelegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.currentItemChanged.connect(self._report)

    def add_entry(self, page_id: str, title: str, icon_name: str) -> None:
        """Add a page at the end."""
        item = QListWidgetItem(title, self)
        item.setData(_ICON_NAME, icon_name)
        item.setData(_PAGE_ID, page_id)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, title)
        item.setToolTip(f"{title} (Ctrl+{self.count()})")
        self.setFixedWidth(max(self.sizeHintForColumn(0) + 1, 160))

    def choose(self, page_id: str) -> None:
        """Select a page's entry. Raises `KeyError` for an id that has none."""
        self.setCurrentItem(self._entry(page_id))

    def set_badge(self, page_id: str, count: int) -> None:
        """Show how many records need a person; 0 shows nothing. Raises `KeyError` for an unknown page."""
        item = self._entry(page_id)
        item.setData(_COUNT, count)
        spoken = f"{item.text()}, {_badge_text(count)} need attention" if count else item.text()
        item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)

    def badge(self, page_id: str) -> int:
        """Return the count shown. Raises `KeyError` for an unknown page."""
        return int(self._entry(page_id).data(_COUNT) or 0)

    def _entry(self, page_id: str) -> QListWidgetItem:
        for row in range(self.count()):
            if self.item(row).data(_PAGE_ID) == page_id:
                return self.item(row)
        raise KeyError(page_id)

    def _report(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(str(item.data(_PAGE_ID)))
