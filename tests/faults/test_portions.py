"""A run that is planned in portions is one run: same board, same report, each record once."""

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.demo.testing import ITEMS_BOARD
from core.errors import Problem, StoreError
from core.orders.model import Selection
from core.orders.store import OrderStore
from core.sandbox.requests import ReceivedRequest
from core.sync.control import RunControl
from core.sync.events import CustomerEnded, RunEvent, RunStarted
from core.sync.plan import Step
from core.sync.report import RunReport
from core.workspace import Workspace
from core.workspace.streaming import PortionSize
from tests.faults.narrow_desk import NarrowDesk, headers, lines, narrow_desk
from tests.faults.portions_desk import ORDERS, answered, fill, resume, start, stream, told
from tests.faults.processes import PATIENCE_SECONDS, wait_for_what_arrived
from tests.faults.run_portions import SMALL

PLAN_HASH = "SELECT plan_hash FROM deltadesk_run"
GONE = Problem("database_unreachable", "The database does not answer", "orders.db", "Look after it.")


class KilledError(Exception):
    """The program ends here: what follows is not carried out."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NarrowDesk]:
    """Thirteen orders of four customers, two lines each; two records a request."""
    with narrow_desk(tmp_path, records_per_request=2) as made:
        fill(made)
        yield made


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
    in_json = report.to_json()
    return {
        name: in_json[name]
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


async def test_no_two_requests_of_a_run_have_one_key_and_each_names_customer_step_and_place(desk):
    await stream(desk)
    keys = told(desk, "SELECT request_key FROM deltadesk_request ORDER BY request_key")
    assert len(set(keys)) == len(keys)
    assert [key for key in keys if key.startswith("ACME / items")] == [
        f"ACME / items / {number}" for number in (1, 2, 3, 4)
    ]


async def plan_hash_of(desk: NarrowDesk, size: PortionSize, portions: int | None = None) -> str:
    """The hash over the hashes of all planned requests of these portions, from the first."""
    workspace = await Workspace.open(desk.configuration)
    planned = sha256()
    try:
        opened = await workspace.open_stream(Selection(), size)
        while portions != 0 and (portion := await opened.next()):
            portions = portions and portions - 1
            planned.update("".join(request.hash for request in portion.plan.requests).encode())
    finally:
        await workspace.close()
    return planned.hexdigest()


async def test_the_hash_of_a_run_in_portions_covers_all_of_them_and_is_the_same_for_the_same_portions(desk):
    expected = [await plan_hash_of(desk, SMALL) for _ in range(2)]
    others = {await plan_hash_of(desk, SMALL, portions=3), await plan_hash_of(desk, PortionSize())}
    during: list[str] = []
    look = answered("CONE", Step.ITEMS, lambda: during.extend(told(desk, PLAN_HASH)))
    await stream(desk, look)
    assert during == [""]
    assert [*told(desk, PLAN_HASH), *expected] == [expected[0]] * 3
    assert expected[0] not in others


async def test_the_hash_of_a_run_in_one_portion_is_that_of_its_plan_from_the_beginning(desk):
    workspace = await Workspace.open(desk.configuration)
    try:
        plan = await workspace.plan(Selection())
    finally:
        await workspace.close()
    during: list[str] = []
    look = answered("ACME", Step.ITEMS, lambda: during.extend(told(desk, PLAN_HASH)))
    await stream(desk, look, size=PortionSize())
    assert [*told(desk, PLAN_HASH), *during] == [plan.hash] * 2


async def test_the_hash_of_a_run_that_was_stopped_covers_the_portions_that_were_planned(desk):
    before = [await plan_hash_of(desk, SMALL, portions) for portions in (1, 2, 3, 4)]
    control = RunControl()
    await stream(desk, answered("ACME", Step.ITEMS, control.stop), control=control)
    assert told(desk, PLAN_HASH) in [[each] for each in before[:2]]
