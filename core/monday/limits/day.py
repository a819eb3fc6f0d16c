"""The account's calls of a day."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class DayCalls:
    """How many calls the account may make today, and what is left of them."""

    total: int
    left: int | None
    """Of the whole account; None where the API does not tell how many are used."""
    usable: int
    """What this application may still make: a part may be left to the account's other integrations."""
    resets_at: datetime
    """Aware, UTC."""


def next_midnight(now: datetime) -> datetime:
    """When the day's calls come back: 00:00 UTC (docs/rate-limits)."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
