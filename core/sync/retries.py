"""How long a run waits before it tries something again."""

from collections.abc import Callable

from core.monday.errors import ApiFault, FaultKind
from core.sync.ports import SendingLimits

_BACKOFF_FIRST_SECONDS = 1.0
_BACKOFF_LONGEST_SECONDS = 60.0
_WORTH_A_RETRY = frozenset({FaultKind.TRANSIENT, FaultKind.LOCKED, FaultKind.BUDGET})


class Retries:
    """The server's own delay comes first, then an exponential back-off with full jitter."""

    def __init__(self, limits: SendingLimits, jitter: Callable[[], float]) -> None:
        self._limits = limits
        self._jitter = jitter

    def pause(self, fault: ApiFault, attempt: int) -> float | None:
        """Seconds until the next attempt after this one, counted from 1, failed; None when there is none.

        A rate limit is waited for as often as it takes: what it refused was not processed.
        """
        if fault.kind not in _WORTH_A_RETRY:
            return None
        if attempt >= self._limits.attempts and fault.kind is not FaultKind.BUDGET:
            return None
        return fault.retry_after if fault.retry_after is not None else self.backoff(attempt)

    def backoff(self, attempt: int) -> float:
        """Seconds after so many attempts."""
        ceiling = min(_BACKOFF_LONGEST_SECONDS, _BACKOFF_FIRST_SECONDS * 2.0 ** min(attempt - 1, 10))
        return ceiling * self._jitter()
