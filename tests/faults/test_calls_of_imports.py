"""How many calls bulk imports take, and that few calls are enough to find every record again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from core.config.token import PRACTICE_TOKEN
from core.demo.testing import ITEMS_BOARD, HurriedClock
from core.orders.model import Selection
from core.resources import resource_path
from core.sandbox.options import BulkSettings, SandboxOptions
from core.sandbox.requests import ReceivedRequest
from core.sandbox.testing import running_board
from core.sync.bulk import reading
from core.sync.control import RunControl
from core.sync.report import RunReport
from core.workspace import Workspace
from tests.faults.importing_desk import CUSTOMER, import_by, importing_desk, push
from tests.faults.narrow_desk import WIDE_LIMITS, NarrowDesk, headers, write_desk


@contextmanager
def desk_before(folder: Path, rows_per_second: float) -> Iterator[NarrowDesk]:
    """A desk that imports to a board of this speed."""
    options = SandboxOptions(
        state=folder / "board.db",
        fixture=resource_path("boards", "orders.json"),
        token=PRACTICE_TOKEN,
        limits=WIDE_LIMITS,
        bulk=BulkSettings(rows_per_second=rows_per_second),
    )
    with running_board(options) as board:
        desk = write_desk(folder, board)
        import_by(desk, "always")
        yield desk
        desk.engine.dispose()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NarrowDesk]:
    """A desk with twelve orders of one customer, which imports them."""
    with importing_desk(tmp_path) as made:
        made.add_orders(CUSTOMER, 12, 2)
        yield made


def questions(desk: NarrowDesk, name: str) -> int:
    """Queries of this name that the board received."""
    return sum(f"query {name}(" in request.query for request in desk.board.requests)


def searches(request: ReceivedRequest) -> bool:
    return "query FilteredKeys(" in request.query


def by_hand(desk: NarrowDesk, *mutations: str) -> None:
    """Do something on the board that is not the desk's doing."""
    for mutation in mutations:
        answer = httpx.post(
            desk.board.url,
            json={"query": f"mutation {{ {mutation} {{ id }} }}"},
            headers={"Authorization": PRACTICE_TOKEN},
        )
        assert "errors" not in answer.json(), answer.text


# The number of calls


@pytest.mark.parametrize("rows_per_second", [1_000.0, 30.0, 10.0])
async def test_a_run_makes_as_many_calls_as_its_forecast_says_give_or_take_two(
    tmp_path: Path, rows_per_second
):
    with desk_before(tmp_path, rows_per_second) as desk:
        for customer in ("ACME", "BERG", "CALA"):
            desk.add_orders(customer, 100, 3)
        plan, report = await push(desk)
        assert desk.differences() == []
        assert abs(report.api.calls - report.api.calls_before - plan.forecast.calls) <= 2
        assert questions(desk, "FilteredKeys") == 3


async def test_other_items_of_the_group_cost_no_call(desk: NarrowDesk):
    await push(desk)
    (group,) = (each for each in desk.board.groups(ITEMS_BOARD) if each["title"] == CUSTOMER)
    by_hand(
        desk,
        *(
            f'create_item(board_id: {ITEMS_BOARD}, group_id: "{group["id"]}", item_name: "By hand {number}")'
            for number in range(20)
        ),
    )
    desk.add_orders(CUSTOMER, 8, 2)
    desk.board.forget_requests()
    _, report = await push(desk)
    assert (report.orders.created, report.lines.created) == (8, 16)
    assert questions(desk, "FilteredKeys") + questions(desk, "NextKeys") + questions(desk, "GroupKeys") == 1
    assert {row["sync_state"] for row in desk.rows(headers)} == {"SYNCED"}


async def test_many_orders_are_read_in_portions_and_full_pages_to_their_end(desk: NarrowDesk, monkeypatch):
    monkeypatch.setattr(reading, "KEYS_PER_PAGE", 3)
    monkeypatch.setattr(reading, "PAGES_PER_CALL", 2)
    monkeypatch.setattr(reading, "_PAGE_ITEMS", 2)
    await push(desk)
    assert desk.differences() == []
    assert (questions(desk, "FilteredKeys"), questions(desk, "NextKeys")) == (2, 4)


# What a search does not tell


async def test_a_search_that_lags_is_asked_again_for_what_is_missing_until_the_counts_agree(desk: NarrowDesk):
    desk.board.faults.add("index_lag", seconds=12)
    _, report = await push(desk)
    assert desk.differences() == []
    assert questions(desk, "FilteredKeys") in range(2, 5)
    assert questions(desk, "GroupKeys") == 0
    assert report.orders.unknown + report.orders.failed == 0


async def test_where_a_search_lags_for_long_the_group_is_read_instead(desk: NarrowDesk):
    desk.board.faults.add("index_lag", seconds=3_600)
    _, report = await push(desk)
    assert desk.differences() == []
    assert questions(desk, "GroupKeys") == 1
    assert report.orders.unknown + report.orders.failed == 0


async def test_a_search_that_costs_too_much_is_asked_once_and_the_group_read_instead(desk: NarrowDesk):
    desk.board.faults.add(
        "refuse_document", predicate=searches, code="REQUEST_MAX_COMPLEXITY_EXCEEDED", times=None
    )
    await push(desk)
    assert desk.differences() == []
    assert (questions(desk, "FilteredKeys"), questions(desk, "GroupKeys")) == (1, 1)


async def test_how_much_a_job_made_that_broke_off_is_not_left_to_a_search_that_may_lag(desk: NarrowDesk):
    desk.board.faults.add("index_lag", seconds=3_600)
    desk.board.faults.add("job_failed", created=17)
    await push(desk)
    assert desk.contradictions([CUSTOMER]) == []
    assert questions(desk, "FilteredKeys") == 0


async def test_an_item_that_was_moved_to_another_group_by_hand_is_found_with_its_lines(desk: NarrowDesk):
    moved: list[str] = []

    def move() -> None:
        items = desk.board.items(ITEMS_BOARD)
        if items and not moved:
            moved.append(items[0]["id"])
            by_hand(desk, f'move_item_to_group(item_id: {moved[0]}, group_id: "topics")')

    report = await push_with(desk, MeddlingClock(desk, move))
    assert moved
    assert report.orders.created == 12
    assert {row["sync_state"] for row in desk.rows(headers)} == {"SYNCED"}


class MeddlingClock(HurriedClock):
    """After each wait somebody does something."""

    def __init__(self, desk: NarrowDesk, meddle: Callable[[], None]) -> None:
        super().__init__(desk.board)
        self._meddle = meddle

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        self._meddle()


async def push_with(desk: NarrowDesk, clock: HurriedClock) -> RunReport:
    workspace = await Workspace.open(desk.configuration, clock=clock)
    try:
        return await workspace.run(await workspace.plan(Selection()), RunControl(), lambda _event: None)
    finally:
        await workspace.close()
