"""What is left of the board's limits, as the gauges show it. Pure."""

from dataclasses import dataclass

from core.sync.events import BudgetRead

MILLION = 1_000_000
NEAR_SHARE = 0.5
"""Below this no limit is worth naming."""


@dataclass(frozen=True, slots=True)
class Level:
    """One gauge: how much of a quota is used."""

    name: str
    share: float | None
    """0 to 1; None where the board does not tell."""
    words: str
    binding: bool = False


def levels(budget: BudgetRead) -> tuple[Level, ...]:
    """Return complexity, calls a minute, concurrency and the calls of this run; at most one of them binds."""
    measured = [
        _level("Complexity", budget.complexity_left, budget.complexity_quota),
        _level("Calls a minute", budget.minute_left, budget.minute_quota),
        _level("At the same time", budget.concurrency_left, budget.concurrency_quota),
    ]
    nearest = max((level.share for level in measured if level.share is not None), default=0.0)
    marked = [
        Level(level.name, level.share, level.words, binding=level.share == nearest >= NEAR_SHARE)
        for level in measured
    ]
    return (*_one_binding(marked), Level("Calls of this run", None, f"{budget.calls_made:,}"))


def binding_text(shown: tuple[Level, ...]) -> str:
    """Return one sentence about the limit that is nearest; empty while none is near."""
    for level in shown:
        if level.binding and level.share is not None:
            return f"{level.name} is the nearest limit: {level.share:.0%} used."
    return ""


def _short(count: int) -> str:
    """Return a count; millions, as complexity is counted, with one decimal."""
    return f"{count / MILLION:.1f} M" if count >= MILLION else f"{count:,}"


def _level(name: str, left: int | None, quota: int | None) -> Level:
    if left is None or not quota:
        return Level(name, None, "not told")
    used = max(0, quota - left)
    return Level(name, min(1.0, used / quota), f"{_short(left)} of {_short(quota)} left")


def _one_binding(shown: list[Level]) -> tuple[Level, ...]:
    first = next((level for level in shown if level.binding), None)
    return tuple(level if level is first else Level(level.name, level.share, level.words) for level in shown)
