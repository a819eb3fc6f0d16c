"""Every kind of mutation meets every fault, and the board is right: each record once, states equal.

One board for all cells, and a customer for each. Waits are virtual. The table of the cells is printed at the
end of the test session.
"""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from core.demo.testing import HurriedClock
from core.errors import ExitCode
from core.orders.model import Selection, SyncState
from core.sandbox.faults import FaultKind
from core.sandbox.requests import ReceivedRequest
from core.sync.control import RunControl
from core.sync.plan import OperationKind
from core.sync.report import RunReport
from core.workspace import Workspace
from tests.faults.narrow_desk import PROFILE, NarrowDesk, headers, lines, narrow_desk

LOOK_UPS = ("query ByKey", "query Groups")
HALF_AN_HOUR = 31 * 60.0

KINDS = {
    "create group": "create_group",
    "create item": "create_item",
    "create subitem": "create_subitem",
    "change item": "change_multiple_column_values",
    "change subitem": "change_multiple_column_values",
    "archive item": "archive_item",
    "archive subitem": "archive_item",
}
"""The API's field of each kind of operation that a plan of orders can hold."""
UNDO = OperationKind.UNDO_ITEM.value
"""What the plan of an undo holds."""


class AlarmClock(HurriedClock):
    """A hurried clock that does something once so many seconds of waiting are over."""

    def __init__(self, board: Any) -> None:
        super().__init__(board)
        self.alarm: tuple[float, Callable[[], None]] | None = None

    def ring_after(self, seconds: float, action: Callable[[], None]) -> None:
        """Do `action` once the waits of the run have added up to `seconds` from now."""
        self.alarm = (self._ahead + seconds, action)

    def skip(self, seconds: float) -> None:
        """Be later, here and on the board."""
        self._ahead += seconds
        self._board.advance(seconds)

    async def sleep(self, seconds: float) -> None:
        """Be later at once, and ring where it is time."""
        await super().sleep(seconds)
        if self.alarm is not None and self._ahead >= self.alarm[0]:
            action, self.alarm = self.alarm[1], None
            await asyncio.to_thread(action)


class MendingTransport(httpx.AsyncBaseTransport):
    """The real network, but for faults that no server can make: nobody listens, or nobody waits."""

    def __init__(self, real: httpx.AsyncBaseTransport) -> None:
        self._real = real
        self.refuse_with: Callable[[httpx.Request], bool] | None = None
        self.hang_up_at: tuple[threading.Event, Callable[[httpx.Request], bool]] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it, or do what was ordered for it, once."""
        if self.refuse_with is not None and self.refuse_with(request):
            self.refuse_with = None
            with socket.socket() as closed:
                closed.bind(("127.0.0.1", 0))  # bound and not listening: the system refuses
                request.url = request.url.copy_with(port=closed.getsockname()[1])
                return await self._real.handle_async_request(request)
        if self.hang_up_at is not None and self.hang_up_at[1](request):
            arrived, self.hang_up_at = self.hang_up_at[0], None
            sending = asyncio.ensure_future(self._real.handle_async_request(request))
            await asyncio.to_thread(arrived.wait, 30)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            raise httpx.ReadTimeout("no answer in time", request=request)
        return await self._real.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the real one."""
        await self._real.aclose()


@dataclass
class Bench:
    """What a fault is ordered on."""

    desk: NarrowDesk
    workspace: Workspace
    clock: AlarmClock
    network: MendingTransport

    def order(self, kind: FaultKind | str, operation: str | None, **details: Any) -> None:
        """Have the board do something wrong, once unless it says otherwise."""
        self.desk.board.faults.add(kind, operation=operation, **details)


Order = Callable[[Bench, str], None]


def on_board(kind: str, **details: Any) -> Order:
    return lambda bench, operation: bench.order(kind, operation, **details)


def both(*orders: Order) -> Order:
    def order(bench: Bench, operation: str) -> None:
        for one in orders:
            one(bench, operation)

    return order


def refused(bench: Bench, operation: str) -> None:
    bench.network.refuse_with = lambda request: operation.encode() in request.content


def timed_out_then_applied(bench: Bench, operation: str) -> None:
    """The client gives up while the board still works on it; some waits later the board has done it."""
    arrived, go_on = threading.Event(), threading.Event()

    def note(_request: ReceivedRequest) -> bool:
        arrived.set()
        return True

    def finish() -> None:
        go_on.set()
        bench.desk.board.wait_until(lambda received: all(one.finished for one in received))

    bench.order("delay", operation, until=go_on, predicate=note)
    bench.network.hang_up_at = (arrived, lambda request: operation.encode() in request.content)
    bench.clock.ring_after(1.2, finish)


def conflict(bench: Bench, operation: str) -> None:
    body = {
        "errors": [
            {
                "message": "A request with this idempotency key is being processed",
                "extensions": {"code": "IDEMPOTENCY_CONFLICT", "status_code": 409},
            }
        ]
    }
    bench.order(
        "status",
        operation,
        status=409,
        body=json.dumps(body),
        content_type="application/json",
        headers={"Retry-After": "1"},
    )


def is_look_up(request: ReceivedRequest) -> bool:
    return request.query.startswith(LOOK_UPS)


def look_up_fails(bench: Bench, _operation: str) -> None:
    bench.order("status", None, predicate=is_look_up, status=502)


def look_up_answers_with_an_error(bench: Bench, _operation: str) -> None:
    field = "items_page_by_column_values"
    body = {
        "data": {field: None},
        "errors": [{"message": "Internal", "path": [field], "extensions": {"code": "INTERNAL_SERVER_ERROR"}}],
    }
    bench.order(
        "status",
        None,
        predicate=lambda request: request.query.startswith("query ByKey"),
        status=200,
        body=json.dumps(body),
        content_type="application/json",
        times=2,
    )


def no_word_until_half_an_hour_later(bench: Bench, operation: str) -> None:
    """Carried out, then the board is gone for the rest of the run; the next comes after the key's time."""
    bench.order("drop_answer", operation, times=None)
    bench.order("status", None, predicate=is_look_up, times=None)


GATEWAY = {"body": "<html><body><h1>Bad gateway</h1></body></html>", "content_type": "text/html"}
LOST = on_board("drop_answer")
EVICTED = on_board("evict_idempotency")
LATE = on_board("index_lag", seconds=10.0)

FAULTS: dict[str, Order] = {
    "connection refused": refused,
    "reset before send": on_board("reset"),
    "reset after the server applied": LOST,
    "time-out, then applied": timed_out_then_applied,
    "429 minute": on_board("rate_limit", limit="minute"),
    "429 concurrency": on_board("rate_limit", limit="concurrency"),
    "429 COMPLEXITY_BUDGET_EXHAUSTED": on_board("rate_limit", limit="complexity"),
    "429 IP": on_board("rate_limit", limit="ip"),
    "429 daily": on_board("rate_limit", limit="daily"),
    "423 locked": on_board("locked", times=2),
    **{f"{status} HTML": on_board("status", status=status, **GATEWAY) for status in (500, 502, 503, 504)},
    **{
        f"{status} HTML, applied": on_board("status", status=status, applied=True, **GATEWAY)
        for status in (500, 502, 503, 504)
    },
    "200 malformed JSON": on_board("malformed_json"),
    "200 empty body": on_board("empty_body"),
    "200 wrong content type": on_board("wrong_content_type"),
    "partial data: alias refused": on_board("alias_error", alias=0, code="ColumnValueException"),
    "partial data: alias put off": on_board(
        "alias_error", alias=0, code="FIELD_LIMIT_EXCEEDED", error_status=429, retry_in_seconds=15
    ),
    "partial data: alias unknown": on_board("alias_error", alias=0, code="INTERNAL_SERVER_ERROR"),
    "IDEMPOTENCY_CONFLICT": conflict,
    "lost, cache evicted": both(LOST, EVICTED),
    "lost, cache expired": no_word_until_half_an_hour_later,
    "lost, search lags 10 s": both(LOST, LATE),
    "lost, evicted and search lags": both(LOST, EVICTED, LATE),
    "lost in part, cache evicted": both(
        LOST, EVICTED, on_board("alias_error", alias=0, code="INTERNAL_SERVER_ERROR")
    ),
    "lost, look-up fails too": both(LOST, EVICTED, look_up_fails),
    "lost, look-up tells an error": both(LOST, EVICTED, look_up_answers_with_an_error),
}
CELLS = [(kind, fault) for kind in KINDS for fault in FAULTS]
UNDO_CELLS = [(UNDO, fault) for fault in FAULTS]


async def push(workspace: Workspace, selection: Selection) -> RunReport:
    plan = await workspace.plan(selection)
    return await workspace.run(plan, RunControl(), lambda _event: None)


async def undo(workspace: Workspace, run_id: str) -> RunReport:
    plan = await workspace.plan_undo(run_id)
    return await workspace.run(plan, RunControl(), lambda _event: None)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NarrowDesk]:
    """Tables and a board for all cells; two orders with two lines for each, sent where they must be."""
    with narrow_desk(tmp_path_factory.mktemp("matrix")) as made:
        for kind, fault in CELLS + UNDO_CELLS:
            made.add_orders(customer_of(kind, fault), 2, 2)
        asyncio.run(_send_what_must_be_there(made))
        made.board.forget_requests()
        yield made


def customer_of(kind: str, fault: str) -> str:
    return f"{kind} / {fault}"


async def _send_what_must_be_there(desk: NarrowDesk) -> None:
    """What is to be changed or archived, groups for what is to be created in them, items for new subitems."""
    sent = [customer_of(kind, fault) for kind, fault in CELLS if kind.startswith(("change", "archive"))]
    clock = AlarmClock(desk.board)
    workspace = await Workspace.open(desk.configuration, PROFILE, clock=clock)
    try:
        await push(workspace, Selection(customers=tuple(sent)))
    finally:
        await workspace.close()
    changes: dict[str, Callable[[list[str], list[str]], None]] = {
        "change item": lambda orders, _lines: desk.change(headers, "UPDATE", orders, alternative="second"),
        "change subitem": lambda _orders, own: desk.change(lines, "UPDATE", own, qty=99),
        "archive item": lambda orders, _lines: desk.change(headers, "DELETE", orders),
        "archive subitem": lambda _orders, own: desk.change(lines, "DELETE", own),
    }
    for kind, change in changes.items():
        customers = [customer_of(kind, fault) for fault in FAULTS]
        change(
            [row["record_uuid"] for row in desk.rows(headers, customers)],
            [row["line_uuid"] for row in desk.rows(lines, customers)],
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def open_bench(desk: NarrowDesk) -> AsyncIterator[Bench]:
    """One open workspace for all cells: opening one takes longer than a cell."""
    clock = AlarmClock(desk.board)
    workspace = await Workspace.open(desk.configuration, PROFILE, clock=clock)
    http = workspace._client._http
    network = MendingTransport(http._transport)
    http._transport = network
    yield Bench(desk, workspace, clock, network)
    await workspace.close()


@pytest.fixture
def bench(open_bench: Bench) -> Iterator[Bench]:
    """The bench without a fault on it."""
    yield open_bench
    open_bench.desk.board.faults.clear()


def test_every_kind_of_operation_that_a_plan_can_hold_is_in_the_matrix():
    assert {*KINDS, UNDO} == {kind.value for kind in OperationKind}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", KINDS)
async def test_the_board_is_right_after(bench: Bench, kind: str, fault: str, record_property):
    customer = customer_of(kind, fault)
    selection = Selection(customers=(customer,))
    before = len(bench.desk.board.requests)
    FAULTS[fault](bench, KINDS[kind])

    report = await push(bench.workspace, selection)
    said = [_outcome(report)]
    bench.desk.board.faults.clear()
    if report.stopped is not None or report.orders.unknown:
        bench.clock.skip(HALF_AN_HOUR)
        report = await push(bench.workspace, selection)
        said.append(f"next run {_outcome(report)}")
    failed = tuple(record.order_key for record in await bench.workspace.failed_records((customer,)))
    if failed:
        report = await push(bench.workspace, Selection(order_keys=failed, states=(SyncState.ERROR,)))
        said.append(f"retry {_outcome(report)}")

    used = len(bench.desk.board.requests) - before
    record_property("fault_matrix", [kind, fault, ", ".join(said), used])
    assert bench.desk.differences([customer]) == []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_run_is_undone_once_and_can_be_sent_afresh_after(bench: Bench, fault: str, record_property):
    selection = Selection(customers=(customer_of(UNDO, fault),))
    run = await push(bench.workspace, selection)
    before = len(bench.desk.board.requests)
    FAULTS[fault](bench, "archive_item")

    report = await undo(bench.workspace, run.run_id)
    said = [_outcome(report)]
    bench.desk.board.faults.clear()
    if report.exit_code is not ExitCode.SYNCED:
        bench.clock.skip(HALF_AN_HOUR)
        report = await undo(bench.workspace, run.run_id)
        said.append(f"once more {_outcome(report)}")

    used = len(bench.desk.board.requests) - before
    record_property("fault_matrix", [UNDO, fault, ", ".join(said), used])
    assert (report.exit_code, report.kept) == (ExitCode.SYNCED, ())
    assert (await push(bench.workspace, selection)).orders.created == 2
    assert bench.desk.differences([customer_of(UNDO, fault)]) == []


def _outcome(report: RunReport) -> str:
    if report.stopped is not None:
        return f"stopped: {report.stopped.code}"
    if report.orders.failed or report.lines.failed:
        return "1 record refused"
    return "unknown" if report.orders.unknown or report.lines.unknown else "right"
