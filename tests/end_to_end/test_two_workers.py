"""Two programs on one database and one board at the same time."""

import asyncio

from core.orders.journal import Journal, OperationOutcome, OperationState
from core.orders.model import LoadedOrders, RecordKind, Selection, StateChange, SyncState
from core.orders.store import OrderStore
from core.sync.control import RunControl


async def test_groups_that_two_runs_need_are_made_once(desk):
    """Each run has half of the same customers' orders, and none of their groups is on the board yet."""
    async with desk.opened() as one, desk.opened() as other:
        keys = [
            row["record_uuid"]
            for row in desk.rows(
                'SELECT record_uuid FROM ORDER_LIST_DELTA WHERE "CUSTOMER NAME" IN (?, ?, ?)'
                " ORDER BY created_at, record_uuid",
                "ATELIER ÉTOILE",
                "TIDE'S EDGE",
                "PETAL & PINE KIDS",
            )
        ]
        plans = [
            await workspace.plan(Selection(order_keys=tuple(half)))
            for workspace, half in ((one, keys[::2]), (other, keys[1::2]))
        ]
        assert plans[0].new_groups
        assert set(plans[0].new_groups) == set(plans[1].new_groups)
        reports = await asyncio.gather(
            *(
                workspace.run(plan, RunControl(), lambda _event: None)
                for workspace, plan in zip((one, other), plans, strict=True)
            )
        )
    titles = desk.group_titles()
    assert [titles.count(title) for title in plans[0].new_groups] == [1] * len(plans[0].new_groups)
    assert sum(report.groups_created for report in reports) == len(plans[0].new_groups)
    assert all(report.balanced for report in reports)
    assert sum(report.orders.created for report in reports) == len(keys)
    assert all(len(found) == 1 for found in desk.items_by_key().values())
    groups_of_customer = {item["group_id"] for found in desk.items_by_key().values() for item in found}
    assert len(groups_of_customer) == len(plans[0].new_groups)


async def test_a_group_that_somebody_removed_after_it_was_made_is_made_again(desk, push):
    async with desk.opened() as workspace:
        await push(workspace, Selection(("ATELIER ÉTOILE",), limit=1))
        desk.rows("UPDATE deltadesk_group SET group_id = 'gone_since'")
        before = desk.group_titles().count("TIDE'S EDGE")
        desk.rows(
            "INSERT INTO deltadesk_group (board_id, title, group_id, owner, reserved_at)"
            " VALUES ('7000000001', 'TIDE''S EDGE', 'gone', 'an earlier run', '2026-01-01 00:00:00.000000')"
        )
        report = await push(workspace, Selection(("TIDE'S EDGE",), limit=1))
    assert before == 0
    assert report.orders.created == 1
    assert desk.group_titles().count("TIDE'S EDGE") == 1


def claim_for_another_machine(desk, key):
    desk.rows(
        "INSERT INTO deltadesk_claim (record_uuid, owner, held_until, heartbeat_at)"
        " VALUES (?, 'elsewhere:1:run', '2999-01-01 00:00:00.000000', '2026-11-22 00:00:00.000000')",
        key,
    )


async def test_orders_that_another_worker_has_claimed_are_skipped_and_stay_pending(desk, push):
    async with desk.opened() as workspace:
        plan = await workspace.plan(Selection(("ATELIER ÉTOILE",), limit=2))
        first, second = (order.key for order in plan.batches[0].orders)
        claim_for_another_machine(desk, first)
        report = await push(workspace, Selection(("ATELIER ÉTOILE",), limit=2))
    assert (report.orders.created, report.orders.skipped, report.orders.selected) == (1, 1, 2)
    assert report.balanced
    assert set(desk.items_by_key()) == {second}
    (row,) = desk.rows("SELECT sync_state FROM ORDER_LIST_DELTA WHERE record_uuid = ?", first)
    assert row["sync_state"] == SyncState.NEW
    assert [row["record_uuid"] for row in desk.rows("SELECT record_uuid FROM deltadesk_claim")] == [first]


async def test_an_order_that_another_worker_sent_since_it_was_planned_is_not_sent_again(desk):
    async with desk.opened() as one, desk.opened() as other:
        selection = Selection(("ATELIER ÉTOILE",), limit=2)
        early, late = await one.plan(selection), await other.plan(selection)
        await one.run(early, RunControl(), lambda _event: None)
        report = await other.run(late, RunControl(), lambda _event: None)
    assert (report.orders.created, report.orders.skipped) == (0, 2)
    assert len(desk.items_by_key()) == 2


def send_by_another_machine(desk, key: str) -> None:
    """A request with the order's item is on its way: request `q` of run `r`."""
    now = desk.clock.now().replace(tzinfo=None).isoformat(" ")
    desk.rows(
        "INSERT INTO deltadesk_run (run_id, profile, board_id, dry_run, worker, plan_hash, mapping_hash,"
        " started_at) VALUES ('r', 'practice', '7000000001', 0, 'elsewhere:1', '', '', ?)",
        now,
    )
    desk.rows(
        "INSERT INTO deltadesk_request (request_uuid, run_id, request_key, step, idempotency_key,"
        " planned_hash, state, attempts, sent_at, body)"
        " VALUES ('q', 'r', '', 'items', 'i', '', 'SENT', 1, ?, '')",
        now,
    )
    desk.rows(
        "INSERT INTO deltadesk_operation"
        " (request_uuid, alias_index, target, record_key, kind, state)"
        " VALUES ('q', 0, 'order', ?, 'create item', 'SENT')",
        key,
    )


async def test_an_order_whose_request_is_heard_of_while_it_is_looked_at_again_is_not_sent_again(
    desk, monkeypatch
):
    """The state changes after the order was read and before the open requests are: each misses the other."""
    load = OrderStore.load
    heard: list[str] = []

    def load_and_hear(self: OrderStore, selection: Selection) -> LoadedOrders:
        found = load(self, selection)
        if not heard:
            heard.append("q")
            state = StateChange(RecordKind.ORDER, first, SyncState.PENDING, "4711", at=desk.clock.now())
            outcome = OperationOutcome(0, OperationState.CONFIRMED, "4711")
            Journal(self, "elsewhere:1").answered("q", desk.clock.now(), [outcome], states=[state])
        return found

    async with desk.opened() as workspace:
        plan = await workspace.plan(Selection(("ATELIER ÉTOILE",), limit=2))
        first = plan.batches[0].orders[0].key
        send_by_another_machine(desk, first)
        monkeypatch.setattr(OrderStore, "load", load_and_hear)
        report = await workspace.run(plan, RunControl(), lambda _event: None)
    assert heard == ["q"]
    assert (report.orders.created, report.orders.skipped) == (1, 1)
    assert first not in desk.items_by_key()


async def test_orders_that_another_worker_has_under_way_are_left_alone_and_said_to_be(desk, push):
    async with desk.opened() as workspace:
        plan = await workspace.plan(Selection(("ATELIER ÉTOILE",), limit=2))
        first = plan.batches[0].orders[0].key
        send_by_another_machine(desk, first)
        claim_for_another_machine(desk, first)
        report = await push(workspace, Selection(("ATELIER ÉTOILE",), limit=2))
    assert (report.orders.created, report.left_alone) == (1, 1)
    assert report.exit_code == 1
    assert first not in desk.items_by_key()
    (row,) = desk.rows("SELECT sync_state FROM ORDER_LIST_DELTA WHERE record_uuid = ?", first)
    assert row["sync_state"] in {SyncState.NEW, SyncState.PENDING}
