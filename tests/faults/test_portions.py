"""A run that is planned in portions is one run: same board, same report, each record once."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.demo.testing import ITEMS_BOARD, HurriedClock
from core.errors import Problem, StoreError
from core.orders.model import Selection
from core.orders.store import OrderStore
from core.sandbox.requests import ReceivedRequest
from core.sync.control import RunControl
from core.sync.events import CustomerEnded, RequestAnswered, RunEvent, RunStarted
from core.sync.plan import Step
from core.sync.report import RunReport
from core.workspace import Workspace
from core.workspace.streaming import PortionSize
from tests.faults.narrow_desk import NarrowDesk, headers, lines, narrow_desk
from tests.faults.processes import PATIENCE_SECONDS, ROOT, wait_for_what_arrived
from tests.faults.run_portions import SMALL

ORDERS = {"ACME": 7, "BOLT": 2, "CONE": 3, "DUNE": 1}
"""ACME needs two portions and is continued in the second one."""

GONE = Problem("database_unreachable", "The database does not answer", "orders.db", "Look after it.")
Emit = Callable[[RunEvent], None]


class KilledError(Exception):
    """The program ends here: what follows is not carried out."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NarrowDesk]:
    """Thirteen orders of four customers, two lines each; two records a request."""
    with narrow_desk(tmp_path, records_per_request=2) as made:
        fill(made)
        yield made


def fill(desk: NarrowDesk) -> None:
    for customer, orders in ORDERS.items():
        desk.add_orders(customer, orders, 2)


async def stream(
    desk: NarrowDesk,
    emit: Emit = lambda _event: None,
    *,
    control: RunControl | None = None,
    selection: Selection | None = None,
    size: PortionSize = SMALL,
) -> RunReport:
    """Send all that is pending, as `deltadesk run --yes` does, in portions of this size."""
    workspace = await Workspace.open(desk.configuration, clock=HurriedClock(desk.board))
    try:
        opened = await workspace.open_stream(selection or Selection(), size)
        return await workspace.run_stream(opened, control or RunControl(), emit)
    finally:
        await workspace.close()


async def resume(desk: NarrowDesk, *, size: PortionSize = SMALL) -> RunReport:
    """As `deltadesk run --resume --yes` does."""
    workspace = await Workspace.open(desk.configuration, clock=HurriedClock(desk.board))
    try:
        run = await workspace.interrupted_run()
        opened = await workspace.open_stream(run.selection, size)
        return await workspace.run_stream(opened, RunControl(), lambda _event: None)
    finally:
        await workspace.close()


def answered(customer: str, step: Step, action: Callable[[], None]) -> Emit:
    """Do something at the first answer to a request of a customer's step."""

    def listen(event: RunEvent) -> None:
        nonlocal done
        if isinstance(event, RequestAnswered) and (event.customer, event.step) == (customer, step):
            done or action()
            done = True

    done = False
    return listen


def kill() -> None:
    raise KilledError


def board_of(desk: NarrowDesk) -> dict[str, Any]:
    """Everything on the board, without the ids that it gives."""
    titles = {group["id"]: group["title"] for group in desk.board.groups(ITEMS_BOARD)}
    return {
        item["name"]: (
            titles[item["group_id"]],
            sorted(subitem["name"] for subitem in desk.board.subitems(item["id"])),
        )
        for item in desk.board.items(ITEMS_BOARD)
    }


def said(report: RunReport) -> dict[str, Any]:
    """What a report says of records."""
    told = report.to_json()
    return {
        name: told[name]
        for name in ("orders", "lines", "customers", "failures", "groups_created", "withheld", "left_alone")
    }


async def test_portions_leave_the_same_board_and_the_same_report_as_one_plan(tmp_path):
    boards, reports = [], []
    for name, size in (("whole", PortionSize()), ("portions", SMALL)):
        (tmp_path / name).mkdir()
        with narrow_desk(tmp_path / name, records_per_request=2) as desk:
            fill(desk)
            reports.append(await stream(desk, size=size))
            assert desk.differences() == []
            boards.append(board_of(desk))
    assert boards[0] == boards[1]
    assert len(boards[0]) == sum(ORDERS.values())
    assert said(reports[0]) == said(reports[1])


async def test_findings_are_told_as_in_one_plan_lines_without_a_header_last(tmp_path):
    reports = []
    for name, size in (("whole", PortionSize()), ("portions", SMALL)):
        (tmp_path / name).mkdir()
        with narrow_desk(tmp_path / name, records_per_request=2) as desk:
            fill(desk)
            with desk.engine.begin() as connection:
                connection.execute(
                    sa.update(lines).where(lines.c.size_code == "S1").values(qty=None, size_code="")
                )
                orphan = dict.fromkeys(("line_uuid", "record_uuid"), "nowhere")
                connection.execute(
                    sa.insert(lines).values(
                        **orphan, size_code="S", qty=1, sync_state="PENDING", action_type="INSERT"
                    )
                )
            reports.append(await stream(desk, size=size))
    for report in reports:
        assert report.balanced
        assert (report.failures[-1].customer, report.failures[-1].key) == ("", "nowhere")
    assert [failure.code for failure in reports[0].failures] == [f.code for f in reports[1].failures]
    assert [c.customer for c in reports[1].customers] == [*ORDERS, ""]


async def test_a_customer_in_two_portions_is_one_in_the_report_and_has_one_group_and_one_end(desk):
    events: list[RunEvent] = []
    report = await stream(desk, events.append)
    assert [part.customer for part in report.customers] == list(ORDERS)
    assert report.customers[0].orders.created == ORDERS["ACME"]
    assert Counter(event.customer for event in events if isinstance(event, CustomerEnded)) == dict.fromkeys(
        ORDERS, 1
    )
    ended = next(e for e in events if isinstance(e, CustomerEnded) and e.customer == "ACME")
    assert ended.synced == ORDERS["ACME"] * 3
    assert Counter(group["title"] for group in desk.board.groups(ITEMS_BOARD))["ACME"] == 1
    assert report.groups_created == len(ORDERS)


async def test_the_totals_are_told_at_the_beginning_and_the_run_is_one_in_the_journal(desk):
    events: list[RunEvent] = []
    report = await stream(desk, events.append)
    started = [event for event in events if isinstance(event, RunStarted)]
    assert [(s.orders, s.lines, s.run_id) for s in started] == [(13, 26, report.run_id)]
    assert {c.customer: c.orders for c in started[0].customers} == ORDERS
    workspace = await Workspace.open(desk.configuration)
    try:
        assert [kept.run_id for kept in await workspace.recent_reports()] == [report.run_id]
        assert await workspace.interrupted_runs() == []
    finally:
        await workspace.close()
    with desk.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT COUNT(*) FROM deltadesk_claim")).scalar_one() == 0


@pytest.mark.parametrize(
    ("customer", "step"),
    [("ACME", Step.ITEMS), ("ACME", Step.SUBITEMS), ("CONE", Step.ITEMS), ("DUNE", Step.SUBITEMS)],
)
async def test_a_run_that_dies_in_any_portion_is_resumed_as_a_whole_and_each_record_is_there_once(
    desk, customer, step
):
    with pytest.raises(KilledError):
        await stream(desk, answered(customer, step, kill))
    report = await resume(desk)
    assert report.balanced
    assert desk.differences() == []


@pytest.mark.parametrize("nth", [3, 9, 16])
def test_a_process_that_is_killed_in_any_portion_leaves_what_a_resumption_completes(desk, nth):
    mutations = 0

    def kills(request: ReceivedRequest) -> bool:
        nonlocal mutations
        mutations += request.is_mutation
        if mutations == nth and request.is_mutation:
            process.kill()
            return True
        return False

    desk.board.faults.add("delay", predicate=kills)
    process = start(desk)
    process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode < 0
    wait_for_what_arrived(desk.board)
    resumption = start(desk, "--resume")
    said, _ = resumption.communicate(timeout=PATIENCE_SECONDS)
    assert resumption.returncode == 0, said
    assert desk.differences() == []


def start(desk: NarrowDesk, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.run_portions", "run", *arguments, "--yes", "--json"]
    return subprocess.Popen(
        [*command, "--config", str(desk.configuration_file)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


async def test_a_stop_in_the_second_portion_counts_what_was_never_planned_and_can_be_resumed(desk):
    control = RunControl()
    report = await stream(desk, answered("BOLT", Step.ITEMS, control.stop), control=control)
    assert report.cancelled
    assert report.balanced
    assert (report.orders.selected, report.lines.selected) == (13, 26)
    assert report.orders.not_started > 0
    assert {c.customer: c.orders.selected for c in report.customers} == ORDERS
    assert report.customers[-1].orders.not_started == ORDERS["DUNE"]
    rest = await resume(desk)
    assert rest.resumes == report.run_id
    assert rest.orders.selected == 13 - report.orders.synced
    assert desk.differences() == []


async def test_orders_of_a_portion_that_has_ended_are_free_again_while_the_run_goes_on(desk):
    acme = sorted(desk.rows(headers, ["ACME"]), key=lambda row: row["created_at"])
    keys = [row["record_uuid"] for row in acme]
    claimed: set[str] = set()

    def look() -> None:
        with desk.engine.connect() as connection:
            claimed.update(connection.scalars(sa.text("SELECT record_uuid FROM deltadesk_claim")))

    await stream(desk, answered("BOLT", Step.ITEMS, look))
    of_bolt = {row["record_uuid"] for row in desk.rows(headers, ["BOLT"])}
    assert of_bolt <= claimed
    # The customer's first four orders are the first portion.
    assert claimed.isdisjoint(keys[:4])


async def test_what_is_held_or_changed_before_its_turn_is_left_out_and_counted_as_skipped(desk):
    held = next(row["record_uuid"] for row in desk.rows(headers, ["DUNE"]))

    def hold() -> None:
        with desk.engine.begin() as connection:
            change = sa.update(headers).where(headers.c.record_uuid == held).values(sync_state="HELD")
            connection.execute(change)

    report = await stream(desk, answered("ACME", Step.ITEMS, hold))
    assert report.balanced
    assert report.orders.selected == 13
    assert (report.orders.created, report.orders.skipped, report.lines.skipped) == (12, 1, 2)
    assert [(reason.orders, "changed" in reason.message) for reason in report.withheld] == [(1, True)]
    (row,) = desk.rows(headers, ["DUNE"])
    assert (row["sync_state"], row["monday_item_id"]) == ("HELD", None)
    assert "DUNE" not in {group["title"] for group in desk.board.groups(ITEMS_BOARD)}


async def test_a_portion_that_cannot_be_loaded_stops_the_run_and_the_rest_can_be_resumed(desk, monkeypatch):
    load, calls = OrderStore.load_keys, 0

    def break_off(self: OrderStore, *arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise StoreError(GONE)
        return load(self, *arguments)

    monkeypatch.setattr(OrderStore, "load_keys", break_off)
    with pytest.raises(StoreError):
        await stream(desk)
    monkeypatch.undo()
    await resume(desk)
    assert desk.differences() == []
