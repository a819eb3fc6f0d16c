"""What a plan will cost, beside what is left of it today."""

from dataclasses import dataclass
from datetime import UTC, datetime

from core.errors import Problem
from core.monday.limits import DayCalls


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a plan will cost, from documented figures until measured ones are known."""

    calls: int
    complexity: int
    """Points of the complexity budget."""
    seconds: float
    day: DayCalls | None = None
    """The account's calls of the day when the plan was made; None where the API does not tell them."""
    about: bool = False
    """Whether a part of it is not planned yet, and thought of by the numbers of its records."""

    def __add__(self, other: "Forecast") -> "Forecast":
        """What both cost, one after the other, beside the calls that were left before."""
        return Forecast(
            self.calls + other.calls,
            self.complexity + other.complexity,
            self.seconds + other.seconds,
            self.day,
            self.about or other.about,
        )

    @property
    def calls_text(self) -> str:
        """As in "8 calls; 9,412 of 10,000 are left today"."""
        return f"{_counted(self.calls)}; {left_today(self.day)}"

    @property
    def is_short(self) -> bool:
        """Whether the run needs more calls than it may make today."""
        return self.day is not None and self.calls > self.day.usable

    @property
    def warning(self) -> str:
        """What happens where the day's calls do not suffice; empty where they do."""
        day = self.day
        if day is None or not self.is_short:
            return ""
        return (
            f"The run needs {'about ' if self.about else ''}{_counted(self.calls)}, and DeltaDesk may make "
            f"{day.usable:,} more today: {left_today(day)}{kept_for_others(day)}. It stops cleanly when they "
            f"are spent. They come back at {reset_text(day.resets_at)}; then the rest can be resumed."
        )


def left_today(day: DayCalls | None) -> str:
    """As in "9,412 of 10,000 are left today"; says so where it is not told."""
    if day is None:
        return "how many are left today is not told"
    if day.left is None:
        return f"how many of the day's {day.total:,} are left is not told"
    return f"{day.left:,} of {day.total:,} are left today"


def kept_for_others(day: DayCalls) -> str:
    """The part of the day's calls that is not used, as the end of a sentence; empty where there is none."""
    kept = 0 if day.left is None else day.left - day.usable
    return f", and the profile leaves {kept:,} to other integrations (budget_share)" if kept > 0 else ""


def spent_for_today(day: DayCalls | None) -> Problem:
    """Why a run ends where `Hold.over` says that waiting is no use, and when it can go on."""
    left = f": {left_today(day)}{kept_for_others(day)}" if day else ""
    return Problem(
        "daily_budget_spent",
        f"The calls that DeltaDesk may make today are spent, so the run ended here{left}",
        "the board's API",
        f"They come back at {reset_text(day.resets_at) if day else '00:00 UTC'}. Then resume the run "
        "(deltadesk run --resume); the next run of the same orders goes on with the rest, too.",
    )


def reset_text(at: datetime) -> str:
    """A moment in UTC beside the machine's local time: "00:00 UTC (01:00 local time)"."""
    told = f"{at.astimezone(UTC):%H:%M} UTC"
    local = at.astimezone()
    return told if not local.utcoffset() else f"{told} ({local:%H:%M} local time)"


def _counted(calls: int) -> str:
    return f"{calls:,} call" if calls == 1 else f"{calls:,} calls"
