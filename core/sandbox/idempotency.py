"""Answers kept under an Idempotency-Key for 30 minutes (docs/idempotency).

Kept in the state file, so that a restart of the practice board forgets none. An answer with field errors is
kept and replayed like any other: the provider does not say, and this is the stricter reading for a client.
"""

from datetime import timedelta

from core.sandbox.clock import Clock
from core.sandbox.errors import Answer
from core.sandbox.state import Store

LIFETIME = timedelta(minutes=30)
LARGEST_ANSWER = 1_000_000  # bytes
CONFLICT_RETRY = 1  # seconds


class IdempotencyCache:
    """The kept answers; runs on the store's worker thread."""

    def __init__(self, store: Store, clock: Clock, budget_bytes: int) -> None:
        self._store = store
        self._clock = clock
        self._budget_bytes = budget_bytes

    def find(self, key: str) -> Answer | None:
        """Return the answer kept under a key, None when there is none or it is too old."""
        self._drop_expired()
        rows = self._store.all("SELECT status, body FROM idempotency WHERE key = ?", (key,))
        if not rows:
            return None
        status, body = rows[0]
        return Answer(int(status), bytes(body), {"Idempotency-Replayed": "true"})

    def keep(self, key: str, answer: Answer) -> None:
        """Keep an answer, unless it is larger than 1 MB or the budget is used up: then nothing tells so."""
        held = self._store.all("SELECT coalesce(sum(length(body)), 0) FROM idempotency")[0][0]
        if len(answer.body) > LARGEST_ANSWER or held + len(answer.body) > self._budget_bytes:
            return
        self._store.run(
            "INSERT OR REPLACE INTO idempotency (key, created_at, status, body) VALUES (?, ?, ?, ?)",
            (key, self._clock.now().timestamp(), answer.status, answer.body),
        )

    def evict(self, key: str) -> None:
        """Forget one key, as a full cache does."""
        self._store.run("DELETE FROM idempotency WHERE key = ?", (key,))

    def _drop_expired(self) -> None:
        oldest = (self._clock.now() - LIFETIME).timestamp()
        self._store.run("DELETE FROM idempotency WHERE created_at < ?", (oldest,))
