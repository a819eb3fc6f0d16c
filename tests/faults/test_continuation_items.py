"""Orders with more lines than an item takes, which continue on further items: all is there, once."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.demo.testing import ITEMS_BOARD, SUBITEMS_BOARD, HurriedClock
from core.errors import ConfigurationError, ExitCode
from core.orders.model import Selection, SyncState
from core.sandbox.requests import ReceivedRequest
from core.sync.report import RunReport
from tests.faults.continued_desk import (
    continued_desk,
    differences,
    items_of,
    known_continuations,
    set_limits,
)
from tests.faults.narrow_desk import NarrowDesk, headers, lines, push
from tests.faults.processes import (
    PATIENCE_SECONDS,
    ended_at_last,
    killed_at,
    start_command,
)

RETRY = Selection(states=(SyncState.ERROR,))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NarrowDesk]:
    """An item takes three subitems, a request two records."""
    with continued_desk(tmp_path, records_per_request=2) as made:
        yield made


async def run(desk: NarrowDesk, selection: Selection | None = None) -> RunReport:
    return await push(desk, HurriedClock(desk.board), selection or Selection())


def mutations(desk: NarrowDesk) -> list[ReceivedRequest]:
    return [request for request in desk.board.requests if request.is_mutation]


def line_rows(desk: NarrowDesk, order_key: str) -> list[sa.RowMapping]:
    return [row for row in desk.rows(lines) if row["record_uuid"] == order_key]


def add_lines(desk: NarrowDesk, order_key: str, count: int) -> None:
    values = {
        "record_uuid": order_key,
        "qty": 1,
        "sync_state": "PENDING",
        "action_type": "INSERT",
        "retry_count": 0,
        "created_at": line_rows(desk, order_key)[0]["created_at"],
    }
    rows = [{**values, "line_uuid": str(uuid.uuid4()), "size_code": f"Z{place}"} for place in range(count)]
    with desk.engine.begin() as connection:
        connection.execute(sa.insert(lines), rows)


def by_parent(desk: NarrowDesk, order_key: str) -> dict[int, list[str]]:
    """The names of the subitems under each of an order's items."""
    return {
        number: [subitem["name"] for subitem in desk.board.subitems(item["id"])]
        for number, item in items_of(desk, order_key).items()
    }


def balanced(report: RunReport) -> bool:
    return report.orders.balanced and report.lines.balanced


# On the board


async def test_lines_beyond_the_limit_hang_under_further_items_named_and_keyed_after_the_order(desk):
    small, large = (desk.add_orders("ACME", 1, count)[0] for count in (2, 7))
    report = await run(desk)
    assert (report.exit_code, report.orders.created, report.lines.created) == (ExitCode.SYNCED, 2, 9)
    assert balanced(report)
    assert list(items_of(desk, small)) == [1]
    assert by_parent(desk, large) == {1: ["S0", "S1", "S2"], 2: ["S3", "S4", "S5"], 3: ["S6"]}
    assert [item["name"] for item in items_of(desk, large).values()] == ["ACME 0", "ACME 0 (2)", "ACME 0 (3)"]
    assert differences(desk) == []


async def test_an_order_of_1050_lines_becomes_11_items_and_a_second_run_sends_nothing(tmp_path):
    with continued_desk(tmp_path, 100, records_per_request=100) as desk:
        (key,) = desk.add_orders("LARGE", 1, 1050)
        report = await run(desk)
        assert (report.orders.created, report.lines.created, report.stopped) == (1, 1050, None)
        assert [len(names) for names in by_parent(desk, key).values()] == [*[100] * 10, 50]
        assert len(desk.board.items(SUBITEMS_BOARD)) == 1050
        assert differences(desk, 100) == []
        desk.board.forget_requests()
        again = await run(desk)
        assert again.orders.selected == 0
        assert mutations(desk) == []


async def test_several_writers_a_board_put_every_line_under_its_item(desk):
    set_limits(desk, 'subitem_limit = 3, beyond_subitem_limit = "continue", writers_per_board = 4')
    for customer in ("ACME", "OTHER"):
        desk.add_orders(customer, 2, 8)
    report = await run(desk)
    assert (report.orders.created, report.lines.created) == (4, 32)
    assert differences(desk) == []


async def test_an_order_that_continues_goes_by_mutations_where_others_are_imported(tmp_path):
    with continued_desk(tmp_path) as desk:
        text = desk.configuration_file.read_text(encoding="utf-8")
        desk.configuration_file.write_text(
            text.replace('mapping = "narrow"', 'mapping = "narrow"\nbulk_import = "always"', 1),
            encoding="utf-8",
        )
        (large,) = desk.add_orders("ACME", 1, 7)
        small = desk.add_orders("ACME", 3, 2)
        report = await run(desk)
        assert (report.orders.created, report.lines.created) == (4, 13)
        assert [len(items_of(desk, key)) for key in (large, *small)] == [3, 1, 1, 1]
        assert any("ingest_items" in request.operations for request in desk.board.requests)
        assert differences(desk) == []


# Lost answers and ends in the middle


@pytest.mark.parametrize("operation", ["create_item", "create_subitem"])
@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("fault", ["reset", "drop_answer", "malformed_json", "status"])
async def test_a_lost_answer_leaves_every_item_and_subitem_there_once(desk, operation, nth, fault):
    (key,) = desk.add_orders("ACME", 1, 8)
    desk.board.faults.add(fault, operation=operation, nth=nth)
    desk.board.faults.add("evict_idempotency", operation=operation, times=None)
    report = await run(desk)
    assert (report.exit_code, report.orders.created, report.lines.created) == (ExitCode.SYNCED, 1, 8)
    assert list(items_of(desk, key)) == [1, 2, 3]
    assert differences(desk) == []


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("nth", [1, 2])
async def test_a_further_item_that_is_never_heard_of_is_found_by_its_key_before_it_is_made_again(
    desk, applied, nth
):
    (key,) = desk.add_orders("ACME", 1, 8)
    fault = "drop_answer" if applied else "reset"
    desk.board.faults.add(fault, operation="create_item", nth=nth, times=None)
    desk.board.faults.add("status", times=None, predicate=lambda request: "ByKey" in request.query)
    report = await run(desk)
    assert (report.orders.unknown, report.lines.synced) == (1, 0)
    assert balanced(report)
    desk.board.faults.clear()
    report = await run(desk)
    assert report.exit_code is ExitCode.SYNCED
    assert list(items_of(desk, key)) == [1, 2, 3]
    assert differences(desk) == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("arrives", [True, False])
def test_a_run_that_is_killed_at_every_request_of_a_continued_order_has_everything_there_once(desk, arrives):
    (key,) = desk.add_orders("ACME", 1, 8)
    operations = ("create_item", "create_item", "create_subitem", "create_subitem")
    killed = sum(killed_at(desk, operation, "run", "--yes", arrives=arrives) for operation in operations)
    assert killed >= 3
    process = start_command(desk, "run", "--yes", *(["--resume"] if arrives else []))
    with ended_at_last([process]):
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, said
    assert list(items_of(desk, key)) == [1, 2, 3]
    assert differences(desk) == []


async def test_a_refused_further_item_fails_its_order_and_a_retry_makes_only_what_is_missing(tmp_path):
    with continued_desk(tmp_path) as desk:
        (key,) = desk.add_orders("ACME", 1, 8)
        desk.board.faults.add("alias_error", operation="create_item", alias=1, code="ColumnValueException")
        report = await run(desk)
        assert (report.orders.failed, report.lines.created, report.lines.skipped) == (1, 5, 3)
        assert balanced(report)
        (failure,) = report.failures
        assert failure.key == key
        assert by_parent(desk, key) == {1: ["S0", "S1", "S2"], 3: ["S6", "S7"]}
        desk.board.forget_requests()
        report = await run(desk, RETRY)
        assert (report.exit_code, report.lines.created) == (ExitCode.SYNCED, 3)
        assert by_parent(desk, key) == {1: ["S0", "S1", "S2"], 2: ["S3", "S4", "S5"], 3: ["S6", "S7"]}
        assert differences(desk) == []


# Later changes


async def test_a_changed_order_changes_its_further_items_with_its_own(desk):
    (key,) = desk.add_orders("ACME", 1, 7)
    await run(desk)
    desk.change(headers, "UPDATE", [key], alternative="second")
    report = await run(desk)
    assert (report.orders.changed, report.orders.selected) == (1, 1)
    values = [item["column_values"]["text_customer_alt_po"] for item in items_of(desk, key).values()]
    assert values == ["second"] * 3
    assert differences(desk) == []


async def test_a_changed_line_stays_under_its_further_item(desk):
    (key,) = desk.add_orders("ACME", 1, 7)
    await run(desk)
    line = next(row for row in line_rows(desk, key) if row["size_code"] == "S4")
    # Preparation knows of the order's own item only.
    own = items_of(desk, key)[1]["id"]
    desk.change(lines, "UPDATE", [line["line_uuid"]], qty=99, monday_parent_id=own)
    report = await run(desk)
    assert (report.lines.changed, report.orders.changed) == (1, 1)
    assert differences(desk) == []


async def test_new_lines_go_where_there_is_room_before_a_further_item_is_made(desk):
    (key,) = desk.add_orders("ACME", 1, 5)
    await run(desk)
    add_lines(desk, key, 2)
    report = await run(desk)
    assert report.lines.created == 2
    assert by_parent(desk, key) == {1: ["S0", "S1", "S2"], 2: ["S3", "S4", "Z0"], 3: ["Z1"]}
    gone = next(row["line_uuid"] for row in line_rows(desk, key) if row["size_code"] == "S3")
    desk.change(lines, "DELETE", [gone])
    add_lines(desk, key, 1)
    await run(desk)
    assert [len(names) for names in by_parent(desk, key).values()] == [3, 3, 1]
    assert differences(desk) == []


async def test_lines_beyond_the_room_are_refused_again_where_the_profile_says_so_later(desk):
    (key,) = desk.add_orders("ACME", 1, 5)
    await run(desk)
    set_limits(desk, "subitem_limit = 3")
    add_lines(desk, key, 1)
    assert (await run(desk)).lines.created == 1  # the second item has room for it
    add_lines(desk, key, 1)
    report = await run(desk)
    assert [failure.code for failure in report.failures] == ["too_many_lines"]
    assert list(items_of(desk, key)) == [1, 2]


# Cancelled


async def test_a_cancelled_order_leaves_the_board_with_all_its_items(desk):
    (key,) = desk.add_orders("ACME", 1, 7)
    await run(desk)
    desk.change(headers, "DELETE", [key])
    report = await run(desk)
    assert (report.orders.archived, report.orders.selected) == (1, 1)
    assert (desk.board.items(ITEMS_BOARD), desk.board.items(SUBITEMS_BOARD)) == ([], [])
    assert known_continuations(desk) == {}
    desk.board.forget_requests()
    await run(desk)
    assert mutations(desk) == []


@pytest.mark.parametrize("alias", [0, 1])
async def test_a_cancelled_order_of_which_an_item_stays_is_failed_until_it_is_gone_too(tmp_path, alias):
    with continued_desk(tmp_path) as desk:
        (key,) = desk.add_orders("ACME", 1, 7)
        await run(desk)
        desk.change(headers, "DELETE", [key])
        desk.board.faults.add(
            "alias_error", operation="archive_item", alias=alias, code="ColumnValueException"
        )
        report = await run(desk)
        assert (report.orders.failed, report.orders.archived) == (1, 0)
        assert balanced(report)
        assert len(items_of(desk, key)) == 1
        report = await run(desk, RETRY)
        assert report.orders.archived == 1
        assert (items_of(desk, key), known_continuations(desk)) == ({}, {})


# Without a key


def test_a_profile_that_continues_without_a_key_column_is_refused_with_the_line_to_correct(desk):
    text = desk.configuration_file.read_text(encoding="utf-8")
    desk.configuration_file.write_text(
        text.replace('item_key_column = "record_uuid"\n', ""), encoding="utf-8"
    )
    with pytest.raises(ConfigurationError) as caught:
        _ = desk.configuration
    problem: Any = caught.value.problem
    assert "beyond_subitem_limit" in problem.title
    assert "item_key_column in [mappings.narrow]" in problem.title
