"""The menu of a table's columns: hide and show, and the first layout back. The layout is kept."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHeaderView, QMenu, QWidget

from gui.preferences import Preferences

_SETTLED_MS = 400


class ColumnMenu(QMenu):
    """Hides and shows the columns of one header and keeps its layout under `key`.

    The first column always stays: it names the row.
    """

    def __init__(
        self,
        header: QHeaderView,
        preferences: Preferences,
        key: str,
        first_layout: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Columns", parent)
        self._header = header
        self._preferences = preferences
        self._key = key
        self._first_layout = first_layout
        # A drag tells every pixel: the layout is kept once it settles.
        self._settled = QTimer(self, interval=_SETTLED_MS, singleShot=True)
        self._settled.timeout.connect(self.remember)
        self.aboutToShow.connect(self._fill)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(lambda place: self.popup(header.mapToGlobal(place)))
        for change in (header.sectionResized, header.sectionMoved, header.sortIndicatorChanged):
            change.connect(self._changed)

    def restore(self) -> None:
        """Give the columns the layout that was kept, or the first one."""
        columns = self._header.count()
        # A layout of another set of columns would put widths and hidden ones at the wrong places.
        kept = self._preferences.text(f"{self._key}/columns") == self._column_names()
        if not (kept and columns and self._preferences.restore_state(self._key, self._header)):
            self._first_layout()

    def remember(self) -> None:
        """Keep the layout now."""
        self._settled.stop()
        self._preferences.set(f"{self._key}/columns", self._column_names())
        self._preferences.remember_state(self._key, self._header)

    def reset(self) -> None:
        """Show every column again, in its first place and width, unsorted."""
        for section in range(self._header.count()):
            self._header.setSectionHidden(section, False)
            self._header.moveSection(self._header.visualIndex(section), section)
        self._header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._first_layout()
        self.remember()

    def _changed(self, *_change: object) -> None:
        self._settled.start()

    def _fill(self) -> None:
        self.clear()
        for section in range(1, self._header.count()):
            action = self.addAction(self._title(section))
            action.setCheckable(True)
            action.setChecked(not self._header.isSectionHidden(section))
            action.setData(section)
            action.toggled.connect(lambda shown, place=section: self._show(place, shown=shown))
        self.addSeparator()
        self.addAction("&Reset columns").triggered.connect(self.reset)

    def _show(self, section: int, *, shown: bool) -> None:
        self._header.setSectionHidden(section, not shown)
        self._changed()

    def _title(self, section: int) -> str:
        # "R&D" is a title, not a letter to press.
        title = self._header.model().headerData(section, Qt.Orientation.Horizontal)
        return str(title).replace("&", "&&")

    def _column_names(self) -> str:
        return "|".join(self._title(section) for section in range(self._header.count()))
