"""A combo box whose entries are found by typing any part of them."""

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QComboBox, QCompleter, QSizePolicy, QWidget

_ICON = QSize(16, 16)


class ChoiceCombo(QComboBox):
    """A combo box for a form: the wheel scrolls the form and never changes what is chosen."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the area around the box."""
        event.ignore()


class SearchCombo(ChoiceCombo):
    """Typing narrows the entries to those that hold the text. What is no entry is put back on leaving.

    Entries that are not enabled are shown and can't be chosen.
    """

    chosen = Signal(int)
    """The operator chose the entry of this row, and it is another one than before."""

    def __init__(self, name: str, entries: QAbstractItemModel, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._row = -1
        self._foreign = ""
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setModel(entries)
        self.setIconSize(_ICON)
        completer = self._completer = QCompleter(entries, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setMaxVisibleItems(12)
        self.setCompleter(completer)
        if (narrowed := completer.popup()) is not None:
            narrowed.setIconSize(_ICON)
        field = self.lineEdit()
        assert field is not None
        field.setAccessibleName(name)
        field.editingFinished.connect(self._leave)
        entries.modelReset.connect(self._show_row)
        self.activated.connect(self._choose)
        self._show_row()

    def show_choice(self, row: int, foreign: str = "") -> None:
        """Show the entry of a row; with -1 the text `foreign`, which is no entry."""
        self._row, self._foreign = row, foreign
        self._show_row()

    def set_popup_delegate(self, delegate: QAbstractItemDelegate) -> None:
        """Let the entries of both lists, the whole one and the narrowed one, be painted by this delegate."""
        self.view().setItemDelegate(delegate)
        narrowed = self._completer.popup()
        assert narrowed is not None
        narrowed.setItemDelegate(delegate)

    def _show_row(self) -> None:
        self.setCurrentIndex(self._row)
        text = self._foreign if self._row < 0 else self.itemText(self._row)
        field = self.lineEdit()
        assert field is not None
        if field.text() != text:
            field.setText(text)
            field.setCursorPosition(0)

    def _choose(self, row: int) -> None:
        entry = self.model().index(row, 0)
        if row == self._row or not self._can_choose(entry):
            self._show_row()
            return
        self._row = row
        self._show_row()
        self.chosen.emit(row)

    def _leave(self) -> None:
        """Take what was typed if it is an entry, else put the former one back."""
        narrowed = self._completer.popup()
        if narrowed is not None and narrowed.isVisible() and narrowed.currentIndex().isValid():
            return  # Enter reaches the field first, then chooses the entry
        text = self.currentText().strip()
        if text == (self._foreign if self._row < 0 else self.itemText(self._row)):
            return
        row = self.findText(text, Qt.MatchFlag.MatchFixedString)
        if row >= 0:
            self._choose(row)
        else:
            self._show_row()

    def _can_choose(self, entry: QModelIndex) -> bool:
        return entry.isValid() and bool(self.model().flags(entry) & Qt.ItemFlag.ItemIsEnabled)
