"""Single cases of a lost answer: what leaves again and when, and what becomes of the rows meanwhile."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from core.demo.testing import HurriedClock
from core.errors import ExitCode
from core.orders import own_tables
from core.orders.journal import OperationState
from core.orders.model import RecordKind, Selection
from core.sandbox.requests import ReceivedRequest
from core.sync.control import RunControl
from core.sync.events import RunEvent, Waiting
from core.sync.plan import Plan
from core.workspace import Workspace
from tests.faults.narrow_desk import PROFILE, NarrowDesk, headers, lines, narrow_desk, push

ACME = Selection(customers=("ACME",))
PATIENCE_SECONDS = 30.0
LOOK_UPS = {
    "create_group": ("query Groups", "boards"),
    "create_item": ("query ByKey", "items_page_by_column_values"),
    "create_subitem": ("query ByKey", "items_page_by_column_values"),
}
"""The query that finds what a creation made, and the field that it asks."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NarrowDesk]:
    """Two orders of one customer, with two lines each; either pass is one request."""
    with narrow_desk(tmp_path) as made:
        made.add_orders("ACME", 2, 2)
        yield made


@pytest.fixture
def clock(desk: NarrowDesk) -> HurriedClock:
    return HurriedClock(desk.board)


def sent(desk: NarrowDesk, operation: str) -> list[ReceivedRequest]:
    """The requests with this field that DeltaDesk sent and that reached the board."""
    return [
        request
        for request in desk.board.requests
        if request.idempotency_key is not None and request.fields[0].name == operation
    ]


def creations(request: ReceivedRequest) -> int:
    return sum(field.name.startswith("create_") for field in request.fields)


def lose_and_forget(desk: NarrowDesk, operation: str, **details: Any) -> None:
    """The board carries the request out, nobody hears of it, and the API keeps no answer for its key."""
    desk.board.faults.add("drop_answer", operation=operation)
    desk.board.faults.add("evict_idempotency", operation=operation)
    if details:
        desk.board.faults.add("alias_error", operation=operation, **details)


# The board cannot be asked


@pytest.mark.parametrize("failure", ["gateway", "error"])
@pytest.mark.parametrize("operation", LOOK_UPS)
async def test_nothing_is_sent_again_as_long_as_every_look_up_fails(desk, clock, operation, failure):
    """All of it is there, and a repetition would make all of it once more: a failure is no empty answer."""
    query, field = LOOK_UPS[operation]
    lose_and_forget(desk, operation)
    told = {"data": {field: None}, "errors": [{"message": "Internal server error", "path": [field]}]}
    answers = {
        "gateway": {"status": 502},
        "error": {"status": 200, "body": json.dumps(told), "content_type": "application/json"},
    }
    desk.board.faults.add(
        "status",
        times=None,
        predicate=lambda request: request.query.startswith(query),
        **answers[failure],
    )
    first = await push(desk, clock)
    assert first.stopped is not None
    assert len(sent(desk, operation)) == 1
    desk.board.faults.clear()
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    assert len(sent(desk, operation)) == 1
    assert desk.differences() == []


# A part is there


def finish_late(desk: NarrowDesk) -> None:
    """What the board does with the second order of the first request once it comes to it."""
    body = json.loads(sent(desk, "create_item")[0].body)
    field = "create_item(board_id: $board_id, group_id: $group_id, item_name: $name, column_values: $values)"
    given = body["variables"]
    httpx.post(
        desk.board.url,
        json={
            "query": "mutation Late($board_id: ID!, $group_id: String, $name: String!, $values: JSON)"
            f" {{ {field} {{ id }} }}",
            "variables": {
                "board_id": given["board_id"],
                "group_id": given["group_id"],
                "name": given["item_name_1"],
                "values": given["column_values_1"],
            },
        },
        headers={"Authorization": desk.board.token},
    ).raise_for_status()


async def test_the_rest_of_a_request_that_the_board_is_still_carrying_out_does_not_leave_meanwhile(
    desk, clock
):
    """The first order is there at once, the second one after 50 s: within the time that a call may take."""
    finished = False

    def listen(event: RunEvent) -> None:
        nonlocal finished
        if isinstance(event, Waiting) and sum(clock.waits) > 50 and not finished:
            finished = True
            finish_late(desk)

    lose_and_forget(desk, "create_item", alias=1)
    report = await push(desk, clock, emit=listen)
    if not finished:
        finish_late(desk)
    assert report.exit_code is ExitCode.SYNCED
    assert desk.differences() == []
    assert [creations(request) for request in sent(desk, "create_item")] == [2]


async def test_what_is_still_missing_when_no_call_lasts_any_longer_leaves_as_a_request_of_its_own(
    desk, clock
):
    lose_and_forget(desk, "create_item", alias=1)
    report = await push(desk, clock)
    first, second = sent(desk, "create_item")
    assert report.exit_code is ExitCode.SYNCED
    assert sum(clock.waits) > 60
    assert (creations(first), creations(second)) == (2, 1)
    assert first.idempotency_key != second.idempotency_key
    assert desk.differences() == []


# Refused, after an attempt that may have had its effect


REFUSALS = {
    "its data": {"kind": "refuse_document", "code": "ColumnValueException", "error_status": 200},
    "the day's calls": {"kind": "rate_limit", "limit": "daily"},
}


@pytest.mark.parametrize("reason", REFUSALS)
async def test_a_refusal_after_a_lost_answer_does_not_tell_what_became_of_the_lost_one(desk, clock, reason):
    """The first attempt was carried out, the search shows it 30 s later, the second attempt is refused."""
    desk.board.faults.add("index_lag", seconds=30)
    lose_and_forget(desk, "create_item")
    desk.board.faults.add(**REFUSALS[reason], operation="create_item", nth=2)
    first = await push(desk, clock)
    assert len(sent(desk, "create_item")) == 2
    assert (first.orders.unknown, first.orders.failed, first.orders.not_started) == (2, 0, 0)
    desk.board.faults.clear()
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    assert desk.differences() == []


# A death between an answer and what follows from it


class DeadError(Exception):
    """The process is gone."""


@pytest.mark.parametrize("kind", ["create item", "create subitem"])
async def test_an_outcome_is_never_in_the_journal_without_its_id_in_the_row(desk, clock, kind):
    """The process dies at the first transaction after the one that has the outcome."""
    operation = own_tables.operation
    confirmed = sa.select(operation.c.record_key).where(
        operation.c.kind == kind, operation.c.state == OperationState.CONFIRMED.value
    )
    workspace = await Workspace.open(desk.configuration, PROFILE, clock=clock)

    def die_after_it(_connection: sa.Connection) -> None:
        with desk.engine.connect() as connection:
            if connection.execute(confirmed).first() is not None:
                raise DeadError

    plan = await workspace.plan(ACME)
    sa.event.listen(workspace._store.engine, "begin", die_after_it)
    with pytest.raises(DeadError):
        await workspace.run(plan, RunControl(), lambda _event: None)
    await workspace.close()
    with desk.engine.begin() as connection:
        connection.execute(sa.delete(own_tables.claim))  # as the end of its lease does
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    assert desk.differences() == []


# Whose request it is


async def test_the_request_of_a_worker_that_is_at_work_is_not_looked_up(desk, clock):
    """The board has it and has not come to it: an answer of now would say that nothing is there."""
    arrived, go_on = threading.Event(), threading.Event()
    hold_at(desk, "create_item", arrived, go_on)

    async def look() -> Plan:
        await asyncio.to_thread(arrived.wait, PATIENCE_SECONDS)
        workspace = await Workspace.open(desk.configuration, PROFILE, clock=clock)
        try:
            return await workspace.plan(ACME)
        finally:
            await workspace.close()
            go_on.set()

    report, plan = await asyncio.gather(push(desk, clock), look())
    assert (plan.order_count, plan.left_alone) == (0, 2)
    assert not any(request.query.startswith("query ByKey") for request in desk.board.requests)
    assert report.exit_code is ExitCode.SYNCED
    assert desk.differences() == []


def hold_at(desk: NarrowDesk, operation: str, arrived: threading.Event, go_on: threading.Event) -> None:
    """Have the board tell that it got such a request, and carry it out only when it may go on."""

    def note(_request: ReceivedRequest) -> bool:
        arrived.set()
        return True

    desk.board.faults.add("delay", operation=operation, until=go_on, predicate=note)


# What was found


async def lose_for_good(desk: NarrowDesk, clock: HurriedClock, operation: str) -> None:
    """All is on the board, and the run ended without having heard of it."""
    desk.board.faults.add("drop_answer", operation=operation, times=None)
    desk.board.faults.add(
        "status", times=None, predicate=lambda request: request.query.startswith(LOOK_UPS[operation][0])
    )
    assert (await push(desk, clock)).stopped is not None
    desk.board.faults.clear()


async def test_an_order_that_was_found_stays_pending_until_its_lines_are_there(desk, clock):
    await lose_for_good(desk, clock, "create_item")
    workspace = await Workspace.open(desk.configuration, PROFILE, clock=clock)
    try:
        plan = await workspace.plan(ACME)
        rows = desk.rows(headers)
        assert all(row["monday_item_id"] for row in rows)
        assert {row["sync_state"] for row in rows} == {"PENDING"}
        assert (plan.order_count, plan.line_count) == (2, 4)
        report = await workspace.run(plan, RunControl(), lambda _event: None)
    finally:
        await workspace.close()
    assert report.exit_code is ExitCode.SYNCED
    assert desk.differences() == []


@pytest.mark.parametrize("operation", ["create_item", "create_subitem"])
async def test_what_was_corrected_before_it_was_found_is_on_the_board_as_corrected(desk, clock, operation):
    await lose_for_good(desk, clock, operation)
    workspace = await Workspace.open(desk.configuration, PROFILE, clock=clock)
    try:
        for row in desk.rows(headers):
            await workspace.edit_value(RecordKind.ORDER, row["record_uuid"], "CUSTOMER ALT PO", "second")
        for row in desk.rows(lines):
            await workspace.edit_value(RecordKind.LINE, row["line_uuid"], "qty", "99")
    finally:
        await workspace.close()
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    assert desk.differences() == []


async def test_a_line_that_was_cancelled_before_it_was_found_is_archived(desk, clock):
    await lose_for_good(desk, clock, "create_subitem")
    cancelled = desk.rows(lines)[0]["line_uuid"]
    desk.change(lines, "DELETE", [cancelled])
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    assert desk.differences() == []


async def test_an_order_that_was_held_before_it_was_found_stays_held_and_keeps_its_id(desk, clock):
    await lose_for_good(desk, clock, "create_item")
    held = desk.rows(headers)[0]["record_uuid"]
    workspace = await Workspace.open(desk.configuration, PROFILE, clock=clock)
    try:
        await workspace.hold([held])
        report = await workspace.run(await workspace.plan(ACME), RunControl(), lambda _event: None)
        row = next(row for row in desk.rows(headers) if row["record_uuid"] == held)
        assert report.orders.selected == 1
        assert (row["sync_state"], row["monday_item_id"] is not None) == ("HELD", True)
        await workspace.release([held])
    finally:
        await workspace.close()
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    assert desk.differences() == []


# An item and its lines


async def test_the_lines_of_an_order_whose_change_is_refused_do_not_leave(desk, clock):
    """Its item is there from before; what is told of the order has accounted for its lines already."""
    await push(desk, clock)
    refused, other = [row["record_uuid"] for row in desk.rows(headers)]
    desk.change(headers, "UPDATE", [refused, other], alternative="second")
    desk.change(lines, "UPDATE", [row["line_uuid"] for row in desk.rows(lines)], qty=99)
    desk.board.forget_requests()
    desk.board.faults.add(
        "alias_error", operation="change_multiple_column_values", alias=0, code="ColumnValueException"
    )
    report = await push(desk, clock)
    assert report.balanced
    assert (report.orders.failed, report.lines.skipped) == (1, 2)
    told = {row["record_uuid"]: row["qty"] for row in desk.rows(lines) if row["sync_state"] == "SYNCED"}
    assert len(told) == 1
