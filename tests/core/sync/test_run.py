"""How one run goes, on a real practice board: what is sent, in which order, and what stops it."""

import asyncio
import json
from dataclasses import replace

import pytest

from core.demo.testing import demo_desk
from core.errors import DeltaDeskError, StoreError
from core.orders.model import Selection, SyncState
from core.sandbox.options import Latency
from core.sync.control import RunControl
from core.sync.events import CustomerEnded, RecordEnded, RequestAnswered, RunFinished, RunStarted
from core.sync.outcome import Outcome
from core.sync.plan import Step, TargetKind

SMALL = ("ATELIER ÉTOILE",)


async def push(workspace, selection, control=None, emit=lambda _event: None, **options):
    return await workspace.run(await workspace.plan(selection), control or RunControl(), emit, **options)


async def test_a_run_begins_with_its_totals_and_ends_with_its_report(desk):
    events = []
    async with desk.opened() as workspace:
        report = await push(workspace, Selection(SMALL, limit=3), emit=events.append)
    started, finished = events[0], events[-1]
    assert isinstance(started, RunStarted)
    assert (started.orders, started.requests) == (3, 3)
    assert finished == RunFinished(report)
    assert report.orders.created == 3
    assert report.balanced
    assert [event.customer for event in events if isinstance(event, CustomerEnded)] == ["ATELIER ÉTOILE"]


async def test_every_record_is_told_with_its_id_on_the_board(desk):
    events = []
    async with desk.opened() as workspace:
        await push(workspace, Selection(SMALL, limit=3), emit=events.append)
    ended = {event.key: event for event in events if isinstance(event, RecordEnded)}
    for key, items in desk.items_by_key().items():
        if key in ended:
            assert (ended[key].outcome, ended[key].board_id) == (Outcome.CREATED, items[0]["id"])
    for key, subitems in desk.subitems_by_key().items():
        assert ended[key].board_id == subitems[0]["id"]
        assert ended[key].target is TargetKind.LINE


async def test_a_tampered_plan_is_refused_before_anything_leaves(desk):
    async with desk.opened() as workspace:
        plan = await workspace.plan(Selection(SMALL, limit=3))
        operation = plan.batches[0].subitem_requests[0].operations[0]
        operation.mutation.arguments["item_name"] = "SOMETHING ELSE"
        with pytest.raises(DeltaDeskError, match="not the one that was planned"):
            await workspace.run(plan, RunControl(), lambda _event: None)
        assert await workspace.recent_reports() == []
    assert desk.mutations == []


@pytest.mark.parametrize("step", [Step.GROUPS, Step.ITEMS, Step.SUBITEMS])
async def test_a_request_that_is_tampered_with_during_the_run_does_not_leave_and_ends_it(desk, step):
    async with desk.opened() as workspace:
        plan = await workspace.plan(Selection(SMALL, limit=3))
        victim = next(request for request in plan.requests if request.step is step)

        def tamper(event):
            if isinstance(event, RunStarted):
                victim.operations[0].mutation.arguments["item_name"] = "SOMETHING ELSE"
                victim.operations[0].mutation.arguments["group_name"] = "SOMETHING ELSE"

        report = await workspace.run(plan, RunControl(), tamper)
    assert report.stopped.code == "payload_differs_from_plan"
    assert report.balanced
    assert report.orders.not_started == 3
    assert len(desk.mutations) == list(Step).index(step)
    assert b"SOMETHING ELSE" not in b"".join(request.body for request in desk.mutations)


@pytest.mark.parametrize("change", [{"hash": "0" * 64}, {"board_id": "1", "operations": ()}])
async def test_a_request_with_another_hash_or_other_operations_is_refused(desk, change):
    async with desk.opened() as workspace:
        plan = await workspace.plan(Selection(SMALL, limit=3))
        batch = plan.batches[0]
        changed = replace(batch, item_requests=(replace(batch.item_requests[0], **change),))
        with pytest.raises(DeltaDeskError, match="not the one that was planned"):
            await workspace.run(replace(plan, batches=(changed,)), RunControl(), lambda _event: None)
    assert desk.mutations == []


# What the board saw of a run over three customers: one run, looked at by several tests.


class Witness:
    """Notes at each mutation's arrival what was under way at that moment."""

    def __init__(self, desk):
        self._desk = desk
        self.arrivals = []
        """(request, the mutations that were running when it came)"""
        desk.board.faults.add("delay", times=None, predicate=self._look)

    def _look(self, request) -> bool:
        if request.is_mutation:
            others = [r for r in self._desk.board.requests if r is not request and r.is_mutation]
            self.arrivals.append((request, [r for r in others if r.finished is None]))
        return False  # it only looks


def keys_of(request) -> list[str]:
    """`record_uuid` or `line_uuid` of each record in a request that creates some."""
    values = [json.loads(v) for name, v in request.variables.items() if name.startswith("column_values")]
    return [value.get("record_uuid") or value.get("line_uuid") for value in values]


def root_of(request) -> str:
    return request.fields[0].name


@pytest.fixture(scope="module")
def overlapping(tmp_path_factory, demo_orders_database):
    """A witness of a run over three customers with small requests, and whose order and line is whose."""
    folder = tmp_path_factory.mktemp("desk")
    options = {"toml": "limits = { records_per_request = 10 }", "latency": Latency(mutation_ms=1.0)}
    with demo_desk(folder, demo_orders_database, **options) as desk:
        witness = Witness(desk)

        async def whole():
            async with desk.opened() as workspace:
                customers = "ATELIER ÉTOILE", "LINDEN & LOOM", "PETAL & PINE KIDS"
                rows = [row for name in customers for row in await workspace.order_rows(name, limit=22)]
                plan = await workspace.plan(Selection(order_keys=tuple(row.key for row in rows)))
                await workspace.run(plan, RunControl(), lambda _event: None)
                return plan

        plan = asyncio.run(whole())
        customers = {}
        for batch in plan.batches:
            for order in batch.orders:
                customers[order.key] = batch.customer
                customers.update((line.key, batch.customer) for line in order.lines)
        yield witness.arrivals, customers


def customer_of(request, customers) -> str:
    (customer,) = {customers[key] for key in keys_of(request)}
    return customer


def test_no_subitem_is_asked_for_before_the_answer_about_its_parent(overlapping):
    arrivals, _customers = overlapping
    asked = [request for request, _ in arrivals if root_of(request) == "create_subitem"]
    assert len(asked) > 20
    for request, running in arrivals:
        if root_of(request) == "create_subitem":
            parents = {v for name, v in request.variables.items() if name.startswith("parent_item_id")}
            assert all(parent.isdigit() for parent in parents)
            assert not any(root_of(other) == "create_subitem" for other in running)


def test_a_customer_s_items_are_all_answered_before_its_subitems_are_asked_for(overlapping):
    arrivals, customers = overlapping
    begun_pass_2 = set()
    for request, running in arrivals:
        if root_of(request) == "create_subitem":
            mine = customer_of(request, customers)
            begun_pass_2.add(mine)
            still_open = [r for r in running if root_of(r) == "create_item"]
            assert mine not in {customer_of(other, customers) for other in still_open}
        elif root_of(request) == "create_item":
            assert customer_of(request, customers) not in begun_pass_2
    assert len(begun_pass_2) == 3


def test_a_board_has_never_two_requests_under_way(overlapping):
    arrivals, _customers = overlapping
    on_items_board = {"create_group", "create_item"}
    for request, running in arrivals:
        same_board = on_items_board if root_of(request) in on_items_board else {"create_subitem"}
        assert not [other for other in running if root_of(other) in same_board]


def test_one_customer_s_subitems_go_out_beside_another_one_s_items(overlapping):
    arrivals, customers = overlapping
    together = {
        (customer_of(request, customers), customer_of(other, customers))
        for request, running in arrivals
        for other in running
    }
    assert together
    assert all(one != other for one, other in together)


# Pause, stop, rehearsal


class Reader:
    """Reads the events of a run and acts at the first one that a test names."""

    def __init__(self, control: RunControl, when, act):
        self.events = []
        self._control, self._when, self._act = control, when, act
        self._acted = False

    def __call__(self, event) -> None:
        self.events.append(event)
        if not self._acted and self._when(event):
            self._acted = True
            self._act(self._control)


def first_items_answered(event) -> bool:
    return isinstance(event, RequestAnswered) and event.step is Step.ITEMS


async def test_a_paused_run_sends_nothing_until_it_is_resumed(desk):
    control = RunControl()
    paused = asyncio.Event()

    def pause(control):
        control.pause()
        paused.set()

    reader = Reader(control, first_items_answered, pause)
    async with desk.opened() as workspace:
        plan = await workspace.plan(Selection(SMALL, limit=4))
        running = asyncio.ensure_future(workspace.run(plan, control, reader))
        await paused.wait()
        sent = len(desk.mutations)
        # Anything that leaves in spite of the pause would be in this round trip's company.
        await workspace.board(refresh=True)
        await workspace.board(refresh=True)
        assert len(desk.mutations) == sent == 2
        assert not running.done()
        control.resume()
        report = await running
    assert (report.orders.created, report.orders.not_started) == (4, 0)
    assert len(desk.mutations) == 3


async def test_a_stopped_run_leaves_the_rest_pending_and_the_next_one_completes_it(desk):
    control = RunControl()
    reader = Reader(control, first_items_answered, lambda control: control.stop())
    async with desk.opened() as workspace:
        plan = await workspace.plan(Selection(SMALL, limit=4))
        report = await workspace.run(plan, control, reader)
        assert report.cancelled
        assert report.balanced
        assert (report.orders.not_started, report.lines.not_started) == (4, plan.line_count)
        assert report.stopped is None
        states = {row["sync_state"] for row in desk.rows("SELECT sync_state FROM ORDER_LIST_LINES_DELTA")}
        assert states == {"PENDING"}
        second = await push(workspace, Selection(SMALL, limit=4))
    assert second.exit_code == 0
    assert second.lines.created == plan.line_count
    planned = {order.key for order in plan.batches[0].orders}
    assert {key: len(found) for key, found in desk.items_by_key().items()} == dict.fromkeys(planned, 1)
    assert all(len(found) == 1 for found in desk.subitems_by_key().values())


async def test_a_run_that_is_stopped_before_it_begins_sends_nothing(desk):
    control = RunControl()
    control.stop()
    async with desk.opened() as workspace:
        report = await push(workspace, Selection(SMALL, limit=4), control)
    assert (report.orders.not_started, report.balanced) == (4, True)
    assert desk.mutations == []


async def test_a_rehearsal_sends_no_mutation_changes_no_state_and_says_what_would_be(desk):
    before = desk.rows("SELECT * FROM ORDER_LIST_DELTA"), desk.rows("SELECT * FROM ORDER_LIST_LINES_DELTA")
    events = []
    async with desk.opened() as workspace:
        plan = await workspace.plan(Selection())
        report = await workspace.run(plan, RunControl(), events.append, dry_run=True)
    after = desk.rows("SELECT * FROM ORDER_LIST_DELTA"), desk.rows("SELECT * FROM ORDER_LIST_LINES_DELTA")
    assert [list(map(tuple, table)) for table in before] == [list(map(tuple, table)) for table in after]
    assert desk.mutations == []
    assert report.dry_run
    assert report.balanced
    assert (report.orders.created, report.orders.failed) == (464, 5)
    assert report.api.calls == report.api.calls_before
    assert events[-1] == RunFinished(report)


# The journal


async def test_every_request_is_in_the_journal_before_it_leaves_and_its_outcome_before_the_next_one(desk):
    seen = []

    def look(request) -> bool:
        if request.is_mutation:
            rows = desk.rows("SELECT state FROM deltadesk_operation")
            seen.append([row["state"] for row in rows])
        return False

    desk.board.faults.add("delay", times=None, predicate=look)
    async with desk.opened() as workspace:
        plan = await workspace.plan(Selection(SMALL, limit=4))
        await workspace.run(plan, RunControl(), lambda _event: None)
    assert seen == [
        ["SENT"],
        ["CONFIRMED", *["SENT"] * 4],
        ["CONFIRMED"] * 5 + ["SENT"] * plan.line_count,
    ]
    assert {row["state"] for row in desk.rows("SELECT state FROM deltadesk_operation")} == {"CONFIRMED"}


async def test_a_database_that_refuses_to_write_stops_the_run_and_what_arrived_is_found_again(desk):
    fault = (
        "CREATE TRIGGER full_disk BEFORE UPDATE ON ORDER_LIST_DELTA"
        " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    )
    events = []
    async with desk.opened() as workspace:
        plan = await workspace.plan(Selection(SMALL, limit=4))
        desk.rows(fault)
        with pytest.raises(StoreError, match="the disk is full"):
            await workspace.run(plan, RunControl(), events.append)
        assert [root_of(request) for request in desk.mutations] == ["create_group", "create_item"]
        assert not any(isinstance(event, RunFinished) for event in events)
        desk.rows("DROP TRIGGER full_disk")
        report = await push(workspace, Selection(SMALL, limit=4))
    assert report.exit_code == 0
    assert len(desk.items_by_key()) == 4
    assert all(len(found) == 1 for found in desk.items_by_key().values())


async def test_the_state_of_every_sent_record_is_in_its_row(desk):
    async with desk.opened() as workspace:
        plan = await workspace.plan(Selection(SMALL, limit=4))
        await workspace.run(plan, RunControl(), lambda _event: None)
    items, subitems = desk.items_by_key(), desk.subitems_by_key()
    for order in plan.batches[0].orders:
        (row,) = desk.rows("SELECT * FROM ORDER_LIST_DELTA WHERE record_uuid = ?", order.key)
        assert (row["sync_state"], row["monday_item_id"]) == (SyncState.SYNCED, items[order.key][0]["id"])
        assert row["sync_completed_at"] is not None
        for line in order.lines:
            (row,) = desk.rows("SELECT * FROM ORDER_LIST_LINES_DELTA WHERE line_uuid = ?", line.key)
            (subitem,) = subitems[line.key]
            assert (row["sync_state"], row["monday_subitem_id"]) == ("SYNCED", subitem["id"])
            assert row["monday_parent_id"] == subitem["parent_id"] == items[order.key][0]["id"]
