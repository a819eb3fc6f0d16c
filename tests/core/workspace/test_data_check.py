"""What the board would refuse of the pending orders, said before anything is sent."""

import asyncio

import pytest

from core.demo.data_wrong import WRONG_ON_PURPOSE
from core.orders.model import Selection, SyncState
from core.workspace import portions

CUSTOMER = "ATELIER ÉTOILE"


@pytest.fixture
def small_portions(monkeypatch) -> None:
    monkeypatch.setattr(portions, "PORTION", 50)


def edited(mapping, source: str, **update):
    items = tuple(rule.model_copy(update=update) if rule.source == source else rule for rule in mapping.items)
    return mapping.model_copy(update={"items": items})


async def test_the_wrong_demo_records_are_found_and_no_other(desk, workspace):
    data = await workspace.check_data()
    found = {sample.key for finding in data.findings for sample in finding.samples}
    assert found == {wrong.key for wrong in WRONG_ON_PURPOSE}
    assert (data.orders, data.lines) == (469, 2933)
    assert not data.ok
    assert desk.mutations == []


async def test_what_is_found_is_what_the_preview_says(workspace, small_portions):
    data = await workspace.check_data()
    plan = await workspace.plan(Selection())
    told = {(finding.key, finding.message, finding.remedy) for finding in plan.findings}
    samples = {
        (sample.key, sample.message, finding.remedy)
        for finding in data.findings
        for sample in finding.samples
    }
    assert samples == told
    assert (data.orders, data.lines) == (plan.order_count, plan.line_count)
    assert data.refused_orders == sum(order.blocked for batch in plan.batches for order in batch.orders)


async def test_records_that_break_one_rule_are_counted_together_with_some_samples(workspace, desk):
    desk.rows(
        "UPDATE ORDER_LIST_DELTA SET CATEGORY = 'NEW ' || record_uuid WHERE \"CUSTOMER NAME\" = ?", CUSTOMER
    )
    data = await workspace.check_data(Selection((CUSTOMER,)))
    (finding,) = (each for each in data.findings if each.source == "CATEGORY")
    assert (finding.code, finding.column_title, finding.count) == ("label_not_on_board", "CATEGORY", 38)
    assert len(finding.samples) == 5
    assert len({sample.message for sample in finding.samples}) == 5
    assert data.refused_orders == data.orders == 38
    assert data.held_back_lines == data.lines


async def test_only_the_selected_orders_are_looked_at(workspace):
    data = await workspace.check_data(Selection((CUSTOMER,), limit=3))
    assert (data.orders, data.ok, data.findings) == (3, True, ())


async def test_labels_that_a_run_would_create_are_named(workspace, desk, mapping):
    desk.rows(
        'UPDATE ORDER_LIST_DELTA SET "CUSTOMER STYLE" = \'NEW STYLE\' WHERE "CUSTOMER NAME" = ?', CUSTOMER
    )
    data = await workspace.check_data(Selection((CUSTOMER,)))
    assert data.ok
    assert [(each.column_title, each.count, each.samples) for each in data.new_labels] == [
        ("STYLE", 1, ("NEW STYLE",))
    ]


async def test_progress_counts_up_to_all_orders_on_the_loop(workspace, small_portions):
    told: list[tuple[int, int]] = []
    loop = asyncio.get_running_loop()

    def progress(done: int, total: int) -> None:
        assert asyncio.get_running_loop() is loop
        told.append((done, total))

    await workspace.check_data(progress=progress)
    assert told[0] == (0, 469)
    assert told[-1] == (469, 469)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert len(told) == 11


async def test_a_check_that_is_cancelled_ends_with_the_portion_at_hand(workspace, small_portions):
    told: list[int] = []

    def progress(done: int, _total: int) -> None:
        told.append(done)
        if done == 100:
            check.cancel()

    check = asyncio.ensure_future(workspace.check_data(progress=progress))
    with pytest.raises(asyncio.CancelledError):
        await check
    assert told == [0, 50, 100]


async def test_a_check_changes_no_state(workspace, desk):
    before = desk.rows("SELECT * FROM ORDER_LIST_DELTA")
    await workspace.check_data()
    assert [tuple(row) for row in desk.rows("SELECT * FROM ORDER_LIST_DELTA")] == [
        tuple(row) for row in before
    ]
    assert [each.failed for each in await workspace.customers() if each.failed] == []
    assert SyncState.ERROR.value not in {row["sync_state"] for row in before}
