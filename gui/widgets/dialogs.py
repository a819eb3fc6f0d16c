"""The two dialogs every page may open: the panel before a live push, and the account of an error."""

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.redaction import redact
from gui.theme import EDGE, GROUPS, RELATED
from gui.widgets.buttons import danger_button, disable_because, enable, link_button, plain_button
from gui.widgets.clipboard import copy_text
from gui.widgets.code import CodeView
from gui.widgets.labels import IconLabel, body_label, muted_label, rule, title_label
from gui.widgets.messages import MessagePanel, Severity


def _column(dialog: QDialog) -> QVBoxLayout:
    column = QVBoxLayout(dialog)
    column.setContentsMargins(EDGE, EDGE, EDGE, GROUPS)
    column.setSpacing(GROUPS)
    return column


def _buttons(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(RELATED)
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    return row


def fit_height(dialog: QDialog) -> None:
    """Make a dialog as high as its wrapped words need at its width; Qt's own guess is another."""
    layout = dialog.layout()
    if layout is not None:
        layout.activate()
        width = max(dialog.width(), layout.minimumSize().width())
        dialog.resize(width, max(layout.totalHeightForWidth(width), layout.minimumSize().height()))


async def result_of(dialog: QDialog) -> int:
    """Show a dialog and return its result; the event loop goes on meanwhile, and the dialog goes afterwards.

    Cancelling the waiting task closes the dialog unanswered.
    """
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def settle(result: int) -> None:
        if not answer.done():
            answer.set_result(result)

    dialog.finished.connect(settle)
    dialog.open()
    try:
        return await answer
    finally:
        dialog.finished.disconnect(settle)
        dialog.hide()
        dialog.deleteLater()


class ConfirmPanel(QDialog):
    """Says what a live push will do and asks once, with verbs for answers; the safe answer is the default.

    With `type_to_confirm`, the confirming button wakes only when that text (a board's name) has been typed.
    `await panel.ask()` from a coroutine, or `open()` and the signals `accepted` and `rejected`.
    """

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        facts: Sequence[tuple[str, str]],
        confirm: str,
        refuse: str,
        *,
        warning: str = "",
        type_to_confirm: str | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setMinimumWidth(480)
        self.confirm_button = danger_button(confirm)
        self.refuse_button = plain_button(refuse)
        self.typed = QLineEdit()
        self._expected = type_to_confirm
        heading = title_label(title)
        heading.setWordWrap(True)
        column = _column(self)
        column.addWidget(heading)
        column.addLayout(facts_grid(facts))
        if warning:
            column.addWidget(MessagePanel(Severity.WARN, warning))
        if type_to_confirm is not None:
            column.addLayout(self._typing(type_to_confirm))
        column.addStretch(1)
        column.addWidget(rule())
        column.addLayout(_buttons(self.refuse_button, self.confirm_button))
        self.confirm_button.clicked.connect(self.accept)
        self.refuse_button.clicked.connect(self.reject)
        self.refuse_button.setDefault(True)
        (self.refuse_button if type_to_confirm is None else self.typed).setFocus()
        self._compare()

    def showEvent(self, event: QShowEvent) -> None:
        """Take the height the words need."""
        super().showEvent(event)
        fit_height(self)

    async def ask(self) -> bool:
        """Show the panel and return the answer; the event loop goes on meanwhile.

        Cancelling the waiting task closes the panel unanswered.
        """
        return await result_of(self) == QDialog.DialogCode.Accepted

    def _typing(self, expected: str) -> QVBoxLayout:
        words = body_label(f"To go on, type the board's name: {expected}")
        self.typed.setAccessibleName(words.text())
        self.typed.textChanged.connect(self._compare)
        column = QVBoxLayout()
        column.setSpacing(RELATED)
        column.addWidget(words)
        column.addWidget(self.typed)
        return column

    def _compare(self) -> None:
        if self._expected is None or self.typed.text().strip() == self._expected:
            enable(self.confirm_button)
        else:
            disable_because(self.confirm_button, f"Type the board's name first: {self._expected}")


def facts_grid(facts: Sequence[tuple[str, str]]) -> QGridLayout:
    """Names on the left, values on the right."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(GROUPS)
    grid.setVerticalSpacing(RELATED)
    grid.setColumnStretch(1, 1)
    for row, (name, value) in enumerate(facts):
        value_label = body_label(value)
        value_label.setAccessibleName(f"{name}: {value}")
        grid.addWidget(muted_label(name), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(value_label, row, 1)
    return grid


class ProblemDialog(QDialog):
    """What happened, to which record, what to do now; all of it can be selected and copied."""

    def __init__(
        self, parent: QWidget | None, title: str, subject: str, remedy: str, details: str | None = None
    ) -> None:
        super().__init__(parent)
        title, subject, remedy = (redact(words) for words in (title, subject, remedy))
        details = details and redact(details)
        self._words = [title, subject, remedy]
        self._details = details
        self.setWindowTitle("Problem")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(480)
        self.copy_button = plain_button("Copy", "copy")
        self.close_button = plain_button("Close")
        self.details_button = link_button("Show details")
        self.details_view = CodeView("text", "Details of the problem")
        self.details_view.set_code(details or "")
        self.details_view.setMinimumHeight(12 * self.fontMetrics().height())
        self.details_view.hide()
        column = _column(self)
        column.addLayout(self._account(title, subject, remedy))
        column.addWidget(self.details_view, 1)
        column.addWidget(rule())
        row = _buttons(self.copy_button, self.close_button)
        row.insertWidget(0, self.details_button)
        column.addLayout(row)
        self.details_button.setVisible(details is not None)
        self.details_button.clicked.connect(self._toggle_details)
        self.copy_button.clicked.connect(lambda: copy_text(self.words()))
        self.close_button.clicked.connect(self.accept)
        self.close_button.setDefault(True)
        self.close_button.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Take the height the words need."""
        super().showEvent(event)
        fit_height(self)

    def words(self) -> str:
        """Return everything the dialog says, details included, as it is copied."""
        return "\n".join(part for part in (*self._words, self._details) if part)

    def _account(self, title: str, subject: str, remedy: str) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(RELATED)
        heading = body_label(title)
        heading.setProperty("role", "section")
        words.addWidget(heading)
        if subject:
            about = body_label(subject)
            about.setProperty("role", "muted")
            words.addWidget(about)
        words.addWidget(body_label(remedy))
        row = QHBoxLayout()
        row.setSpacing(GROUPS)
        row.addWidget(IconLabel("error", "error", 24), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return row

    def _toggle_details(self) -> None:
        shown = not self.details_view.isVisible()
        self.details_view.setVisible(shown)
        self.details_button.setText("Hide details" if shown else "Show details")
        fit_height(self)


def problem_dialog(
    parent: QWidget | None, title: str, subject: str, remedy: str, details: str | None = None
) -> ProblemDialog:
    """Open the account of an error over its window and return at once; closing deletes the dialog."""
    dialog = ProblemDialog(parent, title, subject, remedy, details)
    dialog.open()
    return dialog
