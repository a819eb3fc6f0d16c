"""An undo whose answers are lost, or that is killed: every item is archived and its order new again, once."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.demo.testing import HurriedClock
from core.errors import ExitCode
from tests.faults.narrow_desk import NarrowDesk, headers, narrow_desk
from tests.faults.narrow_desk import push as push_to
from tests.faults.processes import (
    PATIENCE_SECONDS,
    SEED,
    SOAK,
    ended_at_last,
    killed_at,
    start_command,
)
from tests.faults.undoing import carry_out, is_undone, push

KILLS = 40 if SOAK else 4


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NarrowDesk]:
    """Six orders with two lines each; a request holds two."""
    with narrow_desk(tmp_path, records_per_request=2) as made:
        made.add_orders("ACME", 6, 2)
        yield made


@pytest.mark.parametrize("fault", ["reset", "drop_answer", "malformed_json", "empty_body", "status"])
async def test_an_archiving_whose_answer_is_lost_is_confirmed_by_the_same_undo(desk, workspace, fault):
    run = await push(workspace)
    desk.board.faults.add(fault, operation="archive_item", nth=2)
    desk.board.faults.add("evict_idempotency", operation="archive_item", times=None)
    report = await carry_out(workspace, await workspace.plan_undo(run.run_id))
    assert (report.exit_code, report.orders.archived) == (ExitCode.SYNCED, 6)
    assert is_undone(desk)


@pytest.mark.parametrize("applied", [True, False])
async def test_an_undo_that_never_hears_an_answer_is_finished_by_saying_it_again(desk, workspace, applied):
    run = await push(workspace)
    desk.board.faults.add("drop_answer" if applied else "reset", operation="archive_item", times=None)
    lost = await carry_out(workspace, await workspace.plan_undo(run.run_id))
    assert lost.orders.unknown == 2
    assert {row["sync_state"] for row in desk.rows(headers)} == {"SYNCED"}
    desk.board.faults.clear()
    plan = await workspace.plan_undo(run.run_id)
    assert plan.undone_before == (2 if applied else 0)
    again = await carry_out(workspace, plan)
    assert (again.exit_code, again.kept) == (ExitCode.SYNCED, ())
    assert is_undone(desk)


async def test_what_an_undo_archived_unheard_is_new_to_any_later_run_and_never_called_synced(desk, workspace):
    run = await push(workspace)
    desk.board.faults.add("drop_answer", operation="archive_item", times=None)
    await carry_out(workspace, await workspace.plan_undo(run.run_id))
    desk.board.faults.clear()
    report = await push(workspace)
    assert report.orders.created == 2
    assert desk.differences() == []


async def test_a_look_at_the_items_that_fails_counts_neither_as_changed_nor_as_gone(desk, workspace):
    run = await push(workspace)
    desk.board.faults.add("field_limit", operation="items", retry_in_seconds=5)
    desk.board.faults.add("status", operation="items", nth=2, status=503)
    plan = await workspace.plan_undo(run.run_id)
    assert [order.kept for batch in plan.batches for order in batch.orders] == [None] * 6


async def test_an_undo_leaves_an_order_alone_that_another_worker_has_claimed(desk, workspace):
    run = await push(workspace)
    plan = await workspace.plan_undo(run.run_id)
    with desk.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO deltadesk_claim (record_uuid, owner, held_until, heartbeat_at) VALUES"
            " (?, 'elsewhere:1:x', '2999-01-01 00:00:00', '2026-01-01 00:00:00')",
            (desk.rows(headers)[0]["record_uuid"],),
        )
    report = await carry_out(workspace, plan)
    assert (report.orders.archived, [order.code for order in report.kept]) == (
        5,
        ["claimed_by_another_worker"],
    )


def command(desk: NarrowDesk, *arguments: str) -> None:
    """Let a command come to its end, all well."""
    process = start_command(desk, *arguments)
    with ended_at_last([process]):
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, said


def kill_an_undo(desk: NarrowDesk, run_id: str, draw: random.Random) -> bool:
    """Kill an undo when the board has an archiving of it in its hands; False where it ended before."""
    arrives = draw.random() < 0.5  # else the request never does
    return killed_at(desk, "archive_item", "undo", run_id, "--yes", arrives=arrives)


@pytest.mark.timeout(900)
async def test_an_undo_that_is_killed_again_and_again_is_continued_by_saying_it_again(desk):
    await push_to(desk, HurriedClock(desk.board))
    with desk.engine.connect() as connection:
        run_id = connection.exec_driver_sql("SELECT run_id FROM deltadesk_run").scalar_one()
    draw = random.Random(SEED)
    killed = [kill_an_undo(desk, run_id, draw) for _ in range(KILLS)]
    assert any(killed)
    command(desk, "undo", run_id, "--yes")
    assert is_undone(desk)
    await push_to(desk, HurriedClock(desk.board))
    assert desk.differences() == []
