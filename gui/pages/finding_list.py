"""The findings of a plan as a list, and the chosen one in full."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QTableView, QVBoxLayout, QWidget

from core.mapping.findings import Finding
from gui.models.finding_table import finding_table
from gui.theme import RELATED
from gui.widgets.messages import MessagePanel, Severity
from gui.widgets.tables import prepare_table


class FindingList(QWidget):
    """A table of findings; the one chosen is told whole below it, with the way to its record."""

    record_wanted = Signal(object)
    """The `Finding` whose record is to be shown."""

    def __init__(self) -> None:
        super().__init__()
        self._findings = finding_table()
        self.view = QTableView()
        self.view.setModel(self._findings)
        prepare_table(self.view, "Findings of the plan")
        self.view.setSortingEnabled(True)
        self.view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        for section, width in enumerate((170, 150, 260)):
            self.view.setColumnWidth(section, width)
        self.view.activated.connect(self._go)
        self.view.selectionModel().currentChanged.connect(self._tell)
        self.panel = MessagePanel(Severity.WARN, "")
        self.panel.add_action("Go to the record", lambda: self._go(self.view.currentIndex()))
        self.panel.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, RELATED, 0, 0)
        column.setSpacing(RELATED)
        column.addWidget(self.view, 1)
        column.addWidget(self.panel)

    def set_findings(self, findings: Sequence[Finding]) -> None:
        """Show other findings."""
        self._findings.set_records(findings)
        self.panel.hide()

    def choose(self, finding: Finding) -> None:
        """Make a finding of the list the chosen one."""
        self.view.setCurrentIndex(self._findings.index(self._findings.records.index(finding), 0))

    def _tell(self, current: QModelIndex, _before: QModelIndex) -> None:
        finding = self._findings.record(current.row()) if current.isValid() else None
        if finding is None:
            self.panel.hide()
            return
        severity = Severity.ERROR if finding.blocks else Severity.WARN
        self.panel.set_message(severity, f"{finding.label}: {finding.message}", finding.remedy)
        self.panel.show()

    def _go(self, index: QModelIndex) -> None:
        if (finding := self._findings.record(index.row())) is not None:
            self.record_wanted.emit(finding)
