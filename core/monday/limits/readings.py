"""What an answer tells of a budget's window: in its headers, and in the `complexity` field of its body."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.monday.rate_headers import Budget


@dataclass(frozen=True, slots=True)
class Span:
    """Between which two moments a window ends: the server tells whole seconds, rounded up. Monotonic."""

    first: float
    last: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What was left of a window at one moment."""

    left: int
    at: float
    """When, about; monotonic seconds. Of our requests, those that had left by then are taken off already."""
    ends: Span | None
    """None: the server did not tell."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one answer tells of a budget."""

    quota: int | None = None
    window_seconds: float | None = None
    reading: Reading | None = None
    """The youngest that can be believed."""
    charged: Span | None = None
    """When the window ends that the answered request was charged to; None: the answer did not tell."""


def told_by_header(budget: Budget, now: float) -> Told:
    """Of an answer that has just come. Its header counted all that had arrived when the answer left."""
    reading = None
    if budget.left is not None:
        reset = budget.reset_seconds
        reading = Reading(budget.left, now, None if reset is None else Span(now + reset - 1, now + reset))
    return Told(budget.quota, budget.window_seconds, reading)


def told(budget: Budget, complexity: Mapping[str, Any] | None, sent_at: float, now: float) -> Told:
    """Of an answer that has just come to a request that left at `sent_at`.

    The field of the body tells of the moment in which the request was charged, at its arrival; the header is
    as young as the answer. Where they speak of the same window, or where the body's window ended under the
    request, the header is believed. Where they contradict each other, the body is.
    """
    header = told_by_header(budget, now)
    younger, (after, reset) = header.reading, _field(complexity)
    charged = None if reset is None else Span(sent_at + reset - 1, now + reset)
    if after is None:
        if younger is not None and younger.ends is None:
            younger = replace(younger, ends=charged)
        return replace(header, reading=younger, charged=charged)
    if charged is None:
        return replace(header, reading=Reading(after, sent_at, younger.ends if younger else None))
    if younger is not None and _agree(younger.ends, charged, now):
        return replace(header, charged=charged)
    return replace(header, reading=Reading(after, sent_at, charged), charged=charged)


def _field(complexity: Mapping[str, Any] | None) -> tuple[int | None, float | None]:
    """What is left, and the seconds to the reset."""
    after, reset = (complexity or {}).get("after"), (complexity or {}).get("reset_in_x_seconds")
    return None if after is None else int(after), None if reset is None else float(reset)


def _agree(header: Span | None, body: Span, now: float) -> bool:
    """Whether a header may tell of the body's window, or of the one after it."""
    if header is None or header.last < body.first:
        return False
    is_the_same = header.first <= body.last + 1
    return is_the_same or body.first <= now
