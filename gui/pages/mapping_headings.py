"""The columns of the rules table: they fit the room by themselves until the operator arranges them."""

from PySide6.QtWidgets import QTableView, QWidget

from gui.models.mapping_table import BECOMES, BOARD_COLUMN, POLICY, SAMPLE, SOURCE, TRANSFORM
from gui.pages.column_menu import ColumnMenu
from gui.preferences import Preferences

_KEY = "mappings/table"
_NARROW = 600
_WIDE_SHARES = {SOURCE: 0.19, SAMPLE: 0.14, TRANSFORM: 0.13, BECOMES: 0.14, BOARD_COLUMN: 0.19}
_NARROW_SHARES = {SOURCE: 0.28, SAMPLE: 0.19, BECOMES: 0.2, BOARD_COLUMN: 0.33}
_LEAST, _MOST = 72, 260


class RulesColumns(ColumnMenu):
    """Hides and shows columns; without a layout of the operator's own, widths follow the table's."""

    def __init__(self, view: QTableView, preferences: Preferences, parent: QWidget) -> None:
        self._view = view
        self._is_kept = False
        self._arranging = False
        super().__init__(view.horizontalHeader(), preferences, _KEY, self.fit, parent)

    def restore(self) -> None:
        """Give the columns the layout that was kept; without one they fit the room."""
        self._is_kept = True
        super().restore()

    def reset(self) -> None:
        """Let the columns fit the room again."""
        super().reset()
        self.fit()

    def fit(self) -> None:
        """Give each column its share of the room; where it is short, the steps are hidden."""
        self._is_kept = False
        self._arranging = True
        try:
            room = self._view.width()
            shares = _NARROW_SHARES if room < _NARROW else _WIDE_SHARES
            for column in range(POLICY + 1):
                self._view.setColumnHidden(column, column != POLICY and column not in shares)
            for column, share in shares.items():
                self._view.setColumnWidth(column, max(_LEAST, min(_MOST, int(room * share))))
        finally:
            self._arranging = False

    def room_changed(self) -> None:
        """Fit the room again, unless the operator arranged the columns."""
        if not self._is_kept:
            self.fit()

    def _changed(self, *change: object) -> None:
        # A sort order brings two values; the last column takes what the others leave, at every resize.
        of_itself = len(change) == len(("column", "order")) or change[:1] == (POLICY,)
        if not self._arranging and not of_itself:
            self._is_kept = True
            super()._changed(*change)
