"""Orders that are on the board already: updates, cancellations, new lines."""

import pytest

from core.demo.testing import SUBITEMS_BOARD
from core.errors import ExitCode
from core.orders.model import Selection

CUSTOMER = ("ATELIER ÉTOILE",)


def snapshot(desk) -> dict[str, dict]:
    """Every item and subitem by id, without the time stamps."""
    found = {}
    for records in (*desk.items_by_key().values(), *desk.subitems_by_key().values()):
        for record in records:
            values = {
                column: {k: v for k, v in value.items() if k != "changed_at"}
                if isinstance(value, dict)
                else value
                for column, value in record["column_values"].items()
            }
            found[record["id"]] = {**record, "column_values": values}
    return found


@pytest.fixture
async def synced(desk, push):
    """A workspace after three orders were pushed, their keys, and what the board holds."""
    async with desk.opened() as workspace:
        plan = await workspace.plan(Selection(CUSTOMER, limit=3))
        report = await push(workspace, Selection(CUSTOMER, limit=3))
        assert report.exit_code is ExitCode.SYNCED
        desk.board.forget_requests()
        yield workspace, [order.key for order in plan.batches[0].orders]


async def test_an_update_changes_the_values_of_exactly_that_item(desk, push, synced):
    workspace, keys = synced
    before = snapshot(desk)
    desk.rows(
        "UPDATE ORDER_LIST_DELTA SET \"CUSTOMER ALT PO\" = ?, sync_state = 'PENDING', action_type = 'UPDATE'"
        " WHERE record_uuid = ?",
        "ALT-77",
        keys[1],
    )
    report = await push(workspace, Selection(order_keys=tuple(keys)))
    assert (report.orders.selected, report.orders.changed) == (1, 1)
    changed = desk.items_by_key()[keys[1]][0]["id"]
    after = snapshot(desk)
    assert after[changed]["column_values"]["text_customer_alt_po"] == "ALT-77"
    assert {record: value for record, value in after.items() if record != changed} == {
        record: value for record, value in before.items() if record != changed
    }
    (request,) = desk.mutations
    assert [root.name for root in request.fields if root.name != "complexity"] == [
        "change_multiple_column_values"
    ]


async def test_an_update_can_rename_the_item(desk, push, synced):
    workspace, keys = synced
    desk.rows(
        "UPDATE ORDER_LIST_DELTA SET \"AAG ORDER NUMBER\" = 'AAG-RENAMED', sync_state = 'PENDING',"
        " action_type = 'UPDATE' WHERE record_uuid = ?",
        keys[0],
    )
    await push(workspace, Selection(order_keys=tuple(keys)))
    assert desk.items_by_key()[keys[0]][0]["name"].endswith("AAG-RENAMED")


async def test_a_cancelled_order_is_archived_with_its_subitems_and_nothing_else_is(desk, push, synced):
    workspace, keys = synced
    subitems_before = len(desk.subitems_by_key())
    (gone,) = desk.items_by_key()[keys[0]]
    its_lines = len(desk.board.subitems(gone["id"]))
    assert its_lines > 0
    desk.rows(
        "UPDATE ORDER_LIST_DELTA SET sync_state = 'PENDING', action_type = 'DELETE' WHERE record_uuid = ?",
        keys[0],
    )
    report = await push(workspace, Selection(order_keys=tuple(keys)))
    assert report.orders.archived == 1
    assert set(desk.items_by_key()) == set(keys[1:])
    assert len(desk.subitems_by_key()) == subitems_before - its_lines
    assert len(desk.mutations) == 1
    again = await push(workspace, Selection(order_keys=tuple(keys)))
    assert again.orders.selected == 0


async def test_a_cancelled_order_that_never_went_out_needs_no_call(desk, push):
    desk.rows("UPDATE ORDER_LIST_DELTA SET action_type = 'DELETE' WHERE \"CUSTOMER NAME\" = ?", *CUSTOMER)
    async with desk.opened() as workspace:
        report = await push(workspace, Selection(CUSTOMER, limit=3))
        assert report.exit_code is ExitCode.SYNCED
        assert report.orders.skipped == 3
    assert desk.mutations == []


def add_line(desk, order: str, *, line: str = "a-new-line", size: str = "XXS") -> None:
    (column_names,) = [[row["name"] for row in desk.rows("PRAGMA table_info(ORDER_LIST_LINES_DELTA)")]]
    (template,) = desk.rows("SELECT * FROM ORDER_LIST_LINES_DELTA WHERE record_uuid = ? LIMIT 1", order)
    values = {
        **dict(template),
        "line_uuid": line,
        "size_code": size,
        "qty": 5,
        "sync_state": "PENDING",
        "action_type": "INSERT",
        "monday_subitem_id": None,
        "monday_parent_id": None,
    }
    marks = ", ".join("?" * len(column_names))
    desk.rows(
        f"INSERT INTO ORDER_LIST_LINES_DELTA VALUES ({marks})", *(values[name] for name in column_names)
    )


@pytest.mark.parametrize("last_action", ["INSERT", "UPDATE"])
async def test_a_new_line_of_a_synced_order_creates_only_that_subitem(desk, push, synced, last_action):
    workspace, keys = synced
    before = snapshot(desk)
    desk.rows("UPDATE ORDER_LIST_DELTA SET action_type = ? WHERE record_uuid = ?", last_action, keys[0])
    add_line(desk, keys[0])
    report = await push(workspace, Selection(order_keys=tuple(keys)))
    assert report.exit_code is ExitCode.SYNCED
    assert (report.orders.changed, report.lines.created) == (1, 1)
    (request,) = desk.mutations
    assert [root.name for root in request.fields if root.name != "complexity"] == ["create_subitem"]
    after = snapshot(desk)
    (new,) = desk.subitems_by_key()["a-new-line"]
    assert {record for record in after if record not in before} == {new["id"]}
    assert {record: value for record, value in after.items() if record in before} == before
    assert new["parent_id"] == desk.items_by_key()[keys[0]][0]["id"]


async def test_a_line_can_be_changed_and_removed_by_itself(desk, push, synced):
    workspace, keys = synced
    add_line(desk, keys[0], line="second", size="XXS")
    await push(workspace, Selection(order_keys=tuple(keys)))
    (first, *_others) = desk.rows(
        "SELECT line_uuid FROM ORDER_LIST_LINES_DELTA WHERE record_uuid = ? AND line_uuid <> 'second'",
        keys[0],
    )
    for line, values in {
        first["line_uuid"]: "qty = 4711, action_type = 'UPDATE'",
        "second": "action_type = 'DELETE'",
    }.items():
        desk.rows(
            f"UPDATE ORDER_LIST_LINES_DELTA SET sync_state = 'PENDING', {values} WHERE line_uuid = ?", line
        )
    report = await push(workspace, Selection(order_keys=tuple(keys)))
    assert (report.lines.changed, report.lines.archived) == (1, 1)
    subitems = desk.subitems_by_key()
    assert "second" not in subitems
    assert subitems[first["line_uuid"]][0]["column_values"]["numeric_order_qty"] == "4711"
    assert {record["state"] for record in desk.board.items(SUBITEMS_BOARD)} == {"active"}


async def test_held_orders_stay_until_they_are_released(desk, push):
    async with desk.opened() as workspace:
        plan = await workspace.plan(Selection(CUSTOMER, limit=2))
        keys = [order.key for order in plan.batches[0].orders]
        await workspace.hold(keys[:1])
        report = await push(workspace, Selection(order_keys=tuple(keys)))
        assert report.orders.created == 1
        assert set(desk.items_by_key()) == set(keys[1:])
        await workspace.release(keys[:1])
        await push(workspace, Selection(order_keys=tuple(keys)))
    assert set(desk.items_by_key()) == set(keys)
