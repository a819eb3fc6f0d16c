"""The question before a mapping is written: what changes, in the file and for the orders that are pending."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.errors import Problem
from core.workspace.impact import Impact, ImpactSample
from gui.models.impact_table import impact_details, impact_table, sorted_samples
from gui.models.mapping_words import Change
from gui.models.record_table import RecordTable, TableColumn
from gui.theme import EDGE, GROUPS, RELATED, current_tokens, fixed_font
from gui.widgets.buttons import disable_because, enable, plain_button, primary_button
from gui.widgets.labels import muted_label, rule, title_label
from gui.widgets.messages import MessagePanel, Severity
from gui.widgets.tables import number_text, prepare_table

_CHANGE_WIDTH = 260
_IMPACT_WIDTHS = (140, 120, 140, 150)
_TONES = {"+": "ok", "-": "error", "@": "accent"}


def counted(count: int, word: str) -> str:
    """Return "1 change" or "3 changes"."""
    return f"{number_text(count)} {word}" + ("" if count == 1 else "s")


class _DiffColours(QSyntaxHighlighter):
    """Colours what comes and what goes; the signs before the lines say it too."""

    def highlightBlock(self, text: str) -> None:
        """Colour one line."""
        tone = "muted" if text.startswith(("---", "+++")) else _TONES.get(text[:1])
        if tone:
            look = QTextCharFormat()
            look.setForeground(current_tokens().color(tone))
            self.setFormat(0, len(text), look)


class DiffView(QPlainTextEdit):
    """A unified diff, read-only; Tab goes on to the next control."""

    def __init__(self, diff: str) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setFont(fixed_font())
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAccessibleName("Changes in the file")
        document: QTextDocument = self.document()
        self._colours = _DiffColours(document)
        self.setPlainText(diff)


def changes_table(changes: Sequence[Change], name: str) -> QTableView:
    """Return a view of changes in words, one a row."""
    view = QTableView()
    model = RecordTable[Change](
        (TableColumn("What", lambda change: change.what), TableColumn("Change", lambda change: change.how)),
        view,
    )
    model.set_records(changes)
    view.setModel(model)
    prepare_table(view, name)
    view.horizontalHeader().setSectionsClickable(False)
    view.setColumnWidth(0, _CHANGE_WIDTH)
    return view


class SaveQuestion(QDialog):
    """Asks once whether to write the changes; going on editing is the safe answer, and the default.

    The answer waits until it is known what changes for pending orders, or that this can't be known.
    """

    def __init__(
        self, parent: QWidget, changes: Sequence[Change], diff: str, facts: Sequence[str], *, errors: int = 0
    ) -> None:
        """`facts` are sentences about file and profiles; `errors` were there before and stay."""
        super().__init__(parent.window())
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setMinimumSize(560, 400)
        self.resize(820, 560)
        what = counted(len(changes), "change")
        self.setWindowTitle(f"Save {what}?")
        self.confirm_button = primary_button(f"Save {what}", "save")
        self.refuse_button = plain_button("Keep editing")
        self.impact_panel = MessagePanel(Severity.INFO, "Looking at the pending orders …")
        self.impact_model: RecordTable[ImpactSample] = impact_table()
        self.changes_view = changes_table(changes, "Changes")
        self.diff_view = DiffView(diff)
        self.impact_view = QTableView()
        self._make_tabs(len(changes))
        self._lay_out(f"Save {what}?", facts, errors)
        self.confirm_button.clicked.connect(self.accept)
        self.refuse_button.clicked.connect(self.reject)
        self.refuse_button.setDefault(True)
        self.refuse_button.setFocus()
        disable_because(self.confirm_button, "The pending orders are still being looked at")

    def show_progress(self, done: int, total: int) -> None:
        """Say how many pending orders were looked at."""
        self.impact_panel.set_message(
            Severity.INFO,
            f"Looking at the pending orders: {number_text(done)} of {number_text(total)}",
        )

    def show_impact(self, impact: Impact) -> None:
        """Say what changes for pending orders, and let the operator decide."""
        severity = Severity.WARN if impact.becomes_invalid else Severity.OK if impact.none else Severity.INFO
        self.impact_panel.set_message(severity, f"{impact}.", impact_details(impact))
        self.impact_model.set_records(sorted_samples(impact))
        touched = impact.changed + impact.becomes_invalid + impact.becomes_valid
        self.tabs.setTabText(2, f"Pending orders  {number_text(touched)}")
        enable(self.confirm_button)

    def show_unknown(self, problem: Problem) -> None:
        """Say that the impact can't be known; saving is possible all the same."""
        words = f"{problem.title}. {problem.remedy}"
        self.impact_panel.set_message(Severity.WARN, "It is not known what changes for pending orders", words)
        enable(self.confirm_button)

    def _make_tabs(self, changes: int) -> None:
        view = self.impact_view
        view.setModel(self.impact_model)
        prepare_table(view, "Samples of what changes for pending orders")
        view.horizontalHeader().setSectionsClickable(False)
        for section, width in enumerate(_IMPACT_WIDTHS):
            view.setColumnWidth(section, width)
        self.tabs = QTabWidget()
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.setAccessibleName("What would be saved")
        parts = (
            (f"Changes  {number_text(changes)}", self.changes_view),
            ("Lines of the file", self.diff_view),
            ("Pending orders", self.impact_view),
        )
        for title, part in parts:
            page = QWidget()
            column = QVBoxLayout(page)
            column.setContentsMargins(0, RELATED, 0, 0)
            column.addWidget(part)
            self.tabs.addTab(page, title)

    def _lay_out(self, title: str, facts: Sequence[str], errors: int) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(RELATED)
        buttons.addStretch(1)
        buttons.addWidget(self.refuse_button)
        buttons.addWidget(self.confirm_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, EDGE, EDGE, GROUPS)
        column.setSpacing(RELATED)
        column.addWidget(title_label(title))
        for fact in facts:
            label = muted_label(fact)
            label.setWordWrap(True)
            column.addWidget(label)
        column.addWidget(self.impact_panel)
        if errors:
            words = f"{counted(errors, 'error')} of before will still be there."
            column.addWidget(MessagePanel(Severity.WARN, words))
        column.addWidget(self.tabs, 1)
        column.addWidget(rule())
        column.addLayout(buttons)
