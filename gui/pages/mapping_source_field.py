"""Where a rule's value comes from: one source column, or a template of several."""

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.config.model import ColumnMapping
from gui.models.mapping_keys import SOURCE_HINTS
from gui.models.source_columns import dragged_source
from gui.pages.search_combo import SearchCombo
from gui.theme import INSIDE
from gui.widgets.labels import set_style_property, small_label

_COLUMN, _TEMPLATE = 0, 1


class TemplateField(QLineEdit):
    """A template as text; a source column dragged onto it comes in braces to where the mouse is."""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a source column as any text."""
        if dragged_source.name_in(event.mimeData()):
            event.acceptProposedAction()
        else:
            super().dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Put the column's name in braces where it was dropped, and say that the text was edited."""
        name = dragged_source.name_in(event.mimeData())
        if not name:
            super().dropEvent(event)
            return
        self.setCursorPosition(self.cursorPositionAt(event.position().toPoint()))
        self.insert(f"{{{name}}}")
        self.textEdited.emit(self.text())
        event.acceptProposedAction()


class SourceField(QWidget):
    """Chooses between the two kinds and shows the field of the one in use."""

    edited = Signal(dict, bool)
    """The rule's fields `source` and `template` as they are now, and whether they are being typed."""
    typing_ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._rule: ColumnMapping | None = None
        self._names = QStringListModel(self)
        self.column_radio = QRadioButton("One &column")
        self.template_radio = QRadioButton("&Template")
        self.template_radio.setToolTip(
            "Several columns and words, such as {STYLE}_{COLOUR}.\n"
            "{CUSTOMER ALT PO|PO NUMBER} takes the first one that is filled."
        )
        self._kind = QButtonGroup(self)
        self._kind.addButton(self.column_radio, _COLUMN)
        self._kind.addButton(self.template_radio, _TEMPLATE)
        self._kind.idClicked.connect(self._kind_chosen)
        self.combo = SearchCombo("Source column", self._names)
        self.combo.chosen.connect(
            lambda row: self.edited.emit({"source": self._names.stringList()[row], "template": None}, False)
        )
        self.template = TemplateField()
        self.template.setAccessibleName("Template")
        self.template.setPlaceholderText("{CUSTOMER STYLE}_{PO NUMBER}")
        self.template.textEdited.connect(
            lambda text: self.edited.emit({"source": None, "template": text}, True)
        )
        self.template.editingFinished.connect(self.typing_ended)
        self._hint = small_label("")
        self._hint.setWordWrap(True)
        self._lay_out()

    @property
    def names(self) -> list[str]:
        """The source columns on offer."""
        return self._names.stringList()

    def set_names(self, names: Sequence[str]) -> None:
        """Offer these source columns."""
        if self._names.stringList() != list(names):
            self._names.setStringList(list(names))

    def show_rule(self, rule: ColumnMapping) -> None:
        """Show where a rule's value comes from."""
        self._rule = rule
        is_template = rule.template is not None
        (self.template_radio if is_template else self.column_radio).setChecked(True)
        self._stack.setCurrentIndex(_TEMPLATE if is_template else _COLUMN)
        if self.template.text() != (rule.template or ""):
            self.template.setText(rule.template or "")
            self.template.setCursorPosition(0)
        names = self._names.stringList()
        known = rule.source in names
        self.combo.show_choice(names.index(rule.source or "") if known else -1, rule.source or "")
        set_style_property(self.combo, "invalid", "false" if known or is_template else "true")
        hint = SOURCE_HINTS.get(rule.type, "")
        self._hint.setText(f"Takes {hint}" if hint else "")
        self._hint.setVisible(bool(hint))

    def focus(self) -> None:
        """Put the cursor into the field in use."""
        field = self.template if self._stack.currentIndex() == _TEMPLATE else self.combo
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _kind_chosen(self, kind: int) -> None:
        rule = self._rule
        if rule is None:
            return
        if kind == _TEMPLATE and rule.template is None:
            template = f"{{{rule.source}}}" if rule.source else ""
            self.edited.emit({"source": None, "template": template}, False)
        elif kind == _COLUMN and rule.source is None:
            # A template of one column alone keeps that column.
            name = (rule.template or "").strip().removeprefix("{").removesuffix("}")
            source = name if name in self._names.stringList() else ""
            self.edited.emit({"source": source, "template": None}, False)

    def _lay_out(self) -> None:
        kinds = QHBoxLayout()
        kinds.addWidget(self.column_radio)
        kinds.addWidget(self.template_radio)
        kinds.addStretch(1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.combo)
        self._stack.addWidget(self.template)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(INSIDE)
        column.addLayout(kinds)
        column.addWidget(self._stack)
        column.addWidget(self._hint)
