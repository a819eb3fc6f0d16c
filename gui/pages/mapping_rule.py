"""The form of one rule: where the value comes from, where it goes, and what happens to it on the way."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from core.config.model import ColumnMapping
from core.config.transforms import Lookup
from gui.icons import column_type_icon_name
from gui.models.board_columns import CHOICE_ROLE, BoardColumnsModel, ColumnChoice, Index, column_words
from gui.models.mapping_lines import FreeLine, RuleFinding, RuleLine
from gui.pages.elided_label import ElidedLabel
from gui.pages.mapping_source_field import SourceField
from gui.pages.mapping_steps import StepsEditor
from gui.pages.mapping_values import RuleValues
from gui.pages.search_combo import SearchCombo
from gui.theme import RELATED
from gui.widgets.labels import IconLabel, body_label, section_label, set_style_property, set_tone
from gui.widgets.messages import EmptyState, MessagePanel, Severity

_FORM, _NOTHING = 0, 1


class _ReasonDelegate(QStyledItemDelegate):
    """Says behind a column that can't be chosen why it can't."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Add the reason to the title."""
        super().initStyleOption(option, index)
        choice = index.data(CHOICE_ROLE)
        if isinstance(choice, ColumnChoice) and choice.reason:
            option.text = f"{choice.title}: {choice.reason}"


LEAST_FORM = 160
"""Logical pixels of the form's height, in which two of its rows can be read."""


class RuleEditor(QWidget):
    """Shows one rule and reports every change of it at once; nothing is applied by a button."""

    edited = Signal(object, bool)
    """The rule as it is now, and whether it is being typed."""
    typing_ended = Signal()
    """The cursor left a field: what is typed next is another change."""
    map_wanted = Signal(object)
    """A rule for this `FreeLine` is wanted."""

    def __init__(self) -> None:
        super().__init__()
        self._rule: ColumnMapping | None = None
        self._free: FreeLine | None = None
        self._shown_findings: tuple[RuleFinding, ...] = ()
        self._lookups: tuple[str, ...] = ()
        self._columns = BoardColumnsModel(self)
        self.source = SourceField()
        self.column_combo = SearchCombo("Board column", self._columns)
        self.column_combo.set_popup_delegate(_ReasonDelegate(self))
        self.steps = StepsEditor()
        self.values = RuleValues()
        self._lay_out()
        self._connect()
        self.show_nothing()

    # What the page calls

    def set_sources(self, names: Sequence[str]) -> None:
        """Offer these source columns."""
        self.source.set_names(names)

    def set_columns(self, choices: Sequence[ColumnChoice]) -> None:
        """Offer these board columns."""
        self._columns.set_choices(choices)

    @property
    def columns(self) -> BoardColumnsModel:
        """The board columns on offer."""
        return self._columns

    def show_nothing(self) -> None:
        """Show no rule: none is selected."""
        self._rule = self._free = None
        self._nothing.set_words("edit", "No rule is selected", "Select a row to see and change it here.")
        self._nothing.button.hide()
        self._stack.setCurrentIndex(_NOTHING)

    def show_free(self, line: FreeLine) -> None:
        """Show a board column that no rule writes, and the way to a rule or why there is none."""
        self._rule, self._free = None, line
        choice = line.choice
        if line.suggested:
            sentence = f"Suggested: {line.suggested.source}. {line.why}."
        else:
            sentence = choice.reason or "No rule writes this column yet."
        name = column_type_icon_name(choice.type)
        self._nothing.set_words(name, f"{choice.title}, {column_words(choice.type)}", sentence)
        self._nothing.button.setText("Accept the suggestion" if line.suggested else "Map this column")
        self._nothing.button.setVisible(not choice.reason)
        self._stack.setCurrentIndex(_NOTHING)

    def show_line(self, line: RuleLine, labels: Sequence[str], lookups: Sequence[str]) -> None:
        """Show a rule, what it makes of the sample order, and its findings.

        `labels` are those of its board column, `lookups` the names of the mapping's look-up tables.
        """
        rule = self._rule = line.rule
        self._free, self._lookups = None, tuple(lookups)
        self._stack.setCurrentIndex(_FORM)
        self.source.show_rule(rule)
        self.column_combo.show_choice(self._columns.row_of(rule.column), rule.column)
        set_style_property(self.column_combo, "invalid", "false" if line.on_board else "true")
        self.steps.show_steps(rule.transforms, lookups)
        self.values.set_labels(labels)
        self.values.show_rule(rule)
        self._type_icon.set_icon(column_type_icon_name(line.column_type), "muted")
        self._title.setText(f"{line.column_title}, {column_words(line.column_type)}")
        self._show_result(line)
        self._show_findings(line)

    def focus_source(self) -> None:
        """Put the cursor into the source: a new rule begins there."""
        self.source.focus()

    def focus_column(self) -> None:
        """Put the cursor into the board column."""
        self.column_combo.setFocus(Qt.FocusReason.OtherFocusReason)

    # Building

    def _lay_out(self) -> None:
        self._type_icon = IconLabel("type-other", "muted")
        self._title = ElidedLabel()
        self._result = body_label("")
        self._findings = QVBoxLayout()
        self._findings.setSpacing(RELATED)
        head = QHBoxLayout()
        head.setSpacing(RELATED)
        head.addWidget(section_label("Rule"))
        head.addWidget(self._type_icon)
        head.addWidget(self._title, 1)
        form = QFormLayout()
        form.setHorizontalSpacing(RELATED)
        form.setVerticalSpacing(RELATED)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow("Source", self.source)
        form.addRow("&Board column", self.column_combo)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, RELATED, 0)
        column.setSpacing(RELATED)
        column.addLayout(head)
        column.addWidget(self._result)
        column.addLayout(self._findings)
        column.addLayout(form)
        column.addWidget(self.steps)
        column.addWidget(self.values)
        column.addStretch(1)
        self._align((form, self.values.form))
        self._scroll = scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(page)
        scroll.setMinimumWidth(self.fontMetrics().averageCharWidth() * 40)
        scroll.setMinimumHeight(LEAST_FORM)
        self._nothing = EmptyState("edit", "", "", "")
        self._stack = QStackedWidget()
        self._stack.addWidget(scroll)
        self._stack.addWidget(self._nothing)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    def _align(self, forms: Sequence[QFormLayout]) -> None:
        """Give the labels of several forms one width, so that their fields stand under each other."""
        labels = []
        for form in forms:
            for row in range(form.rowCount()):
                item = form.itemAt(row, QFormLayout.ItemRole.LabelRole)
                label = item.widget() if item else None
                if label is not None:
                    labels.append(label)
        labels.append(self.steps.heading)
        width = max(label.sizeHint().width() for label in labels)
        for label in labels:
            label.setMinimumWidth(width)

    def _connect(self) -> None:
        self.source.edited.connect(self._changed)
        self.column_combo.chosen.connect(self._column_chosen)
        self.steps.edited.connect(lambda steps, typing: self._change(typing=typing, transforms=steps))
        self.values.edited.connect(self._changed)
        for part in (self.source, self.steps, self.values):
            part.typing_ended.connect(self.typing_ended)
        self._nothing.activated.connect(self._map)

    # Showing

    def _show_result(self, line: RuleLine) -> None:
        value = line.becomes if line.is_value else f"({line.becomes})"
        sample = line.sample or "(empty)"
        words = f"{sample}, as it is" if value == sample else f"{sample} → {value}"
        self._result.setText(words if line.becomes else "")
        self._result.setToolTip("What the rule makes of the sample order")
        self._result.setVisible(bool(line.becomes))
        set_tone(self._result, "muted")

    def _show_findings(self, line: RuleLine) -> None:
        if line.findings == self._shown_findings:
            return
        self._shown_findings = line.findings
        while (item := self._findings.takeAt(0)) is not None:
            if (panel := item.widget()) is not None:
                panel.hide()
                panel.deleteLater()
        for finding in line.findings:
            severity = Severity.ERROR if finding.tone == "error" else Severity.WARN
            panel = MessagePanel(severity, finding.words, finding.remedy)
            if finding.code == "column_type_differs":
                self._offer_type(panel, line.column_type)
            elif finding.code == "lookup_missing":
                self._offer_table(panel, line.rule)
            self._findings.addWidget(panel)

    def _offer_type(self, panel: MessagePanel, column_type: str) -> None:
        panel.add_action(f"Use {column_words(column_type)}", lambda: self._change(type=column_type))

    def _offer_table(self, panel: MessagePanel, rule: ColumnMapping) -> None:
        names = [step.lookup for step in rule.transforms if isinstance(step, Lookup)]
        missing = next((name for name in names if name not in self._lookups), None)
        if missing is not None:
            panel.add_action(f"Make the table {missing}", lambda: self.steps.table_wanted.emit(missing))

    # Changing

    def _changed(self, values: dict[str, Any], typing: bool) -> None:  # noqa: FBT001  # Qt's signal
        self._change(typing=typing, **values)

    def _change(self, *, typing: bool = False, **values: Any) -> None:
        rule = self._rule
        if rule is None:
            return
        changed = rule.model_copy(update=values)
        if changed != rule:
            self._rule = changed
            self.edited.emit(changed, typing)

    def _column_chosen(self, row: int) -> None:
        choice = self._columns.choices[row]
        self._change(column=choice.id, type=choice.type)

    def _map(self) -> None:
        if self._free is not None:
            self.map_wanted.emit(self._free)
