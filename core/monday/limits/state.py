"""What is left of each budget, for whoever shows it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BudgetState:
    """What is left, as far as the server told; None where it did not."""

    complexity_left: int | None = None
    complexity_quota: int | None = None
    complexity_reset_seconds: float | None = None
    minute_left: int | None = None
    minute_quota: int | None = None
    concurrency_left: int | None = None
    concurrency_quota: int | None = None
    calls_left_today: int | None = None
    calls_a_day: int | None = None
