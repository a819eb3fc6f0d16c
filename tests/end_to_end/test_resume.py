"""A headless run is killed in the middle of two customers; `run --resume` sends the rest and no more."""

import json
import os
import subprocess
import sys

import pytest

from core.demo.testing import DemoDesk

CUSTOMERS = ("ATELIER ÉTOILE", "SUMMERSALT")


def start(desk: DemoDesk, *arguments: str) -> subprocess.Popen:
    command = [
        sys.executable,
        "-c",
        "from core.cli import main; main()",
        "run",
        "--json",
        "--yes",
        *arguments,
    ]
    return subprocess.Popen(
        [*command, "--config", str(desk.configuration_file), "--profile", "practice"],
        env=os.environ.copy(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("operation", "nth"),
    [("create_group", 1), ("create_item", 2), ("create_subitem", 1), ("create_subitem", 3)],
)
def test_a_killed_run_is_resumed_by_the_command_with_its_own_orders_alone(desk, operation, nth):
    slow = desk.board.faults.add("delay", operation=operation, nth=nth, seconds=1.0)
    chosen = [word for customer in CUSTOMERS for word in ("--customer", customer)]
    first = start(desk, *chosen, "--limit", "40")
    desk.board.wait_until(lambda requests: sum(slow.fits(request) for request in requests) >= nth)
    first.kill()
    first.communicate()
    desk.board.wait_until(lambda requests: all(request.finished for request in requests))
    run = desk.rows("SELECT run_id, scope FROM deltadesk_run")[0]
    orders = set(json.loads(run["scope"])["order_keys"])
    assert len(orders) == 40

    second = start(desk, "--resume")
    output, errors = second.communicate(timeout=90)

    report = json.loads(output)
    assert (report["resumes"], report["balanced"]) == (run["run_id"], True), errors
    assert not any(part["unknown"] or part["not_started"] for part in (report["orders"], report["lines"]))
    items, subitems = desk.items_by_key(), desk.subitems_by_key()
    assert set(items) <= orders
    assert all(len(found) == 1 for found in (*items.values(), *subitems.values()))
    states = desk.rows(
        "SELECT record_uuid, sync_state, monday_item_id FROM ORDER_LIST_DELTA WHERE sync_state = 'SYNCED'"
    )
    assert {row["record_uuid"]: row["monday_item_id"] for row in states} == {
        key: found[0]["id"]
        for key, found in items.items()
        if key not in {failure["key"] for failure in report["failures"]} and key not in _in_error(desk)
    }
    assert not desk.rows(
        "SELECT 1 FROM ORDER_LIST_DELTA WHERE record_uuid IN (SELECT value FROM json_each(?))"
        " AND sync_state NOT IN ('SYNCED', 'ERROR')",
        json.dumps(sorted(orders)),
    )
    third = start(desk, "--resume")
    assert json.loads(third.communicate(timeout=90)[0])["run_id"] is None


def _in_error(desk: DemoDesk) -> set[str]:
    return {
        row["record_uuid"]
        for row in desk.rows("SELECT record_uuid FROM ORDER_LIST_DELTA WHERE sync_state = 'ERROR'")
    }
