"""What is left of the board's limits, as the gauges show it. Pure."""

from dataclasses import dataclass

from core.sync.events import BudgetRead

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Level:
    """One gauge: how much of a quota is used."""

    name: str
    share: float | None
    """0 to 1; None where the board does not tell."""
    words: str
    binding: bool = False


def levels(budget: BudgetRead) -> tuple[Level, ...]:
    """Return complexity, calls a minute, concurrency and the calls of the day; at most one of them binds."""
    limit = budget.binding.limit if budget.binding is not None else ""
    return (
        _level("Complexity", budget.complexity_left, budget.complexity_quota, binding=limit == "complexity"),
        _level("Calls a minute", budget.minute_left, budget.minute_quota, binding=limit == "requests"),
        _level("At the same time", budget.concurrency_left, budget.concurrency_quota, binding=False),
        _day_level(budget),
    )


def binding_text(budget: BudgetRead) -> str:
    """Return the limit that holds the run back and the run's calls in one sentence."""
    words = budget.binding.words if budget.binding is not None else ""
    calls = f"{budget.calls_made:,} call{'' if budget.calls_made == 1 else 's'} of this run"
    parts = [words[:1].upper() + words[1:]] if words else []
    return " · ".join([*parts, calls]) if budget.calls_made else " · ".join(parts)


def _short(count: int) -> str:
    """Return a count; millions, as complexity is counted, with one decimal."""
    return f"{count / MILLION:.1f} M" if count >= MILLION else f"{count:,}"


def _level(name: str, left: int | None, quota: int | None, *, binding: bool) -> Level:
    if left is None or not quota:
        return Level(name, None, "not told")
    used = max(0, quota - left)
    return Level(name, min(1.0, used / quota), f"{_short(left)} of {_short(quota)} left", binding)


def _day_level(budget: BudgetRead) -> Level:
    day = budget.day
    return _level("Calls today", day.left if day else None, day.total if day else None, binding=False)
