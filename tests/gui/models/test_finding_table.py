import pytest

from core.mapping.findings import Finding, Severity
from core.orders.model import RecordKind
from gui.models.finding_table import finding_table


def make_finding(source: str = "", title: str = "", severity: Severity = Severity.ERROR) -> Finding:
    return Finding(
        RecordKind.ORDER, "o1", "AAG-1", "code", "Not a date", "Correct it.", source, title, severity
    )


def test_that_a_finding_says_which_record_what_and_what_to_do(qapp) -> None:
    table = finding_table()
    table.set_records([make_finding("EX FACTORY", "Ex factory")])
    assert [table.index(0, column).data() for column in range(4)] == [
        "AAG-1",
        "EX FACTORY → Ex factory",
        "Not a date",
        "Correct it.",
    ]


@pytest.mark.parametrize(
    ("source", "title", "words"),
    [("STYLE", "STYLE", "STYLE"), ("STYLE", "", "STYLE"), ("", "Name", "Name"), ("", "", "")],
)
def test_that_a_column_is_named_once(qapp, source: str, title: str, words: str) -> None:
    table = finding_table()
    table.set_records([make_finding(source, title)])
    assert table.index(0, 1).data() == words
