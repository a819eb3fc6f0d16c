"""The demo, all of it: what was previewed is what arrived, once, and every record is accounted for."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import pytest

from core.demo.data_wrong import WRONG_ON_PURPOSE
from core.demo.testing import ITEMS_BOARD, DemoDesk, demo_desk
from core.errors import ExitCode
from core.orders.model import Selection
from core.sync.control import RunControl
from core.sync.plan import Plan
from core.sync.report import RunReport


@dataclass(frozen=True)
class WholeDemo:
    desk: DemoDesk
    plan: Plan
    planned_bodies: list[bytes]
    report: RunReport
    received: list[Any]
    second: RunReport
    received_later: list[Any]


@pytest.fixture(scope="module")
def whole(tmp_path_factory, demo_orders_database):
    """Everything pending, pushed once, and a second run after it."""
    with demo_desk(tmp_path_factory.mktemp("desk"), demo_orders_database) as desk:

        async def work() -> WholeDemo:
            async with desk.opened() as workspace:
                plan = await workspace.plan(Selection())
                bodies = [request.body for request in plan.requests]
                report = await workspace.run(plan, RunControl(), lambda _event: None)
                received = desk.mutations
                desk.board.forget_requests()
                again = await workspace.plan(Selection())
                second = await workspace.run(again, RunControl(), lambda _event: None)
                return WholeDemo(desk, plan, bodies, report, received, second, desk.board.requests)

        yield asyncio.run(work())


def reference(name: str) -> bytes:
    return json.dumps({"$ref": name}, ensure_ascii=False, separators=(",", ":")).encode()


def test_what_is_previewed_is_what_is_sent_byte_for_byte_but_for_the_ids(whole):
    ids = {f"group:{group['title']}": group["id"] for group in whole.desk.board.groups(ITEMS_BOARD)}
    for key, items in whole.desk.items_by_key().items():
        ids[f"order:{key}"] = items[0]["id"]
    expected = []
    for body in whole.planned_bodies:
        filled = body
        for name, found in ids.items():
            filled = filled.replace(reference(name), json.dumps(found).encode())
        assert b'"$ref"' not in filled
        expected.append(filled)
    assert sorted(request.body for request in whole.received) == sorted(expected)


def test_previewing_costs_no_mutation_and_planning_is_done_once(whole):
    assert len(whole.received) == len(whole.planned_bodies)
    assert len(whole.received) == whole.report.api.calls - whole.report.api.calls_before


def test_each_order_and_line_that_is_not_wrong_is_on_the_board_once(whole):
    items, subitems = whole.desk.items_by_key(), whole.desk.subitems_by_key()
    wrong = {row.key for row in WRONG_ON_PURPOSE}
    orders = {row["record_uuid"] for row in whole.desk.rows("SELECT record_uuid FROM ORDER_LIST_DELTA")}
    assert set(items) == orders - wrong
    assert all(len(found) == 1 for found in items.values())
    assert all(len(found) == 1 for found in subitems.values())
    lines = whole.desk.rows("SELECT line_uuid, record_uuid FROM ORDER_LIST_LINES_DELTA")
    expected = {
        row["line_uuid"] for row in lines if row["line_uuid"] not in wrong and row["record_uuid"] in items
    }
    assert set(subitems) == expected


def test_each_subitem_is_under_the_item_of_its_own_order(whole):
    items = whole.desk.items_by_key()
    lines = whole.desk.rows("SELECT line_uuid, record_uuid FROM ORDER_LIST_LINES_DELTA")
    order_of = {row["line_uuid"]: row["record_uuid"] for row in lines}
    for key, found in whole.desk.subitems_by_key().items():
        assert found[0]["parent_id"] == items[order_of[key]][0]["id"]


def test_there_is_one_group_per_customer_and_each_item_is_in_its_customer_s(whole):
    titles = whole.desk.group_titles()
    customers = {batch.customer for batch in whole.plan.batches}
    assert {title for title in titles if titles.count(title) > 1} == set()
    assert customers <= set(titles)
    title_of = {group["id"]: group["title"] for group in whole.desk.board.groups(ITEMS_BOARD)}
    items = whole.desk.items_by_key()
    for row in whole.desk.rows('SELECT record_uuid, "CUSTOMER NAME" AS customer FROM ORDER_LIST_DELTA'):
        for item in items.get(row["record_uuid"], ()):
            assert title_of[item["group_id"]] == row["customer"]


def test_the_totals_balance_and_name_every_selected_record(whole):
    report = whole.report
    assert report.balanced
    assert (report.orders.selected, report.orders.created, report.orders.failed) == (469, 464, 5)
    assert report.lines.selected == 2933
    assert report.lines.failed == 2
    assert report.lines.created + report.lines.skipped + report.lines.failed == 2933
    assert report.exit_code is ExitCode.RECORDS_FAILED


def test_exactly_the_rows_that_are_wrong_on_purpose_fail_each_with_a_remedy(whole):
    failures = {failure.key: failure for failure in whole.report.failures}
    assert set(failures) == {row.key for row in WRONG_ON_PURPOSE}
    assert all(failure.message and failure.remedy for failure in failures.values())


def test_nothing_is_refused_by_a_limit(whole):
    assert whole.report.api.rejected == 0


def test_a_second_run_sends_nothing(whole):
    assert [request for request in whole.received_later if request.is_mutation] == []
    assert whole.second.api.calls == whole.second.api.calls_before == len(whole.received_later)
    assert (whole.second.orders.selected, whole.second.lines.selected) == (0, 0)
    assert whole.second.unresolved == len(WRONG_ON_PURPOSE)
    assert whole.second.exit_code is ExitCode.SYNCED


async def test_the_69_orders_of_one_purchase_order_go_out_in_at_most_14_calls(desk, push):
    async with desk.opened() as workspace:
        report = await push(workspace, Selection(("GREYSON CLOTHIERS",)))
    assert report.exit_code is ExitCode.SYNCED
    assert (report.orders.created, report.lines.created) == (69, 317)
    purchase_orders = {
        row["po"]
        for row in desk.rows(
            'SELECT "PO NUMBER" AS po FROM ORDER_LIST_DELTA WHERE "CUSTOMER NAME" = ?', "GREYSON CLOTHIERS"
        )
    }
    assert purchase_orders == {"4755"}
    assert len(desk.board.requests) <= 14
    assert len(desk.items_by_key()) == 69
    assert len(desk.subitems_by_key()) == 317


async def test_customers_whose_group_titles_are_the_same_share_one_group(
    tmp_path, demo_orders_database, push
):
    with demo_desk(tmp_path, demo_orders_database) as desk:
        text = desk.configuration_file.read_text(encoding="utf-8")
        shared = text.replace('group_name = "{CUSTOMER NAME}"', 'group_name = "ALL CUSTOMERS"')
        assert shared != text
        desk.configuration_file.write_text(shared, encoding="utf-8")
        async with desk.opened() as workspace:
            report = await push(workspace, Selection(limit=80))
        assert len(report.customers) >= 2
        assert report.groups_created == 1
        assert desk.group_titles().count("ALL CUSTOMERS") == 1
        assert len({item["group_id"] for item in desk.board.items(ITEMS_BOARD) if not item["parent_id"]}) == 1
