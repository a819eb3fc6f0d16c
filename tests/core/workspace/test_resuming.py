"""Runs that were interrupted: which are offered, what is left of them, and what a resumption sends."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from core.demo.data_wrong import WRONG_ON_PURPOSE
from core.errors import ConfigurationError
from core.orders.model import PENDING_STATES, Selection, SyncState
from core.sync.control import RunControl
from core.sync.events import RequestAnswered, RequestSent, RunEvent
from core.sync.plan import Step

CUSTOMER = "ATELIER ÉTOILE"
FEW = Selection((CUSTOMER,), limit=6)


class KilledError(Exception):
    """The program ends here: what follows is not carried out."""


@pytest.fixture(autouse=True)
def small_requests(add_profile, desk):
    """Two orders a request, so that a run of six can break off between them."""
    text = desk.configuration_file.read_text(encoding="utf-8")
    desk.configuration_file.write_text(
        f"{text}\n[profiles.practice.limits]\nrecords_per_request = 2\n", encoding="utf-8"
    )


@pytest.fixture
def cut_off(workspace) -> Callable:
    """Start a run that breaks off, as if killed, after so many answers about items."""

    async def run(selection: Selection = FEW, after: int = 1, step: Step = Step.ITEMS):
        plan = await workspace.plan(selection)
        answers = 0

        def emit(event: RunEvent) -> None:
            nonlocal answers
            answers += isinstance(event, RequestAnswered) and event.step is step
            if answers == after:
                raise KilledError

        with pytest.raises(KilledError):
            await workspace.run(plan, RunControl(), emit)
        return plan

    return run


@pytest.fixture
def stopped(workspace) -> Callable:
    """Start a run that a person stops as soon as its first items are sent."""

    async def run(selection: Selection = FEW):
        control = RunControl()

        def emit(event: RunEvent) -> None:
            if isinstance(event, RequestSent) and event.step is Step.ITEMS:
                control.stop()

        return await workspace.run(await workspace.plan(selection), control, emit)

    return run


async def resume(workspace, run_id: str = ""):
    interrupted = await workspace.interrupted_run(run_id)
    plan = await workspace.plan(interrupted.selection)
    return await workspace.run(plan, RunControl(), lambda _event: None)


def keys_of(plan) -> set[str]:
    return {order.key for batch in plan.batches for order in batch.orders}


async def test_a_run_that_was_cut_off_is_offered_with_what_it_set_out_to_send_and_what_is_left(
    workspace, cut_off
):
    plan = await cut_off()
    (run,) = await workspace.interrupted_runs()
    assert (run.customers, run.orders, run.ended_early, run.profile) == ((CUSTOMER,), 6, False, "practice")
    assert set(run.unfinished) == keys_of(plan)
    assert run.selection.resumes == run.run_id


async def test_what_the_journal_knows_of_a_run_that_was_cut_off_is_told_as_a_report_that_balances(
    workspace, cut_off
):
    await cut_off()
    (run,) = await workspace.interrupted_runs()
    orders, lines = run.report.orders, run.report.lines
    assert (orders.selected, orders.created, orders.not_started) == (6, 0, 6)
    assert lines.selected == 0
    assert run.report.balanced
    assert run.report.stopped.code == "run_interrupted"
    assert run.report.api.calls == 2


async def test_orders_that_were_through_are_told_as_made_and_lines_as_far_as_they_were_sent(
    workspace, desk, cut_off
):
    await cut_off(after=2, step=Step.SUBITEMS)
    (run,) = await workspace.interrupted_runs()
    done = desk.rows("SELECT 1 FROM ORDER_LIST_DELTA WHERE sync_state = 'SYNCED'")
    assert 0 < len(done) < 6
    assert (run.report.orders.created, run.report.orders.not_started) == (len(done), 6 - len(done))
    assert run.report.lines.created == len(desk.subitems_by_key())


async def test_what_a_run_that_was_cut_off_had_put_into_error_is_told_as_failed(workspace, desk, cut_off):
    await cut_off(Selection(("LINDEN & LOOM", "SUMMERSALT")))
    (run,) = await workspace.interrupted_runs()
    wrong = [each for each in WRONG_ON_PURPOSE if each.customer in {"LINDEN & LOOM", "SUMMERSALT"}]
    told = {(failure.key, failure.customer) for failure in run.report.failures}
    assert told == {(each.key, each.customer) for each in wrong}
    assert all(failure.label and failure.message and failure.remedy for failure in run.report.failures)
    in_error = {
        kind: len(desk.rows(f"SELECT 1 FROM ORDER_LIST_{table}DELTA WHERE sync_state = 'ERROR'"))
        for kind, table in (("orders", ""), ("lines", "LINES_"))
    }
    failed = {"orders": run.report.orders.failed, "lines": run.report.lines.failed}
    assert failed == in_error
    assert sum(failed.values()) >= 2
    assert run.report.balanced


async def test_what_was_in_error_before_a_run_that_was_cut_off_is_not_its_failure(workspace, push, cut_off):
    await push(Selection(("LINDEN & LOOM",)))
    await cut_off()
    (run,) = await workspace.interrupted_runs()
    assert (run.report.failures, run.report.orders.failed, run.report.lines.failed) == ((), 0, 0)


async def test_the_account_of_a_run_that_was_cut_off_names_its_mapping(workspace, cut_off):
    await cut_off()
    (run,) = await workspace.interrupted_runs()
    assert (run.report.mapping, run.report.mapping_version) == (workspace.profile.mapping, 1)


async def test_the_account_of_a_run_that_was_cut_off_does_not_grow_by_what_later_runs_find_and_send(
    desk, workspace, cut_off, push
):
    await cut_off()
    (run,) = await workspace.interrupted_runs()
    # Its last request arrived, and the answer was not heard.
    uuid = desk.rows("SELECT request_uuid FROM deltadesk_request ORDER BY sent_at DESC")[0]["request_uuid"]
    desk.rows("UPDATE deltadesk_operation SET state = 'SENT' WHERE request_uuid = ?", uuid)
    desk.rows("UPDATE deltadesk_request SET answered_at = NULL WHERE request_uuid = ?", uuid)
    (run,) = await workspace.interrupted_runs()
    assert run.report.orders.unknown == 2
    await desk.clock.sleep(60)
    await push(Selection((CUSTOMER,)))
    assert (await workspace.report(run.run_id)).to_json() == run.report.to_json()
    assert run.report.seconds < 30


@pytest.mark.parametrize("by", ["resuming", "dismissing", "sharing"])
async def test_the_account_of_a_run_that_was_cut_off_is_kept_when_it_is_settled(workspace, cut_off, by):
    await cut_off()
    (run,) = await workspace.interrupted_runs()
    if by == "resuming":
        await resume(workspace)
    elif by == "dismissing":
        await workspace.dismiss_run(run.run_id)
    else:
        await workspace.share(RunControl(), lambda _event: None, selection=run.selection)
    kept = await workspace.report(run.run_id)
    assert kept.to_json() == run.report.to_json()
    assert run.run_id in {report.run_id for report in await workspace.recent_reports()}


async def test_the_report_of_a_run_that_ended_early_stays_its_own(workspace, stopped):
    report = await stopped()
    await resume(workspace)
    assert (await workspace.report(report.run_id)).to_json() == report.to_json()


async def test_a_resumption_sends_the_rest_and_nothing_twice_and_the_run_is_not_offered_again(
    desk, workspace, cut_off
):
    plan = await cut_off()
    before = {key: found[0]["id"] for key, found in desk.items_by_key().items()}
    assert 0 < len(before) < 6
    report = await resume(workspace)
    assert report.exit_code == 0
    assert report.resumes is not None
    items = desk.items_by_key()
    assert set(items) == keys_of(plan)
    assert all(len(found) == 1 for found in items.values())
    assert {key: items[key][0]["id"] for key in before} == before
    assert await workspace.interrupted_runs() == []
    assert len(desk.rows("SELECT 1 FROM ORDER_LIST_DELTA WHERE sync_state = 'SYNCED'")) == 6


async def test_orders_that_had_no_request_yet_are_resumed_too_and_no_others_that_arrived_since(
    workspace, desk, cut_off
):
    wanted = keys_of(await cut_off(after=1))
    pending = desk.rows("SELECT COUNT(*) AS n FROM ORDER_LIST_DELTA WHERE sync_state IN ('NEW', 'PENDING')")
    assert pending[0]["n"] > 6
    assert keys_of(await workspace.plan((await workspace.interrupted_run()).selection)) == wanted


async def test_a_run_that_was_stopped_is_offered_with_what_it_did_not_send(workspace, stopped):
    report = await stopped()
    (run,) = await workspace.interrupted_runs()
    assert (run.run_id, run.ended_early) == (report.run_id, True)
    assert 0 < len(run.unfinished) <= 6
    assert (await resume(workspace)).exit_code == 0
    assert await workspace.interrupted_runs() == []


async def test_a_run_whose_answers_were_lost_is_offered(workspace, desk, push):
    desk.board.faults.add("reset", operation="create_item", times=None)
    report = await push(FEW)
    assert report.resumable
    desk.board.faults.clear()
    (run,) = await workspace.interrupted_runs()
    assert (run.run_id, len(run.unfinished)) == (report.run_id, 6)


async def test_a_run_that_came_to_its_end_is_not_offered_though_some_of_its_orders_failed(workspace, push):
    report = await push(Selection(("LINDEN & LOOM",)))
    assert report.orders.failed == 1
    assert await workspace.interrupted_runs() == []


async def test_a_dry_run_is_not_offered(workspace):
    plan = await workspace.plan(FEW)

    def emit(_event: RunEvent) -> None:
        raise KilledError

    with suppress(KilledError):
        await workspace.run(plan, RunControl(), emit, dry_run=True)
    assert await workspace.interrupted_runs() == []


async def test_a_run_that_goes_on_is_not_offered(desk, workspace):
    control = RunControl()
    seen = []

    async def look() -> None:
        async with desk.opened() as another:
            seen.append(await another.interrupted_runs())
        control.resume()

    looking: list[asyncio.Task] = []

    def emit(event: RunEvent) -> None:
        if isinstance(event, RequestAnswered) and event.step is Step.ITEMS and not looking:
            control.pause()
            looking.append(asyncio.ensure_future(look()))

    report = await workspace.run(await workspace.plan(FEW), control, emit)
    await looking[0]
    assert seen == [[]]
    assert report.exit_code == 0


async def test_orders_that_another_run_has_sent_since_are_not_counted_and_with_the_last_the_offer_ends(
    workspace, cut_off, push
):
    plan = await cut_off()
    await push(Selection(order_keys=tuple(sorted(keys_of(plan)))[:2]))
    (run,) = await workspace.interrupted_runs()
    assert (len(run.unfinished), run.orders) == (4, 6)
    await push(Selection((CUSTOMER,)))
    assert await workspace.interrupted_runs() == []


async def test_an_order_that_was_put_on_hold_since_is_left_out(workspace, cut_off):
    plan = await cut_off()
    held = min(keys_of(plan))
    await workspace.hold([held])
    (run,) = await workspace.interrupted_runs()
    assert set(run.unfinished) == keys_of(plan) - {held}


async def test_a_dismissed_run_is_not_offered_and_its_orders_stay_pending(workspace, desk, cut_off):
    plan = await cut_off()
    (run,) = await workspace.interrupted_runs()
    await workspace.dismiss_run(run.run_id)
    assert await workspace.interrupted_runs() == []
    assert keys_of(await workspace.plan(Selection(order_keys=run.unfinished))) == keys_of(plan)


@pytest.mark.parametrize(("claim", "offered"), [("+5 minutes", False), ("-1 second", True)])
async def test_a_run_of_another_machine_is_offered_when_its_claims_have_run_out(
    workspace, desk, cut_off, claim, offered
):
    await cut_off()
    desk.rows("UPDATE deltadesk_run SET worker = 'elsewhere:7'")
    desk.rows(
        "INSERT INTO deltadesk_claim VALUES ('o', 'elsewhere:7:token',"
        " strftime('%Y-%m-%d %H:%M:%f000', 'now', ?), strftime('%Y-%m-%d %H:%M:%f000', 'now'))",
        claim,
    )
    assert bool(await workspace.interrupted_runs()) is offered


async def test_a_rehearsal_of_a_resumption_leaves_the_offer_as_it_is(workspace, cut_off):
    await cut_off()
    before = await workspace.interrupted_runs()
    plan = await workspace.plan(before[0].selection)
    await workspace.run(plan, RunControl(), lambda _event: None, dry_run=True)
    assert await workspace.interrupted_runs() == before


async def test_a_resumption_that_is_interrupted_is_offered_in_the_place_of_the_first_run(workspace, cut_off):
    await cut_off()
    (first,) = await workspace.interrupted_runs()
    await cut_off(first.selection)
    (second,) = await workspace.interrupted_runs()
    assert second.run_id != first.run_id
    assert (await resume(workspace)).exit_code == 0
    assert await workspace.interrupted_runs() == []


async def test_where_records_had_to_be_left_alone_the_run_is_offered_again(workspace, cut_off):
    await cut_off()
    (run,) = await workspace.interrupted_runs()
    plan = replace(await workspace.plan(run.selection), left_alone=1, batches=())
    await workspace.run(plan, RunControl(), lambda _event: None)
    assert [each.run_id for each in await workspace.interrupted_runs()] == [run.run_id]


async def test_an_undo_settles_the_run_that_it_undoes_and_is_not_resumed_itself(workspace, cut_off):
    await cut_off()
    (run,) = await workspace.interrupted_runs()
    plan = replace(await workspace.plan(FEW), undoes=run.run_id, batches=(), group_requests=())
    await workspace.run(plan, RunControl(), lambda _event: None)
    assert await workspace.interrupted_runs() == []
    assert desk_scopes(workspace) == [None]


def desk_scopes(workspace) -> list:
    with workspace._store.engine.connect() as connection:
        query = "SELECT scope FROM deltadesk_run WHERE settled_by IS NULL"
        return [row[0] for row in connection.exec_driver_sql(query)]


async def test_an_interrupted_retry_takes_up_what_is_still_in_error(workspace, desk, push, cut_off):
    await push(Selection(("LINDEN & LOOM",)))
    (failed,) = [record for record in await workspace.failed_records() if record.kind == "line"]
    await workspace.edit_value(failed.kind, failed.key, "size_code", "XXS")
    retry = Selection(order_keys=(failed.order_key,), states=(SyncState.ERROR,))
    await cut_off(retry, step=Step.SUBITEMS)
    assert await workspace.interrupted_runs() == []  # its one line was confirmed before the program ended
    desk.rows("UPDATE ORDER_LIST_DELTA SET sync_state = 'ERROR' WHERE record_uuid = ?", failed.order_key)
    (run,) = await workspace.interrupted_runs()
    assert run.selection.states == (SyncState.ERROR, *PENDING_STATES)
    assert run.unfinished == (failed.order_key,)


async def test_the_newest_of_several_comes_first_and_one_is_found_by_the_beginning_of_its_id(
    workspace, cut_off
):
    await cut_off(Selection((CUSTOMER,), limit=2))
    (first,) = await workspace.interrupted_runs()
    await cut_off(Selection(("SUMMERSALT",), limit=2))
    newest, older = await workspace.interrupted_runs()
    assert older.run_id == first.run_id
    assert (await workspace.interrupted_run()).run_id == newest.run_id
    assert (await workspace.interrupted_run(first.run_id[:12])).run_id == first.run_id


async def test_where_no_run_was_interrupted_there_is_none(workspace, push):
    assert await workspace.interrupted_run() is None
    report = await push(Selection((CUSTOMER,), limit=1))
    with pytest.raises(ConfigurationError, match="nothing to resume"):
        await workspace.interrupted_run(report.run_id)


async def test_a_resumption_beside_other_workers_settles_the_run_when_all_portions_are_through(
    workspace, cut_off
):
    plan = await cut_off()
    (run,) = await workspace.interrupted_runs()
    reports = await workspace.share(RunControl(), lambda _event: None, size=4, selection=run.selection)
    assert [report.orders.selected for report in reports] == [4, 2]
    assert {report.resumes for report in reports} == {None}
    assert sum(report.orders.synced for report in reports) == len(keys_of(plan))
    assert await workspace.interrupted_runs() == []
