"""Findings as rows: which record, which column, what, and what to do."""

from PySide6.QtGui import QIcon

from core.mapping.findings import Finding
from gui.icons import icon
from gui.models.record_table import RecordTable, TableColumn


def _severity_icon(finding: Finding) -> QIcon:
    return icon("error", "error") if finding.blocks else icon("warning", "warn")


def _column_words(finding: Finding) -> str:
    """Return the source column and, where it has another name on the board, that too."""
    if not finding.column_title or finding.column_title == finding.source:
        return finding.source or finding.column_title
    return f"{finding.source} → {finding.column_title}" if finding.source else finding.column_title


def finding_table() -> RecordTable[Finding]:
    """Return a table of findings; the icon says whether the record can still be sent."""
    return RecordTable[Finding](
        (
            TableColumn("Record", lambda finding: finding.label, icon=_severity_icon),
            TableColumn("Column", _column_words),
            TableColumn("What", lambda finding: finding.message),
            TableColumn("What to do", lambda finding: finding.remedy),
        )
    )
