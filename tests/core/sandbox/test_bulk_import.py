"""Bulk import over HTTP: start, upload, status, what is on the board (docs/importing-items-in-bulk)."""

from collections import Counter
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from core.sandbox.options import BulkSettings
from core.sandbox.testing import running_board
from tests.core.sandbox.importer import (
    OFFICIAL,
    ORDERS,
    START,
    STATUS,
    SUBITEMS,
    Importer,
    assert_official,
    csv_of,
)

CLASSIC = (
    ("name", "key", "state", "name.subitem", "size.subitem", "pieces.subitem"),
    ("AAG-1", "K1", "Done", "", "", ""),
    ("", "", "", "XL", "XL", "4"),
    ("", "", "", "M", "M", "6.50"),
    ("AAG-2", "K2", "", "", "", ""),
    ("", "", "", "S", "S", ""),
)


@pytest.fixture
def importer(caller) -> Importer:
    return Importer(caller)


@pytest.fixture
def serve(options, caller_of):
    """Serve a board whose bulk import has settings of the test's own."""

    def with_settings(**settings):
        return running_board(replace(options, bulk=BulkSettings(**settings)))

    return with_settings


@pytest.mark.skipif(not OFFICIAL.exists(), reason=f"the official schema is not at {OFFICIAL}")
def test_that_an_answer_the_official_schema_does_not_know_would_be_noticed() -> None:
    answer = {"fetch_job_status": {"__typename": "ItemsJobStatus", "status": "DONE"}}
    document = "{ fetch_job_status(job_id: 1) { __typename ... on ItemsJobStatus { status } } }"
    with pytest.raises(AssertionError):
        assert_official(document, {}, answer)


def test_that_a_job_waits_for_its_file(importer) -> None:
    job_id, _ = importer.start()
    assert importer.status(job_id) == {
        "__typename": "ItemsJobStatus",
        "status": "UPLOAD_PENDING",
        "counts": None,
        "progress_percentage": 0,
        "failure_reason": None,
        "failure_message": None,
        "fully_imported": False,
        "report_created": False,
        "report_url": None,
    }


def test_that_one_file_makes_items_and_their_subitems(importer) -> None:
    status = importer.imported(*CLASSIC)
    assert status["status"] == "COMPLETED"
    assert status["counts"] == {
        "submitted": 5,
        "invalid": 0,
        "skipped": 0,
        "created": 5,
        "updated": 0,
        "failed": 0,
    }
    assert (status["progress_percentage"], status["fully_imported"]) == (100, True)
    assert (status["report_created"], status["report_url"]) == (False, None)
    first, second = importer.board.items(ORDERS)
    assert (first["name"], first["group_id"]) == ("AAG-1", "topics")
    assert first["column_values"]["key"] == "K1"
    assert first["column_values"]["state"]["index"] == 1
    assert [line["column_values"] for line in importer.board.subitems(first["id"])] == [
        {"size": "XL", "pieces": "4"},
        {"size": "M", "pieces": "6.5"},
    ]
    assert [line["name"] for line in importer.board.subitems(second["id"])] == ["S"]
    assert len(importer.board.items(SUBITEMS)) == 3


def test_that_rows_appear_while_the_job_goes_on(importer, serve, caller_of) -> None:
    with serve(rows_per_second=10) as board:
        importer = Importer(caller_of(board))
        job_id = importer.uploaded(("name",), *((f"A{number}",) for number in range(40)))
        seen = []
        for _ in range(5):
            status = importer.status(job_id)
            counts = status["counts"]
            seen.append((status["status"], status["progress_percentage"], counts["created"]))
            assert len(board.items(ORDERS)) == counts["created"]
            board.advance(1)
        assert seen == [
            ("PROCESSING", 0, 0),
            ("PROCESSING", 25, 10),
            ("PROCESSING", 50, 20),
            ("PROCESSING", 75, 30),
            ("COMPLETED", 100, 40),
        ]


def test_that_created_items_carry_the_moment_they_were_due(importer) -> None:
    importer.uploaded(("name",), *((f"A{number}",) for number in range(400)))
    importer.board.advance(3_000)
    read = importer.caller.data(
        "{ boards(ids: [7000000001]) { items_page(limit: 500) { items { created_at } } } }"
    )
    moments = Counter(item["created_at"] for item in read["boards"][0]["items_page"]["items"])
    assert moments == {
        "2026-11-22T12:00:00Z": 199,
        "2026-11-22T12:00:01Z": 200,
        "2026-11-22T12:00:02Z": 1,
    }


def test_that_a_job_goes_on_after_a_restart(serve, caller_of) -> None:
    with serve(rows_per_second=10) as board:
        job_id = Importer(caller_of(board)).uploaded(("name",), *((f"A{number}",) for number in range(40)))
        board.advance(2)
        assert len(board.items(ORDERS)) == 20
    with serve(rows_per_second=10) as board:
        board.advance(2)
        importer = Importer(caller_of(board))
        assert importer.status(job_id)["counts"]["created"] == 40
        assert [item["name"] for item in board.items(ORDERS)] == [f"A{number}" for number in range(40)]


def test_that_a_repeated_file_makes_duplicates(importer) -> None:
    for _ in range(2):
        assert importer.imported(*CLASSIC)["fully_imported"]
    assert [item["name"] for item in importer.board.items(ORDERS)] == ["AAG-1", "AAG-2"] * 2


def test_that_an_idempotency_key_gives_the_same_job_again(importer) -> None:
    answers = [
        importer.caller.send(START, key="start-1", board=ORDERS, group="topics").json()["data"]
        for _ in range(2)
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("board_id", "group_id", "code"),
    [
        ("7000000099", "topics", "InvalidBoardIdException"),
        (ORDERS, "nowhere", "ResourceNotFoundException"),
        (SUBITEMS, "topics", "InvalidArgumentException"),
        ("7000000004", "topics", "UserUnauthorizedException"),
    ],
)
def test_that_a_start_is_refused_where_nothing_can_be_created(importer, board_id, group_id, code) -> None:
    error = importer.caller.error(START, board=board_id, group=group_id)
    assert (error["extensions"]["code"], error["path"]) == (code, ["ingest_items"])


@pytest.mark.parametrize(
    ("version", "is_known"),
    [("2026-04", False), ("2025-10", False), ("2026-07", True), ("2026-10", True), ("dev", True)],
)
def test_that_bulk_import_came_with_version_2026_07(importer, version, is_known) -> None:
    headers = {"API-Version": version}
    started = importer.caller.send(START, headers=headers, board=ORDERS, group="topics").json()
    asked = importer.caller.send(STATUS, headers=headers, job="x").json()
    codes = [answer.get("errors", [{}])[0].get("extensions") for answer in (started, asked)]
    if is_known:
        assert codes[0] is None
        assert codes[1]["code"] == "ResourceNotFoundException"
    else:
        common = {"code": "undefinedField", "status_code": 200}
        assert codes == [
            {**common, "typeName": "Mutation", "fieldName": "ingest_items"},
            {**common, "typeName": "Query", "fieldName": "fetch_job_status"},
        ]


def test_that_an_unknown_job_is_an_error_without_data(importer) -> None:
    answer = importer.caller.ask(STATUS, job="no-such-job")
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "ResourceNotFoundException"
    assert answer["errors"][0]["path"] == ["fetch_job_status"]


def test_that_a_job_is_forgotten_after_a_day(importer) -> None:
    job_id, _ = importer.start()
    importer.board.advance(86_399)
    assert importer.status(job_id)["status"] == "UPLOAD_PENDING"
    importer.board.advance(1)
    assert importer.caller.error(STATUS, job=job_id)["extensions"]["code"] == "ResourceNotFoundException"


def test_that_jobs_that_are_forgotten_leave_the_state_file_at_the_next_start(importer) -> None:
    def kept() -> list[tuple[int, int]]:
        sql = "SELECT (SELECT count(*) FROM bulk_job), (SELECT count(*) FROM bulk_row)"
        return importer.board.board.read(lambda session: session.store.all(sql)).result()

    importer.imported(*CLASSIC)
    importer.start()
    assert kept() == [(2, 5)]
    importer.board.advance(86_400 + 3_600)
    assert kept() == [(2, 5)]
    importer.start()
    assert kept() == [(1, 0)]
    assert len(importer.board.items(ORDERS)) == 2


# Budgets of the account


def test_that_an_account_starts_100_jobs_an_hour(importer) -> None:
    importer.start()
    importer.board.advance(600)
    for _ in range(99):
        importer.start()
    error = importer.caller.error(START, board=ORDERS, group="topics")
    assert error["extensions"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert error["extensions"]["status_code"] == 429
    assert error["extensions"]["retryAfterMs"] == 3_000_000
    importer.board.advance(3_000)
    importer.start()
    assert "errors" in importer.caller.ask(START, board=ORDERS, group="topics")


def test_that_refused_starts_do_not_count(serve, caller_of) -> None:
    with serve(starts_per_hour=1) as board:
        importer = Importer(caller_of(board))
        importer.caller.error(START, board="7000000004", group="topics")
        importer.start()


def test_that_a_job_beyond_the_hours_items_is_rejected_as_a_whole(serve, caller_of) -> None:
    with serve(items_per_hour=8) as board:
        importer = Importer(caller_of(board))
        assert importer.imported(*CLASSIC)["counts"]["created"] == 5
        status = importer.imported(*CLASSIC)
        assert (status["status"], status["failure_reason"]) == ("REJECTED", "ACCOUNT_CAPACITY_EXCEEDED")
        assert status["failure_message"] == (
            "The import would create 5 items; 3 are left of this hour's budget"
        )
        assert status["counts"]["created"] == 0
        assert len(board.items(ORDERS)) == 2
        assert importer.imported(*CLASSIC[:4])["status"] == "COMPLETED"
        board.advance(3_600)
        assert importer.imported(*CLASSIC)["status"] == "COMPLETED"


def test_that_a_running_job_has_its_items_reserved_and_rows_that_fail_give_theirs_back(
    serve, caller_of
) -> None:
    with serve(items_per_hour=5, rows_per_second=1) as board:
        importer = Importer(caller_of(board))
        board.faults.add("job_rows_failed", rows=[2])
        first = importer.uploaded(*CLASSIC)
        second = importer.uploaded(("name",), ("B",))
        assert importer.status(second)["failure_reason"] == "ACCOUNT_CAPACITY_EXCEEDED"
        board.advance(60)
        assert importer.status(first)["counts"] == {
            "submitted": 5,
            "invalid": 0,
            "skipped": 0,
            "created": 2,
            "updated": 0,
            "failed": 3,
        }
        assert importer.imported(("name",), ("C",), ("D",), ("E",), ("F",))["status"] == "REJECTED"
        assert importer.imported(("name",), ("C",), ("D",), ("E",))["status"] == "COMPLETED"


def test_that_items_created_one_by_one_do_not_touch_the_import_budget(serve, caller_of) -> None:
    with serve(items_per_hour=1) as board:
        caller = caller_of(board)
        caller.make_item()
        assert Importer(caller).imported(("name",), ("B",))["status"] == "COMPLETED"


# Capacity


def test_that_a_job_that_would_overfill_the_board_is_rejected(importer) -> None:
    status = importer.imported(("name",), ("A",), ("B",), ("C",), board_id="7000000005")
    assert (status["status"], status["failure_reason"]) == ("REJECTED", "BOARD_CAPACITY_EXCEEDED")
    assert importer.board.items("7000000005") == []
    status = importer.imported(("name",), ("A",), ("B",), board_id="7000000005")
    assert status["fully_imported"]


def test_that_a_board_that_fills_up_meanwhile_ends_the_job(serve, caller_of) -> None:
    with serve(rows_per_second=1) as board:
        importer = Importer(caller_of(board))
        job_id = importer.uploaded(("name",), ("A",), ("B",), board_id="7000000005")
        importer.status(job_id)
        importer.caller.make_item("C", board_id="7000000005")
        board.advance(60)
        status = importer.status(job_id)
        assert (status["status"], status["failure_reason"]) == ("FAILED", "BOARD_CAPACITY_EXCEEDED")
        assert status["counts"]["created"] == 1
        assert [item["name"] for item in board.items("7000000005")] == ["C", "A"]


def test_that_an_item_with_too_many_lines_is_rejected_with_them(importer) -> None:
    header = ("name", "name.subitem")
    lines = [("", f"L{number}") for number in range(101)]
    status = importer.imported(header, ("A", ""), *lines, ("B", ""), ("", "L"))
    assert (status["counts"]["invalid"], status["counts"]["created"]) == (102, 2)
    assert [item["name"] for item in importer.board.items(ORDERS)] == ["B"]
    report = importer.report(status)
    assert report[1][-1] == "An item has at most 100 subitems"
    assert report[2][-1] == "The item in row 2 is invalid"
    assert importer.imported(header, ("A", ""), *lines[:100])["fully_imported"]


# The addresses of files


def test_that_an_upload_answers_with_an_etag_and_is_no_call_of_the_api(importer) -> None:
    _, url = importer.start()
    before = importer.board.board.limits.daily_use()
    answer = importer.put(url, csv_of(*CLASSIC))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["ETag"].startswith('"')
    assert "RateLimit" not in answer.headers
    assert importer.board.board.limits.daily_use() == before
    assert [(request.method, request.transfer) for request in importer.board.requests] == [
        ("POST", None),
        ("PUT", "upload"),
    ]


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": "practice-token"}, 400, "InvalidArgument"),
        ({"x-amz-checksum-crc32": "AAAAAA=="}, 403, "HeadersNotSigned"),
        ({"Content-Type": "application/octet-stream"}, 403, "SignatureDoesNotMatch"),
    ],
)
def test_that_an_upload_with_other_headers_than_signed_is_refused(importer, headers, status, code) -> None:
    job_id, url = importer.start()
    answer = importer.put(url, csv_of(*CLASSIC), **headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/xml")
    assert f"<Code>{code}</Code>" in answer.text
    assert importer.status(job_id)["status"] == "UPLOAD_PENDING"


def test_that_an_upload_tells_its_length_beforehand(importer) -> None:
    _, url = importer.start()
    answer = importer.caller.http.put(
        url, content=iter([b"name\r\nA\r\n"]), headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code == 411
    assert "MissingContentLength" in answer.text


def test_that_an_upload_address_is_good_for_10_minutes(importer) -> None:
    (_, first), (job_id, second) = importer.start(), importer.start()
    importer.board.advance(599)
    assert importer.put(first, csv_of(*CLASSIC)).status_code == 200
    importer.board.advance(1)
    answer = importer.put(second, csv_of(*CLASSIC))
    assert (answer.status_code, "Request has expired" in answer.text) == (403, True)
    assert importer.status(job_id)["status"] == "UPLOAD_PENDING"


def test_that_a_changed_signature_is_refused(importer) -> None:
    _, url = importer.start()
    for wrong in (
        url + "x",
        url.partition("?")[0],
        url.replace(urlsplit(url).path, "/practice/upload/other"),
    ):
        answer = importer.put(wrong, csv_of(*CLASSIC))
        assert (answer.status_code, "SignatureDoesNotMatch" in answer.text) == (403, True)


def test_that_a_second_upload_changes_nothing_once_the_job_has_begun(importer) -> None:
    job_id, url = importer.start()
    importer.put(url, csv_of(("name",), ("A",)))
    importer.board.advance(60)
    assert importer.put(url, csv_of(("name",), ("B",))).status_code == 200
    assert importer.status(job_id)["counts"]["created"] == 1
    assert [item["name"] for item in importer.board.items(ORDERS)] == ["A"]


def test_that_a_second_upload_replaces_the_file_of_a_job_in_the_queue(importer) -> None:
    importer.board.faults.add("job_queued", seconds=30)
    _, url = importer.start()
    importer.put(url, csv_of(("name",), ("A",)))
    assert importer.put(url, csv_of(("name",), ("B",))).status_code == 200
    importer.board.advance(60)
    assert [item["name"] for item in importer.board.items(ORDERS)] == ["B"]


def test_that_the_report_names_rows_that_were_not_created_and_expires(importer) -> None:
    status = importer.imported(*CLASSIC[:2], CLASSIC[2], ("AAG-3", "K3", "Unheard", "", "", ""), CLASSIC[5])
    assert (status["status"], status["fully_imported"]) == ("COMPLETED", True)
    assert (status["counts"]["created"], status["counts"]["invalid"]) == (2, 2)
    assert importer.report(status) == [
        ["row", *CLASSIC[0], "error"],
        ["4", "AAG-3", "K3", "Unheard", "", "", "", "Column 'state': there is no active label 'Unheard'"],
        ["5", "", "", "", "S", "S", "", "The item in row 4 is invalid"],
    ]
    http = importer.caller.http
    refused = http.get(status["report_url"], headers={"Authorization": "practice-token"})
    assert refused.status_code == 400
    assert http.get(status["report_url"] + "x").status_code == 403
    importer.board.advance(600)
    late = http.get(status["report_url"])
    assert (late.status_code, "Request has expired" in late.text) == (403, True)
