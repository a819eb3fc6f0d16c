"""What a run in portions is said to cost before it begins, beside the calls that the board receives."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.config.model import BulkImport
from core.demo.testing import HurriedClock
from core.orders.model import Selection
from core.sync.control import RunControl
from core.sync.events import RunEvent, RunStarted
from core.sync.forecast import Forecast
from core.sync.report import RunReport
from core.workspace import Workspace
from core.workspace.streaming import PortionSize
from tests.faults.importing_desk import import_by
from tests.faults.narrow_desk import NarrowDesk, headers, lines, narrow_desk

SIZE = PortionSize(orders=20, records=100)
CALLS_A_DAY = 100_000
USABLE = int(0.9 * CALLS_A_DAY)
Fill = Callable[[NarrowDesk], None]


def one_large_customer_first(desk: NarrowDesk) -> None:
    desk.add_orders("LARGE", 20, 4)
    one_small_customer_after_the_other(desk)


def one_large_customer_last(desk: NarrowDesk) -> None:
    one_small_customer_after_the_other(desk)
    desk.add_orders("LARGE", 20, 4)


def one_small_customer_after_the_other(desk: NarrowDesk) -> None:
    for number in range(40):
        desk.add_orders(f"SMALL {number}", 1, 4)


def a_customer_in_several_portions(desk: NarrowDesk) -> None:
    desk.add_orders("LARGE", 70, 3)


def some_lines_that_are_refused(desk: NarrowDesk) -> None:
    for number in range(8):
        desk.add_orders(f"CUSTOMER {number}", 10, 3)
    third = [row["line_uuid"] for row in desk.rows(lines) if row["size_code"] == "S2"]
    desk.change(lines, "INSERT", third, size_code="")


async def streamed(desk: NarrowDesk) -> tuple[Forecast, RunStarted, RunReport]:
    """Send all that is pending; what was said before, at the beginning, and at the end."""
    events: list[RunEvent] = []
    workspace = await Workspace.open(desk.configuration, clock=HurriedClock(desk.board))
    try:
        stream = await workspace.open_stream(Selection(), SIZE)
        assert len(stream.rest) > SIZE.orders
        report = await workspace.run_stream(stream, RunControl(), events.append)
        return stream.forecast, next(e for e in events if isinstance(e, RunStarted)), report
    finally:
        await workspace.close()


@pytest.mark.parametrize(
    "fill",
    [
        one_large_customer_first,
        one_large_customer_last,
        a_customer_in_several_portions,
        some_lines_that_are_refused,
    ],
)
async def test_a_run_makes_as_many_calls_as_its_forecast_says_give_or_take_one_in_fifty(
    tmp_path: Path, fill: Fill
):
    with narrow_desk(tmp_path, records_per_request=10) as desk:
        fill(desk)
        forecast, started, report = await streamed(desk)
        made = sum(request.is_mutation for request in desk.board.requests)
    assert report.api.calls - report.api.calls_before == made
    assert abs(forecast.calls - made) <= made / 50
    assert abs(started.requests - made) <= made / 50
    assert sum(each.requests for each in started.customers) <= started.requests


async def test_orders_whose_items_are_there_cost_what_their_lines_cost_wherever_they_stand(tmp_path: Path):
    with narrow_desk(tmp_path, records_per_request=10) as desk:
        one_small_customer_after_the_other(desk)
        one_large_customer_last(desk)
        await streamed(desk)
        # The oldest orders are cancelled or corrected, and new ones stand behind them.
        rows = sorted(desk.rows(headers), key=lambda row: row["created_at"])
        desk.change(headers, "DELETE", [row["record_uuid"] for row in rows[:15]])
        kept = {row["record_uuid"] for row in rows[15:30]}
        corrected = [row["line_uuid"] for row in desk.rows(lines) if row["record_uuid"] in kept]
        desk.change(lines, "UPDATE", corrected, qty=99)
        for number in range(30):
            desk.add_orders(f"NEW {number}", 1, 2)
        desk.board.forget_requests()
        forecast, _, report = await streamed(desk)
        made = sum(request.is_mutation for request in desk.board.requests)
        assert (report.orders.archived, report.orders.created) == (15, 30)
        assert desk.differences() == []
    assert abs(forecast.calls - made) <= max(1, made / 50)


@pytest.mark.parametrize("way", ["always", "auto"])
async def test_bulk_imports_of_later_portions_are_in_the_forecast_as_their_customers_size_says(
    tmp_path: Path, way: BulkImport
):
    with narrow_desk(tmp_path, records_per_request=10) as desk:
        import_by(desk, way)
        for number in range(6):
            desk.add_orders(f"CUSTOMER {number}", 20 if number % 2 else 3, 4)
        forecast, started, report = await streamed(desk)
        assert report.orders.created == 69
        assert desk.differences() == []
    assert abs(forecast.calls - (report.api.calls - report.api.calls_before)) <= 3
    assert started.requests < forecast.calls


async def test_a_run_whose_first_portion_is_cheap_is_warned_of_when_the_rest_takes_more_than_the_day_has(
    tmp_path: Path,
):
    with narrow_desk(tmp_path, records_per_request=10) as desk:
        one_large_customer_first(desk)
        workspace = await Workspace.open(desk.configuration, clock=HurriedClock(desk.board))
        try:
            desk.board.spend_daily_calls(USABLE - 60 - desk.board.board.limits.calls_today)
            stream = await workspace.open_stream(Selection(), SIZE)
            report = await workspace.run_stream(stream, RunControl(), lambda _event: None)
        finally:
            await workspace.close()
    assert stream.forecast.is_short
    assert "It stops cleanly" in stream.forecast.warning
    assert report.stopped is not None
    assert report.stopped.code == "daily_budget_spent"
