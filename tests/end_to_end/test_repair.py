"""Retry after repair: each row of the demo that is wrong on purpose, mended as an operator would mend it."""

import pytest

from core.demo.data_wrong import WRONG_ON_PURPOSE, WrongKind, WrongOnPurpose
from core.errors import ExitCode
from core.orders.model import RecordKind, Selection, SyncState

EXPECTED = {
    WrongKind.UNKNOWN_LABEL: ("label_not_on_board", "Cut & Sew"),
    WrongKind.NAME_TOO_LONG: ("name_too_long", "300 characters"),
    WrongKind.BAD_DATE: ("not_a_date", "31/02/2026"),
    WrongKind.MISSING_VALUE: ("required_value_missing", "AAG SEASON"),
    WrongKind.ORPHAN_LINE: ("line_without_header", "not in the headers table"),
    WrongKind.UNKNOWN_SIZE: ("label_not_on_board", "XX-SMALL"),
}


def is_line(wrong: WrongOnPurpose) -> bool:
    return wrong.key_column == "line_uuid"


def kind_of(wrong: WrongOnPurpose) -> RecordKind:
    return RecordKind.LINE if is_line(wrong) else RecordKind.ORDER


def order_key(desk, wrong: WrongOnPurpose) -> str:
    (row,) = desk.rows(
        'SELECT record_uuid FROM ORDER_LIST_DELTA WHERE "AAG ORDER NUMBER" = ?', wrong.order_number
    )
    return row["record_uuid"]


@pytest.fixture(params=WRONG_ON_PURPOSE, ids=lambda wrong: wrong.kind.value.replace(" ", "-"))
def wrong(request) -> WrongOnPurpose:
    """One row that is wrong on purpose."""
    return request.param


async def test_a_wrong_row_fails_by_name_and_reaches_the_board_once_after_its_repair(desk, push, wrong):
    order = order_key(desk, wrong)
    asked = (order, wrong.key) if is_line(wrong) else (order,)
    async with desk.opened() as workspace:
        first = await push(workspace, Selection(order_keys=asked))

        code, words = EXPECTED[wrong.kind]
        (failure,) = first.failures
        assert (failure.key, failure.code) == (wrong.key, code)
        assert words in failure.message
        assert failure.remedy
        (record,) = await workspace.failed_records()
        assert record.key == wrong.key
        detail = await workspace.failure_detail(record)
        assert wrong.column in detail.source
        assert wrong.order_number in detail.problem.subject or wrong.kind is WrongKind.ORPHAN_LINE
        kept = desk.items_by_key().get(order)
        assert (kept is not None) == is_line(wrong)

        await workspace.edit_value(kind_of(wrong), wrong.key, wrong.column, wrong.good_value)
        retry = Selection(order_keys=(wrong.key if is_line(wrong) else order,), states=(SyncState.ERROR,))
        if wrong.kind is WrongKind.UNKNOWN_SIZE:
            retry = Selection(order_keys=(order,), states=(SyncState.ERROR,))
        desk.board.forget_requests()
        second = await push(workspace, retry)

        assert second.exit_code is ExitCode.SYNCED
        assert await workspace.failed_records() == []
    items, subitems = desk.items_by_key(), desk.subitems_by_key()
    assert len(items[order]) == 1
    if kept is not None:
        assert items[order][0]["id"] == kept[0]["id"]
        assert [request.fields[0].name for request in desk.mutations] == ["create_subitem"]
        assert subitems[wrong.key][0]["parent_id"] == kept[0]["id"]
    lines = desk.rows("SELECT line_uuid, sync_state FROM ORDER_LIST_LINES_DELTA WHERE record_uuid = ?", order)
    assert {row["sync_state"] for row in lines} == {"SYNCED"}
    assert {row["line_uuid"] for row in lines} == set(subitems)
    assert all(len(found) == 1 for found in subitems.values())
    (row,) = desk.rows("SELECT * FROM ORDER_LIST_DELTA WHERE record_uuid = ?", order)
    assert (row["sync_state"], row["sync_error_message"]) == ("SYNCED", None)


async def test_who_repaired_what_is_kept(desk, push):
    wrong = WRONG_ON_PURPOSE[0]
    async with desk.opened() as workspace:
        await workspace.edit_value(RecordKind.ORDER, wrong.key, wrong.column, wrong.good_value)
    (edit,) = desk.rows("SELECT * FROM deltadesk_edit")
    assert (edit["value_before"], edit["value_after"]) == (wrong.bad_value, wrong.good_value)
    assert edit["worker"]


async def test_a_retry_of_what_is_still_wrong_fails_again_and_sends_nothing(desk, push):
    wrong = WRONG_ON_PURPOSE[0]
    async with desk.opened() as workspace:
        for expected_tries in (1, 2):
            states = (SyncState.NEW, SyncState.ERROR)
            report = await push(workspace, Selection(order_keys=(wrong.key,), states=states))
            assert report.orders.failed == 1
            (record,) = await workspace.failed_records()
            assert record.retry_count == expected_tries
    assert desk.mutations == []


async def test_a_failed_order_that_was_held_and_released_is_sent_with_its_failed_line(desk, push):
    async with desk.opened() as workspace:
        await push(workspace, Selection(("LINDEN & LOOM",)))
        (line,) = [r for r in await workspace.failed_records() if r.customer == "LINDEN & LOOM"]
        await workspace.hold([line.order_key])
        await workspace.release([line.order_key])
        report = await push(workspace, Selection(("LINDEN & LOOM",)))
        (again,) = [r for r in await workspace.failed_records() if r.customer == "LINDEN & LOOM"]
    assert (report.orders.failed, report.lines.failed) == (1, 1)
    assert again.key == line.key
