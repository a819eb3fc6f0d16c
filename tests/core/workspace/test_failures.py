"""What the Failures page learns about one record."""

import json

import pytest

from core.config.token import PRACTICE_TOKEN
from core.orders.model import RecordKind, Selection

CUSTOMER = "ATELIER ÉTOILE"


async def test_a_value_that_we_refused_names_the_column_to_edit_and_has_no_exchange(workspace, push):
    await push(Selection(("SUMMERSALT",)))
    (record,) = await workspace.failed_records()
    detail = await workspace.failure_detail(record)
    assert (detail.problem.code, detail.source, detail.value) == (
        "label_not_on_board",
        "CATEGORY",
        "Cut & Sew",
    )
    assert (detail.request, detail.response) == ("", "")
    assert dict(detail.fields)["CATEGORY"] == "Cut & Sew"


@pytest.mark.parametrize(
    ("operation", "kind"), [("create_item", RecordKind.ORDER), ("create_subitem", RecordKind.LINE)]
)
async def test_a_record_that_the_board_refused_shows_what_was_said_on_both_sides(
    desk, workspace, push, operation, kind
):
    desk.board.faults.add(
        "alias_error", operation=operation, alias=0, code="ColumnValueException", message="invalid value"
    )
    await push(Selection((CUSTOMER,), limit=2))
    (record,) = await workspace.failed_records()
    detail = await workspace.failure_detail(record)
    assert (record.kind, detail.problem.code, detail.source) == (kind, "ColumnValueException", "")
    assert operation in json.loads(detail.request)["query"]
    assert json.loads(detail.response)["errors"][0]["message"] == "invalid value"
    assert "\n  " in detail.request
    assert PRACTICE_TOKEN not in detail.request + detail.response


async def test_a_record_that_somebody_else_put_into_error_is_explained_by_its_message(desk, workspace):
    (row, *_rest) = await workspace.order_rows(CUSTOMER)
    desk.rows(
        "UPDATE ORDER_LIST_DELTA SET sync_state = 'ERROR', sync_error_message = 'by hand'"
        " WHERE record_uuid = ?",
        row.key,
    )
    (record,) = await workspace.failed_records()
    detail = await workspace.failure_detail(record)
    assert (detail.problem.code, detail.problem.title) == ("unexplained", "by hand")
