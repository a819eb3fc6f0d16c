"""Findings as the rest of the application reads them."""

from core.mapping.findings import Finding, Severity
from core.orders.model import RecordKind


def test_a_warning_does_not_keep_a_record_from_being_sent():
    finding = Finding(RecordKind.ORDER, "k", "AAG-1", "code", "What happened", "What to do")
    assert finding.blocks
    warning = Finding(
        RecordKind.ORDER, "k", "AAG-1", "code", "What happened", "What to do", severity=Severity.WARNING
    )
    assert not warning.blocks


def test_a_finding_about_a_whole_record_names_no_column():
    problem = Finding(RecordKind.ORDER, "k", "AAG-1", "code", "What happened", "What to do").problem
    assert str(problem) == "What happened (order AAG-1). What to do"
