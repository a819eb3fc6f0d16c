"""The one repair of a failed record: another value for the column concerned."""

from collections.abc import Collection, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.config.model import EngineColumns
from core.mapping.source_values import as_text
from core.mapping.template import template_columns
from core.orders.model import RecordKind
from core.workspace import FailureDetail
from gui.theme import RELATED, fixed_font
from gui.widgets.buttons import disable_because, enable, plain_button, primary_button
from gui.widgets.labels import IconLabel, body_label, section_label, set_tone

LONG_TEXT = 80
"""A value of more characters, or of several lines, is edited in a field of several lines."""

RecordId = tuple[RecordKind, str]
"""Kind and key of a record."""

_SEND, _SAVE_AND_SEND = "Send again", "Save and send again"


class FixPanel(QWidget):
    """The value concerned, its editor and the two ways on. What is typed is told, never saved by itself.

    It stays with its record until it is saved, also while another record is shown.
    """

    save_requested = Signal(str, str, bool)
    """Column, new value, and whether to send the record again."""
    send_requested = Signal()
    """Send again as it is."""

    def __init__(self) -> None:
        super().__init__()
        self._values: Mapping[str, str] = {}
        self._shown: RecordId | None = None
        self._typed: dict[RecordId, dict[str, str]] = {}
        self._showing = False
        self._busy = False
        self.column = QComboBox()
        self.line = QLineEdit()
        self.text = QPlainTextEdit()
        self.save_button = plain_button("Save", "save")
        self.send_button = primary_button(_SEND, "retry")
        self.verdict = body_label("")
        self._verdict_icon = IconLabel("info", "muted")
        self._editor = QStackedWidget()
        self._prepare()
        self._lay_out()
        self.column.currentTextChanged.connect(self._show_value)
        self.line.textChanged.connect(self._keep)
        self.text.textChanged.connect(self._keep)
        self.save_button.clicked.connect(self._save)
        self.send_button.clicked.connect(self._send)

    @property
    def value(self) -> str:
        """The value as it stands in the editor."""
        return self.text.toPlainText() if self._several else self.line.text()

    @property
    def _several(self) -> bool:
        """Whether the editor has several lines."""
        return self._editor.currentWidget() is self.text

    @property
    def changed(self) -> bool:
        """Whether the editor holds something else than the record."""
        name = self.column.currentText()
        return name in self._values and self.value != self._values[name]

    def set_detail(self, detail: FailureDetail, owned: Collection[str]) -> None:
        """Show the column that the failure is about, with its present value; `owned` ones are not offered."""
        values = {name: as_text(value) for name, value in detail.fields if name not in owned}
        record = (detail.record.kind, detail.record.key)
        if detail.source in values:
            values[detail.source] = detail.value
        typed = self._typed_for(record, values)
        # After a save the operator's choice of a column stays.
        same = self._shown == record and self.column.currentText() in values
        last = self.column.currentText() if same else next(reversed(typed), "")
        concerned = last or column_to_edit(detail.source, values)
        self._shown = record
        self._values = values
        self.column.blockSignals(True)
        self.column.clear()
        self.column.addItems(list(values))
        self.column.setCurrentIndex(self.column.findText(concerned) if concerned else -1)
        self.column.blockSignals(False)
        self.set_verdict("", "muted", "info")
        self.set_busy(busy=False)
        self._show_value(concerned)

    def keep_typed(self, failed: Collection[RecordId]) -> None:
        """Forget what was typed for records that do not fail any more."""
        self._typed = {record: typed for record, typed in self._typed.items() if record in failed}

    def set_value(self, value: str) -> None:
        """Put a value into the editor, as if it had been typed."""
        if self._several:
            self.text.setPlainText(value)
        else:
            self.line.setText(value)

    def set_busy(self, *, busy: bool) -> None:
        """Keep the buttons from being pressed twice while a value is being saved."""
        self._busy = busy
        self._changed()

    def set_verdict(self, text: str, tone: str, icon_name: str) -> None:
        """Say what a check after saving found; an empty text says nothing."""
        self.verdict.setText(text)
        set_tone(self.verdict, tone)
        self._verdict_icon.set_icon(icon_name, tone)
        self._verdict_icon.setVisible(bool(text))
        self.verdict.setVisible(bool(text))

    def focus_editor(self) -> None:
        """Go to the value."""
        (self.text if self._several else self.line).setFocus(Qt.FocusReason.OtherFocusReason)

    def _typed_for(self, record: RecordId, values: Mapping[str, str]) -> dict[str, str]:
        """Return what was typed for a record and not saved, by column; what was typed last comes last."""
        typed = self._typed.get(record, {})
        self._typed[record] = {
            name: value for name, value in typed.items() if values.get(name, value) != value
        }
        return self._typed[record]

    def _keep(self) -> None:
        """Keep what was typed, for the record and column shown."""
        name = self.column.currentText()
        if self._shown is not None and not self._showing:
            typed = self._typed.setdefault(self._shown, {})
            typed.pop(name, None)
            if self.changed:
                typed[name] = self.value
        self._changed()

    def _show_value(self, name: str) -> None:
        value = self._values.get(name, "")
        several = len(value) > LONG_TEXT or "\n" in value
        typed = self._typed.get(self._shown, {}) if self._shown is not None else {}
        self._showing = True
        self._editor.setCurrentWidget(self.text if several else self.line)
        self.set_value(typed.get(name, value))
        self._showing = False
        for editor in (self.line, self.text):
            editor.setAccessibleName(f"New value of {name}" if name else "New value")
            editor.setEnabled(bool(name))
        self._changed()

    def _changed(self) -> None:
        self.send_button.setText(_SAVE_AND_SEND if self.changed else _SEND)
        if self._busy:
            for button in (self.save_button, self.send_button):
                disable_because(button, "The value is being saved.")
            return
        enable(self.send_button)
        if self.changed:
            enable(self.save_button)
        else:
            disable_because(self.save_button, "The value is as it was: type another one first.")

    def _save(self) -> None:
        self.save_requested.emit(self.column.currentText(), self.value, False)

    def _send(self) -> None:
        if self.changed:
            self.save_requested.emit(self.column.currentText(), self.value, True)
        else:
            self.send_requested.emit()

    def _prepare(self) -> None:
        self.column.setAccessibleName("Column to correct")
        self.column.setEditable(True)
        self.column.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.column.setMinimumContentsLength(24)
        completer, edit = self.column.completer(), self.column.lineEdit()
        assert completer is not None
        assert edit is not None
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        edit.setPlaceholderText("Choose the column to correct")
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(5 * self.text.fontMetrics().height())
        for editor in (self.line, self.text):
            editor.setFont(fixed_font())
        self._editor.addWidget(self.line)
        self._editor.addWidget(self.text)
        self._editor.currentChanged.connect(self._fit_editor)
        self._fit_editor()

    def _fit_editor(self) -> None:
        """Take the height of the editor that is shown."""
        self._editor.setFixedHeight(
            self.text.minimumHeight() if self._several else self.line.sizeHint().height()
        )

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(RELATED)
        form.addRow("Column", self.column)
        form.addRow("New value", self._editor)
        told = QHBoxLayout()
        told.setSpacing(RELATED)
        told.addWidget(self._verdict_icon, 0, Qt.AlignmentFlag.AlignTop)
        told.addWidget(self.verdict, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(RELATED)
        buttons.addWidget(self.send_button)
        buttons.addWidget(self.save_button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(RELATED)
        column.addWidget(section_label("Fix it"))
        column.addLayout(form)
        column.addLayout(told)
        column.addLayout(buttons)


def owned_columns(kind: RecordKind, columns: EngineColumns) -> frozenset[str]:
    """Return the columns that the engine owns: states, ids, times and the record's own key.

    A line's `record_uuid`, size and quantity are the operator's to correct.
    """
    names = set(columns.model_dump().values()) - {columns.size_code, columns.qty}
    return frozenset(names - {columns.record_uuid} if kind is RecordKind.LINE else names)


def column_to_edit(source: str, values: Mapping[str, str]) -> str:
    """Return the column a failure is about; of a template the column with the longest value, else ""."""
    if source in values:
        return source
    parts = [name for name in template_columns(source) if name in values] if "{" in source else []
    return max(parts, key=lambda name: len(values[name]), default="")
