"""A request whose answer was lost: the board is asked what it has of it before it leaves once more."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from core.errors import BoardError, ExitCode, Problem
from core.sync.lookup import (
    ASK_AGAIN_FIRST_SECONDS,
    ASK_AGAIN_LONGEST_SECONDS,
    EXECUTION,
    Lookup,
    is_creation,
)
from core.sync.plan import Operation, PlannedRequest
from core.sync.retries import Retries
from core.sync.run_context import RunContext
from core.sync.verdicts import Judged, Verdict

Wait = Callable[[float, str, PlannedRequest], Awaitable[bool]]
"""Waits so many seconds for a reason in the operator's words; False when the run is to stop."""


@dataclass(slots=True)
class Trial:
    """The attempts at one request. Times are the clock's monotonic seconds."""

    deadline: float
    attempt: int = 0
    lost_at: float | None = None
    """When an attempt last failed that may have had its effect; None: none of them had one."""
    refused: Problem | None = None
    """Why the board could not be asked what it has of the request, and will not tell later either."""


class LostRequests:
    """Looks for the lost requests of one run on the board."""

    def __init__(self, context: RunContext, retries: Retries, wait: Wait) -> None:
        self._api = context.ports.api
        self._clock = context.ports.clock
        self._limits = context.ports.limits
        self._keys = context.keys
        self._tally = context.tally
        self._retries = retries
        self._wait = wait

    async def find(self, request: PlannedRequest, trial: Trial) -> list[Judged] | None:
        """Ask the board what it has of a request before the request leaves once more.

        The API may have forgotten the idempotency key without a word (docs/idempotency). Empty: nothing of
        it is there, so the same request may leave. None: the board cannot tell, or the run stops.
        """
        lookup = Lookup(self._api, self._keys)
        created = [
            operation
            for operation in request.operations
            if is_creation(operation) and lookup.can_tell(operation)
        ]
        missing = await self._look_for(lookup, created, request, trial)
        self._tally.calls += lookup.calls
        if missing is None:
            return None
        if len(missing) == len(created):
            return []
        return [_as_found(operation, lookup) for operation in request.operations]

    async def _look_for(
        self, lookup: Lookup, created: Sequence[Operation], request: PlannedRequest, trial: Trial
    ) -> Sequence[Operation] | None:
        """Ask until all is found, or the time is over in which it may still appear; returns what is missing.

        None: the board cannot be asked, or the run stops.
        """
        missing = created
        pause = ASK_AGAIN_FIRST_SECONDS
        now = self._clock.monotonic()
        until = now if trial.lost_at is None else now + self._limits.search_lag_seconds
        while missing:
            try:
                missing = await lookup.look_for(missing)
            except BoardError as error:
                trial.attempt += 1
                if error.exit_code is ExitCode.USAGE:
                    trial.refused = error.problem
                if trial.refused or trial.attempt >= self._limits.attempts:
                    return None
                pause = self._retries.backoff(trial.attempt)
                until = max(until, self._clock.monotonic() + pause)
            if trial.lost_at is not None and missing and len(missing) < len(created):
                # It was carried out in part, or is just being carried out: the rest must not leave meanwhile.
                until = max(until, trial.lost_at + EXECUTION.total_seconds())
            now = self._clock.monotonic()
            left = min(pause, until - now)
            if not missing or left <= 0:
                break
            if now + left > trial.deadline:
                return None
            if not await self._wait(left, "looking for what was sent on the board", request):
                return None
            pause = min(2 * pause, ASK_AGAIN_LONGEST_SECONDS)
        return missing


def _as_found(operation: Operation, lookup: Lookup) -> Judged:
    found = lookup.found(operation) if is_creation(operation) else None
    if found is None:
        return Judged(operation, Verdict.AGAIN, retry_after=0.0)
    return Judged(operation, Verdict.CONFIRMED, found.item_id)
