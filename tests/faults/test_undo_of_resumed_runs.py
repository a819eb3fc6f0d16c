"""Undo of a run that was interrupted and resumed: the runs are one piece of work, and undone as one."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.demo.testing import ITEMS_BOARD, SUBITEMS_BOARD, HurriedClock
from core.errors import ConfigurationError, ExitCode
from core.orders.model import Selection
from core.sync.control import RunControl
from core.sync.plan import Plan
from core.sync.report import RunReport
from core.sync.undo import archived_items, kept_orders
from core.workspace import Workspace
from tests.faults.continued_desk import continued_desk
from tests.faults.narrow_desk import PROFILE, NarrowDesk, headers, lines, narrow_desk
from tests.faults.processes import SEED, SOAK, killed_at
from tests.faults.undoing import carry_out, is_undone, push, undo, write_by_hand

HISTORIES = 40 if SOAK else 3
CUTS = [("create_item", 2), ("create_subitem", 1), ("create_subitem", 2), ("create_subitem", 3)]
"""Before which request of its kind the first run ends: a request holds two records."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NarrowDesk]:
    """Three orders of one customer with two lines each; a request holds two."""
    with narrow_desk(tmp_path, records_per_request=2) as made:
        made.add_orders("ACME", 3, 2)
        yield made


async def cut_off(workspace: Workspace, desk: NarrowDesk, operation: str, nth: int) -> RunReport:
    """A run that ends before the nth request of a kind: the day's calls are used up."""
    desk.board.faults.add("rate_limit", operation=operation, nth=nth, limit="daily", times=None)
    report = await push(workspace)
    desk.board.faults.clear()
    assert report.stopped is not None
    return report


async def resume(workspace: Workspace) -> RunReport:
    interrupted = await workspace.interrupted_run()
    assert interrupted is not None
    return await carry_out(workspace, await workspace.plan(interrupted.selection))


def codes(plan: Plan) -> dict[str, str]:
    """The orders that an undo keeps, by key, and why."""
    return {order.key: order.code for order in kept_orders(plan)}


@pytest.mark.parametrize("named", ["the first", "the last"])
@pytest.mark.parametrize(("operation", "nth"), CUTS)
async def test_wherever_a_run_was_cut_off_the_undo_of_either_takes_back_both(
    desk, workspace, operation, nth, named
):
    first = await cut_off(workspace, desk, operation, nth)
    last = await resume(workspace)
    report = await undo(workspace, first if named == "the first" else last)
    assert (report.exit_code, report.kept, report.orders.archived) == (ExitCode.SYNCED, (), 3)
    assert report.undoes == last.run_id
    assert is_undone(desk)
    assert await workspace.interrupted_runs() == []
    await push(workspace)
    assert desk.differences() == []


async def test_a_run_that_was_cut_off_twice_is_undone_with_both_resumptions(desk, workspace):
    runs = [await cut_off(workspace, desk, "create_item", 2)]
    desk.board.faults.add("rate_limit", operation="create_subitem", nth=2, limit="daily", times=None)
    runs.append(await resume(workspace))
    desk.board.faults.clear()
    runs.append(await resume(workspace))
    plan = await workspace.plan_undo(runs[1].run_id)
    assert [run.run_id for run in plan.runs] == [run.run_id for run in runs]
    assert (archived_items(plan), codes(plan)) == (3, {})
    await carry_out(workspace, plan)
    assert is_undone(desk)


async def test_the_rest_of_an_interrupted_resumption_is_not_offered_after_the_undo(desk, workspace):
    first = await cut_off(workspace, desk, "create_subitem", 1)
    desk.board.faults.add("rate_limit", operation="create_subitem", nth=2, limit="daily", times=None)
    await resume(workspace)
    desk.board.faults.clear()
    await undo(workspace, first)
    assert await workspace.interrupted_runs() == []
    assert is_undone(desk)


async def test_a_line_of_the_resumption_that_a_person_changed_keeps_its_order_and_no_other(desk, workspace):
    first = await cut_off(workspace, desk, "create_subitem", 1)
    await resume(workspace)
    line = desk.rows(lines)[0]
    write_by_hand(desk, line["monday_subitem_id"], "numeric_order_qty", "77", board=SUBITEMS_BOARD)
    assert codes(await workspace.plan_undo(first.run_id)) == {line["record_uuid"]: "changed_by_hand"}
    report = await undo(workspace, first)
    assert (report.orders.archived, len(report.kept)) == (2, 1)
    assert len(desk.board.items(ITEMS_BOARD)) == 1


async def test_an_order_that_was_corrected_before_the_resumption_is_kept_and_the_resumption_named(
    desk, workspace
):
    first = await cut_off(workspace, desk, "create_subitem", 1)
    key = desk.rows(headers)[0]["record_uuid"]
    desk.change(headers, "UPDATE", [key], alternative="corrected")
    last = await resume(workspace)
    (kept,) = kept_orders(await workspace.plan_undo(first.run_id))
    assert (kept.key, kept.code) == (key, "changed_by_later_run")
    assert last.run_id[:8] in kept.message


async def test_what_a_run_beside_the_chain_did_keeps_its_order(desk, workspace):
    first = await cut_off(workspace, desk, "create_subitem", 1)
    key = desk.rows(headers)[0]["record_uuid"]
    beside = await carry_out(workspace, await workspace.plan(Selection(order_keys=(key,))))
    last = await resume(workspace)
    for run in (first, last):
        (kept,) = kept_orders(await workspace.plan_undo(run.run_id))
        assert (kept.key, kept.code) == (key, "changed_by_later_run")
        assert beside.run_id[:8] in kept.message


async def test_a_run_that_was_merely_followed_by_another_is_no_piece_of_work_with_it(desk, workspace):
    first = await cut_off(workspace, desk, "create_subitem", 1)
    later = await push(workspace)
    assert [run.run_id for run in (await workspace.plan_undo(first.run_id)).runs] == [first.run_id]
    assert [run.run_id for run in (await workspace.plan_undo(later.run_id)).runs] == [later.run_id]


async def test_an_undo_that_never_hears_an_answer_is_finished_by_naming_any_of_the_runs(desk, workspace):
    first = await cut_off(workspace, desk, "create_subitem", 2)
    last = await resume(workspace)
    desk.board.faults.add("drop_answer", operation="archive_item", times=None)
    lost = await undo(workspace, last)
    assert lost.orders.unknown == 2
    desk.board.faults.clear()
    plan = await workspace.plan_undo(first.run_id)
    assert (plan.undone_before, archived_items(plan), codes(plan)) == (2, 1, {})
    await carry_out(workspace, plan)
    assert is_undone(desk)
    again = await workspace.plan_undo(last.run_id)
    assert (again.undone_before, archived_items(again), codes(again)) == (3, 0, {})


async def test_an_undo_is_not_carried_out_when_the_run_was_resumed_since_it_was_planned(desk, workspace):
    first = await cut_off(workspace, desk, "create_subitem", 1)
    plan = await workspace.plan_undo(first.run_id)
    await resume(workspace)
    with pytest.raises(ConfigurationError) as refused:
        await carry_out(workspace, plan)
    assert refused.value.problem.code == "run_resumed_meanwhile"
    assert len(desk.board.items(ITEMS_BOARD)) == 3


async def test_a_run_whose_resumption_goes_on_is_not_undone(desk, workspace):
    first = await cut_off(workspace, desk, "create_subitem", 1)
    interrupted = await workspace.interrupted_run()
    assert interrupted is not None
    plan = await workspace.plan(interrupted.selection)
    control, begun = RunControl(), asyncio.Event()
    control.pause()
    resumption = asyncio.ensure_future(workspace.run(plan, control, lambda _event: begun.set()))
    await begun.wait()
    with pytest.raises(ConfigurationError) as refused:
        await workspace.plan_undo(first.run_id)
    control.resume()
    await resumption
    assert refused.value.problem.code == "run_going_on"
    assert await workspace.plan_undo(first.run_id)


async def test_an_order_that_the_resumption_continued_is_undone_with_all_its_items(tmp_path):
    with continued_desk(tmp_path, records_per_request=2) as desk:
        desk.add_orders("LARGE", 1, 7)
        workspace = await Workspace.open(desk.configuration, PROFILE, clock=HurriedClock(desk.board))
        try:
            first = await cut_off(workspace, desk, "create_item", 2)
            assert len(desk.board.items(ITEMS_BOARD)) == 2
            await resume(workspace)
            plan = await workspace.plan_undo(first.run_id)
            assert (archived_items(plan), codes(plan)) == (3, {})
            await carry_out(workspace, plan)
            assert is_undone(desk)
        finally:
            await workspace.close()


def newest_run(desk: NarrowDesk) -> str:
    with desk.engine.connect() as connection:
        query = sa.text("SELECT run_id FROM deltadesk_run ORDER BY started_at DESC")
        return str(connection.execute(query).scalars().first())


@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", range(HISTORIES))
async def test_a_run_that_is_killed_and_whose_resumption_is_killed_is_undone_as_one(desk, workspace, number):
    draw = random.Random(SEED + number)
    operation = draw.choice(("create_item", "create_subitem"))
    assert killed_at(desk, operation, "run", "--yes", arrives=draw.random() < 0.5)
    killed_at(desk, "create_subitem", "run", "--resume", "--yes", arrives=draw.random() < 0.5)
    if await workspace.interrupted_run() is not None:
        await resume(workspace)
    plan = await workspace.plan_undo(newest_run(desk))
    assert len(plan.runs) > 1
    assert codes(plan) == {}
    await carry_out(workspace, plan)
    assert is_undone(desk)
    await push(workspace)
    assert desk.differences() == []
