"""Somebody changes the board while a run goes on: what is there stays right, and the operator is told."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from core.config.token import PRACTICE_TOKEN
from core.demo.testing import ITEMS_BOARD, SUBITEMS_BOARD, HurriedClock
from core.errors import BoardError, ExitCode
from core.orders.model import Selection, SyncState
from core.sandbox.session import Session
from core.sync.events import RequestAnswered, RunEvent
from core.sync.plan import Step
from core.sync.report import RunReport
from core.workspace import Workspace
from tests.faults.narrow_desk import PROFILE, NarrowDesk, headers, lines, narrow_desk, push

NEW_TOKEN = "another-practice-token"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NarrowDesk]:
    """Three orders of one customer, with two lines each; every order is a request of its own."""
    with narrow_desk(tmp_path, records_per_request=1) as made:
        made.add_orders("ACME", 3, 2)
        yield made


@pytest.fixture
def clock(desk: NarrowDesk) -> HurriedClock:
    return HurriedClock(desk.board)


def after(step: Step, number: int, action: Callable[[], None]) -> Callable[[RunEvent], None]:
    """Do something once so many requests of a step have their answers: between two requests of the run."""
    answered = 0

    def listen(event: RunEvent) -> None:
        nonlocal answered
        if isinstance(event, RequestAnswered) and event.step is step:
            answered += 1
            if answered == number:
                action()

    return listen


async def retry(desk: NarrowDesk, clock: HurriedClock) -> RunReport:
    """As `deltadesk retry` does."""
    return await push(desk, clock, Selection(states=(SyncState.ERROR,)))


def by_hand(desk: NarrowDesk, mutation: str) -> None:
    """What a person does on the board."""
    answer = httpx.post(
        desk.board.url,
        json={"query": f"mutation {{ {mutation} }}"},
        headers={"Authorization": desk.board.board.options.token},
    ).raise_for_status()
    assert "errors" not in answer.json(), answer.text


def on_the_board(desk: NarrowDesk, change: Callable[[Session], Any]) -> None:
    """What the service offers no call for."""
    desk.board.board.read(change).result()


def group_id(desk: NarrowDesk, title: str = "ACME") -> str:
    return next(group["id"] for group in desk.board.groups(ITEMS_BOARD) if group["title"] == title)


def delete_group(desk: NarrowDesk, title: str = "ACME") -> None:
    group = group_id(desk, title)
    by_hand(desk, f'delete_group(board_id: {ITEMS_BOARD}, group_id: "{group}") {{ id }}')


def states(desk: NarrowDesk, table: sa.Table) -> list[str]:
    return [row["sync_state"] for row in desk.rows(table)]


# A group


@pytest.mark.parametrize("known", [False, True], ids=["made by this run", "there before"])
async def test_a_group_that_is_deleted_between_two_requests_is_made_again_once(desk, clock, known):
    """The order whose item went with the group is told, the orders after it go on."""
    if known:
        by_hand(desk, f'create_group(board_id: {ITEMS_BOARD}, group_name: "ACME") {{ id }}')
    report = await push(desk, clock, emit=after(Step.ITEMS, 1, lambda: delete_group(desk)))
    assert [group["title"] for group in desk.board.groups(ITEMS_BOARD)].count("ACME") == 1
    assert (report.orders.created, report.orders.failed) == (2, 1)
    assert (report.lines.created, report.lines.failed) == (4, 2)
    assert report.stopped is None
    assert len(desk.board.items(ITEMS_BOARD)) == 2
    assert {item["group_id"] for item in desk.board.items(ITEMS_BOARD)} == {group_id(desk)}
    first = report.failures[0]
    assert "the order's item is no longer on the board" in first.message.lower()
    assert "ACME 0" in first.label
    assert "Restore it on the board" in first.remedy
    sent = [request for request in desk.board.requests if request.is_mutation]
    assert sum(request.fields[0].name == "create_group" for request in sent) == 2


async def test_a_group_that_is_deleted_again_and_again_fails_the_rest_of_the_customer_with_one_reason(
    desk, clock
):
    def keep_deleting(event: RunEvent) -> None:
        if isinstance(event, RequestAnswered) and event.step is Step.ITEMS:
            titles = [group["title"] for group in desk.board.groups(ITEMS_BOARD)]
            if "ACME" in titles:
                delete_group(desk)

    desk.add_orders("ZEBRA", 1, 1)
    report = await push(desk, clock, Selection(customers=("ACME",)), keep_deleting)
    codes = {failure.message for failure in report.failures if failure.kind.value == "order"}
    assert len(codes) == 1
    assert "removed from the board again" in codes.pop()
    assert report.stopped is None
    assert report.balanced
    assert (await push(desk, clock, Selection(customers=("ZEBRA",)))).exit_code is ExitCode.SYNCED


async def test_a_removed_group_that_two_customers_share_is_made_again_once(tmp_path, clock_of):
    with narrow_desk(tmp_path, records_per_request=1) as desk:
        text = desk.configuration_file.read_text(encoding="utf-8")
        desk.configuration_file.write_text(
            text.replace('group_name = "{CUSTOMER NAME}"', 'group_name = "ALL"'), encoding="utf-8"
        )
        desk.add_orders("ACME", 3, 1)
        desk.add_orders("ZEBRA", 3, 1)
        report = await push(
            desk, clock_of(desk), emit=after(Step.ITEMS, 1, lambda: delete_group(desk, "ALL"))
        )
        assert (report.orders.created, report.orders.failed) == (5, 1)
        assert [group["title"] for group in desk.board.groups(ITEMS_BOARD)].count("ALL") == 1
        assert len(desk.board.items(ITEMS_BOARD)) == 5


@pytest.fixture
def clock_of() -> Callable[[NarrowDesk], HurriedClock]:
    return lambda desk: HurriedClock(desk.board)


# An item


def archive_first_item(desk: NarrowDesk) -> None:
    item = desk.board.items(ITEMS_BOARD)[0]
    by_hand(desk, f"archive_item(item_id: {item['id']}) {{ id }}")


def restore_archive(desk: NarrowDesk) -> None:
    on_the_board(desk, lambda session: session.store.run("UPDATE item SET state = 'active'"))


async def test_an_item_that_is_archived_between_the_passes_fails_its_lines_and_once_restored_is_completed(
    desk, clock
):
    report = await push(desk, clock, emit=after(Step.ITEMS, 3, lambda: archive_first_item(desk)))
    assert (report.lines.failed, report.lines.created) == (2, 4)
    assert report.stopped is None
    assert states(desk, headers) == ["ERROR", "SYNCED", "SYNCED"]
    messages = [row["sync_error_message"] for row in desk.rows(lines) if row["sync_state"] == "ERROR"]
    assert len(messages) == 2
    assert all("no longer on the board" in message and "Restore" in message for message in messages)
    assert {failure.label.split(",")[0] for failure in report.failures} == {"ACME 0"}

    restore_archive(desk)
    assert (await retry(desk, clock)).exit_code is ExitCode.SYNCED
    assert desk.differences() == []


async def test_an_order_whose_item_was_archived_on_purpose_is_held_and_asks_for_nothing_more(desk, clock):
    await push(desk, clock, emit=after(Step.ITEMS, 3, lambda: archive_first_item(desk)))
    workspace = await Workspace.open(desk.configuration, PROFILE, clock=clock)
    try:
        await workspace.hold([record.order_key for record in await workspace.failed_records()])
    finally:
        await workspace.close()
    sent = len(desk.board.items(SUBITEMS_BOARD))
    assert (await push(desk, clock)).orders.selected == 0
    assert len(desk.board.items(SUBITEMS_BOARD)) == sent


# The token


@pytest.mark.parametrize("step", [Step.GROUPS, Step.ITEMS, Step.SUBITEMS])
async def test_a_token_that_is_revoked_stops_the_run_at_once_and_a_good_one_completes_it(
    desk, clock, monkeypatch, step
):
    def revoke() -> None:
        desk.board.board.options = replace(desk.board.board.options, token=NEW_TOKEN)

    before = desk.configuration_file.read_text(encoding="utf-8")
    report = await push(desk, clock, emit=after(step, 1, revoke))
    assert report.stopped is not None
    assert report.stopped.code == "UNAUTHORIZED"
    assert "token" in report.stopped.remedy
    assert report.failures == ()
    assert [request.status for request in desk.board.requests].count(401) == 1
    assert PRACTICE_TOKEN not in str(report.stopped)
    assert "ERROR" not in states(desk, headers) + states(desk, lines)

    monkeypatch.setenv("NEW_TOKEN", NEW_TOKEN)
    desk.configuration_file.write_text(
        before.replace('token_source = "practice-board"', 'token_source = "env:NEW_TOKEN"'), encoding="utf-8"
    )
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    assert desk.differences() == []


async def test_a_token_that_is_revoked_while_a_lost_answer_is_looked_up_is_what_the_run_ends_with(
    desk, clock, monkeypatch
):
    """The connection breaks, and when the board is asked what it has, it refuses the token."""
    desk.board.faults.add("drop_answer", operation="create_item")
    desk.board.faults.add(
        "status",
        status=401,
        body='{"errors": [{"message": "Not Authenticated", "extensions": {"code": "UNAUTHORIZED"}}]}',
        content_type="application/json",
        predicate=lambda request: request.query.startswith("query ByKey"),
        times=None,
    )
    report = await push(desk, clock)
    assert report.stopped is not None
    assert report.stopped.code == "UNAUTHORIZED"
    assert report.orders.unknown == 1
    desk.board.faults.clear()
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    assert desk.differences() == []


# The board


def drop_column(desk: NarrowDesk) -> None:
    by_hand(desk, f'delete_column(board_id: {ITEMS_BOARD}, column_id: "text_customer_alt_po") {{ id }}')


async def test_a_column_that_is_deleted_stops_the_run_with_one_finding_that_names_column_and_rule(
    desk, clock
):
    report = await push(desk, clock, emit=after(Step.ITEMS, 1, lambda: drop_column(desk)))
    assert report.stopped is not None
    assert "text_customer_alt_po" in report.stopped.title
    assert "CUSTOMER ALT PO" in report.stopped.title
    assert "mapping" in report.stopped.remedy
    assert report.failures == ()
    assert "ERROR" not in states(desk, headers) + states(desk, lines)
    assert len(desk.board.items(ITEMS_BOARD)) == 1
    refused = [request for request in desk.board.requests if request.is_mutation]
    assert sum(request.fields[0].name == "create_item" for request in refused) == 2

    text = desk.configuration_file.read_text(encoding="utf-8")
    rule = next(line for line in text.splitlines() if "text_customer_alt_po" in line)
    desk.configuration_file.write_text(text.replace(rule, ""), encoding="utf-8")
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    found = [line for line in desk.differences() if "text_customer_alt_po" not in line]
    assert found == []


async def test_a_column_that_the_api_refuses_for_a_whole_request_is_named_with_its_rule_too(desk, clock):
    desk.board.faults.add(
        "refuse_document",
        operation="create_item",
        code="InvalidColumnIdException",
        message="This column ID doesn't exist for the board: text_customer_alt_po",
        error_status=200,
    )
    report = await push(desk, clock)
    assert report.stopped is not None
    assert "rule for 'CUSTOMER ALT PO'" in report.stopped.title
    assert report.failures == ()
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    assert desk.differences() == []


def set_board(desk: NarrowDesk, **attributes: Any) -> None:
    def change(session: Session) -> None:
        store = session.store
        for name, value in attributes.items():
            store.run(
                "UPDATE board SET attributes = json_set(attributes, ?, ?) WHERE id = ?",
                (f"$.{name}", value, ITEMS_BOARD),
            )
        store._boards.pop(ITEMS_BOARD, None)

    on_the_board(desk, change)


@pytest.mark.parametrize("step", [Step.GROUPS, Step.ITEMS, Step.SUBITEMS])
async def test_a_permission_that_is_lost_stops_the_run_and_what_is_left_is_sent_when_it_is_back(
    desk, clock, step
):
    report = await push(desk, clock, emit=after(step, 1, lambda: set_board(desk, access_level="view")))
    assert report.stopped is not None
    assert "permission" in report.stopped.title
    assert "edit the board" in report.stopped.remedy
    assert report.failures == ()
    assert "ERROR" not in states(desk, headers) + states(desk, lines)
    set_board(desk, access_level="edit")
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    assert desk.differences() == []


@pytest.mark.parametrize("step", [Step.ITEMS, Step.SUBITEMS])
async def test_a_board_that_is_taken_away_stops_the_run_and_what_is_left_is_sent_when_it_is_back(
    desk, clock, step
):
    report = await push(desk, clock, emit=after(step, 1, lambda: set_board(desk, state="deleted")))
    assert report.stopped is not None
    assert "board_id" in report.stopped.remedy
    assert report.failures == ()
    with pytest.raises(BoardError) as refused:
        await push(desk, clock)
    assert refused.value.exit_code is ExitCode.USAGE
    set_board(desk, state="active")
    assert (await push(desk, clock)).exit_code is ExitCode.SYNCED
    assert desk.differences() == []


async def test_a_label_that_is_removed_fails_the_orders_that_need_it_and_the_others_go_on(desk, clock):
    text = desk.configuration_file.read_text(encoding="utf-8")
    rule = '{ source = "CUSTOMER ALT PO", column = "text_customer_alt_po", type = "text" }'
    label_rule = '{ source = "CUSTOMER ALT PO", column = "dropdown_drop", type = "dropdown" }'
    desk.configuration_file.write_text(text.replace(rule, label_rule), encoding="utf-8")
    first, second, third = (row["record_uuid"] for row in desk.rows(headers))
    desk.change(headers, "INSERT", [first, second], alternative="DROP 1")
    desk.change(headers, "INSERT", [third], alternative="DROP 2")

    report = await push(
        desk, clock, emit=after(Step.ITEMS, 1, lambda: set_label(desk, "DROP 1", deactivated=True))
    )
    assert (report.orders.created, report.orders.failed, report.stopped) == (2, 1, None)
    assert [(failure.key, failure.code) for failure in report.failures] == [(second, "ColumnValueException")]
    assert "dropdown_drop" in report.failures[0].message

    again = await retry(desk, clock)  # the plan knows the labels by now, and says it before anything is sent
    assert [failure.code for failure in again.failures] == ["label_deactivated"]
    set_label(desk, "DROP 1", deactivated=False)
    assert (await retry(desk, clock)).exit_code is ExitCode.SYNCED
    assert [line for line in desk.differences() if "text_customer_alt_po" not in line] == []


def set_label(desk: NarrowDesk, label: str, *, deactivated: bool) -> None:
    def change(session: Session) -> None:
        column = session.board(ITEMS_BOARD).columns["dropdown_drop"]
        entries = [
            {**entry, "is_deactivated": deactivated} if entry["label"] == label else entry
            for entry in column.settings["labels"]
        ]
        session.store.put_column(
            ITEMS_BOARD, replace(column, settings={**column.settings, "labels": entries})
        )

    on_the_board(desk, change)
