"""What the API tells about the account's calls of a day (reference/platform-api)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class DailyCalls:
    """The account's limit of calls a day, and how many are used; None where the API does not tell."""

    total: int | None = None
    used: int | None = None


def parse_daily_calls(data: Mapping[str, Any], today: date) -> DailyCalls:
    """Read the data of an answer; `today` is the day in UTC. What an answer lacks is not told."""
    told = data.get("platform_api") or {}
    limit = told.get("daily_limit") or {}
    used = _count(limit.get("consumption"))
    days = (told.get("daily_analytics") or {}).get("by_day")
    if used is None and days is not None:
        # A day without calls may have no entry.
        used = sum(
            _count(day.get("usage")) or 0 for day in days if str(day.get("day")).startswith(today.isoformat())
        )
    return DailyCalls(_count(limit.get("total")), used)


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and value >= 0 else None
