"""The limits of a plan: complexity and requests a minute, concurrency, calls a day (docs/rate-limits).

Used from the event loop only.
"""

import math
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from core.sandbox.clock import Clock
from core.sandbox.errors import Answer, refusal
from core.sandbox.plans import Plan

MINUTE = 60.0  # seconds
CONCURRENCY_RETRY = 1  # seconds
FULL_CALL, REFUSED_CALL = 10, 1  # tenths of a call of the daily limit
REFUSALS: dict[str, tuple[str, str]] = {
    "minute": ("RATE_LIMIT_EXCEEDED", "Minute limit rate exceeded"),
    "concurrency": ("maxConcurrencyExceeded", "Concurrency limit exceeded"),
    "complexity": ("COMPLEXITY_BUDGET_EXHAUSTED", "Complexity budget exhausted"),
    "daily": ("DAILY_LIMIT_EXCEEDED", "Daily limit exceeded"),
    "ip": ("IP_RATE_LIMIT_EXCEEDED", "Too many requests from this IP address"),
    "field": ("FIELD_LIMIT_EXCEEDED", "Too many concurrent requests for this field"),
}
POLICY_NAMES = {"minute": "minuteRate", "concurrency": "concurrency", "complexity": "complexityMinute"}


def rate_limit_refusal(limit: str, request_id: str, retry_in_seconds: int) -> Answer:
    """Return the 429 of one limit: minute, concurrency, complexity, daily, ip or field."""
    code, message = REFUSALS[limit]
    return refusal(
        code,
        f"{message}, retry in {retry_in_seconds} seconds",
        request_id,
        status=429,
        retry_in_seconds=retry_in_seconds,
    )


@dataclass
class Window:
    """A minute that begins with its first use, as the provider's do."""

    clock: Clock
    began: datetime | None = None
    used: int = 0

    def roll(self) -> None:
        """Begin anew once the minute is over."""
        if self.began is not None and (self.clock.now() - self.began).total_seconds() >= MINUTE:
            self.began, self.used = None, 0

    def spend(self, amount: int) -> None:
        """Count `amount`; the first use begins the minute. A negative amount gives back."""
        self.roll()
        if self.began is None:
            self.began = self.clock.now()
        self.used = max(0, self.used + amount)

    @property
    def seconds_left(self) -> int:
        """Whole seconds until the window resets, 60 when it has not begun."""
        if self.began is None:
            return int(MINUTE)
        return max(1, math.ceil(MINUTE - (self.clock.now() - self.began).total_seconds()))


class Limits:
    """Counts what requests use and refuses what goes beyond the plan."""

    def __init__(self, plan: Plan, clock: Clock) -> None:
        self.plan = plan
        self._clock = clock
        self._minute = Window(clock)
        self._complexity = Window(clock)
        self._running = 0
        self._day = clock.now().date()
        self._tenths = 0

    # Calls a day

    def daily_use(self) -> dict[str, Any]:
        """Return the day and its use, to be kept over a restart."""
        self._roll_day()
        return {"day": self._day.isoformat(), "tenths": self._tenths}

    @property
    def calls_today(self) -> float:
        """Calls of the day that are used; a refused one counts as a tenth."""
        self._roll_day()
        return self._tenths / FULL_CALL

    def restore_daily_use(self, kept: dict[str, Any] | None) -> None:
        """Take up the use of a state that was kept today."""
        if kept and kept["day"] == self._day.isoformat():
            self._tenths = int(kept["tenths"])

    def spend_daily_calls(self, calls: float) -> None:
        """Count calls as if others on the account had made them."""
        self._roll_day()
        self._tenths += round(calls * FULL_CALL)

    def _roll_day(self) -> None:
        today = self._clock.now().date()
        if today != self._day:
            self._day, self._tenths = today, 0

    def _seconds_to_midnight(self) -> int:
        now = self._clock.now()
        midnight = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
        return max(1, math.ceil((midnight - now).total_seconds()))

    # One request

    def admit(self, request_id: str, *, is_cheap: bool = False) -> Answer | None:
        """Count a request in, or return its refusal. An admitted request must be `leave`d.

        A cheap one, which asks for nothing but `complexity`, costs a tenth of a call.
        """
        self._roll_day()
        self._minute.roll()
        refused, wait = self._binding_limit()
        self._minute.spend(1)
        if refused is not None:
            self._tenths += REFUSED_CALL
            return rate_limit_refusal(refused, request_id, wait)
        self._tenths += REFUSED_CALL if is_cheap else FULL_CALL
        self._running += 1
        return None

    def _binding_limit(self) -> tuple[str | None, int]:
        if self._minute.used >= self.plan.requests_per_minute:
            return "minute", self._minute.seconds_left
        if self._running >= self.plan.concurrent_requests:
            return "concurrency", CONCURRENCY_RETRY
        if self._tenths + FULL_CALL > self.plan.calls_per_day * FULL_CALL:
            return "daily", self._seconds_to_midnight()
        return None, 0

    def leave(self) -> None:
        """Count a request out."""
        self._running -= 1

    # Complexity

    @property
    def complexity_left(self) -> int:
        """Points left in this minute."""
        self._complexity.roll()
        return max(0, self.plan.complexity_per_minute - self._complexity.used)

    @property
    def complexity_reset(self) -> int:
        """Seconds until the points come back."""
        self._complexity.roll()
        return self._complexity.seconds_left

    def charge(self, points: int, request_id: str) -> Answer | None:
        """Take a request's estimated points, or return its refusal."""
        if points > self.plan.complexity_per_query:
            return refusal(
                "REQUEST_MAX_COMPLEXITY_EXCEEDED",
                f"Query complexity {points} exceeds the maximum of {self.plan.complexity_per_query}",
                request_id,
            )
        if points > self.complexity_left:
            return self.complexity_refusal(request_id)
        self._complexity.spend(points)
        return None

    def settle(self, estimate: int, actual: int) -> None:
        """Correct a charged estimate once the request has run."""
        self._complexity.spend(actual - estimate)

    def complexity_refusal(self, request_id: str) -> Answer:
        """Return the refusal of an empty complexity budget."""
        return rate_limit_refusal("complexity", request_id, self.complexity_reset)

    # Headers

    def headers(self, exhausted: dict[str, int] | None = None) -> dict[str, str]:
        """Return RateLimit-Policy and RateLimit; `exhausted` limits show as empty for so many seconds."""
        plan, empty = self.plan, exhausted or {}
        policy = (
            f'"minuteRate";q={plan.requests_per_minute};w=60,'
            f' "concurrency";q={plan.concurrent_requests};qu="concurrent-requests",'
            f' "complexityMinute";q={plan.complexity_per_minute};w=60;qu="content-bytes"'
        )
        self._minute.roll()
        minute = max(0, plan.requests_per_minute - self._minute.used)
        running = max(0, plan.concurrent_requests - self._running)
        over = self._minute.used > plan.requests_per_minute
        state = [
            _member("minuteRate", minute, self._minute.seconds_left if over else None, empty.get("minute")),
            _member("concurrency", running, None, empty.get("concurrency")),
            _member(
                "complexityMinute",
                self.complexity_left,
                self.complexity_reset if self._complexity.began else None,
                empty.get("complexity"),
            ),
        ]
        return {"RateLimit-Policy": policy, "RateLimit": ", ".join(state)}


def _member(name: str, remaining: int, reset: int | None, forced_reset: int | None) -> str:
    if forced_reset is not None:
        return f'"{name}";r=0;t={forced_reset}'
    return f'"{name}";r={remaining}' + ("" if reset is None else f";t={reset}")
