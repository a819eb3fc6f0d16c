"""A run's totals as an equation: selected = synced + failed + skipped + unknown + not started."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from core.sync.report import Counts, RunReport
from gui.models.run_summary import balance, balance_parts
from gui.theme import INSIDE, tabular_font
from gui.widgets.labels import muted_label, set_tone
from gui.widgets.tables import number_text

_TONES = {"Synced": "ok", "Would sync": "ok", "Archived": "ok", "Failed": "error", "Unknown": "unknown"}
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class RunBalance(QWidget):
    """Orders and lines, each on a row whose parts sum up to what was selected."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(INSIDE + 2)
        self._grid.setVerticalSpacing(INSIDE)
        self._figures: list[list[QLabel]] = []
        parts = balance_parts()
        self._words = [muted_label(part) for part in parts]
        for place, words in enumerate(self._words):
            self._grid.addWidget(words, 0, _column(place), _RIGHT)
        for row, kind in enumerate(("Orders", "Lines"), start=1):
            self._grid.addWidget(QLabel(kind), row, 0)
            self._figures.append([self._figure(row, place) for place in range(len(parts))])
        self._grid.setColumnStretch(_column(len(parts)), 1)

    def set_report(self, report: RunReport) -> None:
        """Show the totals of a run."""
        parts = balance_parts(dry_run=report.dry_run, undo=bool(report.undoes))
        for words, part in zip(self._words, parts, strict=True):
            words.setText(part)
        for figures, counts, kind in zip(
            self._figures, (report.orders, report.lines), ("Orders", "Lines"), strict=True
        ):
            self._fill(figures, counts, kind, parts)

    def figures(self) -> list[list[str]]:
        """Return what is shown, a row for orders and one for lines."""
        return [[label.text() for label in row] for row in self._figures]

    def _fill(self, figures: list[QLabel], counts: Counts, kind: str, parts: Sequence[str]) -> None:
        for label, part, figure in zip(figures, parts, balance(counts), strict=True):
            label.setText(number_text(figure))
            label.setAccessibleName(f"{kind}, {part.lower()}: {figure}")
            set_tone(label, _TONES.get(part, "text") if figure else "text")
            label.setEnabled(bool(figure) or part == parts[0])

    def _figure(self, row: int, place: int) -> QLabel:
        if place:
            self._grid.addWidget(muted_label("=" if place == 1 else "+"), row, _column(place) - 1)
        label = QLabel("0")
        label.setFont(tabular_font())
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid.addWidget(label, row, _column(place), _RIGHT)
        return label


def _column(place: int) -> int:
    """Return the grid's column of a part; the signs stand between them."""
    return 1 + 2 * place
