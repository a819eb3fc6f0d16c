"""A run in portions that is paused or stopped: nothing leaves, all is accounted for, the rest goes once."""

import asyncio
import json
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.demo.testing import ITEMS_BOARD, SUBITEMS_BOARD, HurriedClock
from core.errors import ExitCode
from core.orders.model import Selection
from core.sandbox.requests import ReceivedRequest
from core.sync.control import RunControl
from core.sync.events import RequestAnswered, RequestSent, RunEvent, RunPaused, RunResumed
from core.sync.report import RunReport
from core.workspace import Workspace
from tests.faults.narrow_desk import NarrowDesk, headers, lines, narrow_desk
from tests.faults.portions_desk import ORDERS, SELECTED, Emit, fill, start, stream, told
from tests.faults.processes import PATIENCE_SECONDS, ended_at_last, wait_for_what_arrived
from tests.faults.run_portions import SMALL

REQUESTS = {
    1: "ACME / items / 2",
    2: "ACME / items / 3",
    3: "BOLT / items / 1",
    4: "CONE / subitems / 1",
}
"""By portion, a request of it."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NarrowDesk]:
    """Thirteen orders of four customers, two lines each, in four portions; two records a request."""
    with narrow_desk(tmp_path, records_per_request=2) as made:
        fill(made)
        yield made


def at(request_key: str, action: Callable[[], None]) -> Emit:
    """Do something when a request has its answer."""

    def listen(event: RunEvent) -> None:
        if isinstance(event, RequestAnswered) and event.request_key == request_key:
            action()

    return listen


def assert_accounted_for(desk: NarrowDesk, report: RunReport) -> None:
    """The report says of every record what its row and the board say, and nothing is claimed any more."""
    assert report.balanced
    assert (report.orders.selected, report.lines.selected) == (SELECTED, 2 * SELECTED)
    assert {part.customer: part.orders.selected for part in report.customers} == ORDERS
    for counts, table, key, id_column in (
        (report.orders, headers, "record_uuid", "monday_item_id"),
        (report.lines, lines, "line_uuid", "monday_subitem_id"),
    ):
        rows = desk.rows(table)
        states = Counter(row["sync_state"] for row in rows)
        assert counts.synced == states["SYNCED"]
        assert counts.not_started == states["NEW"] + states["PENDING"] == counts.selected - counts.synced
        board = SUBITEMS_BOARD if table is lines else ITEMS_BOARD
        there = Counter(str(item["column_values"][key]) for item in desk.board.items(board))
        assert there == Counter(row[key] for row in rows if row[id_column] is not None)
    assert desk.contradictions(list(ORDERS)) == []
    assert told(desk, "SELECT record_uuid FROM deltadesk_claim") == []


def assert_sent_once(desk: NarrowDesk) -> None:
    """All is on the board, and no record was ever sent twice."""
    assert desk.differences() == []
    sent = Counter(told(desk, "SELECT record_key FROM deltadesk_operation WHERE target <> 'group'"))
    assert sent == dict.fromkeys(sent, 1)
    assert len(sent) == 3 * SELECTED


@pytest.mark.parametrize("portion", REQUESTS)
async def test_a_stop_in_any_portion_leaves_an_account_that_is_right_and_the_next_run_sends_the_rest(
    desk: NarrowDesk, portion: int
):
    control = RunControl()
    report = await stream(desk, at(REQUESTS[portion], control.stop), control=control)
    assert report.cancelled
    assert report.orders.not_started > 0
    assert_accounted_for(desk, report)
    rest = await stream(desk)
    assert rest.exit_code is ExitCode.SYNCED
    assert rest.orders.selected == report.orders.not_started
    assert rest.lines.selected == report.lines.not_started
    assert_sent_once(desk)


async def test_of_portions_that_had_no_turn_nothing_is_planned_and_all_is_not_started(desk: NarrowDesk):
    control = RunControl()
    report = await stream(desk, at(REQUESTS[1], control.stop), control=control)
    unsent = {part.customer: part.orders.not_started for part in report.customers}
    assert (unsent["CONE"], unsent["DUNE"]) == (ORDERS["CONE"], ORDERS["DUNE"])
    assert (
        told(desk, "SELECT DISTINCT request_key FROM deltadesk_request WHERE request_key LIKE 'CONE%'") == []
    )


async def test_a_stop_in_a_portion_that_a_customer_is_continued_in_is_resumed_as_a_whole(desk: NarrowDesk):
    control = RunControl()
    report = await stream(desk, at(REQUESTS[2], control.stop), control=control)
    workspace = await Workspace.open(desk.configuration, clock=HurriedClock(desk.board))
    try:
        (run,) = await workspace.interrupted_runs()
        assert (run.run_id, run.orders, len(run.unfinished)) == (
            report.run_id,
            SELECTED,
            report.orders.not_started,
        )
        opened = await workspace.open_stream(run.selection, SMALL)
        rest = await workspace.run_stream(opened, RunControl(), lambda _event: None)
        assert await workspace.interrupted_runs() == []
    finally:
        await workspace.close()
    assert (rest.resumes, rest.orders.selected) == (report.run_id, report.orders.not_started)
    assert_sent_once(desk)


async def test_the_end_of_the_days_calls_in_a_later_portion_stops_the_run_as_a_person_would(
    desk: NarrowDesk,
):
    workspace = await Workspace.open(desk.configuration, clock=HurriedClock(desk.board))
    try:
        await workspace.board()
        per_day = 100_000
        usable = int(0.9 * per_day)
        desk.board.spend_daily_calls(usable - desk.board.board.limits.calls_today - 10)
        opened = await workspace.open_stream(Selection(), SMALL)
        assert opened.forecast.is_short
        report = await workspace.run_stream(opened, RunControl(), lambda _event: None)
        assert report.stopped is not None
        assert report.stopped.code == "daily_budget_spent"
        assert report.orders.synced > 0
        assert_accounted_for(desk, report)
        await workspace.clock.sleep(24 * 3_600.0)
        rest = await workspace.run_stream(
            await workspace.open_stream(Selection(), SMALL), RunControl(), lambda _event: None
        )
        assert rest.orders.selected == report.orders.not_started
    finally:
        await workspace.close()
    assert_sent_once(desk)


@pytest.mark.parametrize("portion", [1, 2])
async def test_while_a_run_is_paused_nothing_leaves_of_any_portion_and_then_all_of_it(
    desk: NarrowDesk, portion: int
):
    control, paused = RunControl(), asyncio.Event()
    events: list[RunEvent] = []

    def pause() -> None:
        control.pause()
        paused.set()

    listen = at(REQUESTS[portion], pause)

    def emit(event: RunEvent) -> None:
        events.append(event)
        listen(event)

    running = asyncio.ensure_future(stream(desk, emit, control=control))
    await paused.wait()
    await settled(events)
    sent = mutations(desk)
    for _ in range(3):  # whatever leaves in spite of the pause has as long as these to arrive
        assert await other_round_trip(desk)
    assert mutations(desk) == sent
    # What was to be sent next is claimed all the while.
    assert told(desk, "SELECT record_uuid FROM deltadesk_claim") != []
    assert not running.done()
    control.resume()
    report = await running
    assert [type(e) for e in events if isinstance(e, RunPaused | RunResumed)] == [RunPaused, RunResumed]
    assert (report.orders.created, report.orders.not_started) == (SELECTED, 0)
    assert_sent_once(desk)


async def test_a_stop_during_a_pause_ends_the_run_without_another_request(desk: NarrowDesk):
    control = RunControl()
    events: list[RunEvent] = []
    listen = at(REQUESTS[2], control.pause)

    def emit(event: RunEvent) -> None:
        events.append(event)
        listen(event)

    running = asyncio.ensure_future(stream(desk, emit, control=control))
    while not control.paused:
        await asyncio.sleep(0.01)
    await settled(events)
    sent = mutations(desk)
    control.stop()
    report = await running
    assert mutations(desk) == sent
    assert report.cancelled
    assert_accounted_for(desk, report)
    await stream(desk)
    assert_sent_once(desk)


async def settled(events: list[RunEvent]) -> None:
    """Wait until every request that left has its answer."""
    while sum(isinstance(e, RequestSent) for e in events) > sum(
        isinstance(e, RequestAnswered) for e in events
    ):
        await asyncio.sleep(0.01)


def mutations(desk: NarrowDesk) -> int:
    return sum(request.is_mutation for request in desk.board.requests)


async def other_round_trip(desk: NarrowDesk) -> bool:
    """Read the board as another program does."""
    workspace = await Workspace.open(desk.configuration, clock=HurriedClock(desk.board))
    try:
        return bool((await workspace.board(refresh=True)).items.columns)
    finally:
        await workspace.close()


def test_ctrl_c_in_the_second_portion_ends_the_command_between_requests_and_the_next_one_sends_the_rest(
    desk: NarrowDesk,
):
    creations = 0

    def interrupts(request: ReceivedRequest) -> bool:
        nonlocal creations
        creations += "create_item" in request.operations
        if creations == 3 and "create_item" in request.operations:
            process.send_signal(signal.SIGINT)
            return True
        return False

    # Held back, so that the signal is there before the answer.
    desk.board.faults.add("delay", predicate=interrupts, seconds=1.0)
    process = start(desk, stderr=subprocess.PIPE)
    with ended_at_last([process]):
        output, errors = process.communicate(timeout=PATIENCE_SECONDS)
    wait_for_what_arrived(desk.board)
    assert process.returncode == ExitCode.RECORDS_FAILED.value, errors
    assert "Stopping after the requests under way" in errors
    report = json.loads(output)
    assert (report["balanced"], report["cancelled"]) == (True, True)
    assert report["orders"]["selected"] == SELECTED
    assert report["orders"]["synced"] + report["orders"]["not_started"] == SELECTED
    assert report["orders"]["not_started"] >= SELECTED - ORDERS["ACME"]
    assert told(desk, "SELECT record_uuid FROM deltadesk_claim") == []
    assert desk.contradictions(list(ORDERS)) == []

    desk.board.faults.clear()
    again = start(desk, stderr=subprocess.PIPE)
    with ended_at_last([again]):
        output, errors = again.communicate(timeout=PATIENCE_SECONDS)
    assert again.returncode == 0, errors
    assert json.loads(output)["orders"]["selected"] == report["orders"]["not_started"]
    assert_sent_once(desk)
