"""Prints what became of each cell of the fault matrix, at the end of the session."""

import pytest

PROPERTY = "fault_matrix"
_WORDS = {"right": "right", "stopped": "next run", "unknown": "next run", "1 record refused": "retry"}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A row for each fault, a column for each kind of operation: how it got right, with how many requests."""
    cells: dict[tuple[str, str], str] = {}
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in getattr(report, "user_properties", ()):
            if name == PROPERTY:
                kind, fault, said, requests = value
                how = "WRONG" if report.failed else _WORDS[said.partition(",")[0].partition(":")[0]]
                cells[fault, kind] = f"{how} {requests}"
    if not cells:
        return
    kinds = list(dict.fromkeys(kind for _, kind in cells))
    terminalreporter.section("fault matrix")
    terminalreporter.write_line(
        "How the board got right, and requests used. right: in the same run. next run: the run stopped or"
        " left an outcome open. retry: one record was refused and sent again."
    )
    terminalreporter.write_line(" " * 34 + "".join(f"{kind:17}" for kind in kinds))
    for fault in dict.fromkeys(fault for fault, _ in cells):
        row = "".join(f"{cells.get((fault, kind), ''):17}" for kind in kinds)
        terminalreporter.write_line(f"{fault:34}{row}".rstrip())
