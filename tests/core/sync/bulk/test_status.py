"""What the board says of a job, and its report."""

from core.sync.bulk.status import JobState, refusals


def test_a_report_tells_why_rows_were_not_created():
    report = 'row,name,error\r\n3,"A, B","The label ""X"" is gone"\r\n7,C,No room\r\n'
    assert refusals(report) == {3: 'The label "X" is gone', 7: "No room"}


def test_a_report_of_another_layout_tells_nothing():
    assert refusals("line;reason\r\n3;gone\r\n") == {}
    assert refusals("") == {}
    assert refusals("row,error\r\nthree,gone\r\n4,\r\n") == {}


def test_a_job_has_ended_when_it_is_completed_failed_or_rejected():
    assert {state for state in JobState if state.ended} == {
        JobState.COMPLETED,
        JobState.FAILED,
        JobState.REJECTED,
    }
