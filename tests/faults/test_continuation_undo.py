"""Undo of a run whose orders continued on further items: all of an order leaves the board, or all stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.demo.testing import HurriedClock
from core.errors import ExitCode
from core.sync.undo import archived_items
from tests.faults.continued_desk import continued_desk, differences, items_of
from tests.faults.narrow_desk import NarrowDesk, headers, lines
from tests.faults.narrow_desk import push as push_to
from tests.faults.undoing import is_undone, push, undo, write_by_hand


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NarrowDesk]:
    """An order of seven lines, where an item takes three, and one that fits."""
    with continued_desk(tmp_path, records_per_request=2) as made:
        made.add_orders("LARGE", 1, 7)
        made.add_orders("LARGE", 1, 2)
        yield made


def continued(desk: NarrowDesk) -> str:
    """The key of the order that continues."""
    keys = [row["record_uuid"] for row in desk.rows(headers)]
    return next(key for key in keys if len(items_of(desk, key)) > 1)


async def test_an_undo_archives_further_items_first_and_a_run_after_it_sends_all_afresh(desk, workspace):
    made = await push(workspace)
    assert archived_items(await workspace.plan_undo(made.run_id)) == 4
    desk.board.forget_requests()
    report = await undo(workspace, made)
    assert (report.exit_code, report.orders.archived, report.orders.selected) == (ExitCode.SYNCED, 2, 2)
    assert is_undone(desk)
    archived = [request.variables for request in desk.board.requests if "archive_item" in request.operations]
    # Two further items and the small order, two a request; then the large one's own.
    assert len(archived) == 3
    await push(workspace)
    assert differences(desk) == []


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("nth", [1, 2, 3])
async def test_an_undo_that_never_hears_an_answer_is_finished_by_saying_it_again(
    desk, workspace, nth, applied
):
    made = await push(workspace)
    fault = "drop_answer" if applied else "reset"
    desk.board.faults.add(fault, operation="archive_item", nth=nth, times=None)
    lost = await undo(workspace, made)
    assert lost.orders.unknown > 0
    assert lost.orders.balanced
    desk.board.faults.clear()
    again = await undo(workspace, made)
    assert (again.exit_code, again.kept) == (ExitCode.SYNCED, ())
    assert is_undone(desk)


async def test_where_a_further_item_stays_its_order_keeps_its_own_until_undo_is_said_again(desk, workspace):
    made = await push(workspace)
    key = next(
        row["record_uuid"] for row in desk.rows(headers) if len(items_of(desk, row["record_uuid"])) > 1
    )
    desk.board.faults.add("alias_error", operation="archive_item", alias=0, code="ColumnValueException")
    report = await undo(workspace, made)
    assert (report.orders.archived, report.orders.failed) == (1, 1)
    assert 1 in items_of(desk, key)
    row = next(row for row in desk.rows(headers) if row["record_uuid"] == key)
    assert (row["sync_state"], row["monday_item_id"]) == ("SYNCED", items_of(desk, key)[1]["id"])
    again = await undo(workspace, made)
    assert (again.exit_code, again.kept) == (ExitCode.SYNCED, ())
    assert is_undone(desk)


async def test_a_further_item_that_was_changed_by_hand_keeps_its_whole_order(desk, workspace):
    made = await push(workspace)
    key = next(
        row["record_uuid"] for row in desk.rows(headers) if len(items_of(desk, row["record_uuid"])) > 1
    )
    item = items_of(desk, key)[2]
    write_by_hand(desk, item["id"], "text_customer_alt_po", "by hand")
    plan = await workspace.plan_undo(made.run_id)
    kept = {order.key: order.kept.code for batch in plan.batches for order in batch.orders if order.kept}
    assert kept == {key: "changed_by_hand"}


async def test_an_order_that_a_later_run_continued_is_kept_by_an_undo_of_either(desk, workspace, tmp_path):
    (key,) = desk.add_orders("FITS", 1, 3)
    first = await push(workspace)
    line = next(row for row in desk.rows(lines) if row["record_uuid"] == key)
    with desk.engine.begin() as connection:
        connection.execute(
            lines.insert().values(
                {**line, "line_uuid": "new-line", "size_code": "Z", "monday_subitem_id": None}
                | {"sync_state": "PENDING", "monday_parent_id": None}
            )
        )
    second = await push_to(desk, HurriedClock(desk.board))
    assert list(items_of(desk, key)) == [1, 2]
    for run_id, code in ((first.run_id, "changed_by_later_run"), (second.run_id, "not_made_by_run")):
        plan = await workspace.plan_undo(run_id)
        kept = {order.key: order.kept.code for batch in plan.batches for order in batch.orders if order.kept}
        assert kept == {key: code}
