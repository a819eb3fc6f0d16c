"""The names a mapping gives to groups, items and subitems, and the key column of each side."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from core.config.model import MappingSet
from core.monday.board import Board
from core.workspace.mapping import Side
from gui.icons import add_icon_item, column_type_icon_name, set_icon
from gui.models.mapping_findings import NameSamples
from gui.pages.elided_label import ElidedLabel
from gui.pages.search_combo import ChoiceCombo
from gui.preferences import Preferences
from gui.theme import GROUPS, INSIDE, RELATED
from gui.widgets.buttons import link_button
from gui.widgets.labels import muted_label

_KEY_TYPES = frozenset({"text"})
"""Types of a column that can hold a key and be searched by it."""
_NO_KEY = "No key column"
_UNFOLDED = "mappings/names"
_HINT = "Columns in braces, words between them: {CUSTOMER STYLE} {PO NUMBER}"


@dataclass(frozen=True, slots=True)
class _NameRow:
    """One template: its field in the mapping set, its label, the side it belongs to."""

    field: str
    label: str
    side: Side


_NAMES = (
    _NameRow("group_name", "&Group name", "items"),
    _NameRow("item_name", "Item &name", "items"),
    _NameRow("subitem_name", "Subitem &name", "subitems"),
)
_KEY_FIELDS: dict[Side, str] = {"items": "item_key_column", "subitems": "subitem_key_column"}


class NamesForm(QWidget):
    """Name templates with what they make of the sample order, and the key column."""

    edited = Signal(str, object, bool)
    """A field of `MappingSet`, its new value, and whether it is being typed."""
    typing_ended = Signal()

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences
        self._side: Side = "items"
        self._name_samples = NameSamples()
        self.fields: dict[str, QLineEdit] = {}
        self._samples: dict[str, ElidedLabel] = {}
        self._labels: dict[str, QLabel] = {}
        self.fold_button = link_button("")
        self.fold_button.setToolTip("Show or hide the templates of the names, and the key column")
        self.fold_button.clicked.connect(lambda: self.unfold(wanted=not self.is_unfolded))
        self._summary = ElidedLabel()
        head = QHBoxLayout()
        head.setSpacing(RELATED)
        head.addWidget(self.fold_button)
        head.addWidget(self._summary, 1)
        self._body = QWidget()
        grid = QGridLayout(self._body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(RELATED)
        grid.setVerticalSpacing(RELATED)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(2, 2)
        for row, name in enumerate(_NAMES):
            self._add_name(grid, row, name)
        self._add_key(grid, len(_NAMES))
        grid.setColumnMinimumWidth(2, 8 * GROUPS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(INSIDE)
        column.addLayout(head)
        column.addWidget(self._body)
        self.unfold(wanted=preferences.flag(_UNFOLDED))

    @property
    def is_unfolded(self) -> bool:
        """Whether the fields are shown, not only what they make."""
        return not self._body.isHidden()

    def unfold(self, *, wanted: bool) -> None:
        """Show the fields, or only what they make of the sample order; the choice is kept."""
        self._preferences.set(_UNFOLDED, wanted)
        self._body.setVisible(wanted)
        self._show_summary()

    def focus_first(self) -> None:
        """Show the fields and put the cursor into the first one."""
        self.unfold(wanted=True)
        first = next(name.field for name in _NAMES if name.side == self._side)
        self.fields[first].setFocus(Qt.FocusReason.OtherFocusReason)

    def show_side(self, side: Side) -> None:
        """Show the fields of the items or of the subitems."""
        self._side = side
        self._show_summary()
        for name in _NAMES:
            for widget in (self._labels[name.field], self.fields[name.field], self._samples[name.field]):
                widget.setVisible(name.side == side)

    def show_mapping(self, mapping: MappingSet, board: Board | None) -> None:
        """Show what is set. `board` is that of the side shown, None where it could not be read."""
        for field, widget in self.fields.items():
            text = getattr(mapping, field)
            if widget.text() != text:
                widget.setText(text)
                widget.setCursorPosition(0)
        self._show_key(getattr(mapping, _KEY_FIELDS[self._side]), board)

    def show_samples(self, samples: NameSamples) -> None:
        """Show what the templates make of the sample order."""
        self._name_samples = samples
        for field, label in self._samples.items():
            text = getattr(samples, field)
            label.setText(f"→ {text}" if text else "")
        self._show_summary()

    def _show_summary(self) -> None:
        set_icon(self.fold_button, "chevron-down" if self.is_unfolded else "chevron-right", "accent")
        self.fold_button.setText("Group, name and key" if self._side == "items" else "Name and key")
        made = (getattr(self._name_samples, name.field) for name in _NAMES if name.side == self._side)
        words = "  /  ".join(text for text in made if text)
        self._summary.setText("" if self.is_unfolded else words)

    def _add_name(self, grid: QGridLayout, row: int, name: _NameRow) -> None:
        field = self.fields[name.field] = QLineEdit()
        field.setToolTip(_HINT)
        field.setMinimumWidth(8 * GROUPS)
        field.textEdited.connect(lambda text: self.edited.emit(name.field, text, True))
        field.editingFinished.connect(self.typing_ended)
        label = self._labels[name.field] = muted_label(name.label)
        label.setTextFormat(Qt.TextFormat.AutoText)
        label.setBuddy(field)
        field.setAccessibleName(name.label.replace("&", ""))
        sample = self._samples[name.field] = ElidedLabel()
        grid.addWidget(label, row, 0)
        grid.addWidget(field, row, 1)
        grid.addWidget(sample, row, 2)

    def _add_key(self, grid: QGridLayout, row: int) -> None:
        self.key_combo = ChoiceCombo("Key column")
        self.key_combo.activated.connect(self._key_chosen)
        label = muted_label("&Key column")
        label.setTextFormat(Qt.TextFormat.AutoText)
        label.setBuddy(self.key_combo)
        note = ElidedLabel("Finds what arrived after a lost answer")
        grid.addWidget(label, row, 0)
        grid.addWidget(self.key_combo, row, 1)
        grid.addWidget(note, row, 2)

    def _show_key(self, column_id: str | None, board: Board | None) -> None:
        self.key_combo.clear()
        self.key_combo.addItem(_NO_KEY, None)
        columns = [each for each in board.columns if each.type in _KEY_TYPES] if board else []
        for column in columns:
            add_icon_item(
                self.key_combo, column_type_icon_name(column.type), "muted", column.title, column.id
            )
        if column_id is not None and self.key_combo.findData(column_id) < 0:
            self.key_combo.addItem(column_id, column_id)
        self.key_combo.setCurrentIndex(self.key_combo.findData(column_id) if column_id else 0)

    def _key_chosen(self, row: int) -> None:
        self.edited.emit(_KEY_FIELDS[self._side], self.key_combo.itemData(row), False)
