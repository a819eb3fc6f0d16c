"""What the window and the command ask of an open profile."""

import pytest

from core.config.load import load_configuration
from core.demo.data_wrong import WRONG_ON_PURPOSE
from core.errors import ConfigurationError, StoreError
from core.orders.model import OrderFilter, RecordKind, Selection, SyncState
from core.workspace import Workspace

CUSTOMER = "ATELIER ÉTOILE"


async def test_customers_come_with_their_counts_by_name(workspace):
    customers = await workspace.customers()
    assert len(customers) == 9
    assert customers == sorted(customers, key=lambda summary: summary.customer.casefold())
    greyson = next(summary for summary in customers if summary.customer == "GREYSON CLOTHIERS")
    assert (greyson.orders, greyson.lines, greyson.pending, greyson.failed) == (69, 317, 69, 0)


async def test_a_customer_s_orders_come_page_by_page_without_a_gap(workspace):
    pages = [await workspace.order_rows(CUSTOMER, offset=offset, limit=15) for offset in (0, 15, 30)]
    whole = await workspace.order_rows(CUSTOMER)
    assert [row for page in pages for row in page] == list(whole)
    assert len(whole) == 38


async def test_a_filter_narrows_customers_and_orders_alike(workspace, push):
    await push(Selection((CUSTOMER,), limit=2))
    synced = OrderFilter(states=(SyncState.SYNCED,))
    assert [summary.orders for summary in await workspace.customers(synced)] == [2]
    assert {row.state for row in await workspace.order_rows(CUSTOMER, synced)} == {SyncState.SYNCED}


async def test_an_order_s_detail_has_every_column_and_every_line(workspace):
    (row, *_rest) = await workspace.order_rows(CUSTOMER)
    detail = await workspace.order_detail(row.key)
    headers, _lines = workspace.source_columns()
    assert tuple(name for name, _ in detail.fields) == headers
    assert len(detail.lines) == row.lines


async def test_an_order_that_is_gone_is_told_as_such(workspace):
    with pytest.raises(ConfigurationError, match="no longer in the database"):
        await workspace.order_detail("nowhere")


async def test_the_board_is_read_once_until_it_is_asked_for_anew(desk, workspace):
    first = await workspace.board()
    calls = len(desk.board.requests)
    assert await workspace.board() is first
    assert len(desk.board.requests) == calls
    await workspace.board(refresh=True)
    assert len(desk.board.requests) == 2 * calls


async def test_a_group_s_contents_are_counted_on_the_board(workspace, push):
    assert await workspace.group_contents(CUSTOMER) == (0, 0)
    report = await push(Selection((CUSTOMER,), limit=3))
    assert await workspace.group_contents(CUSTOMER) == (3, report.lines.created)


async def test_groups_larger_than_a_page_are_counted_to_the_end(desk, workspace, push):
    await push(Selection(("SUMMERSALT", "WHITE FOX"), limit=110))
    counted = [await workspace.group_contents(title) for title in ("SUMMERSALT", "WHITE FOX")]
    assert sum(items for items, _ in counted) == len(desk.items_by_key())
    assert sum(subitems for _, subitems in counted) == len(desk.subitems_by_key())


async def test_reports_are_kept_newest_first_and_found_by_the_beginning_of_their_id(workspace, push):
    reports = [await push(Selection((CUSTOMER,), limit=1)) for _ in range(3)]
    recent = await workspace.recent_reports(2)
    assert [report.run_id for report in recent] == [reports[2].run_id, reports[1].run_id]
    assert await workspace.report(reports[0].run_id[:10]) == recent[0].__class__(**vars_of(reports[0]))


def vars_of(report) -> dict:
    """A report as it reads back: seconds are rounded to milliseconds."""
    return {
        name: round(value, 3) if name == "seconds" else value
        for name in report.__slots__
        for value in (getattr(report, name),)
    }


async def test_a_beginning_that_several_runs_share_is_refused(workspace, push):
    for _ in range(2):
        await push(Selection((CUSTOMER,), limit=1))
    with pytest.raises(ConfigurationError, match="Several runs begin with this id"):
        await workspace.report("")


async def test_every_record_in_error_is_listed_with_its_rule(workspace, push):
    lines = [wrong.key for wrong in WRONG_ON_PURPOSE if wrong.key_column == "line_uuid"]
    orders = [wrong.key for wrong in WRONG_ON_PURPOSE if wrong.key_column == "record_uuid"]
    await push(Selection(order_keys=(*orders, *lines)))
    failed = await workspace.failed_records()
    assert {record.key for record in failed} == {wrong.key for wrong in WRONG_ON_PURPOSE}
    assert failed[-1].customer == ""  # the line without a header
    codes = await workspace.finding_codes()
    for record in failed:
        assert codes[record.kind.value, record.key]
    only = await workspace.failed_records(("SUMMERSALT",))
    assert [record.customer for record in only] == ["SUMMERSALT"]


async def test_a_held_order_is_in_no_plan_until_it_is_released(workspace):
    (row, *_rest) = await workspace.order_rows(CUSTOMER)
    mine = Selection(order_keys=(row.key,))
    await workspace.hold([row.key])
    assert (await workspace.plan(mine)).order_count == 0
    await workspace.release([row.key])
    assert (await workspace.plan(mine)).order_count == 1


@pytest.mark.parametrize("column", ["sync_state", "monday_item_id", "record_uuid", "no such column"])
async def test_what_the_engine_owns_cannot_be_edited(workspace, column):
    (row, *_rest) = await workspace.order_rows(CUSTOMER)
    with pytest.raises(ConfigurationError, match="cannot be edited here"):
        await workspace.edit_value(RecordKind.ORDER, row.key, column, "x")


async def test_a_saved_mapping_is_used_at_once_and_by_the_next_one_who_opens_the_file(
    desk, workspace, mapping
):
    changed = mapping.model_copy(update={"item_name": "{AAG ORDER NUMBER}"})
    await workspace.save_mapping(changed)
    plan = await workspace.plan(Selection((CUSTOMER,), limit=1))
    (operation,) = plan.batches[0].item_requests[0].operations
    assert operation.mutation.arguments["item_name"] == plan.batches[0].orders[0].label
    assert load_configuration(desk.configuration_file).profiles["practice"].mapping_set == changed


async def test_a_mapping_that_reads_a_column_the_table_lacks_is_not_saved(desk, workspace, mapping):
    before = desk.configuration_file.read_bytes()
    first = mapping.items[0].model_copy(update={"source": "NO SUCH COLUMN"})
    with pytest.raises(ConfigurationError, match="no column 'NO SUCH COLUMN'"):
        await workspace.save_mapping(mapping.model_copy(update={"items": (first, *mapping.items[1:])}))
    assert desk.configuration_file.read_bytes() == before


async def test_a_profile_whose_token_is_missing_leaves_no_database_open(desk):
    text = desk.configuration_file.read_text(encoding="utf-8")
    file = desk.folder / "tokenless.toml"
    file.write_text(text + 'token_source = "env:NOBODY_SET_THIS"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="NOBODY_SET_THIS"):
        await Workspace.open(load_configuration(file), "practice")
    # A database that somebody still holds could not be removed from the write-ahead log's side.
    desk.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    (mode,) = desk.rows("PRAGMA journal_mode = DELETE")
    assert mode[0] == "delete"


async def test_a_database_that_is_not_there_is_told_with_its_path(desk):
    desk.orders.rename(desk.folder / "elsewhere.db")
    with pytest.raises(StoreError, match="does not exist"):
        await Workspace.open(desk.configuration, "practice")
