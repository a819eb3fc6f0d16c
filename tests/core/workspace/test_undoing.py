"""The undo of a run on a real board: what is archived, what is kept and why, and what the tables say then."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from core.demo.testing import ITEMS_BOARD, SUBITEMS_BOARD, HurriedClock
from core.errors import ConfigurationError, ExitCode
from core.orders.model import Selection, SyncState
from core.sync.control import RunControl
from core.sync.events import RequestAnswered, RunEvent
from core.sync.plan import Step
from core.sync.report import RunReport, Undone, UndoneBy
from core.sync.undo import archived_orders, kept_orders
from core.workspace import Workspace
from tests.faults.narrow_desk import PROFILE, NarrowDesk, headers, lines, narrow_desk
from tests.faults.undoing import carry_out, push, undo

TEXT = "text_customer_alt_po"
QUANTITY = "numeric_order_qty"


class KilledError(Exception):
    """The program ends here: what follows is not carried out."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NarrowDesk]:
    """Two orders of one customer, with two lines each."""
    with narrow_desk(tmp_path) as made:
        made.add_orders("ACME", 2, 2)
        yield made


@pytest.fixture
async def workspace(desk: NarrowDesk):
    opened = await Workspace.open(desk.configuration, PROFILE, clock=HurriedClock(desk.board))
    yield opened
    await opened.close()


def by_hand(desk: NarrowDesk, mutation: str) -> dict[str, Any]:
    """What a person does on the board."""
    answer = httpx.post(
        desk.board.url,
        json={"query": f"mutation {{ it: {mutation} {{ id }} }}"},
        headers={"Authorization": desk.board.token},
    ).json()
    assert "errors" not in answer, answer
    return answer["data"]["it"]


def changing(board: str, item: str, **values: str) -> str:
    text = json.dumps(json.dumps(values))
    return f"change_multiple_column_values(board_id: {board}, item_id: {item}, column_values: {text})"


def why(report: RunReport) -> list[tuple[str, str]]:
    return [(order.code, order.message) for order in report.kept]


def states(desk: NarrowDesk, table: sa.Table, board_id: str) -> set[tuple[Any, ...]]:
    return {(row["sync_state"], row["action_type"], row[board_id]) for row in desk.rows(table)}


async def test_an_undone_run_leaves_no_item_and_its_orders_are_as_if_never_sent(desk, workspace):
    run = await push(workspace)
    report = await undo(workspace, run)
    assert (report.undoes, report.exit_code, report.kept) == (run.run_id, ExitCode.SYNCED, ())
    assert (report.orders.archived, report.lines.archived) == (2, 4)
    assert report.balanced
    assert desk.board.items(ITEMS_BOARD) == desk.board.items(SUBITEMS_BOARD) == []
    assert states(desk, headers, "monday_item_id") == {("NEW", "INSERT", None)}
    assert states(desk, lines, "monday_subitem_id") == {("NEW", "INSERT", None)}
    assert {row["monday_parent_id"] for row in desk.rows(lines)} == {None}
    assert {row["sync_completed_at"] for row in desk.rows(headers)} == {None}
    # Groups stay.
    assert "ACME" in {group["title"] for group in desk.board.groups(ITEMS_BOARD)}


async def test_the_next_push_makes_everything_afresh_and_the_first_run_is_undone_once(desk, workspace):
    first = await push(workspace)
    await undo(workspace, first)
    second = await push(workspace)
    assert second.orders.created == 2
    assert desk.differences() == []
    again = await workspace.plan_undo(first.run_id)
    assert (archived_orders(again), kept_orders(again), again.undone_before) == ([], [], 2)
    assert (await undo(workspace, second)).orders.archived == 2


HAND = {
    "its name": lambda item, _sub: changing(ITEMS_BOARD, item, name="Renamed"),
    "CUSTOMER ALT PO": lambda item, _sub: changing(ITEMS_BOARD, item, **{TEXT: "typed"}),
    "its group": lambda item, _sub: f'move_item_to_group(item_id: {item}, group_id: "GROUP")',
    "updates written on it": lambda item, _sub: f'create_update(item_id: {item}, body: "Ask Ann")',
    "1 further subitem": lambda item, _sub: f'create_subitem(parent_item_id: {item}, item_name: "XL")',
    "1 subitem gone": lambda _item, sub: f"archive_item(item_id: {sub})",
    "its name of subitem S0": lambda _item, sub: changing(SUBITEMS_BOARD, sub, name="Renamed"),
    "of subitem S0": lambda _item, sub: changing(SUBITEMS_BOARD, sub, **{QUANTITY: "7"}),
    "updates written on it of subitem S0": lambda _item, sub: f'create_update(item_id: {sub}, body: "?")',
}


@pytest.mark.parametrize("change", HAND)
async def test_an_item_that_a_person_changed_is_kept_and_the_change_is_named(desk, workspace, change):
    run = await push(workspace)
    item = desk.board.items(ITEMS_BOARD)[0]
    subitem = desk.board.subitems(item["id"])[0]
    mutation = HAND[change](item["id"], subitem["id"])
    if "GROUP" in mutation:
        group = by_hand(desk, f'create_group(board_id: {ITEMS_BOARD}, group_name: "Elsewhere")')
        mutation = mutation.replace("GROUP", group["id"])
    by_hand(desk, mutation)
    report = await undo(workspace, run)
    ((code, message),) = why(report)
    assert code == "changed_by_hand"
    assert message.startswith("Changed by hand on the board: ")
    assert change in message
    assert report.exit_code is ExitCode.RECORDS_FAILED
    assert [there["id"] for there in desk.board.items(ITEMS_BOARD)] == [item["id"]]
    kept = next(row for row in desk.rows(headers) if row["monday_item_id"] is not None)
    assert (kept["sync_state"], kept["monday_item_id"]) == ("SYNCED", item["id"])


async def test_a_value_in_a_column_that_the_run_did_not_write_does_not_keep_the_item(desk, workspace):
    run = await push(workspace)
    by_hand(desk, changing(ITEMS_BOARD, desk.board.items(ITEMS_BOARD)[0]["id"], text_po_number="A note"))
    assert (await undo(workspace, run)).kept == ()


async def test_an_item_archived_by_hand_is_listed_and_its_order_stays_as_it_is(desk, workspace):
    run = await push(workspace)
    item = desk.board.items(ITEMS_BOARD)[0]["id"]
    by_hand(desk, f"archive_item(item_id: {item})")
    assert why(await undo(workspace, run)) == [
        ("gone_from_board", "Archived or deleted by hand on the board")
    ]
    assert {row["sync_state"] for row in desk.rows(headers) if row["monday_item_id"] == item} == {"SYNCED"}


async def test_an_order_that_a_later_run_changed_is_kept_and_the_run_is_named(desk, workspace):
    first = await push(workspace)
    desk.change(headers, "UPDATE", [desk.rows(headers)[0]["record_uuid"]], alternative="second")
    second = await push(workspace)
    assert why(await undo(workspace, first)) == [
        ("changed_by_later_run", f"Run {second.run_id[:8]} changed it later")
    ]


async def test_a_line_that_a_later_run_changed_keeps_its_order(desk, workspace):
    first = await push(workspace)
    desk.change(lines, "UPDATE", [desk.rows(lines)[0]["line_uuid"]], qty=99)
    second = await push(workspace)
    assert why(await undo(workspace, first)) == [
        ("changed_by_later_run", f"Run {second.run_id[:8]} changed it later")
    ]
    assert why(await undo(workspace, second)) == [
        (
            "not_made_by_run",
            "The run changed an item that it had not made, and a change cannot be taken back",
        )
    ]


async def test_a_cancelled_and_a_held_order_are_left_to_what_was_decided_about_them(desk, workspace):
    run = await push(workspace)
    cancelled, held = (row["record_uuid"] for row in desk.rows(headers))
    desk.change(headers, "DELETE", [cancelled])
    desk.change(headers, "UPDATE", [held])
    await workspace.hold([held])
    assert {code for code, _ in why(await undo(workspace, run))} == {"order_cancelled", "order_held"}
    assert desk.board.items(ITEMS_BOARD) != []


async def test_a_line_to_be_deleted_stays_one(desk, workspace):
    run = await push(workspace)
    gone = desk.rows(lines)[0]["line_uuid"]
    desk.change(lines, "DELETE", [gone])
    await undo(workspace, run)
    row = next(row for row in desk.rows(lines) if row["line_uuid"] == gone)
    assert (row["sync_state"], row["action_type"], row["monday_subitem_id"]) == ("NEW", "DELETE", None)
    await push(workspace)
    assert len(desk.board.items(SUBITEMS_BOARD)) == 3


async def test_what_a_person_changes_between_preview_and_yes_is_kept(desk, workspace):
    run = await push(workspace)
    plan = await workspace.plan_undo(run.run_id)
    item = desk.board.items(ITEMS_BOARD)[0]["id"]
    by_hand(desk, changing(ITEMS_BOARD, item, **{TEXT: "typed"}))
    report = await carry_out(workspace, plan)
    assert (report.orders.archived, [code for code, _ in why(report)]) == (1, ["changed_by_hand"])
    assert [there["id"] for there in desk.board.items(ITEMS_BOARD)] == [item]


async def test_what_another_undo_took_back_meanwhile_is_not_archived_twice(desk, workspace):
    run = await push(workspace)
    plan = await workspace.plan_undo(run.run_id)
    await undo(workspace, run)
    desk.board.forget_requests()
    report = await carry_out(workspace, plan)
    assert {code for code, _ in why(report)} == {"undone_meanwhile"}
    assert not any(request.is_mutation for request in desk.board.requests)


async def test_preparation_forgets_the_ids_of_what_was_undone(desk, workspace):
    run = await push(workspace)
    key = desk.rows(headers)[0]["record_uuid"]
    values = {"k": key, "n": "2026-11-22 09:00:00"}
    with desk.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO deltadesk_order (record_uuid, business_key, row_hash, monday_item_id,"
                " first_seen_at, last_changed_at) VALUES (:k, 'b', 'h', '1', :n, :n)"
            ),
            values,
        )
        connection.execute(
            sa.text(
                "INSERT INTO deltadesk_order_line (line_uuid, record_uuid, size_code, qty, action,"
                " monday_subitem_id) VALUES ('l', :k, 'S', 1, 'INSERT', '2')"
            ),
            values,
        )
    await undo(workspace, run)
    with desk.engine.connect() as connection:
        for table, column in (("order", "item"), ("order_line", "subitem")):
            query = sa.text(f"SELECT monday_{column}_id FROM deltadesk_{table}")
            assert connection.execute(query).scalar_one() is None


async def test_the_report_of_an_undo_is_read_back_with_its_kind_and_what_it_kept(desk, workspace):
    run = await push(workspace)
    by_hand(desk, f"archive_item(item_id: {desk.board.items(ITEMS_BOARD)[0]['id']})")
    report = await undo(workspace, run)
    assert report.to_json()["kind"] == "undo"
    assert await workspace.report(report.run_id) == (await workspace.recent_reports())[0]
    assert (await workspace.report(report.run_id)).kept == report.kept != ()
    assert run.to_json()["kind"] == "run"


async def test_an_undo_of_an_undo_and_of_a_rehearsed_undo_change_nothing(desk, workspace):
    run = await push(workspace)
    plan = await workspace.plan_undo(run.run_id)
    rehearsed = await carry_out(workspace, plan, dry_run=True)
    assert (rehearsed.orders.archived, len(desk.board.items(ITEMS_BOARD))) == (2, 2)
    undone = await carry_out(workspace, plan)
    again = await workspace.plan_undo(undone.run_id)
    assert (archived_orders(again), kept_orders(again)) == ([], [])


@pytest.mark.parametrize("case", ["unknown", "dry run", "other board"])
async def test_a_run_that_cannot_be_undone_is_refused_with_the_reason(desk, workspace, case):
    run = await carry_out(workspace, await workspace.plan(Selection()), dry_run=case == "dry run")
    code, run_id = {"unknown": ("run_not_found", "nothing"), "dry run": ("dry_run", run.run_id)}.get(
        case, ("run_of_another_board", run.run_id)
    )
    if case == "other board":
        with desk.engine.begin() as connection:
            connection.execute(sa.text("UPDATE deltadesk_run SET board_id = '1'"))
    with pytest.raises(ConfigurationError) as refused:
        await workspace.plan_undo(run_id)
    assert refused.value.problem.code == code


async def test_no_id_at_all_names_no_run(desk, workspace):
    await push(workspace)
    with pytest.raises(ConfigurationError):
        await workspace.plan_undo("")


async def test_an_order_whose_archiving_the_board_refuses_stays_what_it_was(desk, workspace):
    run = await push(workspace)
    plan = await workspace.plan_undo(run.run_id)
    desk.board.faults.add("alias_error", operation="archive_item", alias=0, code="ColumnValueException")
    report = await carry_out(workspace, plan)
    assert (report.orders.archived, report.orders.failed) == (1, 1)
    assert sorted(row["sync_state"] for row in desk.rows(headers)) == [SyncState.NEW, SyncState.SYNCED]
    assert await workspace.finding_codes() == {}


async def test_the_rest_of_a_run_that_is_undone_is_not_offered_any_more(desk, workspace):
    control = RunControl()
    desk.add_orders("BOLT", 1, 1)
    desk.board.faults.add("rate_limit", operation="create_item", nth=2, limit="daily", times=None)
    stopped = await workspace.run(await workspace.plan(Selection()), control, lambda _event: None)
    desk.board.faults.clear()
    assert [run.run_id for run in await workspace.interrupted_runs()] == [stopped.run_id]
    undone = await undo(workspace, stopped)
    assert undone.orders.archived == 2
    assert await workspace.interrupted_runs() == []


async def test_the_report_of_an_undone_run_says_by_which_run_when_and_that_nothing_is_left(desk, workspace):
    run = await push(workspace)
    assert (await workspace.report(run.run_id)).undone is None
    report = await undo(workspace, run)
    told = await workspace.report(run.run_id)
    assert told.undone == Undone(2, (UndoneBy(report.run_id, report.started_at, 2),))
    assert told.undone.left == 0
    assert [each.undone for each in await workspace.recent_reports()] == [None, told.undone]


async def test_the_report_of_a_run_undone_in_part_counts_what_is_left_until_a_later_undo_takes_it(
    desk, workspace
):
    run = await push(workspace)
    item = desk.board.items(ITEMS_BOARD)[0]["id"]
    by_hand(desk, changing(ITEMS_BOARD, item, name="Renamed"))
    first = await undo(workspace, run)
    undone = (await workspace.report(run.run_id)).undone
    assert (undone.made, undone.archived, undone.left) == (2, 1, 1)
    number = next(row["number"] for row in desk.rows(headers) if row["monday_item_id"] == item)
    by_hand(desk, changing(ITEMS_BOARD, item, name=number))
    second = await undo(workspace, run)
    undone = (await workspace.report(run.run_id)).undone
    assert [(by.run_id, by.items) for by in undone.by] == [(first.run_id, 1), (second.run_id, 1)]
    assert undone.left == 0


async def test_an_undo_that_archived_nothing_leaves_the_report_of_the_run_as_it_is(desk, workspace):
    run = await push(workspace)
    for item in desk.board.items(ITEMS_BOARD):
        by_hand(desk, changing(ITEMS_BOARD, item["id"], name="Renamed"))
    await undo(workspace, run)
    assert (await workspace.report(run.run_id)).undone is None


async def test_what_is_pushed_again_after_an_undo_is_not_told_of_the_run_that_made_it_first(desk, workspace):
    first = await push(workspace)
    await undo(workspace, first)
    second = await push(workspace)
    reports = {report.run_id: report for report in await workspace.recent_reports()}
    assert reports[first.run_id].undone.left == 0
    assert reports[second.run_id].undone is None


async def test_a_rehearsed_undo_undoes_nothing_in_the_report_either(desk, workspace):
    run = await push(workspace)
    await carry_out(workspace, await workspace.plan_undo(run.run_id), dry_run=True)
    assert (await workspace.report(run.run_id)).undone is None


async def test_a_run_that_was_cut_off_has_a_report_after_its_undo(desk, workspace):
    def end(event: RunEvent) -> None:
        if isinstance(event, RequestAnswered) and event.step is Step.ITEMS:
            raise KilledError

    with pytest.raises(KilledError):
        await workspace.run(await workspace.plan(Selection()), RunControl(), end)
    (run,) = await workspace.interrupted_runs()
    await carry_out(workspace, await workspace.plan_undo(run.run_id))
    told = await workspace.report(run.run_id)
    assert told.stopped.code == "run_interrupted"
    assert (told.undone.made, told.undone.left) == (2, 0)


async def test_the_reports_of_runs_that_resumed_one_another_tell_of_their_undo_alike(desk, workspace):
    desk.board.faults.add("rate_limit", operation="create_subitem", limit="daily", times=None)
    first = await push(workspace)
    desk.board.faults.clear()
    interrupted = await workspace.interrupted_run()
    last = await carry_out(workspace, await workspace.plan(interrupted.selection))
    report = await undo(workspace, first)
    told = {each.run_id: each for each in await workspace.recent_reports()}
    by = (UndoneBy(report.run_id, report.started_at, 2),)
    assert told[first.run_id].undone == Undone(2, by, (last.run_id,))
    assert told[last.run_id].undone == Undone(2, by, (first.run_id,))
    assert told[report.run_id].undoes == last.run_id
    assert told[report.run_id].undoes_also == (first.run_id,)
