"""Two programs want the same orders at the same moment: each is sent once, who comes second is told why."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from core.demo.testing import ITEMS_BOARD, HurriedClock
from core.errors import ExitCode
from core.orders import own_tables
from core.orders.group_reservations import reserve
from core.orders.model import RecordKind, Selection
from core.sandbox.requests import ReceivedRequest
from core.sync.control import RunControl
from core.sync.events import RunEvent, Waiting
from core.sync.report import RunReport
from core.workspace import Workspace
from tests.faults.narrow_desk import PROFILE, NarrowDesk, headers, narrow_desk

ROOT = Path(__file__).parents[2]
ACME = Selection(customers=("ACME",))
PATIENCE_SECONDS = 120.0


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[NarrowDesk]:
    """Six orders of one customer, with two lines each."""
    with narrow_desk(tmp_path, database_url=database_url, records_per_request=2) as made:
        made.add_orders("ACME", 6, 2)
        yield made


@dataclass
class Desktop:
    """A program of its own that pushes one customer's orders."""

    process: subprocess.Popen[str]

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self.process.pid

    def end(self) -> tuple[int, str, str]:
        """Wait for its end; returns exit code, output and messages."""
        output, errors = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, output, errors


def start(desk: NarrowDesk, *options: str) -> Desktop:
    command = [sys.executable, "-m", "tests.faults.run_hurried", "run", "--yes", *options]
    return Desktop(
        subprocess.Popen(
            [*command, "--customer", "ACME", "--config", str(desk.configuration_file)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    )


@pytest.mark.timeout(300)
def test_two_desktops_that_start_together_send_each_order_once(desk):
    both = [start(desk, "--json"), start(desk, "--json")]
    reports = [json.loads(desktop.end()[1]) for desktop in both]
    assert sum(report["orders"]["created"] for report in reports) == 6
    assert all(report["balanced"] for report in reports)
    assert all(report["stopped"] is None for report in reports)
    assert desk.differences() == []


@pytest.mark.timeout(300)
def test_who_comes_second_is_told_what_the_other_is_doing_and_sends_nothing(desk):
    go_on = threading.Event()
    desk.board.faults.add("delay", operation="create_item", until=go_on)
    first = start(desk, "--json")
    try:
        desk.board.wait_until(
            lambda received: any(one.is_mutation and _creates_item(one) for one in received)
        )
        sent = len(mutations(desk))
        code, output, _ = start(desk).end()
        assert len(mutations(desk)) == sent
    finally:
        go_on.set()
        first_code, _, _ = first.end()
    said = " ".join(output.split())
    # Two orders are in the request under way, four are claimed.
    assert (
        f"4 orders were not touched: Another run is sending this order just now: process {first.pid}" in said
    )
    assert "a request with them may still be under way" in said
    assert (code, first_code) == (ExitCode.RECORDS_FAILED, ExitCode.SYNCED)
    assert desk.differences() == []


def _creates_item(request: ReceivedRequest) -> bool:
    return request.fields[0].name == "create_item"


def mutations(desk: NarrowDesk) -> list[ReceivedRequest]:
    return [request for request in desk.board.requests if request.is_mutation]


# Plans that are older than what happened since


async def workspaces(desk: NarrowDesk, clock: HurriedClock) -> tuple[Workspace, Workspace]:
    return (
        await Workspace.open(desk.configuration, PROFILE, clock=clock),
        await Workspace.open(desk.configuration, PROFILE, clock=clock),
    )


async def test_a_preview_from_before_another_desktop_s_run_sends_nothing_of_what_that_one_sent(desk):
    clock = HurriedClock(desk.board)
    one, other = await workspaces(desk, clock)
    try:
        preview = await other.plan(ACME)
        await one.run(await one.plan(ACME), RunControl(), lambda _event: None)
        desk.board.forget_requests()
        report = await other.run(preview, RunControl(), lambda _event: None)
    finally:
        await one.close()
        await other.close()
    assert mutations(desk) == []
    assert [(reason.orders, reason.message) for reason in report.withheld] == [
        (6, "The order changed since it was planned, so it was not sent")
    ]
    assert desk.differences() == []


async def test_a_preview_from_before_a_correction_does_not_send_the_old_value(lonely):
    workspace = await Workspace.open(lonely.configuration, PROFILE, clock=HurriedClock(lonely.board))
    (row,) = lonely.rows(headers)
    try:
        preview = await workspace.plan(ACME)
        await workspace.edit_value(RecordKind.ORDER, row["record_uuid"], "CUSTOMER ALT PO", "second")
        report = await workspace.run(preview, RunControl(), lambda _event: None)
    finally:
        await workspace.close()
    assert report.orders.skipped == 1
    assert lonely.board.items(ITEMS_BOARD) == []


async def test_a_preview_from_before_another_desktop_died_sends_nothing_of_what_that_one_sent(desk):
    """Its request reached the board; the rows are as they were, for nobody lived to write them."""
    clock = HurriedClock(desk.board)
    one, other = await workspaces(desk, clock)
    try:
        preview = await other.plan(ACME)
        await die_with_a_request_under_way(one, desk)
        assert len(desk.board.items(ITEMS_BOARD)) == 2
        report = await other.run(preview, RunControl(), lambda _event: None)
        assert report.orders.created == 4
        assert [(reason.orders, reason.message) for reason in report.withheld] == [
            (2, "Another run sent the order since it was planned, and nobody knows yet what became of it")
        ]
        second = await other.run(await other.plan(ACME), RunControl(), lambda _event: None)
    finally:
        await one.close()
        await other.close()
    assert second.exit_code is ExitCode.SYNCED
    assert desk.differences() == []


async def die_with_a_request_under_way(workspace: Workspace, desk: NarrowDesk) -> None:
    """The process ends between the board's answer and its own commit, and its claims are given back."""

    class DeadError(Exception):
        """The process is gone."""

    def die(*_arguments: Any, **_more: Any) -> None:
        raise DeadError

    written = workspace._journal.answered
    workspace._journal.answered = lambda *a, **k: die() if _is_of_items(k) else written(*a, **k)  # type: ignore[method-assign]
    with pytest.raises(DeadError):
        await workspace.run(await workspace.plan(ACME), RunControl(), lambda _event: None)
    workspace._journal.answered = written  # type: ignore[method-assign]


def _is_of_items(details: dict[str, Any]) -> bool:
    return bool(details.get("states"))


# A group that two want


@pytest.fixture
def lonely(tmp_path: Path) -> Iterator[NarrowDesk]:
    """One order of one customer without a group."""
    with narrow_desk(tmp_path) as made:
        made.add_orders("ACME", 1, 1)
        yield made


def make_group(desk: NarrowDesk) -> None:
    httpx.post(
        desk.board.url,
        json={"query": f'mutation {{ create_group(board_id: {ITEMS_BOARD}, group_name: "ACME") {{ id }} }}'},
        headers={"Authorization": desk.board.token},
    ).raise_for_status()


@pytest.mark.parametrize("maker", ["a person", "another worker"])
async def test_a_group_that_was_made_while_its_creation_was_put_off_is_not_made_again(lonely, maker):
    """The board asks to wait for longer than a reservation holds, so another worker may take it over."""

    def meanwhile(event: RunEvent) -> None:
        if isinstance(event, Waiting) and event.seconds == 150:
            make_group(lonely)
            if maker == "another worker":
                with lonely.engine.begin() as connection:
                    connection.execute(sa.update(own_tables.group).values(owner="another run"))

    lonely.board.faults.add("rate_limit", operation="create_group", limit="minute", retry_in_seconds=150)
    workspace = await Workspace.open(lonely.configuration, PROFILE, clock=HurriedClock(lonely.board))
    try:
        report = await workspace.run(await workspace.plan(ACME), RunControl(), meanwhile)
    finally:
        await workspace.close()
    assert report.exit_code is ExitCode.SYNCED
    assert lonely.differences() == []


async def test_a_group_whose_turn_another_worker_took_over_is_waited_for(lonely):
    """The other one is just making it when the first one's wait is over."""
    waits = 0

    def meanwhile(event: RunEvent) -> None:
        nonlocal waits
        if not isinstance(event, Waiting):
            return
        waits += 1
        if waits == 1:
            with lonely.engine.begin() as connection:
                connection.execute(sa.update(own_tables.group).values(owner="another run"))
        elif waits == 3:
            make_group(lonely)

    lonely.board.faults.add("rate_limit", operation="create_group", limit="minute", retry_in_seconds=150)
    workspace = await Workspace.open(lonely.configuration, PROFILE, clock=HurriedClock(lonely.board))
    try:
        report = await workspace.run(await workspace.plan(ACME), RunControl(), meanwhile)
    finally:
        await workspace.close()
    assert report.exit_code is ExitCode.SYNCED
    assert waits >= 3
    assert lonely.differences() == []


async def test_the_turn_of_a_silent_maker_goes_to_one_of_two_that_take_it_over_at_once(lonely):
    await (await Workspace.open(lonely.configuration, PROFILE)).close()  # makes the application's tables
    now = datetime.now(UTC)
    assert reserve(lonely.engine, ITEMS_BOARD, "ACME", "silent run", now).mine
    holder = reserve(lonely.engine, ITEMS_BOARD, "ACME", "one", now).holder

    @sa.event.listens_for(lonely.engine, "before_cursor_execute")
    def _the_other_is_quicker(_connection: Any, cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("UPDATE deltadesk_group"):
            cursor.execute("UPDATE deltadesk_group SET owner = 'the other'")

    assert not reserve(lonely.engine, ITEMS_BOARD, "ACME", "one", now, silent=holder).mine
    with lonely.engine.connect() as connection:
        assert connection.scalar(sa.select(own_tables.group.c.owner)) == "the other"


async def test_a_group_that_another_run_is_just_making_is_waited_for(lonely):
    """The board has the first one's request and has not come to it: it tells of no group yet."""
    lonely.add_orders("ACME", 1, 1)
    first_key, second_key = [row["record_uuid"] for row in lonely.rows(headers)]
    arrived, go_on = threading.Event(), threading.Event()

    def note(_request: ReceivedRequest) -> bool:
        arrived.set()
        return True

    lonely.board.faults.add("delay", operation="create_group", until=go_on, predicate=note)
    one, other = await workspaces(lonely, HurriedClock(lonely.board))

    async def come_second() -> RunReport:
        await asyncio.to_thread(arrived.wait, PATIENCE_SECONDS)
        try:
            return await other.run(plans[1], RunControl(), let_go_at_a_wait)
        finally:
            go_on.set()

    def let_go_at_a_wait(event: RunEvent) -> None:
        if isinstance(event, Waiting):
            go_on.set()

    try:
        plans = [await one.plan(Selection(order_keys=(first_key,)))]
        plans.append(await other.plan(Selection(order_keys=(second_key,))))
        reports = await asyncio.gather(one.run(plans[0], RunControl(), lambda _event: None), come_second())
    finally:
        await one.close()
        await other.close()
    assert [report.exit_code for report in reports] == [ExitCode.SYNCED] * 2
    assert sum(request.fields[0].name == "create_group" for request in mutations(lonely)) == 1
    assert lonely.differences() == []


async def test_a_group_that_two_runs_found_removed_at_once_is_made_again_once(lonely):
    """The one that looked first has reserved it anew before the other one forgets the old one."""
    lonely.add_orders("ACME", 1, 1)
    keys = [row["record_uuid"] for row in lonely.rows(headers)]
    clock = HurriedClock(lonely.board)
    one, other = await workspaces(lonely, clock)
    with lonely.engine.begin() as connection:
        connection.execute(
            sa.insert(own_tables.group).values(
                board_id=ITEMS_BOARD,
                title="ACME",
                group_id="removed",
                owner="an earlier run",
                reserved_at=datetime(2026, 1, 1),  # noqa: DTZ001
            )
        )
    try:
        plans = [
            await workspace.plan(Selection(order_keys=(key,)))
            for workspace, key in zip((one, other), keys, strict=True)
        ]
        reports = await asyncio.gather(
            *(
                workspace.run(plan, RunControl(), lambda _event: None)
                for workspace, plan in zip((one, other), plans, strict=True)
            )
        )
    finally:
        await one.close()
        await other.close()
    assert [report.exit_code for report in reports] == [ExitCode.SYNCED] * 2
    assert lonely.differences() == []


# One selection that names an order twice


async def test_an_order_that_a_selection_names_by_customer_and_by_key_is_planned_once(lonely):
    (row,) = lonely.rows(headers)
    selection = Selection(customers=("ACME", "ACME"), order_keys=(row["record_uuid"], row["record_uuid"]))
    workspace = await Workspace.open(lonely.configuration, PROFILE, clock=HurriedClock(lonely.board))
    try:
        plan = await workspace.plan(selection)
        assert (plan.order_count, plan.line_count) == (1, 1)
        await workspace.run(plan, RunControl(), lambda _event: None)
    finally:
        await workspace.close()
    assert lonely.differences() == []


async def test_an_order_in_two_selections_that_run_at_once_is_sent_once(lonely):
    (row,) = lonely.rows(headers)
    one, other = await workspaces(lonely, HurriedClock(lonely.board))
    try:
        plans = [await one.plan(ACME), await other.plan(Selection(order_keys=(row["record_uuid"],)))]
        reports = await asyncio.gather(
            one.run(plans[0], RunControl(), lambda _event: None),
            other.run(plans[1], RunControl(), lambda _event: None),
        )
    finally:
        await one.close()
        await other.close()
    assert sum(report.orders.created for report in reports) == 1
    assert sum(report.orders.skipped for report in reports) == 1
    assert lonely.differences() == []


# The longest time that is spent on one request


async def test_look_ups_of_a_lost_request_end_with_the_time_that_is_allowed_for_it(lonely):
    """The search may lag by 300 s, the request is given 20: who waits for longer might still send it when
    other workers take its sender for dead."""
    text = lonely.configuration_file.read_text(encoding="utf-8")
    limits = "limits = { retry_total_seconds = 20.0, search_lag_seconds = 300.0, "
    lonely.configuration_file.write_text(text.replace("limits = { ", limits), encoding="utf-8")
    lonely.board.faults.add("reset", operation="create_item")
    clock = HurriedClock(lonely.board)
    workspace = await Workspace.open(lonely.configuration, PROFILE, clock=clock)
    try:
        report = await workspace.run(await workspace.plan(ACME), RunControl(), lambda _event: None)
        assert report.orders.unknown == 1
        assert report.stopped is not None
        assert sum(clock.waits) <= 20
        second = await workspace.run(await workspace.plan(ACME), RunControl(), lambda _event: None)
    finally:
        await workspace.close()
    assert second.exit_code is ExitCode.SYNCED
    assert lonely.differences() == []
