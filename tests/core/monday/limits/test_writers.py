"""Who writes a board next, and how many at once."""

import asyncio

import pytest

from core.monday.limits.writers import ANSWERS_PER_STEP, Writers

pytestmark = pytest.mark.timeout(20)


async def _queue(writers: Writers, ranks: list[int]) -> list[int]:
    """Hold the board while writers of these ranks come; return the order in which they wrote."""
    order: list[int] = []

    async def write(rank: int) -> None:
        async with writers.writing(rank):
            order.append(rank)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks, writers.writing(0):
        for rank in ranks:
            tasks.create_task(write(rank))
        await asyncio.sleep(0)
    return order


async def test_one_writer_at_a_time_and_the_lowest_rank_next():
    assert await _queue(Writers(1), [3, 1, 2, 1]) == [1, 1, 2, 3]


async def test_boards_do_not_wait_for_each_other():
    one, other = Writers(1), Writers(1)
    async with one.writing(0), other.writing(0):
        assert one.active == other.active == 1


async def test_a_writer_that_gives_up_waiting_leaves_its_turn_to_the_next():
    writers = Writers(1)

    async def write() -> None:
        async with writers.writing(1):
            pass

    async with writers.writing(0):
        gone = asyncio.ensure_future(write())
        stays = asyncio.ensure_future(write())
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
    await asyncio.wait_for(stays, 5)
    assert writers.active == 0


async def test_a_writer_that_is_cancelled_as_its_turn_comes_passes_it_on():
    writers = Writers(1)

    async def write() -> None:
        async with writers.writing(1):
            pass

    async with writers.writing(0):
        gone = asyncio.ensure_future(write())
        stays = asyncio.ensure_future(write())
        await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    await asyncio.wait_for(stays, 5)
    assert writers.active == 0


def answer(writers: Writers, seconds_each: float = 0.12, operations: int = 10) -> None:
    writers.answered(seconds_each, operations, sent_at=1.0, now=2.0)


def test_the_number_of_writers_grows_by_one_after_a_run_of_good_answers_up_to_what_is_allowed():
    writers = Writers(3)
    seen = []
    for _ in range(4 * ANSWERS_PER_STEP):
        answer(writers)
        seen.append(writers.limit)
    assert seen[ANSWERS_PER_STEP - 2 : ANSWERS_PER_STEP] == [1, 2]
    assert seen[-1] == 3
    assert max(seen) == 3


def test_of_long_requests_a_few_good_answers_are_enough_for_one_more_writer():
    writers = Writers(3)
    answer(writers, operations=100)
    assert writers.limit == 2
    for _ in range(2):
        answer(writers, operations=50)
    assert writers.limit == 3


def test_with_one_writer_allowed_good_answers_change_nothing():
    writers = Writers(1)
    for _ in range(50):
        answer(writers)
    assert writers.limit == 1


def full(most: int) -> Writers:
    """As many writers as are allowed."""
    writers = Writers(most)
    for _ in range(most * ANSWERS_PER_STEP):
        answer(writers)
    assert writers.limit == most
    return writers


def test_a_refusal_halves_the_number_of_writers_and_never_below_one():
    writers = full(8)
    limits = []
    for second in range(10, 18, 2):
        writers.slow_down(sent_at=second, now=second + 1)
        limits.append(writers.limit)
    assert limits == [4, 2, 1, 1]


def test_of_requests_that_left_together_only_the_first_refusal_counts():
    writers = full(8)
    for second in (11, 12, 13):
        writers.slow_down(sent_at=10, now=second)
    assert writers.limit == 4


def test_the_number_that_was_refused_is_tried_again_only_after_many_good_answers():
    writers = full(4)
    writers.slow_down(sent_at=10, now=11)
    for _ in range(4 * ANSWERS_PER_STEP):
        answer(writers)
    assert writers.limit == 3
    for _ in range(8 * ANSWERS_PER_STEP):
        answer(writers)
    assert writers.limit == 4


def test_a_board_that_grows_slow_gets_fewer_writers_and_one_slow_answer_is_chance():
    writers = full(4)
    answer(writers, 0.3)
    assert writers.limit == 4
    answer(writers)
    answer(writers, 0.3)
    answer(writers, 0.3)
    assert writers.limit == 2


def test_a_small_request_is_not_slow_because_it_takes_a_time_of_its_own():
    writers = full(4)
    for _ in range(5):
        answer(writers, 0.3, operations=1)
    assert writers.limit == 4


def test_milliseconds_are_no_sign_of_a_slow_board():
    writers = full(4)
    for _ in range(5):
        answer(writers, 0.02, operations=1)
    for _ in range(5):
        answer(writers, 0.2, operations=1)
    assert writers.limit == 4
