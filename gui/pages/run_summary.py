"""How a run ended: verdict, balance and cost."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from core.sync.report import RunReport
from gui.models.report_table import when_text
from gui.models.run_sentences import runs_text
from gui.models.run_summary import cost_text, verdict
from gui.pages.run_balance import RunBalance
from gui.theme import EDGE, INSIDE, RELATED
from gui.widgets.labels import body_label, card, muted_label, section_label
from gui.widgets.messages import MessagePanel, Severity

LEAST_FACTS = 300
"""Logical pixels that the cost and the margins take beside the balance."""


class RunSummary(QWidget):
    """The totals of one report under one verdict: red when they do not balance or a problem ended the run."""

    def __init__(self) -> None:
        super().__init__()
        self.panel = MessagePanel(Severity.INFO, "")
        self.balance = RunBalance()
        self._cost = body_label("")
        self._when = muted_label("")
        self._when.setWordWrap(True)
        facts = QVBoxLayout()
        facts.setSpacing(INSIDE)
        facts.addWidget(section_label("Cost"))
        facts.addWidget(self._cost)
        facts.addWidget(self._when)
        facts.addStretch(1)
        self._totals = totals = QHBoxLayout()
        totals.setSpacing(EDGE)
        totals.addWidget(self.balance)
        totals.addLayout(facts, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(RELATED)
        column.addWidget(self.panel)
        column.addWidget(card(totals))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the cost under the balance where it would be a narrow strip beside it."""
        super().resizeEvent(event)
        beside = self.width() >= self.balance.minimumSizeHint().width() + LEAST_FACTS
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        self._totals.setDirection(way)
        self._totals.setSpacing(EDGE if beside else RELATED)

    def set_report(self, report: RunReport, *, watched: bool = False) -> None:
        """Show a report; `watched`: of a run that has just ended here."""
        head = verdict(report, watched=watched)
        self.panel.set_message(head.severity, head.title, head.text)
        self.balance.set_report(report)
        self._cost.setText(cost_text(report))
        self._cost.setToolTip(cost_text(report))
        undone = runs_text((*report.undoes_also, report.undoes))
        live = f"Undo of {undone}" if report.undoes else "Live run"
        kind = "Dry run" if report.dry_run else live
        self._when.setText(f"{kind} on {report.profile}, {when_text(report)}")
        self._when.setToolTip(f"Run {report.run_id}")
