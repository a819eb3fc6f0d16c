"""The form of one rule: where the value comes from, where it goes, and what happens to unusual values."""

from collections.abc import Sequence
from typing import Any, cast, get_args

from PySide6.QtCore import QSignalBlocker, QStringListModel, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QScrollArea,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from core.config.model import ColumnMapping, Transform
from gui.models.board_columns import CHOICE_ROLE, BoardColumnsModel, ColumnChoice, Index, column_words
from gui.models.mapping_table import RuleLine
from gui.models.mapping_words import DATE_TYPES, LABEL_TYPES, LIMITED_TYPES
from gui.pages.elided_label import ElidedLabel
from gui.pages.search_combo import ChoiceCombo, SearchCombo
from gui.theme import INSIDE, RELATED
from gui.widgets.labels import body_label, section_label, set_style_property, set_tone
from gui.widgets.messages import EmptyState, MessagePanel, Severity

_TRANSFORM_WORDS: dict[Transform, tuple[str, str]] = {
    "trim": ("T&rim", "Take blanks at both ends away"),
    "upper": ("&UPPER", "Write everything in capitals"),
    "lower": ("lo&wer", "Write everything in small letters"),
    "title": ("T&itle", "Begin each word with a capital"),
}
_POLICIES: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    # field -> its label, and the words of its values
    "on_empty": ("When &empty", (("leave", "Leave the cell as it is"), ("clear", "Clear the cell"))),
    "on_too_long": ("When too &long", (("refuse", "Refuse the record"), ("truncate", "Cut to what fits"))),
    "on_unknown_label": (
        "Un&known label",
        (("refuse", "Refuse the record"), ("create", "Create the label on the board")),
    ),
}
_NEEDED_BY = {  # field -> the column types it means something for; others always do
    "on_too_long": LIMITED_TYPES,
    "on_unknown_label": LABEL_TYPES,
    "date_format": DATE_TYPES,
}
_COLUMN, _TEMPLATE = 0, 1
_FORM, _NOTHING = 0, 1


class _ReasonDelegate(QStyledItemDelegate):
    """Says behind a column that can't be chosen why it can't."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Add the reason to the title."""
        super().initStyleOption(option, index)
        choice = index.data(CHOICE_ROLE)
        if isinstance(choice, ColumnChoice) and choice.reason:
            option.text = f"{choice.title}: {choice.reason}"


class RuleEditor(QWidget):
    """Shows one rule and reports every change of it at once; nothing is applied by a button."""

    edited = Signal(object, bool)
    """The rule as it is now, and whether it is being typed."""
    typing_ended = Signal()
    """The cursor left a field: what is typed next is another change."""

    def __init__(self) -> None:
        super().__init__()
        self._rule: ColumnMapping | None = None
        self._sources = QStringListModel(self)
        self._columns = BoardColumnsModel(self)
        self._policies: dict[str, ChoiceCombo] = {}
        self._transforms: dict[Transform, QCheckBox] = {}
        self._make_source()
        self._make_fields()
        self._lay_out()
        self.show_nothing()

    # What the page calls

    def set_sources(self, names: Sequence[str]) -> None:
        """Offer these source columns."""
        if self._sources.stringList() != list(names):
            self._sources.setStringList(list(names))

    def set_columns(self, choices: Sequence[ColumnChoice]) -> None:
        """Offer these board columns."""
        self._columns.set_choices(choices)

    def show_nothing(self) -> None:
        """Show no rule: none is selected."""
        self._rule = None
        self._stack.setCurrentIndex(_NOTHING)

    def show_line(self, line: RuleLine) -> None:
        """Show a rule, what it makes of the sample order, and its findings."""
        rule = self._rule = line.rule
        self._stack.setCurrentIndex(_FORM)
        self._show_source(rule)
        self.column_combo.show_choice(self._columns.row_of(rule.column), rule.column)
        set_style_property(self.column_combo, "invalid", "false" if line.on_board else "true")
        for name, box in self._transforms.items():
            _check(box, wanted=name in rule.transforms)
        _check(self.required_box, wanted=rule.required)
        for field, combo in self._policies.items():
            combo.setCurrentIndex(combo.findData(getattr(rule, field)))
        _write(self.default_field, rule.default or "")
        _write(self.date_format_field, rule.date_format or "")
        for field, types in _NEEDED_BY.items():
            widget = self._policies.get(field, self.date_format_field)
            self._form.setRowVisible(widget, rule.type in types)
        # A required value that is empty is refused: there is no cell to leave or to clear.
        self._form.setRowVisible(self._policies["on_empty"], not rule.required)
        self._title.setText(f"{line.column_title}, {column_words(line.column_type)}")
        self._show_result(line)

    def focus_source(self) -> None:
        """Put the cursor into the source: a new rule begins there."""
        field = self.template_field if self._source_stack.currentIndex() == _TEMPLATE else self.source_combo
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_column(self) -> None:
        """Put the cursor into the board column."""
        self.column_combo.setFocus(Qt.FocusReason.OtherFocusReason)

    # Building

    def _make_source(self) -> None:
        self.column_radio = QRadioButton("One &column")
        self.template_radio = QRadioButton("Te&mplate")
        self.template_radio.setToolTip("Several columns and words, such as {STYLE}_{COLOUR}")
        self._kind = QButtonGroup(self)
        self._kind.addButton(self.column_radio, _COLUMN)
        self._kind.addButton(self.template_radio, _TEMPLATE)
        self._kind.idClicked.connect(self._kind_chosen)
        self.source_combo = SearchCombo("Source column", self._sources)
        self.source_combo.chosen.connect(
            lambda row: self._change(source=self._sources.stringList()[row], template=None)
        )
        self.template_field = self._text_field(
            "Template", lambda text: self._change(typing=True, source=None, template=text)
        )
        self.template_field.setPlaceholderText("{CUSTOMER STYLE}_{PO NUMBER}")
        self._source_stack = QStackedWidget()
        self._source_stack.addWidget(self.source_combo)
        self._source_stack.addWidget(self.template_field)

    def _make_fields(self) -> None:
        self.column_combo = SearchCombo("Board column", self._columns)
        self.column_combo.set_popup_delegate(_ReasonDelegate(self))
        self.column_combo.chosen.connect(self._column_chosen)
        for name in get_args(Transform):
            words, explained = _TRANSFORM_WORDS[name]
            box = self._transforms[name] = QCheckBox(words)
            box.setToolTip(explained)
            box.clicked.connect(self._transforms_changed)
        self.required_box = QCheckBox("Refuse the record when it is empty")
        self.required_box.setAccessibleName("Required: refuse the record when it is empty")
        self.required_box.clicked.connect(lambda wanted: self._change(required=wanted))
        for field, (label, choices) in _POLICIES.items():
            combo = self._policies[field] = ChoiceCombo(label.replace("&", ""))
            for value, words in choices:
                combo.addItem(words, value)
            combo.activated.connect(lambda _row, name=field: self._policy_chosen(name))
        self.default_field = self._text_field(
            "Default", lambda text: self._change(typing=True, default=text or None)
        )
        self.default_field.setPlaceholderText("Nothing is written instead")
        self.date_format_field = self._text_field(
            "Date format", lambda text: self._change(typing=True, date_format=text or None)
        )
        self.date_format_field.setPlaceholderText("2026-11-22")
        self.date_format_field.setToolTip(
            "How text dates are written in the table: %d day, %m month, %Y year, such as %d/%m/%Y.\n"
            "Empty: year, month, day, such as 2026-11-22."
        )

    def _text_field(self, name: str, changed: Any) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(name)
        field.textEdited.connect(changed)
        field.editingFinished.connect(self.typing_ended)
        return field

    def _lay_out(self) -> None:
        self._title = ElidedLabel()
        self._result = body_label("")
        self._findings = QVBoxLayout()
        self._findings.setSpacing(RELATED)
        head = QHBoxLayout()
        head.addWidget(section_label("Rule"))
        head.addWidget(self._title, 1)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, RELATED, 0)
        column.setSpacing(RELATED)
        column.addLayout(head)
        column.addLayout(self._findings)
        column.addLayout(self._make_form())
        column.addWidget(self._result)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(page)
        scroll.setMinimumWidth(self.fontMetrics().averageCharWidth() * 40)
        self._stack = QStackedWidget()
        self._stack.addWidget(scroll)
        self._stack.addWidget(
            EmptyState("edit", "No rule is selected", "Select a rule to see and change it here.")
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    def _make_form(self) -> QFormLayout:
        kinds = QHBoxLayout()
        kinds.addWidget(self.column_radio)
        kinds.addWidget(self.template_radio)
        kinds.addStretch(1)
        source = QVBoxLayout()
        source.setSpacing(INSIDE)
        source.addLayout(kinds)
        source.addWidget(self._source_stack)
        transforms = QGridLayout()
        transforms.setHorizontalSpacing(RELATED)
        transforms.setVerticalSpacing(0)
        for place, box in enumerate(self._transforms.values()):
            transforms.addWidget(box, place // 2, place % 2)
        transforms.setColumnStretch(2, 1)
        form = self._form = QFormLayout()
        form.setHorizontalSpacing(RELATED)
        form.setVerticalSpacing(RELATED)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow("Source", source)
        form.addRow("&Board column", self.column_combo)
        form.addRow("Text", transforms)
        form.addRow("De&fault", self.default_field)
        form.addRow("Required", self.required_box)
        for field, combo in self._policies.items():
            form.addRow(_POLICIES[field][0], combo)
        form.addRow("&Date format", self.date_format_field)
        return form

    # Showing

    def _show_source(self, rule: ColumnMapping) -> None:
        is_template = rule.template is not None
        (self.template_radio if is_template else self.column_radio).setChecked(True)
        self._source_stack.setCurrentIndex(_TEMPLATE if is_template else _COLUMN)
        _write(self.template_field, rule.template or "")
        names = self._sources.stringList()
        known = rule.source in names
        self.source_combo.show_choice(names.index(rule.source or "") if known else -1, rule.source or "")
        set_style_property(self.source_combo, "invalid", "false" if known or is_template else "true")

    def _show_result(self, line: RuleLine) -> None:
        value = line.becomes if line.is_value else f"({line.becomes})"
        sample = line.sample or "(empty)"
        self._result.setText(f"In the sample order: {sample} → {value}" if line.becomes else "")
        self._result.setVisible(bool(line.becomes))
        set_tone(self._result, "muted")
        while (item := self._findings.takeAt(0)) is not None:
            if (panel := item.widget()) is not None:
                panel.hide()
                panel.deleteLater()
        for finding in line.findings:
            severity = Severity.ERROR if finding.tone == "error" else Severity.WARN
            where = "In this order: " if finding.in_sample else ""
            panel = MessagePanel(severity, f"{where}{finding.message}", finding.remedy)
            if finding.code == "column_type_differs":
                self._offer_type(panel, line.column_type)
            self._findings.addWidget(panel)

    def _offer_type(self, panel: MessagePanel, column_type: str) -> None:
        panel.add_action(f"Use {column_words(column_type)}", lambda: self._change(type=column_type))

    # Changing

    def _change(self, *, typing: bool = False, **values: Any) -> None:
        rule = self._rule
        if rule is None:
            return
        changed = rule.model_copy(update=values)
        if changed != rule:
            self._rule = changed
            self.edited.emit(changed, typing)

    def _kind_chosen(self, kind: int) -> None:
        rule = self._rule
        if rule is None:
            return
        if kind == _TEMPLATE and rule.template is None:
            self._change(source=None, template=f"{{{rule.source}}}" if rule.source else "")
        elif kind == _COLUMN and rule.source is None:
            # A template of one column alone keeps that column.
            name = (rule.template or "").strip().removeprefix("{").removesuffix("}")
            self._change(source=name if name in self._sources.stringList() else "", template=None)

    def _column_chosen(self, row: int) -> None:
        choice = self._columns.choices[row]
        self._change(column=choice.id, type=choice.type)

    def _transforms_changed(self) -> None:
        if self._rule is None:
            return
        kept = [name for name in self._rule.transforms if self._transforms[name].isChecked()]
        added = [name for name, box in self._transforms.items() if box.isChecked() and name not in kept]
        self._change(transforms=tuple(cast("list[Transform]", [*kept, *added])))

    def _policy_chosen(self, field: str) -> None:
        self._change(**{field: self._policies[field].currentData()})


def _check(box: QCheckBox, *, wanted: bool) -> None:
    with QSignalBlocker(box):
        box.setChecked(wanted)


def _write(field: QLineEdit, text: str) -> None:
    """Show a text; the cursor stays where it is when nothing changes."""
    if field.text() != text:
        field.setText(text)
        field.setCursorPosition(0)
