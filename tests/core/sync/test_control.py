"""Pause, resume and stop."""

import asyncio

import pytest

from core.errors import Problem
from core.sync.control import RunControl
from core.sync.events import RunPaused, RunResumed, RunStopping

PROBLEM = Problem("code", "The token is refused", "the API", "Make a new one.")


@pytest.fixture
def told() -> list:
    return []


@pytest.fixture
def control(told) -> RunControl:
    made = RunControl()
    made.tell(told.append)
    return made


async def test_a_paused_run_goes_on_only_after_resume(control, told):
    control.pause()
    going_on = asyncio.ensure_future(control.proceed())
    await asyncio.sleep(0)
    assert not going_on.done()
    control.resume()
    assert await going_on is True
    assert told == [RunPaused(), RunResumed()]


async def test_a_stop_ends_a_pause_and_lets_nothing_leave(control, told):
    control.pause()
    going_on = asyncio.ensure_future(control.proceed())
    await asyncio.sleep(0)
    control.stop()
    assert await going_on is False
    assert told[-1] == RunStopping("Stop was asked for")


async def test_a_stop_ends_a_long_wait_at_once(control):
    waiting = asyncio.ensure_future(control.interruptible(asyncio.sleep(3600)))
    await asyncio.sleep(0)
    control.stop()
    assert await waiting is False


async def test_a_wait_that_nobody_interrupts_runs_to_its_end(control):
    assert await control.interruptible(asyncio.sleep(0)) is True


async def test_a_cancelled_wait_leaves_no_task_behind(control):
    waiting = asyncio.ensure_future(control.interruptible(asyncio.sleep(3600)))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_the_first_problem_is_the_one_that_is_told(control, told):
    control.stop(PROBLEM)
    control.stop(Problem("later", "Something else", "it", "Nothing."))
    assert control.problem == PROBLEM
    assert told == [RunStopping(str(PROBLEM))]


def test_pausing_twice_or_after_a_stop_tells_nothing_new(control, told):
    control.resume()
    control.pause()
    control.pause()
    control.stop()
    control.pause()
    assert [type(event) for event in told] == [RunPaused, RunStopping]
    assert not control.paused
