"""What goes wrong with bulk imports when a test orders it."""

from dataclasses import replace

import httpx
import pytest

from core.sandbox.options import BulkSettings
from core.sandbox.testing import running_board
from tests.core.sandbox.importer import ORDERS, START, STATUS, Importer, csv_of

ROWS = (("name", "name.subitem"), ("A", ""), ("", "L"), ("", "M"), ("B", ""), ("", "N"))


@pytest.fixture
def importer(caller) -> Importer:
    return Importer(caller)


def test_that_a_job_stays_in_the_queue_as_long_as_ordered(importer) -> None:
    importer.board.faults.add("job_queued", seconds=90)
    job_id = importer.uploaded(*ROWS)
    importer.board.advance(89)
    assert (importer.status(job_id)["status"], importer.board.items(ORDERS)) == ("UPLOAD_PENDING", [])
    importer.board.advance(1)
    assert importer.status(job_id)["status"] == "PROCESSING"
    importer.board.advance(1)
    assert importer.status(job_id)["fully_imported"]


@pytest.mark.parametrize("created", [0, 2])
def test_that_a_job_fails_after_as_many_rows_as_ordered(importer, created) -> None:
    importer.board.faults.add("job_failed", created=created)
    status = importer.imported(*ROWS)
    assert (status["status"], status["failure_reason"]) == ("FAILED", "INTERNAL_ERROR")
    assert (status["failure_message"], status["fully_imported"]) == (None, False)
    assert status["counts"] == {
        "submitted": 5,
        "invalid": 0,
        "skipped": 0,
        "created": created,
        "updated": 0,
        "failed": 0,
    }
    assert status["report_created"] is False
    assert [item["name"] for item in importer.board.items(ORDERS)] == ["A"][:created]
    importer.board.advance(600)
    assert importer.status(importer.uploaded(*ROWS))["status"] == "PROCESSING"


def test_that_a_job_that_fails_before_its_end_shows_it_only_then(options, caller_of) -> None:
    with running_board(replace(options, bulk=BulkSettings(rows_per_second=1))) as board:
        importer = Importer(caller_of(board))
        board.faults.add("job_failed", created=2)
        job_id = importer.uploaded(*ROWS)
        board.advance(1)
        assert importer.status(job_id)["status"] == "PROCESSING"
        board.advance(1)
        assert importer.status(job_id)["status"] == "FAILED"


def test_that_a_failed_job_gives_its_items_back(options, caller_of) -> None:
    with running_board(replace(options, bulk=BulkSettings(items_per_hour=7))) as board:
        importer = Importer(caller_of(board))
        board.faults.add("job_failed", created=2)
        importer.imported(*ROWS)
        assert importer.imported(*ROWS)["fully_imported"]


@pytest.mark.parametrize("reason", ["PERMISSION_DENIED", "AUTHORIZATION_FAILED", "INTERNAL_ERROR"])
def test_that_a_job_is_rejected_for_the_ordered_reason(importer, reason) -> None:
    importer.board.faults.add("job_rejected", reason=reason, job_message="As ordered")
    status = importer.imported(*ROWS)
    assert (status["status"], status["failure_reason"]) == ("REJECTED", reason)
    assert (status["failure_message"], status["counts"]["created"]) == ("As ordered", 0)
    assert importer.board.items(ORDERS) == []


def test_that_ordered_rows_fail_and_take_their_lines_with_them(importer) -> None:
    importer.board.faults.add("job_rows_failed", rows=[2, 6])
    status = importer.imported(*ROWS)
    assert (status["status"], status["fully_imported"]) == ("COMPLETED", False)
    assert (status["counts"]["created"], status["counts"]["failed"]) == (1, 4)
    assert importer.report(status) == [
        ["row", "name", "name.subitem", "error"],
        ["2", "A", "", "The row could not be created"],
        ["3", "", "L", "The item in row 2 failed"],
        ["4", "", "M", "The item in row 2 failed"],
        ["6", "", "N", "The row could not be created"],
    ]
    (item,) = importer.board.items(ORDERS)
    assert (item["name"], importer.board.subitems(item["id"])) == ("B", [])


def test_that_a_row_fails_whose_group_went_after_the_check(options, caller_of) -> None:
    with running_board(replace(options, bulk=BulkSettings(rows_per_second=1))) as board:
        importer = Importer(caller_of(board))
        job_id = importer.uploaded(("name",), ("A",), ("B",))
        board.advance(1)
        importer.status(job_id)
        importer.caller.data('mutation { archive_group(board_id: 7000000001, group_id: "topics") { id } }')
        board.advance(60)
        status = importer.status(job_id)
        assert (status["counts"]["created"], status["counts"]["failed"]) == (1, 1)
        assert importer.report(status)[1][-1] == "Group not found"


def test_that_a_job_makes_no_report_when_ordered(importer) -> None:
    importer.board.faults.add("job_no_report")
    importer.board.faults.add("job_rows_failed", rows=[2])
    status = importer.imported(*ROWS)
    assert status["counts"]["failed"] == 3
    assert (status["report_created"], status["report_url"]) == (False, None)


def test_that_a_report_that_was_announced_can_be_missing(importer) -> None:
    importer.board.faults.add("status", operation="report", status=404, body="gone")
    importer.board.faults.add("job_rows_failed", rows=[2])
    status = importer.imported(*ROWS)
    assert importer.caller.http.get(status["report_url"]).status_code == 404
    assert len(importer.report(status)) == 4


def test_that_a_fault_of_a_job_strikes_the_start_it_was_ordered_for(importer) -> None:
    importer.board.faults.add("job_rejected", nth=2)
    assert [importer.imported(*ROWS)["status"] for _ in range(3)] == ["COMPLETED", "REJECTED", "COMPLETED"]


def test_that_a_fault_of_a_job_strikes_one_alias(importer) -> None:
    importer.board.faults.add("job_rejected", alias="b")
    start = 'ingest_items(board_id: 7000000001, group_id: "topics") { job_id upload_url }'
    jobs = importer.caller.data(f"mutation {{ a: {start} b: {start} }}")
    found = []
    for job in (jobs["a"], jobs["b"]):
        importer.put(job["upload_url"], csv_of(*ROWS))
        importer.board.advance(60)
        found.append(importer.status(job["job_id"])["status"])
    assert found == ["COMPLETED", "REJECTED"]


def test_that_faults_of_a_job_can_be_ordered_from_outside(importer) -> None:
    answer = importer.caller.http.post(
        f"{importer.board.page_url}practice/faults",
        json={"faults": [{"kind": "job_rows_failed", "rows": [2]}]},
        headers={"Authorization": "practice-token"},
    )
    assert answer.json() == {"faults": ["job_rows_failed"]}
    assert importer.imported(*ROWS)["counts"]["failed"] == 3


# Answers and transfers


def test_that_a_start_whose_answer_was_lost_has_started_a_job(importer) -> None:
    importer.board.faults.add("drop_answer", operation="ingest_items")
    with pytest.raises(httpx.TransportError):
        importer.caller.send(START, key="start-1", board=ORDERS, group="topics")
    answer = importer.caller.send(START, key="start-1", board=ORDERS, group="topics")
    assert answer.headers["Idempotency-Replayed"] == "true"
    started = answer.json()["data"]["ingest_items"]
    assert importer.put(started["upload_url"], csv_of(*ROWS)).status_code == 200
    importer.board.advance(60)
    assert importer.status(started["job_id"])["fully_imported"]


@pytest.mark.parametrize(
    ("kind", "details", "is_applied"),
    [
        ("reset", {}, False),
        ("drop_answer", {}, True),
        ("status", {"status": 503}, False),
        ("status", {"status": 500, "applied": True}, True),
    ],
)
def test_that_an_upload_fails_as_ordered(importer, kind, details, is_applied) -> None:
    importer.board.faults.add(kind, operation="upload", **details)
    job_id, url = importer.start()
    try:
        assert importer.put(url, csv_of(*ROWS)).status_code == details["status"]
    except httpx.TransportError:
        assert kind in ("reset", "drop_answer")
    assert importer.status(job_id)["status"] == ("PROCESSING" if is_applied else "UPLOAD_PENDING")
    assert importer.put(url, csv_of(*ROWS)).status_code == 200
    importer.board.advance(60)
    assert importer.status(job_id)["counts"]["created"] == 5
    assert len(importer.board.items(ORDERS)) == 2


def test_that_a_job_goes_on_while_its_status_cannot_be_had(importer) -> None:
    job_id = importer.uploaded(*ROWS)
    importer.board.faults.add("drop_answer", operation="fetch_job_status")
    importer.board.faults.add("status", operation="fetch_job_status", nth=2)
    importer.board.advance(60)
    with pytest.raises(httpx.TransportError):
        importer.caller.send(STATUS, job=job_id)
    assert importer.caller.send(STATUS, job=job_id).status_code == 503
    assert importer.status(job_id)["fully_imported"]


def test_that_a_job_can_be_denied_though_it_is_there(importer) -> None:
    job_id = importer.uploaded(*ROWS)
    importer.board.faults.add(
        "alias_error", operation="fetch_job_status", code="ResourceNotFoundException", message="Job not found"
    )
    answer = importer.caller.ask(STATUS, job=job_id)
    assert (answer["data"], answer["errors"][0]["message"]) == (None, "Job not found")
    assert importer.status(job_id)["status"] == "PROCESSING"


def test_that_faults_of_the_api_do_not_strike_the_file_store(importer) -> None:
    job_id, url = importer.start()
    importer.board.faults.add("rate_limit")
    importer.board.faults.add("locked")
    assert importer.put(url, csv_of(*ROWS)).status_code == 200
    assert importer.caller.send(STATUS, job=job_id).status_code == 429
