"""Orders that are larger than the board allows, and a board that fills up under a run."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from core.config.token import PRACTICE_TOKEN
from core.demo.testing import ITEMS_BOARD, SUBITEMS_BOARD, HurriedClock
from core.errors import ExitCode
from core.orders.model import Selection, SyncState
from core.resources import resource_path
from core.sandbox.options import SandboxOptions
from core.sandbox.testing import running_board
from core.sync.control import RunControl
from core.workspace import Workspace
from core.workspace.checks import data_checks
from tests.faults.narrow_desk import WIDE_LIMITS, NarrowDesk, headers, lines, write_desk

RETRY = Selection(states=(SyncState.ERROR,))
MakeDesk = Callable[..., NarrowDesk]


@pytest.fixture
def desk_with(tmp_path: Path) -> Iterator[MakeDesk]:
    """Make a desk whose board and profile know a limit of subitems, the board's own or another."""
    with ExitStack() as served:

        def make(subitem_limit: int = 100, *, board_takes: int | None = None) -> NarrowDesk:
            options = SandboxOptions(
                state=tmp_path / "board.db",
                fixture=resource_path("boards", "orders.json"),
                token=PRACTICE_TOKEN,
                limits=WIDE_LIMITS,
                subitems_per_item=board_takes or subitem_limit,
            )
            desk = write_desk(tmp_path, served.enter_context(running_board(options)))
            served.callback(desk.engine.dispose)
            set_limit(desk, subitem_limit)
            return desk

        yield make


def set_limit(desk: NarrowDesk, limit: int) -> None:
    file = desk.configuration_file
    text = re.sub(
        r"limits = \{(?: subitem_limit = \d+,)?", f"limits = {{ subitem_limit = {limit},", file.read_text()
    )
    file.write_text(text, encoding="utf-8")


async def run(desk: NarrowDesk, selection: Selection | None = None) -> tuple[Any, Any]:
    """Plan and run, as the command does; returns plan and report."""
    workspace = await Workspace.open(desk.configuration, clock=HurriedClock(desk.board))
    try:
        plan = await workspace.plan(selection or Selection())
        return plan, await workspace.run(plan, RunControl(), lambda _event: None)
    finally:
        await workspace.close()


async def check_data(desk: NarrowDesk):
    workspace = await Workspace.open(desk.configuration, clock=HurriedClock(desk.board))
    try:
        return await workspace.check_data()
    finally:
        await workspace.close()


def ask(desk: NarrowDesk, query: str, **variables: str) -> dict[str, Any]:
    """What somebody does on the board by hand."""
    answer = httpx.post(
        desk.board.url,
        json={"query": query, "variables": variables},
        headers={"Authorization": PRACTICE_TOKEN},
    ).json()
    assert "errors" not in answer, answer
    return answer["data"]


def mutations(desk: NarrowDesk) -> list[Any]:
    return [request for request in desk.board.requests if request.is_mutation]


def states(desk: NarrowDesk, table: sa.Table) -> Counter[str]:
    return Counter(row["sync_state"] for row in desk.rows(table))


def row_of(desk: NarrowDesk, key: str) -> sa.RowMapping:
    return next(row for row in desk.rows(headers) if row["record_uuid"] == key)


def add_line(desk: NarrowDesk, order_key: str, key: str) -> None:
    """A line that somebody added to an order that is on the board."""
    values = {
        "line_uuid": key,
        "record_uuid": order_key,
        "size_code": "EXTRA",
        "qty": 1,
        "sync_state": "NEW",
        "action_type": "INSERT",
        "retry_count": 0,
        "created_at": next(iter(desk.rows(lines)))["created_at"],
    }
    with desk.engine.begin() as connection:
        connection.execute(sa.insert(lines).values(values))


# Large orders


async def test_an_order_of_1001_lines_goes_over_in_many_requests_whatever_becomes_of_one_answer(desk_with):
    desk = desk_with(2000)
    desk.add_orders("LARGE", orders=1, lines_each=1001)
    desk.board.faults.add("drop_answer", operation="create_subitem", nth=7)
    plan, report = await run(desk)
    assert plan.findings == ()
    assert desk.differences() == []
    assert (report.orders.created, report.lines.created, report.stopped) == (1, 1001, None)
    sizes = [len(request.fields) - 1 for request in mutations(desk) if "create_subitem" in request.query]
    assert sizes == [*[50] * 20, 1]


# More lines than an item takes


async def test_an_order_beyond_the_limit_is_refused_before_anything_of_it_is_sent(desk_with):
    desk = desk_with(3)
    (fits,) = desk.add_orders("FITS", orders=1, lines_each=3)
    (beyond,) = desk.add_orders("BEYOND", orders=1, lines_each=4)
    _, report = await run(desk)
    assert (report.orders.created, report.orders.failed, report.lines.skipped) == (1, 1, 4)
    assert report.stopped is None
    (failure,) = report.failures
    assert (failure.key, failure.code) == (beyond, "too_many_lines")
    assert failure.message == "The order has 4 lines; an item of the board takes 3 subitems"
    assert "subitem_limit" in failure.remedy
    assert all(beyond not in request.body.decode() for request in mutations(desk))
    assert [group["title"] for group in desk.board.groups(ITEMS_BOARD)].count("BEYOND") == 0
    row = row_of(desk, beyond)
    assert (row["sync_state"], row["monday_item_id"]) == ("ERROR", None)
    assert row["sync_error_message"].startswith(failure.message)
    assert row_of(desk, fits)["sync_state"] == "SYNCED"
    assert states(desk, lines) == {"SYNCED": 3, "PENDING": 4}


async def test_the_check_of_the_data_says_what_the_plan_says(desk_with):
    desk = desk_with(3)
    desk.add_orders("BEYOND", orders=2, lines_each=4)
    data = await check_data(desk)
    (finding,) = data.findings
    assert (finding.code, finding.count) == ("too_many_lines", 2)
    assert (data.refused_orders, data.held_back_lines, data.ok) == (2, 8, False)
    totals, rule = data_checks(data)
    assert not totals.ok
    assert "BEYOND 0, BEYOND 1" in rule.detail
    assert "takes 3 subitems" in rule.detail
    assert rule.exit_code is ExitCode.RECORDS_FAILED
    assert mutations(desk) == []


async def test_a_refused_order_is_sent_once_the_account_allows_more(desk_with):
    desk = desk_with(3, board_takes=10)
    desk.add_orders("BEYOND", orders=1, lines_each=4)
    await run(desk)
    set_limit(desk, 10)
    await run(desk, RETRY)
    assert desk.differences() == []


async def test_a_line_that_is_added_to_a_full_item_is_refused_and_the_others_stay(desk_with):
    desk = desk_with(3)
    (key,) = desk.add_orders("GROWS", orders=1, lines_each=3)
    await run(desk)
    add_line(desk, key, "added")
    plan, report = await run(desk)
    (finding,) = plan.findings
    assert finding.message == (
        "The order has 4 lines, 3 of them on the board already; an item of the board takes 3 subitems"
    )
    assert (report.orders.failed, report.api.calls - report.api.calls_before) == (1, 0)
    assert len(desk.board.items(SUBITEMS_BOARD)) == 3
    assert row_of(desk, key)["monday_item_id"] is not None


async def test_a_cancelled_line_makes_room_for_an_added_one_in_the_same_run(desk_with):
    desk = desk_with(3)
    (key,) = desk.add_orders("SWAPS", orders=1, lines_each=3)
    await run(desk)
    desk.change(lines, "DELETE", [desk.rows(lines)[0]["line_uuid"]])
    add_line(desk, key, "added")
    await run(desk)
    assert desk.differences() == []
    # What was archived does not count any more.
    desk.change(lines, "DELETE", ["added"])
    add_line(desk, key, "added later")
    await run(desk)
    assert desk.differences() == []


async def test_an_item_with_subitems_made_by_hand_fails_its_own_order_and_no_other(desk_with):
    desk = desk_with(3)
    (full,) = desk.add_orders("FULL", orders=1, lines_each=2)
    await run(desk)
    item = row_of(desk, full)["monday_item_id"]
    query = 'mutation ($id: ID!) { create_subitem(parent_item_id: $id, item_name: "by hand") { id } }'
    by_hand = ask(desk, query, id=item)["create_subitem"]["id"]
    add_line(desk, full, "added")
    desk.add_orders("OTHER", orders=3, lines_each=2)
    _, report = await run(desk)
    assert report.stopped is None
    assert (report.orders.created, report.orders.failed) == (3, 1)
    line = next(failure for failure in report.failures if failure.key == "added")
    assert line.message.startswith("The order's item takes no more subitems")
    assert "made by hand" in line.remedy
    ask(desk, "mutation ($id: ID!) { archive_item(item_id: $id) { id } }", id=by_hand)
    await run(desk, RETRY)
    assert desk.differences() == []


# A board at its item limit


@pytest.fixture
def full_desk(desk_with) -> NarrowDesk:
    """A board with room for five of eight orders of two customers."""
    desk = desk_with()
    desk.add_orders("FIRST", orders=4, lines_each=2)
    desk.add_orders("SECOND", orders=4, lines_each=2)
    desk.board.set_items_limit(ITEMS_BOARD, len(desk.board.items(ITEMS_BOARD)) + 5)
    return desk


async def test_a_plan_warns_of_a_board_that_will_be_full(full_desk):
    plan, _ = await run(full_desk)
    (finding,) = plan.findings
    assert (finding.label, finding.code, finding.blocks) == ("SECOND 1", "board_full", False)
    assert "holds 0 of 5 items" in finding.message


async def test_the_check_of_the_data_warns_of_it_too_and_refuses_nothing(full_desk):
    data = await check_data(full_desk)
    (finding,) = data.findings
    assert (finding.code, finding.count, data.ok) == ("board_full", 1, True)


async def test_a_full_board_ends_the_run_with_one_message_and_leaves_the_rest_pending(full_desk):
    _, report = await run(full_desk)
    assert report.stopped is not None
    assert report.stopped.title.startswith("The board is full")
    assert "archive items" in report.stopped.remedy
    assert report.failures == ()
    assert (report.orders.created, report.orders.not_started) == (5, 3)
    assert report.balanced
    assert states(full_desk, headers) == {"SYNCED": 5, "NEW": 3}
    left = [row for row in full_desk.rows(headers) if row["sync_state"] == "NEW"]
    assert all(row["sync_error_message"] is None and row["retry_count"] == 0 for row in left)


async def test_orders_whose_items_are_there_get_their_lines_though_the_board_is_full(full_desk):
    await run(full_desk)
    assert Counter(line["parent_id"] for line in full_desk.board.items(SUBITEMS_BOARD)) == {
        item["id"]: 2 for item in full_desk.board.items(ITEMS_BOARD)
    }


async def test_a_full_board_is_asked_once_and_not_again_for_each_request(desk_with):
    desk = desk_with()
    for number in range(6):
        desk.add_orders(f"CUSTOMER {number}", orders=60, lines_each=1)
    desk.board.set_items_limit(ITEMS_BOARD, 0)
    _, report = await run(desk)
    assert report.orders.not_started == 360
    assert sum("create_item" in request.query for request in mutations(desk)) == 1


async def test_the_next_run_completes_what_a_full_board_left(full_desk):
    await run(full_desk)
    await run(full_desk)  # still full: nothing changes
    assert states(full_desk, headers) == {"SYNCED": 5, "NEW": 3}
    full_desk.board.set_items_limit(ITEMS_BOARD, 10_000)
    _, report = await run(full_desk)
    assert (report.orders.created, report.stopped) == (3, None)
    assert full_desk.differences() == []


async def test_a_full_board_that_is_met_after_a_lost_answer_doubles_nothing(full_desk):
    full_desk.board.faults.add("drop_answer", operation="create_item", times=2)
    await run(full_desk)
    full_desk.board.set_items_limit(ITEMS_BOARD, 10_000)
    await run(full_desk)
    assert full_desk.differences() == []


async def test_a_full_board_of_subitems_ends_the_run_and_the_next_one_completes_it(desk_with):
    desk = desk_with()
    desk.add_orders("FIRST", orders=4, lines_each=2)
    desk.board.set_items_limit(SUBITEMS_BOARD, 5)
    plan, report = await run(desk)
    (finding,) = plan.findings
    assert (finding.label, finding.code) == ("FIRST 2", "board_full")
    assert report.stopped.title.startswith("The board is full")
    assert (report.failures, report.lines.created, report.lines.not_started) == ((), 5, 3)
    assert states(desk, headers) == {"SYNCED": 2, "PENDING": 2}
    desk.board.set_items_limit(SUBITEMS_BOARD, 10_000)
    await run(desk)
    assert desk.differences() == []


async def test_workers_that_share_a_queue_stop_at_a_full_board(full_desk):
    workspace = await Workspace.open(full_desk.configuration, clock=HurriedClock(full_desk.board))
    try:
        reports = await workspace.share(RunControl(), lambda _event: None, size=2)
    finally:
        await workspace.close()
    assert [report.stopped is not None for report in reports] == [False, False, True]
    assert states(full_desk, headers) == {"SYNCED": 5, "NEW": 3}
