"""Bulk imports: everything is on the board once, whatever happens to the job, its file, or its worker."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from core.demo.testing import ITEMS_BOARD, SUBITEMS_BOARD
from core.errors import BoardError
from core.orders.import_jobs import JobStage
from core.orders.journal import Journal
from core.orders.model import Selection, SyncState
from core.sandbox.requests import ReceivedRequest
from core.sync.control import RunControl
from tests.faults.importing_desk import CUSTOMER, import_by, importing_desk, opened, push
from tests.faults.narrow_desk import NarrowDesk, headers, lines
from tests.faults.processes import PATIENCE_SECONDS, ROOT, ended_at_last, wait_for_what_arrived

ORDERS, LINES_EACH = 4, 3
DAY = 86_400.0
ROWS = ORDERS * (1 + LINES_EACH)
Fault = tuple[str, Mapping[str, Any]]
LASTING = {"times": None}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NarrowDesk]:
    """A desk with four orders of one customer, which imports them."""
    with importing_desk(tmp_path) as made:
        made.add_orders(CUSTOMER, ORDERS, LINES_EACH)
        yield made


def reads_ids(request: ReceivedRequest) -> bool:
    return searches(request) or "query GroupKeys" in request.query


def searches(request: ReceivedRequest) -> bool:
    return "query FilteredKeys" in request.query


def jobs(desk: NarrowDesk) -> int:
    """Jobs that the board was asked to start."""
    return sum("ingest_items" in request.operations for request in desk.board.requests)


def uploads(desk: NarrowDesk) -> int:
    """Uploads that the board took or may have taken."""
    return sum(request.transfer == "upload" for request in desk.board.requests)


async def push_until_done(desk: NarrowDesk) -> None:
    """Run on a board without faults until all is there; what nobody can tell about is told a day later."""
    desk.board.faults.clear()
    for later in (0.0, 0.0, 2 * DAY):
        await push(desk, later)
        async with opened(desk) as workspace:
            plan = await workspace.plan(Selection(states=(SyncState.ERROR,)))
            if plan.order_count:
                await workspace.run(plan, RunControl(), lambda _event: None)
        if not desk.differences():
            return
        assert desk.contradictions([CUSTOMER]) == []
    assert desk.differences() == []


OF_A_CALL: dict[str, Fault] = {
    "its answer is lost": ("drop_answer", {}),
    "it never arrives": ("reset", {}),
    "half an answer": ("malformed_json", {}),
    "an empty answer": ("empty_body", {}),
    "503": ("status", {}),
    "500 with its effect": ("status", {"status": 500, "applied": True}),
    "refused for the minute": ("rate_limit", {}),
    "the board is locked": ("locked", {}),
    "an error of the field": ("alias_error", {"code": "INTERNAL_SERVER_ERROR"}),
}
OF_A_FILE: dict[str, Fault] = {
    "its answer is lost": ("drop_answer", {}),
    "it never arrives": ("reset", {}),
    "an empty answer": ("empty_body", {}),
    "503": ("status", {}),
    "500 with its effect": ("status", {"status": 500, "applied": True}),
}
PASSING: dict[str, Fault] = {
    "the job waits in the queue": ("job_queued", {"seconds": 90}),
    "the answer to the start is lost and forgotten": ("evict_idempotency", {}),
    **{
        f"the start: {name}": (kind, {**details, "operation": "ingest_items"})
        for name, (kind, details) in OF_A_CALL.items()
    },
    **{
        f"the status: {name}": (kind, {**details, "operation": "fetch_job_status"})
        for name, (kind, details) in OF_A_CALL.items()
    },
    **{
        f"the ids: {name}": (kind, {**details, "predicate": reads_ids})
        for name, (kind, details) in OF_A_CALL.items()
        if kind != "alias_error"
    },
    **{
        f"the upload: {name}": (kind, {**details, "operation": "upload"})
        for name, (kind, details) in OF_A_FILE.items()
    },
    "subitems cannot be read at once": ("field_limit", {}),
    "the search lags": ("index_lag", {"seconds": 30}),
}
LASTING_FAULTS: dict[str, Fault] = {
    "no start is answered": ("drop_answer", {"operation": "ingest_items", **LASTING}),
    "no start arrives": ("reset", {"operation": "ingest_items", **LASTING}),
    "no upload is answered": ("drop_answer", {"operation": "upload", **LASTING}),
    "no upload arrives": ("reset", {"operation": "upload", **LASTING}),
    "the file store refuses": ("status", {"operation": "upload", "status": 403, **LASTING}),
    "no status can be had": ("drop_answer", {"operation": "fetch_job_status", **LASTING}),
    "the board denies the job": (
        "alias_error",
        {"operation": "fetch_job_status", "code": "ResourceNotFoundException", **LASTING},
    ),
    "the status asks for another token": (
        "status",
        {"operation": "fetch_job_status", "status": 401, "applied": False, **LASTING},
    ),
    "no ids can be read": ("drop_answer", {"predicate": reads_ids, **LASTING}),
    "the job fails at once": ("job_failed", {"created": 0}),
    "the job fails after an item": ("job_failed", {"created": 1}),
    "the job fails in the middle": ("job_failed", {"created": 6}),
    "the job fails after all": ("job_failed", {"created": ROWS}),
    "the job waits for an hour": ("job_queued", {"seconds": 3_600}),
    **{
        f"the job is rejected: {reason}": ("job_rejected", {"reason": reason})
        for reason in (
            "INVALID_UPLOAD",
            "FILE_TOO_LARGE",
            "ACCOUNT_CAPACITY_EXCEEDED",
            "BOARD_CAPACITY_EXCEEDED",
            "PERMISSION_DENIED",
            "AUTHORIZATION_FAILED",
            "INTERNAL_ERROR",
        )
    },
}


async def test_a_file_takes_orders_and_lines_over_in_four_calls(desk: NarrowDesk):
    plan, report = await push(desk)
    assert desk.differences() == []
    assert (report.orders.created, report.lines.created) == (4, 12)
    assert report.api.calls - report.api.calls_before == 4
    (upload,) = (request for request in desk.board.requests if request.transfer == "upload")
    assert upload.body == plan.batches[0].item_requests[0].file


async def test_a_second_run_has_nothing_left_to_send(desk: NarrowDesk):
    await push(desk)
    desk.board.forget_requests()
    plan, _ = await push(desk)
    assert (plan.order_count, jobs(desk)) == (0, 0)
    assert desk.differences() == []


@pytest.mark.parametrize("fault", PASSING)
async def test_one_run_gets_over_a_passing_fault(desk: NarrowDesk, fault: str):
    kind, details = PASSING[fault]
    desk.board.faults.add(kind, **details)
    await push(desk)
    assert desk.differences() == []


@pytest.mark.parametrize("fault", LASTING_FAULTS)
async def test_what_a_lasting_fault_leaves_is_sent_once_by_a_later_run(desk: NarrowDesk, fault: str):
    kind, details = LASTING_FAULTS[fault]
    desk.board.faults.add(kind, **details)
    _, report = await push(desk)
    assert desk.contradictions([CUSTOMER]) == []
    assert report.stopped is not None or desk.differences() == []
    assert report.orders.failed == 0
    desk.board.faults.clear()
    desk.board.advance(3_600)
    await push_until_done(desk)


@pytest.mark.parametrize("way", ["always", "never"])
@pytest.mark.parametrize(
    "fault",
    [
        "no upload is answered",
        "no upload arrives",
        "no status can be had",
        "the board denies the job",
        "no ids can be read",
        "the job fails in the middle",
        "the job waits for an hour",
    ],
)
async def test_a_later_run_by_either_way_while_the_fault_lasts_makes_nothing_twice(
    desk: NarrowDesk, fault: str, way: str
):
    kind, details = LASTING_FAULTS[fault]
    desk.board.faults.add(kind, **details)
    await push(desk)
    import_by(desk, way)
    with suppress(BoardError):  # it does not tell what became of the job, so there is no plan
        await push(desk)
    assert desk.contradictions([CUSTOMER]) == []
    await push_until_done(desk)


# Rows


async def test_a_refused_row_is_in_error_alone_with_the_reports_words(desk: NarrowDesk):
    desk.board.faults.add("job_rows_failed", rows=[2, 8])
    _, report = await push(desk)
    states = [row["sync_state"] for row in desk.rows(headers)]
    assert states.count("ERROR") == 2
    failed = [row for row in desk.rows(lines) if row["sync_state"] == "ERROR"]
    assert len(failed) == 1
    assert "could not be created" in failed[0]["sync_error_message"]
    assert (report.orders.failed, report.lines.failed, report.lines.created) == (2, 1, 8)
    assert desk.contradictions([CUSTOMER]) == []
    await push_until_done(desk)


@pytest.mark.parametrize("fault", ["job_no_report", *OF_A_FILE])
async def test_without_a_report_a_refused_row_says_what_to_do(desk: NarrowDesk, fault: str):
    if fault == "job_no_report":
        desk.board.faults.add(fault)
    else:
        kind, details = OF_A_FILE[fault]
        desk.board.faults.add(kind, **{**details, "operation": "report", **LASTING})
    desk.board.faults.add("job_rows_failed", rows=[3])
    _, report = await push(desk)
    (failure,) = (each for each in report.failures if each.kind == "line")
    assert "--no-bulk" in failure.remedy
    assert desk.contradictions([CUSTOMER]) == []
    await push_until_done(desk)


async def test_a_report_that_comes_late_is_asked_for_again(desk: NarrowDesk):
    desk.board.faults.add("drop_answer", operation="report")
    desk.board.faults.add("job_rows_failed", rows=[3])
    _, report = await push(desk)
    (failure,) = (each for each in report.failures if each.kind == "line")
    assert "could not be created" in failure.message


async def test_an_import_is_undone_like_any_other_run(desk: NarrowDesk):
    _, report = await push(desk)
    async with opened(desk) as workspace:
        undo = await workspace.plan_undo(report.run_id)
        undone = await workspace.run(undo, RunControl(), lambda _event: None)
    assert (undone.orders.archived, undone.kept) == (ORDERS, ())
    assert desk.board.items(ITEMS_BOARD) == []
    assert {row["sync_state"] for row in desk.rows(headers)} == {"NEW"}


async def test_an_imported_order_whose_subitem_was_changed_by_hand_is_kept_by_an_undo(desk: NarrowDesk):
    _, report = await push(desk)
    subitem = desk.board.items(SUBITEMS_BOARD)[0]
    async with opened(desk) as workspace:
        await workspace._client.query(
            "mutation ($board: ID!, $id: ID!) { change_simple_column_value("
            'board_id: $board, item_id: $id, column_id: "numeric_order_qty", value: "99") { id } }',
            {"board": SUBITEMS_BOARD, "id": subitem["id"]},
        )
        undo = await workspace.plan_undo(report.run_id)
        undone = await workspace.run(undo, RunControl(), lambda _event: None)
    assert (undone.orders.archived, len(undone.kept)) == (ORDERS - 1, 1)


# Another worker


async def test_a_worker_that_slept_before_its_upload_uploads_nothing_any_more(
    desk: NarrowDesk, monkeypatch: pytest.MonkeyPatch
):
    advance = Journal.advance_import

    def after_another_gave_it_up(journal: Journal, uuid: str, known: Any, note: Any) -> bool:
        if note.stage is JobStage.UPLOADING:
            assert advance(journal, uuid, known, known.at(JobStage.GIVEN_UP))
        return advance(journal, uuid, known, note)

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "advance_import", after_another_gave_it_up)
        _, report = await push(desk)
    assert report.stopped is not None
    assert report.stopped.code == "claims_lost"
    assert uploads(desk) == 0
    await push_until_done(desk)


async def test_a_job_whose_worker_is_gone_cannot_be_given_up_once_its_upload_began(desk: NarrowDesk):
    desk.board.faults.add("drop_answer", operation="fetch_job_status", times=None)
    await push(desk)
    async with opened(desk) as workspace:
        unresolved = workspace._journal.unresolved(workspace.profile.board_id)
        note = workspace._journal.import_job(unresolved[0].request_uuid)
    assert len(unresolved) == ROWS
    assert note is not None
    assert note.stage is JobStage.UPLOADING


# A killed worker

DEATHS: dict[str, tuple[str, Callable[[ReceivedRequest], bool], int]] = {
    "the start never arrives": ("reset", lambda it: "ingest_items" in it.operations, 1),
    "the start arrives": ("delay", lambda it: "ingest_items" in it.operations, 1),
    "the upload never arrives": ("reset", lambda it: it.transfer == "upload", 1),
    "the upload arrives": ("delay", lambda it: it.transfer == "upload", 1),
    "the job works": ("delay", lambda it: "fetch_job_status" in it.operations, 1),
    "the job works on": ("delay", lambda it: "fetch_job_status" in it.operations, 2),
    "the ids are read": ("delay", reads_ids, 1),
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("death", DEATHS)
def test_a_worker_that_dies_leaves_nothing_to_be_made_twice(tmp_path: Path, death: str):
    kind, is_the_place, nth = DEATHS[death]
    with importing_desk(tmp_path) as desk:
        desk.add_orders(CUSTOMER, 80, 4)
        process = start(desk)
        seen = 0

        def kill(request: ReceivedRequest) -> bool:
            nonlocal seen
            seen += is_the_place(request)
            if seen != nth or not is_the_place(request):
                return False
            process.kill()
            return True

        desk.board.faults.add(kind, predicate=kill)
        with ended_at_last([process]):
            said, _ = process.communicate(timeout=PATIENCE_SECONDS)
            assert process.returncode < 0, said
            wait_for_what_arrived(desk.board)
            assert desk.contradictions([CUSTOMER]) == []
            desk.board.faults.clear()
            if death == "the upload never arrives":
                # Nobody can tell that it did not, before the board forgets the job.
                run(desk)
                assert desk.board.items(ITEMS_BOARD) == []
                asyncio.run(push(desk, 2 * DAY))
            asyncio.run(push(desk))
        assert desk.differences() == []


def start(desk: NarrowDesk) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.faults.run_importing", "run", "--yes", "--json"),
            *("--config", str(desk.configuration_file)),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(desk: NarrowDesk) -> int:
    """The command, to its end."""
    process = start(desk)
    with ended_at_last([process]):
        process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode
