import asyncio
from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs

from gui.task_owner import TaskOwner, problem_of


@dataclass
class Problem:
    title: str = "The board has no label 'Cut & Sew'"
    subject: str = "order AAG-4755-001"
    remedy: str = "Add the label, then send again."


class ForeseenError(Exception):
    problem = Problem()


class Endings:
    """Writes down how tasks ended."""

    def __init__(self) -> None:
        self.seen: list[tuple[object, ...]] = []
        self.owner = TaskOwner(
            on_problem=lambda name, error: self.seen.append(("problem", name, type(error))),
            on_bug=lambda name, error: self.seen.append(("bug", name, type(error))),
        )

    def done(self, result: object) -> None:
        self.seen.append(("done", result))

    def stopped(self) -> None:
        self.seen.append(("stopped",))


@pytest.fixture
def endings():
    return Endings()


async def answer(value: object) -> object:
    await asyncio.sleep(0)
    return value


async def fail(error: Exception) -> None:
    await asyncio.sleep(0)
    raise error


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


async def all_ended(owner: TaskOwner) -> None:
    while owner.running:
        await asyncio.sleep(0)


async def test_that_a_result_reaches_its_callback(endings):
    assert endings.owner.start("load", answer(69), done=endings.done)
    assert endings.owner.running == ("load",)
    await all_ended(endings.owner)
    assert endings.seen == [("done", 69)]


async def test_that_a_second_task_of_the_same_name_is_refused(endings):
    endings.owner.start("push", wait_for_ever(), stopped=endings.stopped)
    assert endings.owner.start("push", answer(1), done=endings.done) is False
    assert endings.owner.start("load", answer(2), done=endings.done) is True
    await endings.owner.close(grace=0)
    assert ("done", 1) not in endings.seen


async def test_that_a_name_is_free_again_when_its_callback_runs(endings):
    def again(result: object) -> None:
        endings.done(result)
        if result == "first":
            assert endings.owner.start("load", answer("second"), done=again)

    endings.owner.start("load", answer("first"), done=again)
    await all_ended(endings.owner)
    assert endings.seen == [("done", "first"), ("done", "second")]


async def test_that_a_foreseen_failure_is_a_problem_and_not_logged_as_a_bug(endings):
    with capture_logs() as logs:
        endings.owner.start("load", fail(ForeseenError()))
        await all_ended(endings.owner)
    assert endings.seen == [("problem", "load", ForeseenError)]
    assert logs == []


async def test_that_any_other_failure_is_a_bug_and_is_logged(endings):
    with capture_logs() as logs:
        endings.owner.start("load", fail(ZeroDivisionError()))
        await all_ended(endings.owner)
    assert endings.seen == [("bug", "load", ZeroDivisionError)]
    assert [(entry["event"], entry["task"]) for entry in logs] == [("task_failed", "load")]


async def test_that_a_task_may_bring_its_own_callbacks_for_failures(endings):
    own: list[type[BaseException]] = []
    with capture_logs():
        endings.owner.start("a", fail(ForeseenError()), problem=lambda error: own.append(type(error)))
        endings.owner.start("b", fail(KeyError()), bug=lambda error: own.append(type(error)))
        await all_ended(endings.owner)
    assert own == [ForeseenError, KeyError]
    assert endings.seen == []


async def test_that_a_fault_in_a_callback_is_a_bug_too(endings):
    def broken(_result: object) -> None:
        raise LookupError

    with capture_logs() as logs:
        endings.owner.start("load", answer(1), done=broken)
        await all_ended(endings.owner)
        await asyncio.sleep(0)
    assert endings.seen == [("bug", "load", LookupError)]
    assert len(logs) == 1


async def test_that_work_asked_to_stop_ends_itself_with_its_result(endings):
    async def until_asked(stopping: asyncio.Event) -> str:
        await stopping.wait()
        return "41 of 69 sent"

    endings.owner.start("push", until_asked, done=endings.done, stopped=endings.stopped)
    await endings.owner.stop("push", grace=60)
    assert endings.seen == [("done", "41 of 69 sent")]


async def test_that_work_which_does_not_listen_is_cancelled_after_the_grace(endings):
    endings.owner.start("push", wait_for_ever(), stopped=endings.stopped)
    await endings.owner.stop("push", grace=0)
    assert endings.seen == [("stopped",)]
    assert not endings.owner.is_running("push")


async def test_that_a_task_cancelled_before_its_first_step_still_ends(endings):
    endings.owner.start("search", answer("old"), done=endings.done, stopped=endings.stopped)
    assert endings.owner.replace("search", answer("new"), done=endings.done)
    await all_ended(endings.owner)
    await asyncio.sleep(0)
    assert sorted(endings.seen) == [("done", "new"), ("stopped",)]


async def test_that_close_ends_everything_and_lets_nothing_start(endings):
    endings.owner.start("push", wait_for_ever(), stopped=endings.stopped)
    endings.owner.start("monitor", wait_for_ever(), stopped=endings.stopped)
    endings.owner.replace("monitor", wait_for_ever(), stopped=endings.stopped)
    await endings.owner.close(grace=0)
    assert endings.seen == [("stopped",)] * 3
    assert endings.owner.start("load", answer(1)) is False
    assert endings.owner.replace("load", answer(1)) is False


async def test_that_stopping_nothing_is_no_error(endings):
    await endings.owner.stop("push")
    endings.owner.ask_to_stop("push")
    assert endings.seen == []


async def test_that_every_start_and_end_is_told():
    running: list[tuple[str, ...]] = []
    owner = TaskOwner(on_problem=pytest.fail, on_bug=pytest.fail)
    owner.on_change = lambda: running.append(owner.running)
    owner.start("load", answer(1))
    await all_ended(owner)
    assert running == [("load",), ()]


def test_that_an_exception_without_words_carries_no_problem():
    class HalfToldError(Exception):
        problem = "something"

    assert problem_of(HalfToldError()) is None
    assert problem_of(ValueError()) is None
    assert problem_of(ForeseenError()) is ForeseenError.problem


def test_that_tasks_end_the_same_way_on_the_windows_own_loop(run_async, endings):
    async def scenario() -> None:
        endings.owner.start("load", answer(69), done=endings.done)
        endings.owner.start("push", wait_for_ever(), stopped=endings.stopped)
        endings.owner.start("check", fail(ForeseenError()))
        while endings.owner.running != ("push",):
            await asyncio.sleep(0)
        await endings.owner.close(grace=0)

    run_async(scenario())
    assert endings.seen == [("done", 69), ("problem", "check", ForeseenError), ("stopped",)]


def test_that_a_task_left_behind_fails_its_test_by_name(run_async):
    async def careless() -> None:
        asyncio.get_running_loop().create_task(wait_for_ever(), name="forgotten")

    with pytest.raises(AssertionError, match="forgotten"):
        run_async(careless())


def test_that_a_result_and_an_error_come_back_from_the_loop(run_async):
    assert run_async(answer(7)) == 7
    with pytest.raises(ForeseenError):
        run_async(fail(ForeseenError()))
