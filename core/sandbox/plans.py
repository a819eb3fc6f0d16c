"""What each plan allows, from the provider's rate-limit page (docs/rate-limits)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """The limits of one plan; all of them hold at once."""

    name: str
    calls_per_day: int
    requests_per_minute: int
    concurrent_requests: int
    complexity_per_minute: int  # points, reads and writes together, for a personal token
    complexity_per_query: int = 5_000_000  # points


PLANS = {
    plan.name: plan
    for plan in (
        Plan("free", 1_000, 1_000, 40, 1_000_000),
        Plan("basic", 1_000, 1_000, 40, 10_000_000),
        Plan("standard", 1_000, 1_000, 40, 10_000_000),
        Plan("pro", 10_000, 2_500, 100, 10_000_000),
        Plan("enterprise", 25_000, 5_000, 250, 10_000_000),
        # No plan of the provider's: "pro" with six times the complexity, so that a demo of 3,000 records
        # ends soon.
        Plan("practice", 10_000, 2_500, 100, 60_000_000),
    )
}
