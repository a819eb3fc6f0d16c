"""Who may write a board next, and how many at once."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

ANSWERS_PER_STEP = 8
"""Good answers in a row before one more writer is tried."""
OPERATIONS_PER_ANSWER = 12
"""An answer to more operations counts as several: of long requests there are few answers."""
SLOWER = 1.5
"""An operation that takes so many times the usual is a sign of too many writers."""
SLOWER_SECONDS = 0.5
"""And so much longer as a whole: less is the network, or a busy machine."""
SLOW_IN_A_ROW = 2
"""One slow answer may be chance."""
LONGEST_PATIENCE = 64
"""Times as many good answers, at most, before a number that went wrong is tried again."""
LEARNING = 0.1
"""How much one answer moves the usual time of an operation."""


class Writers:
    """The writers of one board.

    One at a time unless the profile allows more: the provider advises against parallel writes on one board
    (docs/development-best-practices). Where more are allowed, their number is found by trying: one more after
    a run of good answers, half as many after a refusal or when the board grows slow.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.limit = 1
        """Writers at once, now."""
        self.active = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()
        self._good = 0.0
        """Answers in a row."""
        self._slow = 0
        self._usual: dict[int, float] = {}
        """Seconds an operation, by the size of the request: each takes some time by itself."""
        self._ceiling = most
        """The most that went well, once a number did not."""
        self._patience = 1
        self._slowed_at = float("-inf")

    @asynccontextmanager
    async def writing(self, rank: int) -> AsyncIterator[None]:
        """Hold one writer's place. The lowest rank comes first, then who asked first."""
        await self._enter(rank)
        try:
            yield
        finally:
            self.active -= 1
            self._call_next()

    async def _enter(self, rank: int) -> None:
        if self.active < self.limit and not self._waiting:
            self.active += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (rank, next(self._order), turn))
        self._call_next()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # The place was given in the moment of the cancellation: pass it on.
                self.active -= 1
                self._call_next()
            raise

    def _call_next(self) -> None:
        while self._waiting and self.active < self.limit:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                self.active += 1
                turn.set_result(None)

    def answered(self, seconds_each: float, operations: int, sent_at: float, now: float) -> None:
        """A request was carried out; the server took so long for each of its operations."""
        size = operations.bit_length()
        usual = self._usual.setdefault(size, seconds_each)
        self._usual[size] = usual + LEARNING * (seconds_each - usual)
        longer = (seconds_each - usual) * operations
        if seconds_each > SLOWER * usual and longer > SLOWER_SECONDS and self.limit > 1:
            self._slow += 1
            if self._slow >= SLOW_IN_A_ROW:
                self.slow_down(sent_at, now)
            return
        self._slow = 0
        self._good += max(1.0, operations / OPERATIONS_PER_ANSWER)
        needed = ANSWERS_PER_STEP * (1 if self.limit < self._ceiling else self._patience)
        if self._good >= needed and self.limit < self._most:
            self._good = 0.0
            self.limit += 1
            self._ceiling = max(self._ceiling, self.limit)
            self._call_next()

    def slow_down(self, sent_at: float, now: float) -> None:
        """The server refused a request that left at `sent_at`, or grew slow: half as many from now on.

        Of what left together only the first refusal counts.
        """
        if sent_at < self._slowed_at:
            return
        self._slowed_at = now
        self._ceiling = max(1, min(self.limit, self._ceiling) - 1)
        self._patience = min(LONGEST_PATIENCE, 8 * self._patience)
        self.limit = max(1, self.limit // 2)
        self._good = 0.0
        self._slow = 0
