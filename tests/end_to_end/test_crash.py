"""The program is killed in the middle of a run; the next one completes it: nothing twice and nothing lost."""

import json
import os
import subprocess
import sys

import pytest

from core.demo.testing import DemoDesk

CUSTOMER = "ATELIER ÉTOILE"
ORDERS = 6


def start_run(desk: DemoDesk) -> subprocess.Popen:
    command = [sys.executable, "-c", "from core.cli import main; main()", "run", "--json", "--yes"]
    return subprocess.Popen(
        [
            *command,
            *("--config", str(desk.configuration_file), "--profile", "practice"),
            *("--customer", CUSTOMER, "--limit", str(ORDERS)),
        ],
        env=os.environ.copy(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("operation", "board_goes_on"),
    [
        ("create_group", True),
        ("create_item", True),
        ("create_item", False),
        ("create_subitem", True),
    ],
)
def test_a_killed_run_is_completed_by_the_next_one_without_a_duplicate(desk, operation, board_goes_on):
    """Where the board goes on, it carries the request out only after the program is dead."""
    slow = desk.board.faults.add("delay", operation=operation, seconds=1.5)
    planned = desk.rows(
        'SELECT record_uuid FROM ORDER_LIST_DELTA WHERE "CUSTOMER NAME" = ?'
        " ORDER BY created_at, record_uuid LIMIT ?",
        CUSTOMER,
        ORDERS,
    )
    orders = {row["record_uuid"] for row in planned}
    first = start_run(desk)
    desk.board.wait_until(lambda requests: any(slow.fits(request) for request in requests))
    first.kill()
    first.communicate()
    if not board_goes_on:
        desk.board.wait_until(lambda requests: all(request.finished for request in requests))

    second = start_run(desk)
    output, errors = second.communicate(timeout=60)

    assert second.returncode == 0, errors
    report = json.loads(output)
    assert report["balanced"]
    assert desk.group_titles().count(CUSTOMER) == 1
    items, subitems = desk.items_by_key(), desk.subitems_by_key()
    assert set(items) == orders
    assert all(len(found) == 1 for found in items.values())
    marks = ", ".join("?" * len(orders))
    lines = desk.rows(
        f"SELECT line_uuid, sync_state, monday_subitem_id FROM ORDER_LIST_LINES_DELTA"
        f" WHERE record_uuid IN ({marks})",
        *orders,
    )
    assert set(subitems) == {row["line_uuid"] for row in lines}
    assert all(len(found) == 1 for found in subitems.values())
    for row in lines:
        assert (row["sync_state"], row["monday_subitem_id"]) == (
            "SYNCED",
            subitems[row["line_uuid"]][0]["id"],
        )
