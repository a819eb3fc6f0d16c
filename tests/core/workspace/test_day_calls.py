"""The day's calls: asked for before a plan, counted call by call, and the end of a run that has none left."""

import asyncio

import pytest

from core.demo.testing import demo_desk
from core.monday.limits import BudgetState
from core.orders.model import Selection
from core.sync.control import RunControl
from core.sync.events import BudgetRead
from core.workspace.day_calls import ASKED_AGAIN_SECONDS

SMALL = Selection(customers=("ATELIER ÉTOILE",), limit=3)
HOURS = 3600.0


def questions(desk) -> int:
    """How often the API was asked for the day's calls."""
    return sum(b"daily_analytics" in request.body for request in desk.board.requests)


def used(desk) -> float:
    """Calls of today by the board's own count."""
    return desk.board.board.limits.calls_today


async def test_the_forecast_tells_what_the_account_has_left(desk, workspace):
    desk.board.spend_daily_calls(500)
    day = (await workspace.plan(SMALL)).forecast.day
    assert (day.total, day.left, day.usable) == (10_000, 10_000 - used(desk), 9_000 - used(desk))


async def test_the_api_is_asked_once_and_again_after_ten_minutes_or_on_another_day(desk, workspace):
    for _ in range(2):
        await workspace.plan(SMALL)
    assert questions(desk) == 1
    desk.board.spend_daily_calls(100)
    await desk.clock.sleep(ASKED_AGAIN_SECONDS)
    day = (await workspace.plan(SMALL)).forecast.day
    assert questions(desk) == 2
    assert day.left == 10_000 - used(desk)
    await desk.clock.sleep(24 * HOURS)
    day = (await workspace.plan(SMALL)).forecast.day
    assert questions(desk) == 3
    assert day.left == 10_000 - used(desk)


async def test_readings_of_the_board_count_as_well_as_what_a_run_sends(desk, workspace):
    plan = await workspace.plan(SMALL)
    await workspace.board(refresh=True)
    await workspace.group_contents("ATELIER ÉTOILE")
    await workspace.run(plan, RunControl(), lambda _event: None)
    assert workspace.governor.daily.today(workspace.clock.now()).left == 10_000 - used(desk)


async def test_a_lost_answer_and_the_look_up_after_it_count_too(desk, workspace):
    plan = await workspace.plan(SMALL)
    desk.board.faults.add("drop_answer", operation="create_item")
    report = await workspace.run(plan, RunControl(), lambda _event: None)
    assert report.orders.created == 3
    assert workspace.governor.daily.today(workspace.clock.now()).left == 10_000 - used(desk)


async def test_a_report_counts_every_call_for_its_run_and_none_of_what_goes_on_beside_it(desk, workspace):
    planned = await workspace.plan(SMALL)
    looked = len(desk.board.requests)
    assert planned.calls_before == looked == 3
    desk.board.faults.add("drop_answer", operation="create_item")
    running = workspace.run(planned, RunControl(), lambda _event: None)
    beside = [workspace.plan(Selection(("SUMMERSALT",), limit=1)), workspace.board(refresh=True)]
    report, other, _ = await asyncio.gather(running, *beside)
    assert other.calls_before == 2  # the day's calls are known
    assert report.api.calls_before == looked
    assert report.api.calls == len(desk.board.requests) - other.calls_before - 2


async def test_the_calls_of_an_undo_are_those_of_both_looks_at_the_items_and_of_what_it_sends(
    desk, workspace, push
):
    run = await push(SMALL)
    desk.board.forget_requests()
    report = await workspace.run(await workspace.plan_undo(run.run_id), RunControl(), lambda _event: None)
    assert report.orders.archived == 3
    assert report.api.calls == len(desk.board.requests)
    assert report.api.calls_before == report.api.calls - len(desk.mutations)


async def test_an_account_that_does_not_tell_its_limit_is_no_failure(desk, workspace):
    desk.board.faults.add("rate_limit", operation="platform_api", limit="minute", times=None)
    plan = await workspace.plan(SMALL)
    assert plan.forecast.day is None
    assert "not told" in plan.forecast.calls_text
    report = await workspace.run(plan, RunControl(), lambda _event: None)
    assert (report.orders.created, report.api.calls_left_today) == (3, None)
    assert workspace.governor.state.calls_a_day is BudgetState().calls_a_day


async def test_a_run_stops_before_the_days_calls_are_spent_and_the_next_day_goes_on(desk, workspace):
    desk.board.spend_daily_calls(8_995)
    plan = await workspace.plan(SMALL)
    usable = plan.forecast.day.usable
    assert plan.forecast.is_short
    assert 0 < usable < plan.forecast.calls
    stopped = await workspace.run(plan, RunControl(), lambda _event: None)
    assert stopped.stopped.code == "daily_budget_spent"
    assert "1,000 of 10,000 are left today" in stopped.stopped.title
    assert "00:00 UTC" in stopped.stopped.remedy
    assert (stopped.api.calls - stopped.api.calls_before, stopped.api.rejected) == (usable, 0)
    assert stopped.resumable
    assert used(desk) == 9_000

    await desk.clock.sleep(24 * HOURS)
    finished = await workspace.run(await workspace.plan(SMALL), RunControl(), lambda _event: None)
    assert finished.stopped is None
    assert all(len(found) == 1 for found in desk.items_by_key().values())
    assert all(len(found) == 1 for found in desk.subitems_by_key().values())
    assert len(desk.items_by_key()) == 3


async def test_with_two_writers_the_last_call_of_the_day_is_not_made_twice(tmp_path, demo_orders_database):
    toml = "[profiles.practice.limits]\nbudget_share = 1.0\nwriters_per_board = 4\nrecords_per_request = 5"
    with demo_desk(tmp_path, demo_orders_database, toml=toml) as desk:
        async with desk.opened() as workspace:
            desk.board.spend_daily_calls(9_980)
            report = await workspace.run(await workspace.plan(Selection()), RunControl(), lambda _event: None)
    assert report.stopped.code == "daily_budget_spent"
    assert report.api.rejected == 0
    assert used(desk) == 10_000


async def test_the_live_figures_hold_pace_day_and_the_limit_that_binds(desk, workspace):
    read: list[BudgetRead] = []

    def note(event) -> None:
        if isinstance(event, BudgetRead):
            read.append(event)

    report = await workspace.run(await workspace.plan(SMALL), RunControl(), note)
    assert [event.day.left for event in read] == sorted({event.day.left for event in read}, reverse=True)
    assert read[-1].day.left == report.api.calls_left_today == 10_000 - used(desk)
    assert report.api.calls_a_day == 10_000
    synced = report.orders.synced + report.lines.synced
    assert report.records_per_minute == pytest.approx(synced * 60 / report.seconds)
