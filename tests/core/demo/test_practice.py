"""The practice board as a process of its own, and the demo's files."""

import json
import sqlite3
from contextlib import closing

import httpx
import pytest

from core.config.load import load_configuration
from core.config.token import PRACTICE_TOKEN
from core.demo.practice import (
    BoardAddress,
    PracticeBoard,
    demo_folder,
    ensure_orders,
    find_running,
    opened_profile,
    start_afresh,
    uses_demo_orders,
)
from core.errors import DeltaDeskError, StoreError
from core.orders.model import Selection
from core.resources import shipped_configuration

ME = {"query": "{ me { id } }"}


@pytest.fixture
def folder(data_home):
    """The demo's folder of this test; it exists."""
    made = demo_folder()
    made.root.mkdir(parents=True)
    return made


async def answers(url: str) -> bool:
    async with httpx.AsyncClient() as http:
        try:
            return (await http.post(url, json=ME, headers={"Authorization": PRACTICE_TOKEN})).is_success
        except httpx.HTTPError:
            return False


def orders_in(path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM ORDER_LIST_DELTA").fetchone()[0]


def test_the_demo_s_folder_is_inside_the_data_folder(data_home):
    assert demo_folder().root == data_home / "demo"
    assert demo_folder().orders.parent == demo_folder().board.parent == demo_folder().root


def test_the_orders_are_made_once(data_home):
    assert ensure_orders(demo_folder()) is not None
    assert orders_in(demo_folder().orders) == 469
    assert ensure_orders(demo_folder()) is None


async def test_a_fresh_start_throws_orders_and_board_away(folder):
    ensure_orders(folder)
    with closing(sqlite3.connect(folder.orders)) as connection:
        connection.execute("DELETE FROM ORDER_LIST_DELTA")
        connection.commit()
    folder.board.write_bytes(b"an old board")
    await start_afresh(folder)
    assert orders_in(folder.orders) == 469
    assert not folder.board.exists()


async def test_a_practice_board_answers_until_it_is_closed(folder):
    board = await PracticeBoard.open(folder)
    try:
        assert await answers(board.url)
        assert (await find_running(folder)) == board.address
    finally:
        await board.close()
    assert not await answers(board.url)
    assert await find_running(folder) is None


async def test_a_second_one_who_opens_it_uses_the_board_that_runs_and_leaves_it_running(folder):
    first = await PracticeBoard.open(folder)
    try:
        second = await PracticeBoard.open(folder)
        assert second.address == first.address
        await second.close()
        assert await answers(first.url)
        with pytest.raises(DeltaDeskError, match="open in another window"):
            await start_afresh(folder)
    finally:
        await first.close()


@pytest.mark.parametrize(
    "left_behind",
    [
        "not json",
        "{}",
        json.dumps({"url": "http://127.0.0.1:1/v2", "page": "", "pid": 1}),
        json.dumps({"url": "http://[", "page": "", "pid": 1}),
        json.dumps({"url": 5, "page": "", "pid": 1}),
    ],
)
async def test_what_a_crash_left_behind_is_not_taken_for_a_running_board(folder, left_behind):
    folder.address.write_text(left_behind, encoding="utf-8")
    assert await find_running(folder) is None


async def test_a_board_that_cannot_start_says_why_and_what_to_do(folder):
    folder.board.mkdir()
    with pytest.raises(StoreError) as failure:
        await PracticeBoard.open(folder)
    assert "did not start" in failure.value.problem.title
    assert "deltadesk sandbox" in failure.value.problem.remedy
    assert not folder.address.exists()


async def test_the_demo_profile_opens_with_orders_and_board_and_closes_both(data_home):
    configuration = load_configuration(shipped_configuration())
    assert uses_demo_orders(configuration.profiles["demo"])
    async with opened_profile(configuration, "demo") as workspace:
        plan = await workspace.plan(Selection(limit=2))
        address = json.loads(demo_folder().address.read_text(encoding="utf-8"))
        assert plan.order_count == 2
    assert not await answers(BoardAddress(**address).url)


async def test_a_profile_of_another_board_starts_no_practice_board(data_home):
    configuration = load_configuration(shipped_configuration())
    elsewhere = configuration.profiles["demo"].model_copy(
        update={"api_url": "http://127.0.0.1:1/v2", "database_url": "sqlite:////nowhere/orders.db"}
    )
    changed = configuration.model_copy(update={"profiles": {"demo": elsewhere}})
    assert not uses_demo_orders(elsewhere)
    with pytest.raises(StoreError, match="does not exist"):
        async with opened_profile(changed, "demo"):
            pass
    assert not demo_folder().root.exists()


async def test_the_latency_that_is_asked_for_reaches_the_board(folder):
    board = await PracticeBoard.open(folder, mutation_ms=1.5)
    try:
        assert board._process.args[-3:-1] == ["--latency-mutation-ms", "1.5"]
    finally:
        await board.close()
