"""Clocks that jump, machines that sleep and hours that come twice: nothing is doubled or waits for long.

What counts time: a run's own waits by a monotonic clock, claims by the database's. The wall clock only dates.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.config import replace_file
from core.demo.testing import ITEMS_BOARD, HurriedClock
from core.errors import ExitCode
from core.orders import own_tables
from core.orders.claims import Claims
from core.orders.model import Selection
from core.sandbox.requests import ReceivedRequest
from core.sync import reconcile
from core.sync.control import RunControl
from core.sync.events import RequestAnswered, RunEvent, Waiting
from core.sync.plan import Step
from core.workspace import Workspace
from tests.faults.narrow_desk import PROFILE, NarrowDesk, headers, narrow_desk, push

ACME = Selection(customers=("ACME",))
JUMPS = (timedelta(hours=2), timedelta(hours=-2))


class JumpingClock(HurriedClock):
    """A hurried clock whose wall clock can be set; its monotonic seconds go on as they did."""

    def __init__(self, board: Any) -> None:
        super().__init__(board)
        self.set_by = timedelta()

    def now(self) -> datetime:
        """Aware, UTC."""
        return super().now() + self.set_by


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NarrowDesk]:
    """Three orders of one customer, with two lines each; every order is a request of its own."""
    with narrow_desk(tmp_path, records_per_request=1) as made:
        made.add_orders("ACME", 3, 2)
        yield made


@pytest.fixture
def clock(desk: NarrowDesk) -> JumpingClock:
    return JumpingClock(desk.board)


def creations(desk: NarrowDesk, name: str) -> list[ReceivedRequest]:
    return [
        request for request in desk.board.requests if request.is_mutation and request.fields[0].name == name
    ]


# The wall clock is set


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_a_clock_that_is_set_while_a_request_is_under_way_changes_nothing(desk, clock, jump):
    def set_clock(_request: ReceivedRequest) -> bool:
        clock.set_by = jump
        return True

    desk.board.faults.add("delay", operation="create_item", predicate=set_clock)
    report = await push(desk, clock)
    assert report.exit_code is ExitCode.SYNCED
    assert clock.waits == []
    assert 0 <= report.seconds < 3_600
    assert desk.differences() == []


@pytest.mark.parametrize("operation", ["create_group", "create_item", "create_subitem"])
@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_a_clock_that_is_set_while_a_request_is_put_off_makes_its_wait_neither_longer_nor_shorter(
    desk, clock, jump, operation
):
    def set_clock(event: RunEvent) -> None:
        if isinstance(event, Waiting):
            clock.set_by = jump

    desk.board.faults.add("rate_limit", operation=operation, limit="minute", retry_in_seconds=37)
    report = await push(desk, clock, emit=set_clock)
    assert report.exit_code is ExitCode.SYNCED
    assert 37 <= sum(clock.waits) < 60
    assert desk.differences() == []


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_a_clock_that_is_set_after_a_lost_answer_is_no_reason_to_wait_for_hours(desk, clock, jump):
    """What the run gave up on never arrived: the next one asks until it certainly will not appear."""
    desk.board.faults.add("reset", operation="create_item", times=None)
    first = await push(desk, clock)
    assert first.orders.unknown == 1
    desk.board.faults.clear()
    clock.set_by = jump
    clock.waits.clear()
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    assert sum(clock.waits) <= reconcile.EXECUTION.total_seconds() + 1
    assert desk.differences() == []


def leave_reservation(desk: NarrowDesk, *, reserved_at: datetime) -> None:
    """What another machine leaves behind that dies after it reserved the group."""
    with desk.engine.begin() as connection:
        connection.execute(
            sa.insert(own_tables.run).values(
                run_id="elsewhere",
                profile=PROFILE,
                board_id=ITEMS_BOARD,
                dry_run=False,
                worker="elsewhere:1",
                plan_hash="",
                mapping_hash="",
                started_at=reserved_at,
            )
        )
        connection.execute(
            sa.insert(own_tables.group).values(
                board_id=ITEMS_BOARD, title="ACME", owner="elsewhere", reserved_at=reserved_at
            )
        )


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_how_long_another_machine_s_group_is_waited_for_does_not_depend_on_its_clock(desk, clock, jump):
    await (await Workspace.open(desk.configuration, PROFILE, clock=clock)).close()
    leave_reservation(desk, reserved_at=(datetime.now(UTC) + jump).replace(tzinfo=None))
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    assert 100 < sum(clock.waits) <= 122  # two minutes, of which the tests took some seconds themselves
    assert desk.differences() == []


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_two_workers_whose_clocks_differ_by_hours_make_a_group_once(desk, clock, jump):
    """The second one comes while the board works on the first one's group."""
    other_clock = JumpingClock(desk.board)
    other_clock.set_by = jump
    keys = [row["record_uuid"] for row in desk.rows(headers)]
    one = await Workspace.open(desk.configuration, PROFILE, clock=clock)
    other = await Workspace.open(desk.configuration, PROFILE, clock=other_clock)
    arrived, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def note(_request: ReceivedRequest) -> bool:
        loop.call_soon_threadsafe(arrived.set)
        return True

    desk.board.faults.add("delay", operation="create_group", predicate=note, until=go_on)

    def let_go(event: RunEvent) -> None:
        if isinstance(event, Waiting):
            go_on.set()

    try:
        plans = [
            await one.plan(Selection(order_keys=tuple(keys[:2]))),
            await other.plan(Selection(order_keys=tuple(keys[2:]))),
        ]
        first = asyncio.ensure_future(one.run(plans[0], RunControl(), lambda _event: None))
        await arrived.wait()
        reports = [await other.run(plans[1], RunControl(), let_go), await first]
    finally:
        go_on.set()
        await one.close()
        await other.close()
    assert [report.exit_code for report in reports] == [ExitCode.SYNCED] * 2
    assert len(creations(desk, "create_group")) == 1
    assert desk.differences() == []


# The machine sleeps


def take_claims(desk: NarrowDesk) -> None:
    """What another machine does once the leases of a silent one are over."""
    with desk.engine.begin() as connection:
        connection.execute(sa.update(own_tables.claim).values(held_until=datetime(2000, 1, 1)))  # noqa: DTZ001
    taken = Claims(desk.engine, "elsewhere:1:run").take([row["record_uuid"] for row in desk.rows(headers)])
    assert len(taken) == 3


async def test_a_run_that_slept_for_longer_than_its_claims_hold_sends_nothing_more(desk, clock):
    def sleep_for_long(event: RunEvent) -> None:
        if isinstance(event, RequestAnswered) and event.step is Step.ITEMS:
            take_claims(desk)

    report = await push(desk, clock, emit=sleep_for_long)
    assert report.stopped is not None
    assert report.stopped.code == "claims_lost"
    assert "Run again" in report.stopped.remedy
    assert len(creations(desk, "create_item")) == 1
    assert creations(desk, "create_subitem") == []
    assert report.orders.not_started == 3
    with desk.engine.begin() as connection:
        connection.execute(sa.delete(own_tables.claim))
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    assert desk.differences() == []


async def test_a_request_that_is_put_off_does_not_leave_again_once_its_claims_are_lost(desk, clock):
    def sleep_for_long(event: RunEvent) -> None:
        if isinstance(event, Waiting):
            take_claims(desk)

    desk.board.faults.add("rate_limit", operation="create_item", limit="minute", retry_in_seconds=37)
    report = await push(desk, clock, emit=sleep_for_long)
    assert report.stopped is not None
    assert report.stopped.code == "claims_lost"
    assert len(creations(desk, "create_item")) == 1
    assert desk.board.items(ITEMS_BOARD) == []
    assert {row["sync_state"] for row in desk.rows(headers)} == {"NEW"}


async def test_a_lost_request_does_not_leave_again_once_another_run_has_found_out_about_it(desk, clock):
    """The other run's journal entry stays as it is, and so do the rows."""
    outcome = {"state": "NOT_APPLIED", "code": "found out elsewhere"}

    def other_run(event: RunEvent) -> None:
        if isinstance(event, Waiting):
            with desk.engine.begin() as connection:
                connection.execute(
                    sa.update(own_tables.operation)
                    .where(own_tables.operation.c.state == "SENT")
                    .values(outcome)
                )

    desk.board.faults.add("reset", operation="create_item")
    report = await push(desk, clock, emit=other_run)
    assert report.stopped is not None
    assert report.stopped.code == "claims_lost"
    assert len(creations(desk, "create_item")) == 1
    with desk.engine.connect() as connection:
        kept = connection.execute(
            sa.select(own_tables.operation.c.code).where(own_tables.operation.c.target == "order")
        )
        assert kept.scalars().all() == ["found out elsewhere"]
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    assert desk.differences() == []


async def test_claims_whose_time_is_over_and_that_nobody_took_are_still_the_run_s_own(desk, clock):
    """On SQLite the database's clock is the machine's: set two hours ahead, every lease is over."""

    def all_over(event: RunEvent) -> None:
        if isinstance(event, RequestAnswered):
            with desk.engine.begin() as connection:
                connection.execute(
                    sa.update(own_tables.claim).values(held_until=datetime(2000, 1, 1))  # noqa: DTZ001
                )

    assert (await push(desk, clock, emit=all_over)).exit_code is ExitCode.SYNCED
    assert desk.differences() == []


# An hour that comes twice, and one that does not come


@pytest.mark.parametrize(
    "hour", [datetime(2026, 10, 25, 0, 59, 50, tzinfo=UTC), datetime(2026, 3, 29, 0, 59, 50, tzinfo=UTC)]
)
async def test_a_run_across_the_hour_in_which_the_clocks_change_lasts_as_long_as_it_lasted(
    desk, clock, hour, monkeypatch
):
    monkeypatch.setenv("TZ", "Europe/Amsterdam")
    time.tzset()
    try:
        clock.set_by = hour - datetime.now(UTC)
        desk.board.faults.add("rate_limit", operation="create_item", limit="minute", retry_in_seconds=37)
        report = await push(desk, clock)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert report.exit_code is ExitCode.SYNCED
    assert 37 <= report.seconds < 60
    assert timedelta(seconds=37) <= report.finished_at - report.started_at < timedelta(seconds=60)
    assert desk.differences() == []


DATE_COLUMN = "date_customer_req_in_dc_date"
LOCAL_TIMES = {
    "an ordinary day": ("2026-11-22 02:30", {"date": "2026-11-22", "time": "01:30:00"}),
    "the hour comes twice": ("2026-10-25 02:30", {"date": "2026-10-25", "time": "00:30:00"}),
    "the hour does not come": ("2026-03-29 02:30", None),
}
"""A local time in Amsterdam, and the board's in UTC: of an hour that comes twice the first counts."""


async def test_orders_at_local_times_that_come_twice_or_not_at_all_are_written_alike_or_refused(desk, clock):
    text = desk.configuration_file.read_text(encoding="utf-8")
    rule = '{ source = "CUSTOMER ALT PO", column = "text_customer_alt_po", type = "text" }'
    date_rule = (
        f'{{ source = "CUSTOMER ALT PO", column = "{DATE_COLUMN}", type = "date",'
        ' date_format = "%Y-%m-%d %H:%M", time_zone = "Europe/Amsterdam", date_only = false }'
    )
    desk.configuration_file.write_text(text.replace(rule, date_rule), encoding="utf-8")
    keys = [row["record_uuid"] for row in desk.rows(headers)]
    for key, (local, _) in zip(keys, LOCAL_TIMES.values(), strict=True):
        desk.change(headers, "INSERT", [key], alternative=local)

    report = await push(desk, clock)
    assert [(failure.key, failure.code) for failure in report.failures] == [(keys[2], "time_does_not_exist")]
    assert "2026-03-29 02:30" in report.failures[0].message
    cells = {
        item["column_values"]["record_uuid"]: item["column_values"] for item in desk.board.items(ITEMS_BOARD)
    }
    on_board = {
        key: {part: values[DATE_COLUMN][part] for part in ("date", "time")} for key, values in cells.items()
    }
    expected = {key: value for key, (_, value) in zip(keys, LOCAL_TIMES.values(), strict=True) if value}
    assert on_board == expected

    desk.change(headers, "INSERT", keys[2:], alternative="2026-03-29 03:30")
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    assert [line for line in desk.differences() if "text_customer_alt_po" not in line] == []


def test_copies_of_a_configuration_that_are_kept_in_the_same_instant_do_not_replace_each_other(
    tmp_path, monkeypatch
):
    """As in an hour that comes twice, or on a clock that ticks slowly."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2026, 10, 25, 0, 30, tzinfo=tz)

    monkeypatch.setattr(replace_file, "datetime", Stopped)
    file = tmp_path / "desk.toml"
    file.write_text("first", encoding="utf-8")
    assert replace_file.replace_file(file, "second", expected="first")
    assert replace_file.replace_file(file, "third", expected="second")
    kept = {copy.read_text(encoding="utf-8") for copy in tmp_path.glob("desk.toml.*.bak")}
    assert kept == {"first", "second"}
