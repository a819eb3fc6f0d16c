"""What the engine makes of each way in which the board's answer can be bad, or missing."""

import httpx
import pytest

from core.demo.testing import demo_desk
from core.errors import BoardError, ExitCode
from core.orders.model import Selection, SyncState
from core.sandbox.plans import Plan
from core.sync.control import RunControl
from core.sync.outcome import Outcome


def states(desk, keys) -> dict[str, str]:
    marks = ", ".join("?" * len(keys))
    rows = desk.rows(
        f"SELECT record_uuid, sync_state FROM ORDER_LIST_DELTA WHERE record_uuid IN ({marks})", *keys
    )
    return {row["record_uuid"]: row["sync_state"] for row in rows}


def assert_each_once(desk, *, orders: int, lines: int | None = None) -> None:
    """Nothing is on the board twice, and everything is there."""
    items, subitems = desk.items_by_key(), desk.subitems_by_key()
    assert len(items) == orders
    assert all(len(found) == 1 for found in items.values())
    assert all(len(found) == 1 for found in subitems.values())
    if lines is not None:
        assert len(subitems) == lines


# One record of a request


async def test_a_record_that_the_board_refuses_fails_alone(desk, few, push):
    desk.board.faults.add(
        "alias_error",
        operation="create_item",
        alias=1,
        code="ColumnValueException",
        message="invalid value",
        error_status=200,
    )
    async with desk.opened() as workspace:
        plan = await workspace.plan(few)
        report = await push(workspace)
        again = await push(workspace, Selection(few.customers, limit=4))
    orders = [order.key for order in plan.batches[0].orders]
    assert (report.orders.created, report.orders.failed) == (3, 1)
    (failure,) = report.failures
    assert (failure.key, failure.code, failure.outcome) == (orders[1], "ColumnValueException", Outcome.FAILED)
    assert "invalid value" in failure.message
    assert failure.remedy
    assert states(desk, orders) == {key: "ERROR" if key == orders[1] else "SYNCED" for key in orders}
    assert again.orders.selected == 4  # the next ones; the failed one waits for `retry`
    assert orders[1] not in desk.items_by_key()


async def test_a_line_that_the_board_refuses_keeps_its_order_s_item(desk, few, push):
    desk.board.faults.add("alias_error", operation="create_subitem", alias=0, code="ColumnValueException")
    async with desk.opened() as workspace:
        report = await push(workspace)
        assert (report.orders.failed, report.lines.failed) == (1, 1)
        items = desk.items_by_key()
        retried = await push(workspace, await in_error(workspace))
    assert retried.exit_code is ExitCode.SYNCED
    assert {key: found[0]["id"] for key, found in desk.items_by_key().items()} == {
        key: found[0]["id"] for key, found in items.items()
    }
    assert_each_once(desk, orders=4, lines=report.lines.selected)


async def in_error(workspace) -> Selection:
    keys = tuple(record.order_key for record in await workspace.failed_records())
    return Selection(order_keys=keys, states=(SyncState.ERROR,))


async def test_an_alias_whose_fate_the_board_cannot_tell_is_unknown_and_looked_up_next_time(desk, few, push):
    desk.board.faults.add("alias_error", operation="create_item", alias=2, code="INTERNAL_SERVER_ERROR")
    async with desk.opened() as workspace:
        report = await push(workspace)
        assert (report.orders.created, report.orders.unknown, report.orders.failed) == (3, 1, 0)
        assert report.exit_code is ExitCode.RECORDS_FAILED
        second = await push(workspace, Selection(few.customers, limit=1))
    assert second.orders.created == 1
    assert_each_once(desk, orders=4)


# Limits


async def test_a_refused_call_waits_as_long_as_the_board_asks_and_then_succeeds(desk, push):
    desk.board.faults.add("rate_limit", operation="create_item", limit="minute", retry_in_seconds=37)
    async with desk.opened() as workspace:
        report = await push(workspace)
    assert report.exit_code is ExitCode.SYNCED
    assert report.api.rejected == 1
    assert 37 in desk.clock.waits
    assert_each_once(desk, orders=4)


async def test_a_spent_complexity_budget_is_waited_for_without_a_refused_call(
    tmp_path, demo_orders_database, push
):
    """The account allows 100,000 points a minute; 30 orders with their lines need several times that."""
    small = Plan("small", 10_000, 2_500, 100, complexity_per_minute=120_000)
    with demo_desk(
        tmp_path, demo_orders_database, limits=small, toml="limits = { records_per_request = 5 }"
    ) as desk:
        async with desk.opened() as workspace:
            report = await push(workspace, Selection(("ATELIER ÉTOILE",), limit=20))
        assert report.exit_code is ExitCode.SYNCED
        assert report.api.rejected == 0
        assert len(desk.clock.waits) >= 3
        assert_each_once(desk, orders=20)


async def test_a_locked_board_is_asked_again_after_a_pause(desk, push):
    desk.board.faults.add("locked", operation="create_item", times=3)
    async with desk.opened() as workspace:
        report = await push(workspace)
    assert report.exit_code is ExitCode.SYNCED
    assert report.api.rejected == 0
    assert len(desk.clock.waits) >= 3
    assert_each_once(desk, orders=4)


async def test_records_that_the_board_puts_off_are_sent_again_after_the_wait_it_asks_for(desk, push):
    desk.board.faults.add(
        "alias_error",
        operation="create_subitem",
        alias=0,
        code="FIELD_LIMIT_EXCEEDED",
        error_status=429,
        retry_in_seconds=15,
        times=2,
    )
    async with desk.opened() as workspace:
        report = await push(workspace)
    assert report.exit_code is ExitCode.SYNCED
    assert len([wait for wait in desk.clock.waits if wait > 14]) == 2
    assert_each_once(desk, orders=4, lines=report.lines.selected)


async def test_records_that_the_board_puts_off_for_ever_stay_pending_and_end_the_run(desk, few, push):
    desk.board.faults.add(
        "alias_error",
        operation="create_subitem",
        alias=0,
        code="FIELD_LIMIT_EXCEEDED",
        message="Too many concurrent requests for this field",
        error_status=429,
        retry_in_seconds=15,
        times=None,
    )
    async with desk.opened() as workspace:
        plan = await workspace.plan(few)
        report = await push(workspace)
        assert report.stopped.code == "FIELD_LIMIT_EXCEEDED"
        assert report.balanced
        assert report.lines.not_started == 1
        desk.board.faults.clear()
        keys = tuple(order.key for order in plan.batches[0].orders)
        second = await push(workspace, Selection(order_keys=keys))
    assert (second.orders.selected, second.lines.created) == (1, 1)
    assert_each_once(desk, orders=4, lines=report.lines.selected)


async def test_the_day_s_last_call_ends_the_run_cleanly(desk, few, push):
    desk.board.faults.add("rate_limit", operation="create_subitem", limit="daily", times=None)
    async with desk.opened() as workspace:
        report = await push(workspace)
        assert report.exit_code is ExitCode.UNREACHABLE
        assert report.stopped.code == "DAILY_LIMIT_EXCEEDED"
        assert "00:00 UTC" in report.stopped.remedy
        assert (report.lines.not_started, report.orders.failed) == (report.lines.selected, 0)
        desk.board.faults.clear()
        second = await push(workspace)
    assert second.exit_code is ExitCode.SYNCED
    assert_each_once(desk, orders=4, lines=report.lines.selected)


# Answers that are lost or unreadable


LOOK_UPS = ("query ByKey", "query Groups")
LOST = [
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 502},
    {"kind": "status", "status": 503, "applied": True},
    {"kind": "reset"},
    {"kind": "drop_answer"},
    {"kind": "malformed_json"},
    {"kind": "empty_body"},
]


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: "-".join(str(value) for value in fault.values()))
@pytest.mark.parametrize("operation", ["create_group", "create_item", "create_subitem"])
async def test_a_lost_answer_is_looked_up_and_only_what_is_not_there_is_sent_again_with_the_same_key(
    desk, push, fault, operation
):
    desk.board.faults.add(**fault, operation=operation, times=2)
    async with desk.opened() as workspace:
        report = await push(workspace)
    assert report.exit_code is ExitCode.SYNCED
    sent = [request for request in desk.mutations if request.fields[0].name == operation]
    was_applied = fault["kind"] not in {"reset", "status"} or fault.get("applied", False)
    assert len(sent) == (1 if was_applied else 3)
    assert len({request.idempotency_key for request in sent}) == 1
    assert len({request.body for request in sent}) == 1
    assert_each_once(desk, orders=4, lines=report.lines.selected)
    assert desk.group_titles().count("ATELIER ÉTOILE") == 1


def cut_off(desk, operation: str) -> None:
    """The board still carries the operation out, but from then on nobody hears of it."""
    desk.board.faults.add("drop_answer", operation=operation, times=None)
    desk.board.faults.add("status", times=None, predicate=lambda request: request.query.startswith(LOOK_UPS))


async def test_an_answer_that_never_comes_leaves_the_outcome_unknown_and_ends_the_run(desk, few, push):
    cut_off(desk, "create_item")
    async with desk.opened() as workspace:
        plan = await workspace.plan(few)
        report = await push(workspace)
    assert report.exit_code is ExitCode.UNREACHABLE
    assert report.stopped.code == "CONNECTION_LOST"
    assert report.stopped.remedy
    assert (report.orders.unknown, report.orders.failed, report.orders.not_started) == (4, 0, 0)
    assert report.balanced
    orders = [order.key for order in plan.batches[0].orders]
    assert set(states(desk, orders).values()) == {"PENDING"}
    messages = desk.rows("SELECT sync_error_message FROM ORDER_LIST_DELTA WHERE sync_state = 'PENDING'")
    assert all(row["sync_error_message"].startswith("Outcome unknown") for row in messages)


async def test_the_next_plan_looks_lost_records_up_adopts_what_is_there_and_sends_only_the_rest(
    desk, few, push
):
    cut_off(desk, "create_item")
    async with desk.opened() as workspace:
        lost = await push(workspace)
        desk.board.faults.clear()
        arrived = desk.items_by_key()
        # One of the four is removed by hand meanwhile: for the engine it never arrived.
        gone = next(iter(arrived))
        archive_by_hand(desk, arrived[gone][0]["id"])
        desk.board.forget_requests()
        plan = await workspace.plan(few)
        report = await workspace.run(plan, RunControl(), lambda _event: None)
    assert lost.orders.unknown == 4
    assert plan_keys(plan, "create item") == [gone]
    assert report.exit_code is ExitCode.SYNCED
    kept = {key: found[0]["id"] for key, found in desk.items_by_key().items() if key != gone}
    assert kept == {key: found[0]["id"] for key, found in arrived.items() if key != gone}
    assert_each_once(desk, orders=4, lines=report.lines.created)


def plan_keys(plan, kind: str) -> list[str]:
    return [o.key for r in plan.requests for o in r.operations if o.kind.value == kind]


def archive_by_hand(desk, item_id: str) -> None:
    httpx.post(
        desk.board.url,
        json={"query": f"mutation {{ archive_item(item_id: {item_id}) {{ id }} }}"},
        headers={"Authorization": desk.board.token},
    ).raise_for_status()


async def test_a_lost_line_is_found_again_with_its_parent(desk, few, push):
    cut_off(desk, "create_subitem")
    async with desk.opened() as workspace:
        first = await push(workspace)
        assert first.lines.unknown == first.lines.selected
        assert (first.orders.unknown, first.orders.failed) == (4, 0)
        desk.board.faults.clear()
        desk.board.forget_requests()
        second = await push(workspace)
    assert second.exit_code is ExitCode.SYNCED
    assert desk.mutations == []
    rows = desk.rows(
        "SELECT monday_subitem_id, monday_parent_id FROM ORDER_LIST_LINES_DELTA WHERE sync_state = 'SYNCED'"
    )
    known = {(found[0]["id"], found[0]["parent_id"]) for found in desk.subitems_by_key().values()}
    assert {(row["monday_subitem_id"], row["monday_parent_id"]) for row in rows} == known


async def test_a_record_that_the_board_shows_late_is_waited_for_and_not_sent_twice(desk, push):
    cut_off(desk, "create_item")
    async with desk.opened() as workspace:
        await push(workspace)
        desk.board.faults.clear()
        desk.clock.waits.clear()
        desk.board.faults.add("index_lag", seconds=45)
        report = await push(workspace)
    assert report.exit_code is ExitCode.SYNCED
    assert desk.clock.waits
    assert_each_once(desk, orders=4)


async def test_a_group_whose_answer_is_lost_is_found_by_its_title_and_not_made_twice(desk, push):
    cut_off(desk, "create_group")
    async with desk.opened() as workspace:
        first = await push(workspace)
        assert first.orders.not_started == 4
        desk.board.faults.clear()
        second = await push(workspace)
    assert second.exit_code is ExitCode.SYNCED
    assert desk.group_titles().count("ATELIER ÉTOILE") == 1


# Refusals of whole requests


@pytest.mark.parametrize("code", ["SomethingNobodyDocumented", "ColumnValueException"])
async def test_a_request_that_is_refused_as_a_whole_is_halved_until_only_the_bad_record_fails(
    desk, few, push, code
):
    async with desk.opened() as workspace:
        plan = await workspace.plan(few)
        bad = plan.batches[0].orders[2]
        desk.board.faults.add(
            "refuse_document",
            code=code,
            message="this will not do",
            error_status=200,
            times=None,
            predicate=lambda request: request.is_mutation and bad.key.encode() in request.body,
        )
        report = await push(workspace)
    assert (report.orders.created, report.orders.failed) == (3, 1)
    (failure,) = report.failures
    assert (failure.key, failure.code) == (bad.key, code)
    assert report.lines.created == sum(len(o.lines) for o in plan.batches[0].orders if o is not bad)
    assert_each_once(desk, orders=3)


async def test_records_that_are_all_refused_singly_are_not_sent_a_second_time(desk, few, push):
    desk.board.faults.add("alias_error", operation="create_item", code="ColumnValueException")
    async with desk.opened() as workspace:
        report = await push(workspace)
    assert report.orders.failed == 4
    assert [request.fields[0].name for request in desk.mutations] == ["create_group", "create_item"]


async def test_a_document_that_no_part_of_passes_costs_a_bounded_number_of_calls(desk, few, push):
    desk.board.faults.add(
        "refuse_document",
        operation="create_item",
        code="Nonsense",
        message="no",
        error_status=200,
        times=None,
    )
    async with desk.opened() as workspace:
        report = await push(workspace)
    assert report.orders.failed == 4
    assert len(desk.mutations) <= 1 + 7


async def test_a_group_that_cannot_be_made_fails_its_customer_s_orders_with_the_reason(desk, push):
    desk.board.faults.add(
        "alias_error", operation="create_group", code="ColumnValueException", message="no more groups"
    )
    async with desk.opened() as workspace:
        report = await push(workspace)
        assert (report.orders.failed, report.lines.skipped) == (4, report.lines.selected)
        assert {failure.code for failure in report.failures} == {"group_not_created"}
        assert "no more groups" in report.failures[0].message
        retried = await push(workspace, await in_error(workspace))
    assert retried.exit_code is ExitCode.SYNCED
    assert desk.group_titles().count("ATELIER ÉTOILE") == 1


# The token


async def test_a_revoked_token_ends_the_run_at_once_and_loses_nothing(desk, few, push):
    refusal = {
        "status": 401,
        "body": '{"errors": [{"message": "Not Authenticated", "extensions": {"code": "UNAUTHORIZED"}}]}',
        "content_type": "application/json",
    }
    desk.board.faults.add("status", operation="create_subitem", times=None, **refusal)
    async with desk.opened() as workspace:
        report = await push(workspace)
        assert report.exit_code is ExitCode.UNREACHABLE
        assert report.stopped.code == "UNAUTHORIZED"
        assert "token" in report.stopped.remedy
        assert len([r for r in desk.mutations if r.fields[0].name == "create_subitem"]) == 1
        assert (report.lines.not_started, report.orders.not_started) == (report.lines.selected, 4)
        desk.board.faults.clear()
        second = await push(workspace)
    assert second.exit_code is ExitCode.SYNCED
    assert_each_once(desk, orders=4, lines=report.lines.selected)


async def test_a_board_that_cannot_be_asked_about_its_groups_ends_the_run_with_a_report(desk, few):
    async with desk.opened() as workspace:
        plan = await workspace.plan(few)
        # Another run owns the group, so this one asks the board for it.
        desk.rows(
            "INSERT INTO deltadesk_group (board_id, title, owner, reserved_at) VALUES"
            " ('7000000001', 'ATELIER ÉTOILE', 'somebody', '2126-01-01 00:00:00.000000')"
        )
        desk.board.faults.add("status", times=None, predicate=lambda request: "query Groups" in request.query)
        report = await workspace.run(plan, RunControl(), lambda _event: None)
        assert report.stopped is not None
        assert (report.orders.not_started, report.balanced) == (4, True)
        assert desk.mutations == []


async def test_a_plan_says_why_the_board_cannot_be_read(desk, few):
    desk.board.faults.add("status", status=503, times=None)
    async with desk.opened() as workspace:
        with pytest.raises(BoardError) as failure:
            await workspace.plan(few)
    assert failure.value.exit_code is ExitCode.UNREACHABLE
    assert "503" in failure.value.problem.title
