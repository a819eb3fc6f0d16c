"""How many calls a piece of work makes, its own tasks included, whatever else goes on at the same client."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class CallCount:
    """Calls so far, refused ones included."""

    calls: int = 0


_counting: ContextVar[tuple[CallCount, ...]] = ContextVar("counting", default=())
"""A task has those of the one that started it, and no others."""


@contextmanager
def counted_calls() -> Iterator[CallCount]:
    """Count every call that is made inside; counts may lie in one another."""
    count = CallCount()
    before = _counting.set((*_counting.get(), count))
    try:
        yield count
    finally:
        _counting.reset(before)


def count_call() -> None:
    """One call leaves."""
    for count in _counting.get():
        count.calls += 1
