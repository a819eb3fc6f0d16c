"""One failed record: what happened, to what, what to do, its repair, and all there is to know about it."""

from collections.abc import Collection

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from core.errors import Problem
from core.mapping.source_values import as_text
from core.workspace import FailureDetail
from gui.icons import set_icon
from gui.models.failure_table import record_text
from gui.pages.fix_panel import FixPanel
from gui.theme import RELATED
from gui.widgets.buttons import link_button
from gui.widgets.code import CodeView
from gui.widgets.labels import card, section_label
from gui.widgets.messages import MessagePanel, Severity
from gui.widgets.tables import KeyValueTable


class FailureDetailView(QScrollArea):
    """The account of one record. What was sent and answered is folded away until it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.record_label = section_label("")
        self.panel = MessagePanel(Severity.ERROR, "")
        self.fix = FixPanel()
        self.more_button = link_button("Show fields, request and response")
        self.fields = KeyValueTable(("Column", "Value"), name="Fields of the record")
        self.request = CodeView("json", "Request as sent")
        self.response = CodeView("json", "Response")
        self._more = QTabWidget()
        self._lay_out()
        self.more_button.clicked.connect(self._toggle)
        self._show_more(shown=False)

    def set_detail(self, detail: FailureDetail, owned: Collection[str]) -> None:
        """Show a record from its beginning; `owned` columns cannot be corrected by hand."""
        name = record_text(detail.record)
        customer = f" · {detail.record.customer}" if detail.record.customer else ""
        self.record_label.setText(f"{name}{customer}")
        self.panel.set_message(Severity.ERROR, detail.problem.title, _text(detail.problem))
        self.fix.set_detail(detail, owned)
        self.fields.set_rows([(field, as_text(value)) for field, value in detail.fields])
        self.request.set_code(detail.request or "Nothing was sent: the record was refused before that.")
        self.response.set_code(detail.response or "There is no answer.")
        self.verticalScrollBar().setValue(0)

    def _toggle(self) -> None:
        self._show_more(shown=self._more.isHidden())

    def _show_more(self, *, shown: bool) -> None:
        self._more.setVisible(shown)
        verb = "Hide" if shown else "Show"
        self.more_button.setText(f"{verb} fields, request and response")
        set_icon(self.more_button, "chevron-down" if shown else "chevron-right", "accent")

    def _lay_out(self) -> None:
        self._more.addTab(self.fields, "Fields")
        self._more.addTab(self.request, "Request")
        self._more.addTab(self.response, "Response")
        self._more.setMinimumHeight(240)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, RELATED, RELATED, 0)
        column.setSpacing(RELATED)
        column.addWidget(self.record_label)
        column.addWidget(self.panel)
        column.addWidget(card(self.fix))
        column.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._more, 100)
        # While that is folded away the rest stays at the top, however high the screen is.
        column.addStretch(1)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


def _text(problem: Problem) -> str:
    support = f"Request id for the board's support: {problem.request_id}" if problem.request_id else ""
    return "\n".join(part for part in (problem.subject, problem.remedy, support) if part)
