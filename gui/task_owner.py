"""Owns the asynchronous work of the desktop: no task is started twice, lost, or ends unnoticed.

A task ends in one of four ways, each with its callback: done (with its result), stopped, a problem an
operator can act on (an exception that carries `.problem`), or a bug (any other exception, logged as well).
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar, cast

import structlog

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

Work = Coroutine[Any, Any, Result] | Callable[[asyncio.Event], Coroutine[Any, Any, Result]]
"""A coroutine; or a function from the `stopping` event to one, for work that can be asked to stop."""


class ProblemLike(Protocol):
    """What an operator reads about a failure."""

    title: str
    subject: str
    remedy: str


def problem_of(error: BaseException) -> ProblemLike | None:
    """Return the problem an exception carries, or None when nobody foresaw it."""
    problem = getattr(error, "problem", None)
    told = all(isinstance(getattr(problem, part, None), str) for part in ("title", "subject", "remedy"))
    return cast("ProblemLike", problem) if told else None


@dataclass(slots=True)
class _Owned:
    """One running task and how it is asked to stop."""

    task: asyncio.Task[Any]
    stopping: asyncio.Event


@dataclass(frozen=True, slots=True)
class _Endings:
    """The callbacks of one task."""

    done: Callable[[Any], object] | None
    stopped: Callable[[], object] | None
    problem: Callable[[BaseException], object] | None
    bug: Callable[[BaseException], object] | None


@dataclass(slots=True)
class TaskOwner:
    """Holds named tasks. Callbacks run on the event loop's thread, after the name is free again.

    `on_problem` and `on_bug` get the task's name and the exception where a task was started without its own
    callback; `on_change` runs whenever a task starts or ends, for buttons to follow.
    """

    on_problem: Callable[[str, BaseException], object]
    on_bug: Callable[[str, BaseException], object]
    on_change: Callable[[], object] | None = None
    _owned: dict[str, _Owned] = field(default_factory=dict, init=False)
    _replaced: set[asyncio.Task[Any]] = field(default_factory=set, init=False)
    _closing: bool = field(default=False, init=False)

    @property
    def running(self) -> tuple[str, ...]:
        """Names of the running tasks, oldest first."""
        return tuple(self._owned)

    def is_running(self, name: str) -> bool:
        """Tell whether a task of this name runs."""
        return name in self._owned

    def start(
        self,
        name: str,
        work: Work[Result],
        *,
        done: Callable[[Result], object] | None = None,
        stopped: Callable[[], object] | None = None,
        problem: Callable[[BaseException], object] | None = None,
        bug: Callable[[BaseException], object] | None = None,
    ) -> bool:
        """Start the work unless one of this name runs or the owner is closing. False: nothing was started."""
        if name in self._owned or self._closing:
            if isinstance(work, Coroutine):
                work.close()
            return False
        stopping = asyncio.Event()
        coroutine = work if isinstance(work, Coroutine) else work(stopping)
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._owned[name] = _Owned(task, stopping)
        task.add_done_callback(partial(self._ended, name, _Endings(done, stopped, problem, bug)))
        self._changed()
        return True

    def replace(
        self,
        name: str,
        work: Work[Result],
        *,
        done: Callable[[Result], object] | None = None,
        stopped: Callable[[], object] | None = None,
        problem: Callable[[BaseException], object] | None = None,
        bug: Callable[[BaseException], object] | None = None,
    ) -> bool:
        """Start the work and cancel what ran under its name: the latest wins. False: the owner is closing."""
        if (former := self._owned.pop(name, None)) is not None:
            self._replaced.add(former.task)
            former.task.cancel()
        return self.start(name, work, done=done, stopped=stopped, problem=problem, bug=bug)

    def ask_to_stop(self, name: str) -> None:
        """Set the task's `stopping` event: the work ends itself at its next safe place."""
        if (owned := self._owned.get(name)) is not None:
            owned.stopping.set()

    async def stop(self, name: str, grace: float = 5.0) -> None:
        """Ask the task to stop, wait `grace` seconds, then cancel it. Returns once it has ended."""
        if (owned := self._owned.get(name)) is not None:
            owned.stopping.set()
            await _end([owned.task], grace)

    async def close(self, grace: float = 5.0) -> None:
        """Stop everything at the end of the application, as `stop` does; no work starts any more."""
        self._closing = True
        for owned in self._owned.values():
            owned.stopping.set()
        await _end([*(owned.task for owned in self._owned.values()), *self._replaced], grace)

    def _ended(self, name: str, endings: _Endings, task: asyncio.Task[Any]) -> None:
        self._replaced.discard(task)
        if (owned := self._owned.get(name)) is not None and owned.task is task:
            del self._owned[name]
        try:
            if task.cancelled():
                if endings.stopped:
                    endings.stopped()
            elif (error := task.exception()) is not None:
                self._failed(name, endings, error)
            elif endings.done:
                endings.done(task.result())
        except Exception as error:  # noqa: BLE001  # a callback's own fault must be as loud as the work's
            self._report_bug(name, error, None)
        self._changed()

    def _failed(self, name: str, endings: _Endings, error: BaseException) -> None:
        if problem_of(error) is None:
            self._report_bug(name, error, endings.bug)
        elif endings.problem:
            endings.problem(error)
        else:
            self.on_problem(name, error)

    def _report_bug(
        self, name: str, error: BaseException, bug: Callable[[BaseException], object] | None
    ) -> None:
        log.error("task_failed", task=name, exc_info=error)
        if bug:
            bug(error)
        else:
            self.on_bug(name, error)

    def _changed(self) -> None:
        if self.on_change:
            self.on_change()


async def _end(tasks: Collection[asyncio.Task[Any]], grace: float) -> None:
    """Wait for tasks that were asked to stop; cancel those that still run after `grace` seconds."""
    if not tasks:
        return
    _done, slow = await asyncio.wait(tasks, timeout=grace)
    for task in slow:
        task.cancel()
    if slow:
        _done, stuck = await asyncio.wait(slow, timeout=max(grace, 1.0))
        for task in stuck:
            log.error("task_does_not_end", task=task.get_name())
