"""Starting again after a run that ended badly: whose group it is, what is missing, what is gone already."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from core.demo.testing import ITEMS_BOARD, HurriedClock
from core.errors import ExitCode
from core.orders import own_tables
from core.orders.model import Selection
from core.workspace import Workspace
from tests.faults.narrow_desk import PROFILE, NarrowDesk, headers, lines, narrow_desk, push

ACME = Selection(customers=("ACME",))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NarrowDesk]:
    """Two orders of one customer, with two lines each."""
    with narrow_desk(tmp_path) as made:
        made.add_orders("ACME", 2, 2)
        yield made


@pytest.fixture
def clock(desk: NarrowDesk) -> HurriedClock:
    return HurriedClock(desk.board)


async def reserve_group(desk: NarrowDesk, clock: HurriedClock, worker: str) -> None:
    """Leave what a run leaves behind that dies after it reserved a group and before it asked the board."""
    # The application's own tables are made at the first opening.
    await (await Workspace.open(desk.configuration, PROFILE, clock=clock)).close()
    now = datetime.now(UTC).replace(tzinfo=None)
    with desk.engine.begin() as connection:
        connection.execute(
            sa.insert(own_tables.run).values(
                run_id="dead-run",
                profile=PROFILE,
                board_id=ITEMS_BOARD,
                dry_run=False,
                worker=worker,
                plan_hash="",
                mapping_hash="",
                started_at=now,
            )
        )
        connection.execute(
            sa.insert(own_tables.group).values(
                board_id=ITEMS_BOARD, title="ACME", owner="dead-run", reserved_at=now
            )
        )


async def test_a_group_that_a_dead_process_was_about_to_make_is_made_at_once(desk, clock):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    await reserve_group(desk, clock, f"{socket.gethostname()}:{process.pid}")
    report = await push(desk, clock)
    assert report.exit_code is ExitCode.SYNCED
    assert clock.waits == []
    assert desk.differences() == []


async def test_a_group_that_a_silent_machine_was_about_to_make_is_made_after_two_minutes_by_the_same_run(
    desk, clock
):
    await reserve_group(desk, clock, "elsewhere:1")
    report = await push(desk, clock)
    assert report.exit_code is ExitCode.SYNCED
    assert sum(clock.waits) > 100  # two minutes, of which the tests took some seconds themselves
    assert desk.differences() == []


async def test_what_a_run_gave_up_on_is_waited_for_from_its_last_attempt_and_not_from_its_first(desk, clock):
    """Five attempts never arrive; the sixth is carried out unheard, and the search shows it 10 s later."""
    desk.board.faults.add("reset", operation="create_item", times=5)
    desk.board.faults.add("drop_answer", operation="create_item", nth=6)
    first = await push(desk, clock)
    assert first.orders.unknown == 2
    assert sum(clock.waits) > 65  # since the first attempt
    desk.board.faults.add("index_lag", seconds=10)
    second = await push(desk, clock)
    assert second.exit_code is ExitCode.SYNCED
    assert desk.differences() == []


async def test_a_look_up_that_the_board_answers_with_an_error_does_not_count_as_not_there(desk, clock):
    desk.board.faults.add("drop_answer", operation="create_item", times=None)
    refused = {
        "data": {"items_page_by_column_values": None},
        "errors": [{"message": "Internal server error", "path": ["items_page_by_column_values"]}],
    }
    desk.board.faults.add(
        "status",
        status=200,
        body=httpx.Response(200, json=refused).text,
        content_type="application/json",
        predicate=lambda request: request.query.startswith("query ByKey"),
        times=None,
    )
    first = await push(desk, clock)
    assert first.orders.unknown == 2
    desk.board.faults.clear()
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    assert desk.differences() == []


@pytest.mark.parametrize("cancelled", ["order", "line"])
async def test_what_somebody_archived_by_hand_already_counts_as_archived(desk, clock, cancelled):
    await push(desk, clock)
    table = headers if cancelled == "order" else lines
    row = desk.rows(table)[0]
    desk.change(table, "DELETE", [row["record_uuid" if cancelled == "order" else "line_uuid"]])
    item_id = row["monday_item_id" if cancelled == "order" else "monday_subitem_id"]
    httpx.post(
        desk.board.url,
        json={"query": f"mutation {{ archive_item(item_id: {item_id}) {{ id }} }}"},
        headers={"Authorization": desk.board.token},
    ).raise_for_status()
    report = await push(desk, clock)
    assert report.exit_code is ExitCode.SYNCED
    assert desk.differences() == []
