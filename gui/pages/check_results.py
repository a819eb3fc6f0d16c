"""What a check of the profile found, thing by thing, each with its remedy."""

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from core.workspace import CheckResult
from core.workspace.checks import heading
from gui.theme import GROUPS, RELATED
from gui.widgets.labels import IconLabel, body_label, card, muted_label, section_label, set_tone

_NAMES = {
    "api": "API",
    "database": "Database",
    "board": "Board",
    "hierarchy": "Levels",
    "subitems": "Subitems",
    "permissions": "Permissions",
    "mapping": "Mapping",
    "values": "Values",
    "labels": "Labels",
}


class CheckResults(QWidget):
    """A card of results; nothing is shown before the first check."""

    def __init__(self) -> None:
        super().__init__()
        self._title = section_label("")
        self._grid_box = QWidget()
        column = QVBoxLayout()
        column.setSpacing(RELATED)
        column.addWidget(self._title)
        self._column = column
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card(column))
        column.addWidget(self._grid_box)
        self.forget()

    def forget(self) -> None:
        """Show nothing."""
        self.hide()

    def show_busy(self) -> None:
        """Say that the check is under way."""
        self.show_progress(0, 0)
        self._replace([])
        self.show()

    def show_progress(self, done: int, total: int) -> None:
        """Say how many orders are looked at."""
        self._title.setText(f"Checking … {done:,} of {total:,} orders" if total else "Checking …")

    def show_results(self, results: Sequence[CheckResult]) -> None:
        """Show every result; what is wrong says what to do."""
        self._title.setText(heading(results))
        self._replace(results)
        self.show()

    def words(self) -> list[str]:
        """Return what is shown, line by line."""
        labels = [self._title, *self._grid_box.findChildren(QLabel)]
        return [label.text() for label in labels]

    def _replace(self, results: Sequence[CheckResult]) -> None:
        fresh = QWidget()
        grid = QGridLayout(fresh)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(RELATED)
        grid.setVerticalSpacing(RELATED)
        grid.setColumnStretch(2, 1)
        grid.setColumnMinimumWidth(1, 6 * GROUPS)
        for row, result in enumerate(results):
            _add(grid, row, result)
        self._column.replaceWidget(self._grid_box, fresh)
        self._grid_box.hide()
        self._grid_box.deleteLater()
        self._grid_box = fresh


def _add(grid: QGridLayout, row: int, result: CheckResult) -> None:
    if not result.ok:
        picture, tone, word = "error", "error", "Failed"
    elif result.problem is not None:
        picture, tone, word = "warning", "warn", "Worth knowing"
    else:
        picture, tone, word = "synced", "ok", "Fine"
    name = muted_label(_NAMES.get(result.name, result.name))
    words = body_label(f"{word}: {result.detail}")
    words.setAccessibleName(f"{name.text()}: {words.text()}")
    if tone != "ok":
        set_tone(words, tone)
    top = QGridLayout()
    top.setVerticalSpacing(0)
    top.addWidget(words, 0, 0)
    if result.problem is not None:
        top.addWidget(body_label(result.problem.remedy), 1, 0)
    if result.place is not None:
        top.addWidget(muted_label(f"{result.place}, {result.place.key}"), 2, 0)
    grid.addWidget(IconLabel(picture, tone), row, 0)
    grid.addWidget(name, row, 1)
    grid.addLayout(top, row, 2)
