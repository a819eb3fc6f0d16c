"""Why a request may not leave yet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hold:
    """A request must wait."""

    seconds: float
    reason: str
    over: bool = False
    """Waiting is no use within a run: the day's calls are spent."""
