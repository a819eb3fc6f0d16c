"""The question which suggestions to accept: all at or above a threshold, or one by one."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QTableView, QVBoxLayout, QWidget

from core.mapping.suggestions import BULK_CONFIDENCE, Suggestion
from gui.models.mapping_suggestions import SuggestionsModel
from gui.theme import EDGE, GROUPS, RELATED
from gui.widgets.buttons import disable_because, enable, plain_button, primary_button
from gui.widgets.fields import number_field
from gui.widgets.labels import muted_label, rule, title_label
from gui.widgets.tables import prepare_table

_WIDTHS = (200, 200, 64)


class SuggestionsDialog(QDialog):
    """Every open suggestion with its confidence and its reason. Accepting is one step that can be undone."""

    def __init__(self, parent: QWidget, suggestions: Sequence[Suggestion], side: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle("Suggestions")
        self.setMinimumSize(560, 320)
        self.resize(760, 480)
        self.model = SuggestionsModel(suggestions, self)
        self.view = QTableView()
        self.view.setModel(self.model)
        prepare_table(self.view, "Suggestions")
        self.view.horizontalHeader().setSectionsClickable(False)
        for section, width in enumerate(_WIDTHS):
            self.view.setColumnWidth(section, width)
        self.threshold = number_field("Accept from this confidence", 0, 100, unit="%")
        self.threshold.setSingleStep(5)
        self.threshold.setValue(round(BULK_CONFIDENCE * 100))
        self.accept_button = primary_button("Accept")
        self.refuse_button = plain_button("Accept none")
        self._lay_out(side)
        self.threshold.valueChanged.connect(self.model.set_threshold)
        self.model.dataChanged.connect(self._show_count)
        self.accept_button.clicked.connect(self.accept)
        self.refuse_button.clicked.connect(self.reject)
        self.accept_button.setDefault(True)
        self.model.set_threshold(self.threshold.value())
        self._show_count()

    @property
    def accepted_suggestions(self) -> tuple[Suggestion, ...]:
        """Those that are checked."""
        return self.model.checked

    def showEvent(self, event: QShowEvent) -> None:
        """Begin at the threshold."""
        super().showEvent(event)
        self.threshold.setFocus()

    def _lay_out(self, side: str) -> None:
        words = muted_label("Accept all that are at least so &sure:")
        words.setTextFormat(Qt.TextFormat.AutoText)
        words.setBuddy(self.threshold)
        top = QHBoxLayout()
        top.setSpacing(RELATED)
        top.addWidget(words)
        top.addWidget(self.threshold)
        top.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(RELATED)
        buttons.addWidget(muted_label("Space checks or unchecks a row. One undo takes all of them back."), 1)
        buttons.addWidget(self.refuse_button)
        buttons.addWidget(self.accept_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, EDGE, EDGE, GROUPS)
        column.setSpacing(GROUPS)
        column.addWidget(title_label(f"Suggestions for {side}"))
        column.addLayout(top)
        column.addWidget(self.view, 1)
        column.addWidget(rule())
        column.addLayout(buttons)

    def _show_count(self, *_changed: object) -> None:
        count = len(self.model.checked)
        self.accept_button.setText(f"Accept {count} of {self.model.rowCount()}")
        if count:
            enable(self.accept_button)
        else:
            disable_because(self.accept_button, "Check a suggestion first")
